"""Run by script/lint in `odoo shell`: are the translations complete? (FIX=1: bring the files up to date first.)

Compares every i18n/*.po with what Odoo exports now: each term and each place where it stands needs a translation that
is not fuzzy, and nothing may be left that no longer exists. The template (.pot) must be the one exported now.
"""

import io
import os
import pathlib
import sys

import polib

from odoo.tools.translate import trans_export

LANGUAGES = ("nl", "fr")  # of every addon; a nl_BE or fr_BE file may add words on top
FIX = os.environ.get("FIX") == "1"
SHOWN = 10


def export(module):
    buffer = io.BytesIO()
    trans_export(None, [module], buffer, "po", env)  # noqa: F821  (the shell's environment)
    return polib.pofile(buffer.getvalue().decode())


def places(po):
    """Every (term, place) of a file; line numbers in code do not count."""
    return {
        (entry.msgid, f"{file}:{line}" if file.startswith("model") else file)
        for entry in po
        if not entry.obsolete
        for file, line in entry.occurrences
    }


def shorten(text):
    text = " ".join(text.split())
    return text if len(text) < 90 else text[:87] + "..."


def check(module, folder):
    problems = []
    fresh = export(module)
    template = folder / f"{module}.pot"
    files = sorted(folder.glob("*.po"))
    if FIX:
        folder.mkdir(exist_ok=True)
        if not template.exists() or places(polib.pofile(template)) != places(fresh):
            fresh.save(template)
        for file in files:
            po = polib.pofile(file, wrapwidth=78)
            if file.stem in LANGUAGES and places(po) != places(fresh):
                po.merge(fresh)
                for entry in po.obsolete_entries():
                    po.remove(entry)
                po.save()
    if not template.exists():
        problems.append(f"{template} is missing: script/lint --fix writes it")
    elif different := places(polib.pofile(template)) ^ places(fresh):
        problems.append(f"{template} is out of date ({len(different)} places): script/lint --fix writes it anew")
    problems += [f"{folder}/{lang}.po is missing" for lang in LANGUAGES if not (folder / f"{lang}.po").exists()]
    for file in files:
        po = polib.pofile(file)
        if file.stem in LANGUAGES:
            missing = sorted({term for term, _place in places(fresh) - places(po)})
        else:
            missing = []
        for what, terms in (
            ("missing", missing),
            ("not translated", [entry.msgid for entry in po.untranslated_entries()]),
            ("fuzzy", [entry.msgid for entry in po.fuzzy_entries()]),
            ("no longer used", sorted({term for term, _place in places(po) - places(fresh)})),
        ):
            problems += [f"{file}: {what}: {shorten(term)}" for term in terms[:SHOWN]]
            if len(terms) > SHOWN:
                problems.append(f"{file}: {what}: {len(terms) - SHOWN} more")
    return problems


found = []
for name in os.environ["ADDONS"].split(","):
    found += check(name, pathlib.Path(name, "i18n"))
print("\n".join(found) or "TRANSLATIONS COMPLETE")
sys.stdout.flush()
