from odoo import api, models


class DunningRun(models.Model):
    _inherit = "commercial.dunning.run"

    # what a run does changes the worklist; it is looked at again in the background, not while the letters are written

    def action_propose(self):
        result = super().action_propose()
        self._trigger_worklist()
        return result

    def action_approve(self):
        result = super().action_approve()
        self._trigger_worklist()
        return result

    def action_send(self):
        result = super().action_send()
        self._trigger_worklist()
        return result

    @api.model
    def _cron_propose(self):
        result = super()._cron_propose()
        self._trigger_worklist()
        return result

    @api.model
    def _trigger_worklist(self):
        self.env.ref("commercial_assistant.ir_cron_receivable_work")._trigger()
