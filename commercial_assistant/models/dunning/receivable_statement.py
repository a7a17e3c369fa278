import hashlib
import json
from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, date_utils

from ...tools import statement as core
from ...tools.identifiers import is_structured_communication, structured_communication
from .open_at import flush_open_at, lines_open_at, movements

STATEMENT_KINDS = [("open", "Open items on a day"), ("activity", "Activity of a period")]
STATEMENT_REPORT = "commercial_assistant.action_report_receivable_statement"
# the first digit tells the communication of a statement from that of a letter
REFERENCE_BASE = 9_000_000_000


class Receivable(models.Model):
    _inherit = "commercial.receivable"

    statement_mode = fields.Selection(
        selection=[("always", "Every month"), ("never", "Never")],
        string="Automatic statement",
        tracking=True,
        help="Whether the customer gets a statement of account every month, when the company sends them. Empty: as the "
        "policy of the customer says.",
    )
    statement_ids = fields.One2many(
        comodel_name="commercial.statement",
        inverse_name="receivable_id",
        string="Statements",
        readonly=True,
    )
    statement_reference = fields.Char(
        string="Communication of statements",
        compute="_compute_statement_reference",
        search="_search_statement_reference",
        help="Structured communication printed on statements with several invoices: it names this customer.",
    )

    # --- COMPUTE ---

    def _compute_statement_reference(self):
        for receivable in self:
            receivable.statement_reference = bool(receivable.id) and structured_communication(
                REFERENCE_BASE + receivable.id
            )

    def _search_statement_reference(self, operator, value):
        """Find the customer by the communication of a payment, however it was typed."""
        if operator not in ("in", "ilike", "like", "=like", "=ilike"):
            return NotImplemented
        ids = []
        for text in value if operator == "in" else [value]:
            digits = "".join(filter(str.isdigit, text or ""))[:10]
            if len(digits) == 10 and int(digits) > REFERENCE_BASE:
                ids.append(int(digits) - REFERENCE_BASE)
        return [("id", "in", ids)]

    # --- ACTIONS ---

    def action_statement(self):
        """Ask for the day and the kind of the statement."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.statement_make_action")
        action["context"] = {"default_receivable_ids": self.ids, "default_company_id": self.company_id[:1].id}
        return action

    def action_open_statements(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.statement_action")
        action["domain"] = [("receivable_id", "=", self.id)]
        action["context"] = {}
        return action

    # --- ACCOUNTS ---

    @api.model
    def _ensure_accounts(self, company, partners):
        """Return the accounts of these customers with the company; a missing one is opened.

        An account decides nothing: whoever may read the customers may look at what they owe.
        """
        self.check_access("read")
        partners.check_access("read")
        if not self.env.su and company not in self.env.user.company_ids:
            raise AccessError(self.env._("You do not work for %(company)s.", company=company.sudo().name))
        receivables_sudo = self.sudo()  # see above
        entities = partners.commercial_partner_id
        domain = [("company_id", "=", company.id), ("partner_id", "in", entities.ids)]
        missing = entities - receivables_sudo.search(domain).partner_id
        receivables_sudo.create([{"company_id": company.id, "partner_id": entity.id} for entity in missing])
        return self.search(domain)

    @api.model
    def _find_open_at(self, company, day):
        """Return the accounts of the customers with an open invoice on that day; a missing one is opened."""
        flush_open_at(self.env)
        self.flush_model()
        entities = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT open.entity_id
                  FROM (%s) open
                 WHERE open.amount_residual > 0
                   AND open.entity_id IS NOT NULL
                """,
                lines_open_at(company, self._get_receivable_accounts().ids, day),
            )
        )
        entity_ids = [entity_id for [entity_id] in entities]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO commercial_receivable
                            (company_id, partner_id, create_uid, create_date, write_uid, write_date)
                SELECT %s, entity_id, %s, now() AT TIME ZONE 'UTC', %s, now() AT TIME ZONE 'UTC'
                  FROM unnest(%s::int[]) entity_id
                ON CONFLICT (company_id, partner_id) DO NOTHING
                """,
                company.id,
                self.env.uid,
                self.env.uid,
                entity_ids,
            )
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM commercial_receivable WHERE company_id = %s AND partner_id = ANY(%s) ORDER BY id",
                company.id,
                entity_ids,
            )
        )
        return [receivable_id for [receivable_id] in rows]

    def _get_policy_ids(self):
        """Return the policy that holds for each of these customers of one company, as a run would choose it."""
        if not self:
            return {}
        company = self.company_id.ensure_one()
        Run = self.env["commercial.dunning.run"].with_company(company)
        run = Run.new({"company_id": company.id, "date": fields.Date.context_today(self)})
        toolbox = run._prepare_toolbox()
        Partner = self.env["res.partner"].with_company(company)
        Partner.flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT receivable.id AS receivable_id, receivable.partner_id, receivable.policy_id,
                       partner.customer_kind, partner.country_id, %s AS trust
                  FROM commercial_receivable receivable
                  JOIN res_partner partner ON partner.id = receivable.partner_id
                 WHERE receivable.id = ANY(%s)
                """,
                Partner._field_to_sql("partner", "trust"),
                self.ids,
            )
        )
        segments = run._fetch_segments(rows, toolbox)
        policies = {row["receivable_id"]: run._choose_policy(row, segments, toolbox) for row in rows}
        return {receivable_id: policy.id for receivable_id, policy in policies.items() if policy}

    # --- FIGURES ---

    @api.model
    def _read_statement_options(self, options=None):
        """Return complete options of a statement from what a caller gave.

        :param options: ``date``, ``kind`` ("open" or "activity"), ``date_from`` (first day of an activity),
            ``with_charges`` and ``lang``; days as dates or in ISO form
        """
        options = options or {}
        day = fields.Date.to_date(options.get("date")) or fields.Date.context_today(self)
        kind = options.get("kind") or "open"
        if kind not in dict(STATEMENT_KINDS):
            raise UserError(self.env._("There is no statement of the kind “%(kind)s”.", kind=kind))
        date_from = False
        if kind == "activity":
            date_from = fields.Date.to_date(options.get("date_from")) or date_utils.start_of(day, "month")
            if date_from > day:
                raise UserError(
                    self.env._("The period of the statement begins on %(start)s, after its end.", start=date_from)
                )
        return {
            "date": day,
            "kind": kind,
            "date_from": date_from,
            "with_charges": bool(options.get("with_charges", True)),
            "lang": options.get("lang") or False,
        }

    def _load_statements(self, options):
        """Return what the statements of these customers show, read with a fixed number of queries.

        :param options: see :meth:`_read_statement_options`
        :return: ``{receivable id: [Section]}``, the currency of the company first
        """
        options = self._read_statement_options(options)
        result = {}
        for company, receivables in self.grouped("company_id").items():
            by_entity = {receivable.partner_id.id: receivable.id for receivable in receivables}
            account_ids = self._get_receivable_accounts().ids
            flush_open_at(self.env)
            entries = self._fetch_statement_entries(company, account_ids, options["date"], list(by_entity))
            charges = receivables._fetch_statement_charges(options["date"]) if options["with_charges"] else {}
            moves = {}
            if options["kind"] == "activity":
                moves = self._fetch_statement_movements(company, account_ids, options, list(by_entity))
            limits = company._get_ageing_limits()
            for entity_id, receivable_id in by_entity.items():
                sections = core.open_sections(
                    entries.get(entity_id, ()), charges.get(receivable_id, ()), options["date"], limits
                )
                if options["kind"] == "activity":
                    opening, rows = moves.get(entity_id, ({}, ()))
                    sections = core.activity_sections(opening, rows, sections)
                result[receivable_id] = self._sort_sections(sections.values(), company.currency_id.id)
        return result

    @api.model
    def _sort_sections(self, sections, first_currency_id):
        return sorted(sections, key=lambda section: (section.currency_id != first_currency_id, section.currency_id))

    @api.model
    def _get_statement_name_columns(self):
        """What names a journal item for the customer; the number of an instalment only where there are several."""
        return SQL(
            """
            move.name AS move_name, move.ref, move.move_type, move.invoice_date, move.payment_reference,
            journal.type AS journal_type, credited.name AS credited_name,
            parts.instalment, parts.instalments
            """
        )

    @api.model
    def _get_statement_name_joins(self):
        return SQL(
            """
              JOIN account_move move ON move.id = found.move_id
              JOIN account_journal journal ON journal.id = move.journal_id
         LEFT JOIN account_move credited ON credited.id = move.reversed_entry_id
              JOIN account_move_line line ON line.id = found.line_id
         LEFT JOIN LATERAL (
                   SELECT count(*) AS instalments,
                          count(*) FILTER (
                              WHERE (COALESCE(part.date_maturity, part.date), part.id) <= (found.date_due, line.id)
                          ) AS instalment
                     FROM account_move_line part
                    WHERE part.move_id = line.move_id AND part.account_id = line.account_id
                   ) parts ON TRUE
            """
        )

    @api.model
    def _fetch_statement_entries(self, company, account_ids, day, entity_ids):
        """Return the open journal items of customers on a day as ``{customer: [Entry]}``."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT found.*, %s
                  FROM (SELECT id AS line_id, open.* FROM (%s) open) found
                       %s
              ORDER BY found.date_due, found.date, found.line_id
                """,
                self._get_statement_name_columns(),
                lines_open_at(company, account_ids, day, entity_ids),
                self._get_statement_name_joins(),
            )
        )
        entries = defaultdict(list)
        for row in rows:
            entries[row["entity_id"]].append(
                core.Entry(
                    row["currency_id"],
                    row["invoice_date"] or row["date"],
                    row["date_due"],
                    Decimal(str(row["amount_original"])),
                    Decimal(str(row["amount_residual"])),
                    row,
                )
            )
        return entries

    @api.model
    def _fetch_statement_movements(self, company, account_ids, options, entity_ids):
        """Return the opening balances and the entries of a period as ``{customer: ({currency: balance}, [Entry])}``."""
        query = movements(company, account_ids, entity_ids)
        result = defaultdict(lambda: ({}, []))
        for entity_id, currency_id, amount in self.env.execute_query(
            SQL(
                """
                SELECT entity_id, currency_id, SUM(amount) FROM (%s) moved WHERE date < %s
              GROUP BY entity_id, currency_id
                """,
                query,
                options["date_from"],
            )
        ):
            result[entity_id][0][currency_id] = Decimal(str(amount))
        for row in self.env.execute_query_dict(
            SQL(
                """
                SELECT found.*, %s
                  FROM (SELECT * FROM (%s) moved WHERE moved.date BETWEEN %s AND %s) found
                       %s
              ORDER BY found.date, found.is_matching, found.date_due, found.line_id
                """,
                self._get_statement_name_columns(),
                query,
                options["date_from"],
                options["date"],
                self._get_statement_name_joins(),
            )
        ):
            amount = Decimal(str(row["amount"]))
            result[row["entity_id"]][1].append(
                core.Entry(row["currency_id"], row["date"], row["date_due"], amount, key=row)
            )
        return result

    def _fetch_statement_charges(self, day):
        """Return the charges that were claimed and open on a day as ``{account: [Charge]}``.

        Only charges that stand in letters and not in the books: what is booked is a journal item of its own.
        """
        self.env["commercial.dunning.charge"].flush_model()
        self.env["commercial.dunning.notice"].flush_model()
        charges = defaultdict(list)
        for row in self.env.execute_query_dict(
            SQL(
                """
                SELECT charge.receivable_id, charge.currency_id, charge.kind, item.move_name,
                       charge.amount
                       - CASE WHEN charge.paid_on <= %(day)s THEN COALESCE(charge.amount_paid, 0) ELSE 0 END AS amount
                  FROM commercial_dunning_charge charge
                  JOIN commercial_dunning_notice notice ON notice.id = charge.notice_id
                  JOIN commercial_receivable_item item ON item.id = charge.item_id
                 WHERE charge.receivable_id = ANY(%(ids)s)
                   AND COALESCE(charge.claimed_on, notice.delivered_on) <= %(day)s
                   AND charge.booking_state <> 'booked'
                   AND (charge.state = 'claimed'
                        OR charge.state = 'paid' AND charge.paid_on > %(day)s
                        OR charge.state = 'waived' AND charge.waived_on > %(day)s)
              ORDER BY item.date_due, item.move_name, charge.id
                """,
                ids=self.ids,
                day=day,
            )
        ):
            charges[row["receivable_id"]].append(core.Charge(row["currency_id"], Decimal(str(row["amount"])), row))
        return charges

    # --- LETTER ---

    @api.model
    def _get_statement_report_action(self, receivables, options):
        """Return the action that shows the statements of these customers."""
        data = {
            **{
                name: fields.Date.to_string(value) if name in ("date", "date_from") and value else value
                for name, value in options.items()
            },
            "receivable_ids": receivables.ids,
        }
        return self.env.ref(STATEMENT_REPORT).report_action(receivables, data=data, config=False)

    def _get_statement_contact(self):
        """Return who gets the statement: the reminder contact, else the invoice address, else the customer."""
        self.ensure_one()
        entity = self.partner_id
        contact = self.contact_id.filtered("active")
        if not contact:
            domain = [("commercial_partner_id", "=", entity.id), ("id", "!=", entity.id), ("type", "=", "invoice")]
            contact = self.env["res.partner"].search(domain, order="id", limit=1)
        return contact or entity

    def _get_statement_lang(self, lang=None):
        """Return an active language: the one asked for, else of the contact, the customer, the company."""
        self.ensure_one()
        active = dict(self.env["res.lang"].get_installed())
        contact = self._get_statement_contact()
        candidates = (lang, contact.lang, self.partner_id.lang, self.company_id.partner_id.lang, self.env.lang)
        return next((code for code in candidates if code in active), "en_US")

    def _get_statement_payment_reference(self, section):
        """Return the communication of the only open invoice, else the one that names the customer."""
        self.ensure_one()
        debts = [entry.key["payment_reference"] for entry in section.still_open if entry.residual > 0]
        if len(debts) == len(section.still_open) == 1 and not section.charges:
            reference = debts[0] or ""
            if is_structured_communication(reference):
                return reference
        return self.statement_reference

    def _get_statement_responsible(self):
        """Return who answers the customer: the person responsible for the account, else the desk, else the company.

        :return: dict with ``name``, ``phone`` and ``email``
        """
        self.ensure_one()
        company_sudo = self.company_id.sudo()  # how to reach the sender is meant to be told
        user_sudo = self.user_id.sudo()
        desk_sudo = company_sudo.dunning_contact_id
        sources = (user_sudo.partner_id, desk_sudo, company_sudo.partner_id)
        return {
            "name": user_sudo.name or desk_sudo.name or company_sudo.name,
            "phone": next((source.phone for source in sources if source.phone), ""),
            "email": next((source.email for source in sources if source.email), ""),
        }

    def _render_statement(self, date, lang=None, kind="open", date_from=None, with_charges=True):
        """Return the PDF of the statement of one customer.

        :param date: the day of the statement
        :param lang: language, of the contact when not given
        :param kind: "open" or "activity"
        :param date_from: first day of an activity
        :rtype: bytes
        """
        self.ensure_one()
        self.check_access("read")
        options = {
            "date": fields.Date.to_string(date),
            "kind": kind,
            "date_from": fields.Date.to_string(date_from) if date_from else False,
            "with_charges": with_charges,
            "lang": lang or False,
        }
        report = self.env["ir.actions.report"].with_context(lang=self._get_statement_lang(lang))
        content, _kind = report._render_qweb_pdf(STATEMENT_REPORT, self.ids, data=options)
        return content

    def _get_statement_fingerprints(self, options):
        """Return what tells whether the figures of the statements changed, by account."""
        return {
            receivable_id: hashlib.sha256(
                json.dumps(
                    [
                        [
                            section.currency_id,
                            str(section.opening),
                            str(section.total),
                            [
                                [entry.key["line_id"], str(entry.amount), str(entry.residual), str(entry.due)]
                                for entry in section.entries
                            ],
                            [str(charge.amount) for charge in section.charges],
                        ]
                        for section in sections
                    ]
                ).encode()
            ).hexdigest()
            for receivable_id, sections in self._load_statements(options).items()
        }
