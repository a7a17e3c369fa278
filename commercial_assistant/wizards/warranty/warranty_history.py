import base64

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import spreadsheet
from ...tools.prospect_values import cell_text, read_date
from ...tools.warranty_history import map_headers, missing_columns

MAX_BYTES = 10 * 1024**2
MAX_ROWS = 10000
# more transfers than that are read by the job, month by month
MOST_NOW = 2000


class WarrantyHistory(models.TransientModel):
    """Sales from before the installation: from transfers that are done, or from a list."""

    _name = "commercial.warranty.history"
    _description = "Take Over Earlier Sales"

    company_id = fields.Many2one(comodel_name="res.company", required=True, default=lambda self: self.env.company)
    kind = fields.Selection(
        selection=[("transfers", "Transfers in Odoo"), ("list", "A list (.xlsx, .xls, .csv)")],
        required=True,
        default="transfers",
    )
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="Until", default=fields.Date.context_today)
    file = fields.Binary(attachment=False)
    file_name = fields.Char()
    line_ids = fields.One2many(
        comodel_name="commercial.warranty.history.line", inverse_name="history_id", string="Rows", readonly=True
    )
    state = fields.Selection(
        selection=[("new", "To read"), ("read", "Read"), ("done", "Done")], default="new", readonly=True
    )
    message = fields.Text(readonly=True)
    good_count = fields.Integer(string="Good rows", compute="_compute_counts")
    bad_count = fields.Integer(string="Rows with a mistake", compute="_compute_counts")

    @api.depends("line_ids.error")
    def _compute_counts(self):
        for history in self:
            bad = history.line_ids.filtered("error")
            history.bad_count = len(bad)
            history.good_count = len(history.line_ids) - len(bad)

    # --- TRANSFERS ---

    def action_cover(self):
        """Cover the deliveries and receipts of the period; a long history is read by the job."""
        self.ensure_one()
        register = self.env["commercial.warranty"]
        register._check_may_decide()
        if not self.date_from or not self.date_to or self.date_from > self.date_to:
            raise UserError(self.env._("Enter the first and the last day of the period."))
        if self.date_to > fields.Date.context_today(self):
            raise UserError(self.env._("The period ends on a day that is still to come."))
        # a team lead need not work in the warehouse; the right was checked
        register_sudo = register.sudo()
        domain = register_sudo._get_period_domain(self.company_id, self.date_from, self.date_to)
        if self.env["stock.move"].sudo().search_count(domain, limit=MOST_NOW + 1) > MOST_NOW:
            self.company_id.sudo().write({"warranty_history_from": self.date_from, "warranty_history_to": self.date_to})
            self.env.ref("commercial_assistant.ir_cron_warranty_cover").sudo()._trigger()
            message = self.env._("There are many transfers: they are taken over in the background, month by month.")
        else:
            count = register_sudo._cover_period(self.company_id, self.date_from, self.date_to, commit=False)
            message = self.env._("%(count)s rows were added to the register.", count=count)
        self.write({"state": "done", "message": message})
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Take over earlier sales"),
        }

    # --- LIST ---

    def action_read(self):
        """Read the list and show what is wrong with which cell; nothing is taken over yet."""
        self.ensure_one()
        self.env["commercial.warranty"]._check_may_decide()
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        sheet = self._read_file()
        number, header = next(sheet_row for sheet_row in enumerate(sheet.rows, 1) if any(sheet_row[1]))
        places = map_headers(header)
        if missing := missing_columns(places):
            names = {
                "customer": self.env._("Customer"),
                "product": self.env._("Product"),
                "delivered_on": self.env._("Delivery day"),
            }
            raise UserError(
                self.env._(
                    "Sheet “%(sheet)s”, row %(row)s: there is no column %(columns)s.",
                    sheet=sheet.name,
                    row=number,
                    columns=[names[field] for field in missing],
                )
            )
        rows = [(row, cells) for row, cells in enumerate(sheet.rows, 1) if row > number and any(cells)]
        finder = self._prepare_finder(rows, places)
        vals_list = [self._prepare_line_vals(sheet.name, row, cells, places, finder) for row, cells in rows]
        self.sudo().write(  # lines are what was read, written by nobody
            {"line_ids": [Command.clear(), *map(Command.create, vals_list)], "state": "read", "message": False}
        )
        return self._reopen()

    def _read_file(self):
        try:
            return spreadsheet.read_rows(
                base64.b64decode(self.with_context(bin_size=False).file),
                self.file_name or "",
                max_rows=MAX_ROWS,
                max_bytes=MAX_BYTES,
                error_cells="keep",
            )
        except spreadsheet.SpreadsheetError as error:
            raise UserError(self._get_file_error_text(error)) from error

    def _get_file_error_text(self, error):
        texts = {
            "empty": self.env._("The file is empty."),
            "no_rows": self.env._("The file holds no filled cell."),
            "too_large": self.env._(
                "The file is too large: at most %(limit)s MB can be read.", limit=MAX_BYTES // 1024**2
            ),
            "too_many_rows": self.env._("The sheet has more than %(limit)s rows. Divide the list.", limit=MAX_ROWS),
            "encrypted": self.env._("The file is protected by a password. Save it without one and choose it again."),
            "not_a_spreadsheet": self.env._("The file is not a spreadsheet. Choose an .xls, .xlsx or .csv file."),
            "broken": self.env._("The file is damaged and cannot be read. Open it, save it anew and choose it again."),
        }
        text = texts.get(error.reason) or self.env._("The file cannot be read.")
        if error.sheet and error.row:
            place = self.env._("(sheet “%(sheet)s”, row %(row)s)", sheet=error.sheet, row=error.row)
            return f"{text} {place}"
        return text

    def _prepare_finder(self, rows, places):
        """Find customers and products of the whole list at once, by what stands in its cells."""
        return {
            "customer": self._find_by(
                "res.partner", ("ref", "vat", "email", "name"), self._collect(rows, places["customer"])
            ),
            "product": self._find_by(
                "product.product", ("default_code", "barcode", "name"), self._collect(rows, places["product"])
            ),
        }

    def _collect(self, rows, place):
        return {cell_text(cells[place]) for _row, cells in rows if place < len(cells)} - {""}

    def _find_by(self, model, names, texts):
        """Return ``{text in small letters: records}``; the first field in which a text is found counts."""
        company = Domain("company_id", "in", [False, self.company_id.id])
        found = {}
        wanted = sorted({form for text in texts for form in (text, text.upper(), text.lower(), text.title())})
        for name in names:
            records = self.env[model].search(company & Domain(name, "in", wanted))
            for record in records:
                key = (record[name] or "").casefold()
                if (known := found.get(key)) is None or known[0] == name:
                    found[key] = (name, (known[1] if known else record.browse()) | record)
        return {key: records for key, (_name, records) in found.items()}

    def _prepare_line_vals(self, sheet, row, cells, places, finder):
        """Return what a row of the list says, or what is wrong with it and where."""
        vals = {"sheet": sheet, "row": row}
        values = {field: cells[place] if place < len(cells) else None for field, place in places.items()}
        for field, check in (
            ("customer", self._read_customer),
            ("product", self._read_product),
            ("delivered_on", self._read_delivered_on),
            ("quantity", self._read_quantity),
            ("serial_number", self._read_text),
            ("source", self._read_text),
        ):
            if field not in places:
                continue
            result, problem = check(field, values[field], finder)
            vals.update(result)
            if problem:
                vals.update(column=spreadsheet.column_letters(places[field] + 1), error=problem)
                break
        return vals

    def _read_customer(self, _field, value, finder):
        text = cell_text(value)
        partners = finder["customer"].get(text.casefold())
        customers = partners.commercial_partner_id if partners else None
        if not text:
            return {}, self.env._("The customer is missing.")
        if not customers:
            return {"customer": text}, self.env._("There is no customer “%(name)s”.", name=text)
        if len(customers) > 1:
            return {"customer": text}, self.env._("There are several customers “%(name)s”: use the number.", name=text)
        return {"customer": text, "partner_id": customers.id}, None

    def _read_product(self, _field, value, finder):
        text = cell_text(value)
        products = finder["product"].get(text.casefold())
        if not text:
            return {}, self.env._("The product is missing.")
        if not products:
            return {"product": text}, self.env._("There is no product “%(name)s”.", name=text)
        if len(products) > 1:
            return {"product": text}, self.env._("There are several products “%(name)s”: use the code.", name=text)
        return {"product": text, "product_id": products.id}, None

    def _read_delivered_on(self, _field, value, _finder):
        day = None if isinstance(value, spreadsheet.CellError) else read_date(value)
        if not day:
            return {}, self.env._("“%(text)s” is not a date.", text=self._show(value))
        if day > fields.Date.context_today(self):
            return {}, self.env._("%(day)s is still to come.", day=str(day))
        return {"delivered_on": day}, None

    def _read_quantity(self, _field, value, _finder):
        if value in (None, ""):
            return {"quantity": 1.0}, None
        try:
            quantity = float(str(value).replace(",", "."))
        except ValueError:
            quantity = 0.0
        if not 0 < quantity < 1e9:
            return {}, self.env._("“%(text)s” is not a quantity.", text=self._show(value))
        return {"quantity": quantity}, None

    def _read_text(self, field, value, _finder):
        return {field: False if isinstance(value, spreadsheet.CellError) else cell_text(value) or False}, None

    def _show(self, value):
        return value.code if isinstance(value, spreadsheet.CellError) else str(value if value is not None else "")

    def action_import(self):
        """Take over the good rows; a row that was taken over earlier is left alone."""
        self.ensure_one()
        register = self.env["commercial.warranty"]
        register._check_may_decide()
        good = self.line_ids.filtered(lambda line: not line.error)
        if not good:
            raise UserError(self.env._("There is no row that can be taken over."))
        count = len(register.sudo()._take_over(self.company_id, good))
        message = self.env._("%(count)s rows were added to the register.", count=count)
        if self.bad_count:
            message += " " + self.env._(
                "%(count)s rows of the list were left out: mend them in the list and read it again.",
                count=self.bad_count,
            )
        self.write({"state": "done", "message": message})
        return self._reopen()


class WarrantyHistoryLine(models.TransientModel):
    _name = "commercial.warranty.history.line"
    _description = "Row of a List of Earlier Sales"
    _order = "row, id"

    history_id = fields.Many2one(
        comodel_name="commercial.warranty.history", required=True, index=True, ondelete="cascade"
    )
    sheet = fields.Char()
    row = fields.Integer(aggregator=None)
    column = fields.Char()
    error = fields.Char(string="Mistake")
    customer = fields.Char(string="Customer as written")
    product = fields.Char(string="Product as written")
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer")
    product_id = fields.Many2one(comodel_name="product.product")
    serial_number = fields.Char()
    delivered_on = fields.Date(string="Delivery day")
    quantity = fields.Float(default=1.0, digits="Product Unit")
    source = fields.Char(string="Document")
