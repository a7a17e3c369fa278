"""Databases of the versions that landed before, with data in use, are updated to this one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, rows, run_odoo

# the last commit of each version
OLD_VERSIONS = {"19.0.1.0.0": "6d536d2", "19.0.1.1.0": "02d0721"}

FILL = """
from odoo import Command, fields
from dateutil.relativedelta import relativedelta

company = env.ref("base.main_company")
company.country_id = env.ref("base.be")
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
env = env(context={"allowed_company_ids": company.ids})
if company.currency_id != env.ref("base.EUR"):
    env.ref("base.EUR").active = True
    env["res.currency.rate"].create(
        {"name": "2020-01-01", "currency_id": env.ref("base.EUR").id, "rate": 0.9, "company_id": company.id})
env["res.partner.bank"].create({"acc_number": "BE71096123456769", "partner_id": company.partner_id.id})
parameters = env["commercial.legal.parameter"].search([("state", "=", "to_confirm"), ("code", "=", "be_late_rate")])
parameters.source = "Test"
parameters.action_confirm()
today = fields.Date.today()
customers = env["res.partner"].create([
    {"name": name, "is_company": kind, "email": f"{name.lower()}@customer.example", "street": "Markt 1", "zip": "9000",
     "city": "Gent", "country_id": env.ref("base.be").id, "lang": "en_US"}
    for name, kind in (("Bakker", True), ("Peeters", False), ("Smid", True))
])
product = env["product.product"].create({"name": "Pump"})
for customer in customers:
    for months in (3, 2):
        move = env["account.move"].with_company(company).create({
            "move_type": "out_invoice", "partner_id": customer.id,
            "invoice_date": today - relativedelta(months=months, days=10),
            "invoice_date_due": today - relativedelta(months=months), "invoice_payment_term_id": False,
            "invoice_line_ids": [Command.create({"product_id": product.id, "price_unit": 500.0, "tax_ids": False})],
        })
        move.action_post()
policy = env["commercial.dunning.policy"].search([("company_id", "=", company.id), ("regime", "=", "be_business")])
policy.write({"name": "Our own businesses", "min_letter_amount": 12.5})
policy.level_ids.filtered(lambda level: level.kind == "reminder").write({"charge_fixed": True})
run = env["commercial.dunning.run"].create({"company_id": company.id})
run.action_propose()
run.action_approve()
for notice in run.notice_ids:
    notice._deliver(today)
env["commercial.receivable"].search([("partner_id", "=", customers[0].id)]).write(
    {"is_excluded": True, "exclusion_reason": "Asked to wait"})
charges = env["commercial.dunning.charge"].search([("company_id", "=", company.id)])
assert charges and run.notice_ids
charges[:1].action_mark_paid()
env.cr.commit()
print("FILLED")
"""

KEPT = {
    "letters": "select name, state, amount_total, delivered_on from commercial_dunning_notice order by id",
    "lines": """select notice_id, item_id, level_id, amount_residual, live from commercial_dunning_notice_line
        order by id""",
    "charges": "select id, kind, state, amount, notice_id, item_id from commercial_dunning_charge order by id",
    "items": "select id, move_line_id, level_id, last_delivered_on, state from commercial_receivable_item order by id",
    "accounts": "select id, partner_id, is_excluded, exclusion_reason from commercial_receivable order by id",
    "figures": """select code, date_from, value, state, source from commercial_legal_parameter
        where code like 'be_late%' order by code, date_from""",
    "policy": """select name, min_letter_amount, active from commercial_dunning_policy
        where regime = 'be_business' order by id""",
}

LOOK = """
company = env.ref("base.main_company")
env = env(context={"allowed_company_ids": company.ids})
laws = env["commercial.dunning.policy"].search([("company_id", "=", company.id)]).mapped("regime")
assert {"be_consumer", "be_business", "nl_consumer", "fr_business", "lu_consumer"} <= set(laws), laws
charges = env["commercial.dunning.charge"].search([("company_id", "=", company.id)])
for charge in charges:
    wanted = charge.amount if charge.state in ("planned", "claimed") else 0
    assert charge.amount_residual == wanted, (charge.state, charge.amount, charge.amount_residual)
run = env["commercial.dunning.run"].create({"company_id": company.id, "mode": "dry"})
run.action_propose()
assert {"too_early", "customer_excluded"} <= set(run.skip_ids.mapped("reason")), run.skip_ids.mapped("reason")
served = env["commercial.complaint.team"].with_context(allowed_company_ids=[]).sudo().search([]).company_id
assert served == env["res.company"].sudo().search([]), served
print("LOOKED")
"""


@pytest.fixture(params=OLD_VERSIONS)
def old_version(request):
    return request.param


@pytest.fixture
def old_addons(old_version, tmp_path):
    """The addon as it landed then, in a folder of its own."""
    archive = subprocess.run(
        ["git", "-c", "safe.directory=*", "archive", OLD_VERSIONS[old_version], "commercial_assistant"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if archive.returncode:
        pytest.skip("this copy has no history")
    subprocess.run(["tar", "-x", "-C", tmp_path], input=archive.stdout, check=True)
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_update_from_an_earlier_version(databases, old_version, old_addons, tmp_path):
    database = databases.clone("upgrade")
    old = ("--addons-path", str(old_addons), "--no-http", "--log-level=warn")
    # the bridge did not exist then, but the template of the tests knows it
    forget = "update ir_module_module set auto_install = false where name = 'commercial_assistant_repair'"
    script = f'env.cr.execute("{forget}"); env.cr.commit()'
    run_odoo("shell", "-d", database, "--no-http", "--log-level=warn", script=script)
    run_odoo("server", "-d", database, "-i", "commercial_assistant", "--stop-after-init", *old)
    said = run_odoo("shell", "-d", database, *old, script=FILL)
    assert "FILLED" in said, said
    version = "select latest_version from ir_module_module where name = 'commercial_assistant'"
    assert rows(database, version) == [(old_version,)]
    before = {name: rows(database, query) for name, query in KEPT.items()}
    assert all(before.values())
    run_odoo(
        "server", "-d", database, "-u", "commercial_assistant", "--stop-after-init", "--no-http", "--log-level=warn"
    )
    assert rows(database, version) != [(old_version,)]
    for name, query in KEPT.items():
        assert rows(database, query) == before[name], name
    said = run_odoo("shell", "-d", database, "--no-http", "--log-level=warn", script=LOOK)
    assert "LOOKED" in said, said
    # what an update leaves, a second one leaves as well
    run_odoo(
        "server", "-d", database, "-u", "commercial_assistant", "--stop-after-init", "--no-http", "--log-level=warn"
    )
    assert Path(ROOT, "commercial_assistant", "migrations").exists()
