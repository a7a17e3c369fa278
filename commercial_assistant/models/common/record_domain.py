import ast

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class CommercialRecordDomain(models.AbstractModel):
    """A rule that picks records by a domain: plain values only, checked when it is saved."""

    _name = "commercial.record.domain"
    _description = "Rule with a domain"

    @api.model
    def _parse_domain(self, text, model):
        """The domain written in `text` for `model`; says what is wrong with it when it cannot be used."""
        try:
            value = ast.literal_eval((text or "[]").strip())
            if not isinstance(value, list | tuple):
                raise ValueError(self.env._("a list of conditions is expected"))
            domain = Domain(list(value))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
            raise ValidationError(
                self.env._(
                    "The domain %(domain)s cannot be read: %(reason)s. "
                    "Write conditions like [('country_id.code', '=', 'BE')].",
                    domain=text,
                    reason=error,
                )
            ) from error
        if model not in self.env:
            raise ValidationError(self.env._("A domain needs a model: choose for which records it is meant."))
        self._check_domain_fields(domain, model, text)
        try:
            domain.validate(self.env[model].sudo())
        except (ValueError, TypeError, NotImplementedError, KeyError, AssertionError) as error:
            raise ValidationError(
                self.env._("The domain %(domain)s does not work: %(reason)s", domain=text, reason=error)
            ) from error
        return domain

    def _check_domain_fields(self, domain, model, text):
        for condition in domain.iter_conditions():
            current = self.env[model]
            for name in condition.field_expr.split("."):
                if current is None or name not in current._fields:
                    raise ValidationError(
                        self.env._(
                            "The domain %(domain)s names the field %(field)s, which %(model)s does not have.",
                            domain=text,
                            field=condition.field_expr,
                            model=self.env["ir.model"]._get(model).name,
                        )
                    )
                comodel = current._fields[name].comodel_name
                current = self.env[comodel] if comodel else None
