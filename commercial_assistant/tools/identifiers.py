"""Belgian identifiers: enterprise and establishment numbers (KBO/BCE) and structured communications (OGM/VCS); creditor
references (RF) for payments from other countries.

Sources: Code of Economic Law, art. III.17 and royal decree of 24 June 2003 (numbers of the Crossroads Bank for
Enterprises); Febelfin standard for structured communications; ISO 11649 for creditor references.
"""

import re
import unicodedata

from stdnum import iso11649
from stdnum.be import ogm_vcs, vat
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidLength, ValidationError
from stdnum.iso7064 import mod_97_10

REASONS = ("empty", "format", "length", "component", "checksum")

_PREFIX = re.compile(
    r"^(?:(?:btw|tva|mwst|vat|kbo|bce|rpr|rpm|bn|nr|no|n°|be|ondernemingsnummer|num[eé]ro d['’]entreprise)[\s.:\-]*)+",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[\s.,/\-‐-―]+")
_COMMUNICATION = re.compile(r"^(\+{3}|\*{3})?\s*([0-9]{3})\s?/?\s?([0-9]{4})\s?/?\s?([0-9]{5})\s*(\+{3}|\*{3})?$")
_MESSAGES = {
    "empty": "No number is given.",
    "format": "The number holds something else than digits.",
    "length": "The number has the wrong length.",
    "component": "The number starts with a digit that this kind of number never has.",
    "checksum": "The check digits are wrong.",
}


class IdentifierError(ValueError):
    """A text is not the identifier asked for.

    :ivar reason: one of :data:`REASONS`
    :ivar value: what was given
    """

    def __init__(self, reason: str, value: object) -> None:
        super().__init__(_MESSAGES[reason])
        self.reason = reason
        self.value = value


def _digits(value: object) -> str:
    """Return the bare ten digits; a number cell of a spreadsheet has lost its leading zero."""
    if isinstance(value, bool) or value is None:
        raise IdentifierError("empty", value)
    if isinstance(value, float):
        if not value.is_integer():
            raise IdentifierError("format", value)
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if re.fullmatch(r"[0-9]{9,10}[.,]0", text):
        text = text[:-2]
    text = _SEPARATORS.sub("", _PREFIX.sub("", text)).replace("(0)", "0")
    if not text:
        raise IdentifierError("empty", value)
    if not (text.isascii() and text.isdigit()):
        raise IdentifierError("format", value)
    return text.zfill(10) if len(text) == 9 else text


def enterprise_number(text: object) -> str:
    """Return the ten digits of a Belgian enterprise number.

    The last two digits are 97 minus the remainder of the first eight by 97; the first digit is 0 or 1. Nine digits are
    read as the old form without the leading zero.

    :param text: text in any usual way of writing ("BE 0566.988.259", "TVA 566988259"), or the number of a cell
    :return: for example ``"0566988259"``
    :raise IdentifierError: when it is no valid number
    """
    digits = _digits(text)
    try:
        return vat.validate(digits)
    except InvalidLength as error:
        raise IdentifierError("length", text) from error
    except InvalidComponent as error:
        raise IdentifierError("component", text) from error
    except InvalidChecksum as error:
        raise IdentifierError("checksum", text) from error
    except ValidationError as error:
        raise IdentifierError("format", text) from error


def is_enterprise_number(text: object) -> bool:
    """Tell whether a text is a valid Belgian enterprise number."""
    try:
        enterprise_number(text)
    except IdentifierError:
        return False
    return True


def format_enterprise_number(text: object) -> str:
    """Return an enterprise number as it is printed on documents: ``"0566.988.259"``.

    :raise IdentifierError: when it is no valid number
    """
    number = enterprise_number(text)
    return f"{number[:4]}.{number[4:7]}.{number[7:]}"


def establishment_number(text: object) -> str:
    """Return the ten digits of a Belgian establishment unit number (vestigingseenheidsnummer).

    It is built like an enterprise number, with a first digit from 2 to 8.

    :param text: text in any usual way of writing ("2.000.000.339"), or the number of a cell
    :raise IdentifierError: when it is no valid number
    """
    digits = _digits(text)
    if len(digits) != 10:
        raise IdentifierError("length", text)
    if digits[0] not in "2345678":
        raise IdentifierError("component", text)
    if 97 - int(digits[:8]) % 97 != int(digits[8:]):
        raise IdentifierError("checksum", text)
    return digits


def is_establishment_number(text: object) -> bool:
    """Tell whether a text is a valid Belgian establishment unit number."""
    try:
        establishment_number(text)
    except IdentifierError:
        return False
    return True


def format_establishment_number(text: object) -> str:
    """Return an establishment unit number as it is printed: ``"2.000.000.339"``.

    :raise IdentifierError: when it is no valid number
    """
    number = establishment_number(text)
    return f"{number[0]}.{number[1:4]}.{number[4:7]}.{number[7:]}"


def structured_communication(number: int | str) -> str:
    """Return the structured communication of a number of at most ten digits.

    The two check digits are the remainder of the ten digits by 97, or 97 when that is 0.

    :param number: whole number from 0, or its digits
    :return: for example ``"+++010/8068/17183+++"``
    :raise IdentifierError: when it has more than ten digits or anything else than digits
    """
    text = str(number).strip()
    if isinstance(number, bool) or not (text.isascii() and text.isdigit()):
        raise IdentifierError("format" if text else "empty", number)
    if len(text) > 10:
        raise IdentifierError("length", number)
    base = text.zfill(10)
    return f"+++{ogm_vcs.format(base + ogm_vcs.calc_check_digits(base))}+++"


def communication_digits(text: str) -> str:
    """Return the twelve digits of a structured communication, with or without its signs.

    :param text: ``"+++010/8068/17183+++"``, ``"***010/8068/17183***"``, ``"010806817183"``, ...
    :raise IdentifierError: when it is no valid structured communication
    """
    match = _COMMUNICATION.match((text or "").strip()) if isinstance(text, str) else None
    if not match:
        raise IdentifierError("format" if text else "empty", text)
    if match[1] != match[5]:
        raise IdentifierError("format", text)
    digits = match[2] + match[3] + match[4]
    if ogm_vcs.calc_check_digits(digits) != digits[-2:]:
        raise IdentifierError("checksum", text)
    return digits


def is_structured_communication(text: str) -> bool:
    """Tell whether a text is a valid structured communication."""
    try:
        communication_digits(text)
    except IdentifierError:
        return False
    return True


def creditor_reference(text: object) -> str:
    """Return the creditor reference (ISO 11649) that carries a number or text of at most 21 letters and digits.

    Signs between letters and digits are left out. The check digits follow ISO 7064 mod 97-10, as those of an IBAN do.

    :param text: for example the number of a letter, ``"REM/2026/00007"``
    :return: for example ``"RF23REM202600007"``
    :raise IdentifierError: when nothing is left or it is too long
    """
    body = re.sub(r"[^0-9A-Z]", "", str(text or "").upper())
    if not body:
        raise IdentifierError("empty", text)
    if len(body) > 21:
        raise IdentifierError("length", text)
    return f"RF{mod_97_10.calc_check_digits(body + 'RF')}{body}"


def is_creditor_reference(text: object) -> bool:
    """Tell whether a text is a valid creditor reference, with or without spaces."""
    return isinstance(text, str) and iso11649.is_valid(text)


def format_creditor_reference(text: str) -> str:
    """Return a creditor reference as it is printed, in groups of four: ``"RF23 REM2 0260 0007"``."""
    compact = iso11649.compact(text).upper()
    return " ".join(compact[start : start + 4] for start in range(0, len(compact), 4))
