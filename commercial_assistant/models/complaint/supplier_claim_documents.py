from collections import defaultdict

from odoo import Command, fields, models
from odoo.exceptions import UserError

from .supplier_claim import RECOVERED_STATES


class SupplierClaim(models.Model):
    _inherit = "commercial.supplier.claim"

    # --- RETURN ---

    def action_return_goods(self):
        """Send the goods back on the receipts with which they came; what goes back already is shown."""
        self.ensure_one()
        self._check_may_work()
        if self.state in ("cancelled", "settled"):
            raise UserError(self.env._("%(claim)s has ended.", claim=self.name))
        goods = self.line_ids.filtered("product_id")
        if not goods:
            raise UserError(self.env._("%(claim)s is not about goods.", claim=self.name))
        waiting = goods.filtered(lambda line: line.sudo().return_move_id.state in (False, "cancel"))
        waiting.filtered(lambda line: not line.receipt_move_id)._propose_receipts()
        if unknown := waiting.filtered(lambda line: not line.receipt_move_id):
            raise UserError(
                self.env._(
                    "Choose on the line with which receipt these goods came: %(products)s.",
                    products=unknown.product_id.mapped("display_name"),
                )
            )
        waiting._check_returnable()
        for picking, lines in waiting.grouped(lambda line: line.sudo().receipt_move_id.picking_id).items():
            lines._return_with(picking)
        return self.action_view_returns()

    def action_view_returns(self):
        self.ensure_one()
        pickings = self.line_ids.sudo().return_move_id.picking_id.sudo(False)
        return pickings._get_records_action(name=self.env._("Returns to the supplier"))

    # --- CREDIT ---

    def action_make_credit(self):
        """Draft the credit note that the supplier owes; one that is there already is shown."""
        self.ensure_one()
        self._check_may_work()
        if not self.credit_id:
            if self.state not in RECOVERED_STATES:
                raise UserError(self.env._("%(claim)s: the supplier has not accepted anything yet.", claim=self.name))
            if self.currency_id.is_zero(self.amount_accepted):
                raise UserError(self.env._("%(claim)s: the accepted amount is missing.", claim=self.name))
            self._make_credit()
        return self.action_view_credit()

    def _make_credit(self):
        """Book nothing: the draft waits for the accountant and the paper of the supplier."""
        self.ensure_one()
        # whoever deals with claims has no rights in the accounts: one draft is made in his name
        credit_sudo = self.env["account.move"].sudo().with_company(self.company_id).create(self._prepare_credit_vals())
        credit_sudo.message_post(
            body=self.env._("Made from claim %(claim)s by %(user)s.", claim=self.name, user=self.env.user.display_name),
            author_id=self.env.user.partner_id.id,
        )
        self.sudo().credit_id = credit_sudo

    def _prepare_credit_vals(self):
        self.ensure_one()
        shares = self._share_accepted()
        return {
            "move_type": "in_refund",
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_origin": self.name,
            "ref": self.supplier_reference or self.name,
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": line.product_id.id,
                        "name": " – ".join(filter(None, (self.name, line.product_id.display_name, line.name))),
                        "quantity": 1.0,
                        "price_unit": amount,
                    }
                )
                for line, amount in shares.items()
                if not self.currency_id.is_zero(amount)
            ],
        }

    def action_view_credit(self):
        self.ensure_one()
        return self.credit_id._get_records_action(name=self.env._("Credit note of the supplier"))


