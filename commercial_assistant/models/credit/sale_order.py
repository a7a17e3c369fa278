from odoo import api, fields, models
from odoo.tools import format_date

GROUPS = "commercial_assistant.group_assistant,commercial_assistant.group_collector"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    is_on_credit_hold = fields.Boolean(
        string="Credit hold",
        compute="_compute_credit_hold",
        help="The customer is on credit hold: the order is confirmed only when it is paid in advance.",
    )
    credit_hold_id = fields.Many2one(
        comodel_name="commercial.credit.hold",
        string="Hold of the customer",
        compute="_compute_credit_hold",
        groups=GROUPS,
    )
    is_confirmed_on_hold = fields.Boolean(
        string="Confirmed during a credit hold",
        readonly=True,
        copy=False,
        help="The customer was on credit hold, but had paid in advance.",
    )

    # --- COMPUTE ---

    @api.depends("partner_id", "partner_invoice_id", "company_id")
    def _compute_credit_hold(self):
        for company, orders in self.grouped("company_id").items():
            customers = orders.partner_id | orders.partner_invoice_id
            # sudo: that no order is accepted now must be known to whoever makes one
            holds_sudo = self.env["commercial.credit.hold"].sudo()
            holds_sudo = holds_sudo._find_live(company, customers) if company and customers else holds_sudo
            by_partner = {hold.partner_id: hold for hold in holds_sudo}
            for order in orders:
                hold_sudo = next(
                    (
                        by_partner[customer.commercial_partner_id]
                        for customer in (order.partner_invoice_id, order.partner_id)
                        if customer.commercial_partner_id in by_partner
                    ),
                    holds_sudo.browse(),
                )
                order.is_on_credit_hold = bool(hold_sudo)
                order.credit_hold_id = hold_sudo.id

    # --- CONFIRMING ---

    def _confirmation_error_message(self):
        return super()._confirmation_error_message() or self._get_credit_hold_message()

    def _get_credit_hold_message(self):
        """Return why the order cannot be confirmed because of a hold, or ``False``."""
        self.ensure_one()
        if not self._is_stopped_by_credit_hold():
            return False
        if self.env.user.share or self.env.user._is_public():
            return self._get_credit_hold_portal_message()
        hold_sudo = self.sudo().credit_hold_id
        reasons = dict(hold_sudo._fields["reason"]._description_selection(self.env))
        return self.env._(
            "%(order)s cannot be confirmed now: %(customer)s is on credit hold since %(day)s (%(reason)s). A team lead "
            "can release the hold (Receivables > Credit holds), or the customer pays this order in advance.",
            order=self.name,
            customer=hold_sudo.partner_id.name,
            day=format_date(self.env, hold_sudo.since),
            reason=reasons.get(hold_sudo.reason, hold_sudo.reason),
        )

    def _get_credit_hold_portal_message(self):
        """Return what the customer reads: whom to ask, and nothing about the reason."""
        self.ensure_one()
        return self.env._(
            "This quotation cannot be accepted online at this moment. Please contact us: %(contact)s.",
            contact=", ".join(self._get_credit_hold_contact()),
        )

    def _get_credit_hold_contact(self):
        """Return name, telephone and address of whoever answers the customer."""
        self.ensure_one()
        order_sudo = self.sudo()  # how to reach the seller is meant to be told
        seller, company = order_sudo.user_id, order_sudo.company_id
        contact = (seller.name or company.name, seller.phone or company.phone, seller.email or company.email)
        return [part for part in contact if part]

    def _is_stopped_by_credit_hold(self):
        self.ensure_one()
        return self.is_on_credit_hold and not self._is_covered_by_payment()

    def _is_covered_by_payment(self):
        """Whether the customer has paid what this order asks for in advance; without such a demand, all of it."""
        self.ensure_one()
        order_sudo = self.sudo()  # payments belong to the customer and the accountant
        if not order_sudo.transaction_ids.filtered(lambda payment: payment.state in ("authorized", "done")):
            return False
        asked = order_sudo._get_prepayment_required_amount() or order_sudo.amount_total
        return order_sudo.currency_id.compare_amounts(order_sudo.amount_paid, asked) >= 0

    def _action_confirm(self):
        result = super()._action_confirm()
        self.filtered("is_on_credit_hold")._flag_confirmed_on_hold()
        return result

    def _flag_confirmed_on_hold(self):
        """The customer paid, so the order goes on; somebody looks at it all the same."""
        for order_sudo in self.sudo():
            order_sudo.is_confirmed_on_hold = True
            order_sudo._schedule_credit_hold_activity(
                self.env._("Confirmed because it is paid, while the customer is on credit hold: look before delivery.")
            )

    def _schedule_credit_hold_activity(self, note):
        """Put the order on the worklist of whoever answers for it, once."""
        self.ensure_one()
        activity_type = "commercial_assistant.mail_activity_type_credit_hold"
        if self.activity_search([activity_type]):
            return
        user = self.user_id or self.team_id.user_id or self.env["commercial.legal.parameter"]._get_responsible()
        self.activity_schedule(activity_type, user_id=user.id, note=note)

    # --- PORTAL ---

    def _has_to_be_signed(self):
        """A signature would confirm the order at once, unless it has to be paid afterwards."""
        return super()._has_to_be_signed() and not (self._is_stopped_by_credit_hold() and not self._has_to_be_paid())

    def _is_refused_in_portal(self):
        """Whether the customer would be asked to sign, were it not for the hold."""
        self.ensure_one()
        return (
            self.state in ("draft", "sent")
            and not self.is_expired
            and self._is_stopped_by_credit_hold()
            and not self._has_to_be_paid()
        )

    def action_open_credit_hold(self):
        self.ensure_one()
        return self.credit_hold_id._get_records_action()
