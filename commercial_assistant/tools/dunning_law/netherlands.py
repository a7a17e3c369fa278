"""Netherlands: articles 6:96, 6:119 and 6:119a of the Civil Code, and the decree on collection costs (BIK)."""

from ..late_payment import FreeTerm, presumed_delivery, round_half_up, tiered_amount
from ..working_days import add_working_days, is_working_day
from .base import DAY, ZERO, BusinessRegime, ConsumerRegime, FirstReminder


def collection_cost(balance, currency_id, policy, context):
    """Return the collection costs for a principal, with VAT where the creditor cannot deduct it.

    Scale of the decree on collection costs (Besluit vergoeding voor buitengerechtelijke incassokosten, art. 2): least
    and highest amount hold without VAT.
    """
    law, day = context.law, context.day
    euros = tiered_amount(
        context.convert(balance, currency_id, context.law_currency_id),
        law.tiers("nl_collection_cost_tiers", day),
        minimum=law.value("nl_collection_cost_min", day),
        maximum=law.value("nl_collection_cost_max", day),
    )
    if policy.vat_on_costs:
        euros += euros * law.value("nl_vat_percent", day) / 100
    amount = context.convert(euros, context.law_currency_id, currency_id)
    return round_half_up(amount, context.unit(currency_id))


class DutchConsumer(ConsumerRegime):
    """The letter that gives fourteen days (art. 6:96 par. 6 Civil Code), then the costs it announced."""

    code = "nl_consumer"
    country = "NL"
    rate_code = "nl_consumer_rate"
    separates_first_reminder = True  # it is free and names the exact costs to come
    needs_durable = ConsumerRegime.needs_durable | {"reminder"}
    compounds = True
    limits_to_announced = True
    interest_ground = "nl_6_119"
    indemnity_ground = "nl_6_96"

    def not_before(self, item, level):
        return item.earliest_charge_on if level.kind != "courtesy" else None

    def interest_start(self, item, date_due, policy, context):
        """From default: on the day after an agreed due date, else when the time given in the letter is over."""
        if policy.due_date_is_agreed:
            return date_due + DAY
        return item.earliest_charge_on

    def debt_key(self, item):
        """The principals of all claims in one letter are added together (art. 6:96 par. 7)."""
        return ("announced", item.announcement.letter_id) if item.announcement else ("new", item.currency_id)

    def may_claim_sums(self, item):
        return bool(item.earliest_charge_on and item.announcement)

    def indemnity(self, balance, currency_id, policy, context):
        return collection_cost(balance, currency_id, policy, context)

    def must_announce(self):
        return True

    def free_term(self, sent_on, channel, context):
        law = context.law
        delivered = presumed_delivery(sent_on, int(law.value("nl_b2c_presumed_delivery_days", sent_on)), self.country)
        start = delivered + DAY
        days = int(law.value("nl_b2c_wait_days", sent_on)) + int(law.value("nl_b2c_extra_days", sent_on))
        last = start + DAY * (days - 1)
        if law.value("nl_b2c_roll_to_working_day", sent_on) and not is_working_day(last, self.country):
            last = add_working_days(last, 1, self.country)
        return FreeTerm(start, last, last + DAY)

    def first_reminder(self, sent_on, channel, context):
        term = self.free_term(sent_on, channel, context)
        return FirstReminder(term.last_free_day, term.earliest_charge_date, term.earliest_charge_date)


class DutchBusiness(BusinessRegime):
    """Commercial transactions: art. 6:119a and 6:96 par. 4 Civil Code."""

    code = "nl_business"
    country = "NL"
    rate_code = "nl_commercial_rate"
    compounds = True
    interest_ground = "nl_6_119a"
    indemnity_ground = "nl_6_96_business"

    def indemnity(self, balance, currency_id, policy, context):
        """The scale of the decree, or what the terms say instead, never less than the least amount of the law."""
        if not policy.clause:
            return collection_cost(balance, currency_id, policy, context)
        least = context.law.value("nl_collection_cost_min", context.day)
        own = policy.clause.amount(context.convert(balance, currency_id, context.company_currency_id))
        amount = max(
            context.convert(own, context.company_currency_id, currency_id),
            context.convert(least, context.law_currency_id, currency_id),
        )
        return round_half_up(amount, context.unit(currency_id))

    def fixed_sum(self, context):
        """The 40 euros are the least amount of the scale and no sum beside it."""
        return ZERO, ""

    def cost(self, lines, customer, policy, context):
        """The scale covers the cost of reminders."""
        return None