class SupplierClaimLine(models.Model):
    _inherit = "commercial.supplier.claim.line"

    def _propose_receipts(self):
        """Find the receipt of goods that have none: that of the serial number, else the last one of the supplier."""
        for supplier, lines in self.grouped("partner_id").items():
            moves = self._find_receipts(supplier, lines)
            for line in lines:
                line.receipt_move_id = moves.get((line.product_id, line.lot_id)) or moves.get((line.product_id, None))

    def _find_receipts(self, supplier, lines):
        """Return the last done receipts of products and serial numbers from this supplier.

        :rtype: dict of (product, lot or None) and stock.move
        """
        # the desk may know with which receipt goods came, without rights in the warehouse
        move_lines_sudo = (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [
                    ("product_id", "in", lines.product_id.ids),
                    ("state", "=", "done"),
                    ("location_id.usage", "=", "supplier"),
                    ("company_id", "in", lines.company_id.ids),
                    ("picking_id.partner_id", "child_of", supplier.commercial_partner_id.ids),
                ],
                order="date, id",
            )
        )
        found = {}
        for move_line_sudo in move_lines_sudo:
            move = move_line_sudo.move_id.sudo(False)
            product = move_line_sudo.product_id.sudo(False)
            found[(product, None)] = move
            if move_line_sudo.lot_id:
                found[(product, move_line_sudo.lot_id.sudo(False))] = move
        return found

    def _check_returnable(self):
        """Nothing goes back that did not come: earlier returns of the same receipt count, and the lines together."""
        asked = defaultdict(float)
        for line in self:
            move_sudo = line.receipt_move_id.sudo()
            unit = line.product_uom_id or line.product_id.uom_id
            asked[move_sudo] += unit._compute_quantity(line.quantity, move_sudo.product_uom, round=False)
        for move_sudo, quantity in asked.items():
            earlier = move_sudo.returned_move_ids.filtered(lambda move: move.state != "cancel")
            gone = sum(
                move.product_uom._compute_quantity(
                    move.quantity if move.state == "done" else move.product_uom_qty, move_sudo.product_uom, round=False
                )
                for move in earlier
            )
            left = move_sudo.quantity - gone
            if move_sudo.product_uom.compare(quantity, left) > 0:
                raise UserError(
                    self.env._(
                        "%(quantity)g %(unit)s of %(product)s cannot go back: of %(receipt)s there are %(left)g left "
                        "to return.",
                        quantity=quantity,
                        unit=move_sudo.product_uom.name,
                        product=move_sudo.product_id.display_name,
                        receipt=move_sudo.picking_id.name,
                        left=max(left, 0.0),
                    )
                )

    def _return_with(self, picking):
        """Make the transfer back to the supplier with Odoo's own return of a receipt."""
        claim = self.claim_id
        # whoever deals with claims has no rights in the warehouse: one transfer is made in his name
        wizard_sudo = self.env["stock.return.picking"].sudo().create({"picking_id": picking.id})
        amounts = defaultdict(float)
        for line in self:
            move_sudo = line.receipt_move_id.sudo()
            unit = line.product_uom_id or line.product_id.uom_id
            amounts[move_sudo] += unit._compute_quantity(line.quantity, move_sudo.product_uom, round=False)
        for wizard_line_sudo in wizard_sudo.product_return_moves:
            wizard_line_sudo.quantity = amounts.get(wizard_line_sudo.move_id, 0.0)
        back_sudo = wizard_sudo._create_return()
        back_sudo.origin = f"{claim.name} / {picking.name}"
        back_sudo.message_post(
            body=self.env._(
                "Made from claim %(claim)s by %(user)s.", claim=claim.name, user=self.env.user.display_name
            ),
            author_id=self.env.user.partner_id.id,
        )
        for line in self:
            source = line.receipt_move_id
            move_sudo = back_sudo.move_ids.filtered(lambda move, source=source: move.origin_returned_move_id == source)
            move_sudo = move_sudo[:1]
            if lot := line.lot_id.sudo():
                move_sudo.lot_ids |= lot
            line.sudo().return_move_id = move_sudo
        return back_sudo


class ComplaintLine(models.Model):
    _inherit = "commercial.complaint.line"

    def _get_recourse_until(self):
        """Last day of our own right against whom the goods came from. The warranty answers; without it nobody knows.

        :rtype: datetime.date or None
        """
        self.ensure_one()
        return self.warranty_check_id.recourse_until or None

    def _find_suppliers(self):
        """Return from whom each line came: by its serial number, else the first supplier of the product, else the last
        receipt. Lines without an answer are left out.

        :rtype: dict of line and res.partner
        """
        # from whom goods came is no secret of the warehouse
        lines_sudo = self.sudo().filtered("product_id")
        receipts_sudo = (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [
                    ("product_id", "in", lines_sudo.product_id.ids),
                    ("state", "=", "done"),
                    ("location_id.usage", "=", "supplier"),
                    ("company_id", "in", lines_sudo.company_id.ids),
                    ("picking_id.partner_id", "!=", False),
                ],
                order="date, id",
            )
        )
        by_lot, by_product = {}, {}
        for receipt_sudo in receipts_sudo:
            partner = receipt_sudo.picking_id.partner_id.commercial_partner_id
            by_lot[receipt_sudo.lot_id] = partner
            by_product[receipt_sudo.product_id] = partner
        suppliers = {}
        for line_sudo in lines_sudo:
            seller_sudo = line_sudo.product_id.seller_ids.filtered(
                lambda seller, company=line_sudo.company_id: seller.company_id in (company, company.browse())
            )[:1]
            partner = (
                (line_sudo.lot_id and by_lot.get(line_sudo.lot_id))
                or seller_sudo.partner_id.commercial_partner_id
                or by_product.get(line_sudo.product_id)
            )
            if partner:
                suppliers[line_sudo.sudo(False)] = partner.sudo(False)
        return suppliers

    def _get_claim_currency(self, supplier):
        """In which the supplier sells us the goods, else that of the company."""
        sellers_sudo = self.sudo().product_id.seller_ids.filtered(
            lambda seller: seller.partner_id.commercial_partner_id == supplier
        )
        return sellers_sudo[:1].currency_id or self.company_id[:1].currency_id

    def _get_goods_cost(self, quantity=None):
        """Value at cost, in the currency of the company, of the founded quantity (all of it before the verdict)."""
        self.ensure_one()
        # the cost price is hidden from the desk; the total of a claim is not
        product_sudo = self.sudo().product_id.with_company(self.company_id)
        if not product_sudo:
            return 0.0
        quantity = quantity or self.quantity_accepted or self.quantity
        unit = self.product_uom_id or product_sudo.uom_id
        return unit._compute_quantity(quantity, product_sudo.uom_id, round=False) * product_sudo.standard_price

    def _prepare_claim_line_vals(self, currency):
        self.ensure_one()
        quantity = self.quantity_accepted or self.quantity
        company = self.company_id
        cost = self._get_goods_cost(quantity)
        today = fields.Date.context_today(self)
        return {
            "complaint_id": self.complaint_id.id,
            "complaint_line_id": self.id,
            "name": self.name,
            "quantity": quantity,
            "amount_claimed": company.currency_id._convert(cost, currency, company, today),
        }
