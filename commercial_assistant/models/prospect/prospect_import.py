import base64
import hashlib
import json
from datetime import date, datetime
from urllib.parse import quote

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError

from ...tools import prospect_headers, spreadsheet, spreadsheet_writer

# a list of a fair has hundreds of lines; more than this is another job (and another file)
MAX_ROWS = 5000
MAX_BYTES = 15 * 1024 * 1024
SAMPLE_ROWS = 30


class CommercialProspectImport(models.Model):
    _name = "commercial.prospect.import"
    _description = "Prospect import"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "create_date desc, id desc"
    _check_company_auto = True

    # rows that become leads while the person waits; the rest of a long list follows in the background
    _apply_direct_limit = 500
    _apply_batch_size = 100

    name = fields.Char(
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
    )
    active = fields.Boolean(
        default=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        tracking=True,
    )
    state = fields.Selection(
        selection=[
            ("draft", "New"),
            ("read", "Read"),
            ("matched", "Checked"),
            ("applying", "Creating leads"),
            ("done", "Done"),
            ("undone", "Undone"),
        ],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )

    # the file
    file = fields.Binary(
        attachment=True,
        copy=False,
    )
    file_name = fields.Char(
        copy=False,
    )
    file_sha256 = fields.Char(
        string="Fingerprint of the file",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    sheet_ids = fields.One2many(
        string="Sheets",
        comodel_name="commercial.prospect.import.sheet",
        inverse_name="import_id",
        readonly=True,
    )
    sheet_count = fields.Integer(
        compute="_compute_sheet_count",
    )
    sheet_id = fields.Many2one(
        comodel_name="commercial.prospect.import.sheet",
        domain="[('import_id', '=', id)]",
        copy=False,
        ondelete="set null",
        help="The first visible sheet with content is read unless you choose another.",
    )
    header_row = fields.Integer(
        copy=False,
        aggregator=None,
        help="Row of the sheet that names the columns. 0 lets the program find it.",
    )
    has_header = fields.Boolean(
        string="The columns have names",
        default=True,
        copy=False,
        help="Untick when the first row already holds a company.",
    )
    layout_fingerprint = fields.Char(
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Lists with the same column names have the same fingerprint.",
    )
    column_ids = fields.One2many(
        string="Columns",
        comodel_name="commercial.prospect.import.column",
        inverse_name="import_id",
    )
    row_ids = fields.One2many(
        string="Imported rows",
        comodel_name="commercial.prospect.import.row",
        inverse_name="import_id",
    )

    needs_read = fields.Boolean(
        readonly=True,
        copy=False,
        help="Another sheet or another row with names was chosen since the file was read.",
    )
    needs_check = fields.Boolean(
        readonly=True,
        copy=False,
        help="What decides how the rows are read was changed since they were checked.",
    )

    # what every lead gets
    source_id = fields.Many2one(
        comodel_name="utm.source",
        ondelete="restrict",
        help="Where these people were met, for the reports on what a fair or campaign brought.",
    )
    medium_id = fields.Many2one(
        comodel_name="utm.medium",
        ondelete="restrict",
    )
    campaign_id = fields.Many2one(
        comodel_name="utm.campaign",
        ondelete="restrict",
    )
    tag_ids = fields.Many2many(
        comodel_name="crm.tag",
        string="Tags",
        relation="commercial_prospect_import_crm_tag_rel",
        column1="import_id",
        column2="tag_id",
    )
    salesperson_id = fields.Many2one(
        comodel_name="res.users",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Left empty, the leads wait for somebody to take them.",
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        check_company=True,
        ondelete="set null",
    )
    lang_id = fields.Many2one(
        comodel_name="res.lang",
        string="Default language",
        default=lambda self: self._default_lang_id(),
        help="For rows that name no language.",
    )
    country_id = fields.Many2one(
        comodel_name="res.country",
        string="Default country",
        default=lambda self: self.env.company.country_id,
        help="For rows that name no country: it decides how telephone and enterprise numbers are read.",
    )

    # where the data come from (GDPR)
    event_name = fields.Char(
        string="Event or origin",
    )
    met_on = fields.Date(
        string="Obtained on",
        required=True,
        default=fields.Date.context_today,
        help="Day on which the people were met or the list was received.",
    )
    data_origin = fields.Selection(
        selection=[
            ("person", "The persons themselves"),
            ("third_party", "Somebody else (organiser, colleague, list)"),
        ],
        string="Data given by",
        required=True,
        default="third_party",
    )
    consent_basis = fields.Selection(
        selection="_selection_consent_basis",
        string="Ground for marketing",
        required=True,
        default="none",
        tracking=True,
    )
    consent_note = fields.Text(
        string="Proof or explanation",
    )
    information_due_date = fields.Date(
        string="Inform before",
        compute="_compute_information_due_date",
        store=True,
        help="People whose data came from somebody else must be told within one month (GDPR, article 14).",
    )

    # results
    row_count = fields.Integer(
        string="Rows",
        compute="_compute_counts",
    )
    finding_count = fields.Integer(
        string="Rows with findings",
        compute="_compute_counts",
    )
    error_count = fields.Integer(
        string="Rows with errors",
        compute="_compute_counts",
    )
    duplicate_count = fields.Integer(
        string="Possible duplicates",
        compute="_compute_counts",
    )
    to_create_count = fields.Integer(
        string="To create",
        compute="_compute_counts",
    )
    to_link_count = fields.Integer(
        string="To link",
        compute="_compute_counts",
    )
    to_skip_count = fields.Integer(
        string="To skip",
        compute="_compute_counts",
    )
    pending_count = fields.Integer(
        string="Still to do",
        compute="_compute_counts",
    )
    created_count = fields.Integer(
        string="Created",
        compute="_compute_counts",
    )
    linked_count = fields.Integer(
        string="Linked",
        compute="_compute_counts",
    )
    skipped_count = fields.Integer(
        string="Skipped",
        compute="_compute_counts",
    )
    failed_count = fields.Integer(
        string="Failed",
        compute="_compute_counts",
    )
    undone_count = fields.Integer(
        string="Undone",
        compute="_compute_counts",
    )
    kept_count = fields.Integer(
        string="Kept",
        compute="_compute_counts",
    )
    lead_count = fields.Integer(
        string="Leads",
        compute="_compute_counts",
    )
    progress = fields.Integer(
        compute="_compute_counts",
        help="Rows that were dealt with, in percent.",
    )
    repeat_notice = fields.Char(
        compute="_compute_repeat_notice",
        compute_sudo=True,
    )
    apply_user_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        copy=False,
        help="In whose name the rest of a long list is created in the background.",
    )
    report_file = fields.Binary(
        attachment=True,
        readonly=True,
        copy=False,
    )
    report_name = fields.Char(
        readonly=True,
        copy=False,
    )

    # --- DEFAULTS, COMPUTE ---

    @api.model
    def _default_lang_id(self):
        code = self.env.company.partner_id.lang or self.env.lang or "en_US"
        return self.env["res.lang"]._get_data(code=code).id or False

    @api.depends("file_name", "event_name")
    def _compute_name(self):
        for record in self:
            if not record.name:
                record.name = record.event_name or (record.file_name or "").rpartition(".")[0] or record.file_name

    @api.depends("sheet_ids")
    def _compute_sheet_count(self):
        for record in self:
            record.sheet_count = len(record.sheet_ids)

    @api.depends("salesperson_id", "company_id")
    def _compute_team_id(self):
        for record in self:
            user = record.salesperson_id
            team = record.team_id
            if not user or user in team.member_ids | team.user_id:
                continue
            record.team_id = self.env["crm.team"].with_company(record.company_id)._get_default_team_id(user_id=user.id)

    @api.depends("met_on", "data_origin")
    def _compute_information_due_date(self):
        for record in self:
            owed = record.data_origin == "third_party" and record.met_on
            record.information_due_date = record.met_on + relativedelta(months=1) if owed else False

    @api.depends(
        "row_ids.state", "row_ids.decision", "row_ids.severity", "row_ids.is_duplicate", "row_ids.lead_id", "state"
    )
    def _compute_counts(self):
        groups = self.env["commercial.prospect.import.row"]._read_group(
            [("import_id", "in", self.ids)],
            ["import_id", "state", "decision", "severity", "is_duplicate"],
            ["__count"],
        )
        leads = self.env["commercial.prospect.import.row"]._read_group(
            [("import_id", "in", self.ids), ("lead_id", "!=", False)], ["import_id"], ["lead_id:count_distinct"]
        )
        # on a form that is being edited the records stand for stored ones
        counts = {record._origin: dict.fromkeys(self._get_count_fields(), 0) for record in self}
        left = dict.fromkeys(counts, 0)
        for record, state, decision, severity, is_duplicate, count in groups:
            numbers = counts[record]
            numbers["row_count"] += count
            numbers["finding_count"] += count if severity in ("warning", "error") or is_duplicate else 0
            numbers["error_count"] += count if severity == "error" else 0
            numbers["duplicate_count"] += count if is_duplicate else 0
            if state == "checked":
                numbers[f"to_{decision if severity != 'error' else 'skip'}_count"] += count
            elif state != "read":
                numbers[f"{state}_count"] += count
            left[record] += count if state in ("read", "checked") else 0
            if state in ("checked", "skipped", "failed") and decision != "skip" and severity != "error":
                numbers["pending_count"] += count
        for record, lead_count in leads:
            counts[record]["lead_count"] = lead_count
        for record in self:
            numbers = counts[record._origin]
            done = numbers["row_count"] - left[record._origin]
            record.update(numbers)
            record.progress = round(100 * done / numbers["row_count"]) if numbers["row_count"] else 0

    @api.model
    def _get_count_fields(self):
        found = "row finding error duplicate to_create to_link to_skip"
        done = "pending created linked skipped failed undone kept lead"
        return [f"{name}_count" for name in f"{found} {done}".split()]

    @api.depends("file_sha256", "company_id")
    @api.depends_context("lang")
    def _compute_repeat_notice(self):
        """Tell that the same file was imported before, even by a colleague whose imports one cannot open."""
        self.repeat_notice = False
        hashed = self.filtered("file_sha256")
        if not hashed:
            return
        twins = self.search(
            [
                ("file_sha256", "in", hashed.mapped("file_sha256")),
                ("company_id", "in", hashed.company_id.ids),
                ("state", "in", ("applying", "done")),
            ]
        )
        for record in hashed:
            others = twins.filtered(
                lambda twin, record=record: (
                    twin.file_sha256 == record.file_sha256
                    and twin.company_id == record.company_id
                    and twin.id < record._origin.id
                )
            )
            if others:
                record.repeat_notice = self.env._(
                    "The same file was imported before: %(imports)s. Rows that became leads then are skipped.",
                    imports=[
                        self.env._(
                            "%(name)s (%(user)s, %(date)s)",
                            name=other.name,
                            user=other.user_id.name,
                            date=fields.Date.to_string(other.create_date),
                        )
                        for other in others
                    ],
                )

    @api.model
    def _selection_consent_basis(self):
        return [
            ("consent", self.env._("Consent given beforehand")),
            ("customer", self.env._("Existing customer, similar products")),
            ("impersonal", self.env._("Impersonal address of a company (info@)")),
            ("legitimate_interest", self.env._("Legitimate interest: by post only")),
            ("none", self.env._("None known: no marketing")),
        ]

    @api.onchange("sheet_id")
    def _onchange_sheet_id(self):
        """Another sheet has its names elsewhere."""
        self.header_row = 0
        self.has_header = True

    @api.onchange("file")
    def _onchange_file(self):
        if self.state == "draft":
            self.sheet_id = False
            self.header_row = 0
            self.has_header = True

    # --- CRUD ---

    def write(self, vals):
        if "file" in vals and any(record.state != "draft" for record in self):
            raise UserError(
                self.env._("The file was read already. Start a new import, or go back to the beginning first.")
            )
        changed = vals.keys() - {"state"}
        if changed & {"sheet_id", "header_row", "has_header"} and "needs_read" not in vals:
            self.filtered(lambda record: record.state in ("read", "matched")).needs_read = True
        if changed & {"country_id", "lang_id"}:
            self.filtered(lambda record: record.state == "matched").needs_check = True
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_leads(self):
        for record in self:
            if record.row_ids.filtered(lambda row: row.state in ("created", "linked", "kept")):
                raise UserError(
                    self.env._(
                        "%(name)s made leads: it tells where their data come from and cannot be deleted. Archive it, "
                        "or undo it first.",
                        name=record.name,
                    )
                )

    # --- ACTIONS ---

    def action_read(self):
        """Read the file: its sheets, its columns with a proposal for each, its rows as they are.

        May be repeated until leads exist (another sheet, another row with the names): the rows are read anew, a choice
        made for a column is kept when the columns are the same.
        """
        for record in self:
            record._check_can("read", ("draft", "read", "matched"))
            record._check_no_lead()
            record._read_file()
        return True

    def action_match(self):
        """Check every row that is not a lead yet, and look for duplicates. May be repeated at any time."""
        for record in self:
            record._check_can("match", ("read", "matched", "done", "undone"))
            record._check_mapping()
            record._check_up_to_date()
            rows = record.row_ids.filtered(lambda row: row.state not in row._get_applied_states())
            rows._check_rows()
            record.write({"state": "matched", "needs_check": False})
        return True

    def action_apply(self):
        """Create the leads as decided. Rows done already stay as they are, failed ones are tried again.

        A long list continues in the background; pressing again continues at once.
        """
        for record in self:
            record._check_can("apply", ("matched", "applying", "done"))
            record._check_up_to_date(checked=True)
            record._lock()
            if record.state != "applying":
                record._queue_rows()
            rows = record._get_queued_rows(self._apply_direct_limit)
            for start in range(0, len(rows), self._apply_batch_size):
                rows[start : start + self._apply_batch_size]._apply_rows()
            if record._get_queued_rows(1):
                record.write({"state": "applying", "apply_user_id": self.env.uid})
                self.env.ref("commercial_assistant.cron_prospect_import_apply")._trigger()
            else:
                record._finish_apply()
        return True

    def action_undo(self):
        """Delete the leads nobody has touched since; the others stay and are listed with the reason."""
        for record in self:
            record._check_can("undo", ("applying", "done"))
            record._lock()
            kept = record.row_ids._undo_rows()
            record.state = "undone"
            record._post_undo_summary(kept)
        return True

    def action_back(self):
        """Go back to the beginning: another file, another sheet. Only while no row has become a lead."""
        for record in self:
            record._check_can("back", ("read", "matched", "undone"))
            record._check_no_lead()
            record._clear_content()
            values = {"sheet_id": False, "header_row": 0, "has_header": True, "needs_read": False, "needs_check": False}
            record.write({"state": "draft", **values})
        return True

    def action_download_report(self):
        """Write the result of every row into a workbook and hand it over."""
        self.ensure_one()
        self.check_access("write")
        self.write({"report_file": base64.b64encode(self._make_report()), "report_name": self._get_report_name()})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/report_file/{quote(self.report_name)}?download=true",
            "target": "self",
        }

    def action_view_rows(self):
        """Open the rows; `search_default_<filter>` in the context chooses which."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.prospect_import_row_action")
        action["domain"] = [("import_id", "=", self.id)]
        filters = {key: value for key, value in self.env.context.items() if key.startswith("search_default_")}
        action["context"] = {**filters, "commercial_assistant_one_import": True}
        return action

    def action_view_leads(self):
        """Open the leads this import made or completed."""
        self.ensure_one()
        leads = self.row_ids.lead_id
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.prospect_import_lead_action")
        action["domain"] = [("id", "in", leads.ids)]
        action["context"] = {"active_test": False}
        return action

    # --- CHECKS OF STEPS ---

    def _check_can(self, step, states):
        self.ensure_one()
        self.check_access("write")
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(name)s is in the state “%(state)s”: this step is not possible now.",
                    name=self.name,
                    state=labels[self.state],
                )
            )
        if step == "read" and not self.file:
            raise UserError(self.env._("Choose a file first: an .xls, .xlsx or .csv list."))

    def _check_no_lead(self):
        if self.row_ids.filtered(lambda row: row.state in row._get_applied_states()):
            raise UserError(self.env._("Some rows of %(name)s are leads: start a new import.", name=self.name))

    def _check_up_to_date(self, checked=False):
        """What is on the screen must be what is done: no check of a sheet not read, no lead from rows not checked."""
        if self.needs_read:
            raise UserError(self.env._("You chose another sheet or row with the names: read the file again first."))
        if checked and self.needs_check:
            raise UserError(self.env._("The columns or defaults were changed: check the rows again first."))

    def _lock(self):
        """Two people, or two clicks, never create the same rows."""
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._("%(name)s is being worked on at this moment. Try again in a while.", name=self.name)
            ) from error

    def _check_mapping(self):
        """One column for each field, and at least one that names the company or the person."""
        self.ensure_one()
        labels = dict(self.env["commercial.prospect.import.column"]._selection_target())
        for target, columns in self.column_ids.grouped("target").items():
            if len(columns) > 1 and target not in prospect_headers.REPEATABLE | {prospect_headers.IGNORE}:
                raise UserError(
                    self.env._(
                        "%(columns)s both go to “%(target)s”. Choose one; the other can go to the notes.",
                        columns=columns.mapped("display_name"),
                        target=labels[target],
                    )
                )
        names = {"company_name", "contact_name", "first_name", "last_name"}
        if not names & set(self.column_ids.mapped("target")):
            raise UserError(
                self.env._("No column holds the name of the company or the person. Say which one under “Columns”.")
            )

    # --- READING ---

    def _read_file(self):
        content = base64.b64decode(self.with_context(bin_size=False).file)
        try:
            sheet = spreadsheet.read_rows(
                content,
                self.file_name or "",
                sheet=self.sheet_id.name or None,
                max_rows=MAX_ROWS + SAMPLE_ROWS,
                max_bytes=MAX_BYTES,
                error_cells="keep",
            )
        except spreadsheet.SpreadsheetError as error:
            raise UserError(self._get_file_error_text(error)) from error
        header, data = self._split_header(sheet)
        if not data:
            raise UserError(
                self.env._(
                    "Sheet “%(sheet)s” holds the names of the columns but no company below them.", sheet=sheet.name
                )
            )
        if len(data) > MAX_ROWS:
            raise UserError(
                self.env._(
                    "Sheet “%(sheet)s” holds %(count)s rows; at most %(limit)s can be imported. Divide the list.",
                    sheet=sheet.name,
                    count=len(data),
                    limit=MAX_ROWS,
                )
            )
        digest = hashlib.sha256(content).hexdigest()
        targets = {column.number: column.target for column in self.column_ids}
        same_layout = self.layout_fingerprint == self._get_layout_fingerprint(header)
        self._clear_content()
        sheets_sudo = self._create_sheets(sheet)
        self.write(
            {
                "state": "read",
                "needs_read": False,
                "needs_check": False,
                "file_sha256": digest,
                "layout_fingerprint": self._get_layout_fingerprint(header),
                "sheet_id": sheets_sudo.filtered(lambda record: record.name == sheet.name)[:1].id,
            }
        )
        self._create_columns(header, data, targets if same_layout else {})
        self._create_rows(sheet.name, data)

    def _split_header(self, sheet):
        """Return the names of the columns and the numbered rows below them; the row of the names is noted."""
        if not self.has_header:
            self.header_row = 0
            return (), list(sheet.numbered_rows())
        index = self.header_row - 1
        if index < 0:
            found = prospect_headers.find_header_row([self._get_json_row(row) for row in sheet.rows[:50]])
            if found is None:
                self.write({"has_header": False, "header_row": 0})
                return (), list(sheet.numbered_rows())
            index = found
        if index >= len(sheet.rows) or not sheet.rows[index]:
            raise UserError(
                self.env._(
                    "Row %(row)s of sheet “%(sheet)s” is empty: it cannot hold the names of the columns.",
                    row=index + 1,
                    sheet=sheet.name,
                )
            )
        self.header_row = index + 1
        header = sheet.rows[index]
        # programs that print page by page repeat the names
        data = [(number, row) for number, row in sheet.numbered_rows() if number > index + 1 and row != header]
        return header, data

    @api.model
    def _get_layout_fingerprint(self, header):
        words = [prospect_headers.normalise_header(self._get_json_cell(cell)) for cell in header]
        return hashlib.sha256(json.dumps(words).encode()).hexdigest() if any(words) else False

    @api.model
    def _get_json_cell(self, cell):
        if isinstance(cell, spreadsheet.CellError):
            return cell.code
        if isinstance(cell, datetime | date):
            return cell.isoformat()
        return cell.replace("\x00", "") if isinstance(cell, str) else cell

    def _get_json_row(self, row):
        return [self._get_json_cell(cell) for cell in row]

    def _clear_content(self):
        """Rows and columns are made and removed by reading only: people may not delete them one by one."""
        self.check_access("write")
        record_sudo = self.sudo()
        record_sudo.row_ids.unlink()
        record_sudo.column_ids.unlink()
        record_sudo.sheet_id = False
        record_sudo.sheet_ids.unlink()

    def _create_sheets(self, sheet):
        return (
            self.env["commercial.prospect.import.sheet"]
            .sudo()  # made by reading only
            .create(
                [
                    {"import_id": self.id, "name": name, "sequence": sequence}
                    for sequence, name in enumerate(sheet.sheet_names)
                ]
            )
        )

    def _create_columns(self, header, data, targets):
        cells = [self._get_json_row(row) for _number, row in data]
        header = self._get_json_row(header)
        samples = cells[:SAMPLE_ROWS]
        proposals = prospect_headers.propose_mapping(header, samples)
        width = max([len(proposals), *(len(row) for row in cells)])
        vals_list = []
        for index in range(width):
            filled = [row[index] for row in cells if index < len(row) and row[index] not in (None, "")]
            proposal = proposals[index] if index < len(proposals) else prospect_headers.Proposal("notes", False)
            vals_list.append(
                {
                    "import_id": self.id,
                    "number": index + 1,
                    "header": str(header[index])[:200] if index < len(header) and header[index] is not None else False,
                    "sample": " · ".join(str(value)[:40] for value in filled[:3]),
                    "value_count": len(filled),
                    "target": targets.get(index + 1, proposal.target),
                    "is_certain": proposal.certain,
                }
            )
        self.env["commercial.prospect.import.column"].sudo().create(vals_list)  # made by reading only

    def _create_rows(self, sheet_name, data):
        vals_list = []
        for number, row in data:
            cells = self._get_json_row(row)
            content = json.dumps([str(cell).strip() if cell is not None else "" for cell in cells], ensure_ascii=False)
            key = json.dumps([self.file_sha256, sheet_name, number])
            vals_list.append(
                {
                    "import_id": self.id,
                    "row_number": number,
                    "raw": cells,
                    "row_key": hashlib.sha256(key.encode()).hexdigest(),
                    "content_key": hashlib.sha256(content.encode("utf-8", "replace")).hexdigest(),
                }
            )
        self.env["commercial.prospect.import.row"].sudo().create(vals_list)  # made by reading only

    def _get_file_error_text(self, error):
        """What is wrong with the file, in the language of the person who waits, with the place when it is known."""
        texts = {
            "empty": self.env._("The file is empty."),
            "too_large": self.env._(
                "The file is too large: at most %(limit)s MB can be read.", limit=MAX_BYTES // 1024**2
            ),
            "expands_too_much": self.env._(
                "The file would take too much room once unpacked. Save it anew, with the list only."
            ),
            "too_many_rows": self.env._("The sheet has more than %(limit)s rows. Divide the list.", limit=MAX_ROWS),
            "too_many_columns": self.env._("The sheet has too many columns. Keep those of the list only."),
            "encrypted": self.env._("The file is protected by a password. Save it without one and choose it again."),
            "not_a_spreadsheet": self.env._("The file is not a spreadsheet. Choose an .xls, .xlsx or .csv file."),
            "unsupported_format": self.env._(
                "This kind of spreadsheet cannot be read. Save it as .xlsx, .xls or .csv."
            ),
            "web_page": self.env._(
                "The file is a web page under the name of a spreadsheet. Open it and save it as .xlsx."
            ),
            "unsafe": self.env._(
                "The file holds declarations a spreadsheet never needs and is refused. Save it anew as .xlsx."
            ),
            "broken": self.env._("The file is damaged and cannot be read. Open it, save it anew and choose it again."),
            "bad_encoding": self.env._(
                "The signs of the text cannot be read. Save the list as .xlsx, or as .csv in UTF-8."
            ),
            "bad_quotes": self.env._("A quotation mark is opened and not closed properly."),
            "bad_date": self.env._("The cell holds a date that does not exist."),
            "error_cell": self.env._("The cell holds an error instead of a value."),
            "no_rows": self.env._("The file holds no filled cell."),
            "no_such_sheet": self.env._("The file has no sheet of this name. Choose the file again."),
        }
        text = texts.get(error.reason) or self.env._("The file cannot be read.")
        return " ".join([text, *self._get_place_texts(error)])

    def _get_place_texts(self, error):
        if error.sheet and error.row and error.column:
            return [
                self.env._(
                    "(sheet “%(sheet)s”, row %(row)s, column %(column)s)",
                    sheet=error.sheet,
                    row=error.row,
                    column=spreadsheet.column_letters(error.column),
                )
            ]
        if error.sheet and error.row:
            return [self.env._("(sheet “%(sheet)s”, row %(row)s)", sheet=error.sheet, row=error.row)]
        if error.row:
            return [self.env._("(row %(row)s)", row=error.row)]
        if error.sheet:
            return [self.env._("(sheet “%(sheet)s”)", sheet=error.sheet)]
        return []

    def _get_mapped_columns(self):
        """(place in the row, field, header) of every column that is read."""
        return [
            (column.number - 1, column.target, column.header or "")
            for column in self.column_ids
            if column.target != prospect_headers.IGNORE
        ]

    # --- APPLYING ---

    def _queue_rows(self):
        """Put what is to be created in line; what is to be skipped gets its result at once."""
        open_rows = self.row_ids.filtered(lambda row: row.state in ("checked", "skipped", "failed"))
        to_do = open_rows.filtered(lambda row: row.decision != "skip" and row.severity != "error")
        to_do._store({"state": "checked", "result_code": False, "result_params": False})
        (open_rows - to_do)._skip_rows()

    def _get_queued_rows(self, limit):
        return self.env["commercial.prospect.import.row"].search(
            [("import_id", "=", self.id), ("state", "=", "checked")], order="row_number, id", limit=limit
        )

    def _finish_apply(self):
        self.write({"state": "done", "apply_user_id": False})
        self._message_log(
            body=Markup("<p>%s</p>")
            % self.env._(
                "Leads created: %(created)s. Linked: %(linked)s. Skipped: %(skipped)s. Failed: %(failed)s.",
                created=self.created_count,
                linked=self.linked_count,
                skipped=self.skipped_count,
                failed=self.failed_count,
            )
        )

    @api.model
    def _cron_apply(self):
        """Go on with long lists, batch by batch, in the name of the person who asked for it."""
        records = self.search([("state", "=", "applying")])
        waiting = self.env["commercial.prospect.import.row"].search_count(
            [("import_id", "in", records.ids), ("state", "=", "checked")]
        )
        self.env["ir.cron"]._commit_progress(remaining=waiting)
        for record in records:
            user = record.apply_user_id or record.user_id
            record = record.with_user(user).with_company(record.company_id).with_context(lang=user.lang)  # noqa: PLW2901
            while record.try_lock_for_update() and record.state == "applying":
                try:
                    rows = record._get_queued_rows(self._apply_batch_size)
                    rows._apply_rows()
                except (AccessError, UserError) as error:
                    # the person lost the right, or somebody changed the set-up: say so, and let people decide
                    record.sudo().write({"state": "matched", "apply_user_id": False})
                    record.sudo()._message_log(body=Markup("<p>%s</p>") % error)
                    self.env["ir.cron"]._commit_progress(1)
                    break
                if not record._get_queued_rows(1):
                    record._finish_apply()
                if not self.env["ir.cron"]._commit_progress(len(rows)):
                    return

    def _post_undo_summary(self, kept):
        body = Markup("<p>%s</p>") % self.env._(
            "Undone. Leads deleted: %(undone)s. Leads kept: %(kept)s.", undone=self.undone_count, kept=len(kept)
        )
        if kept:
            items = [
                Markup("<li>%s: %s</li>") % (row.lead_id.name or row.display_name, row.result_text) for row in kept[:50]
            ]
            body += Markup("<ul>%s</ul>") % Markup("").join(items)
        self._message_log(body=body)

    def _make_report(self):
        """The rows with their result as a workbook; a formula of the list is never exported live."""
        names = ["row_number", *self._get_report_fields()]
        labels = self.env["commercial.prospect.import.row"].fields_get(names, ["string", "type", "selection"])
        table = []
        for row in self.row_ids:
            line = []
            for name in names:
                value = row[name]
                if labels[name]["type"] == "selection":
                    value = dict(labels[name]["selection"]).get(value)
                elif labels[name]["type"] in ("many2one", "many2many"):
                    value = ", ".join(value.mapped("display_name"))
                elif value and labels[name]["type"] == "date":
                    value = fields.Date.to_string(value)
                line.append(value or "")
            table.append(line)
        title = self.env._("Result")
        return spreadsheet_writer.write_table(title, [labels[name]["string"] for name in names], table)

    @api.model
    def _get_report_fields(self):
        return [
            "company_name",
            "contact_name",
            "email",
            "phone",
            "enterprise_number",
            "vat",
            "zip",
            "city",
            "lang_id",
            "decision",
            "state",
            "result_text",
            "finding_text",
            "lead_id",
        ]

    def _get_report_name(self):
        stem = (self.file_name or self.name or "").rpartition(".")[0] or self.name or "import"
        safe = "".join(char if char.isalnum() or char in " -_" else "_" for char in stem).strip() or "import"
        return self.env._("%(name)s - result.xlsx", name=safe)

    def _prepare_shared_lead_vals(self):
        """What every lead of the list gets; computed once, not once for each lead."""
        self.ensure_one()
        lead_model = self.env["crm.lead"].with_company(self.company_id)
        return {
            "company_id": self.company_id.id,
            "user_id": self.salesperson_id.id,
            "team_id": self.team_id.id,
            "stage_id": lead_model._stage_find(team_id=self.team_id.id, domain=[("fold", "=", False)]).id,
            "source_id": self.source_id.id,
            "medium_id": self.medium_id.id,
            "campaign_id": self.campaign_id.id,
        }
