from odoo import api, models


class DunningNoticeReport(models.AbstractModel):
    """What the laws of Luxembourg want a letter to say."""

    _inherit = "report.commercial_assistant.report_dunning_notice"

    # Both rest on the law of 18 April 2004, as amended on 29 March 2013.

    @api.model
    def _get_law_lu(self):
        return self.env._("amended Luxembourg law of 18 April 2004 on payment periods and late payment interest")

    # --- BUSINESS ---

    @api.model
    def _get_legal_grounds_lu_business(self, notice):
        clause = notice.policy_id.interest_basis == "clause"
        terms = self.env._("our general terms")
        return {
            "interest": terms if clause else self._get_law_lu(),
            "fixed": self._get_law_lu(),
            "indemnity": terms,
            "cost": terms,
        }

    @api.model
    def _get_facts_lu_business(self, notice):
        return self._get_parties(notice)

    @api.model
    def _get_terms_lu_business(self, notice):
        if notice.level_kind == "courtesy":
            return [self.env._("This message is free of charge: we add neither costs nor interest.")]
        terms = [
            *self._get_earlier_formal_notice(notice),
            f"{self._get_interest_lu_business(notice)} {self._get_fixed_cost_lu(notice)}",
            self._get_claimed_or_waived(notice),
        ]
        if notice.level_kind == "formal_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we will have the claim recovered by a lawyer or a "
                    "bailiff without further notice, and also claim a reasonable compensation for the recovery costs "
                    "above the fixed sum. We reserve all our rights."
                )
            )
        if notice.level_kind == "last_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we hand the file over to a lawyer or a bailiff without "
                    "further notice, and also claim a reasonable compensation for the recovery costs above the fixed "
                    "sum. We reserve all our rights."
                )
            )
        return terms

    @api.model
    def _get_interest_lu_business(self, notice):
        rate = self._format_rate(notice.announced_interest_rate) if notice.announced_interest_rate else ""
        if rate and notice.policy_id.interest_basis == "clause":
            return self._get_interest_of_terms(notice)
        if rate:
            return self.env._(
                "Under the amended Luxembourg law of 18 April 2004 on payment periods and late payment interest, "
                "interest is due by operation of law and without notice from the day after the due date; the rate is "
                "now %(rate)s per year.",
                rate=rate,
            )
        return self.env._(
            "Under the amended Luxembourg law of 18 April 2004 on payment periods and late payment interest, interest "
            "is due by operation of law and without notice from the day after the due date."
        )

    @api.model
    def _get_fixed_cost_lu(self, notice):
        fixed = notice._get_letter_fixed_cost()
        if fixed:
            return self.env._(
                "Under the law of 18 April 2004 a fixed sum of %(amount)s for recovery costs is due as well for each "
                "invoice paid late.",
                amount=self._format_money(fixed, self.env.ref("base.EUR")),
            )
        return self.env._(
            "Under the law of 18 April 2004 a fixed sum for recovery costs is due as well for each invoice paid late."
        )

    # --- CONSUMER ---

    @api.model
    def _get_charge_names_lu_consumer(self, notice):
        return {"interest": self.env._("Interest at the legal rate")}

    @api.model
    def _get_legal_grounds_lu_consumer(self, notice):
        return {"interest": self._get_law_lu()}

    @api.model
    def _get_terms_lu_consumer(self, notice):
        if notice.level_kind == "courtesy":
            return [self.env._("This message is free of charge: we add neither costs nor interest.")]
        terms = [*self._get_earlier_formal_notice(notice), self._get_claimed_lu_consumer(notice)]
        if notice.level_kind == "formal_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we may entrust the file to a lawyer or a bailiff and "
                    "ask the court to order payment. This letter is an amicable demand: it is neither a summons nor a "
                    "seizure."
                )
            )
        if notice.level_kind == "last_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we hand the file over to a lawyer, a bailiff or a "
                    "collection agency for amicable recovery and, if need be, ask the court to order payment."
                )
                + " "
                + self._get_amicable()
            )
        return terms

    @api.model
    def _get_claimed_lu_consumer(self, notice):
        """Return what is claimed; interest only where the invoices announced it, at the earliest after three months."""
        if self._is_claimed(notice):
            text = self.env._("We claim no recovery costs from you, only the outstanding balance and the interest.")
        else:
            text = self.env._("We claim only the outstanding balance, without costs or interest.")
        if not notice.announced_interest_rate:
            return text
        interest = self.env._(
            "As stated on the invoices, late payment bears interest at the legal rate, at present %(rate)s per year; "
            "under the amended Luxembourg law of 18 April 2004 on payment periods and late payment interest it runs "
            "at the earliest from three months after delivery.",
            rate=self._format_rate(notice.announced_interest_rate),
        )
        return f"{text} {interest}"
