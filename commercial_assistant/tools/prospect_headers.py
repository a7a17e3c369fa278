"""What the columns of a list of prospects mean: headers in four languages, and the look of the values.

Pure Python: lists of texts in, names of fields out. Nothing here knows the database.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# Fields a column can fill; only those below in REPEATABLE may come from several columns.
TARGETS = (
    "company_name",
    "contact_name",
    "first_name",
    "last_name",
    "function",
    "street",
    "house_number",
    "street2",
    "zip",
    "city",
    "country",
    "email",
    "phone",
    "mobile",
    "website",
    "enterprise_number",
    "vat",
    "language",
    "tags",
    "consent",
    "met_on",
    "notes",
)
REPEATABLE = frozenset({"notes", "tags"})
IGNORE = "ignore"
# "Name" alone is the company or the person, "Nr" the house or only the line: the other columns tell
AMBIGUOUS_NAME = "name"
AMBIGUOUS_NUMBER = "number"

_SYNONYMS = {
    AMBIGUOUS_NUMBER: "nr, nummer, num, numero, n, no, number",
    AMBIGUOUS_NAME: "naam, nom, name, volledige naam, nom complet, full name",
    "company_name": """
        bedrijf, bedrijfsnaam, naam bedrijf, naam van het bedrijf, firma, firmanaam, naam firma, onderneming, naam
        onderneming, ondernemingsnaam, naam van de onderneming, maatschappelijke naam, vennootschap, organisatie, naam
        organisatie, klant, klantnaam, prospect, handelsnaam, zaak, exposant, standhouder, deelnemer, societe, nom
        societe, nom de la societe, entreprise, nom entreprise, nom de l entreprise, raison sociale, denomination,
        denomination sociale, organisation, client, nom du client, nom commercial, exposant nom, participant,
        firmenname, unternehmen, unternehmensname, name des unternehmens, gesellschaft, betrieb, kunde, kundenname,
        aussteller, company, company name, name of company, business, business name, organization, account, account
        name, customer, customer name, trade name, legal name, exhibitor, firm""",
    "contact_name": """
        contact, contactpersoon, contact persoon, naam contact, naam contactpersoon, persoon, verantwoordelijke, t a
        v, tav, aanspreekpunt, personne de contact, nom du contact, nom contact, contact nom, interlocuteur,
        responsable, a l attention de, kontakt, kontaktperson, ansprechpartner, ansprechperson, name ansprechpartner,
        person, contact name, contact person, attn, attention, person name""",
    "first_name": """
        voornaam, voornaam contact, voornaam contactpersoon, prenom, prenom contact, prenom du contact, vorname, first
        name, firstname, given name, forename, contact first name""",
    "last_name": """
        achternaam, familienaam, achternaam contact, familienaam contact, nom de famille, nachname, familienname,
        zuname, last name, lastname, surname, family name, contact last name""",
    "function": """
        functie, functietitel, functieomschrijving, rol, beroep, fonction, poste, role, titre, profession, funktion,
        position, stelle, rolle, job title, job, job position, function, title""",
    "street": """
        straat, straatnaam, adres, adreslijn, adreslijn 1, straat en nummer, straat nr, straat en nr, straat
        huisnummer, straat en huisnummer, rue, adresse, adresse 1, rue et numero, rue numero, rue n, rue et n, voie,
        strasse, strassenname, anschrift, strasse und hausnummer, strasse hausnummer, strasse nr, street, street name,
        address, address 1, address line 1, street address, street and number, adress""",
    "house_number": """
        huisnummer, huisnr, nummer huis, numero de maison, hausnummer, hausnr, house number, house no, street number""",
    "street2": """
        bus, busnummer, adreslijn 2, adres 2, toevoeging, boite, bte, boite postale, adresse 2, complement d adresse,
        complement adresse, postfach, adresszusatz, zusatz, box, address 2, address line 2, street2, street 2, po box,
        suite, unit""",
    "zip": """
        postcode, postnummer, postkode, pc, code postal, cp, c p, npa, codepostal, plz, postleitzahl, zip, zip code,
        zipcode, postal code, post code""",
    "city": """
        gemeente, stad, plaats, woonplaats, plaatsnaam, localite, ville, commune, ort, stadt, gemeinde, wohnort, city,
        town, place, locality, municipality""",
    "country": "land, landcode, pays, code pays, staat, country, country code, nation, landesname",
    "email": """
        e mail, email, mail, mailadres, e mailadres, emailadres, e mail adres, email adres, mailadresse, emailadresse,
        e mail contact, e mailadres contactpersoon, courriel, adresse mail, adresse e mail, adresse email, adresse
        electronique, mel, mail adresse, email address, e mail address, mail address, elektronische adresse""",
    "phone": """
        telefoon, telefoonnummer, telefoonnr, tel, tel nr, telnr, tel nummer, telefoon 1, tel 1, vast nummer, vaste
        lijn, algemeen nummer, telephone, numero de telephone, n de telephone, no de telephone, num tel, telephone
        fixe, fixe, n tel, telefon, telefonnummer, festnetz, rufnummer, phone, phone number, phone no, landline, phone
        1, tel no""",
    "mobile": """
        gsm, gsm nummer, gsmnummer, gsm nr, mobiel, mobiele telefoon, mobiel nummer, telefoon 2, tel 2, portable,
        mobile, telephone portable, telephone mobile, numero de gsm, tel portable, handy, handynummer, mobiltelefon,
        mobil, mobilnummer, mobile phone, mobile number, cell, cell phone, phone 2""",
    "website": """
        website, web site, webadres, webstek, url, www, internet, homepage, site, site web, site internet, web,
        adresse internet, internetseite, webseite, web address""",
    "enterprise_number": """
        ondernemingsnummer, ondernemingsnr, ondernemings nr, on, kbo, kbo nr, kbo nummer, kbonummer, kbo bce, bce kbo,
        handelsregister, numero d entreprise, numero entreprise, n d entreprise, no d entreprise, n entreprise, num
        entreprise, bce, bce nr, n bce, numero bce, siren, siret, kvk, kvk nummer, unternehmensnummer,
        handelsregisternummer, enterprise number, company number, company registration number, registration number,
        company id, cbe, cbe number, crossroads bank number""",
    "vat": """
        btw, btw nr, btw nummer, btwnr, btwnummer, btw nummer of ondernemingsnummer, tva, n tva, no tva, numero tva,
        numero de tva, n de tva, num tva, ust id, ustid, ust idnr, ust id nr, ustidnr, umsatzsteuer id, mwst, mwst nr,
        mwst nummer, steuernummer, vat, vat number, vat no, vat id, vatnr, tax id, tin, tva intracommunautaire""",
    "language": """
        taal, taalcode, voertaal, taal contact, taalkeuze, langue, code langue, langue de contact, langue parlee,
        sprache, sprachcode, korrespondenzsprache, language, language code, lang, preferred language""",
    "tags": """
        tags, tag, label, labels, interesse, interesses, interessegebied, categorie, sector, activiteit, interet,
        interets, centre d interet, secteur, activite, categories, etiquette, etiquettes, kategorie, branche,
        interessen, schlagwort, interest, interests, category, industry, segment""",
    "consent": """
        toestemming, toestemming mailing, nieuwsbrief, opt in, optin, marketing, mailing, gdpr, avg, akkoord,
        consentement, accord, newsletter, rgpd, lettre d information, einwilligung, zustimmung, dsgvo, consent,
        marketing consent""",
    "met_on": """
        datum, datum contact, datum bezoek, bezoekdatum, datum gesprek, contactdatum, date, date de contact, date de
        la visite, date visite, date du contact, besuchsdatum, kontaktdatum, date met, date of contact, visit date,
        met on""",
    "notes": """
        opmerking, opmerkingen, nota, nota s, notities, notitie, commentaar, info, bemerking, bijzonderheden,
        remarque, remarques, commentaire, commentaires, observation, observations, note, notes, bemerkung,
        bemerkungen, notiz, notizen, anmerkung, kommentar, comment, comments, remark, remarks, memo, description,
        vraag, gesprek, verslag""",
    IGNORE: """
        fax, faxnummer, fax nr, telefax, telecopie, telecopieur, numero de fax, fax number, id, volgnummer, volgnr,
        lijn, rij, ligne, zeile, row, row number, line, aanspreking, civilite, anrede, salutation""",
}

# Tried in order when no synonym fits the whole header; each is searched in the header's words.
_PATTERNS = (
    ("fax|telefax|telecopie", IGNORE),
    ("e mail|email|courriel|mailadres", "email"),
    ("btw|tva|vat|ust id|mwst", "vat"),
    (
        "ondernemingsnummer|ondernemingsnr|numero d entreprise|n d entreprise|unternehmensnummer|enterprise number|kbo"
        "|bce",
        "enterprise_number",
    ),
    ("gsm|mobiel|mobile|portable|handy|mobil", "mobile"),
    ("telefoon|telephone|telefon|phone|tel", "phone"),
    ("website|site web|webseite|homepage|url|www", "website"),
    ("postcode|code postal|plz|postleitzahl|zip code|postal code", "zip"),
    ("voornaam|prenom|vorname|first name", "first_name"),
    ("familienaam|achternaam|nom de famille|nachname|surname|last name", "last_name"),
    ("contactpersoon|personne de contact|ansprechpartner|contact person", "contact_name"),
    (
        "bedrijfsnaam|bedrijf|firma|onderneming|societe|entreprise|raison sociale|firmenname|unternehmen|company",
        "company_name",
    ),
    ("functie|fonction|funktion|job title", "function"),
    ("gemeente|localite|commune|stadt|city", "city"),
    ("straat|rue|strasse|street|adres|adresse|address", "street"),
    ("taal|langue|sprache|language", "language"),
    ("opmerking|opmerkingen|remarque|remarques|bemerkung|comment|comments|nota|notes", "notes"),
    ("toestemming|consentement|einwilligung|consent|nieuwsbrief|newsletter", "consent"),
)

_MAIL = re.compile(r"[^@\s;,]+@[^@\s;,]+\.[a-z]{2,}", re.IGNORECASE)
_WEB = re.compile(
    r"(https?://|www\.)\S+\.\S+|[a-z0-9-]+(\.[a-z0-9-]+)*\.(be|com|eu|nl|fr|de|lu|net|org|example)/?", re.IGNORECASE
)
_BELGIAN_NUMBER = re.compile(r"(?:be)?[01]?\d{9}", re.IGNORECASE)
_PHONE = re.compile(r"(\+|00|0)[\d\s/().-]{7,20}")
_ZIP = re.compile(r"(?:[a-z]{1,2}-?)?\d{4,5}", re.IGNORECASE)
_LANGUAGE = frozenset("nl fr de en n f d e nederlands frans francais français duits engels deutsch english".split())


@dataclass(frozen=True)
class Proposal:
    """What a column most likely holds. `certain`: the header says so; else only the values or nothing do."""

    target: str
    certain: bool


def normalise_header(text: object) -> str:
    """Lower case, without accents or signs, single blanks: "N° d’entreprise " -> "n d entreprise"."""
    plain = unicodedata.normalize("NFKD", str(text if text is not None else "")).replace("ß", "ss").replace("°", " ")
    plain = "".join(char for char in plain if not unicodedata.combining(char)).lower()
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def _compile_synonyms() -> dict[str, str]:
    known: dict[str, str] = {}
    for target, words in _SYNONYMS.items():
        for word in words.split(","):
            known.setdefault(normalise_header(word), target)
    for target in TARGETS:
        known.setdefault(normalise_header(target), target)
    return known


SYNONYMS = _compile_synonyms()
_COMPILED_PATTERNS = tuple((re.compile(rf"\b(?:{words})\b"), target) for words, target in _PATTERNS)


def recognise_header(text: object) -> str | None:
    """The field a header names (or one of the AMBIGUOUS words, IGNORE), None when nothing is known about it."""
    header = normalise_header(text)
    if not header:
        return None
    if header in SYNONYMS:
        return SYNONYMS[header]
    if len(header) > 60:  # a sentence above the table, not a header
        return None
    for pattern, target in _COMPILED_PATTERNS:
        if pattern.search(header):
            return target
    return None


def find_header_row(rows: Sequence[Sequence[object]], depth: int = 15) -> int | None:
    """Index of the row that names the columns: the one with most known headers among the first rows, else None.

    One known header is enough in a table of one column; otherwise two are asked, so that a title above the table
    ("Company visit") or a row of data is not taken for it. When no header is known at all, the first filled row counts
    if it holds only different short texts and the rows below hold something else than texts.
    """
    best, best_score = None, 0
    for index, row in enumerate(rows[:depth]):
        filled = [cell for cell in row if str(cell if cell is not None else "").strip()]
        texts = [cell for cell in filled if isinstance(cell, str)]
        known = {recognise_header(cell) for cell in texts} - {None}
        if _looks_like_data(texts):
            continue
        if len(known) > best_score and len(known) >= min(2, len(filled)):
            best, best_score = index, len(known)
    return _find_unknown_header_row(rows) if best is None else best


def _find_unknown_header_row(rows: Sequence[Sequence[object]]) -> int | None:
    first = next((index for index, row in enumerate(rows) if row), None)
    if first is None:
        return None
    cells = [cell for cell in rows[first] if cell is not None]
    short = all(isinstance(cell, str) and len(cell) <= 40 for cell in cells)
    below = [cell for row in rows[first + 1 : first + 6] for cell in row if cell is not None]
    if not short or len(cells) < 2 or len(set(cells)) < len(cells) or _looks_like_data(cells):
        return None
    other = [cell for cell in below if not isinstance(cell, str)]
    return first if other or _looks_like_data([cell for cell in below if isinstance(cell, str)]) else None


def _looks_like_data(texts: Sequence[str]) -> bool:
    return any(_MAIL.fullmatch(text.strip()) or re.fullmatch(r"\+?[\d\s/.]{8,}", text.strip()) for text in texts)


def guess_from_values(values: Sequence[object]) -> str | None:
    """The field whose look most of the values have; None when they look like nothing special."""
    texts = [_as_text(value) for value in values]
    texts = [text for text in texts if text]
    if len(texts) < 2:
        return None
    checks = (
        ("email", lambda text: _MAIL.fullmatch(text)),
        ("language", lambda text: text.lower() in _LANGUAGE),
        ("vat", lambda text: re.match(r"be", text, re.IGNORECASE) and _BELGIAN_NUMBER.fullmatch(_strip(text))),
        ("enterprise_number", lambda text: _BELGIAN_NUMBER.fullmatch(_strip(text)) and not text.startswith("+")),
        ("phone", lambda text: _PHONE.fullmatch(text)),
        ("website", lambda text: _WEB.fullmatch(text)),
        ("zip", lambda text: _ZIP.fullmatch(text)),
    )
    for target, check in checks:
        if sum(bool(check(text)) for text in texts) >= 0.7 * len(texts):
            return target
    return None


def _as_text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _strip(text: str) -> str:
    return re.sub(r"[\s.]", "", text)


def propose_mapping(headers: Sequence[object], samples: Sequence[Sequence[object]]) -> list[Proposal]:
    """A proposal for each column; every field is proposed once, except notes and tags. `samples` are rows of data.

    A column nobody knows becomes a note (with its header before the value), so that nothing gets lost silently;
    an empty one is ignored.
    """
    width = max([len(headers), *(len(row) for row in samples)], default=0)
    columns = [[row[index] if index < len(row) else None for row in samples] for index in range(width)]
    headers = [*headers, *[None] * (width - len(headers))]
    named = [recognise_header(header) for header in headers]
    named = _settle_names(named)
    proposals: list[Proposal | None] = [None] * width
    taken: set[str] = set()
    for index, target in enumerate(named):
        if target is None:
            continue
        if target == IGNORE:
            proposals[index] = Proposal(IGNORE, True)
        elif target in REPEATABLE or target not in taken:
            proposals[index] = Proposal(target, True)
            taken.add(target)
        elif target == "phone" and "mobile" not in taken and "mobile" not in named:
            proposals[index] = Proposal("mobile", False)
            taken.add("mobile")
    for index, column in enumerate(columns):
        if proposals[index] is not None:
            continue
        guess = guess_from_values(column)
        if not any(_as_text(value) for value in column):
            proposals[index] = Proposal(IGNORE, bool(normalise_header(headers[index])))
        elif guess and guess not in taken and named[index] is None:
            proposals[index] = Proposal(guess, False)
            taken.add(guess)
        else:
            proposals[index] = Proposal("notes", False)
    if "company_name" not in taken and "contact_name" not in taken and "last_name" not in taken:
        _propose_first_text(proposals, columns, headers)
    return [proposal or Proposal(IGNORE, False) for proposal in proposals]


def _settle_names(named: list[str | None]) -> list[str | None]:
    """Decide what "Name" and "Nr" stand for.

    A name is the surname beside a first name, the person beside a company, else the company.
    """
    present = set(named)
    if "company_name" in present and "first_name" in present and "last_name" not in present:
        meaning = "last_name"
    elif "company_name" in present and not present & {"contact_name", "last_name"}:
        meaning = "contact_name"
    elif "company_name" in present:
        meaning = "notes"
    elif "first_name" in present and "last_name" not in present:
        meaning = "last_name"
    else:
        meaning = "company_name"
    settled: list[str | None] = []
    for index, target in enumerate(named):
        if target == AMBIGUOUS_NUMBER:
            # right of the street it is the house, anywhere else the number of the line
            settled.append("house_number" if "street" in named[:index] and "house_number" not in present else IGNORE)
        elif target == AMBIGUOUS_NAME:
            settled.append(meaning)
            meaning = "notes" if meaning in settled else meaning
        else:
            settled.append(target)
    return settled


def _propose_first_text(
    proposals: list[Proposal | None], columns: list[list[object]], headers: Sequence[object]
) -> None:
    """Without any header for a name, the first column of texts that nothing else claims holds the companies."""
    for index, column in enumerate(columns):
        texts = [value for value in column if isinstance(value, str) and value.strip()]
        proposal = proposals[index]
        if texts and proposal is not None and proposal.target == "notes" and not proposal.certain:
            if not normalise_header(headers[index]):
                proposals[index] = Proposal("company_name", False)
            return
