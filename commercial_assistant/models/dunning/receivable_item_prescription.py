from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...tools.prescription import KINDS, Interruption, Term, lapse
from .activities import plan_activities
from .claim_kind import CLAIM_KINDS, SHORTEST_FIRST

LAWS = ("be", "nl", "fr", "lu")
CUSTOMER_KINDS = ("consumer", "business", "public")
ALERT = "commercial_assistant.mail_activity_type_prescription"


class ReceivableItem(models.Model):
    _inherit = "commercial.receivable.item"

    # Kind and dates are written in sets by a job: nothing here recomputes by itself. A reminder of ours changes
    # nothing; only what a person recorded interrupts the term. Nothing is ever written off.

    claim_kind = fields.Selection(
        selection=CLAIM_KINDS,
        string="Kind of claim",
        readonly=True,
        help="By the choice of a person, else the policy, the product category, the kind of customer.",
    )
    claim_kind_choice = fields.Selection(
        selection=CLAIM_KINDS,
        string="Other kind of claim",
        help="Counts instead of what the program found.",
    )
    prescription_date = fields.Date(
        string="Lapses on",
        readonly=True,
        help="The claim lapses by prescription on this day, unless something recorded interrupts it. Empty: the term "
        "is not known or not confirmed.",
    )
    prescription_alert_on = fields.Date(string="Look at it from", readonly=True)
    prescription_alerted_on = fields.Date(string="Brought to attention on", readonly=True)
    prescription_state = fields.Selection(
        selection=[("none", "Not known"), ("running", "Running"), ("soon", "Lapses soon"), ("lapsed", "Lapsed")],
        string="Prescription",
        compute="_compute_prescription_state",
    )
    prescription_event_ids = fields.Many2many(
        comodel_name="commercial.prescription.event",
        relation="commercial_prescription_event_item_rel",
        column1="item_id",
        column2="event_id",
        string="Interruptions",
        readonly=True,
    )

    _prescription = models.Index("(company_id, prescription_alert_on) WHERE state = 'open'")

    # --- COMPUTE ---

    @api.depends("prescription_date", "prescription_alert_on", "state")
    @api.depends_context("tz")
    def _compute_prescription_state(self):
        today = fields.Date.context_today(self)
        for item in self:
            if item.state != "open" or not item.prescription_date:
                item.prescription_state = "none"
            elif item.prescription_date <= today:
                item.prescription_state = "lapsed"
            elif item.prescription_alert_on and item.prescription_alert_on <= today:
                item.prescription_state = "soon"
            else:
                item.prescription_state = "running"

    # --- CRUD ---

    @api.model
    def _get_writable_fields(self):
        return super()._get_writable_fields() | {"claim_kind_choice"}

    def write(self, vals):
        result = super().write(vals)
        if "claim_kind_choice" in vals:
            self.sudo()._refresh_prescription(again=True)
        return result

    # --- ACTIONS ---

    def action_record_interruption(self):
        """Record what interrupts the prescription of these items."""
        self.receivable_id.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Interruption of prescription"),
            "res_model": "commercial.prescription.event",
            "view_mode": "form",
            "target": "new",
            "context": {"default_receivable_id": self.receivable_id.id, "default_item_ids": self.ids},
        }

    # --- KIND OF CLAIM ---

    @api.model
    def _forget_claim_kinds(self, partner_ids=None):
        """Let the job decide again about the kind of open claims: what it rested on has changed."""
        self.flush_model(["claim_kind", "state"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE commercial_receivable_item
                   SET claim_kind = NULL
                 WHERE state = 'open' AND claim_kind IS NOT NULL %s
                """,
                SQL("AND partner_id = ANY(%s)", list(partner_ids)) if partner_ids is not None else SQL(),
            )
        )
        self.invalidate_model(["claim_kind"])

    @api.model
    def _write_claim_kinds(self, condition):
        """Write the kind of open items that have none; one statement.

        Goods sold to a consumer lapse first: where nobody knows what was sold, that is assumed.
        """
        categories = self.env["product.category"].sudo().search_count([("claim_kind", "!=", False)], limit=1)
        self.env.cr.execute(
            SQL(
                """
                UPDATE commercial_receivable_item item
                   SET claim_kind = found.kind
                  FROM (
                       SELECT item.id,
                              COALESCE(
                                  item.claim_kind_choice,
                                  own.claim_kind,
                                  CASE WHEN own.is_regular_supply THEN 'periodic' END,
                                  used.claim_kind,
                                  CASE WHEN used.is_regular_supply THEN 'periodic' END,
                                  %(category)s,
                                  CASE WHEN partner.customer_kind = 'consumer' AND %(goods)s THEN 'consumer_goods'
                                       ELSE 'contract' END
                              ) AS kind
                         FROM commercial_receivable_item item
                         JOIN commercial_receivable receivable ON receivable.id = item.receivable_id
                         JOIN res_partner partner ON partner.id = item.partner_id
                    LEFT JOIN commercial_dunning_policy own ON own.id = receivable.policy_id
                    LEFT JOIN commercial_dunning_policy_level level ON level.id = item.level_id
                    LEFT JOIN commercial_dunning_policy used ON used.id = level.policy_id
                        WHERE item.state = 'open' AND item.claim_kind IS NULL AND %(condition)s
                       ) found
                 WHERE item.id = found.id
                """,
                category=self._get_category_sql() if categories else SQL("NULL"),
                goods=self._get_goods_sql(),
                condition=condition,
            )
        )

    @api.model
    def _get_category_sql(self):
        """The kind of what was sold: the nearest category with a kind for each line, the shortest term of all lines."""
        return SQL(
            """
            (SELECT kind
               FROM (
                    SELECT DISTINCT ON (line.id) ancestor.claim_kind AS kind
                      FROM account_move_line line
                      JOIN product_product product ON product.id = line.product_id
                      JOIN product_template template ON template.id = product.product_tmpl_id
                      JOIN product_category category ON category.id = template.categ_id
                      JOIN product_category ancestor
                        ON category.parent_path LIKE ancestor.parent_path || '%%' AND ancestor.claim_kind IS NOT NULL
                     WHERE line.move_id = item.move_id
                       AND line.display_type = 'product'
                  ORDER BY line.id, length(ancestor.parent_path) DESC
                    ) sold
           ORDER BY array_position(%s::varchar[], kind)
              LIMIT 1)
            """,
            SHORTEST_FIRST,
        )

    @api.model
    def _get_goods_sql(self):
        """Whether anything but services was sold, as far as the invoice tells."""
        return SQL(
            """
            COALESCE(
                (SELECT bool_or(COALESCE(template.type, 'consu') <> 'service')
                   FROM account_move_line line
              LEFT JOIN product_product product ON product.id = line.product_id
              LEFT JOIN product_template template ON template.id = product.product_tmpl_id
                  WHERE line.move_id = item.move_id
                    AND line.display_type = 'product'),
                TRUE
            )
            """
        )

    # --- TERMS ---

    @api.model
    def _get_prescription_terms(self, day):
        """Return ``{(law, kind of claim, kind of customer): Term}`` of everything that is confirmed."""
        terms = {}
        for law in LAWS:
            country = self.env.ref(f"base.{law}")
            for kind in KINDS:
                for customer_kind in CUSTOMER_KINDS:
                    if term := self._get_prescription_term(law, country, kind, customer_kind, day):
                        terms[law, kind, customer_kind] = term
        return terms

    @api.model
    def _get_prescription_term(self, law, country, kind, customer_kind, day):
        """Return the term of a claim, ``None`` while not confirmed; a kind without figures follows the contract."""
        months = self._find_months(f"{law}_prescription_{kind}", country, customer_kind, day)
        if months is False and kind != "contract":
            return self._get_prescription_term(law, country, "contract", customer_kind, day)
        if not months:
            return None
        alert = self._find_figure(f"{law}_prescription_{kind}_alert_months", country, customer_kind, day)
        return Term(months, int(alert) if alert and 0 < alert <= months else max(months * 3 // 4, 1))

    @api.model
    def _find_months(self, code, country, customer_kind, day):
        """Return the months of a term, ``None`` when it is not confirmed, ``False`` when nobody knows such a term."""
        years = self._find_figure(f"{code}_years", country, customer_kind, day)
        if years is not False:
            return years and int(years * 12)
        months = self._find_figure(f"{code}_months", country, customer_kind, day)
        return months and int(months)

    @api.model
    def _find_figure(self, code, country, customer_kind, day):
        """Return a confirmed figure of law, ``None`` when it waits for that, ``False`` when there is none."""
        groups = self.env["commercial.legal.parameter"]._get_candidates(code, country, customer_kind)
        for group in groups:
            for period in group:
                if period.covers(day):
                    return period.value if period.confirmed else None
        return None if groups else False

    # --- DATES ---

    @api.model
    def _get_law_sql(self):
        """The law of an item: of its letters or the customer's own policy, else of the customer, else our own."""
        return SQL(
            """
            SELECT item.id, item.claim_kind, item.date_due, partner.customer_kind,
                   CASE WHEN left(COALESCE(own.regime, used.regime), 2) = ANY(%(laws)s)
                        THEN left(COALESCE(own.regime, used.regime), 2)
                        WHEN lower(country.code) = ANY(%(laws)s) THEN lower(country.code)
                        ELSE lower(home.code) END AS law
              FROM commercial_receivable_item item
              JOIN commercial_receivable receivable ON receivable.id = item.receivable_id
              JOIN res_partner partner ON partner.id = item.partner_id
              JOIN res_company company ON company.id = item.company_id
              JOIN res_partner seller ON seller.id = company.partner_id
         LEFT JOIN res_country country ON country.id = partner.country_id
         LEFT JOIN res_country home ON home.id = seller.country_id
         LEFT JOIN commercial_dunning_policy own ON own.id = receivable.policy_id
         LEFT JOIN commercial_dunning_policy_level level ON level.id = item.level_id
         LEFT JOIN commercial_dunning_policy used ON used.id = level.policy_id
            """,
            laws=list(LAWS),
        )

    @api.model
    def _write_prescription_dates(self, condition, day):
        """Write when open items lapse; one statement for those that nothing interrupted."""
        terms = self._get_prescription_terms(day)
        keys = list(terms)
        self.env.cr.execute(
            SQL(
                """
                UPDATE commercial_receivable_item item
                   SET prescription_date = dates.lapse,
                       prescription_alert_on = dates.alert
                  FROM (
                       SELECT found.id,
                              (found.date_due + make_interval(months => term.months))::date AS lapse,
                              (found.date_due + make_interval(months => term.alert))::date AS alert
                         FROM (%(items)s WHERE item.state = 'open' AND %(condition)s) found
                    LEFT JOIN unnest(%(laws)s::varchar[], %(kinds)s::varchar[], %(customers)s::varchar[],
                                     %(months)s::int[], %(alerts)s::int[])
                              AS term (law, kind, customer_kind, months, alert)
                           ON term.law = found.law
                          AND term.kind = found.claim_kind
                          AND term.customer_kind = COALESCE(found.customer_kind, 'consumer')
                        WHERE NOT EXISTS (
                              SELECT FROM commercial_prescription_event_item_rel link WHERE link.item_id = found.id
                              )
                       ) dates
                 WHERE item.id = dates.id
                   AND (item.prescription_date, item.prescription_alert_on) IS DISTINCT FROM (dates.lapse, dates.alert)
                """,
                items=self._get_law_sql(),
                condition=condition,
                laws=[law for law, _kind, _customer in keys],
                kinds=[kind for _law, kind, _customer in keys],
                customers=[customer for _law, _kind, customer in keys],
                months=[terms[key].months for key in keys],
                alerts=[terms[key].alert_months for key in keys],
            )
        )
        self._write_interrupted_dates(condition, terms, day)

    @api.model
    def _write_interrupted_dates(self, condition, terms, day):
        """Write when the few items lapse whose term was interrupted."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT found.id, found.law, found.claim_kind, COALESCE(found.customer_kind, 'consumer'), found.date_due,
                       event.kind, event.date
                  FROM (%(items)s WHERE item.state = 'open' AND %(condition)s) found
                  JOIN commercial_prescription_event_item_rel link ON link.item_id = found.id
                  JOIN commercial_prescription_event event ON event.id = link.event_id
                """,
                items=self._get_law_sql(),
                condition=condition,
            )
        )
        claims = defaultdict(list)
        for item_id, law, kind, customer_kind, due, event_kind, on in rows:
            claims[item_id, law, kind, customer_kind, due].append(Interruption(event_kind, on))
        extra = {law: self._get_interruption_months(law, day) for law in LAWS}
        dates = []
        for (item_id, law, kind, customer_kind, due), events in claims.items():
            term = terms.get((law, kind, customer_kind))
            result = lapse(due, term, events, *extra[law]) if term else None
            dates.append((item_id, result and result.on, result and result.alert_on))
        if not dates:
            return
        columns = [list(column) for column in zip(*dates, strict=True)]
        self.env.cr.execute(
            SQL(
                """
                UPDATE commercial_receivable_item item
                   SET prescription_date = given.lapse, prescription_alert_on = given.alert
                  FROM unnest(%s::int[], %s::date[], %s::date[]) AS given (item_id, lapse, alert)
                 WHERE item.id = given.item_id
                   AND (item.prescription_date, item.prescription_alert_on) IS DISTINCT FROM (given.lapse, given.alert)
                """,
                *columns,
            )
        )

    @api.model
    def _get_interruption_months(self, law, day):
        """Return the months that a registered notice grants and that follow a judgment, ``None`` if not confirmed."""
        country = self.env.ref(f"base.{law}")
        notice = self._find_figure(f"{law}_prescription_notice_months", country, None, day)
        judgment = self._find_figure(f"{law}_prescription_judgment_years", country, None, day)
        return (int(notice) if notice else None, int(judgment * 12) if judgment else None)

    def _refresh_prescription(self, again=False):
        """Decide now about these items, with the figures of today.

        :param again: also about the kind of claim
        """
        if not self:
            return
        self.env.flush_all()
        condition = SQL("item.id = ANY(%s)", self.ids)
        if again:
            self.env.cr.execute(
                "UPDATE commercial_receivable_item SET claim_kind = NULL WHERE id = ANY(%s)", (self.ids,)
            )
        self._write_claim_kinds(condition)
        self._write_prescription_dates(condition, fields.Date.context_today(self))
        self.invalidate_recordset(["claim_kind", "prescription_date", "prescription_alert_on"])

    # --- JOB ---

    @api.model
    def _refresh_prescription_of(self, company, day):
        """Decide about all open items of a company, in a few statements."""
        self.env.flush_all()
        condition = SQL("item.company_id = %s", company.id)
        self._write_claim_kinds(condition)
        self._write_prescription_dates(condition, day)
        self.invalidate_model(["claim_kind", "prescription_date", "prescription_alert_on"])

    @api.model
    def _alert_prescription(self, company, day):
        """Bring what lapses soon to the attention of whoever is responsible: one task for each customer."""
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE commercial_receivable_item item
                   SET prescription_alerted_on = %(day)s
                 WHERE item.company_id = %(company)s
                   AND item.state = 'open'
                   AND item.prescription_alert_on <= %(day)s
                   AND (item.prescription_alerted_on IS NULL
                        OR item.prescription_alerted_on < item.prescription_alert_on)
             RETURNING item.receivable_id, item.prescription_date
                """,
                company=company.id,
                day=day,
            )
        )
        self.invalidate_model(["prescription_alerted_on"])
        found = defaultdict(list)
        for receivable_id, lapse_on in rows:
            found[receivable_id].append(lapse_on)
        receivables = self.env["commercial.receivable"].browse(sorted(found))
        return plan_activities(
            receivables,
            ALERT,
            lambda receivable: receivable.env._(
                "Open items that lapse by prescription: %(count)s, the first one on %(day)s. A reminder does not stop "
                "that: have the debt acknowledged, or hand it over.",
                count=len(found[receivable.id]),
                day=format_date(receivable.env, min(found[receivable.id])),
            ),
            day,
        )

    @api.model
    def _cron_prescription(self):
        """Look each night when open items lapse, company by company."""
        companies = self.env["res.company"].search([("active", "=", True)])
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(companies))
        for company in companies:
            items = self.with_company(company)
            day = fields.Date.context_today(items.with_context(tz=company.partner_id.tz or "Europe/Brussels"))
            items._refresh_prescription_of(company, day)
            items._alert_prescription(company, day)
            if not progress(1):
                break
