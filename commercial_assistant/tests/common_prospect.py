import base64

from odoo.tools import file_open

from ..tools.spreadsheet_writer import write_table
from .common_desk import DeskCommon

HEADERS = ["Firma", "Contactpersoon", "E-mail", "Telefoon", "Ondernemingsnummer", "Taal", "Postcode", "Gemeente"]


def make_number(base):
    """A valid enterprise number in a range that is not given out: 0999.xxx.xxx."""
    digits = f"{9990000 + base:08d}"
    return f"{digits}{97 - int(digits) % 97:02d}"


class ProspectCommon(DeskCommon):
    """A Belgian company with its assistant, and lists of prospects to import."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        belgium = cls.env.ref("base.be")
        cls.company.partner_id.country_id = belgium
        cls.company.partner_id.lang = "en_US"
        for code in ("nl_BE", "fr_BE"):
            cls.env["res.lang"]._activate_lang(code)
        cls.source = cls.env["utm.source"].create({"name": "Fair of the tests"})
        cls.tag = cls.env["crm.tag"].create({"name": "Fair of the tests"})

    @classmethod
    def _read_data(cls, name, folder="tests/data"):
        with file_open(f"commercial_assistant/{folder}/{name}", "rb") as stream:
            return stream.read()

    @classmethod
    def _create_import(cls, content=None, file_name="fair.xlsx", rows=None, headers=None, user=None, **values):
        if content is None:
            content = write_table("List", headers or HEADERS, rows or [cls._make_row(1)])
        return (
            cls.env["commercial.prospect.import"]
            .with_user(user or cls.assistant)
            .create(
                {
                    "file": base64.b64encode(content),
                    "file_name": file_name,
                    "met_on": "2026-05-07",
                    "source_id": cls.source.id,
                    "tag_ids": [(6, 0, cls.tag.ids)],
                    "country_id": cls.env.ref("base.be").id,
                    **values,
                }
            )
        )

    @classmethod
    def _make_row(cls, number, **values):
        row = {
            "Firma": f"Firma {number} bv",
            "Contactpersoon": f"Contact {number}",
            "E-mail": f"info{number}@firma{number}.example",
            "Telefoon": f"056/{number:02d}.02.03",
            "Ondernemingsnummer": make_number(number),
            "Taal": "NL",
            "Postcode": "8500",
            "Gemeente": "Kortrijk",
            **values,
        }
        return [row[header] for header in HEADERS]

    @classmethod
    def _match(cls, **values):
        record = cls._create_import(**values)
        record.action_read()
        record.action_match()
        return record
