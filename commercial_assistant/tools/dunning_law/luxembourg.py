"""Luxembourg: law of 18 April 2004 on terms of payment and late interest."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from .base import DAY, BusinessRegime, ConsumerRegime


class LuxembourgBusiness(BusinessRegime):
    """Commercial transactions: the rate of the law is not rounded."""

    code = "lu_business"
    country = "LU"
    rate_code = "lu_late_rate"
    interest_ground = "lu_2004_interest"
    cost_ground = "lu_terms"
    indemnity_ground = "lu_clause"
    fixed_code = "lu_fixed_cost"
    fixed_ground = "lu_2004_fixed"


class LuxembourgConsumer(ConsumerRegime):
    """Consumers: interest only on an invoice that was issued in time and states that it will be claimed."""

    code = "lu_consumer"
    country = "LU"
    rate_code = "lu_consumer_rate"
    needs_deliveries = True
    interest_ground = "lu_2004_consumer"

    def interest_start(self, item, date_due, policy, context):
        """After three months, if the invoice was issued within one month of the delivery; unknown means no."""
        if not policy.invoices_state_interest or not item.delivered_on or not item.invoice_date:
            return None
        law, day = context.law, item.delivered_on
        months = int(law.value("lu_b2c_invoice_months", context.day))
        if item.invoice_date > day + relativedelta(months=months):
            return None
        waited = day + relativedelta(months=int(law.value("lu_b2c_wait_months", context.day)))
        if law.value("lu_b2c_count_whole_months", context.day):
            waited = _end_of_month(waited)
        return max(date_due, waited) + DAY

    def announced_rate(self, policy, context):
        return super().announced_rate(policy, context) if policy.invoices_state_interest else None


def _end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - DAY
