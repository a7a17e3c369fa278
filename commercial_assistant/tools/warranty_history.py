"""Columns of a list of sales from before the installation: which header means what."""

import re
import unicodedata

# field -> how offices call it, without accents and signs
HEADERS = {
    "customer": ("customer", "client", "klant", "kunde", "klantnaam", "nom client", "name", "naam", "nom"),
    "product": (
        "product",
        "article",
        "artikel",
        "produit",
        "produkt",
        "item",
        "reference",
        "referentie",
        "internal reference",
        "artikelcode",
    ),
    "serial_number": (
        "serial",
        "serial number",
        "serienummer",
        "serienr",
        "numero de serie",
        "n de serie",
        "seriennummer",
        "lot",
    ),
    "delivered_on": (
        "delivered on",
        "delivery date",
        "delivered",
        "geleverd op",
        "leverdatum",
        "leveringsdatum",
        "geleverd",
        "livre le",
        "date de livraison",
        "geliefert am",
        "lieferdatum",
        "date",
        "datum",
    ),
    "quantity": ("quantity", "qty", "aantal", "hoeveelheid", "quantite", "menge"),
    "source": ("order", "invoice", "document", "bestelling", "factuur", "commande", "facture", "auftrag", "rechnung"),
}
REQUIRED = ("customer", "product", "delivered_on")


def plain(text: object) -> str:
    """Return a header in small letters, without accents and signs."""
    flat = unicodedata.normalize("NFKD", str(text if text is not None else "")).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", flat.lower()).split())


def map_headers(headers: tuple) -> dict[str, int]:
    """Return the place of each known column; of two that mean the same the first one counts."""
    places: dict[str, int] = {}
    for place, header in enumerate(headers):
        name = plain(header)
        for field, names in HEADERS.items():
            if name in names and field not in places:
                places[field] = place
                break
    return places


def missing_columns(places: dict[str, int]) -> list[str]:
    """Return the columns without which nothing can be taken over."""
    return [field for field in REQUIRED if field not in places]
