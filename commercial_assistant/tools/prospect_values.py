"""The cells of one line of a prospect list, made comparable: numbers, mails, telephones, languages, countries, dates.

Pure Python: cells in, values and findings out. A wrong value stays as it was typed, so that a person can correct it;
the finding names the field, and `Normalised.wrong_fields` tells which values must not be taken over.
"""

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from babel import Locale
from stdnum.exceptions import ValidationError as NumberError
from stdnum.util import get_cc_module

from .identifiers import IdentifierError, enterprise_number
from .phone_numbers import PLANS, split_numbers

ERROR, WARNING, INFO = "error", "warning", "info"

# code -> severity; an error keeps the line from becoming a lead, a warning keeps the value from being taken over
SEVERITIES = {
    "name_missing": ERROR,
    "too_long": ERROR,
    "enterprise_number_invalid": WARNING,
    "vat_invalid": WARNING,
    "number_conflict": WARNING,
    "email_invalid": WARNING,
    "phone_invalid": WARNING,
    "mobile_invalid": WARNING,
    "website_invalid": WARNING,
    "zip_invalid": WARNING,
    "country_unknown": WARNING,
    "language_unknown": WARNING,
    "language_inactive": WARNING,
    "date_invalid": WARNING,
    "consent_unknown": WARNING,
    "cell_error": WARNING,
    "opted_out": WARNING,
    "leading_zero": INFO,
    "email_more": INFO,
    "phone_more": INFO,
    "phone_unchecked": INFO,
    "tag_unknown": INFO,
    "no_contact": INFO,
}
# codes whose value must not reach the lead's field
_WRONG = frozenset(
    {
        "enterprise_number_invalid",
        "vat_invalid",
        "number_conflict",
        "email_invalid",
        "phone_invalid",
        "mobile_invalid",
        "website_invalid",
    }
)
MAX_TEXT = 250
MAX_NOTES = 10000

TEXT_FIELDS = ("company_name", "contact_name", "function", "street", "street2", "zip", "city")
_EMPTY_WORDS = frozenset(
    "- -- --- / ? . .. n.v.t. n.v.t nvt n/a na n.a. nihil geen onbekend néant neant aucun aucune inconnu keine keiner "
    "unbekannt none null unknown nil".split()
)
_NO_VAT_WORDS = frozenset(
    "niet btw-plichtig|niet btw plichtig|vrijgesteld|non assujetti|non-assujetti|exonéré|exonere|nicht steuerpflichtig|"
    "befreit|exempt|not liable".split("|")
)
_CELL_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#NV", "#N/B", "#VERW!", "#WAARDE!"}
)
_MAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\]{1,64}@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,24}")
_HOST = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,24}")
_DATE = re.compile(r"(\d{1,2})[\s./-](\d{1,2})[\s./-](\d{4}|\d{2})")
_YES = frozenset("ja j yes y oui o x 1 true waar vrai wahr ok akkoord accord d'accord v ✓ ✔ opt-in".split())
_NO = frozenset("nee n no non nein neen 0 false onwaar faux falsch opt-out".split())

_LANGUAGE_WORDS = {
    "nl": "n nl ned nld dut dutch nederlands vlaams flamand flemish flamisch hollands nederlandstalig neerlandophone",
    "fr": "f fr fra fre frans french francais franz franzosisch franstalig francophone waals",
    "de": "d de deu ger duits german allemand deutsch duitstalig germanophone all",
    "en": "e en eng engels english anglais englisch gb uk",
}
_COUNTRY_WORDS = {
    "BE": "b, be, bel, belgie, belgique, belgien, belgium, belgia",
    "NL": "nl, nld, nederland, holland, hollande, pays bas, niederlande, netherlands, the netherlands",
    "FR": "f, fr, fra, frankrijk, france, frankreich",
    "LU": "l, lu, lux, luxemburg, luxembourg, grand duche de luxembourg, gd luxembourg, groothertogdom luxemburg",
    "DE": "d, de, deu, duitsland, allemagne, deutschland, germany, brd",
    "GB": """gb, uk, groot brittannie, verenigd koninkrijk, engeland, grande bretagne, royaume uni, angleterre,
        grossbritannien, england, united kingdom, great britain""",
}
_LANGUAGES_READ = ("nl", "fr", "de", "en")
_ZIP_PATTERNS = {
    "BE": re.compile(r"[1-9]\d{3}"),
    "NL": re.compile(r"[1-9]\d{3} ?[A-Z]{2}"),
    "FR": re.compile(r"\d{5}"),
    "DE": re.compile(r"\d{5}"),
    "LU": re.compile(r"\d{4}"),
}
_ZIP_PREFIXES = {"B": "BE", "BE": "BE", "L": "LU", "LU": "LU", "F": "FR", "FR": "FR", "D": "DE", "DE": "DE", "NL": "NL"}


