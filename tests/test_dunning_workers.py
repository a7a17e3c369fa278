"""Reminder runs with real workers: two at once, killed at many moments, disturbed by payments and locked rows.

Whatever happens, the end is the one of an undisturbed run: the same letters, lines, charges and states of the items,
and no customer gets a mail twice.
"""

import threading

import psycopg2
import pytest

from conftest import Databases, connect, rows, run_odoo
from workers import MOMENT, TOGETHER, MailServer, finish, kill_at_word, start_worker, wait_for_word

CUSTOMERS = 10
PREPARE = f"""
import sys
sys.path.insert(0, "bench")
from datetime import timedelta
from accounting import _create_company, _Desk
from odoo import fields
from odoo.tests import new_test_user

env["ir.config_parameter"].set_param("database.is_neutralized", False)
env["ir.cron"].search([]).write({{"active": False}})
waiting = env["commercial.legal.parameter"].search([("state", "=", "to_confirm")])
for parameter in waiting:
    parameter.source = parameter.source or "Assumed for the test"
waiting.action_confirm()
company = _create_company(env)
company.email = "desk@seller.example"
company.write({{"dunning_auto_propose": True, "dunning_chunk_size": 2, "dunning_send_batch": 1}})
env = env(context={{**env.context, "allowed_company_ids": company.ids}})
env.user.company_id = company
new_test_user(env, login="worker_collector", groups="commercial_assistant.group_collector", company_id=company.id)
today = fields.Date.today()
policies = env["commercial.dunning.policy"].search([("company_id", "=", company.id)])
consumers = policies.filtered(lambda policy: policy.regime == "be_consumer")
consumers.write({{"charge_interest": True, "charge_indemnity": True}})
customers = env["res.partner"].create(
    [
        {{
            "name": f"Customer {{n}}",
            "is_company": n % 2 == 0,
            "email": f"customer{{n}}@customer.example" if n < {CUSTOMERS - 2} else False,
            "street": "Kerkstraat 1", "zip": "9000", "city": "Gent",
            "country_id": env.ref("base.be").id,
            "lang": "en_US",
        }}
        for n in range({CUSTOMERS})
    ]
)
desk = _Desk(env, company, customers[0])
at_once = desk.term("At once", [(100, 0)])
for customer in customers:
    desk.partner = customer
    for days, price in ((60, 300), (52, 120)):
        desk.invoice(today - timedelta(days=days), [price], at_once)
past = env["commercial.dunning.run"].create(
    {{"date": today - timedelta(days=45), "partner_ids": [(6, 0, customers[: {CUSTOMERS // 2}].ids)]}}
)
past.action_propose()
past.notice_ids._approve()
for notice in past.notice_ids:
    notice._deliver(past.date)
past._update_state()
env.cr.commit()
"""
RENDER = """
from markupsafe import Markup
type(env["commercial.dunning.notice"])._render_letter = lambda self: (
    b"%PDF-1.4 " + self.name.encode(), Markup("<p>%s</p>") % self.name
)
"""
PROPOSE = """
env["commercial.dunning.run"]._cron_propose()
env.cr.commit()
"""
APPROVE = """
run = env["commercial.dunning.run"].search([("is_automatic", "=", True)])
run.action_approve()
run.state = "sending"
env.cr.commit()
"""
SEND = """
env["commercial.dunning.run"]._cron_send()
env["commercial.dunning.run"]._cron_print()
env["commercial.dispatch"]._cron_send()
env.cr.commit()
"""
POST = """
waiting = env["commercial.dispatch"].search([("state", "=", "reserved"), ("channel", "!=", "email")])
waiting.action_mark_posted(None, "RR123456789BE")
env["commercial.dunning.run"].search([("state", "=", "sending")])._update_state()
env.cr.commit()
"""
# what a person does after looking into the log of the mail server
DECIDE = """
from odoo.addons.commercial_assistant.models.common import dispatch
dispatch.SWEEP_MINUTES = 0  # a quarter of an hour later
env["commercial.dispatch"]._cron_sweep()
for dispatch in env["commercial.dispatch"].search([("state", "=", "ambiguous")]):
    if dispatch.recipient_email in RECEIVED:
        dispatch.action_resolve_sent()
    else:
        dispatch.action_resolve_not_sent()
        dispatch.action_retry()
env.cr.commit()
"""

