"""The demo's key figures of the past half year, each day computed as it was, and today's worklist and statements."""

from datetime import timedelta

from odoo import Command

WEEKS = 26


def play_overview(scenario):
    """Fill the history of the key figures, bring the worklist up to date and note a few calls.

    Nothing is invented: the figures of a past day come from the accounting as it stood on that day, and the calls are
    those of the demo's collector of this week. It can be repeated: what exists already is left alone.

    :param scenario: the running ``Scenario`` with its ``env``, ``company`` and ``today``
    """
    env, company = scenario.env, scenario.company
    figures = env["commercial.receivable.kpi"]
    known = set(figures.search([("company_id", "=", company.id)]).mapped("date"))
    for week in reversed(range(WEEKS)):
        day = scenario.today - timedelta(weeks=week)
        if day not in known or week == 0:
            figures._write_day(company, day)
    env["commercial.dunning.kpi"]._write_letters(company, scenario.today)
    env["commercial.receivable"]._refresh_items(company)
    _note_calls(scenario)
    env["commercial.receivable"]._refresh_work(company)
    _send_statement(scenario)


def _note_calls(scenario):
    """The collector called the three customers on top of the list."""
    env = scenario.env(user=scenario.env.ref("commercial_assistant.user_collector_demo"))
    receivables = env["commercial.receivable"]
    receivables.sudo()._refresh_work(scenario.company)
    top = receivables.search([("company_id", "=", scenario.company.id)], order="priority desc, id", limit=3)
    stories = (
        ("reached", "De boekhouder zoekt de facturen op en belt terug.", 4),
        ("no_answer", False, 0),
        ("message", "Bericht nagelaten bij het onthaal.", 1),
    )
    for account, (result, note, days) in zip(top, stories, strict=False):
        if account.call_ids:
            continue
        values = {"receivable_id": account.id, "result": result, "note": note}
        if result != "no_answer":
            values["call_again_on"] = scenario.today + timedelta(days=days)
        env["commercial.receivable.call"].create(values)


def _send_statement(scenario):
    """One customer asked for a statement of the end of last month."""
    env = scenario.env(user=scenario.env.ref("commercial_assistant.user_collector_demo"))
    last_month = scenario.today.replace(day=1) - timedelta(days=1)
    open_ids = env["commercial.receivable"].sudo()._find_open_at(scenario.company, last_month)
    account = env["commercial.receivable"].browse(open_ids[:1])
    if account and not account.statement_ids:
        wizard = env["commercial.statement.make"].create(
            {
                "company_id": scenario.company.id,
                "date": last_month,
                "scope": "chosen",
                "partner_ids": [Command.set(account.partner_id.ids)],
            }
        )
        wizard.action_send()
