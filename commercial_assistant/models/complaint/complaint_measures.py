from odoo import api, fields, models
from odoo.tools import SQL

# an average leaves out the complaints in which the day has not come yet
STAMP_OF_DAYS = {
    "days_to_acknowledge": "acknowledged_on",
    "days_to_answer": "first_offer_on",
    "days_to_close": "closed_on",
}
SECONDS_OF_DAY = 86400.0


class Complaint(models.Model):
    _inherit = "commercial.complaint"

    # What lists, pivots, graphs and the monthly report count.

    first_offer_on = fields.Datetime(
        string="First proposal",
        readonly=True,
        copy=False,
        help="When the customer got our first proposal or decision.",
    )
    days_to_acknowledge = fields.Float(
        compute="_compute_days", store=True, digits=(8, 2), aggregator="avg", help="Calendar days."
    )
    days_to_answer = fields.Float(
        compute="_compute_days", store=True, digits=(8, 2), aggregator="avg", help="Calendar days."
    )
    days_to_close = fields.Float(
        compute="_compute_days", store=True, digits=(8, 2), aggregator="avg", help="Calendar days."
    )
    founded_share = fields.Float(
        string="Founded (%)",
        compute="_compute_founded_share",
        store=True,
        digits=(5, 1),
        aggregator="avg",
        help="Founded or founded in part, of all that were judged.",
    )
    product_tmpl_id = fields.Many2one(
        comodel_name="product.template",
        string="Main product",
        compute="_compute_product_tmpl_id",
        store=True,
        index="btree_not_null",
        help="Of the first line.",
    )

    @api.depends("received_on", "acknowledged_on", "first_offer_on", "closed_on")
    def _compute_days(self):
        for complaint in self:
            for name, stamp in STAMP_OF_DAYS.items():
                moment = complaint[stamp]
                seconds = (moment - complaint.received_on).total_seconds() if moment and complaint.received_on else 0.0
                complaint[name] = max(seconds / SECONDS_OF_DAY, 0.0)

    @api.depends("verdict")
    def _compute_founded_share(self):
        for complaint in self:
            complaint.founded_share = 100.0 if complaint.verdict in ("founded", "partly") else 0.0

    @api.depends("line_ids.product_id", "line_ids.sequence")
    def _compute_product_tmpl_id(self):
        for complaint in self:
            complaint.product_tmpl_id = complaint.line_ids.product_id[:1].product_tmpl_id

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"first_offer_on"}

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Means are those of the complaints that have got so far, shares those of the complaints that were judged."""
        name, _colon, function = aggregate_spec.partition(":")
        condition = self._get_measured_condition(name, query) if function == "avg" else None
        if condition is None:
            return super()._read_group_select(aggregate_spec, query)
        return SQL("AVG(%s) FILTER (WHERE %s)", self._field_to_sql(self._table, name, query), condition)

    @api.model
    def _get_measured_condition(self, name, query):
        """Return the SQL of the complaints that count in the mean of a measure, nothing where all do."""
        if stamp := STAMP_OF_DAYS.get(name):
            return SQL("%s IS NOT NULL", self._field_to_sql(self._table, stamp, query))
        if name == "founded_share":
            return SQL("%s IS NOT NULL", self._field_to_sql(self._table, "verdict", query))
        if name == "rating_last_value":
            return SQL("%s > 0", self._field_to_sql(self._table, name, query))
        return None

    def _moved(self, before, after):
        result = super()._moved(before, after)
        if after == "await_customer" and not self.first_offer_on:
            # the stamp goes with the button
            self.sudo().first_offer_on = fields.Datetime.now()
        return result
