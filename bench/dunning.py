"""A reminder run over many overdue instalments: time, queries and memory of each step.

    script/bench dunning --items 20000 --partners 4000

First the first run of a company: every customer gets a first reminder. Then the same day in another history: the
letters of a run 45 days ago were delivered, so most items stand at their next level with interest and indemnity, and
the others get their first reminder. The proposing is repeated from the same state; the median is shown.

Above 20,000 customers the nightly job is measured instead of the click: chunks with a commit after each, once.

"cpu" are the processor seconds of Odoo and of its database session: about the time a step takes when nothing else runs.
"MB" is what a step adds to the memory of Odoo at its highest, "peak" all of Odoo at that moment.
"""

import argparse
import gc
import json
import logging
import os
import platform
import statistics
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter, process_time

from accounting import create_accounting

from odoo import fields

PROPOSE_SECONDS, PROPOSE_QUERIES = 3.0, 400
JOB_SECONDS, RERUN_SECONDS = 180.0, 20.0
CLICK_CUSTOMERS = 20000


@dataclass
class Measure:
    """What one step took; each list has one entry for every repetition."""

    seconds: list = field(default_factory=list)
    cpu: list = field(default_factory=list)
    queries: list = field(default_factory=list)
    megabytes: list = field(default_factory=list)
    peak: list = field(default_factory=list)

    def summary(self):
        return {
            "seconds": round(statistics.median(self.seconds), 2),
            "cpu": round(statistics.median(self.cpu), 2),
            "queries": round(statistics.median(self.queries)),
            "megabytes": round(statistics.median(self.megabytes)),
            "peak": round(max(self.peak)),
        }

    def divide(self, count):
        """Turn the figures of a sample into those of one record."""
        for values in (self.seconds, self.cpu, self.queries):
            values[:] = [value / count for value in values]


class _Undo(Exception):
    """Leaves a savepoint so that the step can be repeated."""


