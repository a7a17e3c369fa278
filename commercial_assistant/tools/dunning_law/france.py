"""France: articles L441-10 and D441-5 of the Commercial Code; articles 1231-6 and 1344-1 of the Civil Code."""

from ..working_days import add_working_days
from .base import DAY, BusinessRegime, ConsumerRegime


class FrenchBusiness(BusinessRegime):
    """Professionals: penalties without reminder from the day after the due date, and a fixed sum for each invoice."""

    code = "fr_business"
    country = "FR"
    kinds = ("business",)  # public procurement has rules of its own
    rate_code = "fr_late_rate"
    interest_ground = "fr_l441_10"
    cost_ground = "fr_terms"
    indemnity_ground = "fr_clause"
    fixed_code = "fr_fixed_cost"
    fixed_ground = "fr_d441_5"


class FrenchConsumer(ConsumerRegime):
    """Consumers: the legal rate after a formal notice, and nothing else (art. L111-8 CPCE)."""

    code = "fr_consumer"
    country = "FR"
    rate_code = "fr_legal_rate"
    interest_kind = "formal_notice"
    interest_ground = "fr_1344_1"

    def interest_start(self, item, date_due, policy, context):
        return item.interest_from

    def interest_after(self, sent_on, channel, context):
        """The day after the notice is presumed to have been received."""
        days = int(context.law.value("fr_b2c_presumed_delivery_days", sent_on))
        return add_working_days(sent_on, days, self.country) + DAY
