from odoo import models


class CommercialDispatch(models.Model):
    """Answers to a proposal find the complaint."""

    _inherit = "commercial.dispatch"

    def _filter_to_post(self):
        """Return the letters that wait for somebody to post them; a registered one needs its number, see its form."""
        return self.filtered(lambda dispatch: dispatch.state == "reserved" and dispatch.channel == "post")

    def _prepare_mail_vals(self):
        """A mail with a proposal stands in the complaint, and the answer to it arrives there."""
        vals = super()._prepare_mail_vals()
        if self.res_model == "commercial.complaint.proposal":
            complaint = self.env["commercial.complaint.proposal"].browse(self.res_id).complaint_id
            vals.update(model=complaint._name, res_id=complaint.id)
        return vals
