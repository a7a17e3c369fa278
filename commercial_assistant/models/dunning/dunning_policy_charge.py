from dataclasses import replace

from odoo import api, fields, models

from .dunning_charge import BOOKING_MODES


class DunningPolicy(models.Model):
    _inherit = "commercial.dunning.policy"

    charge_booking = fields.Selection(
        selection=BOOKING_MODES,
        string="Booking of charges",
        help="Empty: as set for the company. In the letter only: nothing is booked until the customer pays a charge; "
        "the income is booked then, for the part that is paid. Journal entry: each charge is booked when its letter "
        "arrives. Customer invoice: the charges of a letter become an invoice, with a product for each kind.",
    )
    claims_orphan_charges = fields.Boolean(
        string="Claim open charges of paid invoices",
        default=True,
        help="A charge stays open when the customer pays the invoice alone. It is then claimed again in the next "
        "letter of that customer, beside what is reminded.",
    )
    orphan_charge_letter = fields.Boolean(
        string="Letter for charges alone",
        help="Allow a letter that claims nothing but open charges of paid invoices, once for each charge. It is made "
        "from the account of the customer.",
    )

    final_interest = fields.Boolean(
        string="Interest until payment",
        help="When an invoice is paid after the last letter that claimed interest on it, the interest until the day of "
        "payment becomes a charge too, booked like the others. Off: it is let go.",
    )
    final_interest_min = fields.Monetary(
        string="Let go below",
        currency_field="company_currency_id",
        default=5.0,
        help="Smaller interest until payment is not claimed. Other currencies are converted.",
    )
    final_interest_since = fields.Date(
        string="For payments since",
        compute="_compute_final_interest_since",
        store=True,
        help="The day on which it was switched on: nothing is claimed for payments of before.",
    )

    _final_interest_min_positive = models.Constraint(
        "CHECK (final_interest_min >= 0)", "The least interest until payment cannot be negative."
    )

    @api.depends("final_interest")
    def _compute_final_interest_since(self):
        for policy in self:
            today = fields.Date.context_today(policy)
            policy.final_interest_since = policy.final_interest and (policy.final_interest_since or today)

    def _prepare_core_policy(self, languages):
        policy = super()._prepare_core_policy(languages)
        return replace(policy, claims_orphan_charges=self.claims_orphan_charges)
