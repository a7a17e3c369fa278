import csv

from odoo.tests import tagged
from odoo.tools.misc import file_open

from odoo.addons.commercial_assistant.models.dunning.res_company_charge import ACCOUNT_CODES

from .common_dunning import DunningCommon

INCOME = ("income", "income_other")
# country: file of the chart of Odoo, account of late-payment interest, account of what compensates late payment
CHARTS = {
    "BE": ("l10n_be/data/template/account.account-be.csv", "751", "743"),
    "FR": ("l10n_fr_account/data/template/account.account-fr.csv", "763100", "758100"),
    "LU": ("l10n_lu/data/template/account.account-lu.csv", "7553", "7488"),
    "NL": ("l10n_nl/data/template/account.account-nl.csv", "4950", "4950"),
}


@tagged("post_install", "-at_install")
class TestChargeAccounts(DunningCommon):
    """The charts of accounts of Odoo have an account for each kind of charge, and it is the one that is chosen."""

    def _read_chart(self, path):
        with file_open(path) as chart:
            return [row for row in csv.DictReader(chart) if row["account_type"] in INCOME]

    def test_charts_of_accounts(self):
        for country, (path, interest, other) in CHARTS.items():
            with self.subTest(country):
                rows = self._read_chart(path)
                company = self.env["res.company"].create(
                    {"name": f"Chart of {country}", "country_id": self.env.ref(f"base.{country.lower()}").id}
                )
                self.env["account.account"].with_company(company).create(
                    [
                        {
                            "name": row["name"],
                            "code": row["code"],
                            "account_type": row["account_type"],
                            "company_ids": company.ids,
                        }
                        for row in rows
                    ]
                )
                found = company._find_charge_accounts()
                codes = {use: account.with_company(company).code for use, account in found.items()}
                self.assertEqual(codes, {"interest": interest, "other": other})

    def test_first_choice_exists(self):
        """No code is written down that the chart of its country does not know."""
        for country, uses in ACCOUNT_CODES.items():
            codes = [row["code"] for row in self._read_chart(CHARTS[country][0])]
            for use, starts in uses.items():
                with self.subTest(country=country, use=use):
                    self.assertTrue(any(code.startswith(starts[0]) for code in codes))
