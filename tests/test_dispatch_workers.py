"""Letters against a real mail server and real workers: two at once, one killed, a server that breaks off."""

from conftest import rows, run_odoo
from workers import finish, kill, start_worker

LETTERS = 24
RESERVE = """
env["ir.config_parameter"].set_param("database.is_neutralized", False)
env["ir.cron"].search([]).write({"active": False})
env.company.email = "desk@seller.example"
for prefix, count in LETTERS.items():
    partners = env["res.partner"].create(
        [{"name": f"Customer {n}", "email": f"{prefix}{n}@customer.example"} for n in range(count)]
    )
    env["commercial.dispatch"]._reserve(
        [
            {
                "partner_id": partner.id,
                "res_model": "res.partner",
                "res_id": partner.id,
                "key": f"{prefix},{partner.id}",
                "channel": "email",
                "subject": "Reminder",
                "body": "<p>Please pay</p>",
            }
            for partner in partners
        ]
    )
env.cr.commit()
"""
SEND = """
env["commercial.dispatch"].search([("state", "=", "reserved")], order="id")._send()
env.cr.commit()
"""
# what a server does after a crash: too early, Odoo's own mail queue, then late enough
RECOVER = """
def tell(text):
    print("STATE", text, stalled.state, flush=True)
stalled = env["commercial.dispatch"].search([("key", "like", "stall,%"), ("state", "=", "sending")])
stalled.search([("key", "like", "stall,%"), ("state", "=", "reserved")]).action_cancel()
env["commercial.dispatch"]._cron_sweep()
tell("early")
stalled.sending_on = "2026-01-02 10:00:00"
env["mail.mail"].process_email_queue()
env["commercial.dispatch"]._cron_sweep()
stalled._send()
env.cr.commit()
tell("late")
"""
# an error about a missing figure undoes the transaction, but not the task
ASK = """
from datetime import date
for attempt in range(2):
    try:
        env["commercial.legal.parameter"]._value("test_outside_rate", date(2026, 9, 1), env.ref("base.be"))
    except Exception as error:
        print("ERROR", type(error).__name__, flush=True)
        env.cr.rollback()
"""


def states(database, prefix):
    query = "select state, count(*) from commercial_dispatch where key like %s group by state"
    return dict(rows(database, query, f"{prefix},%"))


def test_letters_leave_once(databases, addons, mail_server):
    database = databases.clone("letters")
    run_odoo("server", "-d", database, "-i", ",".join(addons), "--stop-after-init", "--no-http", "--log-level=warn")
    # every partner has his kind from the first moment, without one computation each
    assert not rows(database, "select id from res_partner where customer_kind is null")

    # two workers at once: every letter leaves, none twice; one is refused, and one broken off after the server took it
    letters = {"twice": LETTERS, "nobody": 1, "lost": 1}
    script = f"LETTERS = {letters}\n{RESERVE}"
    run_odoo("shell", "-d", database, "--no-http", "--log-level=warn", script=script)
    for worker in [start_worker(database, mail_server, SEND) for _worker in range(2)]:
        finish(worker)
    assert states(database, "twice") == {"sent": LETTERS}
    assert states(database, "nobody") == {"failed": 1}
    assert states(database, "lost") == {"ambiguous": 1}
    recipients = [recipient for recipient, _data in mail_server.received]
    expected = [f"twice{number}@customer.example" for number in range(LETTERS)]
    assert sorted(recipients) == sorted([*expected, "lost0@customer.example"])
    for (message_id,) in rows(database, "select message_id from commercial_dispatch where state = 'sent'"):
        assert any(message_id.encode() in data for _recipient, data in mail_server.received)

    # a worker killed while the server holds the mail: nothing is lost, nothing leaves again, a person decides
    worker = start_worker(database, mail_server, "LETTERS = {'stall': 2}\n" + RESERVE + SEND)
    assert mail_server.stalled.wait(timeout=120)
    kill(worker)
    assert states(database, "stall") == {"sending": 1, "reserved": 1}
    assert rows(database, "select state from mail_mail where state = 'outgoing'") == []
    output = finish(start_worker(database, mail_server, RECOVER + ASK))
    assert "STATE early sending" in output, output
    assert "STATE late ambiguous" in output, output
    assert states(database, "stall") == {"ambiguous": 1, "cancelled": 1}
    assert mail_server.count("stall") == 1

    assert output.count("ERROR LegalParameterError") == 2, output
    tasks = """
        select parameter.state, parameter.date_from::text, parameter.date_to::text, count(activity.id)
          from commercial_legal_parameter parameter
          join mail_activity activity
            on activity.res_model = 'commercial.legal.parameter' and activity.res_id = parameter.id
         where parameter.code = 'test_outside_rate'
         group by parameter.id
    """
    assert rows(database, tasks) == [("to_confirm", "2026-07-01", "2026-12-31", 1)]
