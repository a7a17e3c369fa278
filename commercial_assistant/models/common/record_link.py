from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class CommercialRecordLink(models.AbstractModel):
    """Something that belongs to one record of any model.

    Whoever may read the record may read what is linked to it, within the companies of the record rules; what the
    record hides stays hidden here, in lists and counters too. The check happens inside the one search query.
    """

    _name = "commercial.record.link"
    _description = "Link to any record"

    # the abstract model whose descendants can be linked
    _record_mixin = None

    res_model = fields.Char(
        string="Record Model",
        required=True,
        readonly=True,
        index=True,
    )
    res_id = fields.Many2oneReference(
        string="Record ID",
        model_field="res_model",
        required=True,
        readonly=True,
        index=True,
    )
    model_name = fields.Char(
        string="Kind of Record",
        compute="_compute_model_name",
    )
    record_name = fields.Char(
        string="Record",
        compute="_compute_record_name",
        search="_search_record_name",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )

    # --- COMPUTE ---

    @api.depends("res_model")
    def _compute_model_name(self):
        for link in self:
            model = link.res_model and link.res_model in self.env and self.env["ir.model"]._get(link.res_model)
            link.model_name = model.name if model else link.res_model

    @api.depends_context("lang", "uid")
    @api.depends("res_model", "res_id")
    def _compute_record_name(self):
        names = {}
        for model, links in self.filtered("res_model").grouped("res_model").items():
            if model not in self.env:
                continue
            records = self.env[model].browse(links.mapped("res_id")).exists()._filtered_access("read")
            names.update({(model, record.id): record.display_name for record in records})
        for link in self:
            link.record_name = names.get((link.res_model, link.res_id), False)

    def _search_record_name(self, operator, value):
        if operator not in ("in", "ilike", "=ilike", "like", "=like"):
            return NotImplemented
        return Domain.OR(
            Domain("res_model", "=", model)
            & Domain("res_id", "in", self.env[model]._search([("display_name", operator, value)], active_test=False))
            for model in self._get_linkable_models()
        )

    # --- ACCESS ---

    @api.model
    def _get_linkable_models(self):
        """Names of the models that can be linked and that the user may read at all."""
        names = [
            name
            for name in self.env.registry.descendants([self._record_mixin], "_inherit")
            if not self.env[name]._abstract and not self.env[name]._transient
        ]
        return [name for name in names if self.env[name].browse().has_access("read")]

    @api.model
    def _get_own_domain(self):
        """What the user may read without access to the record itself."""
        return Domain.FALSE

    @api.model
    def _get_access_domain(self):
        return Domain.OR(
            [
                self._get_own_domain(),
                *(
                    Domain("res_model", "=", model)
                    & Domain("res_id", "in", self.env[model]._search([], active_test=False))
                    for model in self._get_linkable_models()
                ),
            ]
        )

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._get_access_domain()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        candidates = self - result[0] if result else self
        if self.env.su or not any(candidates._ids):
            return result
        allowed = self.browse(self._search([("id", "in", candidates.ids)], active_test=False))
        if operation != "read":
            allowed = allowed._filter_writable_records()
        forbidden = candidates.filtered("id") - allowed
        if not forbidden:
            return result
        if result:
            forbidden += result[0]
        return forbidden, lambda: AccessError(
            self.env._("This belongs to a record that you may not see. Ask your team lead for access.")
        )

    def _filter_writable_records(self):
        """Links whose record the user may write: what belongs to a record is changed by whoever may change that."""
        writable = self.browse()
        for model, links_sudo in self.sudo().grouped("res_model").items():
            if model in self.env:
                records = self.env[model].browse(links_sudo.mapped("res_id")).exists()._filtered_access("write")
                writable |= links_sudo.filtered(lambda link, ids=records._ids: link.res_id in ids).sudo(False)
        return writable

    # --- RECORD ---

    def _get_record(self):
        """The linked record, empty when it is gone."""
        self.ensure_one()
        if not self.res_model or self.res_model not in self.env:
            return None
        return self.env[self.res_model].browse(self.res_id).exists()

    def action_open_record(self):
        self.ensure_one()
        record = self._get_record()
        if not record:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {"type": "warning", "message": self.env._("The record does not exist any more.")},
            }
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }


class CommercialRecordLinkLine(models.AbstractModel):
    """A line of such a link: readable with the link it belongs to."""

    _name = "commercial.record.link.line"
    _description = "Line of a link to any record"

    # the many2one to the link
    _link_field = None

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            links = self.env[self._fields[self._link_field].comodel_name]
            domain = Domain(domain) & Domain(self._link_field, "in", links._search([], active_test=False))
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not any(self._ids):
            return result
        candidates = self - result[0] if result else self
        links = candidates.sudo().mapped(self._link_field).sudo(False)
        readable = links._filtered_access("read")
        forbidden = candidates.sudo().filtered(lambda line: line[self._link_field].id not in readable._ids).sudo(False)
        if not forbidden:
            return result
        if result:
            forbidden += result[0]
        return forbidden, lambda: AccessError(
            self.env._("This belongs to a record that you may not see. Ask your team lead for access.")
        )