LETTERS = """
    SELECT partner.name, notice.scope_key, notice.state, notice.channel, notice.level_kind, notice.amount_total,
           notice.deadline, notice.date, notice.delivered_on,
           (SELECT string_agg(concat_ws('/', line.invoice_name, level.kind, line.amount_residual, line.amount_interest,
                                        line.amount_fixed, line.included, line.live), ' ' ORDER BY line.invoice_name)
              FROM commercial_dunning_notice_line line
              JOIN commercial_dunning_policy_level level ON level.id = line.level_id
             WHERE line.notice_id = notice.id),
           (SELECT string_agg(concat_ws('/', item.move_name, charge.kind, charge.amount, charge.state), ' '
                              ORDER BY item.move_name, charge.kind, charge.date_from)
              FROM commercial_dunning_notice_charge_rel link
              JOIN commercial_dunning_charge charge ON charge.id = link.charge_id
              JOIN commercial_receivable_item item ON item.id = charge.item_id
             WHERE link.notice_id = notice.id)
      FROM commercial_dunning_notice notice
      JOIN res_partner partner ON partner.id = notice.partner_id
     WHERE notice.state <> 'cancelled'
  ORDER BY 1, 2, notice.date, 5
"""
ITEMS = """
    SELECT item.move_name, item.state, item.amount_residual, level.kind, item.last_delivered_on, item.next_date,
           item.first_reminder_on, item.earliest_charge_on, item.interest_from, item.notice_id IS NOT NULL
      FROM commercial_receivable_item item
 LEFT JOIN commercial_dunning_policy_level level ON level.id = item.level_id
  ORDER BY 1, item.date_due
"""
SKIPS = """
    SELECT item.move_name, skip.reason, skip.until
      FROM commercial_dunning_skip skip
      JOIN commercial_receivable_item item ON item.id = skip.item_id
  ORDER BY 1, 2
"""
CHARGES = """
    SELECT item.move_name, charge.kind, charge.state, charge.amount
      FROM commercial_dunning_charge charge
      JOIN commercial_receivable_item item ON item.id = charge.item_id
     WHERE charge.state <> 'cancelled'
  ORDER BY 1, 2, charge.date_from
"""


def result(database):
    return [rows(database, query) for query in (LETTERS, ITEMS, CHARGES)]


def assert_same(found, expected):
    """Tell the rows that differ, not everything."""
    for name, mine, theirs in zip(("letters", "items", "charges", "skips"), found, expected, strict=False):
        missing, surplus = [row for row in theirs if row not in mine], [row for row in mine if row not in theirs]
        assert not missing and not surplus, f"{name}: missing {missing}, surplus {surplus}"
    assert found == expected


def shell(database, server, *parts):
    return finish(start_worker(database, server, "".join(parts)))


def in_company(script):
    return (
        """
company = env["res.company"].search([("name", "=", "Benchmark BV")])
env = env(context={**env.context, "allowed_company_ids": company.ids})
"""
        + script
    )


@pytest.fixture(scope="module")
def prepared(addons):
    """A company with customers at two levels, and what an undisturbed night makes of it."""
    databases = Databases()
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        start = databases.clone("run_start")
        run_odoo("server", "-d", start, "-i", ",".join(addons), "--stop-after-init", "--no-http", "--log-level=warn")
        run_odoo("shell", "-d", start, "--no-http", "--log-level=warn", script=PREPARE)
        approved = databases.clone("run_approved", template=start)
        shell(approved, server, in_company(PROPOSE))
        proposed = [*result(approved), rows(approved, SKIPS)]
        shell(approved, server, in_company(APPROVE))
        done = databases.clone("run_done", template=approved)
        shell(done, server, in_company(RENDER + SEND + POST))
        recipients = sorted(recipient for recipient, _data in server.received)
        yield {
            "start": start,
            "approved": approved,
            "proposed": proposed,
            "done": result(done),
            "recipients": recipients,
        }
        server.shutdown()
    for name in databases.names:
        databases.drop(name)


def test_undisturbed(prepared):
    """What the other tests compare with is worth comparing with."""
    letters, items, charges, _skips = prepared["proposed"]
    assert len(letters) == CUSTOMERS + CUSTOMERS // 2, letters  # the delivered ones of the past, too
    assert {letter[4] for letter in letters} >= {"reminder", "second_reminder"}
    assert any(charge[2] == "planned" for charge in charges)
    assert len(items) == 2 * CUSTOMERS
    done = prepared["done"]
    assert {letter[2] for letter in done[0]} == {"delivered"}
    assert len(prepared["recipients"]) == CUSTOMERS - 2


