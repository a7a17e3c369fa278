"""Statements, aged receivables, worklist and key figures over many open items: time, queries and memory of each.

    script/bench overview --items 20000 --partners 4000

Each step is a function of its own that other benchmarks can call with ``env`` and the company.
"""

import argparse
import json
import logging
import statistics
import sys
from datetime import timedelta

from accounting import create_accounting
from dunning import Measure, measured

from odoo import fields


def aged_receivables(env, company, day=None):
    """Age what all customers of the company owed on a day; returns the number of rows."""
    report = env["commercial.aged.receivable"].create(
        {"company_id": company.id, "date": day or fields.Date.context_today(env["res.company"])}
    )
    report._read_lines()
    return env["commercial.aged.receivable.line"].search_count([("report_id", "=", report.id)])


def find_busiest(env, company):
    """Return the account with the most open items."""
    [(account, _count), *_rest] = env["commercial.receivable.item"]._read_group(
        [("company_id", "=", company.id), ("state", "=", "open")],
        ["receivable_id"],
        ["__count"],
        order="__count desc",
        limit=1,
    )
    return account


def statement(env, account, day=None, kind="open"):
    """Read the figures of the statement of one customer; returns the number of its lines."""
    sections = account._load_statements({"date": day, "kind": kind})[account.id]
    return sum(len(section.entries) for section in sections)


def worklist(env, company):
    """Look at all customers: next step, score, place; returns the number of customers to act on."""
    env["commercial.receivable"]._refresh_work(company)
    return env["commercial.receivable"].search_count([("action_codes", "!=", False)])


def key_figures(env, company, day=None):
    """Compute the key figures of a day; returns the number of rows."""
    day = day or fields.Date.context_today(env["res.company"])
    env["commercial.receivable.kpi"]._write_day(company, day)
    return env["commercial.receivable.kpi"].search_count([("date", "=", day)])


def main(env, arguments):
    parser = argparse.ArgumentParser(prog="script/bench overview")
    parser.add_argument("--items", type=int, default=20000, help="overdue open instalments")
    parser.add_argument("--partners", type=int, default=4000, help="customers")
    parser.add_argument("--repeat", type=int, default=3, help="how often each step is measured")
    options = parser.parse_args(arguments)
    logging.getLogger("odoo.addons.commercial_assistant").setLevel(logging.ERROR)
    accounting = create_accounting(env, items=options.items, partners=options.partners)
    company = accounting.company
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    company = company.with_env(env)
    today = fields.Date.context_today(company)
    past = today - timedelta(days=90)
    env["commercial.receivable"]._refresh_items(company)
    env.cr.commit()
    env.cr.execute("ANALYZE")
    account = find_busiest(env, company)
    steps = {
        "aged receivables of all, today": lambda: aged_receivables(env, company),
        "aged receivables of all, 90 days ago": lambda: aged_receivables(env, company, past),
        "statement of one customer": lambda: statement(env, account),
        "statement of one, 90 days ago": lambda: statement(env, account, past),
        "activity of one customer": lambda: statement(env, account, kind="activity"),
        "worklist of all": lambda: worklist(env, company),
        "worklist of all, nothing new": lambda: worklist(env, company),
        "key figures of a day": lambda: key_figures(env, company),
        "key figures of 90 days ago": lambda: key_figures(env, company, past),
    }
    rows = {}
    print(f"\n{'':<38}{'seconds':>10}{'cpu':>8}{'queries':>10}{'MB':>8}{'rows':>10}")
    for name, step in steps.items():
        measure, results = Measure(), []
        for _time in range(options.repeat if name != "worklist of all" else 1):
            with measured(env, measure):
                results.append(step())
        row = rows[name] = {**measure.summary(), "rows": statistics.median(results)}
        print(
            f"{name:<38}{row['seconds']:>10.2f}{row['cpu']:>8.2f}{row['queries']:>10,}{row['megabytes']:>8,}"
            f"{row['rows']:>10,}"
        )
    print(json.dumps({"bench": "overview", "items": options.items, "partners": options.partners, "steps": rows}))
    env.cr.rollback()


if __name__ == "__main__":
    main(env, sys.argv[1:])  # noqa: F821  (given by script/bench)
