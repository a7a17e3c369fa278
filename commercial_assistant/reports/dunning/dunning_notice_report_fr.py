from odoo import api, models


class DunningNoticeReport(models.AbstractModel):
    """What the laws of France want a letter to say."""

    _inherit = "report.commercial_assistant.report_dunning_notice"

    # --- BUSINESS: COMMERCIAL CODE, ARTICLES L441-10 AND D441-5 ---

    @api.model
    def _get_charge_names_fr_business(self, notice):
        return {
            "interest": self.env._("Late payment penalties"),
            "indemnity": self.env._("Penalty clause"),
            "fixed": self.env._("Fixed indemnity for recovery costs"),
        }

    @api.model
    def _get_legal_grounds_fr_business(self, notice):
        return {
            "interest": self.env._("article L441-10 of the French Commercial Code"),
            "fixed": self.env._("articles L441-10 and D441-5 of the French Commercial Code"),
            "indemnity": self.env._("our general terms"),
            "cost": self.env._("our general terms"),
        }

    @api.model
    def _get_facts_fr_business(self, notice):
        return self._get_parties(notice)

    @api.model
    def _get_terms_fr_business(self, notice):
        if notice.level_kind == "courtesy":
            return [self.env._("This message is free of charge: we add neither costs nor interest.")]
        terms = [
            *self._get_earlier_formal_notice(notice),
            self._get_penalties_fr(notice),
            self._get_fixed_indemnity_fr(notice),
            self._get_claimed_or_waived(notice),
        ]
        if notice.level_kind == "formal_notice":
            terms.append(
                self.env._(
                    "This letter is a formal notice within the meaning of article 1344 of the French Civil Code. If we "
                    "do not receive your payment in time, we will have the claim recovered by a lawyer or a judicial "
                    "officer without further notice and, if need be, ask the competent court for an order to pay. We "
                    "reserve all our rights."
                )
            )
        if notice.level_kind == "last_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we hand the file over to a lawyer or a judicial "
                    "officer without further notice, who will if need be ask the competent court for an order to pay. "
                    "We reserve all our rights."
                )
            )
        return terms

    @api.model
    def _get_penalties_fr(self, notice):
        rate = self._format_rate(notice.announced_interest_rate) if notice.announced_interest_rate else ""
        if rate and notice.policy_id.interest_basis == "clause":
            return self.env._(
                "Under our general terms and article L441-10 of the French Commercial Code, late payment penalties of "
                "%(rate)s per year are due without reminder from the day after the due date.",
                rate=rate,
            )
        if rate:
            return self.env._(
                "Under article L441-10 of the French Commercial Code, late payment penalties are due without reminder "
                "from the day after the due date; their rate is now %(rate)s per year.",
                rate=rate,
            )
        return self.env._(
            "Under article L441-10 of the French Commercial Code, late payment penalties are due without reminder from "
            "the day after the due date."
        )

    @api.model
    def _get_fixed_indemnity_fr(self, notice):
        fixed = notice._get_letter_fixed_cost()
        if fixed:
            text = self.env._(
                "For each invoice paid late a fixed indemnity for recovery costs of %(amount)s is due by operation of "
                "law as well (articles L441-10 and D441-5 of the same code).",
                amount=self._format_money(fixed, self.env.ref("base.EUR")),
            )
        else:
            text = self.env._(
                "For each invoice paid late a fixed indemnity for recovery costs is due by operation of law as well "
                "(articles L441-10 and D441-5 of the same code)."
            )
        return (
            text
            + " "
            + self.env._("If our recovery costs are higher, we may claim additional compensation, with proof of them.")
        )

    @api.model
    def _get_running_interest_fr_business(self, notice):
        return self.env._(
            "Late payment penalties of %(rate)s per year keep running on the amount still due until full payment.",
            rate=self._format_rate(notice.announced_interest_rate),
        )

    # --- CONSUMER: LEGAL INTEREST FROM THE FORMAL NOTICE, NO COSTS ---

    @api.model
    def _get_charge_names_fr_consumer(self, notice):
        return {"interest": self.env._("Interest at the legal rate")}

    @api.model
    def _get_legal_grounds_fr_consumer(self, notice):
        return {"interest": self.env._("articles 1231-6 and 1344-1 of the French Civil Code")}

    @api.model
    def _get_terms_fr_consumer(self, notice):
        if notice.level_kind == "courtesy":
            return [self.env._("This message is free of charge: we add neither costs nor interest.")]
        if notice.level_kind in ("reminder", "second_reminder"):
            return [
                self.env._(
                    "This reminder is free of charge: we claim only the outstanding balance, without costs or "
                    "interest. Interest at the legal rate runs only from a formal notice (articles 1231-6 and 1344-1 "
                    "of the French Civil Code)."
                )
            ]
        if notice.level_kind == "formal_notice":
            return self._get_formal_notice_fr_consumer(notice)
        return [
            *self._get_earlier_formal_notice(notice),
            self._get_claimed_fr_consumer(notice),
            self.env._(
                "If we do not receive your payment in time, we hand the file over to a lawyer, a judicial officer or a "
                "collection agency for amicable recovery and, if need be, ask the court to order payment."
            ),
            f"{self._get_own_costs_fr()} {self._get_amicable_fr()}",
        ]

    @api.model
    def _get_formal_notice_fr_consumer(self, notice):
        if notice.announced_interest_rate:
            interest = self.env._(
                "From this formal notice on, the amount still due bears interest at the legal rate (articles 1231-6 "
                "and 1344-1 of the same code), at present %(rate)s per year.",
                rate=self._format_rate(notice.announced_interest_rate),
            )
        else:
            interest = self.env._(
                "From this formal notice on, the amount still due bears interest at the legal rate (articles 1231-6 "
                "and 1344-1 of the same code)."
            )
        return [
            self.env._(
                "This letter is a formal notice within the meaning of article 1344 of the French Civil Code. "
                "%(interest)s",
                interest=interest,
            ),
            self.env._(
                "If we do not receive your payment in time, we may entrust the file to a lawyer or a judicial officer "
                "and ask the court to order payment."
            ),
            f"{self._get_own_costs_fr()} {self._get_amicable_fr()}",
        ]

    @api.model
    def _get_claimed_fr_consumer(self, notice):
        if not self._is_claimed(notice):
            return self.env._("We still claim only the outstanding balance, without costs or interest.")
        text = self.env._(
            "Since the formal notice the amount still due bears interest at the legal rate (articles 1231-6 and 1344-1 "
            "of the French Civil Code); what is due until today is stated above."
        )
        if notice.announced_interest_rate:
            text += " " + self._get_running_interest(notice)
        return text

    @api.model
    def _get_running_interest_fr_consumer(self, notice):
        return self.env._(
            "Interest at the legal rate, at present %(rate)s per year, keeps running on the amount still due until "
            "full payment.",
            rate=self._format_rate(notice.announced_interest_rate),
        )

    @api.model
    def _get_amicable_fr(self):
        return self.env._("This letter is an amicable demand: it is neither a writ of summons nor a seizure.")

    @api.model
    def _get_own_costs_fr(self):
        return self.env._(
            "The costs of a recovery without an enforceable title remain at our expense (article L111-8 of the French "
            "Code of Civil Enforcement Procedures)."
        )
