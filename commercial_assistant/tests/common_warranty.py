from datetime import date, datetime

from odoo import Command, fields

from .common_desk import DeskCommon


class WarrantyCommon(DeskCommon):
    """A Belgian company that delivers goods with and without serial numbers to a consumer and to a business."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        belgium = cls.env.ref("base.be")
        cls.company.partner_id.country_id = belgium
        cls.company.country_id = belgium
        cls.company.partner_id.tz = "Europe/Brussels"
        cls.Warranty = cls.env["commercial.warranty"]
        cls.Check = cls.env["commercial.warranty.check"]
        cls.business = cls.customer
        cls.consumer = cls._create_customer(name="Ann Peeters", is_company=False, email="ann@peeters.example")
        cls.vendor = cls._create_customer(name="Pompenfabriek", email="verkoop@pompen.example")
        cls.category = cls.env["product.category"].create({"name": "Pumps of the tests"})
        cls.pump = cls._create_product("Test pump", tracking="serial")
        cls.paint = cls._create_product("Test paint", tracking="lot")
        cls.tap = cls._create_product("Test tap")
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.stock = cls.warehouse.lot_stock_id
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.suppliers = cls.env.ref("stock.stock_location_suppliers")
        cls.be_consumer = cls.env.ref("commercial_assistant.warranty_policy_be_consumer")
        cls.be_business = cls.env.ref("commercial_assistant.warranty_policy_business")
        cls.be_supplier = cls.env.ref("commercial_assistant.warranty_policy_supplier")

    @classmethod
    def _create_product(cls, name, tracking="none", **values):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "tracking": tracking,
                "categ_id": cls.category.id,
                "invoice_policy": "delivery",
                "list_price": 100.0,
                "taxes_id": [Command.clear()],
                **values,
            }
        )

    @classmethod
    def _create_lot(cls, name, product=None, **values):
        product = product or cls.pump
        return cls.env["stock.lot"].create(
            {"name": name, "product_id": product.id, "company_id": cls.company.id, **values}
        )

    @classmethod
    def _stock_up(cls, product, quantity, lot=None):
        cls.env["stock.quant"]._update_available_quantity(product, cls.stock, quantity, lot_id=lot)

    @classmethod
    def _sell(cls, partner, goods, day=None, **line_values):
        """Confirm an order and deliver it on a day.

        :param goods: a list of ``(product, quantity, lots)``
        """
        order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": quantity, **line_values})
                    for product, quantity, *_lots in goods
                ],
            }
        )
        for product, quantity, *lots in goods:
            if lots:
                for lot in lots[0]:
                    cls._stock_up(product, quantity / len(lots[0]), lot)
            elif product.is_storable:
                cls._stock_up(product, quantity)
        order.action_confirm()
        if day:
            order.date_order = datetime.combine(day, datetime.min.time().replace(hour=9))
        cls._deliver(order.picking_ids, day, {product: lots[0] for product, _quantity, *lots in goods if lots})
        return order

    @classmethod
    def _deliver(cls, picking, day=None, lots=None):
        """Do a transfer, and let it have happened on a day (a date: at 9 o'clock UTC)."""
        for move in picking.move_ids:
            chosen = (lots or {}).get(move.product_id)
            if chosen:
                move.move_line_ids.unlink()
                quantity = move.product_uom_qty / len(chosen)
                move.move_line_ids = [
                    Command.create(
                        {
                            "product_id": move.product_id.id,
                            "lot_id": lot.id,
                            "quantity": quantity,
                            "location_id": move.location_id.id,
                            "location_dest_id": move.location_dest_id.id,
                            "picking_id": picking.id,
                        }
                    )
                    for lot in chosen
                ]
            elif not move.quantity:
                move.quantity = move.product_uom_qty
            move.picked = True
        picking._action_done()
        if day:
            moment = day if isinstance(day, datetime) else datetime.combine(day, datetime.min.time().replace(hour=9))
            picking.date_done = moment
            picking.move_line_ids.date = moment

    @classmethod
    def _transfer(cls, partner, product, quantity, lots, source, destination, day=None, **move_values):
        """Move goods without an order: a repaired pump goes back, a vendor delivers."""
        kind = "incoming" if source in (cls.customers, cls.suppliers) else "outgoing"
        picking_type = cls.warehouse.in_type_id if kind == "incoming" else cls.warehouse.out_type_id
        picking = cls.env["stock.picking"].create(
            {
                "partner_id": partner.id,
                "picking_type_id": picking_type.id,
                "location_id": source.id,
                "location_dest_id": destination.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "location_id": source.id,
                            "location_dest_id": destination.id,
                            **move_values,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        cls._deliver(picking, day, {product: lots} if lots else None)
        return picking

    @classmethod
    def _return(cls, picking, quantities=None, day=None):
        """Take goods back (or, of a return, give them again) by Odoo's own wizard."""
        wizard = cls.env["stock.return.picking"].create({"picking_id": picking.id})
        for line in wizard.product_return_moves:
            line.quantity = (quantities or {}).get(line.product_id, line.move_id.quantity)
        back = wizard._create_return()
        lots = {move.product_id: move.origin_returned_move_id.move_line_ids.lot_id for move in back.move_ids}
        cls._deliver(back, day, {product: lot for product, lot in lots.items() if lot})
        return back

    def _rows(self, **filters):
        domain = [("company_id", "=", self.company.id), ("product_id.categ_id", "=", self.category.id)]
        domain += [(name, "=", getattr(value, "id", value)) for name, value in filters.items()]
        return self.Warranty.search(domain, order="id")

    def _ask(self, product=None, lot=None, order_line=None, partner=None, reported_on=None, user=None, **options):
        user = user or self.assistant
        # as a request of the web client comes in
        env = self.env(
            user=user, context={"lang": user.lang, "tz": user.tz, "allowed_company_ids": list(user._get_company_ids())}
        )
        return env["commercial.warranty"]._check(
            product and product.with_env(env),
            lot and lot.with_env(env),
            order_line and order_line.with_env(env),
            partner and partner.with_env(env),
            reported_on or fields.Date.today(),
            **options,
        )

    def _day(self, text):
        return date.fromisoformat(text)
