"""Complaints at scale: time, queries and memory of what people look at, and of the nightly jobs.

    script/bench complaints --cases 10000

The cases are made by Odoo itself, in batches: customers, products, categories and causes as a trading company has them,
two in three of them closed, every third with hours, every tenth confidential or with a cost. A room that adds something
to complaints adds its steps as a function in ``PARTS``: it is called with the :class:`Bench`.

"cpu" are the processor seconds of Odoo and of its database session: about the time a step takes when nothing else runs.
"""

import argparse
import json
import logging
import os
import platform
import random
import sys
from datetime import datetime, time, timedelta
from time import perf_counter

from dunning import Measure, measured
from lxml import etree

from odoo import Command, fields

BATCH = 500
PAGE = 80
JOB_SECONDS, ISSUE_SECONDS = 30.0, 10.0
PRODUCTS, CUSTOMERS, SUPPLIERS = 400, 1000, 20


class Bench:
    def __init__(self, env, options):
        self.options = options
        self.chance = random.Random(1)
        self.env = env(context={**env.context, "tracking_disable": True, "mail_create_nolog": True})
        self.company = self.env.company
        self.today = fields.Date.today()
        self.measures = {}
        self.facts = {}
        start = perf_counter()
        self._create()
        self.env.flush_all()
        self.env.cr.commit()
        self.env.cr.execute("ANALYZE")
        self.seconds = perf_counter() - start
        self.facts["cases"] = self.env["commercial.complaint"].search_count([])

    # --- DATA ---

    def _create(self):
        env = self.env
        lead = env["res.users"].create(
            {
                "name": "Bench lead",
                "login": "bench_lead",
                "group_ids": [Command.link(env.ref("commercial_assistant.group_team_lead").id)],
            }
        )
        self.lead = lead
        self.team = env["commercial.complaint.team"]._get_default_team(self.company)
        self.team.user_id = lead
        self.suppliers = env["res.partner"].create(
            [{"name": f"Leverancier {number}", "is_company": True} for number in range(SUPPLIERS)]
        )
        self.products = env["product.product"].create(
            [
                {
                    "name": f"Artikel {number}",
                    "standard_price": 10.0 + number % 90,
                    "seller_ids": [Command.create({"partner_id": self.suppliers[number % SUPPLIERS].id})],
                }
                for number in range(PRODUCTS)
            ]
        )
        self.customers = env["res.partner"].create(
            [{"name": f"Klant {number}", "email": f"klant{number}@example.com"} for number in range(CUSTOMERS)]
        )
        self.categories = env["commercial.complaint.category"].search([("company_id", "=", False)])
        self.causes = env["commercial.complaint.cause"].search([("parent_id", "!=", False)])
        cases = self.options.cases
        for begin in range(0, cases, BATCH):
            numbers = range(begin, min(begin + BATCH, cases))
            env["commercial.complaint"].create([self._prepare_case(number) for number in numbers])
            env.flush_all()
            env.invalidate_all()
        self._age()

    def _prepare_case(self, number):
        day = self.today - timedelta(days=self.chance.randint(0, 400))
        # a few products and categories have many complaints, most have few
        product = self.products[min(int(self.chance.expovariate(1 / 60.0)), PRODUCTS - 1)]
        vals = {
            "name": f"BENCH/{number:06d}",
            "subject": f"Klacht {number}",
            "partner_id": self.chance.choice(self.customers).id,
            "category_id": self.chance.choice(self.categories).id,
            "team_id": self.team.id,
            "received_on": datetime.combine(day, time(9)),
            "is_confidential": number % 10 == 0,
            "line_ids": [Command.create({"product_id": product.id, "quantity": self.chance.randint(1, 5)})],
        }
        if number % 3:
            vals["verdict"] = self.chance.choice(["founded", "founded", "partly", "unfounded"])
            vals["verdict_reason"] = "Onderzocht"
            vals["cause_ids"] = [Command.link(self.chance.choice(self.causes).id)]
        if number % 3 == 0:
            vals["hour_ids"] = [Command.create({"hours": 1.5})]
        if number % 10 == 1:
            vals["cost_ids"] = [Command.create({"amount": 25.0})]
        if number % 2:
            vals["solution_ids"] = [Command.create({"kind": "goodwill", "amount": 20.0})]
        return vals

    def _age(self):
        """Give the cases the past they would have: two in three are closed, each after some days."""
        self.env.cr.execute(
            """
            UPDATE commercial_complaint
               SET state = CASE WHEN id %% 3 > 0 THEN 'closed' ELSE 'investigate' END,
                   user_id = CASE WHEN id %% 3 = 0 AND id %% 4 > 0 THEN %s END,
                   acknowledged_on = received_on + interval '3 hours',
                   first_offer_on = CASE WHEN id %% 3 > 0 THEN received_on + interval '4 days' END,
                   closed_on = CASE WHEN id %% 3 > 0 THEN LEAST(received_on + interval '9 days', now()) END
            """,
            [self.lead.id],
        )
        self.env.cr.execute("UPDATE commercial_complaint_solution SET state = 'done'")
        self.env.invalidate_all()
        complaints = self.env["commercial.complaint"]
        for name in ("days_to_acknowledge", "days_to_answer", "days_to_close", "cost_gross"):
            self.env.add_to_compute(complaints._fields[name], complaints.search([]))
        self.env.flush_all()

    # --- MEASURING ---

    def measure(self, name, step, repeat=None):
        """Measure a step; the first time fills caches of views and rules and is not counted."""
        measure = Measure()
        result = step()
        for _number in range(repeat or self.options.repeat):
            with measured(self.env, measure):
                result = step()
        self.measures[name] = measure
        if self.options.verbose:
            print(f"  {name}: {measure.summary()}", file=sys.stderr, flush=True)
        return result

    def measure_once(self, name, step):
        """Measure a step that changes what the next one finds."""
        measure = self.measures[name] = Measure()
        with measured(self.env, measure):
            result = step()
        self.env.cr.commit()
        if self.options.verbose:
            print(f"  {name}: {measure.summary()}", file=sys.stderr, flush=True)
        return result

    def read_view(self, records, view_xmlid, view_type, limit=PAGE, domain=None):
        """Read what a view shows, as the browser asks for it."""
        view = self.env.ref(view_xmlid)
        arch = records.get_views([(view.id, view_type)])["views"][view_type]["arch"]
        specification = {}
        for node in etree.fromstring(arch).iter("field"):
            name = node.get("name")
            if not any(parent.tag == "field" for parent in node.iterancestors()):
                many2one = records._fields[name].type == "many2one"
                specification[name] = {"fields": {"display_name": {}}} if many2one else {}
        return records.web_search_read(domain or [], specification, limit=limit)

    def report(self):
        rows = {name: measure.summary() for name, measure in self.measures.items()}
        print(f"\n{'':<40}{'seconds':>10}{'cpu':>8}{'queries':>10}{'MB':>8}{'peak':>8}")
        for name, row in rows.items():
            print(
                f"{name:<40}{row['seconds']:>10.2f}{row['cpu']:>8.2f}{row['queries']:>10,}"
                f"{row['megabytes']:>8,}{row['peak']:>8,}"
            )
        print()
        for name, value in self.facts.items():
            print(f"{name:<40}{value:>10,}")
        self.judge(rows)
        machine = {
            "cores": len(os.sched_getaffinity(0)),
            "load": round(os.getloadavg()[2], 1),
            "python": platform.python_version(),
        }
        print(
            json.dumps(
                {
                    "bench": "complaints",
                    "date": str(self.today),
                    **machine,
                    "data_seconds": round(self.seconds, 1),
                    "steps": rows,
                    "facts": self.facts,
                }
            )
        )

    def judge(self, rows):
        print()
        aims = [("recurring issues: find them all", ISSUE_SECONDS), ("cost: all that may change", JOB_SECONDS)]
        for name, seconds in aims:
            if name in rows:
                verdict = "reached" if rows[name]["seconds"] <= seconds else "not reached"
                print(f"Aim for {name} in {seconds:.0f} s: {verdict}")
        pairs = (("list of 80", "list of 20"), ("dashboard of 12 teams", "dashboard of 1 team"))
        for many, few in pairs:
            if many in rows and few in rows:
                constant = rows[many]["queries"] <= rows[few]["queries"]
                print(f"Aim for {many}, queries as for {few}: {'reached' if constant else 'not reached'}")


