"""The register of warranties with many rows: covering deliveries, giving verdicts, the daily job.

    script/bench warranty --rows 100000

`fill_register` and the steps are functions of their own that other benchmarks can call with ``env`` and the company.
"""

import argparse
import json
import logging
import sys
from datetime import timedelta

from dunning import Measure, measured

from odoo import Command, fields


def create_goods(env, count=50):
    """Return products to deliver, and a warehouse of the company."""
    category = env["product.category"].create({"name": "Bench"})
    return env["product.product"].create(
        [
            {"name": f"Bench product {number}", "type": "consu", "categ_id": category.id, "taxes_id": [Command.clear()]}
            for number in range(count)
        ]
    )


def fill_register(env, company, rows=100_000, customers=2000):
    """Write rows as deliveries of four years would have left them; returns the customers and products."""
    products = create_goods(env)
    partners = env["res.partner"].create(
        [{"name": f"Bench customer {number}", "country_id": env.ref("base.be").id} for number in range(customers)]
    )
    policy = env.ref("commercial_assistant.warranty_policy_be_consumer")
    today = fields.Date.context_today(company)
    env.flush_all()
    # straight into the table: what is measured is reading it
    env.cr.execute(
        """
        INSERT INTO commercial_warranty (
            company_id, side, kind, policy_id, partner_id, product_id, quantity, serial_number, key, basis, start,
            months, "end", presumption_months, status, delivered_on, contract_on, create_uid, create_date
        )
        SELECT %(company)s, 'customer', 'legal', %(policy)s,
               (%(partners)s)[1 + number %% %(partner_count)s], (%(products)s)[1 + number %% %(product_count)s],
               1, 'BENCH-' || number, 'bench:' || number, 'delivery', day, 24, day + interval '24 months', 24,
               'running', day, day, 1, now()
          FROM (
              SELECT number, %(today)s::date - (number %% 1460)::integer AS day
                FROM generate_series(1, %(rows)s) AS number
          ) AS numbered
        """,
        {
            "company": company.id,
            "policy": policy.id,
            "partners": partners.ids,
            "partner_count": len(partners),
            "products": products.ids,
            "product_count": len(products),
            "today": today,
            "rows": rows,
        },
    )
    env.cr.execute("ANALYZE commercial_warranty")
    env.invalidate_all()
    return partners, products


def create_delivery(env, partner, products, lines=500):
    """Return a delivery that is done, with so many lines."""
    order = env["sale.order"].create(
        {
            "partner_id": partner.id,
            "order_line": [
                Command.create({"product_id": products[number % len(products)].id, "product_uom_qty": 1})
                for number in range(lines)
            ],
        }
    )
    order.action_confirm()
    picking = order.picking_ids
    picking.move_ids.quantity = 1
    picking.move_ids.picked = True
    return picking


def cover_delivery(env, picking):
    """Cover a delivery; returns the number of rows."""
    env["commercial.warranty"]._follow_moves(picking.move_ids)
    return env["commercial.warranty"].search_count([("picking_id", "=", picking.id)])


def give_verdict(env, partner, product):
    """Ask about one product of one customer; returns the number of covers looked at."""
    check = env["commercial.warranty"]._check(product, None, None, partner, None)
    return len(check.line_ids)


def look_up(env, text):
    """Search as somebody on the phone does; returns what is shown."""
    search = env["commercial.warranty.search"].create({"text": text})
    search.action_search()
    return len(search.line_ids)


def daily_job(env, company):
    """Look again at the deliveries of the last days; returns the rows that were missing."""
    today = fields.Date.context_today(company)
    return env["commercial.warranty"]._cover_period(company, today - timedelta(days=8), today, commit=False)


def main(env, arguments):
    parser = argparse.ArgumentParser(prog="script/bench warranty")
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the register")
    parser.add_argument("--lines", type=int, default=500, help="lines of a delivery")
    parser.add_argument("--repeat", type=int, default=3, help="how often each step is measured")
    options = parser.parse_args(arguments)
    logging.getLogger("odoo.addons.commercial_assistant").setLevel(logging.ERROR)
    company = env.company
    company.country_id = env.ref("base.be")
    env = env(context={**env.context, "lang": "en_US", "tz": "Europe/Brussels", "allowed_company_ids": company.ids})
    partners, products = fill_register(env, company, options.rows)
    pickings = [create_delivery(env, partners[0], products, options.lines) for _time in range(options.repeat)]
    for picking in pickings:
        picking._action_done()
        env.flush_all()
        env.cr.execute("DELETE FROM commercial_warranty WHERE picking_id = %s", [picking.id])
    waiting = iter(pickings)
    steps = {
        f"cover a delivery of {options.lines} lines": lambda: cover_delivery(env, next(waiting)),
        "verdict": lambda: give_verdict(env, partners[7], products[7]),
        "look up a serial number": lambda: look_up(env, "BENCH-4711"),
        "look up a customer": lambda: look_up(env, partners[7].name),
        "daily job, nothing missing": lambda: daily_job(env, company),
    }
    rows = {}
    print(f"\n{'':<38}{'seconds':>10}{'cpu':>8}{'queries':>10}{'MB':>8}{'rows':>10}")
    for name, step in steps.items():
        measure, result = Measure(), 0
        for _time in range(options.repeat):
            with measured(env, measure):
                result = step()
        row = rows[name] = {**measure.summary(), "rows": result}
        print(
            f"{name:<38}{row['seconds']:>10.2f}{row['cpu']:>8.2f}{row['queries']:>10,}{row['megabytes']:>8,}"
            f"{row['rows']:>10,}"
        )
    print(json.dumps({"bench": "warranty", "rows": options.rows, "lines": options.lines, "steps": rows}))
    env.cr.rollback()


if __name__ == "__main__":
    main(env, sys.argv[1:])  # noqa: F821  (given by script/bench)