def test_two_workers_and_a_user_propose_at_once(prepared, databases, mail_server):
    """Two jobs, a collector with the same run, one who proposes for a single customer: every item has one letter."""
    database = databases.clone("run_twice", template=prepared["start"])
    click = (
        TOGETHER
        + """
from functools import partial
from odoo.exceptions import UserError
from odoo.service.model import retrying
user = env["res.users"].search([("login", "=", "worker_collector")])
env = env(user=user.id)
for attempt in range(20):
    try:
        retrying(partial(CLICK), env)
        env.cr.commit()
        break
    except UserError as error:
        env.cr.rollback()
        assert "Somebody else" in str(error), error
        time.sleep(0.3)
"""
    )
    whole = "import time\n" + click.replace(
        "CLICK", 'lambda: env["commercial.dunning.run"]._get_or_create(company).action_propose()'
    )
    single = "import time\n" + click.replace(
        "CLICK", 'lambda: env["commercial.receivable"].search([], order="id desc", limit=1).action_propose()'
    )
    connection = connect(database)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(4711)")
        workers = [
            start_worker(database, mail_server, in_company(script))
            for script in (TOGETHER + PROPOSE, TOGETHER + PROPOSE, whole, single)
        ]
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted and objid = 4711"
        while rows(database, waiting) != [(4,)] and all(worker.poll() is None for worker in workers):
            pass
        cursor.execute("SELECT pg_advisory_unlock(4711)")
    connection.close()
    for worker in workers:
        finish(worker)
    shell(database, mail_server, in_company(PROPOSE))  # nothing is left, nothing comes twice
    letters, items, charges = result(database)
    assert items == prepared["proposed"][1]
    assert charges == prepared["proposed"][2]
    states = [[*letter[:2], *letter[3:]] for letter in letters]
    assert states == [[*letter[:2], *letter[3:]] for letter in prepared["proposed"][0]]


def test_killed_while_proposing(prepared, databases, mail_server):
    """Killed while it follows the accounting, in the middle of a customer, between two chunks and at the very end."""
    database = databases.clone("run_killed", template=prepared["start"])
    for model, method, nth in (
        ("commercial.receivable", "_close_items", 1),
        ("commercial.dunning.run", "_write_lines", 2),
        ("commercial.dunning.run", "_write_charges", 2),
        ("commercial.dunning.run", "_fetch_customers", 2),
        ("commercial.dunning.run", "_write_waiting", 1),
    ):
        script = MOMENT + f"stop_at({model!r}, {method!r}, {nth})\n" + PROPOSE
        kill_at_word(start_worker(database, mail_server, in_company(script)))
    assert rows(database, "select state from commercial_dunning_run where is_automatic") == [("proposing",)]
    shell(database, mail_server, in_company(PROPOSE))
    assert_same([*result(database), rows(database, SKIPS)], prepared["proposed"])


def test_killed_while_sending(prepared, databases, mail_server):
    """Killed before and after each step of a letter: in the end each customer has exactly one."""
    database = databases.clone("run_killed", template=prepared["approved"])
    for model, method, nth, before in (
        ("commercial.dunning.notice", "_reserve_dispatch", 1, False),  # made, not committed
        ("commercial.dispatch", "_send_one", 2, True),  # reserved and committed
        ("commercial.dispatch", "_hand_over", 1, True),  # said to be on its way, but nothing left
        ("commercial.dispatch", "_hand_over", 2, False),  # taken by the mail server, not recorded
        ("commercial.dunning.notice", "_deliver", 1, False),  # recorded, its document does not know it yet
    ):
        script = RENDER + MOMENT + f"stop_at({model!r}, {method!r}, {nth}, {before})\n" + SEND
        kill_at_word(start_worker(database, mail_server, in_company(script)))
    shell(database, mail_server, in_company(RENDER + SEND))
    assert rows(database, "select count(*) from commercial_dispatch where state = 'sending'") == [(2,)]
    received = {recipient for recipient, _data in mail_server.received}
    shell(database, mail_server, in_company(f"RECEIVED = {received!r}\n" + RENDER + DECIDE + SEND + POST))
    assert_same(result(database), prepared["done"])
    assert sorted(recipient for recipient, _data in mail_server.received) == prepared["recipients"]


