from odoo import api, fields, models

from ..warranty.warranty_check import VERDICTS

COVERED = ("covered_legal", "covered_commercial")


class ComplaintLine(models.Model):
    _inherit = "commercial.complaint.line"

    warranty_check_ids = fields.One2many(
        comodel_name="commercial.warranty.check",
        inverse_name="complaint_line_id",
        string="Warranty verdicts",
        readonly=True,
        groups="commercial_assistant.group_assistant",
    )
    warranty_check_id = fields.Many2one(
        comodel_name="commercial.warranty.check",
        string="Last warranty verdict",
        compute="_compute_warranty_check",
        groups="commercial_assistant.group_assistant",
    )
    warranty_verdict = fields.Selection(
        selection=VERDICTS,
        string="Warranty",
        compute="_compute_warranty_check",
        groups="commercial_assistant.group_assistant",
    )
    warranty_reason = fields.Text(
        string="Why covered or not",
        compute="_compute_warranty_check",
        groups="commercial_assistant.group_assistant",
    )

    @api.depends("warranty_check_ids.verdict")
    def _compute_warranty_check(self):
        for line in self:
            # the last one counts; earlier ones show what was known before
            check = line.warranty_check_ids.sorted("id")[-1:]
            line.warranty_check_id = check
            line.warranty_verdict = check.verdict
            line.warranty_reason = check.reason

    def _is_checked_for_warranty(self):
        """Whether a guarantee can be asked for: goods, not services."""
        self.ensure_one()
        return self.product_id.type == "consu"

    def _is_covered(self):
        """Whether we answer for these goods, by law or by a guarantee."""
        self.ensure_one()
        return self.sudo().warranty_check_id.verdict in COVERED

    def _check_warranty(self):
        """Ask the register whether these goods were covered on the day the defect was reported; keep the answer."""
        self.ensure_one()
        complaint = self.complaint_id
        product = self.product_id
        order_line = self.sale_line_id or self.sudo().invoice_line_id.sale_line_ids[:1].sudo(self.env.su)
        check = (
            self.env["commercial.warranty"]
            .with_company(self.company_id)
            ._check(
                product,
                self.lot_id,
                order_line,
                complaint.partner_id.commercial_partner_id,
                complaint._get_reported_on(),
                quantity=self._get_quantity_to_check(order_line),
                facts=complaint._get_warranty_facts(),
            )
        )
        # sudo: verdicts are written by nobody; this one now says where it was asked for
        check.sudo().complaint_line_id = self
        return check

    def _get_quantity_to_check(self, order_line):
        """The quantity complained about, in the unit of the product; what came back meanwhile is not asked for."""
        self.ensure_one()
        unit = self.product_id.uom_id
        quantity = self.product_uom_id._compute_quantity(self.quantity, unit)
        delivered = order_line.product_uom_id._compute_quantity(order_line.qty_delivered, unit) if order_line else 0.0
        return min(quantity, delivered) if delivered > 0 else quantity

    def action_check_warranty(self):
        """Ask again, for example after the cause is known."""
        self.complaint_id._check_may_work()
        self.check_access("write")
        self.complaint_id._check_open()
        for line in self.filtered(lambda line: line._is_checked_for_warranty()):
            line._check_warranty()
        return True

    def action_open_warranty_check(self):
        self.ensure_one()
        return self.warranty_check_id._get_records_action()
