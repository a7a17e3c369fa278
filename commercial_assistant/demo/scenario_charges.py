"""What happens to the charges of the demonstration company: booked, waived, paid in part."""

ADDON = "commercial_assistant"
BOOKED, WAIVED, PAID_IN_PART = "dewitterbeke", "belcastel", "molenwerf"
# what the customer paid of the charges
PART = 60.0


def play_charges(scenario):
    """Book the charges of one customer as entries, waive one of another, let a third pay a part.

    It can be repeated: what is booked, waived or paid already is left alone.
    """
    company = scenario.company
    company._set_charge_defaults()
    if company.dunning_charge_booking != "entry" and not company._find_charge_gaps("entry"):
        company.dunning_charge_booking = "entry"  # from now on; what was claimed before stays in the letter
    book(scenario)
    waive(scenario)
    pay_a_part(scenario)


def find_charges(scenario, customer):
    """Return the open charges of a customer, with the rights of the collector."""
    collector = scenario.env.ref(f"{ADDON}.user_collector_demo")
    domain = [
        ("company_id", "=", scenario.company.id),
        ("partner_id", "=", scenario.demo("partner", customer).id),
        ("state", "=", "claimed"),
    ]
    return scenario.env(user=collector)["commercial.dunning.charge"].search(domain, order="id")


def book(scenario):
    charges = find_charges(scenario, BOOKED).filtered(lambda charge: charge.booking_state != "booked")
    if charges and scenario.company.dunning_charge_booking == "entry":
        charges.action_book()


def waive(scenario):
    """The collector asks, the team lead decides."""
    if scenario.made("waiver", WAIVED):
        return
    charge = find_charges(scenario, WAIVED).filtered(lambda charge: charge.kind == "indemnity")[:1]
    if not charge:
        return
    requests = charge._request_waiver("Trouwe klant, eerste keer te laat")
    team_lead = scenario.env.ref(f"{ADDON}.user_team_lead_demo")
    requests.with_user(team_lead).action_approve()
    scenario.remember("waiver", WAIVED, requests)


def pay_a_part(scenario):
    """Money that the customer meant for the charges is allocated to them first."""
    charges = find_charges(scenario, PAID_IN_PART)
    if scenario.made("on_account", "charges") or not charges:
        return
    scenario.pay_on_account(scenario.today, "charges", PAID_IN_PART, PART)
    payment = scenario.made("on_account", "charges")
    action = payment.with_env(charges.env).action_allocate_to_dunning()
    wizard = charges.env["commercial.payment.allocate"].browse(action["res_id"])
    wizard.order = "costs_first"
    wizard.action_propose()
    wizard.action_allocate()
