"""Belgium: Book XIX of the Code of Economic Law, and the law of 2 August 2002 on late payment."""

from decimal import Decimal

from ..late_payment import business_due_date, free_term, may_charge_reminder, round_half_up, tiered_amount
from .base import DAY, ZERO, BusinessRegime, ConsumerRegime, FirstReminder, NewCharge, sending_of


class BelgianConsumer(ConsumerRegime):
    """Book XIX of the Code of Economic Law."""

    code = "be_consumer"
    rate_code = "be_late_rate"
    separates_first_reminder = True  # it is free, and what it has to say would get lost among claims
    needs_durable = ConsumerRegime.needs_durable | {"reminder"}
    reminds_each_part = True  # the first reminder names the balance that is asked for
    interest_ground = "be_xix4_interest"
    indemnity_ground = "be_xix4_indemnity"

    def not_before(self, item, level):
        return item.earliest_charge_on if level.kind != "courtesy" else None

    def interest_start(self, item, date_due, policy, context):
        return item.interest_from

    def may_claim_sums(self, item):
        return bool(item.interest_from)

    def indemnity(self, balance, currency_id, policy, context):
        euros = context.convert(balance, currency_id, context.law_currency_id)
        amount = tiered_amount(
            euros,
            context.law.tiers("be_b2c_indemnity_tiers", context.day),
            maximum=context.law.value("be_b2c_indemnity_max", context.day),
        )
        if policy.clause:
            own = context.convert(balance, currency_id, context.company_currency_id)
            own = context.convert(policy.clause.amount(own), context.company_currency_id, context.law_currency_id)
            amount = min(amount, own)
        amount = context.convert(amount, context.law_currency_id, currency_id)
        return round_half_up(amount, context.unit(currency_id))

    def cost(self, lines, customer, policy, context):
        cap = None
        reminded = customer.reminded_due_dates | {line.date_due for line in lines}
        for line in lines:
            if line.is_part or not line.level.cost or (line.level.kind == "reminder" and not policy.regular_supply):
                continue
            if policy.regular_supply:
                free = int(context.law.value("be_b2c_free_duedates", context.day))
                if not may_charge_reminder(reminded, line.date_due, free):
                    continue
            elif policy.charge_indemnity:
                continue
            cap = context.law.value("be_b2c_extra_fee", context.day) if cap is None else cap
            own = context.convert(line.level.cost, context.company_currency_id, context.law_currency_id)
            amount = context.convert(min(own, cap), context.law_currency_id, line.item.currency_id)
            amount = round_half_up(amount, context.unit(line.item.currency_id))
            return NewCharge("cost", line.item.id, amount, ZERO, "be_xix2_cost") if amount else None
        return None

    def must_announce(self):
        return True

    def free_term(self, sent_on, channel, context):
        law, day = context.law, sent_on
        return free_term(
            sent_on,
            sending_of(channel),
            wait_days=int(law.value("be_b2c_wait_days", day)),
            post_start_workday=int(law.value("be_b2c_post_start_workday", day)),
            extra_days=int(law.value("be_b2c_extra_days", day)),
            roll=bool(law.value("be_b2c_roll_to_working_day", day)),
            country=self.country,
            saturday=bool(law.value("be_saturday_is_working_day", day)),
        )

    def first_reminder(self, sent_on, channel, context):
        term = self.free_term(sent_on, channel, context)
        interest_from = sent_on + DAY if context.is_sme else term.earliest_charge_date
        return FirstReminder(term.last_free_day, term.earliest_charge_date, interest_from)


class BelgianBusiness(BusinessRegime):
    """Law of 2 August 2002 on late payment in commercial transactions."""

    code = "be_business"
    family = frozenset(("be_public",))
    rate_code = "be_late_rate"
    interest_ground = "be_2002_5"
    indemnity_ground = "be_2002_clause"
    fixed_code = "be_b2b_fixed_cost"
    fixed_ground = "be_2002_6"
    cost_ground = "be_2002_cost"

    def due_date(self, item, policy, context):
        if not policy.cap_payment_term or not item.invoice_date:
            return item.date_due
        longest = self._longest_term(policy, context)
        agreed = (item.date_due - item.invoice_date).days
        if agreed <= longest:
            return item.date_due
        return business_due_date(item.invoice_date, agreed, self._usual_term(context), longest)

    def _usual_term(self, context):
        return int(context.law.value("be_b2b_term_days", context.day))

    def _longest_term(self, policy, context):
        return int(context.law.value("be_b2b_max_term_days", context.day))


class BelgianPublic(BelgianBusiness):
    """Public authorities under the law of 2 August 2002: 30 days, at most 60; the statutory rate whatever is agreed."""

    code = "be_public"
    kinds = ("public",)
    family = frozenset(("be_business",))

    def interest_rates(self, policy, start, end, law):
        return [(day, Decimal(percent)) for day, percent in law.rates(self.rate_code, start, end)]

    def _usual_term(self, context):
        return int(context.law.value("be_b2b_term_days", context.day, "public"))

    def _longest_term(self, policy, context):
        """More than the usual term only when it is justified (article 4 par. 2)."""
        if not policy.longer_term_is_justified:
            return self._usual_term(context)
        return int(context.law.value("be_b2b_max_term_days", context.day, "public"))
