from odoo import fields, models
from odoo.exceptions import UserError

from .dunning_notice import LAW_KEY

MODEL = "commercial.dunning.notice"


class CommercialDispatch(models.Model):
    _inherit = "commercial.dispatch"

    def _prepare_mail_vals(self):
        """Answers to a reminder go to the desk that handles them."""
        vals = super()._prepare_mail_vals()
        if self.res_model in (MODEL, "commercial.dunning.charge.letter"):
            vals.update(self.env[self.res_model].browse(self.res_id)._get_letter_sender())
        return vals

    # --- CALLS ---

    def _is_reminder_call(self):
        self.ensure_one()
        return self.channel == "phone" and self.res_model == "commercial.dunning.notice"

    def _mark_posted(self, posted_on, tracking_number=None):
        """A call is no letter: somebody has to say whether the customer answered."""
        if self._is_reminder_call() and self.state == "reserved":
            raise UserError(
                self.env._("Letter %(name)s is a call: say on the reminder or in the task how it went.", name=self.name)
            )
        return super()._mark_posted(posted_on, tracking_number)

    def _mark_called(self, note=None):
        """Record that the customer was reached now."""
        self.ensure_one()
        if self.state == "sent":
            return  # done already
        if not self._lock_waiting():
            raise UserError(self.env._("Letter %(name)s is in use by somebody else.", name=self.name))
        if self._is_neutralized():
            raise UserError(self.env._("Nothing leaves from this database: it is a copy (neutralized)."))
        self.write(
            {
                "state": "sent",
                "sent_on": fields.Datetime.now(),
                "resolution_note": note,
                "error": False,
                "is_document_informed": False,
            }
        )
        self._inform_documents()

    # --- MANY LETTERS ---

    def _inform_documents(self):
        """A bundle of letters taken to the post asks once what the law says, not for each letter."""
        reminders = self.filtered(lambda dispatch: dispatch.res_model == MODEL)
        if len(reminders) < 2 or LAW_KEY in self.env.context:
            return super()._inform_documents()
        runs = self.env[MODEL].sudo().browse(reminders.mapped("res_id")).exists().run_id
        law = {run.id: run.with_company(run.company_id)._prepare_toolbox()["context"] for run in runs}
        return super(CommercialDispatch, self.with_context(**{LAW_KEY: law}))._inform_documents()
