"""Two customers who could not pay at once: one keeps to the plan, the other does not.

`plan_happenings(scenario)` lists what happened with its days, to be played among the other happenings so that each
reminder sees the plans of its day; `play_plans(scenario)` plays it alone. Both can be repeated.
"""

from .scenario import ADDON, clock_at

# (plan, invoice, day of the proposal, number, day of the first instalment, days between, days of payment)
PLANS = [
    # the first two instalments came in time, two are to come
    ("kept", "steenhouwer-1", 19, 4, 12, 7, (12, 6)),
    # one instalment came, the second did not: the plan broke two weeks later
    ("broken", "copeaux-2", 43, 3, 36, 14, (36,)),
]
# on these days somebody looked at the payments
LOOK_DAYS = (18, 7, 5, 0)


def plan_happenings(scenario):
    """Return what happened as `(days ago, order of the day, method, arguments)`, like the other happenings."""
    happenings = []
    for key, invoice, proposed, number, first, step, paid in PLANS:
        happenings.append((proposed, 5, _propose, (scenario, key, invoice, number, first, step)))
        happenings.append((proposed - 1, 5, _agree, (scenario, key)))
        happenings += [(days, 3, _pay, (scenario, key, days)) for days in paid]
    happenings += [(days, 4, _look, (scenario,)) for days in LOOK_DAYS]
    # the plans are looked at before the reminders of the day, see the order of `Scenario.play`
    return [
        (days, order, _play(method), arguments)
        for days, order, method, arguments in sorted(happenings, key=lambda entry: (-entry[0], entry[1]))
    ]


def play_plans(scenario):
    """Let the plans happen day by day; mails must be kept, see `Scenario.mail_kept`."""
    for days, _order, method, arguments in plan_happenings(scenario):
        method(scenario.day(days), *arguments)


def _play(method):
    """The day comes first, as in the methods of the scenario."""

    def play(day, scenario, *arguments):
        with clock_at(scenario.env, day):
            method(scenario, day, *arguments)

    return play


def _propose(scenario, day, key, invoice_key, number, first, step):
    """The collector puts the plan together and sends the agreement."""
    if scenario.made("plan", key):
        return
    invoice = scenario.made("invoice", invoice_key)
    collector = scenario.env.ref(f"{ADDON}.user_collector_demo")
    action = invoice.with_user(collector).action_make_payment_plan()
    make = (
        scenario.env(user=collector)["commercial.payment.plan.make"]
        .with_context(**action["context"])
        .create(
            {
                "number": number,
                "rhythm": "days",
                "every_days": step,
                "first_date": scenario.day(first),
                "working_days_only": True,
            }
        )
    )
    plan = scenario.env["commercial.payment.plan"].browse(make.action_make()["res_id"]).with_user(collector)
    plan.action_propose()
    if plan.state == "to_approve":
        team_lead = scenario.env.ref(f"{ADDON}.user_team_lead_demo")
        plan.approval_request_ids.with_user(team_lead).action_approve()
        plan.action_propose()
    scenario.remember("plan", key, plan.sudo())


def _agree(scenario, day, key):
    plan = scenario.made("plan", key)
    if plan.state == "proposed":
        collector = scenario.env.ref(f"{ADDON}.user_collector_demo")
        scenario.post_letters(plan.dispatch_ids, day)
        plan.with_user(collector).action_activate()


def _pay(scenario, day, key, days):
    """The customer pays an instalment and names the plan, as the letter asks."""
    plan = scenario.made("plan", key)
    name = f"plan_{key}_{days}"
    if scenario.made("payment", name) or plan.state != "active":
        return
    invoice = plan.item_ids.move_id
    wizard = scenario.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
    wizard = wizard.create({"payment_date": day, "journal_id": scenario.bank_journal.id})
    wizard.write({"amount": plan.next_amount, "communication": plan.payment_reference})
    scenario.remember("payment", name, wizard._create_payments())
    plan._follow()


def _look(scenario, day):
    """Do what the nightly job does."""
    plans = scenario.env["commercial.payment.plan"].search([("company_id", "=", scenario.company.id)])
    plans._follow()
    plans._send_due_letters()
    scenario.post_letters(plans.dispatch_ids, day)
