from odoo import models

from .dunning_notice import LAW_KEY

MODEL = "commercial.dunning.notice"


class CommercialDispatch(models.Model):
    _inherit = "commercial.dispatch"

    def _prepare_mail_vals(self):
        """Answers to a reminder go to the desk that handles them."""
        vals = super()._prepare_mail_vals()
        if self.res_model == MODEL:
            vals.update(self.env[MODEL].browse(self.res_id)._get_letter_sender())
        return vals

    def _inform_documents(self):
        """A bundle of letters taken to the post asks once what the law says, not for each letter."""
        reminders = self.filtered(lambda dispatch: dispatch.res_model == MODEL)
        if len(reminders) < 2 or LAW_KEY in self.env.context:
            return super()._inform_documents()
        runs = self.env[MODEL].sudo().browse(reminders.mapped("res_id")).exists().run_id
        law = {run.id: run.with_company(run.company_id)._prepare_toolbox()["context"] for run in runs}
        return super(CommercialDispatch, self.with_context(**{LAW_KEY: law}))._inform_documents()
