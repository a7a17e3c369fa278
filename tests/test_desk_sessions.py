"""Several people at the desk at the same moment: real sessions on one database."""

import ast

from conftest import run_odoo

PREPARE = """
from psycopg2.errors import SerializationFailure
from odoo import api
from odoo.exceptions import UserError
from odoo.tests import new_test_user

company = env.company
people = [
    new_test_user(env, login=login, groups=f"commercial_assistant.{group}", company_id=company.id)
    for login, group in (("asks", "group_assistant"), ("first", "group_team_lead"), ("second", "group_team_lead"))
]
customers = env["res.partner"].create([{"name": f"Customer {n}", "is_company": True} for n in range(3)])
env.cr.commit()
asks, first, second = people
said = {}

def session(user):
    return api.Environment(env.registry.cursor(), user.id, {})

def ask(customer):
    request = customer.with_user(asks)._request_approval("other", "They pay on Monday")
    env.cr.commit()
    return request

def at_once(one, other):
    # what the second one hears while the first one is still busy
    one()
    try:
        other()
    except (UserError, SerializationFailure) as error:
        return type(error).__name__
    return "nothing"
"""

DECIDE = """
request = ask(customers[0])
a, b = session(first), session(second)
mine, theirs = (s["commercial.approval.request"].browse(request.id) for s in (a, b))
said["while the first one decides"] = at_once(mine.action_approve, lambda: theirs._decide("refused", "No"))
b.cr.rollback()
b.cr.execute("SELECT 1")  # this session looks at the database as it is before the first one is ready
a.cr.commit()
try:
    theirs.invalidate_recordset()
    theirs._decide("refused", "No")
    said["with an old view"] = "nothing"
except (UserError, SerializationFailure) as error:
    said["with an old view"] = type(error).__name__
b.cr.rollback()
b.invalidate_all()
said["again"] = theirs.action_approve()
b.cr.commit()
a.cr.close(), b.cr.close()
env.cr.rollback()
env.invalidate_all()
said["decisions"] = request.decision_ids.mapped("decision")
said["state"] = request.state
"""

CHECK = """
a, b = session(first), session(second)
for s in (a, b):
    s.cr.execute("SELECT 1")
mine, theirs = (s["res.partner"].browse(customers[1].id) for s in (a, b))
mine._run_checks("data")
a.flush_all()
a.cr.commit()
try:
    theirs._run_checks("data")
    b.flush_all()
    b.cr.commit()
    said["the same check"] = "nothing"
except Exception as error:
    said["the same check"] = type(error).__name__
    b.cr.rollback()
a.cr.close(), b.cr.close()
env.cr.rollback()
env.invalidate_all()
rules = env["commercial.check.result"].search([("res_model", "=", "res.partner"), ("res_id", "=", customers[1].id)])
said["findings twice"] = len(rules) - len(rules.rule_id)
"""


def test_two_people_at_once(databases, addons):
    database = databases.clone("sessions")
    run_odoo("server", "-d", database, "-i", ",".join(addons), "--stop-after-init", "--no-http", "--log-level=warn")
    script = PREPARE + DECIDE + CHECK + "\nprint('SAID', repr(said))\n"
    output = run_odoo("shell", "-d", database, "--no-http", "--log-level=critical", script=script)
    said = ast.literal_eval(output.split("SAID ", 1)[1].splitlines()[0])
    assert said == {
        "while the first one decides": "UserError",
        "with an old view": "SerializationFailure",
        "again": True,
        "decisions": ["approved"],
        "state": "approved",
        "the same check": "UniqueViolation",
        "findings twice": 0,
    }
