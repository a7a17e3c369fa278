import logging
from collections import defaultdict

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import lazy

from ...tools import prospect_values
from .crm_lead import SNAPSHOT_FIELDS

_logger = logging.getLogger(__name__)

# fields of the card a person may correct; a corrected value survives a new check
VALUE_FIELDS = (
    "company_name",
    "contact_name",
    "function",
    "street",
    "street2",
    "zip",
    "city",
    "country_id",
    "email",
    "phone",
    "mobile",
    "website",
    "enterprise_number",
    "vat",
    "lang_id",
    "tag_ids",
    "notes",
    "consent",
    "met_on",
)
DECISION_FIELDS = ("decision", "match_partner_id", "match_lead_id")
SCORES = {"imported": 100, "number": 100, "email": 90, "content": 80}


class CommercialProspectImportRow(models.Model):
    _name = "commercial.prospect.import.row"
    _description = "Row of a prospect import"
    _order = "import_id desc, row_number, id"
    _check_company_auto = True
    _rec_names_search = ["company_name", "contact_name", "email"]

    import_id = fields.Many2one(
        comodel_name="commercial.prospect.import",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="import_id.company_id",
        store=True,
        index=True,
    )
    import_state = fields.Selection(
        related="import_id.state",
        string="State of the import",
    )
    row_number = fields.Integer(
        string="Row",
        readonly=True,
        aggregator=None,
        help="Number of the row in the sheet.",
    )
    raw = fields.Json(
        string="Cells as read",
        readonly=True,
    )
    raw_text = fields.Text(
        string="As in the file",
        compute="_compute_raw_text",
    )
    row_key = fields.Char(
        readonly=True,
        index=True,
        help="File, sheet and row: the same row never makes two leads.",
    )
    content_key = fields.Char(
        readonly=True,
        index=True,
    )
    edited_fields = fields.Json(
        readonly=True,
        help="Values a person has corrected.",
    )

    # the card
    company_name = fields.Char()
    contact_name = fields.Char()
    function = fields.Char(
        string="Job position",
    )
    street = fields.Char()
    street2 = fields.Char(
        string="Address line 2",
    )
    zip = fields.Char(
        string="Postcode",
    )
    city = fields.Char(
        string="Town",
    )
    country_id = fields.Many2one(
        comodel_name="res.country",
    )
    email = fields.Char(
        index="btree_not_null",
    )
    phone = fields.Char(
        string="Telephone",
    )
    mobile = fields.Char(
        string="Mobile telephone",
    )
    website = fields.Char()
    enterprise_number = fields.Char(
        index="btree_not_null",
    )
    vat = fields.Char(
        string="VAT number",
        index="btree_not_null",
    )
    lang_id = fields.Many2one(
        comodel_name="res.lang",
        string="Language",
    )
    tag_ids = fields.Many2many(
        comodel_name="crm.tag",
        string="Tags",
        relation="commercial_prospect_import_row_crm_tag_rel",
        column1="row_id",
        column2="tag_id",
    )
    notes = fields.Text()
    consent = fields.Selection(
        selection=[
            ("yes", "Yes"),
            ("no", "No"),
        ],
        string="Consent to marketing",
    )
    consent_basis = fields.Selection(
        selection=lambda self: self.env["commercial.prospect.import"]._selection_consent_basis(),
        string="Ground for marketing",
        compute="_compute_consent_basis",
        store=True,
    )
    met_on = fields.Date(
        string="Date met",
    )

    # what was found
    findings = fields.Json(
        string="Codes of the findings",
        readonly=True,
    )
    finding_codes = fields.Char(
        string="Codes found",
        readonly=True,
        help="Codes between blanks, for searching.",
    )
    finding_text = fields.Text(
        string="Findings",
        compute="_compute_finding_text",
    )
    severity = fields.Selection(
        selection=[
            ("ok", "In order"),
            ("info", "To know"),
            ("warning", "To check"),
            ("error", "Cannot become a lead"),
        ],
        readonly=True,
        default="ok",
        required=True,
        index=True,
    )
    candidate_ids = fields.One2many(
        comodel_name="commercial.prospect.import.candidate",
        inverse_name="row_id",
        string="Possible duplicates",
        readonly=True,
    )
    is_duplicate = fields.Boolean(
        string="Possible duplicate",
        readonly=True,
    )
    match_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Existing contact",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
    )
    match_lead_id = fields.Many2one(
        comodel_name="crm.lead",
        string="Existing lead",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
    )
    match_row_id = fields.Many2one(
        comodel_name="commercial.prospect.import.row",
        string="Same as row",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    # what is decided and what became of it
    proposed_decision = fields.Selection(
        selection="_selection_decision",
        readonly=True,
    )
    decision = fields.Selection(
        selection="_selection_decision",
        compute="_compute_decision",
        store=True,
        readonly=False,
    )
    state = fields.Selection(
        selection=[
            ("read", "Read"),
            ("checked", "Checked"),
            ("created", "Lead created"),
            ("linked", "Linked"),
            ("skipped", "Skipped"),
            ("failed", "Failed"),
            ("undone", "Undone"),
            ("kept", "Kept"),
        ],
        required=True,
        readonly=True,
        default="read",
        index=True,
    )
    lead_id = fields.Many2one(
        comodel_name="crm.lead",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
    )
    lead_snapshot = fields.Json(
        readonly=True,
        groups="base.group_system",
        help="Values of the lead just after it was created: what differs was changed by somebody.",
    )
    note_message_id = fields.Many2one(
        comodel_name="mail.message",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_system",
        help="Note left on an existing lead; removed again by an undo.",
    )
    result_code = fields.Char(
        readonly=True,
    )
    result_params = fields.Json(
        readonly=True,
    )
    result_text = fields.Text(
        string="Result",
        compute="_compute_result_text",
    )

    _one_lead_uniq = models.UniqueIndex(
        "(company_id, row_key) WHERE state IN ('created', 'linked', 'kept') AND lead_id IS NOT NULL",
        "This row of the file is a lead already.",
    )

    # --- COMPUTE ---

    @api.depends("company_name", "contact_name", "row_number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for row in self:
            name = row.company_name or row.contact_name
            number = self.env._("row %(number)s", number=row.row_number)
            row.display_name = f"{name} ({number})" if name else number

    @api.depends("raw", "import_id.column_ids.header")
    def _compute_raw_text(self):
        for row in self:
            cells = row.raw or []
            lines = [
                f"{column.display_name}: {prospect_values.cell_text(cells[column.number - 1])}"
                for column in row.import_id.column_ids
                if column.number <= len(cells) and cells[column.number - 1] not in (None, "")
            ]
            row.raw_text = "\n".join(lines)

    @api.depends("consent", "import_id.consent_basis")
    def _compute_consent_basis(self):
        basis = {"yes": "consent", "no": "none"}
        for row in self:
            row.consent_basis = basis.get(row.consent) or row.import_id.consent_basis

    @api.depends("proposed_decision")
    def _compute_decision(self):
        for row in self:
            row.decision = row.proposed_decision

    @api.depends("findings", "candidate_ids")
    @api.depends_context("lang")
    def _compute_finding_text(self):
        texts = self._get_finding_texts()
        for row in self:
            lines = [texts[finding["code"]](finding) for finding in row.findings or []]
            lines += [row._get_candidate_text(candidate) for candidate in row.candidate_ids]
            row.finding_text = "\n".join(lines)

    @api.depends("result_code", "result_params", "lead_id")
    @api.depends_context("lang")
    def _compute_result_text(self):
        texts = self._get_result_texts()
        for row in self:
            text = texts.get(row.result_code)
            row.result_text = text(row, row.result_params or {}) if text else False

    @api.model
    def _selection_decision(self):
        return [
            ("create", self.env._("New lead")),
            ("link", self.env._("Add to the existing one")),
            ("skip", self.env._("Skip")),
        ]

    # --- CRUD ---

    def write(self, vals):
        """People correct values and decide; everything else is written by the import itself (`_store`).

        A corrected value is checked at once, and duplicates are looked for anew.
        """
        if forbidden := vals.keys() - {*VALUE_FIELDS, *DECISION_FIELDS}:
            if self.env.su:
                return super().write(vals)
            raise AccessError(
                self.env._(
                    "These values of an imported row are written by the import only: %(fields)s",
                    fields=sorted(forbidden),
                )
            )
        self._check_can_change()
        edited = vals.keys() & set(VALUE_FIELDS)
        result = super().write(vals)
        if edited:
            others = self._get_rows_sharing_keys()
            for row in self:
                row._store({"edited_fields": sorted(edited.union(row.edited_fields or []))})
            (self | others | self._get_rows_sharing_keys()).filtered(
                lambda row: row.state not in ("read", *row._get_applied_states())
            )._check_rows()
        return result

    def _store(self, vals):
        """Write what only the import itself writes."""
        return super().write(vals)  # pylint: disable=super-method-mismatch

    def _check_can_change(self):
        applied = self.filtered(lambda row: row.state in row._get_applied_states())
        if applied:
            raise UserError(
                self.env._(
                    "These rows are leads already and stay as they were imported; change the lead instead: %(rows)s",
                    rows=applied.mapped("display_name"),
                )
            )

    @api.model
    def _get_applied_states(self):
        return ("created", "linked", "kept")

    # --- ACTIONS ---

    def action_decide_create(self):
        """Make leads of the selected rows."""
        self.write({"decision": "create"})
        return True

    def action_decide_link(self):
        """Add the selected rows to the existing record that was found."""
        self.filtered(lambda row: row.match_lead_id or row.match_partner_id).write({"decision": "link"})
        return True

    def action_decide_skip(self):
        """Leave the selected rows out."""
        self.write({"decision": "skip"})
        return True

    def action_open_lead(self):
        """Show the lead this row became."""
        self.ensure_one()
        return self.lead_id.get_formview_action()

    # --- CHECKING ---

    def _check_rows(self):
        """Normalise, check and match the rows, in as many queries for one as for all; corrected values stay."""
        for record, rows in self.grouped("import_id").items():
            values = rows._get_normalised_values(record)
            candidates = rows._find_candidates(record, values)
            rows._store_check(values, candidates)

    def _get_normalised_values(self, record):
        """Values of each row, ready to be written (with its findings)."""
        columns = record._get_mapped_columns()
        lookup = self._get_lookup(record)
        result = {}
        for row in self:
            edited = set(row.edited_fields or [])
            line = prospect_values.normalise_row(
                row._get_cells(columns, edited),
                country=record.country_id.code,
                fixed_country=row.country_id.code if "country_id" in edited else None,
            )
            result[row] = row._get_values_to_store(record, line, edited, lookup)
        opted_out = self._find_opted_out({values["email"] for values in result.values() if values["email"]})
        for values in result.values():
            if values["email"] in opted_out:
                values["findings"].append({"code": "opted_out", "field": "email", "value": values["email"]})
        return result

    def _get_cells(self, columns, edited):
        """The cells of the row by field; a corrected field stands instead of its cells."""
        cells = defaultdict(list)
        raw = self.raw or []
        for index, target, header in columns:
            if index < len(raw):
                cells[target].append((header, raw[index]))
        parts = {"contact_name": ("first_name", "last_name"), "street": ("house_number",)}
        for name in edited:
            for part in (name, *parts.get(name, ())):
                cells.pop(part, None)
            if name not in ("country_id", "lang_id", "tag_ids", "consent", "met_on"):
                cells[name] = [("", self[name] or None)]
        if "country_id" in edited:
            cells.pop("country", None)
        if "lang_id" in edited:
            cells.pop("language", None)
        if "tag_ids" in edited:
            cells.pop("tags", None)
        return cells

    @api.model
    def _get_lookup(self, record):
        """What codes and words stand for in the database, read once for all rows."""
        lang_model = self.env["res.lang"]
        installed = [code for code, _name in lang_model.get_installed()]
        tags = self.env["crm.tag"].search_fetch([], ["name"])
        # a list in French names the tag in French
        tag_names = {
            tag.name.strip().lower(): tag.id for code in installed for tag in tags.with_context(lang=code) if tag.name
        }
        return {
            "countries": {country.code: country for country in self.env["res.country"].search_fetch([], ["code"])},
            "languages": installed,
            "lang_ids": {code: lang_model._get_data(code=code).id for code in installed},
            "company_country": record.company_id.country_id.code,
            "tags": tag_names,
        }

    def _get_values_to_store(self, record, line, edited, lookup):
        values = {name: line.values.get(name, False) for name in VALUE_FIELDS if name not in edited}
        # numbers, mails and telephones of a corrected row are normalised too; corrected notes stay word by word
        values |= {
            name: line.values[name] for name in edited if name != "notes" and isinstance(line.values.get(name), str)
        }
        country = lookup["countries"].get(line.values.get("country_code"))
        if "country_id" not in edited:
            values["country_id"] = country.id if country else record.country_id.id
        if "lang_id" not in edited:
            values["lang_id"] = self._get_lang_id(record, line, lookup, country)
        if "consent" not in edited:
            values["consent"] = {True: "yes", False: "no"}.get(line.values.get("consent"), False)
        if "tag_ids" not in edited:
            words = line.values.get("tags", [])
            known = [lookup["tags"][word.lower()] for word in words if word.lower() in lookup["tags"]]
            values["tag_ids"] = sorted(set(known))
            unknown = [word for word in words if word.lower() not in lookup["tags"]]
            if unknown:
                line.find("tag_unknown", "tag_ids", ", ".join(unknown))
                if "notes" not in edited:
                    values["notes"] = "\n".join(filter(None, [values["notes"], ", ".join(unknown)]))
        values["findings"] = [
            {"code": finding.code, "field": finding.field, "value": finding.value} for finding in line.findings
        ]
        values.setdefault("email", self.email)
        return values

    def _get_lang_id(self, record, line, lookup, country):
        """The installed language of a row, that of its country if there is the choice; else the default one."""
        language = line.values.get("language")
        if not language:
            return record.lang_id.id
        places = [country.code if country else None, record.country_id.code, lookup["company_country"]]
        for code in [f"{language}_{place}" for place in places if place] + lookup["languages"]:
            if code in lookup["lang_ids"] and code.partition("_")[0] == language:
                return lookup["lang_ids"][code]
        line.find("language_inactive", "lang_id", language)
        return record.lang_id.id

    @api.model
    def _find_opted_out(self, emails):
        """Addresses whose owner objected to mailings: the list of Odoo, which only administrators may open."""
        if not emails:
            return set()
        return set(self.env["mail.blacklist"].sudo().search([("email", "in", list(emails))]).mapped("email"))

    def _store_check(self, values, candidates):
        ranks = {severity: rank for rank, (severity, _label) in enumerate(self._fields["severity"].selection)}
        # candidates are made and removed by checking only
        candidate_sudo = self.env["commercial.prospect.import.candidate"].sudo()
        candidate_sudo.search([("row_id", "in", self.ids)]).unlink()
        candidate_sudo.create([vals for vals_list in candidates.values() for vals in vals_list])
        tag_sets = defaultdict(self.browse)
        for row in self:
            findings = values[row]["findings"]
            found = candidates.get(row, [])
            severities = [prospect_values.SEVERITIES[finding["code"]] for finding in findings]
            severity = max(severities, key=ranks.get, default="ok")
            best = {
                kind: next((vals for vals in found if vals["kind"] == kind), {}) for kind in ("partner", "lead", "row")
            }
            vals = values[row] | {
                "finding_codes": f" {' '.join(finding['code'] for finding in findings)} " if findings else False,
                "severity": severity,
                "is_duplicate": bool(found),
                "match_partner_id": best["partner"].get("partner_id", False),
                "match_lead_id": best["lead"].get("lead_id", False),
                "match_row_id": best["row"].get("other_row_id", False),
                "state": "checked",
                "result_code": False,
                "result_params": False,
            }
            proposal = row._get_proposed_decision(severity, found)
            if proposal != row.proposed_decision or not row.decision:
                # written only when it differs: a decision taken by a person stays
                vals["proposed_decision"] = proposal
            tag_sets[tuple(vals.pop("tag_ids", row.tag_ids.ids))] |= row
            row._store(vals)
        for tag_ids, rows in tag_sets.items():
            rows.filtered(lambda row, tag_ids=tag_ids: tuple(row.tag_ids.ids) != tag_ids)._store(
                {"tag_ids": [fields.Command.set(tag_ids)]}
            )

    def _get_proposed_decision(self, severity, candidates):
        """What the program would do: create nothing twice, touch nothing that exists without being asked."""
        return "skip" if severity == "error" or candidates else "create"

    # --- MATCHING ---

    def _get_match_keys(self, values):
        """(kind, key) of a row, strongest first; wrong values match nothing."""
        matcher = self.env["commercial.prospect.matcher"]
        wrong = self._get_wrong_fields(values["findings"])
        keys = []
        for name in ("enterprise_number", "vat"):
            if values.get(name) and name not in wrong and (key := matcher._get_number_key(values[name])):
                keys.append(("number", key))
        if values.get("email") and "email" not in wrong:
            keys.append(("email", values["email"]))
        return list(dict.fromkeys(keys))

    def _find_candidates(self, record, values):
        """Possible duplicates of each row, best first: imported before, contacts, leads, rows of the same file."""
        keys = {row: row._get_match_keys(values[row]) for row in self}
        numbers = {key for row_keys in keys.values() for kind, key in row_keys if kind == "number"}
        emails = {key for row_keys in keys.values() for kind, key in row_keys if kind == "email"}
        matcher = self.env["commercial.prospect.matcher"]
        partners = matcher._find_partners(record.company_id, numbers, emails)
        leads = matcher._find_leads(record.company_id, numbers, emails)
        imported = self._find_imported(record)
        earlier = self._find_earlier_rows(record, values, keys)
        result = {}
        for row in self:
            found = {}
            for reason, lead in imported.get(row, []):
                found.setdefault(("lead", lead.id), reason)
            for kind, key in keys[row]:
                for partner_id in partners.get((kind, key), [])[:3]:
                    found.setdefault(("partner", partner_id), kind)
                for lead_id in leads.get((kind, key), [])[:3]:
                    found.setdefault(("lead", lead_id), kind)
            for reason, other in earlier.get(row, []):
                found.setdefault(("row", other.id), reason)
            result[row] = row._prepare_candidates(found)
        return result

    def _prepare_candidates(self, found):
        names = {"partner": "partner_id", "lead": "lead_id", "row": "other_row_id"}
        vals_list = [
            {"row_id": self.id, "kind": kind, names[kind]: record_id, "reason": reason, "score": SCORES[reason]}
            for (kind, record_id), reason in found.items()
        ]
        return sorted(vals_list, key=lambda vals: -vals["score"])

    def _find_imported(self, record):
        """Rows that were imported before: the very same row of the same file, or one with the same content."""
        keys, contents = self.mapped("row_key"), self.mapped("content_key")
        # the earlier import may be a colleague's, whose rows the user does not see; the leads are for all
        others_sudo = self.sudo().search(
            [
                ("company_id", "=", record.company_id.id),
                ("state", "in", self._get_applied_states()),
                ("lead_id", "!=", False),
                ("id", "not in", self.ids),
                "|",
                ("row_key", "in", keys),
                ("content_key", "in", contents),
            ]
        )
        by_key = {other.row_key: other.lead_id for other in others_sudo}
        by_content = {other.content_key: other.lead_id for other in others_sudo if other.import_id != record}
        found = defaultdict(list)
        for row in self:
            if lead := by_key.get(row.row_key):
                found[row].append(("imported", lead))
            elif lead := by_content.get(row.content_key):
                found[row].append(("content", lead))
        return found

    def _find_earlier_rows(self, record, values, keys):
        """The first row of the file with the same number, mail or content; that one stays, the later are duplicates."""
        checked = set(self)
        rows = self.search_fetch(
            [("import_id", "=", record.id)],
            ["row_number", "content_key", "enterprise_number", "vat", "email", "findings", "state"],
            order="row_number, id",
        )
        first = {}
        found = defaultdict(list)
        for row in rows:
            if row in checked:
                row_keys = keys[row]
            else:
                row_keys = row._get_match_keys(
                    {name: row[name] for name in ("enterprise_number", "vat", "email")}
                    | {"findings": row.findings or []}
                )
            for kind, key in [*row_keys, ("content", row.content_key)]:
                other = first.setdefault((kind, key), row)
                if other != row and row in checked:
                    found[row].append((kind, other))
        return found

    def _get_rows_sharing_keys(self):
        """Other rows of the same imports that share a number, a mail or a duplicate with these."""
        domain = Domain("match_row_id", "in", self.ids)
        for name in ("enterprise_number", "vat", "email"):
            if texts := [text for text in self.mapped(name) if text]:
                domain |= Domain(name, "in", texts)
        return self.search(Domain("import_id", "in", self.import_id.ids) & Domain("id", "not in", self.ids) & domain)

    # --- APPLYING ---

    def _skip_rows(self):
        for row in self:
            if row.severity == "error":
                code = "skipped_error"
            elif row.is_duplicate and row.decision == row.proposed_decision:
                code = "skipped_duplicate"
            else:
                code = "skipped_decision"
            row._store({"state": "skipped", "result_code": code, "result_params": False})

    def _apply_rows(self):
        """Turn checked rows into leads, or notes on existing ones. One bad row never stops the others."""
        rows = self.filtered(lambda row: row.state == "checked")
        rows -= rows._refuse_imported()
        to_link = rows.filtered(lambda row: row.decision == "link")
        missing = to_link.filtered(lambda row: not row.match_lead_id and not row.match_partner_id)
        missing._store({"state": "failed", "result_code": "link_missing", "result_params": False})
        to_note = to_link.filtered("match_lead_id")
        to_create = rows - missing - to_note
        for batch, method in ((to_note, "_link_rows"), (to_create, "_create_leads")):
            if batch and not batch._try_apply(method):
                for row in batch:
                    row._try_apply(method)

    def _try_apply(self, method):
        """Do it within a savepoint. The caller tries a failing batch row by row; a failing row keeps the reason."""
        try:
            with self.env.cr.savepoint():
                getattr(self, method)()
            return True
        except (UserError, ValueError, psycopg2.IntegrityError, psycopg2.DataError) as error:
            if len(self) > 1:
                return False
            _logger.info("Row %s of prospect import %s failed: %s", self.row_number, self.import_id.id, error)
            # errors for people are in their language already; those of the database are not for them
            message = str(error) if isinstance(error, UserError) else ""
            self._store({"state": "failed", "result_code": "failed", "result_params": {"message": message}})
            return False

    def _refuse_imported(self):
        """Rows of a file that became leads in another import meanwhile."""
        others_sudo = self.sudo().search(
            [
                ("company_id", "in", self.company_id.ids),
                ("row_key", "in", self.mapped("row_key")),
                ("state", "in", self._get_applied_states()),
                ("lead_id", "!=", False),
                ("id", "not in", self.ids),
            ]
        )
        keys = set(others_sudo.mapped("row_key"))
        refused = self.filtered(lambda row: row.row_key in keys)
        refused._store({"state": "skipped", "result_code": "already_imported", "result_params": False})
        return refused

    def _create_leads(self):
        record = self.import_id
        # followers and notes are written for the whole batch below; nobody gets a mail for each lead of a list
        lead_model = self.env["crm.lead"].with_company(record.company_id).with_context(tracking_disable=True)
        shared = record._prepare_shared_lead_vals()
        leads = lead_model.create([shared | row._prepare_lead_vals() for row in self]).with_env(self.env)
        if record.salesperson_id:
            leads.message_subscribe(partner_ids=record.salesperson_id.partner_id.ids)
        leads._message_log_batch(
            bodies={
                lead.id: Markup("<p>%s</p>") % row._get_origin_text() for row, lead in zip(self, leads, strict=True)
            }
        )
        snapshots = leads._get_import_snapshots()
        for row, lead in zip(self, leads, strict=True):
            code = "created_customer" if lead.partner_id else "created"
            row._store({"state": "created", "lead_id": lead.id, "result_code": code, "result_params": False})
            row.sudo().write({"lead_snapshot": snapshots[lead.id]})

    def _link_rows(self):
        """Leave a note on the existing lead; its own values stay as they are."""
        leads = self.match_lead_id
        leads.check_access("write")
        for lead, rows in self.grouped("match_lead_id").items():
            bodies = Markup("").join(row._get_description(with_values=True) for row in rows)
            message_sudo = lead._message_log_batch(bodies={lead.id: bodies})
            for row in rows:
                row._store({"state": "linked", "lead_id": lead.id, "result_code": "linked", "result_params": False})
                row.sudo().write({"note_message_id": message_sudo.id})

    def _prepare_lead_vals(self):
        self.ensure_one()
        record = self.import_id
        wrong = self._get_wrong_fields(self.findings)
        values = {
            "name": self.company_name or self.contact_name,
            "tag_ids": [fields.Command.set((record.tag_ids | self.tag_ids).ids)],
            "prospect_import_row_id": self.id,
        }
        if self.decision == "link":
            # the customer's card is right until somebody checks: what the list says is only told
            return values | {
                "partner_id": self.match_partner_id.id,
                "description": self._get_description(with_values=True),
            }
        return values | {
            "partner_name": self.company_name,
            "contact_name": self.contact_name,
            "function": self.function,
            "street": self.street,
            "street2": self.street2,
            "zip": self.zip,
            "city": self.city,
            "country_id": self.country_id.id,
            "email_from": self.email if "email" not in wrong else False,
            "phone": self._get_lead_phone(),
            "website": self.website if "website" not in wrong else False,
            "enterprise_number": self.enterprise_number if "enterprise_number" not in wrong else False,
            "vat_number": self.vat if "vat" not in wrong else False,
            "lang_id": self.lang_id.id,
            "description": self._get_description(),
        }

    @api.model
    def _get_wrong_fields(self, findings):
        """Fields whose value is not taken over, although it stays on the row."""
        return prospect_values.wrong_fields(prospect_values.Finding(**finding) for finding in findings or [])

    def _get_lead_phone(self):
        wrong = self._get_wrong_fields(self.findings)
        numbers = [self[name] for name in ("phone", "mobile") if self[name] and name not in wrong]
        return numbers[0] if numbers else False

    def _get_origin_text(self):
        record = self.import_id
        return self.env._(
            "From the list “%(name)s”, row %(row)s (%(date)s).",
            name=record.name,
            row=self.row_number,
            date=fields.Date.to_string(self.met_on or record.met_on),
        )

    def _get_description(self, with_values=False):
        """What has no field of its own on the lead, what was not taken over, and on request all values of the row."""
        lines = (self.notes or "").splitlines()
        if (
            self.mobile
            and self.mobile != self._get_lead_phone()
            and "mobile" not in self._get_wrong_fields(self.findings)
        ):
            lines.append(self.env._("Mobile: %(number)s", number=self.mobile))
        if with_values:
            labels = self.fields_get(
                ["company_name", "contact_name", "function", "email", "phone", "website"], ["string"]
            )
            lines = [
                *(f"{label['string']}: {self[name]}" for name, label in labels.items() if self[name]),
                *lines,
            ]
        wrong = self._get_wrong_fields(self.findings)
        if wrong and not with_values:
            texts = self._get_finding_texts()
            lines += [texts[finding["code"]](finding) for finding in self.findings if finding["field"] in wrong]
        body = Markup("<br/>").join(lines)
        origin = Markup("<p><em>%s</em></p>") % self._get_origin_text() if with_values else ""
        return (Markup("<p>%s</p>") % body if lines else Markup("")) + origin

    # --- UNDOING ---

    def _undo_rows(self):
        """Take back what these rows made, unless somebody worked on it since. Returns the rows that stay."""
        created = self.filtered(lambda row: row.state in ("created", "kept") and row.lead_id)
        linked = self.filtered(lambda row: row.state == "linked")
        gone = self.filtered(lambda row: row.state in ("created", "kept") and not row.lead_id)
        gone._store({"state": "undone", "result_code": "lead_deleted", "result_params": False})
        linked._undo_notes()
        reasons = created._get_touch_reasons()
        kept = created.filtered(lambda row: reasons.get(row))
        for row in kept:
            row._store({"state": "kept", "result_code": "kept", "result_params": {"reasons": reasons[row]}})
        untouched = created - kept
        if untouched and not untouched._try_delete_leads():
            for row in untouched:
                if not row._try_delete_leads():
                    row._store({"state": "kept", "result_code": "kept", "result_params": {"reasons": [["used", ""]]}})
                    kept |= row
        return kept

    def _undo_notes(self):
        # the note was written by the import; its reader may not own it
        self.sudo().note_message_id.unlink()
        self._store({"state": "undone", "lead_id": False, "result_code": "undone_note", "result_params": False})

    def _try_delete_leads(self):
        leads = self.lead_id
        leads.check_access("write")
        try:
            with self.env.cr.savepoint():
                self._store({"state": "undone", "result_code": "undone", "result_params": False})
                # assistants may not delete leads; these are the ones their import made and nobody touched
                leads.sudo().unlink()
            return True
        except (UserError, psycopg2.IntegrityError):
            return False

    def _get_touch_reasons(self):
        """{row: [[code, detail]]} for the leads that somebody worked on. Other rooms add theirs."""
        reasons = defaultdict(list)
        leads = self.lead_id
        if not leads:
            return reasons
        snapshots = leads._get_import_snapshots()
        shared = {lead for lead, rows in self.grouped("lead_id").items() if len(rows) > 1}
        # the snapshot is not for reading by people
        for row, row_sudo in zip(self, self.sudo(), strict=True):
            before, now = row_sudo.lead_snapshot or {}, snapshots[row.lead_id.id]
            if before.get("id") != row.lead_id.id or row.lead_id in shared:
                reasons[row].append(["merged", ""])
                continue
            reasons[row] += [["field", name] for name in SNAPSHOT_FIELDS if before.get(name) != now[name]]
        for code, counts in leads._get_work_counts().items():
            for row in self:
                if counts.get(row.lead_id.id):
                    reasons[row].append([code, ""])
        return reasons

    # --- TEXTS ---

    def _get_candidate_text(self, candidate):
        texts = {
            "imported": self.env._("This row was imported before: %(name)s", name=candidate.record_name),
            "number": self.env._("Same number: %(name)s", name=candidate.record_name),
            "email": self.env._("Same email address: %(name)s", name=candidate.record_name),
            "content": self.env._("Same content: %(name)s", name=candidate.record_name),
        }
        return texts[candidate.reason]

    @api.model
    def _get_finding_texts(self):
        """{code: function of the finding} giving its text in the language of the reader."""
        labels = lazy(
            lambda: {name: field["string"] for name, field in self.fields_get(VALUE_FIELDS, ["string"]).items()}
        )
        return {
            "name_missing": lambda found: self.env._("Neither a company nor a person is named."),
            "too_long": lambda found: self.env._(
                "%(field)s is too long: %(value)s", field=labels[found["field"]], value=found["value"]
            ),
            "enterprise_number_invalid": lambda found: self.env._(
                "The enterprise number %(value)s is not valid (check digits or length).", value=found["value"]
            ),
            "vat_invalid": lambda found: self.env._("The VAT number %(value)s is not valid.", value=found["value"]),
            "number_conflict": lambda found: self.env._(
                "Enterprise number and VAT number differ (%(value)s); the VAT number is not taken over.",
                value=found["value"],
            ),
            "email_invalid": lambda found: self.env._("%(value)s is not an email address.", value=found["value"]),
            "phone_invalid": lambda found: self.env._("%(value)s is not a telephone number.", value=found["value"]),
            "mobile_invalid": lambda found: self.env._("%(value)s is not a telephone number.", value=found["value"]),
            "website_invalid": lambda found: self.env._(
                "%(value)s is not the address of a website.", value=found["value"]
            ),
            "zip_invalid": lambda found: self.env._(
                "%(value)s is not a postcode of this country.", value=found["value"]
            ),
            "country_unknown": lambda found: self.env._(
                "The country “%(value)s” is not known; the default one is used.", value=found["value"]
            ),
            "language_unknown": lambda found: self.env._(
                "The language “%(value)s” is not known; the default one is used.", value=found["value"]
            ),
            "language_inactive": lambda found: self.env._(
                "The language “%(value)s” is not installed; the default one is used.", value=found["value"]
            ),
            "date_invalid": lambda found: self.env._("%(value)s is not a date.", value=found["value"]),
            "consent_unknown": lambda found: self.env._(
                "“%(value)s” is neither yes nor no: no consent is noted.", value=found["value"]
            ),
            "cell_error": lambda found: self.env._(
                "A cell holds an error instead of a value: %(value)s.", value=found["value"]
            ),
            "opted_out": lambda found: self.env._(
                "%(value)s objected to mailings: none may be sent.", value=found["value"]
            ),
            "leading_zero": lambda found: self.env._(
                "The leading zero of %(value)s was restored.", value=found["value"]
            ),
            "email_more": lambda found: self.env._(
                "Only the first address is used; in the notes: %(value)s", value=found["value"]
            ),
            "phone_more": lambda found: self.env._(
                "Only the first number is used; in the notes: %(value)s", value=found["value"]
            ),
            "phone_unchecked": lambda found: self.env._(
                "%(value)s could not be checked: the numbers of this country are not known here.", value=found["value"]
            ),
            "tag_unknown": lambda found: self.env._(
                "These tags do not exist; in the notes: %(value)s", value=found["value"]
            ),
            "no_contact": lambda found: self.env._("No telephone, email or address."),
        }

    @api.model
    def _get_result_texts(self):
        """{code: function of the row and its parameters} giving the result in the language of the reader."""
        return {
            "created": lambda row, params: self.env._("Lead created."),
            "created_customer": lambda row, params: self.env._(
                "Lead created for the existing contact %(name)s.", name=row.match_partner_id.display_name
            ),
            "linked": lambda row, params: self.env._(
                "Noted on the existing lead %(name)s.", name=row.lead_id.display_name
            ),
            "skipped_error": lambda row, params: self.env._("Skipped: correct the errors first."),
            "skipped_duplicate": lambda row, params: self.env._("Skipped as a possible duplicate."),
            "skipped_decision": lambda row, params: self.env._("Skipped as decided."),
            "already_imported": lambda row, params: self.env._("Skipped: this row of the file became a lead before."),
            "link_missing": lambda row, params: self.env._("Choose the lead or contact this row belongs to."),
            "failed": lambda row, params: self.env._("Failed: %(message)s", message=params.get("message"))
            if params.get("message")
            else self.env._("Failed: the values cannot be stored."),
            "lead_deleted": lambda row, params: self.env._("The lead was deleted by somebody before."),
            "undone": lambda row, params: self.env._("The lead was deleted again."),
            "undone_note": lambda row, params: self.env._("The note on the existing lead was removed."),
            "kept": lambda row, params: row._get_kept_text(params.get("reasons") or []),
        }

    def _get_kept_text(self, reasons):
        lead_model = self.env["crm.lead"]
        texts = {
            "merged": self.env._("merged with another lead"),
            "message": self.env._("messages"),
            "activity": self.env._("activities"),
            "attachment": self.env._("attachments"),
            "meeting": self.env._("meetings"),
            "order": self.env._("quotations or orders"),
            "used": self.env._("used by other records"),
        }
        names = [name for code, name in reasons if code == "field"]
        labels = lead_model.fields_get(names, ["string"]) if names else {}
        found = [labels[name]["string"] if code == "field" else texts.get(code, code) for code, name in reasons]
        return self.env._("Kept, somebody worked on it since: %(reasons)s", reasons=found)
