from odoo import api, fields, models

from ...tools.dunning_law import REGIMES


class ResCompany(models.Model):
    _inherit = "res.company"

    dunning_active = fields.Boolean(
        string="Reminders",
        default=True,
        help="Without it no letter is proposed for this company.",
    )
    dunning_auto_propose = fields.Boolean(
        string="Propose reminders every day",
        help="A run is made each morning. Its letters leave only after they are approved and sent, unless that is "
        "switched on as well.",
    )
    dunning_auto_send = fields.Boolean(
        string="Send automatic levels",
        help="Letters of the daily run whose level needs no approval by hand are sent at once.",
    )
    dunning_bank_id = fields.Many2one(
        comodel_name="res.partner.bank",
        string="Bank account of reminders",
        ondelete="set null",
        help="The account customers are asked to pay to. Empty: the first account of the company.",
    )
    dunning_contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact for reminders",
        help="Named in reminders as the desk that answers questions; replies to reminder mails go to its address. The "
        "person responsible for a customer comes first. Empty: the company itself.",
    )
    dunning_seat_language = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language of the seat",
        help="Where the law wants documents in the language of the place of business: a reminder in another language "
        "carries the same letter in this one behind it, in a mail as on paper. Empty: one language only.",
    )
    dunning_chunk_size = fields.Integer(
        string="Customers at once",
        default=1000,
        help="How many customers are decided about in one step.",
    )
    dunning_send_batch = fields.Integer(
        string="Letters at once",
        default=20,
        help="Up to this number a click sends the letters at once; more are sent by the background job.",
    )

    _dunning_sizes_positive = models.Constraint(
        "CHECK (dunning_chunk_size > 0 AND dunning_send_batch > 0)",
        "At least one customer and one letter at once.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._start_dunning_policies()
        return companies

    def write(self, vals):
        moved = self.filtered(lambda company: company.country_id.id != vals.get("country_id", company.country_id.id))
        before = {company: company.country_id for company in moved}
        result = super().write(vals)
        moved._start_dunning_policies()
        for company, country in before.items():
            company._move_dunning_policies(country)
        return result

    def _move_dunning_policies(self, before):
        """After a move the laws of the old country serve its own customers only, and those of the new one all."""
        self.ensure_one()
        codes = set((before + self.country_id).mapped("code"))
        policies_sudo = self.env["commercial.dunning.policy"].sudo().search([("company_id", "=", self.id)])
        concerned_sudo = policies_sudo.filtered(lambda policy: REGIMES[policy.regime].country in codes)
        if self.country_id.code in policies_sudo._get_law_countries():
            concerned_sudo._fit_to_country(self.country_id)

    def action_load_dunning_policies(self):
        """Give this company the standard policies it lacks."""
        self.ensure_one()
        self.env["commercial.dunning.policy"].check_access("create")
        created = self.sudo()._load_dunning_policies()
        policies = self.env["commercial.dunning.policy"].sudo().search([("company_id", "=", self.id)])
        policies._copy_texts_of_standard()
        if created:
            message = self.env._("Added: %(policies)s", policies=created.mapped("name"))
        else:
            message = self.env._("All standard policies are there already.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success" if created else "info", "message": message},
        }

    def _start_dunning_policies(self):
        """Let each company begin with the standard policies; elsewhere than in the countries of our laws they rest.

        A company in one of these countries has customers in the others, whom the law of their own country protects.
        """
        Policy = self.env["commercial.dunning.policy"].sudo().with_context(active_test=False)
        served = self.filtered(lambda company: company.country_id.code in Policy._get_law_countries())
        standards = Policy._get_standard_policies()
        home = standards.company_id
        if home in served:
            standards.active = True
            standards._fit_to_country(home.country_id)
        elif home in self and home.country_id:
            standards.active = False
        served._load_dunning_policies()

    def _load_dunning_policies(self, standards=None):
        """Copy the standard policies to companies that have none of that law; branches use those of their parent."""
        Policy = self.env["commercial.dunning.policy"].sudo().with_context(active_test=False)
        created = Policy.browse()
        for standard in Policy._get_standard_policies() if standards is None else standards:
            for company in self.filtered(lambda company: not company.parent_id):
                if Policy.search_count([("company_id", "=", company.id), ("regime", "=", standard.regime)], limit=1):
                    continue
                copy = standard.copy({"company_id": company.id, "name": standard.name, "active": True})
                copy._fit_to_country(company.country_id)
                created |= copy
        return created

    def _get_dunning_bank(self):
        """Return the account customers are asked to pay to."""
        self.ensure_one()
        company_sudo = self.sudo()  # whoever may write reminders may know the account that stands on them
        return (
            company_sudo.dunning_bank_id.filtered("active") or company_sudo.partner_id.bank_ids.filtered("active")[:1]
        )
