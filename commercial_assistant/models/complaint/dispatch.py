from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class CommercialDispatch(models.Model):
    """Letters about complaints: also to people who are no customer yet, and seen only by who sees the complaint."""

    _inherit = "commercial.dispatch"

    # a letter about a complaint can go to an address that belongs to nobody we know
    partner_id = fields.Many2one(required=False)

    _somebody = models.Constraint(
        "CHECK (partner_id IS NOT NULL OR recipient_email IS NOT NULL)",
        "A letter goes to a customer or to an address.",
    )

    # --- RESERVE ---

    @api.model
    def _prepare_reserve_vals_list(self, vals_list):
        """Values of letters to a bare address are complete as they are."""
        unknown = [vals for vals in vals_list if not (vals.get("contact_id") or vals.get("partner_id"))]
        known = [vals for vals in vals_list if vals not in unknown]
        prepared = {id(vals): done for vals, done in zip(known, super()._prepare_reserve_vals_list(known), strict=True)}
        languages = dict(self.env["res.lang"].get_installed())
        for vals in unknown:
            lang = vals.get("lang")
            prepared[id(vals)] = {
                "company_id": self.env.company.id,
                **vals,
                "lang": lang if lang in languages else False,
                "state": "reserved",
                "attempt": 1,
            }
        return [prepared[id(vals)] for vals in vals_list]

    # --- SEND ---

    def _prepare_mail_vals(self):
        """Letters about a complaint come from the company and are answered to the mailbox of the team."""
        vals = super()._prepare_mail_vals()
        document = self._get_document()
        if document and document._name == "commercial.complaint":
            vals.update(document._get_acknowledgment_sender())
        return vals

    def _get_mail_headers(self):
        """No program answers an acknowledgment (RFC 3834)."""
        headers = super()._get_mail_headers()
        if self.res_model == "commercial.complaint":
            headers |= {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
        return headers

    # --- ACCESS ---

    @api.model
    def _get_confidential_models(self):
        """Models whose letters are seen by nobody who does not see the document."""
        return ["commercial.complaint"]

    @api.model
    def _get_confidential_letter_domain(self):
        domain = Domain.TRUE
        for name in self._get_confidential_models():
            documents = self.env[name]
            seen = Domain.FALSE
            if documents.has_access("read"):
                seen = Domain("res_id", "in", documents._search([], active_test=False))
            domain &= Domain("res_model", "!=", name) | seen
        return domain

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._get_confidential_letter_domain()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        candidates = self - result[0] if result else self
        if self.env.su or not any(candidates._ids):
            return result
        hidden = candidates.browse()
        for letter_sudo in candidates.sudo().filtered(
            lambda letter: letter.res_model in self._get_confidential_models()
        ):
            document = self.env[letter_sudo.res_model].browse(letter_sudo.res_id)
            if document.exists() and not document.has_access("read"):
                hidden += letter_sudo.sudo(False)
        if not hidden:
            return result
        return (hidden + result[0] if result else hidden), lambda: AccessError(
            self.env._("This letter is about a complaint that you may not see.")
        )
