"""What a mail says about itself: whether a program wrote it, in which language, what of it is kept.

Sources: RFC 3834 (automatic answers), RFC 2076 (Precedence), RFC 2369 and 2919 (lists), Microsoft's
X-Auto-Response-Suppress.
"""

import re
from collections.abc import Iterable, Mapping

from lxml import etree
from lxml import html as lxml_html

# headers by which programs say that no person wrote the mail, or that none must be answered by a program
_MARKS = ("list-id", "list-unsubscribe", "x-autoreply", "x-autorespond", "x-auto-reply", "feedback-id")
_PRECEDENCES = {"bulk", "junk", "list", "auto_reply", "auto-reply"}
_SUPPRESSED = {"all", "oof", "autoreply"}
_NO_SENDERS = re.compile(r"^(mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply)([+.-].*)?@", re.IGNORECASE)

# short words that are frequent in one language and rare in its neighbours
_WORDS = {
    "nl": "de het een en van ik niet met voor zijn geen wij ons onze mijn maar werd heeft graag klacht ook nog",
    "fr": "le la les des un une et je ne pas avec pour est nous notre votre mon mais été avez plainte dans sur",
    "de": "der die das ein eine und ich nicht mit für ist wir unser mein aber wurde haben beschwerde auch noch den",
    "en": "the a an and i not with for is we our my but was have order complaint also this that of to",
}
_VOCABULARY = {lang: frozenset(words.split()) for lang, words in _WORDS.items()}
_FEWEST_WORDS = 3
_WORD = re.compile(r"[^\W\d_]+")


def is_automatic(headers: Mapping[str, str], sender: str = "") -> bool:
    """Whether a program wrote the mail, or asks that no program answers it.

    :param headers: names in any case
    :param sender: the bare address, empty when there is none
    """
    values = {name.lower(): (value or "").strip().lower() for name, value in headers.items()}
    if values.get("auto-submitted", "no").partition(";")[0].strip() not in ("", "no"):
        return True
    if values.get("precedence") in _PRECEDENCES:
        return True
    if _SUPPRESSED & {part.strip() for part in values.get("x-auto-response-suppress", "").split(",")}:
        return True
    if any(values.get(mark) for mark in _MARKS):
        return True
    if values.get("return-path") == "<>":
        return True
    return bool(_NO_SENDERS.match(sender))


def guess_language(text: str, candidates: Iterable[str]) -> str | None:
    """The language (two letters) among ``candidates`` in which a text is written, None when it is not clear."""
    words = _WORD.findall(text.lower()[:5000])
    counts = {
        lang: sum(word in _VOCABULARY[lang] for word in words) for lang in dict.fromkeys(candidates) if lang in _WORDS
    }
    ranked = sorted(counts, key=lambda lang: -counts[lang])
    if not ranked or counts[ranked[0]] < _FEWEST_WORDS:
        return None
    if len(ranked) > 1 and counts[ranked[0]] <= counts[ranked[1]]:
        return None
    return ranked[0]


def split_by_size(sizes: Iterable[int], limit: int) -> list[bool]:
    """Say for each file, in their order, whether it is kept: as long as all that is kept stays within ``limit``."""
    total, kept = 0, []
    for size in sizes:
        fits = total + size <= limit
        total += size if fits else 0
        kept.append(fits)
    return kept


def drop_pictures(body: str) -> str:
    """The text without its pictures: those inside a mail point to nowhere, others tell their sender who reads them."""
    if not body or "<" not in body:
        return body or ""
    try:
        root = lxml_html.fragment_fromstring(body, create_parent="div")
    except (etree.ParserError, ValueError):
        return ""
    etree.strip_elements(root, "img", "picture", "svg", "video", "audio", "object", "embed", with_tail=False)
    inner = "".join(etree.tostring(child, encoding="unicode", method="html") for child in root)
    return (root.text or "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") + inner


def is_listed(address: str, entries: str) -> bool:
    """Whether an address stands in a list, one entry a line: an address, or a domain after an at sign."""
    address = address.strip().lower()
    if "@" not in address:
        return False
    domain = address.rpartition("@")[2]
    for line in entries.lower().splitlines():
        entry = line.strip()
        if entry and (
            entry == address or (entry.startswith("@") and (domain == entry[1:] or domain.endswith(f".{entry[1:]}")))
        ):
            return True
    return False
