from odoo import models

from .customer_letter import REPORT


class CommercialDispatch(models.Model):
    _inherit = "commercial.dispatch"

    def _prepare_mail_vals(self):
        """Answers to letters about disputes and promises go to the desk for reminders."""
        vals = super()._prepare_mail_vals()
        document = self._get_document()
        if document and isinstance(document, self.pool["commercial.customer.letter.mixin"]):
            vals.update(document._get_letter_sender())
        return vals

    def _attach_customer_letter(self):
        """Make the paper version of a letter and keep it with the sending."""
        self.ensure_one()
        content, _kind = self.env["ir.actions.report"]._render_qweb_pdf(REPORT, self.ids)
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"{self.name.replace('/', '-')}.pdf",
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.attachment_id = attachment
