from odoo import Command

from .common_complaint import ComplaintCommon


class LearningCommon(ComplaintCommon):
    """Suppliers with goods received from them, and complaints whose cause lies with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.user_id = cls.lead
        cls.supplier = cls._create_customer("Pompen Janssens", is_company=True, email="claims@janssens.example")
        cls.material = cls.env.ref("commercial_assistant.complaint_cause_supplier_material")
        cls.carrier_cause = cls.env.ref("commercial_assistant.complaint_cause_carrier")
        cls.pump.write(
            {
                "standard_price": 60.0,
                "seller_ids": [
                    Command.create(
                        {"partner_id": cls.supplier.id, "product_code": "PJ-7", "product_name": "Pomp 7", "price": 60.0}
                    )
                ],
            }
        )
        # two of it are one of the company's own
        usd, eur = cls.env.ref("base.USD"), cls.env.ref("base.EUR")
        cls.other_currency = eur if cls.company.currency_id == usd else usd
        cls.other_currency.active = True
        cls.env["res.currency.rate"].search([("currency_id", "=", cls.other_currency.id)]).unlink()
        cls.env["res.currency.rate"].create(
            {"currency_id": cls.other_currency.id, "company_id": cls.company.id, "name": "2020-01-01", "rate": 2.0}
        )

    @classmethod
    def _receive(cls, product=None, quantity=10.0, supplier=None, lot=None):
        """Goods received from a supplier, with Odoo's stock alone."""
        product = product or cls.pump
        picking_type = cls.env["stock.picking.type"].search(
            [("code", "=", "incoming"), ("company_id", "=", cls.company.id)], limit=1
        )
        picking = cls.env["stock.picking"].create(
            {
                "picking_type_id": picking_type.id,
                "partner_id": (supplier or cls.supplier).id,
                "location_id": cls.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": cls.stock_location.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "product_uom": product.uom_id.id,
                            "location_id": cls.env.ref("stock.stock_location_suppliers").id,
                            "location_dest_id": cls.stock_location.id,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        move = picking.move_ids
        if lot:
            move.lot_ids = lot
        move.write({"quantity": quantity, "picked": True})
        picking.button_validate()
        return move

    @classmethod
    def _investigated(cls, cause=None, product=None, quantity=4.0, **values):
        """A complaint under investigation whose cause is known."""
        complaint = cls._complain(order=cls._sell(quantity=quantity, product=product, invoice=False), **values)
        cls._bring_to(complaint, "investigate")
        complaint.cause_ids = cause or cls.material
        return complaint

    @classmethod
    def _claim(cls, complaint=None, **values):
        """The claim that the button makes, ready to be sent."""
        complaint = complaint or cls._investigated()
        complaint.action_ask_supplier()
        claim = complaint.claim_ids[-1:]
        claim.write({"explanation": "The seal of each pump leaks.", **values})
        return claim

    @classmethod
    def _letters(cls, record):
        return cls.env["commercial.dispatch"].search([("res_model", "=", record._name), ("res_id", "=", record.id)])
