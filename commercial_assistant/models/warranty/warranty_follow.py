from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools import warranty as core
from ..common.legal_parameter import LegalParameterError


class Warranty(models.Model):
    """What happens to covered goods: they come back, go to the workshop, are repaired or replaced."""

    _inherit = "commercial.warranty"

    # --- RETURNS ---

    @api.model
    def _find_moved_again(self, moves):
        """Return the rows of goods that came back, went back to the supplier, or went to the customer again."""
        moved = moves.filtered(
            lambda move: move.origin_returned_move_id
            or move._is_return_from_customer()
            or move._is_return_to_supplier()
            or (move._is_delivery_to_customer() and not move.sale_line_id)
        )
        if not moved:
            return self.browse()
        domain = Domain("move_id", "in", moved._get_first_moves().ids)
        if lots := moved.move_line_ids.lot_id:
            domain |= Domain("lot_id", "in", lots.ids)
        return self.search(domain)

    def _recount_returns(self):
        """Write on each row what is not with the customer (any more), read from all transfers since its own.

        A return is no loss of cover: when the goods go back to the customer, the old term runs on.
        """
        serials = self.filtered(lambda row: row.lot_id.product_id.tracking == "serial")
        events = serials._fetch_serial_events()
        for row in serials:
            row._write_returned(*row._follow_serial(events.get(row.lot_id.id, ())))
        others = (self - serials).filtered("move_id")
        returned = others._fetch_returned_quantities()
        for row in others:
            row._write_returned(*returned.get((row.move_id.id, row.lot_id.id), (0.0, None)))

    def _write_returned(self, quantity, day):
        """Write the returned quantity; the cover of goods that are all back stops, that of others goes on."""
        self.ensure_one()
        quantity = min(max(quantity, 0.0), self.quantity - self.quantity_replaced)
        if not self.product_id.uom_id.compare(quantity, self.quantity_returned):
            return
        vals = {"quantity_returned": quantity}
        left = self.quantity - quantity - self.quantity_replaced
        is_back = self.product_id.uom_id.compare(left, 0) <= 0
        if is_back and self.status == "running":
            vals.update(status="returned", ended_on=day)
        elif not is_back and self.status == "returned":
            vals.update(status="running", ended_on=False)
        self.write(vals)

    def _fetch_serial_events(self):
        """Return the transfers to and from the outside of these serial numbers, in order, by lot."""
        if not self:
            return {}
        domain = Domain("lot_id", "in", self.lot_id.ids) & Domain("state", "=", "done")
        outside = Domain("location_id.usage", "in", ("customer", "supplier"))
        outside |= Domain("location_dest_id.usage", "in", ("customer", "supplier"))
        lines = self.env["stock.move.line"].sudo().search(domain & outside, order="date, id")
        return lines.grouped(lambda line: line.lot_id.id)

    def _follow_serial(self, lines):
        """Return quantity and day of the return of one serial number that is not with the customer now."""
        self.ensure_one()
        returned, day = 0.0, None
        is_after = not self.move_id
        for line in lines:
            move = line.move_id
            if move == self.move_id:
                is_after = True
                continue
            if not is_after or (not self.move_id and move.date.date() < self.start):
                continue
            is_sold = move.sale_line_id and not move.origin_returned_move_id
            if self.side == "customer" and move._is_return_from_customer():
                returned, day = self.quantity, self._get_local_date(move.date, self.company_id)
            elif self.side == "customer" and move._is_delivery_to_customer() and not is_sold:
                if move._get_warranty_partner("customer") == self.partner_id:
                    returned, day = 0.0, None
            elif self.side == "supplier" and move._is_return_to_supplier():
                returned, day = self.quantity, self._get_local_date(move.date, self.company_id)
            elif self.side == "supplier" and move._is_receipt_from_supplier():
                returned, day = 0.0, None
        return returned, day

    def _fetch_returned_quantities(self):
        """Return ``{(first move id, lot id): (quantity, day)}`` of what came back for good."""
        quantities, days = {}, {}
        roots = {move.id: move.id for move in self.move_id}
        level, sign = self.move_id, 1
        while level:
            level = (
                self.env["stock.move"]
                .sudo()
                .search([("origin_returned_move_id", "in", level.ids), ("state", "=", "done")])
            )
            for move in level:
                roots[move.id] = roots[move.origin_returned_move_id.id]
                for lot, quantity in move._get_warranty_units():
                    key = (roots[move.id], lot.id)
                    quantities[key] = quantities.get(key, 0.0) + sign * quantity
                    if sign > 0:
                        days[key] = self._get_local_date(move.date, move.company_id)
            sign = -sign
        return {key: (quantity, days.get(key)) for key, quantity in quantities.items()}

    # --- REPAIRS ---

    @api.model
    def _get_source_key(self, source):
        """Return the text by which a source is known: a record, or the caller's own key."""
        if isinstance(source, models.BaseModel):
            source.ensure_one()
            return f"{source._name},{source.id}"
        return str(source or "") or None

    def _suspend(self, start, end, reason, source):
        """Count days in which the term did not run, where the policy says so.

        Calling it again for the same source changes the days of the same suspension, for example when it is over.

        :param start: the day the goods were handed in, or the talks began
        :param end: the day they were given back, None while it goes on
        :param source: the document behind it, a record or a text: it counts once
        :return: the suspensions
        """
        if end is not None and end < start:
            raise UserError(self.env._("The goods cannot come back before they were handed in."))
        key = self._get_source_key(source)
        rows = self.filtered(lambda row: row.policy_id.on_repair in ("suspend", "suspend_add"))
        known = rows._find_extensions("suspension", key)
        dates = {"date_from": start, "date_to": end}
        changed = known.filtered(lambda extension: (extension.date_from, extension.date_to or None) != (start, end))
        changed.sudo().write(dates)
        fresh = (rows - known.warranty_id).filtered(lambda row: row.start <= start <= row._get_end(until=start))
        created = fresh._create_extensions("suspension", key, reason, **dates)
        return known | created

    def _extend_for_repair(self, on_date, reason, source):
        """Add the months that a repair gives, once for each cover, where the policy says so.

        While the figure of law waits for its confirmation nothing is added; the team lead has a task then, and
        calling it again adds it.

        :param on_date: the day of the repair; goods that were not covered that day get nothing
        :return: the extensions
        """
        key = self._get_source_key(source)
        rows = self.filtered(lambda row: row.policy_id.on_repair in ("add_once", "suspend_add"))
        known = self.env["commercial.warranty.extension"].search(
            [("warranty_id", "in", rows.ids), ("kind", "=", "repair")]
        )
        fresh = (rows - known.warranty_id).filtered(lambda row: row.start <= on_date <= row._get_end(until=on_date))
        extensions = known
        for policy, policy_rows in fresh.grouped("policy_id").items():
            months = self._find_repair_extension(policy, on_date)
            if months:
                extensions |= policy_rows._create_extensions(
                    "repair", key, reason, date_from=on_date, date_to=on_date, months=months
                )
        return extensions

    @api.model
    def _find_repair_extension(self, policy, day):
        try:
            return policy._get_repair_extension(day)
        except LegalParameterError as error:
            self.env["commercial.legal.parameter"]._ensure_task(error.code, error.on, error.country)
            return 0

    def _extend_by_decision(self, months, on_date, reason, source=None):
        """Add months out of goodwill."""
        return self._create_extensions(
            "goodwill", self._get_source_key(source), reason, date_from=on_date, date_to=on_date, months=months
        )

    def _find_extensions(self, kind, key):
        if not key:
            return self.env["commercial.warranty.extension"]
        return self.env["commercial.warranty.extension"].search(
            [("warranty_id", "in", self.ids), ("kind", "=", kind), ("source", "=", key)]
        )

    def _create_extensions(self, kind, key, reason, **vals):
        """Write why these covers last longer, and tell it in their history."""
        # the rights were checked by whoever calls; extensions are written by nobody directly
        extensions_sudo = self.env["commercial.warranty.extension"].sudo()
        created_sudo = extensions_sudo.create(
            [
                {"warranty_id": row.id, "kind": kind, "source": key, "reason": reason or self.env._("Repair"), **vals}
                for row in self
            ]
        )
        for row in self.sudo():
            row._message_log(
                body=self.env._("%(reason)s: covered until %(day)s.", reason=reason, day=format_date(self.env, row.end))
            )
        return created_sudo.sudo(self.env.su)

    # --- REPLACEMENT ---

    def _replace(self, new, on_date, source, quantity=None):
        """Let other goods take the place of covered ones: they get what the policy says, never a fresh term by chance.

        :param new: the stock move line, the stock move or the lot of the new goods; an empty record for goods without
            a number
        :param on_date: the day the customer got them
        :param source: the document behind it, a record or a text: it counts once
        :param float quantity: how many of a row are replaced, default all that are left
        :return: the covers of the new goods
        """
        key = self._get_source_key(source)
        rows_sudo = self.sudo()  # the rights were checked by whoever calls; the register is written by nobody directly
        successors_sudo = rows_sudo.browse()
        for row_sudo in rows_sudo:
            successors_sudo |= row_sudo._replace_one(new.sudo(), on_date, key, quantity)
        return successors_sudo.sudo(self.env.su)

    def _replace_one(self, new, on_date, source, quantity):
        self.ensure_one()
        key = f"replace:{source or new}:{self.id}"
        known = self.search([("company_id", "=", self.company_id.id), ("key", "=", key)])
        if known:
            return known
        left = self._get_left() if self.status == "running" else self.quantity - self.quantity_replaced
        quantity = left if quantity is None else min(quantity, left)
        if self.product_id.uom_id.compare(quantity, 0) <= 0:
            return self.browse()
        vals = {**self._prepare_successor_vals(new, on_date, quantity), "key": key}
        successor = self._find_covered_by_mistake(vals)
        if successor:
            successor.write({name: value for name, value in vals.items() if name not in ("partner_id", "policy_id")})
        else:
            successor = self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True).create([vals])
        self._write_replaced(quantity, on_date)
        number = successor.serial_number or successor.product_id.display_name
        self._message_log(body=self.env._("Replaced by %(goods)s.", goods=number))
        successor._message_log(
            body=self.env._(
                "Takes the place of %(goods)s: covered until %(day)s.",
                goods=self.serial_number or self.product_id.display_name,
                day=format_date(self.env, successor.end),
            )
        )
        return successor

    def _prepare_successor_vals(self, new, on_date, quantity):
        """Return the values of the cover of the new goods; the policy decides its last day."""
        policy = self.policy_id
        end = core.replacement_end(
            policy.on_replacement, self._get_end(until=on_date), on_date, self.months, policy.replacement_months
        )
        lot = new if new._name == "stock.lot" else new.lot_id if new._name == "stock.move.line" else None
        move = new.move_id if new._name == "stock.move.line" else new if new._name == "stock.move" else None
        product = (lot or self.env["stock.lot"]).product_id or (move or self.env["stock.move"]).product_id
        return {
            "company_id": self.company_id.id,
            "side": self.side,
            "kind": self.kind,
            "policy_id": policy.id,
            "partner_id": self.partner_id.id,
            "product_id": (product or self.product_id).id,
            "lot_id": lot.id if lot else False,
            "serial_number": lot.name if lot else False,
            "quantity": quantity,
            "order_line_id": self.order_line_id.id,
            "order_id": self.order_id.id,
            "move_id": move.id if move else False,
            "picking_id": move.picking_id.id if move else False,
            "delivered_on": on_date,
            "contract_on": self.contract_on,
            "basis": self.basis,
            "is_fallback": False,
            "start": on_date,
            "months": self.months,
            "agreed_end": end,
            "presumption_months": self.presumption_months,
            "is_second_hand": self.is_second_hand,
            "origin_id": self.id,
        }

    def _find_covered_by_mistake(self, vals):
        """The delivery of the new goods may have made a row of its own before it was known that they replace others."""
        domain = (
            Domain("company_id", "=", vals["company_id"])
            & Domain("policy_id", "=", vals["policy_id"])
            & Domain("partner_id", "=", vals["partner_id"])
            & Domain("origin_id", "=", False)
            & Domain("id", "!=", self.id)
        )
        if vals["lot_id"]:
            domain &= Domain("lot_id", "=", vals["lot_id"])
        elif vals["move_id"]:
            domain &= Domain("move_id", "=", vals["move_id"])
        else:
            return self.browse()
        return self.search(domain & Domain("delivered_on", ">=", vals["delivered_on"]), limit=1)

    def _write_replaced(self, quantity, day):
        """Goods that went back before the new ones came were counted as returned: they are replaced now."""
        self.ensure_one()
        back = min(self.quantity_returned, quantity)
        replaced = self.quantity_replaced + quantity
        vals = {"quantity_replaced": replaced, "quantity_returned": self.quantity_returned - back}
        left = self.quantity - replaced - vals["quantity_returned"]
        if self.product_id.uom_id.compare(left, 0) <= 0:
            vals.update(status="replaced", ended_on=day)
        self.write(vals)

    # --- ENDING ---

    def _end(self, day, reason):
        """End covers that are wrong or not owed; they stay in the register."""
        for row in self.filtered(lambda row: row.status == "running").sudo():
            row.write({"status": "ended", "ended_on": day})
            row._message_log(body=reason)