# --- PARTS ---


def measure_screens(bench):
    """The list, its pivot and the dashboard, as the team lead opens them."""
    complaints = bench.env["commercial.complaint"].with_user(bench.lead)
    for limit in (20, PAGE):
        bench.measure(
            f"list of {limit}",
            lambda limit=limit: bench.read_view(complaints, "commercial_assistant.complaint_view_list", "list", limit),
        )
    bench.measure(
        "pivot: month, category, four measures",
        lambda: complaints.formatted_read_group(
            [("state", "!=", "cancelled")],
            ["received_on:month", "category_id"],
            ["__count", "founded_share:avg", "days_to_close:avg", "cost_net:sum"],
        ),
    )
    teams = bench.env["commercial.complaint.team"].with_user(bench.lead)
    view = "commercial_assistant.complaint_team_view_dashboard"
    bench.measure("dashboard of 1 team", lambda: bench.read_view(teams, view, "kanban"))
    bench.env["commercial.complaint.team"].create(
        [{"name": f"Team {number}", "company_id": bench.company.id} for number in range(11)]
    )
    bench.measure("dashboard of 12 teams", lambda: bench.read_view(teams, view, "kanban"))


def measure_jobs(bench):
    """What runs at night over all cases."""
    issues = bench.env["commercial.recurring.issue"]
    found = bench.measure_once("recurring issues: find them all", lambda: issues._detect(bench.company))
    bench.facts["recurring issues"] = len(found)
    bench.facts["complaints in issues"] = sum(len(issue.sudo().complaint_ids) for issue in found)
    bench.measure_once("recurring issues: nothing new", lambda: issues._detect(bench.company))
    complaints = bench.env["commercial.complaint"]
    followed = complaints.search(complaints._get_followed_domain(bench.today))
    bench.facts["complaints with cost that may change"] = len(followed)
    bench.measure_once("cost: all that may change", followed._recompute_costs)
    for model in ("commercial.supplier.claim", "commercial.corrective.action"):
        bench.measure_once(f"{model}: remind", lambda model=model: bench.env[model]._remind(bench.company))