def test_disturbed_while_sending(prepared, databases, mail_server):
    """Payments after the approval, a server that breaks off after taking the mail, one that refuses."""
    database = databases.clone("run_disturbed", template=prepared["approved"])
    pay = """
import sys
sys.path.insert(0, "bench")
from accounting import _Desk
customers = env["res.partner"].search([("name", "like", "Customer ")], order="id")
lost, nobody = customers[2], customers[3]
lost.email, nobody.email = "lost@customer.example", "nobody@customer.example"
today = env["commercial.dunning.run"].search([("is_automatic", "=", True)]).date
for customer, share in ((customers[0], 1), (customers[1], 0.5)):
    desk = _Desk(env, company, customer)
    for invoice in env["account.move"].search([("partner_id", "=", customer.id), ("move_type", "=", "out_invoice")]):
        desk.pay(invoice, today, share)
env.cr.commit()
"""
    shell(database, mail_server, in_company(pay))
    shell(database, mail_server, in_company(RENDER + SEND + POST))
    query = """
        SELECT partner.name, notice.state, dispatch.state, notice.amount_total
          FROM commercial_dunning_notice notice
          JOIN commercial_dunning_run run ON run.id = notice.run_id AND run.is_automatic
          JOIN res_partner partner ON partner.id = notice.partner_id
     LEFT JOIN commercial_dispatch dispatch ON dispatch.res_id = notice.id AND dispatch.state <> 'cancelled'
      ORDER BY partner.name
    """
    states = {name: (notice, dispatch) for name, notice, dispatch, _amount in rows(database, query)}
    amounts = {name: amount for name, _notice, _dispatch, amount in rows(database, query)}
    assert states["Customer 0"] == ("cancelled", None)
    assert states["Customer 1"] == ("delivered", "sent")
    before = {letter[0]: letter[5] for letter in prepared["done"][0] if letter[2] == "delivered"}
    assert amounts["Customer 1"] < before["Customer 1"]
    assert states["Customer 2"] == ("sending", "ambiguous")
    assert states["Customer 3"] == ("failed", "failed")
    assert mail_server.count("customer0") == 0
    assert mail_server.count("lost") == 1
    # nothing goes on by itself, however often the jobs run; the items of the uncertain letter wait for a person
    again = SEND + 'env["commercial.dispatch"]._cron_sweep()\nenv["mail.mail"].process_email_queue()\n' + SEND
    shell(database, mail_server, in_company(RENDER + again))
    assert mail_server.count("lost") == 1
    query = """
        SELECT DISTINCT item.notice_id IS NOT NULL, item.last_delivered_on = run.date
          FROM commercial_receivable_item item
          JOIN res_partner partner ON partner.id = item.partner_id AND partner.name = 'Customer 2'
          JOIN commercial_dunning_run run ON run.is_automatic
    """
    assert rows(database, query) == [(True, False)]


def test_conflicts_and_locks(prepared, databases, mail_server):
    """A row changed meanwhile makes the job begin its step again; a locked customer is left out with that reason."""
    database = databases.clone("run_conflict", template=prepared["start"])
    script = MOMENT + 'stop_at("commercial.dunning.run", "_write_lines", 2, seconds=4)\n' + PROPOSE
    worker = start_worker(database, mail_server, in_company(script))
    connection = psycopg2.connect(dbname=database)
    with connection.cursor() as cursor:
        wait_for_word(worker)
        cursor.execute("UPDATE commercial_receivable_item SET move_name = move_name WHERE state = 'open'")
        cursor.execute("SELECT id FROM commercial_receivable ORDER BY partner_id DESC LIMIT 1")
        [(locked,)] = cursor.fetchall()
    connection.commit()
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM commercial_receivable WHERE id = %s FOR UPDATE", [locked])
        finish(worker)
        query = """
            SELECT skip.reason, count(*)
              FROM commercial_dunning_skip skip
              JOIN commercial_receivable_item item ON item.id = skip.item_id
             WHERE item.receivable_id = %s
          GROUP BY 1
        """
        assert rows(database, query, locked) == [("in_use", 2)]
        assert rows(database, "select state from commercial_dunning_run where is_automatic") != [("proposing",)]
    connection.rollback()
    connection.close()
    # as soon as the customer is free, proposing again adds what is missing
    again = 'env["commercial.dunning.run"].search([("is_automatic", "=", True)]).action_propose()\nenv.cr.commit()\n'
    shell(database, mail_server, in_company(again))
    assert_same([*result(database), rows(database, SKIPS)], prepared["proposed"])


def test_a_neutralized_copy_sends_nothing(prepared, databases, mail_server):
    database = databases.clone("run_neutral", template=prepared["approved"])
    run_odoo("neutralize", "-d", database, "--log-level=warn")
    tries = (
        RENDER
        + SEND
        + """
from odoo.exceptions import UserError
notices = env["commercial.dunning.notice"].search([("state", "in", ("approved", "sending"))])
notices.filtered(lambda notice: notice.state == "approved")._send()
env["commercial.dispatch"].search([("state", "=", "reserved")])._send()
env["commercial.dispatch"].search([]).filtered(lambda d: d.channel == "email")._send()
paper = env["commercial.dispatch"].search([("state", "=", "reserved"), ("channel", "!=", "email")])
for attempt in (paper.action_print, paper.action_mark_posted):
    try:
        attempt()
    except UserError as error:
        print("REFUSED", error, flush=True)
env["mail.mail"].process_email_queue()
env.cr.commit()
"""
    )
    output = shell(database, mail_server, in_company(tries))
    assert output.count("REFUSED") == 2, output
    assert mail_server.received == []
    query = "select distinct state from commercial_dunning_notice where delivered_on is null"
    assert {state for (state,) in rows(database, query)} <= {"sending", "approved"}
    assert rows(database, "select count(*) from commercial_dispatch where state in ('sent', 'sending')") == [(0,)]
