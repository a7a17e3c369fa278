from odoo import models


class CommercialDispatch(models.Model):
    _inherit = "commercial.dispatch"

    def _attach_warranty_answer(self, report):
        """Make the file of an answer and keep it with the sending."""
        self.ensure_one()
        content, _kind = self.env["ir.actions.report"]._render_qweb_pdf(report, self.ids)
        self.attachment_id = self.env["ir.attachment"].create(
            {
                "name": f"{self.name.replace('/', '-')}.pdf",
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