def measure_report(bench):
    """The management report of a month."""
    wizard = bench.env["commercial.complaint.month"].with_user(bench.lead).create({})
    report = bench.env["report.commercial_assistant.report_complaint_month"].with_user(bench.lead)
    bench.measure("report of a month: figures", lambda: report._prepare_report(wizard))
    action = bench.env["ir.actions.report"].with_user(bench.lead)
    name = "commercial_assistant.report_complaint_month"
    bench.measure("report of a month: PDF", lambda: action._render_qweb_pdf(name, wizard.ids), 1)


# a room that adds to complaints adds its function here
PARTS = [measure_screens, measure_jobs, measure_report]


def main(env, arguments):
    parser = argparse.ArgumentParser(prog="script/bench complaints")
    parser.add_argument("--cases", type=int, default=10000, help="complaints")
    parser.add_argument("--repeat", type=int, default=3, help="how often screens are measured")
    parser.add_argument("--verbose", action="store_true", help="show each step as it is measured")
    options = parser.parse_args(arguments)
    logging.getLogger("odoo.addons.commercial_assistant").setLevel(logging.ERROR)
    bench = Bench(env, options)
    for part in PARTS:
        part(bench)
    bench.report()


if __name__ == "__main__":
    main(env, sys.argv[1:])  # noqa: F821  (given by script/bench)
