"""Telephone numbers in the international form E.164, from the many ways people write them.

The plans of Belgium and its neighbours are checked digit by digit in length and first digits; other countries only for
what E.164 asks. The numbering plans are public (BIPT, ACM, ARCEP, ILR, BNetzA).
"""

import re
import unicodedata
from dataclasses import dataclass

REASONS = ("empty", "characters", "short", "long", "pattern", "country")


class PhoneError(ValueError):
    """A text is not a telephone number. `reason` is one of REASONS."""

    def __init__(self, reason: str, value: object) -> None:
        super().__init__(f"{value!r}: {reason}")
        self.reason = reason
        self.value = value


@dataclass(frozen=True)
class Plan:
    """How a country writes its numbers: calling code, prefix inside the country, the number without that prefix."""

    code: str
    trunk: str
    number: re.Pattern


def _plan(code: str, trunk: str, number: str) -> Plan:
    return Plan(code, trunk, re.compile(number))


PLANS = {
    "BE": _plan("32", "0", r"4[5-9]\d{7}|[1-9]\d{7}"),
    "NL": _plan("31", "0", r"[1-9]\d{8}|(?:800|90[069])\d{4,7}"),
    "FR": _plan("33", "0", r"[1-9]\d{8}"),
    "LU": _plan("352", "", r"[2-9]\d{4,10}"),
    "DE": _plan("49", "0", r"[1-9]\d{5,12}"),
    "GB": _plan("44", "0", r"[1-9]\d{8,9}"),
    "IE": _plan("353", "0", r"[1-9]\d{6,9}"),
    "CH": _plan("41", "0", r"[1-9]\d{8}"),
    "AT": _plan("43", "0", r"[1-9]\d{3,12}"),
    "IT": _plan("39", "", r"\d{6,11}"),
    "ES": _plan("34", "", r"[5-9]\d{8}"),
    "PT": _plan("351", "", r"[2-9]\d{8}"),
    "PL": _plan("48", "", r"[1-9]\d{8}"),
    "CZ": _plan("420", "", r"[1-9]\d{8}"),
    "DK": _plan("45", "", r"[1-9]\d{7}"),
    "SE": _plan("46", "0", r"[1-9]\d{6,9}"),
}
_PLAN_BY_CODE = {plan.code: plan for plan in PLANS.values()}

# first digits of mobile numbers, after the calling code
_MOBILE = {
    "32": re.compile(r"4[5-9]"),
    "31": re.compile(r"6"),
    "33": re.compile(r"[67]"),
    "352": re.compile(r"6"),
    "49": re.compile(r"1[567]"),
    "44": re.compile(r"7"),
    "353": re.compile(r"8"),
    "41": re.compile(r"7"),
    "43": re.compile(r"6"),
    "39": re.compile(r"3"),
    "34": re.compile(r"[67]"),
    "351": re.compile(r"9"),
}

_LABEL = re.compile(
    r"^(?:tel(?:[eé]phone|efoon|efon)?|gsm|mob(?:ile|iel|il)?|phone|handy|t|m|p)\s*[.:]+\s*", re.IGNORECASE
)
_EXTENSION = re.compile(r"[\s,;]*(?:ext(?:ension)?|toestel|poste|durchwahl|dw|x)\s*[.:]?\s*\d{1,5}$", re.IGNORECASE)
_SIGNS = re.compile(r"[\s./()\-‐-―_]")
_BETWEEN = re.compile(r"\s*[;,|\n]\s*|\s+(?:of|ou|or|oder|en|et|and|und|/|-|–)\s+", re.IGNORECASE)


def _as_text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        if not value.is_integer():
            return str(value)
        value = int(value)
    return unicodedata.normalize("NFKC", str(value)).strip()


def e164(value: object, country: str | None = None) -> str:
    """Return one number as ``+3256123456``.

    A number cell of a spreadsheet has lost its leading zero: what fits the country's plan without it is accepted.

    :param country: ISO code of the country whose numbers need no prefix; without it only international forms pass
    :raise PhoneError: when it is no possible number
    """
    text = _LABEL.sub("", _as_text(value))
    text = _EXTENSION.sub("", text).replace("(0)", "")
    digits = _SIGNS.sub("", text)
    if not digits:
        raise PhoneError("empty", value)
    if digits.startswith("+"):
        return _international(digits[1:].lstrip("+"), value)
    if not (digits.isascii() and digits.isdigit()):
        raise PhoneError("characters", value)
    if digits.startswith("00"):
        return _international(digits[2:], value)
    plan = PLANS.get(country or "")
    if plan is None:
        raise PhoneError("country", value)
    national = digits
    if plan.trunk and digits.startswith(plan.trunk):
        national = digits[len(plan.trunk) :]
    elif digits.startswith(plan.code) and len(digits) >= 10 and plan.number.fullmatch(digits[len(plan.code) :]):
        national = digits[len(plan.code) :]
    return _checked(plan, national, value)


def _international(digits: str, value: object) -> str:
    if not (digits.isascii() and digits.isdigit()):
        raise PhoneError("characters" if digits else "empty", value)
    for length in (2, 3):
        plan = _PLAN_BY_CODE.get(digits[:length])
        if plan:
            national = digits[length:]
            # "+32 056 ..." keeps the zero that the international form leaves out
            if plan.trunk and national.startswith(plan.trunk):
                national = national[len(plan.trunk) :]
            return _checked(plan, national, value)
    if digits.startswith("0"):
        raise PhoneError("pattern", value)
    if len(digits) < 8:
        raise PhoneError("short", value)
    if len(digits) > 15:
        raise PhoneError("long", value)
    return "+" + digits


def _checked(plan: Plan, national: str, value: object) -> str:
    if plan.number.fullmatch(national):
        return f"+{plan.code}{national}"
    if len(national) < 8:
        raise PhoneError("short", value)
    raise PhoneError("long" if len(national) > 9 else "pattern", value)


def split_numbers(value: object, country: str | None = None) -> tuple[list[str], list[str]]:
    """Return the numbers in E.164 of a cell that may hold several, and the pieces that are none.

    "056/12.34.56 of 0475 12 34 56" holds two; a slash or dash inside one number is no separator.
    """
    text = _as_text(value)
    if not text:
        return [], []
    try:
        return [e164(value, country)], []
    except PhoneError:
        pieces = [piece for piece in _BETWEEN.split(text) if piece.strip()]
    if len(pieces) < 2:
        return [], [text]
    numbers: list[str] = []
    rest: list[str] = []
    for piece in pieces:
        try:
            number = e164(piece, country)
        except PhoneError:
            rest.append(piece.strip())
        else:
            if number not in numbers:
                numbers.append(number)
    return numbers, rest


def mobile_number(value: object, country: str | None = None) -> str | None:
    """Return the first number of a cell that takes text messages, in E.164; ``None`` when there is none.

    In a country whose mobile numbers are not known here every number counts as one.
    """
    for number in split_numbers(value, country)[0]:
        first = next((length for length in (2, 3) if number[1 : 1 + length] in _MOBILE), None)
        if first is None or _MOBILE[number[1 : 1 + first]].match(number[1 + first :]):
            return number
    return None
