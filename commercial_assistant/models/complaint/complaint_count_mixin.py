from odoo import api, fields, models


class ComplaintCountMixin(models.AbstractModel):
    """A document that customers complain about: the number of complaints, and the button that takes one down.

    Counted with the rights of the reader, so a confidential complaint is not even a number to others.
    """

    _name = "commercial.complaint.count.mixin"
    _description = "Document With Complaints"

    # the field of a line of a complaint that leads to the document
    _complaint_line_field = None

    complaint_count = fields.Integer(
        string="Complaints",
        compute="_compute_complaint_count",
        groups="commercial_assistant.group_assistant,commercial_assistant.group_collector",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_complaint_count(self):
        counts = self._fetch_complaint_counts()
        for record in self:
            record.complaint_count = counts.get(record._origin, 0)

    def _fetch_complaint_counts(self):
        """Return ``{document: number}`` in one query."""
        return dict(
            self.env["commercial.complaint.line"]._read_group(
                [(self._complaint_line_field, "in", self._origin.ids)],
                [self._complaint_line_field],
                ["complaint_id:count_distinct"],
            )
        )

    def _get_complaint_domain(self):
        return [(f"line_ids.{self._complaint_line_field}", "in", self.ids)]

    def action_view_complaints(self):
        """Open the complaints about this document."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.complaint_action")
        action["domain"] = self._get_complaint_domain()
        action["context"] = {}
        return action

    def action_complain(self):
        """Take down a complaint about this document: the customer and his goods stand there already."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.complaint_intake_action")
        action["context"] = {
            "dialog_size": "extra-large",
            "default_res_model": self._name,
            "default_res_id": self.id,
        }
        return action
