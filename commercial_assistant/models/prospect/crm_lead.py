from odoo import api, fields, models

from ...tools import identifiers, prospect_values

# what is compared before an imported lead is deleted again
SNAPSHOT_FIELDS = (
    "name",
    "type",
    "active",
    "partner_id",
    "partner_name",
    "contact_name",
    "function",
    "street",
    "street2",
    "zip",
    "city",
    "country_id",
    "email_from",
    "phone",
    "website",
    "lang_id",
    "enterprise_number",
    "vat_number",
    "description",
    "tag_ids",
    "user_id",
    "team_id",
    "company_id",
    "stage_id",
    "priority",
    "expected_revenue",
    "date_deadline",
    "lost_reason_id",
    "source_id",
    "medium_id",
    "campaign_id",
)


class CrmLead(models.Model):
    _inherit = "crm.lead"

    enterprise_number = fields.Char(
        index="btree_not_null",
        help="Number in the Crossroads Bank for Enterprises (KBO/BCE) or the register of the country.",
    )
    vat_number = fields.Char(
        string="VAT number",
        index="btree_not_null",
    )
    prospect_import_row_id = fields.Many2one(
        comodel_name="commercial.prospect.import.row",
        string="Imported row",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        groups="commercial_assistant.group_assistant",
    )
    prospect_origin = fields.Char(
        string="Origin of the data",
        compute="_compute_prospect_origin",
        compute_sudo=True,
        groups="commercial_assistant.group_assistant",
    )
    can_open_prospect_row = fields.Boolean(
        compute="_compute_can_open_prospect_row",
        groups="commercial_assistant.group_assistant",
    )
    prospect_consent_basis = fields.Selection(
        related="prospect_import_row_id.consent_basis",
        string="Ground for marketing",
        groups="commercial_assistant.group_assistant",
    )

    @api.depends(
        "prospect_import_row_id.row_number",
        "prospect_import_row_id.met_on",
        "prospect_import_row_id.import_id.name",
        "prospect_import_row_id.import_id.met_on",
    )
    @api.depends_context("lang")
    def _compute_prospect_origin(self):
        """Where the data come from: owed to the person who asks (GDPR art. 14), even to who may not open the file."""
        for lead in self:
            row = lead.prospect_import_row_id
            lead.prospect_origin = (
                self.env._(
                    "%(import_name)s, row %(row_number)s, %(date)s",
                    import_name=row.import_id.name,
                    row_number=row.row_number,
                    date=fields.Date.to_string(row.met_on or row.import_id.met_on),
                )
                if row
                else False
            )

    @api.depends("prospect_import_row_id")
    @api.depends_context("uid")
    def _compute_can_open_prospect_row(self):
        """Assistants open the rows of their own imports only; all see where a lead comes from."""
        rows = self.prospect_import_row_id
        allowed = rows._filtered_access("read")
        for lead in self:
            lead.can_open_prospect_row = (
                lead.prospect_import_row_id in allowed if lead.prospect_import_row_id else False
            )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_identifiers(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_identifiers(vals))

    @api.model
    def _clean_identifiers(self, vals):
        """Store the numbers in one notation, so that the same company is found again; what is no valid number stays."""
        cleaned = {}
        if vals.get("enterprise_number") and identifiers.is_enterprise_number(vals["enterprise_number"]):
            cleaned["enterprise_number"] = identifiers.enterprise_number(vals["enterprise_number"])
        if vals.get("vat_number"):
            try:
                cleaned["vat_number"] = prospect_values.vat_number(vals["vat_number"])
            except ValueError:
                cleaned["vat_number"] = vals["vat_number"].strip()
        return vals | cleaned if cleaned else vals

    def action_open_prospect_row(self):
        """Show the row of the list this lead was made from."""
        self.ensure_one()
        return self.prospect_import_row_id.get_formview_action()

    def _get_import_snapshots(self):
        """{id: values} as they are now, in a form that can be stored and compared."""
        snapshots = {}
        for values in self.read(SNAPSHOT_FIELDS, load=False):
            snapshots[values["id"]] = {
                name: value if isinstance(value, bool | int) else str(value) for name, value in values.items()
            }
        return snapshots

    def _get_work_counts(self):
        """{code: {lead id: number}} of what hangs on the leads, seen by the user or not: it must not be lost.

        Other rooms and bridges add what they hang on a lead.
        """
        on_lead = [("res_id", "in", self.ids)]
        counted = {
            "message": (
                "mail.message",
                [("model", "=", "crm.lead"), ("message_type", "in", ("comment", "email", "email_outgoing")), *on_lead],
                "res_id",
            ),
            "activity": ("mail.activity", [("res_model", "=", "crm.lead"), *on_lead], "res_id"),
            "attachment": (
                "ir.attachment",
                [("res_model", "=", "crm.lead"), ("res_field", "=", False), *on_lead],
                "res_id",
            ),
            "meeting": ("calendar.event", [("opportunity_id", "in", self.ids)], "opportunity_id"),
            "order": ("sale.order", [("opportunity_id", "in", self.ids)], "opportunity_id"),
        }
        result = {}
        for code, (model, domain, name) in counted.items():
            groups = self.env[model].sudo().with_context(active_test=False)._read_group(domain, [name], ["__count"])
            result[code] = {key.id if isinstance(key, models.BaseModel) else key: count for key, count in groups}
        return result

    def _prepare_customer_values(self, partner_name, is_company=False, parent_id=False):
        """Hand the numbers on to the card of the company (a wrong VAT number would refuse the conversion)."""
        values = super()._prepare_customer_values(partner_name, is_company=is_company, parent_id=parent_id)
        if is_company:
            if self.enterprise_number:
                values["company_registry"] = self.enterprise_number
            try:
                values["vat"] = prospect_values.vat_number(self.vat_number or "", self.country_id.code)
            except ValueError:
                values.pop("vat", None)
        return values

    def _merge_get_fields(self):
        return [*super()._merge_get_fields(), "enterprise_number", "vat_number"]

    def _merge_dependences(self, opportunities):
        """Rows of a merged lead point to the lead that stays, so that the import still tells where its people went."""
        result = super()._merge_dependences(opportunities)
        # rows belong to the colleague who imported them; only their link moves
        rows_sudo = self.env["commercial.prospect.import.row"].sudo().search([("lead_id", "in", opportunities.ids)])
        rows_sudo.write({"lead_id": self.id})
        lead_sudo = self.sudo()
        if not lead_sudo.prospect_import_row_id and rows_sudo:
            lead_sudo.prospect_import_row_id = rows_sudo[0]
        return result
