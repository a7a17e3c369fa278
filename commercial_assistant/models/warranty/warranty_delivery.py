from datetime import datetime, time, timedelta
from typing import NamedTuple

import pytz

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.warranty_rules import Sale
from ..common.legal_parameter import LegalParameterError

# moves looked at in one go
BATCH = 500
# the daily job looks at so many days again, in case a delivery was missed
SAFETY_DAYS = 8


class Unit(NamedTuple):
    """Goods of one move: a serial number, a lot, or a quantity."""

    side: str
    move: models.BaseModel
    lot: models.BaseModel
    quantity: float
    partner: models.BaseModel
    delivered_on: object


class Warranty(models.Model):
    """The register follows the first delivery to the customer, and the receipt from the supplier."""

    _inherit = "commercial.warranty"

    # --- FROM THE WAREHOUSE ---

    @api.model
    def _follow_moves(self, moves):
        """Cover what was delivered or received, and see what came back. Call it with the rights of the superuser.

        Repeating it changes nothing.
        """
        # whoever moves goods need not be able to read orders; read together, not one by one
        moves = self.env["stock.move"].browse(moves.ids)
        done = moves.filtered(lambda move: move.state == "done")
        self._cover_moves(done)
        self._find_moved_again(done)._recount_returns()

    @api.model
    def _cover_moves(self, moves):
        """Make the missing rows of deliveries and receipts; return them."""
        created = self.browse()
        (moves.location_id | moves.location_dest_id).fetch(["usage"])
        for company, company_moves in moves.grouped("company_id").items():
            for side, is_relevant in (
                ("customer", "_is_delivery_to_customer"),
                ("supplier", "_is_receipt_from_supplier"),
            ):
                relevant = company_moves.filtered(lambda move, name=is_relevant: getattr(move, name)())
                starting = relevant.filtered(lambda move: move._can_start_warranty())
                if starting:
                    created |= self._cover_units(company, side, self._prepare_units(side, starting))
        return created

    @api.model
    def _prepare_units(self, side, moves):
        """Return the goods of these moves that reach somebody for the first time."""
        moves.move_line_ids.fetch(["lot_id", "quantity_product_uom", "move_id"])
        units = []
        for move in moves:
            partner = move._get_warranty_partner(side)
            if not partner:
                continue
            delivered_on = self._get_local_date(move.date, move.company_id, move.picking_type_id.warehouse_id)
            units += [
                Unit(side, move, lot, quantity, partner, delivered_on) for lot, quantity in move._get_warranty_units()
            ]
        known = self._find_known_lots(side, units)
        return [unit for unit in units if not self._is_known(unit, known)]

    @api.model
    def _find_known_lots(self, side, units):
        """Return what is covered already of these lots, ``{(lot id, partner id): rows}``."""
        lot_ids = list({unit.lot.id for unit in units if unit.lot})
        if not lot_ids:
            return {}
        rows = self.search([("lot_id", "in", lot_ids), ("side", "=", side)])
        known = {}
        for row in rows:
            key = (row.lot_id.id, row.partner_id.id)
            known[key] = known.get(key, self.browse()) | row
        return known

    @api.model
    def _is_known(self, unit, known):
        """Tell whether these goods were with this partner before: then nothing starts anew.

        Without an order it is the repaired, exchanged or lent piece that goes (back) to the customer.
        """
        rows = known.get((unit.lot.id, unit.partner.id), self.browse()).filtered(lambda row: row.move_id != unit.move)
        if not rows:
            return False
        if unit.lot.product_id.tracking == "serial":
            is_sold_again = unit.move.sale_line_id and all(row.status != "running" for row in rows)
            return not is_sold_again
        return not unit.move.sale_line_id and any(row.quantity_returned for row in rows)

    @api.model
    def _cover_units(self, company, side, units):
        # all at once: their fields are read together
        policies = self.env["commercial.warranty.policy"].browse(
            [rule.id for rule in self.env["commercial.warranty.policy"]._get_rules(side, company.id)]
        )
        if not policies or not units:
            return self.browse()
        invoice_dates = self._find_invoice_dates(policies, units)
        vals_by_key = {}
        for unit in units:
            for vals in self._prepare_unit_vals(company, policies, unit, invoice_dates):
                vals_by_key[vals["key"]] = vals
        known = self._find_keys(company, list(vals_by_key))
        quiet = self.with_context(
            tracking_disable=True, mail_create_nosubscribe=True, mail_create_nolog=True, mail_notrack=True
        )
        created = quiet.create([vals for key, vals in vals_by_key.items() if key not in known])
        return self.browse(created.ids)

    @api.model
    def _find_keys(self, company, keys):
        if not keys:
            return set()
        rows = self.search_fetch([("company_id", "=", company.id), ("key", "in", keys)], ["key"])
        return set(rows.mapped("key"))

    @api.model
    def _prepare_unit_vals(self, company, policies, unit, invoice_dates):
        """Return the values of one row for each policy that applies to these goods."""
        move, line = unit.move, unit.move.sale_line_id
        product = move.product_id
        if product.categ_id._is_for_live_animals():
            return []
        is_second_hand = unit.side == "customer" and line._is_second_hand(product)
        contract_on = self._get_contract_date(unit)
        sale = Sale(
            side=unit.side,
            company_id=company.id,
            product_tmpl_id=product.product_tmpl_id.id,
            categ_ids=product.categ_id._get_category_path_ids(),
            supplier_id=unit.partner.id if unit.side == "supplier" else 0,
            customer_kind=unit.partner._get_customer_kind() if unit.side == "customer" else "",
            is_second_hand=is_second_hand,
            country_id=unit.partner.country_id.id or 0,
            home_country_id=company.country_id.id or 0,
            day=contract_on,
        )
        vals_list = []
        for policy in policies._choose(sale).with_prefetch(policies.ids):
            terms = self._find_terms(policy, company, contract_on, is_second_hand, line._get_agreed_months(product))
            if not terms or not terms["months"]:
                continue
            start, is_fallback = self._get_start(policy.basis, unit, invoice_dates)
            vals_list.append(
                {
                    **self._prepare_origin_vals(unit),
                    **terms,
                    "company_id": company.id,
                    "side": policy.side,
                    "kind": policy.kind,
                    "policy_id": policy.id,
                    "contract_on": contract_on,
                    "basis": policy.basis,
                    "start": start,
                    "is_fallback": is_fallback,
                    "is_second_hand": is_second_hand,
                    "key": f"{policy.id}:{move.id}:{unit.lot.id or 0}",
                }
            )
        return vals_list

    @api.model
    def _prepare_origin_vals(self, unit):
        line = unit.move.sale_line_id if unit.side == "customer" else unit.move.sale_line_id.browse()
        return {
            "partner_id": unit.partner.id,
            "product_id": unit.move.product_id.id,
            "lot_id": unit.lot.id,
            "serial_number": unit.lot.name,
            "quantity": unit.quantity,
            "order_line_id": line.id,
            "order_id": line.order_id.id,
            "move_id": unit.move.id,
            "picking_id": unit.move.picking_id.id,
            "delivered_on": unit.delivered_on,
        }

    @api.model
    def _get_contract_date(self, unit):
        """Return the day of the contract: which law holds depends on it."""
        order = unit.move.sale_line_id.order_id
        if unit.side == "customer" and order.date_order:
            return min(self._get_local_date(order.date_order, order.company_id), unit.delivered_on)
        return unit.delivered_on

    @api.model
    def _find_terms(self, policy, company, day, is_second_hand, agreed_months):
        """Return the terms of a policy; nothing while a figure of law waits, of which the team lead gets a task.

        The goods leave all the same: the daily job makes the row as soon as the figure is confirmed.
        """
        try:
            return policy._get_terms(company, day, is_second_hand, agreed_months)
        except LegalParameterError as error:
            self.env["commercial.legal.parameter"]._ensure_task(error.code, error.on, error.country)
            return None

    # --- START ---

    @api.model
    def _get_start(self, basis, unit, invoice_dates):
        """Return the first day, and whether it is provisional."""
        if basis == "delivery":
            return unit.delivered_on, False
        invoiced_on = invoice_dates.get(unit.move.sale_line_id.id) if basis == "invoice" else None
        return invoiced_on or unit.delivered_on, not invoiced_on

    @api.model
    def _find_invoice_dates(self, policies, units):
        """Return the date of the first invoice of each order line, if a policy asks for it."""
        if "invoice" not in policies.mapped("basis"):
            return {}
        line_ids = list({unit.move.sale_line_id.id for unit in units if unit.move.sale_line_id})
        return self._fetch_invoice_dates(line_ids)

    @api.model
    def _fetch_invoice_dates(self, line_ids):
        if not line_ids:
            return {}
        domain = (
            Domain("sale_line_ids", "in", line_ids)
            & Domain("parent_state", "=", "posted")
            & Domain("move_id.move_type", "=", "out_invoice")
        )
        items_sudo = self.env["account.move.line"].sudo().search(domain)
        dates = {}
        for item in items_sudo:
            day = item.move_id.invoice_date
            for line in item.sale_line_ids:
                dates[line.id] = min(dates.get(line.id, day), day)
        return dates

    @api.model
    def _follow_invoices(self, invoices):
        """Give goods that waited for their invoice its date."""
        lines = invoices.invoice_line_ids.sale_line_ids
        waiting = self.search(
            [("order_line_id", "in", lines.ids), ("basis", "=", "invoice"), ("is_fallback", "=", True)]
        )
        dates = self._fetch_invoice_dates(waiting.order_line_id.ids) if waiting else {}
        for day, rows in waiting.grouped(lambda row: dates.get(row.order_line_id.id)).items():
            if day:
                rows.write({"start": day, "is_fallback": False})

    @api.model
    def _follow_date_done(self, pickings):
        """Let the cover start on the corrected day of the transfer, unless it starts otherwise."""
        rows = self.search([("picking_id", "in", pickings.ids)])
        for move, move_rows in rows.grouped("move_id").items():
            day = self._get_local_date(move.date, move.company_id, move.picking_type_id.warehouse_id)
            moved = move_rows.filtered(lambda row, day=day: row.delivered_on != day)
            if not moved:
                continue
            follows = moved.filtered(lambda row: row.basis == "delivery" or row.is_fallback)
            follows.write({"start": day})
            moved.write({"delivered_on": day})

    def _set_start(self, day, reason, basis=None):
        """Start the cover on the day of commissioning, or on a day decided by hand.

        :param str reason: stands in the history
        :param str basis: ``commissioning``: only rows that start with it, the others stay as they are
        """
        rows = self.filtered(lambda row: row.basis == basis) if basis else self
        for row in rows.filtered(lambda row: row.start != day or row.is_fallback):
            row.write({"start": day, "is_fallback": False})
            row._message_log(body=self.env._("Starts on %(day)s: %(reason)s", day=str(day), reason=reason))
        return rows

    # --- DAILY JOB ---

    @api.model
    def _cron_cover(self):
        """Cover what was delivered lately and was missed, then go on with the history that was asked for."""
        companies = self.env["res.company"].search([("active", "=", True)])
        today = fields.Date.context_today(self)
        for company in companies:
            self._cover_period(company, today - timedelta(days=SAFETY_DAYS), today)
        for company in companies.filtered("warranty_history_from"):
            if not self._read_history(company):
                break

    @api.model
    def _get_period_domain(self, company, date_from, date_to):
        """Deliveries and receipts of whole days where the company is."""
        zone = pytz.timezone(company.partner_id.tz or "Europe/Brussels")
        start, end = (
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (date_from, date_to + timedelta(days=1))
        )
        outside = Domain("location_dest_id.usage", "=", "customer") | Domain("location_id.usage", "=", "supplier")
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "done")
            & Domain("date", ">=", start)
            & Domain("date", "<", end)
            & Domain("origin_returned_move_id", "=", False)
            & Domain("product_id.type", "=", "consu")
            & outside
        )

    @api.model
    def _cover_period(self, company, date_from, date_to, commit=True):
        """Cover the deliveries and receipts of a period, in batches; return how many rows were made."""
        domain = self._get_period_domain(company, date_from, date_to) & Domain("warranty_ids", "=", False)
        move_ids = self.env["stock.move"].search(domain, order="date, id").ids
        count = 0
        for start in range(0, len(move_ids), BATCH):
            moves = self.env["stock.move"].browse(move_ids[start : start + BATCH]).exists()
            created = self._cover_moves(moves)
            created._recount_returns()
            count += len(created)
            if commit and not self.env["ir.cron"]._commit_progress(len(moves)):
                break
        return count

    @api.model
    def _read_history(self, company):
        """Take over a month of history after the other; return whether there is time left."""
        while company.warranty_history_from:
            first = company.warranty_history_from
            last = company.warranty_history_to or fields.Date.context_today(self)
            month_end = min(last, first + timedelta(days=30))
            self._cover_period(company, first, month_end)
            is_over = month_end >= last
            company.write(
                {
                    "warranty_history_from": False if is_over else month_end + timedelta(days=1),
                    "warranty_history_to": False if is_over else last,
                }
            )
            if not self.env["ir.cron"]._commit_progress():
                return False
        return True