def _memory(name):
    """Return a figure of the process in megabytes: VmRSS now, VmHWM at its highest."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(f"{name}:"))


def _cpu(env):
    """Return the processor seconds used by this process and, where it can be seen, by its database session."""
    seconds = process_time()
    with suppress(OSError):
        with open(f"/proc/{env.cr.connection.info.backend_pid}/stat") as stat:
            name, _bracket, rest = stat.read().rpartition(")")
        if "(postgres" in name:
            seconds += sum(map(int, rest.split()[11:13])) / os.sysconf("SC_CLK_TCK")
    return seconds


@contextmanager
def measured(env, measure):
    """Measure the flushed work of the block."""
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    with suppress(OSError), open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")  # the highest memory starts to count anew
    before = _memory("VmRSS")
    queries, cpu, start = env.cr.sql_log_count, _cpu(env), perf_counter()
    yield
    env.flush_all()
    measure.seconds.append(perf_counter() - start)
    measure.cpu.append(_cpu(env) - cpu)
    measure.queries.append(env.cr.sql_log_count - queries)
    peak = _memory("VmHWM")
    measure.megabytes.append(max(0.0, peak - before))
    measure.peak.append(peak)


class Bench:
    def __init__(self, env, options):
        self.options = options
        self.accounting = create_accounting(env, options.items, options.partners, options.settled)
        self.company = self.accounting.company
        self.env = self.company.env
        self.env.user.company_id = self.company
        self.today = self.accounting.today
        self.measures = {}
        self.facts = {}
        self._confirm_figures()
        self._prepare_policies()
        self.env.cr.commit()

    def _confirm_figures(self):
        """A benchmark computes with the proposed figures; none of them leaves the house."""
        waiting = self.env["commercial.legal.parameter"].search([("state", "=", "to_confirm")])
        for parameter in waiting:
            parameter.source = parameter.source or "Assumed for the measurement"
        waiting.action_confirm()

    def _prepare_policies(self):
        """Let the terms of this company name interest and indemnity: the most there can be to compute."""
        policies = self.env["commercial.dunning.policy"].search([("company_id", "=", self.company.id)])
        belgian = policies.filtered(lambda policy: policy.regime.startswith("be_"))
        belgian.charge_interest = True
        belgian.filtered(lambda policy: policy.regime == "be_consumer").charge_indemnity = True

        # a customer in whose language a level has no text would get no letter; the ORM writes no text that reads alike
        self.env.flush_all()
        for lang, _name in self.env["res.lang"].get_installed():
            for name in ("subject", "intro", "closing"):
                self.env.cr.execute(
                    f"""
                    UPDATE commercial_dunning_policy_level
                       SET {name} = {name} || jsonb_build_object(%(lang)s, {name}->'en_US')
                     WHERE id = ANY(%(ids)s) AND NOT {name} ? %(lang)s
                    """,
                    {"lang": lang, "ids": policies.level_ids.ids},
                )
        self.env.invalidate_all()

    def create_run(self, day):
        return self.env["commercial.dunning.run"]._get_or_create(self.company, day)

    def commit(self, *_progress, **_remaining):
        """What the job does after a chunk; there is always time left."""
        self.env.cr.commit()
        return 60

    def propose_in_job(self, run):
        """Propose as the nightly job does: a commit after each chunk."""
        if run.state != "proposing":
            run._start_proposing()
        self.env.cr.commit()
        run._propose_in_chunks(self.commit)

    def measure_job(self, name, step):
        """Measure a step that commits; it cannot be undone and is done once."""
        measure = self.measures[name] = Measure()
        with measured(self.env, measure):
            result = step()
            self.env.cr.commit()
        if self.options.verbose:
            print(f"  {name}: {measure.summary()}", file=sys.stderr, flush=True)
        return result

    def measure(self, name, step, repeat=1):
        """Run a step; when it is repeated, all but the last time are undone."""
        measure = self.measures[name] = Measure()
        for number in range(repeat):
            with suppress(_Undo), self.env.cr.savepoint():
                with measured(self.env, measure):
                    result = step()
                if number < repeat - 1:
                    raise _Undo
            self.env.invalidate_all()
        if self.options.verbose:
            print(f"  {name}: {measure.summary()}", file=sys.stderr, flush=True)
        return result

    def propose(self, run, prefix):
        """Measure the proposing: follow the accounting, decide about every item, write the letters."""
        self.measure(f"{prefix}: propose", run.action_propose, self.options.repeat)
        letters = self.env["commercial.dunning.notice"].search([("run_id", "=", run.id)])
        self.facts[f"{prefix}: letters"] = len(letters)
        self.facts[f"{prefix}: lines"] = len(letters.line_ids)
        self.facts[f"{prefix}: charges"] = len(letters.charge_ids)
        for reason, count in self.env["commercial.dunning.skip"]._read_group(
            [("run_id", "=", run.id)], ["reason"], ["__count"]
        ):
            self.facts[f"{prefix}: no letter, {reason}"] = count
        return letters

    def find_items(self):
        """Open items of the whole company, found for the first time and then followed."""
        receivables = self.env["commercial.receivable"]
        self.measure("find all open items", lambda: receivables._refresh_items(self.company), self.options.repeat)
        self.env.cr.commit()  # they are known long before a letter: the job follows every invoice from its posting
        self.env.cr.execute("ANALYZE")
        self.measure("follow them a day later", lambda: receivables._refresh_items(self.company), self.options.repeat)
        self.facts["open items"] = self.env["commercial.receivable.item"].search_count([])

    def first_run(self):
        """All customers get their first letter."""
        run = self.create_run(self.today)
        letters = self.propose(run, "first")
        self.measure("first: nothing new", run.action_propose, self.options.repeat)
        assert len(run.notice_ids) == len(letters)
        # the standard levels need no hand: as if they did
        self.env.cr.execute("UPDATE commercial_dunning_notice SET state = 'proposed' WHERE run_id = %s", [run.id])
        self.env.invalidate_all()
        self.measure("first: approve", run.action_approve)
        assert set(run.notice_ids.mapped("state")) == {"approved"}
        self.print_letters(letters)
        self.env.cr.rollback()

    def job_run(self):
        """The nightly job of a large company: first letters to everybody, then the same day again."""
        run = self.create_run(self.today)
        self.env.cr.commit()
        self.measure_job("job: propose", lambda: self.propose_in_job(run))
        self.measure_job("job: nothing new", lambda: self.propose_in_job(run))
        self.facts["job: letters"] = run.notice_count
        self.facts["job: customers"] = run.customer_count
        # the standard levels need no hand: as if they did
        self.env.cr.execute("UPDATE commercial_dunning_notice SET state = 'proposed' WHERE run_id = %s", [run.id])
        self.env.invalidate_all()
        self.measure_job("job: approve", run.action_approve)
        assert not run.approval_count
        self.print_letters(run._search_notices(limit=1000))

    def statements(self):
        """The account of one customer on paper, and what all of them owe by age."""
        receivables = self.env["commercial.receivable"]
        if hasattr(receivables, "_render_statement"):
            account = receivables.search([("company_id", "=", self.company.id)], limit=1)
            account._render_statement(self.today)  # the first one also loads fonts and templates
            self.measure("statement of one customer", lambda: account._render_statement(self.today))
        if "commercial.aged.receivable" in self.env:
            report = self.env["commercial.aged.receivable"].create({"company_id": self.company.id, "date": self.today})
            self.measure("aged receivables of all", report._read_lines)

    def print_letters(self, letters):
        """Render a sample as PDF and mail, spread over languages and regimes; the figures are those of one letter."""
        count = min(self.options.letters, len(letters))
        if not count:
            return
        sample = letters[:: len(letters) // count][:count]
        sample[0]._render_letter()  # the first one also loads fonts and templates

        def render():
            for letter in sample:
                content, _body = letter._render_letter()
                assert content.startswith(b"%PDF")

        name = "one letter: PDF and mail"
        self.measure(name, render)
        self.measures[name].divide(count)

    def next_run(self):
        """A month and a half later most items are at their second level."""
        past = self.create_run(self.today - timedelta(days=45))
        past.action_propose()
        past.action_approve()
        letters = past.notice_ids
        count = min(100, len(letters))
        self.measure("next: note one delivery", lambda: self._deliver(letters[:count], past.date))
        self.measures["next: note one delivery"].divide(count)
        self._deliver(letters[count:], past.date)
        run = self.create_run(self.today)
        self.propose(run, "next")
        self.env.cr.rollback()

    def _deliver(self, letters, day):
        for begin in range(0, len(letters), 50):
            for letter in letters[begin : begin + 50].with_prefetch():
                letter._deliver(day)
            # each delivery is a transaction of its own in real life: nothing piles up
            self.env.flush_all()
            self.env.invalidate_all()

    def judge(self, rows):
        """Say whether the aims are reached, by the clock and by the processor."""
        if "first: propose" in rows:
            row = rows["first: propose"]
            aims = [("20,000 items: propose", row, PROPOSE_SECONDS, PROPOSE_QUERIES)]
        else:
            aims = [
                ("1,000,000 items: propose", rows["job: propose"], JOB_SECONDS, None),
                ("1,000,000 items: nothing new", rows["job: nothing new"], RERUN_SECONDS, None),
            ]
        print()
        for name, row, seconds, queries in aims:
            few = queries is None or row["queries"] <= queries
            verdicts = [
                f"{'reached' if few and row[key] <= seconds else 'not reached'} by {label}"
                for key, label in (("seconds", "the clock"), ("cpu", "the processor"))
            ]
            limit = f" and {queries} queries" if queries else ""
            print(f"Aim for {name} in {seconds:.0f} s{limit}: {', '.join(verdicts)}")

    def report(self):
        rows = {name: measure.summary() for name, measure in self.measures.items()}
        print(f"\n{'':<32}{'seconds':>10}{'cpu':>8}{'queries':>10}{'MB':>8}{'peak':>8}")
        for name, row in rows.items():
            print(
                f"{name:<32}{row['seconds']:>10.2f}{row['cpu']:>8.2f}{row['queries']:>10,}"
                f"{row['megabytes']:>8,}{row['peak']:>8,}"
            )
        print()
        for name, value in {**self.accounting.counts, **self.facts}.items():
            print(f"{name:<32}{value:>10,}")
        self.judge(rows)
        machine = {
            "cores": len(os.sched_getaffinity(0)),
            "load": round(os.getloadavg()[2], 1),
            "python": platform.python_version(),
        }
        print(
            json.dumps(
                {
                    "bench": "dunning",
                    "date": str(fields.Date.today()),
                    **machine,
                    "items": self.accounting.counts["overdue"],
                    "partners": self.accounting.counts["customers"],
                    "steps": rows,
                    "facts": self.facts,
                }
            )
        )


def main(env, arguments):
    parser = argparse.ArgumentParser(prog="script/bench dunning")
    parser.add_argument("--items", type=int, default=20000, help="overdue open instalments")
    parser.add_argument("--partners", type=int, default=4000, help="customers")
    parser.add_argument("--settled", type=int, default=None, help="paid invoices (default: twice the items)")
    parser.add_argument("--letters", type=int, default=20, help="letters to render as a sample")
    parser.add_argument("--repeat", type=int, default=3, help="how often the proposing is measured")
    parser.add_argument("--verbose", action="store_true", help="show each step as it is measured")
    options = parser.parse_args(arguments)
    logging.getLogger("odoo.addons.commercial_assistant").setLevel(logging.ERROR)
    bench = Bench(env, options)
    if options.partners > CLICK_CUSTOMERS:
        options.repeat = 1
    bench.find_items()
    bench.statements()
    if options.partners > CLICK_CUSTOMERS:
        bench.job_run()
    else:
        bench.first_run()
        bench.next_run()
    bench.report()


if __name__ == "__main__":
    main(env, sys.argv[1:])  # noqa: F821  (given by script/bench)
