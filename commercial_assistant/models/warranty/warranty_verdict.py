from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import warranty as core

# rows of one customer and product that a verdict looks at, the newest first
MOST_ROWS = 60
# receipts that may have brought goods without a number
MOST_RECEIPTS = 3
# what frees us, and what frees only whoever gave a guarantee of his own accord
ALWAYS_EXCLUDED = ("customer_responsible", "normal_wear", "accident")
EXCLUDED_BY_TERMS = ("maintenance_missing", "opened_by_others", "terms_not_met")


class Question(NamedTuple):
    """What is asked, checked and completed."""

    company: models.BaseModel
    partner: models.BaseModel
    product: models.BaseModel
    lot: models.BaseModel
    order_line: models.BaseModel
    reported_on: object
    quantity: float
    facts: dict


class Judgement(NamedTuple):
    """How one cover stands on the day the defect was reported."""

    row: models.BaseModel
    result: str
    end: object
    presumed_until: object
    burden: str


class Verdict(NamedTuple):
    verdict: str
    reason_code: str
    judgement: Judgement | None


class Warranty(models.Model):
    """Is this covered? The answer is kept as it was given."""

    _inherit = "commercial.warranty"

    @api.model
    def _check(self, product, lot, order_line, partner, reported_on, quantity=1.0, facts=None):
        """Find out whether goods are covered, and keep the answer.

        Everything but the day is optional, as far as the rest says what is meant: a lot tells its product, an order
        line its product and customer.

        :param product: ``product.product``
        :param lot: ``stock.lot``
        :param order_line: ``sale.order.line``
        :param partner: the customer who reports
        :param date reported_on: the day the defect was reported (never just today); None: today
        :param float quantity: how many, for goods without a number
        :param dict facts: what excludes the cover: ``customer_responsible``, ``normal_wear``, ``accident``,
            ``maintenance_missing``, ``opened_by_others``, ``terms_not_met``; ``reason``: why, in words;
            ``discovered_on``: the proven day of discovery, if earlier than the report
        :return: a ``commercial.warranty.check``
        :raise UserError: the question contradicts itself, for example a serial number of another product
        """
        self._check_may_ask()
        question = self._prepare_question(product, lot, order_line, partner, reported_on, quantity, facts)
        # a sales user may not read transfers and lots; the answer names what belongs to this question only
        rows_sudo = self.sudo().with_company(question.company)
        own_sudo, is_of_others = rows_sudo._find_customer_rows(question)
        suppliers_sudo = rows_sudo._find_supplier_rows(question, own_sudo)
        judgements = [row._judge(question) for row in own_sudo | suppliers_sudo]  # what they need is read together
        judged = [judgement for judgement in judgements if judgement.row.side == "customer"]
        suppliers = [judgement for judgement in judgements if judgement.row.side == "supplier"]
        verdict = self._decide(question, judged, suppliers, is_of_others)
        checks_sudo = self.env["commercial.warranty.check"].sudo()
        check_sudo = checks_sudo._record(question, verdict, judged, suppliers)
        return check_sudo.sudo(self.env.su)

    # --- QUESTION ---

    @api.model
    def _prepare_question(self, product, lot, order_line, partner, reported_on, quantity, facts):
        lot_sudo = (lot or self.env["stock.lot"]).sudo()  # sales users may not read lots
        order_line = order_line or self.env["sale.order.line"]
        order_line.check_access("read")
        partner = partner or self.env["res.partner"]
        product = product or lot_sudo.product_id.sudo(self.env.su) or order_line.product_id
        if not product:
            raise UserError(self.env._("Say which product it is about: by serial number, order line or product."))
        company = order_line.company_id or lot_sudo.company_id.sudo(self.env.su) or self.env.company
        question = Question(
            company=company,
            partner=(partner or order_line.order_id.partner_id).commercial_partner_id,
            product=product,
            lot=lot_sudo,
            order_line=order_line,
            reported_on=self._check_reported_on(reported_on, facts or {}),
            quantity=self._check_quantity(product, quantity, order_line),
            facts=dict(facts or {}),
        )
        self._check_question(question)
        return question

    @api.model
    def _check_reported_on(self, reported_on, facts):
        today = fields.Date.context_today(self)
        try:
            day = fields.Date.to_date(reported_on) or today
            discovered_on = fields.Date.to_date(facts.get("discovered_on")) or day
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("Enter the day of the report as a date.")) from error
        if day > today:
            raise UserError(self.env._("A defect cannot have been reported on a day that is still to come."))
        return min(day, discovered_on)

    @api.model
    def _check_quantity(self, product, quantity, order_line):
        if not isinstance(quantity, (int, float)) or not quantity > 0 or quantity == float("inf"):
            raise UserError(self.env._("The quantity has to be above zero."))
        uom = order_line.product_uom_id
        delivered = order_line.qty_delivered if order_line else 0.0
        if order_line and uom._compute_quantity(delivered, product.uom_id) > 0:
            delivered = uom._compute_quantity(delivered, product.uom_id)
            if product.uom_id.compare(quantity, delivered) > 0:
                raise UserError(
                    self.env._(
                        "%(quantity)s of %(product)s is more than the %(delivered)s that were delivered.",
                        quantity=quantity,
                        product=product.display_name,
                        delivered=delivered,
                    )
                )
        return quantity

    @api.model
    def _check_question(self, question):
        """Refuse what contradicts itself, or belongs to a company the user does not work in."""
        lot, line, product = question.lot, question.order_line, question.product
        companies = lot.company_id | line.company_id | question.partner.company_id | product.company_id
        if companies - question.company or question.company not in self.env.companies:
            raise UserError(
                self.env._(
                    "Product, serial number, order and customer do not all belong to %(company)s.",
                    company=question.company.name if question.company in self.env.companies else self.env.company.name,
                )
            )
        if lot and lot.product_id != product:
            raise UserError(
                self.env._(
                    "Serial number %(serial)s is not one of %(product)s.",
                    serial=lot.name,
                    product=product.display_name,
                )
            )
        if line and line.product_id != product:
            raise UserError(
                self.env._(
                    "This line of %(order)s is not about %(product)s.",
                    order=line.order_id.name,
                    product=product.display_name,
                )
            )
        if line and line.order_id.partner_id.commercial_partner_id != question.partner:
            raise UserError(
                self.env._(
                    "%(order)s is not an order of %(customer)s.",
                    order=line.order_id.name,
                    customer=question.partner.display_name,
                )
            )

    # --- WHAT COULD COVER ---

    @api.model
    def _find_customer_rows(self, question):
        """Return the covers to look at, and whether such goods went to other customers only."""
        domain = Domain("company_id", "=", question.company.id) & Domain("side", "=", "customer")
        if question.lot:
            domain &= self._get_lot_domain(question.product, question.lot)
            rows = self._search_rows(domain)
            own = rows.filtered(lambda row: row.partner_id == question.partner) if question.partner else rows
            if question.order_line and own:
                own = own.filtered(lambda row: row.order_line_id in (question.order_line, row.order_line_id.browse()))
            return own, bool(rows) and not own
        if question.order_line:
            rows = self._search_rows(domain & Domain("order_line_id", "=", question.order_line.id))
            if rows:
                return rows, False
        if not question.partner:
            return self.browse(), False
        domain &= Domain("partner_id", "=", question.partner.id) & Domain("product_id", "=", question.product.id)
        return self._search_rows(domain), False

    @api.model
    def _get_lot_domain(self, product, lot):
        """A number may stand in the register before Odoo knew it."""
        by_number = Domain("product_id", "=", product.id) & Domain("serial_number", "=", lot.name)
        return Domain("lot_id", "=", lot.id) | (by_number & Domain("lot_id", "=", False))

    @api.model
    def _find_supplier_rows(self, question, customer_rows):
        """Return the supplier's covers of the same goods; without a number those of the last receipts before."""
        domain = Domain("company_id", "=", question.company.id) & Domain("side", "=", "supplier")
        domain &= Domain("product_id", "=", question.product.id)
        lots = question.lot or customer_rows.lot_id
        if lots:
            return self._search_rows(domain & Domain("lot_id", "in", lots.ids))
        if not customer_rows:
            return self.browse()
        delivered_on = max(row.delivered_on or row.start for row in customer_rows)
        return self._search_rows(
            domain & Domain("start", "<=", delivered_on) & Domain("status", "=", "running"), limit=MOST_RECEIPTS
        )

    @api.model
    def _search_rows(self, domain, limit=MOST_ROWS):
        """Find and read rows in one query."""
        names = [name for name, field in self._fields.items() if field.column_type and field.store and field.prefetch]
        return self.search_fetch(domain, names, limit=limit)

    # --- JUDGING ---

    def _judge(self, question):
        """Return how this cover stands on the day of the report."""
        self.ensure_one()
        day = question.reported_on
        end = self._get_end(until=day)
        presumed_until = self._get_presumption_end(until=day) if self.side == "customer" else None
        if presumed_until:
            presumed_until = min(presumed_until, end)
        burden = core.burden_of_proof(presumed_until, day)
        return Judgement(self, self._get_result(question, end), end, presumed_until, burden)

    def _get_result(self, question, end):
        day = question.reported_on
        if self.status != "running" and (not self.ended_on or self.ended_on <= day):
            return self.status
        if day < self.start:
            return "not_started"
        if day > end:
            return "expired"
        if self.side == "customer" and self._is_excluded(question.facts):
            return "excluded"
        return "covered"

    def _is_excluded(self, facts):
        """A guarantee given of one's own accord follows its terms; the law knows no such terms."""
        self.ensure_one()
        names = ALWAYS_EXCLUDED if self.kind == "legal" else (*ALWAYS_EXCLUDED, *EXCLUDED_BY_TERMS)
        return any(facts.get(name) for name in names)

    @api.model
    def _decide(self, question, judged, suppliers, is_of_others):
        """Return the verdict, why, and the cover it rests on."""
        if question.product.categ_id._is_for_live_animals():
            return Verdict("excluded", "live_animal", None)
        for verdict, reason, kinds in (
            ("covered_legal", "law", ("legal",)),
            ("covered_commercial", "terms", ("commercial", "manufacturer")),
        ):
            rows = [judgement for judgement in judged if judgement.row.kind in kinds]
            covering = [judgement for judgement in rows if judgement.result == "covered"]
            if covering and self._is_clear(question, rows, covering):
                return Verdict(verdict, reason, max(covering, key=lambda judgement: judgement.end))
        covering = [judgement for judgement in judged if judgement.result == "covered"]
        if covering:
            return Verdict("unknown", "which_unit", max(covering, key=lambda judgement: judgement.end))
        if excluded := [judgement for judgement in judged if judgement.result == "excluded"]:
            always = any(question.facts.get(name) for name in ALWAYS_EXCLUDED)
            reason = "customer_responsible" if always else "terms_not_met"
            last = max(excluded, key=lambda judgement: (judgement.row.kind == "legal", judgement.end))
            return Verdict("excluded", reason, last)
        if judged and (covering := [judgement for judgement in suppliers if judgement.result == "covered"]):
            # the customer is not covered (any more), but the supplier may still help
            return Verdict("supplier_only", "supplier", max(covering, key=lambda judgement: judgement.end))
        if judged:
            return self._decide_over(judged)
        return Verdict("unknown", "other_customer" if is_of_others else "no_record", None)

    @api.model
    def _is_clear(self, question, rows, covering):
        """Tell whether the goods are covered whichever of the delivered ones they are.

        With a number there is one piece. Without, all that is left has to be covered.
        """
        if question.lot:
            return True
        left = [judgement for judgement in rows if judgement.result in ("covered", "expired", "not_started")]
        return len(left) == len(covering)

    @api.model
    def _decide_over(self, judged):
        """Return why nothing covers: the newest fact counts."""
        last = max(judged, key=lambda judgement: (judgement.end, judgement.row.id))
        results = {judgement.result for judgement in judged}
        for result in ("not_started", "expired", "replaced", "returned", "ended"):
            if result in results:
                last = max(
                    (judgement for judgement in judged if judgement.result == result),
                    key=lambda judgement: (judgement.end, judgement.row.id),
                )
                break
        if last.result in ("not_started", "returned"):
            return Verdict("unknown", last.result, last)
        return Verdict("expired", last.result, last)
