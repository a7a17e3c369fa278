"""Amounts written out in words, as a formal notice, a receipt or a cheque states them.

The words of whole numbers come from ``num2words``; where it departs from the rules of a language they are put right
here: Dutch spaces and accents ("duizend tweehonderdtien", "honderdeen"; Technische Handleiding of the Taalunie), French
plurals and the Belgian "septante" and "nonante" ("quatre-vingts", "deux cent un", "un million d'euros"; traditional
spelling), German compounds ("zweihunderteintausend"), English without commas.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from num2words import num2words


@dataclass(frozen=True)
class _Unit:
    """A currency unit: its form after one and after any other number, and whether it is feminine (French)."""

    one: str
    many: str
    feminine: bool = False


@dataclass(frozen=True)
class _Currency:
    main: _Unit
    sub: _Unit


def _same(word: str) -> _Unit:
    return _Unit(word, word)


_CURRENCIES: dict[str, dict[str, _Currency]] = {
    "nl": {
        "EUR": _Currency(_same("euro"), _same("cent")),
        "USD": _Currency(_same("Amerikaanse dollar"), _same("cent")),
        "GBP": _Currency(_same("pond sterling"), _Unit("penny", "pence")),
        "CHF": _Currency(_same("Zwitserse frank"), _same("rappen")),
    },
    "fr": {
        "EUR": _Currency(_Unit("euro", "euros"), _Unit("centime", "centimes")),
        "USD": _Currency(_Unit("dollar américain", "dollars américains"), _Unit("cent", "cents")),
        "GBP": _Currency(_Unit("livre sterling", "livres sterling", feminine=True), _Unit("penny", "pence")),
        "CHF": _Currency(_Unit("franc suisse", "francs suisses"), _Unit("centime", "centimes")),
    },
    "de": {
        "EUR": _Currency(_same("Euro"), _same("Cent")),
        "USD": _Currency(_same("US-Dollar"), _same("Cent")),
        "GBP": _Currency(_same("Pfund Sterling"), _Unit("Penny", "Pence")),
        "CHF": _Currency(_same("Schweizer Franken"), _same("Rappen")),
    },
    "en": {
        "EUR": _Currency(_Unit("euro", "euros"), _Unit("cent", "cents")),
        "USD": _Currency(_Unit("US dollar", "US dollars"), _Unit("cent", "cents")),
        "GBP": _Currency(_Unit("pound sterling", "pounds sterling"), _Unit("penny", "pence")),
        "CHF": _Currency(_Unit("Swiss franc", "Swiss francs"), _Unit("centime", "centimes")),
    },
}
_AND = {"nl": "en", "fr": "et", "de": "und", "en": "and"}
_MINUS = {"nl": "min", "fr": "moins", "de": "minus", "en": "minus"}
# ISO 4217: currencies without a hundredth part
_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND"), 0),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_LIMIT = 10**15
_FRENCH_UNITS = {
    "dix": "", "onze": " et un", "douze": "-deux", "treize": "-trois", "quatorze": "-quatre", "quinze": "-cinq",
    "seize": "-six", "dix-sept": "-sept", "dix-huit": "-huit", "dix-neuf": "-neuf",
}  # fmt: skip


def amount_in_words(amount: Decimal | int | float | str, currency: str, lang: str) -> str:
    """Return an amount in words, in lower case as inside a sentence.

    The amount is rounded half up to the currency's smallest unit. Whole amounts name no cents; an amount below one
    names the cents only. A currency without words here stands with its ISO code and, if needed, a fraction ("twelve PLN
    and 50/100"). A language without words here is written in English.

    :param amount: amount in the currency
    :param currency: ISO 4217 code
    :param lang: language code such as ``nl_BE``, ``fr_BE``, ``fr_FR``, ``de_DE`` or ``en_US``
    :return: for example ``"duizend tweehonderdtien euro en vijftig cent"``
    :raise ValueError: when the amount is no finite number below 10^15
    """
    language, region = _split(lang)
    value = amount if isinstance(amount, Decimal) else Decimal(str(amount))
    if not value.is_finite() or abs(value) >= _LIMIT:
        raise ValueError(f"{amount!r} cannot be written in words.")
    code = currency.upper()
    parts = 10 ** _DECIMALS.get(code, 2)
    smallest = int((abs(value) * parts).quantize(Decimal(1), ROUND_HALF_UP))
    whole, part = divmod(smallest, parts)
    words = _CURRENCIES[language].get(code)
    if words is None:
        text = f"{_number(whole, language, region)} {code}"
        if part:
            text += f" {_AND[language]} {part:0{len(str(parts)) - 1}d}/{parts}"
    else:
        pieces = []
        if whole or not part:
            pieces.append(_quantity(whole, words.main, language, region))
        if part:
            pieces.append(_quantity(part, words.sub, language, region))
        text = f" {_AND[language]} ".join(pieces)
    return f"{_MINUS[language]} {text}" if value < 0 and smallest else text


def _split(lang: str) -> tuple[str, str]:
    language, _sign, region = (lang or "").partition("@")[0].partition("_")
    language = language.lower()
    return (language, region.upper()) if language in _CURRENCIES else ("en", "")


def _quantity(number: int, unit: _Unit, language: str, region: str) -> str:
    words = _number(number, language, region)
    if language == "fr":
        singular = number < 2
        if unit.feminine:
            words = re.sub(r"\bun$", "une", words)
        link = " "
        if re.search(r"(?:illions?|illiards?)$", words):
            # a noun of number takes "de" when the unit follows at once
            link = " d'" if unit.many[0] in "aeiouéè" else " de "
        return f"{words}{link}{unit.one if singular else unit.many}"
    if language == "de" and number == 1:
        words = "ein"
    return f"{words} {unit.one if number == 1 else unit.many}"


def _number(number: int, language: str, region: str) -> str:
    """Return the words of a whole number from 0."""
    words = num2words(number, lang=language)
    if language == "nl":
        # a space after "duizend"; "een" has its accents only where it stands alone
        words = re.sub(r"duizend(?=\w)", "duizend ", words)
        return re.sub(r"(?<=\w)één", "een", words)
    if language == "fr":
        return _belgian(words) if region in ("BE", "CD", "CH") else words
    if language == "de":
        words = words.replace("einstausend", "eintausend")
        return re.sub(r"eins (?=Milli|Billi)", "eine ", words)
    return words.replace(",", "")


def _belgian(words: str) -> str:
    """Turn French words into Belgian ones: septante for soixante-dix, nonante for quatre-vingt-dix."""
    tens = "|".join(sorted(_FRENCH_UNITS, key=len, reverse=True))
    words = re.sub(rf"\bsoixante(?:-| et )({tens})\b", lambda match: f"septante{_FRENCH_UNITS[match[1]]}", words)
    return re.sub(rf"\bquatre-vingt-({tens})\b", lambda match: f"nonante{_FRENCH_UNITS[match[1]]}", words)
