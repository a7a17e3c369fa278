from odoo import api, fields, models
from odoo.exceptions import UserError


class Complaint(models.Model):
    """Whether the goods are covered stands in the case before anything is proposed."""

    _inherit = "commercial.complaint"

    warranty_check_count = fields.Integer(compute="_compute_warranty_check_count", string="Warranty verdicts")

    @api.depends("line_ids")
    def _compute_warranty_check_count(self):
        # sudo: that a verdict was given may be known to whoever sees the complaint
        rows = (
            self.env["commercial.warranty.check"]
            .sudo()
            ._read_group([("complaint_line_id", "in", self.line_ids.ids)], ["complaint_line_id"], ["__count"])
        )
        counts = {}
        for line, count in rows:
            counts[line.complaint_id.id] = counts.get(line.complaint_id.id, 0) + count
        for complaint in self:
            complaint.warranty_check_count = counts.get(complaint.id, 0)

    # --- QUESTION ---

    def _get_reported_on(self):
        """The day the customer said it, as a day of the company."""
        self.ensure_one()
        day = self.env["commercial.warranty"]._get_local_date(self.received_on, self.company_id)
        return min(day, fields.Date.context_today(self))

    def _get_warranty_facts(self):
        """What excludes the cover, as far as the case says it."""
        self.ensure_one()
        facts = {}
        if self.discovered_on:
            facts["discovered_on"] = self.discovered_on
        causes = self.cause_ids.filtered(lambda cause: cause.responsibility == "customer")
        if self.category_id and self.category_id._get_inherited("is_customer_responsible"):
            facts |= {"customer_responsible": True, "reason": self.category_id.display_name}
        elif causes and causes == self.cause_ids:
            facts |= {"customer_responsible": True, "reason": ", ".join(causes.mapped("display_name"))}
        return facts

    def _get_lines_to_check(self):
        """The lines about goods for which no guarantee was looked up yet."""
        lines = self.line_ids.filtered(lambda line: line._is_checked_for_warranty())
        return lines.filtered(lambda line: not line.sudo().warranty_check_ids)

    # --- GATES ---

    def _get_missing_for_propose(self):
        missing = super()._get_missing_for_propose()
        for line in self._get_lines_to_check():
            missing.append(self.env._("the warranty verdict of %(line)s", line=line.display_name))
        return missing

    def _moved(self, before, after):
        result = super()._moved(before, after)
        if after == "investigate":
            self._look_up_warranty()
        return result

    def _look_up_warranty(self):
        """Look the guarantees up for the person; where the question contradicts itself, he asks again."""
        self.ensure_one()
        for line in self._get_lines_to_check():
            try:
                with self.env.cr.savepoint():
                    line._check_warranty()
            except UserError as error:
                self._message_log(body=str(error))

    # --- ACTIONS ---

    def action_check_warranty(self):
        """Look up the guarantees of all lines about goods, as far as the case is known now."""
        self._check_may_work()
        self.check_access("write")
        self._check_open()
        lines = self.line_ids.filtered(lambda line: line._is_checked_for_warranty())
        if not lines:
            raise UserError(self.env._("No line names a product whose guarantee could be looked up."))
        return lines.action_check_warranty()

    def action_view_warranty_checks(self):
        self.ensure_one()
        return self.line_ids.warranty_check_ids._get_records_action(name=self.env._("Warranty verdicts"))
