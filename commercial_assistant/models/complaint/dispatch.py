from odoo import api, fields, models


class CommercialDispatch(models.Model):
    """Letters about complaints: also to people who are no customer yet, and seen only by who sees the complaint."""

    _inherit = "commercial.dispatch"

    # a letter about a complaint can go to an address that belongs to nobody we know
    partner_id = fields.Many2one(required=False)

    is_confidential = fields.Boolean(
        string="Confidential",
        readonly=True,
        copy=False,
        help="About a confidential complaint: seen by the group of these only.",
    )

    _somebody = models.Constraint(
        "CHECK (partner_id IS NOT NULL OR recipient_email IS NOT NULL)",
        "A letter goes to a customer or to an address.",
    )

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            model = vals.get("res_model")
            if model in self.env and "is_confidential" in self.env[model]._fields:
                # whether the letter is confidential may be known to whoever writes it
                document_sudo = self.env[model].sudo().browse(vals.get("res_id")).exists()
                vals["is_confidential"] = bool(document_sudo and document_sudo.is_confidential)
        return super().create(vals_list)

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
        elif document and document._name == "commercial.complaint.proposal":
            # the mail stands in the complaint, and the answer to it arrives there
            vals.update(model=document.complaint_id._name, res_id=document.complaint_id.id)
        return vals

    # --- POST ---

    def _filter_to_post(self):
        """Return the letters that wait for somebody to post them; a registered one needs its number, see its form."""
        return self.filtered(lambda dispatch: dispatch.state == "reserved" and dispatch.channel == "post")

    def _get_mail_headers(self):
        """No program answers an acknowledgment (RFC 3834)."""
        headers = super()._get_mail_headers()
        if self.res_model == "commercial.complaint":
            headers |= {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
        return headers
