from odoo import Command, fields, models
from odoo.fields import Domain

from .dunning_charge import BOOKING_MODES

KINDS = ("interest", "indemnity", "fixed", "cost")
# First digits of the account that fits, the best first: interest on trade debts, and what compensates late payment.
# BE: income from current assets; miscellaneous operating income. FR: income from trade debts; penalties on sales.
# LU: interest on trade debts; miscellaneous operating income. NL knows no account of its own for either: other income.
ACCOUNT_CODES = {
    "BE": {"interest": ("751", "756"), "other": ("743", "744", "745", "74")},
    "FR": {"interest": ("7631", "763", "768"), "other": ("7581", "758")},
    "LU": {"interest": ("7553", "75582", "7582"), "other": ("7488", "748")},
    "NL": {"interest": ("4950", "8090"), "other": ("4950", "8090")},
}


class ResCompany(models.Model):
    _inherit = "res.company"

    dunning_charge_booking = fields.Selection(
        selection=BOOKING_MODES,
        string="Booking of charges",
        default="letter",
        required=True,
        help="How interest, indemnities and costs of reminders reach the accounting. A policy can say otherwise.",
    )
    dunning_charge_journal_id = fields.Many2one(
        comodel_name="account.journal",
        string="Journal of charges",
        check_company=True,
        domain=[("type", "=", "general")],
        ondelete="set null",
    )
    dunning_charge_sale_journal_id = fields.Many2one(
        comodel_name="account.journal",
        string="Journal of charge invoices",
        check_company=True,
        domain=[("type", "=", "sale")],
        ondelete="set null",
        help="Empty: the first sales journal.",
    )
    dunning_charge_post_invoices = fields.Boolean(
        string="Post charge invoices",
        default=True,
        help="Without it the invoices stay drafts for the accountant.",
    )
    dunning_interest_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Account of interest",
        check_company=True,
        domain=[("account_type", "in", ("income", "income_other"))],
        ondelete="set null",
    )
    dunning_indemnity_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Account of indemnities",
        check_company=True,
        domain=[("account_type", "in", ("income", "income_other"))],
        ondelete="set null",
    )
    dunning_fixed_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Account of fixed sums",
        check_company=True,
        domain=[("account_type", "in", ("income", "income_other"))],
        ondelete="set null",
    )
    dunning_cost_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Account of reminder costs",
        check_company=True,
        domain=[("account_type", "in", ("income", "income_other"))],
        ondelete="set null",
    )
    dunning_interest_product_id = fields.Many2one(
        comodel_name="product.product",
        string="Product of interest",
        check_company=True,
        ondelete="set null",
    )
    dunning_indemnity_product_id = fields.Many2one(
        comodel_name="product.product",
        string="Product of indemnities",
        check_company=True,
        ondelete="set null",
    )
    dunning_fixed_product_id = fields.Many2one(
        comodel_name="product.product",
        string="Product of fixed sums",
        check_company=True,
        ondelete="set null",
    )
    dunning_cost_product_id = fields.Many2one(
        comodel_name="product.product",
        string="Product of reminder costs",
        check_company=True,
        ondelete="set null",
    )

    # --- ACTIONS ---

    def action_prepare_charge_booking(self):
        """Choose accounts, journal and products for what is still empty."""
        self.ensure_one()
        self.check_access("write")
        self.sudo()._set_charge_defaults()
        if self.dunning_charge_booking == "invoice":
            self.sudo()._make_charge_products()
        return True

    # --- BUSINESS ---

    def _get_charge_booking(self):
        """How this company books charges; a branch without a choice of its own follows its parent."""
        self.ensure_one()
        company_sudo = self.sudo()
        if company_sudo.dunning_charge_booking == "letter" and company_sudo.parent_id:
            return company_sudo.parent_id._get_charge_booking()
        return company_sudo.dunning_charge_booking

    def _find_charge_setting(self, name):
        """The value of the nearest company upwards that has one."""
        self.ensure_one()
        company_sudo = self.sudo()  # settings of a parent serve its branches
        return company_sudo[name] or (
            company_sudo.parent_id._find_charge_setting(name) if company_sudo.parent_id else company_sudo[name]
        )

    def _get_charge_settings(self):
        """Return everything the booking of charges needs: journals, accounts and products by kind."""
        self.ensure_one()
        sale_journal = self._find_charge_setting("dunning_charge_sale_journal_id") or self._find_charge_journal("sale")
        return {
            "journal": self._find_charge_setting("dunning_charge_journal_id"),
            "sale_journal": sale_journal,
            "open_days": {},
            "converters": {},
            "post_invoices": self.sudo().dunning_charge_post_invoices,
            "accounts": {kind: self._find_charge_setting(f"dunning_{kind}_account_id") for kind in KINDS},
            "products": {kind: self._find_charge_setting(f"dunning_{kind}_product_id") for kind in KINDS},
        }

    def _find_charge_gaps(self, mode):
        """Return the names of the settings that this way of booking still needs."""
        self.ensure_one()
        needed = []
        if mode == "entry":
            needed = ["dunning_charge_journal_id", *(f"dunning_{kind}_account_id" for kind in KINDS)]
        elif mode == "invoice":
            needed = [f"dunning_{kind}_product_id" for kind in KINDS]
        labels = self.env["res.company"].fields_get(needed, ["string"]) if needed else {}
        gaps = [labels[name]["string"] for name in needed if not self._find_charge_setting(name)]
        if mode == "invoice" and not self._get_charge_settings()["sale_journal"]:
            gaps.append(self.env._("Sales journal"))
        return gaps

    def _get_charge_warning(self, mode):
        """What keeps charges from being booked that way; until it is filled in they stay in the letter."""
        self.ensure_one()
        gaps = self._find_charge_gaps(mode)
        if not gaps:
            return False
        return self.env._(
            "Charges are claimed in the letter only, because something is not chosen yet: %(gaps)s", gaps=gaps
        )

    def _find_charge_journal(self, journal_type):
        journals = self.env["account.journal"].sudo()
        domain = Domain(journals._check_company_domain(self)) & Domain("type", "=", journal_type)
        reserved = self.sudo().currency_exchange_journal_id | self.sudo().tax_cash_basis_journal_id
        return journals.search(domain & Domain("id", "not in", reserved.ids), limit=1) or journals.search(
            domain, limit=1
        )

    def _set_charge_defaults(self):
        """Choose sensible accounts and a journal where nothing is chosen; without a chart of accounts nothing happens.

        Accounts are only chosen, never made, so that nothing of ours stays in the accounting.
        """
        for company in self.sudo():
            vals = {}
            if not company.dunning_charge_journal_id:
                vals["dunning_charge_journal_id"] = company._find_charge_journal("general").id
            candidates = company._find_charge_accounts()
            for kind in KINDS:
                name = f"dunning_{kind}_account_id"
                if not company[name]:
                    vals[name] = candidates["interest" if kind == "interest" else "other"].id
            vals = {name: value for name, value in vals.items() if value}
            if vals:
                company.write(vals)

    def _find_charge_accounts(self):
        """Return an account for interest and one for everything else, empty where none fits."""
        self.ensure_one()
        Account = self.env["account.account"].sudo().with_company(self)
        domain = Domain(Account._check_company_domain(self)) & Domain("active", "=", True)
        incomes = Account.search(domain & Domain("account_type", "in", ("income_other", "income")))
        reserved = (
            self.income_currency_exchange_account_id
            | self.default_cash_difference_income_account_id
            | self.account_journal_early_pay_discount_gain_account_id
        )
        incomes -= reserved
        codes = ACCOUNT_CODES.get(self.account_fiscal_country_id.code or self.country_id.code, {})
        other = incomes.filtered(lambda account: account.account_type == "income_other")
        found = {}
        for use in ("interest", "other"):
            matches = (
                incomes.filtered(lambda account, start=start: (account.code or "").startswith(start))
                for start in codes.get(use, ())
            )
            found[use] = next(filter(None, matches), other or incomes)[:1]
        return found

    def _make_charge_products(self):
        """Make a product for each kind that has none: no tax, because interest and damages are no price of a supply."""
        company = self.sudo()
        names = {
            "interest": self.env._("Late-payment interest"),
            "indemnity": self.env._("Indemnity for late payment"),
            "fixed": self.env._("Fixed recovery cost"),
            "cost": self.env._("Cost of a reminder"),
        }
        for kind in KINDS:
            if company[f"dunning_{kind}_product_id"]:
                continue
            product = (
                self.env["product.product"]
                .sudo()
                .with_company(company)
                .create(
                    {
                        "name": names[kind],
                        "type": "service",
                        "sale_ok": False,
                        "purchase_ok": False,
                        "company_id": company.id,
                        "list_price": 0.0,
                        "taxes_id": [Command.clear()],
                        "supplier_taxes_id": [Command.clear()],
                        "property_account_income_id": company[f"dunning_{kind}_account_id"].id,
                        "invoice_policy": "order",
                    }
                )
            )
            # our identifier lets an uninstall remove the products that were never invoiced
            self.env["ir.model.data"].sudo().create(
                {
                    "module": "commercial_assistant",
                    "name": f"charge_product_{kind}_{company.id}",
                    "model": "product.product",
                    "res_id": product.id,
                    "noupdate": True,
                }
            )
            company[f"dunning_{kind}_product_id"] = product
