from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...tools.consumer_links import has_closed_platform


class AdrBody(models.Model):
    """Who settles a dispute between a consumer and a company out of court, as letters have to name it.

    Belgium: Code of Economic Law, article XVI.4: a consumer whose complaint is not solved is told which body exists,
    how to reach it, and whether the company must or will take part. Address and numbers differ by language, and they
    change: each record has its period.
    """

    _name = "commercial.adr.body"
    _description = "Body for Consumer Disputes"
    _order = "country_id, company_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    country_id = fields.Many2one(
        comodel_name="res.country",
        required=True,
        index=True,
        help="Named to consumers of this country.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Empty: for every company. A body of your own, for example of your sector, goes before a common one.",
    )
    date_from = fields.Date(string="Valid from", required=True)
    date_to = fields.Date(string="Valid until", help="The last day. Empty: still valid.")
    address = fields.Char(translate=True)
    phone = fields.Char(translate=True)
    email = fields.Char(string="E-mail", translate=True)
    website = fields.Char(translate=True)
    is_free = fields.Boolean(string="Free for consumers", default=True)
    participation = fields.Selection(
        selection=[
            ("undecided", "Not decided yet"),
            ("declined", "We do not take part"),
            ("committed", "We take part"),
            ("obliged", "We have to take part"),
        ],
        required=True,
        default="undecided",
        help="Letters have to say whether the company must or will take part.",
    )
    source = fields.Text(help="Where address and numbers were looked up, and when.")

    _period_sensible = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)", "The last day of a period is not before its first one."
    )

    @api.constrains("website", "address", "email")
    def _check_closed_platform(self):
        for body in self:
            if any(has_closed_platform(body[name]) for name in ("website", "address", "email")):
                raise ValidationError(
                    self.env._(
                        "%(body)s: the European platform for online disputes was closed on 20 July 2025. "
                        "Remove the link to it.",
                        body=body.name,
                    )
                )

    @api.model
    def _find(self, company, country, day):
        """Return the body that is named to a consumer, or nothing where none is known.

        :param company: who writes
        :param country: where the consumer lives
        :param day: the day of the letter
        """
        bodies = self.sudo().search(  # what is printed in letters may be known to whoever writes them
            Domain("country_id", "=", country.id)
            & Domain("company_id", "in", [company.id, False])
            & Domain("date_from", "<=", day)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", day))
        )
        # a body of the company goes before one for everybody
        return bodies.sorted(lambda body: (not body.company_id, body.sequence, body.id))[:1]

    def _describe_reach(self):
        """Return address and numbers in the language of the reader, as they stand in a sentence."""
        self.ensure_one()
        no_break = "\N{NO-BREAK SPACE}"
        phone = (self.phone or "").replace(" ", no_break)
        return ", ".join(filter(None, (self.address, phone, self.email, self.website)))