@dataclass(frozen=True)
class Finding:
    """Something to know about a line: what (`code`), where (`field`), and what was read."""

    code: str
    field: str = ""
    value: str = ""

    @property
    def severity(self) -> str:
        return SEVERITIES[self.code]


@dataclass
class Normalised:
    """One line: `values` by field (absent = empty), and what was found."""

    values: dict[str, object] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def wrong_fields(self) -> set[str]:
        return wrong_fields(self.findings)

    def find(self, code: str, field_name: str = "", value: object = "") -> None:
        self.findings.append(Finding(code, field_name, str(value)[:MAX_TEXT]))


def wrong_fields(findings: Iterable[Finding]) -> set[str]:
    """The fields whose value stays on the line and must not be taken over."""
    return {finding.field for finding in findings if finding.code in _WRONG and finding.field}


# --- SINGLE VALUES ---


def plain(text: object) -> str:
    """Lower case without accents and signs, for comparing words."""
    decomposed = unicodedata.normalize("NFKD", str(text)).replace("ß", "ss")
    letters = "".join(char for char in decomposed if not unicodedata.combining(char)).lower()
    return re.sub(r"[^a-z0-9]+", " ", letters).strip()


def cell_text(value: object, multiline: bool = False) -> str:
    """The text of a cell: whole numbers without ".0", without control characters, blanks collapsed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, datetime.datetime):
        value = value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    text = unicodedata.normalize("NFC", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    text = "".join(
        char if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs", "Cf", "Co", "Cn") else ""
        for char in text
    )
    if multiline:
        return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()
    return " ".join(text.split())


def is_empty_word(text: str) -> bool:
    """Tell whether people write this for "nothing" ("n.v.t.", "-", "néant")."""
    return text.lower() in _EMPTY_WORDS


def split_emails(text: str) -> tuple[list[str], list[str]]:
    """The addresses of a cell in lower case, and the pieces that are no address."""
    found: list[str] = []
    rest: list[str] = []
    pieces = re.split(r"[;,|\n]+|\s+(?:of|ou|or|oder|en|et|and|und|/)\s+", text)
    for piece in pieces:
        piece = re.sub(r"^(?:mailto|e-?mail|mail)\s*:\s*", "", piece.strip(), flags=re.IGNORECASE)
        inner = re.search(r"<([^<>]+)>", piece)
        address = (inner.group(1) if inner else piece).strip().strip("'").rstrip(".").lower()
        if not address:
            continue
        if is_email(address):
            if address not in found:
                found.append(address)
        else:
            rest.append(piece)
    return found, rest


def is_email(address: str) -> bool:
    """Tell whether a text is written like a mail address; nobody is asked whether it exists."""
    local = address.partition("@")[0]
    return (
        len(address) <= 254
        and bool(_MAIL.fullmatch(address))
        and ".." not in address
        and not local.startswith(".")
        and not local.endswith(".")
    )


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    words: dict[str, str] = {}
    for read in _LANGUAGES_READ:
        for code, name in Locale(read).languages.items():
            if len(code) == 2:
                words.setdefault(plain(name), code)
    for code in list(words.values()):
        words.setdefault(code, code)
    for code, names in _LANGUAGE_WORDS.items():
        words.update(dict.fromkeys(names.split(), code))
    return words


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    words: dict[str, str] = {}
    for read in _LANGUAGES_READ:
        for code, name in Locale(read).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"):
                words.setdefault(plain(name), code)
                words.setdefault(code.lower(), code)
    for code, names in _COUNTRY_WORDS.items():
        words.update({plain(name): code for name in names.split(",")})
    return words


def language_code(text: str) -> str | None:
    """The ISO code of a language written in Dutch, French, German, English or as a code ("N", "nl_BE", "français")."""
    words = _languages()
    word = plain(text)
    if word in words:
        return words[word]
    for piece in re.split(r"[/,;+_-]|\s", text):
        if plain(piece) in words:
            return words[plain(piece)]
    return None


def country_code(text: str) -> str | None:
    """The ISO code of a country written in Dutch, French, German, English or as a code."""
    return _countries().get(plain(text))


def read_date(value: object) -> datetime.date | None:
    """A day from a date cell, an ISO text, day/month/year, or the day number of a spreadsheet."""
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        if 20000 < value < 80000:  # 1954 - 2119
            return datetime.date(1899, 12, 30) + datetime.timedelta(days=int(value))
        return None
    text = cell_text(value)
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        match = _DATE.match(text)
    if not match:
        return None
    day, month, year = (int(part) for part in match.groups())
    try:
        return datetime.date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def yes_or_no(value: object) -> bool | None:
    """True, False, or None for a word that says neither."""
    text = cell_text(value).lower()
    if text in _YES:
        return True
    return False if text in _NO else None


def vat_number(text: str, country: str | None = None) -> str:
    """Return a VAT number with its country code, without signs: ``BE0566988259``.

    :raise ValueError: when the number cannot be one of its country
    """
    compact = re.sub(
        r"[^0-9A-Za-z+*]", "", re.sub(r"^(?:btw|tva|mwst|vat|ust-?id(?:nr)?)\b[\s.:-]*", "", text, flags=re.IGNORECASE)
    )
    compact = re.sub(r"^(?:BTW|TVA|MWST|VAT)", "", compact.upper())
    prefix = compact[:2] if compact[:2].isalpha() else ""
    number = compact[len(prefix) :]
    code = prefix or country or ""
    if compact.startswith("CHE"):
        code, number = "CH", compact
    if not code or not number or len(number) > 15:
        raise ValueError(text)
    if code == "BE":
        return "BE" + enterprise_number(number)
    module = get_cc_module({"EL": "gr"}.get(code, code.lower()), "vat")
    if module is None:
        if not any(char.isdigit() for char in number):
            raise ValueError(text)
        return code + number
    try:
        valid = module.validate(number)
    except NumberError as error:
        raise ValueError(text) from error
    return valid if valid.startswith(code) else code + valid


# --- ONE LINE ---


def normalise_row(
    cells: Mapping[str, Sequence[tuple[str, object]]], country: str | None = "BE", fixed_country: str | None = None
) -> Normalised:
    """Make one line comparable.

    :param cells: for each field the cells mapped to it, as (header, value)
    :param country: the country of lines that name none
    :param fixed_country: the country a person has chosen for this line
    """
    row = Normalised()
    first: dict[str, object] = {}
    for target, found in cells.items():
        for header, value in found:
            text = cell_text(value, multiline=target == "notes")
            if text.upper() in _CELL_ERRORS:
                row.find("cell_error", target, f"{header}: {text}" if header else text)
                continue
            if not text or (target not in ("notes", "company_name") and is_empty_word(text)):
                continue
            if target in ("notes", "tags"):
                first.setdefault(target, [])
                first[target].append((header, text))
            elif target not in first:
                first[target] = value
    _read_names(row, first)
    own_country = _read_country(row, first, fixed_country)
    _read_numbers(row, first, own_country, country)
    own_country = own_country or row.values.get("country_code")
    _read_address(row, first, own_country, country)
    own_country = row.values.get("country_code") or own_country
    if own_country:
        row.values["country_code"] = own_country
    _read_emails(row, first)
    _read_phones(row, first, own_country or country)
    _read_rest(row, first)
    _check_whole(row)
    return row


def _read_names(row: Normalised, first: dict) -> None:
    for name in ("company_name", "contact_name", "function"):
        if text := cell_text(first.get(name)):
            row.values[name] = text
    person = " ".join(filter(None, (cell_text(first.get("first_name")), cell_text(first.get("last_name")))))
    if person and not row.values.get("contact_name"):
        row.values["contact_name"] = person


def _read_country(row: Normalised, first: dict, fixed_country: str | None) -> str | None:
    if fixed_country:
        return fixed_country
    text = cell_text(first.get("country"))
    if not text:
        return None
    code = country_code(text)
    if code is None:
        row.find("country_unknown", "country_id", text)
    return code


def _read_numbers(row: Normalised, first: dict, own: str | None, default: str | None) -> None:
    """Enterprise and VAT number; each helps the other, and a prefix tells the country when the line does not."""
    vat_cell, number_cell = first.get("vat"), first.get("enterprise_number")
    vat_text, number_text = cell_text(vat_cell), cell_text(number_cell)
    if vat_text and plain(vat_text) in {plain(word) for word in _NO_VAT_WORDS}:
        vat_text = ""
    if vat_text:
        try:
            vat = vat_number(vat_text, own or default)
        except ValueError:
            row.values["vat"] = vat_text
            row.find("vat_invalid", "vat", vat_text)
        else:
            row.values["vat"] = vat
            if not own and vat[:2] in ("BE", "NL", "FR", "DE", "LU"):
                row.values["country_code"] = vat[:2]
            if vat.startswith("BE"):
                _note_zero(row, "vat", vat_text)
    country = own or row.values.get("country_code") or default
    vat = row.values.get("vat") if not row.wrong_fields else None
    if number_text and (country in (None, "BE") or number_text.upper().startswith("BE")):
        try:
            number = enterprise_number(number_cell if isinstance(number_cell, (int, float)) else number_text)
        except IdentifierError:
            row.values["enterprise_number"] = number_text
            row.find("enterprise_number_invalid", "enterprise_number", number_text)
        else:
            row.values["enterprise_number"] = number
            _note_zero(row, "enterprise_number", number_text)
            if vat and vat.startswith("BE") and vat != "BE" + number:
                row.find("number_conflict", "vat", f"{number} / {vat}")
            elif not vat_text and number_text.upper().startswith("BE"):
                row.values["vat"] = "BE" + number
    elif number_text:
        row.values["enterprise_number"] = number_text
    elif vat and vat.startswith("BE"):
        row.values["enterprise_number"] = vat[2:]


def _note_zero(row: Normalised, name: str, text: str) -> None:
    if len(re.sub(r"\D", "", text)) == 9:
        row.find("leading_zero", name, text)


def _read_address(row: Normalised, first: dict, own: str | None, default: str | None) -> None:
    street = " ".join(filter(None, (cell_text(first.get("street")), cell_text(first.get("house_number")))))
    if street:
        row.values["street"] = street
    if text := cell_text(first.get("street2")):
        row.values["street2"] = text
    code, city = cell_text(first.get("zip")).upper(), cell_text(first.get("city"))
    if not code and city:
        # "8500 Kortrijk" in the column of the town
        if match := re.fullmatch(r"((?:[A-Z]{1,2}-)?\d{4,5}) +(\D.*)", city, re.IGNORECASE):
            code, city = match[1].upper(), match[2]
    elif code and not city:
        if match := re.fullmatch(r"((?:[A-Z]{1,2}-)?\d{4,5}) +([^\W\d].{2,})", code, re.IGNORECASE):
            code, city = match[1], cell_text(first.get("zip"))[-len(match[2]) :]
    if match := re.fullmatch(r"([A-Z]{1,2})\s?-\s?(\d{4,5}.*)", code):
        code = match[2]
        own = own or _ZIP_PREFIXES.get(match[1])
        if own:
            row.values["country_code"] = own
    if own in (None, "NL") and (match := re.fullmatch(r"(\d{4})\s?([A-Z]{2})", code)):
        # only the Netherlands write letters behind the digits
        code, own = f"{match[1]} {match[2]}", "NL"
        row.values["country_code"] = own
    if (own or default) in ("FR", "DE") and re.fullmatch(r"\d{4}", code):
        code = "0" + code
    if city:
        row.values["city"] = city
    if code:
        row.values["zip"] = code
        pattern = _ZIP_PATTERNS.get(own or default or "")
        if pattern and not pattern.fullmatch(code):
            row.find("zip_invalid", "zip", code)


def _read_emails(row: Normalised, first: dict) -> None:
    text = cell_text(first.get("email"))
    website = cell_text(first.get("website"))
    if not text and is_email(website.lower()):
        text, first["website"] = website, None  # typed in the wrong column
    if not text:
        return
    found, rest = split_emails(text)
    if not found:
        row.values["email"] = text
        row.find("email_invalid", "email", text)
        return
    row.values["email"] = found[0]
    if found[1:] or rest:
        others = ", ".join([*found[1:], *rest])
        row.find("email_more", "email", others)
        _add_note(row, others)


def _read_phones(row: Normalised, first: dict, country: str | None) -> None:
    for name in ("phone", "mobile"):
        value = first.get(name)
        if not cell_text(value):
            continue
        numbers, rest = split_numbers(cell_text(value), country)
        if not numbers and country and country not in PLANS and re.fullmatch(r"[\d\s./()-]{6,24}", cell_text(value)):
            # a national number of a country whose plan is not known here: most likely right
            row.values[name] = cell_text(value)
            row.find("phone_unchecked", name, cell_text(value))
            continue
        if not numbers:
            row.values[name] = cell_text(value)
            row.find(f"{name}_invalid", name, cell_text(value))
            continue
        row.values[name] = numbers[0]
        others = [*numbers[1:], *rest]
        if name == "phone" and others and not cell_text(first.get("mobile")) and len(numbers) > 1:
            first["mobile"] = others.pop(0)
        if others:
            row.find("phone_more", name, ", ".join(others))
            _add_note(row, ", ".join(others))


def _add_note(row: Normalised, text: str) -> None:
    row.values["notes"] = "\n".join(filter(None, (row.values.get("notes"), text)))


def _read_rest(row: Normalised, first: dict) -> None:
    if text := cell_text(first.get("website")):
        address = re.sub(r"^https?://", "", text, flags=re.IGNORECASE).rstrip("/")
        host, slash, path = address.partition("/")
        if _HOST.fullmatch(host):
            row.values["website"] = host.lower() + slash + path
        else:
            row.values["website"] = text
            row.find("website_invalid", "website", text)
    if text := cell_text(first.get("language")):
        code = language_code(text)
        if code:
            row.values["language"] = code
        else:
            row.find("language_unknown", "lang_id", text)
    if (value := first.get("met_on")) is not None and cell_text(value):
        day = read_date(value)
        if day:
            row.values["met_on"] = day
        else:
            row.find("date_invalid", "met_on", cell_text(value))
    if (value := first.get("consent")) is not None and cell_text(value):
        answer = yes_or_no(value)
        if answer is None:
            row.find("consent_unknown", "consent", cell_text(value))
        else:
            row.values["consent"] = answer
    tags: list[str] = []
    for _header, text in first.get("tags", []):
        tags += [tag.strip() for tag in re.split(r"[;,|/\n]", text) if tag.strip()]
    if tags:
        row.values["tags"] = list(dict.fromkeys(tags))
    notes = first.get("notes", [])
    for header, text in notes:
        label = header if header and (len(notes) > 1 or not _is_plain_note(header)) else ""
        _add_note(row, f"{label}: {text}" if label else text)
    if len(row.values.get("notes", "")) > MAX_NOTES:
        row.values["notes"] = row.values["notes"][: MAX_NOTES - 1] + "…"


@lru_cache(maxsize=256)
def _is_plain_note(header: str) -> bool:
    from .prospect_headers import recognise_header  # noqa: PLC0415

    return recognise_header(header) == "notes"


def _check_whole(row: Normalised) -> None:
    for name, value in row.values.items():
        if name != "notes" and isinstance(value, str) and len(value) > MAX_TEXT:
            row.find("too_long", name, value[:60] + "…")
    if not row.values.get("company_name") and not row.values.get("contact_name"):
        row.find("name_missing", "company_name")
    wrong = row.wrong_fields
    reachable = [name for name in ("email", "phone", "mobile", "street") if row.values.get(name) and name not in wrong]
    if not reachable:
        row.find("no_contact")
