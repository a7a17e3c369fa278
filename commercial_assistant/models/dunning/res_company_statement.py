from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.ageing import DEFAULT_LIMITS, LimitError, bucket_bounds, check_limits

LIMIT_FIELDS = ("ageing_limit_1", "ageing_limit_2", "ageing_limit_3", "ageing_limit_4")


class ResCompany(models.Model):
    _inherit = "res.company"

    statement_auto = fields.Boolean(
        string="Statements every month",
        help="Customers whose account or policy says so get a statement of what was open at the end of the month.",
    )
    statement_day = fields.Integer(
        string="Day of the statements",
        default=3,
        help="The statements of the end of a month leave from this day of the next month on, when its payments are "
        "booked.",
    )
    ageing_limit_1 = fields.Integer(string="First bucket until", default=DEFAULT_LIMITS[0])
    ageing_limit_2 = fields.Integer(string="Second bucket until", default=DEFAULT_LIMITS[1])
    ageing_limit_3 = fields.Integer(string="Third bucket until", default=DEFAULT_LIMITS[2])
    ageing_limit_4 = fields.Integer(string="Fourth bucket until", default=DEFAULT_LIMITS[3])

    _statement_day_in_month = models.Constraint(
        "CHECK (statement_day BETWEEN 1 AND 28)", "Choose a day that every month has: from 1 to 28."
    )

    @api.constrains(*LIMIT_FIELDS)
    def _check_ageing_limits(self):
        for company in self:
            try:
                check_limits([company[name] for name in LIMIT_FIELDS])
            except LimitError as error:
                raise ValidationError(
                    self.env._("The limits of the buckets are days that grow, for example 30, 60, 90 and 180.")
                ) from error

    def _get_ageing_limits(self):
        """Return the last day late of each bucket but the last."""
        self.ensure_one()
        company_sudo = self.sudo()  # whoever may read claims may know how they are grouped
        return tuple(company_sudo[name] for name in LIMIT_FIELDS)

    def _get_bucket_labels(self):
        """Return the names of the buckets in the language of the environment."""
        labels = []
        for start, end in bucket_bounds(self._get_ageing_limits()):
            if start is None:
                labels.append(self.env._("Not due"))
            elif end is None:
                labels.append(self.env._("> %(days)s days", days=start - 1))
            else:
                labels.append(self.env._("%(start)s–%(end)s days", start=start, end=end))
        return labels
