from dataclasses import replace

from odoo import fields, models

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

    def _prepare_core_policy(self, languages):
        policy = super()._prepare_core_policy(languages)
        return replace(policy, claims_orphan_charges=self.claims_orphan_charges)
