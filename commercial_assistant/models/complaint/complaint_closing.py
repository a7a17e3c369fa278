from odoo import fields, models

from .complaint import VERDICTS


class ComplaintClosing(models.Model):
    """How a complaint was closed, one row each time: opening it again does not undo what was measured."""

    _name = "commercial.complaint.closing"
    _description = "Closing of a Complaint"
    _order = "complaint_id, closing_round desc"
    _rec_name = "complaint_id"
    _check_company_auto = True

    complaint_id = fields.Many2one(
        comodel_name="commercial.complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="complaint_id.company_id", store=True, index=True)
    is_confidential = fields.Boolean(related="complaint_id.is_confidential", store=True)
    closing_round = fields.Integer(string="Round", required=True, readonly=True, aggregator=None)
    closed_on = fields.Datetime(required=True, readonly=True)
    closed_uid = fields.Many2one(comodel_name="res.users", string="Closed by", readonly=True)
    verdict = fields.Selection(selection=VERDICTS, readonly=True)
    verdict_reason = fields.Text(string="Reasons of the verdict", readonly=True)
    verdict_uid = fields.Many2one(comodel_name="res.users", string="Judged by", readonly=True)
    verdict_on = fields.Datetime(string="Judged on", readonly=True)
    resolution_deadline = fields.Datetime(string="Settle by", readonly=True)
    is_in_time = fields.Boolean(string="In time", readonly=True)
    hours_to_close = fields.Float(string="Hours to settle", readonly=True, aggregator="avg")
    paused_hours = fields.Float(string="Rested", readonly=True)
    reopened_on = fields.Datetime(string="Opened again on", readonly=True)
    reopened_uid = fields.Many2one(comodel_name="res.users", string="Opened again by", readonly=True)
    reopen_reason = fields.Char(string="Why again", readonly=True)

    _once = models.UniqueIndex("(complaint_id, closing_round)", "A complaint is closed once in each round.")
