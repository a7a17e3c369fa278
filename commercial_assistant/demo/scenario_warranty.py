"""Pumps that the demonstration company bought, sold and delivered, what happened to them, and who asked about them.

`play_warranty(scenario)` makes everything once; a second time nothing is added.
"""

from datetime import timedelta

from odoo import Command

# (serial number, customer, days ago, goods): the older ones are covered by some policies only
SERIALS = [
    ("RW5-0411", "puyenlaer", 710, "waterpump"),
    ("RW5-0502", "belcastel", 400, "waterpump"),
    ("RW5-0517", "kanteloos", 260, "waterpump"),
    ("RW5-0533", "krulspaan", 390, "waterpump"),
    ("RW5-0560", "eaubleue", 120, "waterpump"),
    ("RW5-0561", "hohenfenn", 40, "waterpump"),
]
# (key, customer, days ago, goods, quantity)
OTHERS = [
    ("second-hand", "kanteloos", 150, "waterpump_used", 1),
    ("circulators", "helderwater", 90, "circulator", 4),
]
# (serial number, days ago, facts)
QUESTIONS = [
    ("RW5-0411", 3, None),
    ("RW5-0502", 9, {"customer_responsible": True, "reason": "La pompe a gelé : elle n'avait pas été vidée."}),
    ("RW5-0533", 5, None),
]


def play_warranty(scenario):
    """Let pumps come in and go out on days of the past, then ask about some."""
    with_clock = _clock()
    _get_warehouse(scenario)
    for serial, customer, days, goods in SERIALS:
        with with_clock(scenario.env, scenario.day(days)):
            _deliver_serial(scenario, serial, customer, goods)
    for key, customer, days, goods, quantity in OTHERS:
        with with_clock(scenario.env, scenario.day(days)):
            _deliver(scenario, key, customer, goods, quantity)
    _repair_and_replace(scenario)
    for serial, days, facts in QUESTIONS:
        _ask(scenario, serial, scenario.day(days), facts)


def _clock():
    # the scenario imports this file
    from .scenario import clock_at  # noqa: PLC0415

    return clock_at


def _get_warehouse(scenario):
    warehouses = scenario.env["stock.warehouse"]
    warehouse = warehouses.search([("company_id", "=", scenario.company.id)], limit=1)
    if not warehouse:
        values = {"name": scenario.company.name, "code": "VLK", "company_id": scenario.company.id}
        warehouse = warehouses.create({**values, "partner_id": scenario.company.partner_id.id})
        scenario.remember("warehouse", "main", warehouse)
    return warehouse


def _deliver_serial(scenario, serial, customer, goods):
    """Receive a pump from its maker and deliver it to the customer."""
    if scenario.made("lot", serial):
        return
    product = scenario.demo("product", goods)
    lot = scenario.env["stock.lot"].create(
        {"name": serial, "product_id": product.id, "company_id": scenario.company.id}
    )
    scenario.remember("lot", serial, lot)
    _receive(scenario, product, 1, lot)
    _sell(scenario, serial, customer, product, 1, lot)


def _deliver(scenario, key, customer, goods, quantity):
    if not scenario.made("warranty_order", key):
        _sell(scenario, key, customer, scenario.demo("product", goods), quantity)


def _receive(scenario, product, quantity, lot):
    warehouse = _get_warehouse(scenario)
    receipt = scenario.env["stock.picking"].create(
        {
            "partner_id": scenario.demo("partner", "pumpmaker").id,
            "picking_type_id": warehouse.in_type_id.id,
            "location_id": scenario.env.ref("stock.stock_location_suppliers").id,
            "location_dest_id": warehouse.lot_stock_id.id,
            "move_ids": [
                Command.create(
                    {
                        "product_id": product.id,
                        "product_uom_qty": quantity,
                        "location_id": scenario.env.ref("stock.stock_location_suppliers").id,
                        "location_dest_id": warehouse.lot_stock_id.id,
                    }
                )
            ],
        }
    )
    receipt.action_confirm()
    _finish(receipt, lot)


def _sell(scenario, key, customer, product, quantity, lot=None):
    order = scenario.env["sale.order"].create(
        {
            "partner_id": scenario.demo("partner", customer).id,
            "user_id": scenario.demo("user", "assistant_nl").id,
            "order_line": [Command.create({"product_id": product.id, "product_uom_qty": quantity})],
        }
    )
    order.action_confirm()
    _finish(order.picking_ids, lot)
    scenario.remember("warranty_order", key, order)


def _finish(picking, lot):
    """Do the transfer; with a number, with exactly that piece."""
    for move in picking.move_ids:
        if lot:
            move.move_line_ids.unlink()
            move.move_line_ids = [
                Command.create(
                    {
                        "product_id": move.product_id.id,
                        "lot_id": lot.id,
                        "quantity": move.product_uom_qty,
                        "location_id": move.location_id.id,
                        "location_dest_id": move.location_dest_id.id,
                        "picking_id": picking.id,
                    }
                )
            ]
        else:
            move.quantity = move.product_uom_qty
        move.picked = True
    picking._action_done()


def _get_rows(scenario, serial):
    lot = scenario.made("lot", serial)
    return scenario.env["commercial.warranty"].search([("lot_id", "=", lot.id), ("side", "=", "customer")])


def _repair_and_replace(scenario):
    """One pump was in the workshop, one still is, one was replaced."""
    day = scenario.day
    _get_rows(scenario, "RW5-0411")._suspend(day(200), day(181), "Asafdichting vervangen in ons atelier", "demo,repair")
    _get_rows(scenario, "RW5-0560")._suspend(day(4), None, "Dans notre atelier : moteur bruyant", "demo,workshop")
    if not scenario.made("lot", "RW5-0570"):
        product = scenario.demo("product", "waterpump")
        lot = scenario.env["stock.lot"].create(
            {"name": "RW5-0570", "product_id": product.id, "company_id": scenario.company.id}
        )
        scenario.remember("lot", "RW5-0570", lot)
        _get_rows(scenario, "RW5-0517")._replace(lot, day(30), "demo,replacement")


def _ask(scenario, serial, day, facts):
    if scenario.made("warranty_check", serial):
        return
    assistant = scenario.demo("user", "assistant_nl")
    env = scenario.env(user=assistant)
    lot = scenario.made("lot", serial).with_env(env)
    with _clock()(scenario.env, day + timedelta(days=1)):
        check = env["commercial.warranty"]._check(None, lot, None, None, day, facts=facts)
        check._make_answer()
    scenario.remember("warranty_check", serial, check)
