from odoo import api, fields, models
from odoo.tools import SQL

from ...models.common.legal_parameter import CUSTOMER_KINDS
from ...models.dunning.dunning_policy_level import LEVEL_KINDS


class ReceivableItemReport(models.Model):
    """The open items of today with everything to group them by; each currency stays by itself."""

    _name = "commercial.receivable.item.report"
    _inherit = ["commercial.currency.apart"]
    _description = "Open Items Analysis"
    _auto = False
    _rec_name = "move_name"
    _order = "date_due, id"

    item_id = fields.Many2one(comodel_name="commercial.receivable.item", string="Open item", readonly=True)
    move_name = fields.Char(string="Number", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    receivable_id = fields.Many2one(comodel_name="commercial.receivable", string="Customer account", readonly=True)
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", readonly=True)
    country_id = fields.Many2one(comodel_name="res.country", readonly=True)
    customer_kind = fields.Selection(selection=CUSTOMER_KINDS, readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Responsible", readonly=True)
    level_id = fields.Many2one(comodel_name="commercial.dunning.policy.level", string="Level reached", readonly=True)
    level_kind = fields.Selection(selection=LEVEL_KINDS, string="Kind of level", readonly=True)
    score_grade = fields.Selection(
        selection=[("a", "Prompt"), ("b", "Usually in time"), ("c", "Slow"), ("d", "Very slow")],
        string="Payment behaviour",
        readonly=True,
    )
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    date = fields.Date(string="Invoice date", readonly=True)
    date_due = fields.Date(string="Due date", readonly=True)
    bucket = fields.Selection(selection="_selection_bucket", string="Days after the due date", readonly=True)
    days_late = fields.Integer(string="Days late (mean)", readonly=True, aggregator="avg")
    amount_original = fields.Monetary(string="Original amount", readonly=True)
    amount_residual = fields.Monetary(string="Open amount", readonly=True)

    @api.model
    def _selection_bucket(self):
        return [(str(index), label) for index, label in enumerate(self.env.company._get_bucket_labels())]

    @property
    def _table_query(self):
        """Days late count until today where the user is."""
        for name in ("commercial.receivable.item", "commercial.receivable", "res.partner", "res.company"):
            self.env[name].flush_model()
        return SQL(
            """
            SELECT item.id, item.id AS item_id, item.move_name, item.company_id, item.receivable_id, item.partner_id,
                   partner.country_id, partner.customer_kind, receivable.user_id, item.level_id,
                   level.kind AS level_kind, receivable.score_grade, item.currency_id, item.date, item.date_due,
                   GREATEST(%(today)s - item.date_due, 0) AS days_late,
                   width_bucket(
                       (%(today)s - item.date_due)::int,
                       ARRAY[1, company.ageing_limit_1 + 1, company.ageing_limit_2 + 1, company.ageing_limit_3 + 1,
                             company.ageing_limit_4 + 1]
                   )::text AS bucket,
                   item.amount_original, item.amount_residual
              FROM commercial_receivable_item item
              JOIN commercial_receivable receivable ON receivable.id = item.receivable_id
              JOIN res_partner partner ON partner.id = item.partner_id
              JOIN res_company company ON company.id = item.company_id
         LEFT JOIN commercial_dunning_policy_level level ON level.id = item.level_id
             WHERE item.state = 'open'
            """,
            today=fields.Date.context_today(self),
        )
