from odoo import api, models
from odoo.tools import SQL


class CurrencyApart(models.AbstractModel):
    """Amounts in different currencies are never added together, in no list, pivot or graph.

    Odoo's views ask for a sum in the currency of the company wherever several currencies meet, at the rate of today.
    Here such a sum stays empty; within one currency it is the plain sum.
    """

    _name = "commercial.currency.apart"
    _description = "Amounts of Each Currency by Itself"

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        name, _colon, function = aggregate_spec.partition(":")
        if function != "sum_currency":
            return super()._read_group_select(aggregate_spec, query)
        total = self._read_group_select(f"{name}:sum", query)
        return self._within_one_currency(total, self._fields[name].get_currency_field(self), query)

    @api.model
    def _within_one_currency(self, expression, currency_field, query):
        """Let an aggregate of amounts be empty where several currencies meet."""
        currency = self._field_to_sql(self._table, currency_field, query)
        return SQL("CASE WHEN MIN(%s) = MAX(%s) THEN %s END", currency, currency, expression)
