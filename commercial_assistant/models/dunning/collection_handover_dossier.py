import hashlib
import tempfile
from functools import partial

import pytz

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_datetime, formatLang, html2plaintext

from ...tools.dossier import DossierTooLargeError, Piece, safe_name, steady_pdf, write_csv, write_dossier

COVER_REPORT = "commercial_assistant.action_report_collection_cover"
STATEMENT_REPORT = "commercial_assistant.action_report_receivable_statement"
# documents of one hand-over: what a machine of two gigabytes builds without pain
MAX_BYTES = 200 * 2**20
# what other rooms know about the customer and this room does not depend on
RELATED_MODELS = ("commercial.dispute", "commercial.payment.plan", "commercial.payment.promise")
# fields of such records that say nothing to an outsider
TECHNICAL = ("create_", "write_", "message_", "activity_", "access_", "rating_", "website_", "my_activity_", "has_")
TECHNICAL_NAMES = {"id", "display_name", "sequence", "company_id", "currency_id", "res_model", "res_id", "active"}


class CollectionHandover(models.Model):
    _inherit = "commercial.collection.handover"

    # The file of a hand-over: everything that shows the debt and how it was claimed, with a list of fingerprints.

    # --- LANGUAGE ---

    def _get_letter_lang(self):
        """Return an active language: that of the collector, else of our company."""
        self.ensure_one()
        active = dict(self.env["res.lang"].get_installed())
        candidates = (self.contact_id.lang, self.collector_id.lang, self.company_id.partner_id.lang, self.env.lang)
        return next((lang for lang in candidates if lang in active), "en_US")

    def _in_letter_language(self):
        self.ensure_one()
        return self.with_company(self.company_id).with_context(lang=self._get_letter_lang())

    # --- WHAT BELONGS TO THE FILE ---

    def _get_letters(self):
        """Return the letters about these items that left, oldest first; one that came back stands among them."""
        self.ensure_one()
        notices = self.line_ids.item_id.line_ids.filtered("included").notice_id
        return notices.filtered(
            lambda notice: not notice.is_dry
            and (notice.state == "delivered" or (notice.state == "failed" and notice._get_returned()))
        ).sorted(lambda notice: (notice.delivered_on or notice.date, notice.id))

    def _get_related_records(self):
        """Return ``[records]`` of disputes, plans and promises of this customer account."""
        self.ensure_one()
        found = []
        for model_name in RELATED_MODELS:
            if model_name not in self.env:
                continue
            model = self.env[model_name]
            if "receivable_id" in model._fields:
                domain = [("receivable_id", "=", self.receivable_id.id)]
            elif "partner_id" in model._fields:
                domain = [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)]
            else:
                continue
            records = model.search(domain, order="id")
            if records:
                found.append(records)
        return found

    def _find_missing(self):
        """Return what a collector would expect and the file does not contain, in words."""
        self.ensure_one()
        missing = []
        for move in self.line_ids.move_id:
            if not self._get_kept_invoice(move):
                missing.append(
                    self.env._("%(invoice)s is not kept as a PDF: it is printed anew.", invoice=move.name or "-")
                )
        entries = self.line_ids.filtered(lambda line: not line.move_id)
        if entries:
            missing.append(
                self.env._("No document in the accounting: %(items)s.", items=entries.item_id.mapped("move_name"))
            )
        letters = self._get_letters()
        if not letters.filtered(lambda notice: notice.state == "delivered"):
            missing.append(self.env._("No letter about these invoices was delivered."))
        for notice in letters:
            missing += self._find_missing_of_letter(notice)
        if not self.contract_attachment_ids:
            missing.append(self.env._("Neither contract nor accepted terms are enclosed."))
        return missing

    def _find_missing_of_letter(self, notice):
        if notice.state == "failed":
            return [self.env._("%(letter)s came back.", letter=notice.name)]
        content = notice.attachment_id.sudo().raw  # whoever may read the letter may have its file read
        if not content:
            return [self.env._("%(letter)s is not kept as a PDF.", letter=notice.name)]
        if hashlib.sha256(content).hexdigest() != notice.sha256:
            return [self.env._("%(letter)s is not the file that was sent any more.", letter=notice.name)]
        if not notice._get_proofs():
            return [self.env._("There is no proof that %(letter)s was sent.", letter=notice.name)]
        return []

    # --- PIECES ---

    def _get_pieces(self):
        """Return the documents in the order in which a collector reads them, in the language of the collector."""
        self.ensure_one()
        cover = self.env._("Cover letter")
        return [
            Piece("", f"{cover}.pdf", self._render_cover, cover),
            *self._get_invoice_pieces(self.env._("1 Invoices")),
            *self._get_letter_pieces(self.env._("2 Letters"), self.env._("3 Proofs of sending")),
            *self._get_statement_pieces(self.env._("4 Statement and charges")),
            *self._get_related_pieces(self.env._("5 Disputes and agreements")),
            *self._get_contract_pieces(self.env._("6 Contract and terms")),
        ]

    def _get_invoice_pieces(self, folder):
        return [
            Piece(
                folder,
                f"{move.name or move.id}.pdf",
                partial(self._load_invoice, move),
                self.env._(
                    "Invoice %(number)s of %(day)s",
                    number=move.name or "-",
                    day=format_date(self.env, move.invoice_date or move.date),
                ),
            )
            for move in self.line_ids.move_id.sorted(lambda move: (move.invoice_date or move.date, move.name or ""))
        ]

    @api.model
    def _get_kept_invoice(self, move):
        """Return the PDF of an invoice as it was sent, empty when none is kept."""
        move_sudo = move.sudo()  # whoever collects the invoice may hand over its document
        kept = move_sudo.invoice_pdf_report_id
        if not kept and move_sudo.message_main_attachment_id.mimetype == "application/pdf":
            kept = move_sudo.message_main_attachment_id
        return kept

    def _load_invoice(self, move):
        kept = self._get_kept_invoice(move) or self._get_printed_invoice(move)
        return kept.raw or b""

    def _get_printed_invoice(self, move):
        """Return a print of an invoice without a kept PDF; made once, so that the file does not change by itself."""
        # sudo: the print belongs to the hand-over, which only the program writes
        attachments_sudo = self.env["ir.attachment"].sudo()
        mark = f"account.move,{move.id},{move.invoice_date},{move.amount_total}"
        kept = attachments_sudo.search(
            [("res_model", "=", self._name), ("res_id", "=", self.id), ("description", "=", mark)], limit=1
        )
        if kept:
            return kept
        report = move.partner_id.invoice_template_pdf_report_id or self.env.ref("account.account_invoices")
        content, _kind = self.env["ir.actions.report"].sudo()._render_qweb_pdf(report.report_name, move.ids)
        return attachments_sudo.create(
            {
                "name": f"{safe_name(move.name or str(move.id))}.pdf",
                "raw": steady_pdf(content),
                "mimetype": "application/pdf",
                "description": mark,
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    def _get_letter_pieces(self, letters_folder, proofs_folder):
        letters, proofs = [], []
        for notice in self._get_letters():
            title = f"{notice.level_id.name} {notice.name}"
            if notice.attachment_id:
                letters.append(
                    Piece(letters_folder, f"{notice.name}.pdf", partial(self._load_file, notice.attachment_id), title)
                )
            for dispatch in notice._get_proofs() | notice._get_returned():
                proofs.append(
                    Piece(
                        proofs_folder,
                        f"{notice.name} {dispatch.name}.txt",
                        partial(self._render_proof, notice, dispatch),
                        self.env._("Proof of sending of %(letter)s", letter=notice.name),
                    )
                )
                proofs += self._get_attachment_pieces(proofs_folder, dispatch, dispatch.name)
        return letters + proofs

    @api.model
    def _load_file(self, attachment):
        return attachment.sudo().raw or b""  # whoever may hand over the record may hand over its file

    def _get_attachment_pieces(self, folder, record, prefix):
        """Return what people kept with a record, such as the receipt of the post office."""
        # sudo: files are read with the record to which they belong
        attachments_sudo = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [("res_model", "=", record._name), ("res_id", "=", record.id), ("res_field", "=", False)], order="id"
            )
        )
        if record._name == "commercial.dispatch":
            attachments_sudo -= record.attachment_id.sudo()  # the letter itself stands among the letters
        return [
            Piece(folder, f"{prefix} {file.name}", partial(self._load_file, file), file.name)
            for file in attachments_sudo
            if file.type == "binary"
        ]

    def _render_proof(self, notice, dispatch):
        """Return when and how a letter left, as the program recorded it."""
        channels = dict(dispatch._fields["channel"]._description_selection(self.env))
        states = dict(dispatch._fields["state"]._description_selection(self.env))
        timezone = dispatch._get_timezone()

        def moment(value):
            if not value:
                return ""
            local = pytz.utc.localize(value).astimezone(timezone)
            return f"{format_datetime(self.env, value, tz=timezone.zone, dt_format='medium')} ({local:%z})"

        is_mail = dispatch.channel == "email"
        recipient = dispatch.contact_id or dispatch.partner_id
        email = dispatch.recipient_email if is_mail else False
        address = False if is_mail else ", ".join((dispatch.recipient_address or "").splitlines())
        letter = f"{notice.name} ({notice.level_id.name})"
        rows = [
            (self.env._("Letter"), letter),
            (self.env._("Creditor"), dispatch.company_id.name),
            (self.env._("Debtor"), dispatch.partner_id.name),
            (self.env._("Number of the sending"), dispatch.name),
            (self.env._("Channel"), channels.get(dispatch.channel)),
            (self.env._("State"), states.get(dispatch.state)),
            (self.env._("Recipient"), recipient.name),
            (self.env._("E-mail address"), email),
            (self.env._("Postal address"), address),
            (self.env._("Subject"), dispatch.subject),
            (self.env._("Handed to the mail server on"), moment(dispatch.sending_on)),
            (self.env._("Sent on"), moment(dispatch.sent_on)),
            (self.env._("Message-ID"), dispatch.message_id),
            (self.env._("Tracking number"), dispatch.tracking_number),
            (self.env._("Attempt"), str(dispatch.attempt)),
            (self.env._("Came back on"), moment(dispatch.bounced_on)),
            (self.env._("Reason"), dispatch.error),
            (self.env._("Established by"), dispatch.resolved_by_id.sudo().name),
            (self.env._("Established on"), moment(dispatch.resolved_on)),
            (self.env._("On the ground of"), dispatch.resolution_note),
            (self.env._("SHA-256 of the letter"), dispatch.sha256),
        ]
        return self._write_text(self.env._("Proof of sending"), rows)

    @api.model
    def _write_text(self, title, rows, text=""):
        """Return a page of plain text: a title, then one line for each label that has a value."""
        rows = [(label, str(value)) for label, value in rows if value]
        width = max((len(label) for label, _value in rows), default=0)
        lines = [title, "=" * len(title), ""]
        lines += [f"{label.ljust(width)}  {value}" for label, value in rows]
        if text:
            lines += ["", text]
        return ("\r\n".join(lines) + "\r\n").encode()

    def _get_statement_pieces(self, folder):
        table, charges = self.env._("Statement"), self.env._("Charges and computation")
        pieces = [
            Piece(folder, f"{table}.csv", self._render_statement_table, table),
            Piece(folder, f"{charges}.csv", self._render_charges, charges),
        ]
        report = self.env.ref(STATEMENT_REPORT, raise_if_not_found=False)
        if report and report.model == "commercial.receivable":
            account = self.env._("Statement of account")
            pieces.insert(0, Piece(folder, f"{account}.pdf", partial(self._render_statement, report), account))
        return pieces

    def _render_statement(self, report):
        reports = self.env["ir.actions.report"].with_context(statement_options={"lang": self.env.lang})
        content, _kind = reports._render_qweb_pdf(report.report_name, self.receivable_id.ids)
        return steady_pdf(content)

    def _render_statement_table(self):
        """Return the handed-over items: what was invoiced, paid and claimed."""
        rows = [
            (
                line.item_id.move_name or "",
                self._format_day(line.date),
                self._format_day(line.date_due),
                line.currency_id.name,
                self._format_number(line.item_id.amount_original, line),
                self._format_number(line.item_id.amount_original - line.amount_principal, line),
                self._format_number(line.amount_principal, line),
                self._format_number(line.amount_claimed - line.amount_principal, line),
                self._format_number(line.amount_claimed, line),
                line.item_id.level_id.name or "",
                self._format_day(line.item_id.last_delivered_on),
                self._format_day(line.prescription_date),
            )
            for line in self.line_ids
        ]
        return write_csv(
            [
                self.env._("Invoice"),
                self.env._("Invoice date"),
                self.env._("Due date"),
                self.env._("Currency"),
                self.env._("Amount"),
                self.env._("Paid or credited"),
                self.env._("Principal"),
                self.env._("Charges claimed"),
                self.env._("Claimed"),
                self.env._("Last letter"),
                self.env._("Left on"),
                self.env._("Lapses on"),
            ],
            rows,
        )

    def _render_charges(self):
        """Return each charge with what it was computed on, and what is not claimed in this procedure."""
        charges = self.env["commercial.dunning.charge"].search(
            self._get_charge_domain(self.line_ids.item_id), order="item_id, date_from, id"
        )
        kinds = dict(charges._fields["kind"]._description_selection(self.env))
        rows = [
            (
                charge.item_id.move_name or "",
                kinds.get(charge.kind, charge.kind),
                self._format_day(charge.date_from),
                self._format_day(charge.date_to),
                self._format_number(charge.base_amount, charge),
                charge.rate_text or "",
                self._format_number(charge.amount, charge),
                charge.currency_id.name,
                charge.legal_ground or "",
                charge.notice_id.name,
            )
            for charge in charges
        ]
        rows += [
            (
                line.item_id.move_name or "",
                self.env._("Not claimed (cap of the procedure)"),
                "",
                "",
                "",
                "",
                self._format_number(-line.amount_reduction, line),
                line.currency_id.name,
                self.env._("Judicial Code, art. 1394/20"),
                "",
            )
            for line in self.line_ids
            if not line.currency_id.is_zero(line.amount_reduction)
        ]
        return write_csv(
            [
                self.env._("Invoice"),
                self.env._("Charge"),
                self.env._("From"),
                self.env._("To"),
                self.env._("Calculated on"),
                self.env._("Rate"),
                self.env._("Amount"),
                self.env._("Currency"),
                self.env._("Legal ground"),
                self.env._("First claimed by"),
            ],
            rows,
        )

    def _get_related_pieces(self, folder):
        pieces = []
        for records in self._get_related_records():
            model = self.env["ir.model"]._get(records._name).name
            for record in records.with_context(lang=self.env.lang):
                name = f"{model} {record.display_name}"
                pieces.append(Piece(folder, f"{name}.txt", partial(self._render_record, model, record), name))
                pieces += self._get_attachment_pieces(folder, record, name)
        return pieces

    def _render_record(self, title, record):
        """Return what stands in a record that another room owns, and what was said about it."""
        rows, texts = [], []
        for name, description in record.fields_get().items():
            field = record._fields[name]
            if name in TECHNICAL_NAMES or name.startswith(TECHNICAL) or not (field.store or field.related):
                continue
            value = self._format_value(record, name, description)
            if not value:
                continue
            if field.type in ("html", "text"):
                texts.append(f"{description['string']}:\r\n{value}")
            else:
                rows.append((description["string"], value))
        return self._write_text(f"{title}: {record.display_name}", rows, "\r\n\r\n".join(texts))

    def _format_value(self, record, name, description):
        value = record[name]
        kind = description["type"]
        if kind == "date":
            return self._format_day(value)
        if kind == "datetime":
            return value and format_datetime(self.env, value, tz="Europe/Brussels")
        if kind == "selection":
            return dict(description["selection"]).get(value)
        if kind == "monetary":
            currency = record[record._fields[name].get_currency_field(record)]
            return value and formatLang(self.env, value, currency_obj=currency)
        if kind == "boolean":
            return value and self.env._("Yes")
        if kind == "html":
            return value and html2plaintext(value).strip()
        if kind in ("char", "text", "integer", "float"):
            return value
        if kind == "many2one":
            return value.sudo().display_name  # the name of what a record speaks of belongs to it
        return None

    def _get_contract_pieces(self, folder):
        return [
            Piece(folder, file.name, partial(self._load_file, file), file.name)
            for file in self.contract_attachment_ids.sorted(lambda file: (file.name or "", file.id))
        ]

    # --- FORMATS ---

    @api.model
    def _format_day(self, day):
        return format_date(self.env, day) if day else ""

    @api.model
    def _format_number(self, amount, record):
        return formatLang(self.env, amount, digits=record.currency_id.decimal_places)

    # --- COVER LETTER ---

    def _render_cover(self):
        """Return the cover letter as PDF."""
        self.ensure_one()
        handover = self._in_letter_language()
        # sudo: the letter is composed from documents that belong to the hand-over
        content, _kind = handover.env["ir.actions.report"].sudo()._render_qweb_pdf(COVER_REPORT, handover.ids)
        return steady_pdf(content)

    def _get_cover_subject(self):
        self.ensure_one()
        return self.env["report.commercial_assistant.report_collection_cover"]._get_subject(self)

    def _render_cover_mail(self):
        """Return the text of the mail that carries cover letter and file."""
        self.ensure_one()
        letter = self.env["report.commercial_assistant.report_collection_cover"]._prepare_mail(self)
        return self.env["ir.qweb"]._render(
            "commercial_assistant.mail_collection_cover", {"letter": letter, "report_type": "mail"}
        )

    # --- BUILDING ---

    def _build_dossier(self):
        """Put the file together. The same content again is the same version; another content is a new one."""
        self.ensure_one()
        self.check_access("write")
        handover = self._in_letter_language()
        missing = handover._find_missing()
        with tempfile.TemporaryFile() as file:
            try:
                entries, manifest_sha256 = write_dossier(
                    file,
                    self.name,
                    handover._get_pieces(),
                    headers=("SHA-256", "Bytes", handover.env._("File"), handover.env._("Document")),
                    max_bytes=MAX_BYTES,
                )
            except DossierTooLargeError as error:
                raise UserError(
                    self.env._(
                        "The documents of %(number)s are more than %(limit)s MB (reached with %(name)s). Leave "
                        "invoices or enclosures out and hand them over separately.",
                        number=self.name,
                        limit=MAX_BYTES // 2**20,
                        name=error.name,
                    )
                ) from error
            latest = self.dossier_ids[:1]
            if latest.manifest_sha256 == manifest_sha256:
                return latest
            file.seek(0)
            # sudo: nobody writes a file by hand
            dossier_sudo = self.env["commercial.collection.dossier"].sudo()
            dossier_sudo = dossier_sudo._store(self, file.read(), entries, manifest_sha256, missing)
            self.sudo().manifest_sha256 = manifest_sha256
        self.invalidate_recordset(["dossier_ids", "dossier_id"])
        return dossier_sudo.sudo(self.env.su)
