from odoo import api, models
from odoo.tools import format_list

from ...tools.identifiers import is_enterprise_number


class DunningNoticeReport(models.AbstractModel):
    """What the laws of Belgium want a letter to say."""

    _inherit = "report.commercial_assistant.report_dunning_notice"

    # --- CONSUMER: BOOK XIX OF THE CODE OF ECONOMIC LAW ---

    @api.model
    def _announces_indemnity(self, notice):
        if notice.regime != "be_consumer":
            return super()._announces_indemnity(notice)
        return notice.level_kind == "reminder" and notice.currency_id.compare_amounts(notice.announced_indemnity, 0) > 0

    @api.model
    def _tells_proof(self, notice):
        return notice.regime == "be_consumer" or super()._tells_proof(notice)

    @api.model
    def _get_legal_grounds_be_consumer(self, notice):
        accepted = self.env._("our general terms, which you accepted, within article XIX.4 of the Code of Economic Law")
        return {
            "interest": accepted,
            "indemnity": accepted,
            "cost": self.env._("article XIX.2 of the Code of Economic Law"),
        }

    @api.model
    def _get_facts_be_consumer(self, notice):
        """Return the items that article XIX.2 lists for the first reminder."""
        if notice.level_kind != "reminder":
            return []
        indemnity = self._format_money(notice.announced_indemnity, notice.currency_id)
        facts = [
            (self.env._("Creditor"), self._get_creditor(notice.company_id)),
            (
                self.env._("Outstanding balance"),
                self._format_money(notice.amount_total, notice.currency_id),
            ),
            (self.env._("To pay without extra cost until"), self._format_day(notice.deadline)),
            (self.env._("Indemnity if you pay later"), indemnity),
        ]
        if notice.policy_id.charge_interest and notice.announced_interest_rate:
            facts.append(
                (
                    self.env._("Interest if you pay later"),
                    self.env._("%(rate)s per year", rate=self._format_rate(notice.announced_interest_rate)),
                )
            )
        return facts

    @api.model
    def _get_terms_be_consumer(self, notice):
        proof = self.env._(
            "At your request we send you without delay and free of charge all proof of this debt and explain how you "
            "can dispute it (article XIX.3 of the Code of Economic Law)."
        )
        if notice.level_kind == "courtesy":
            return [
                self.env._(
                    "This message is free of charge: we add no costs, interest or indemnity. It is not yet the first "
                    "reminder in the sense of article XIX.2 of the Code of Economic Law and no period starts with it."
                )
            ]
        if notice.level_kind == "reminder":
            return [*self._get_first_reminder_be_consumer(notice), proof]
        terms = [
            self._get_earlier_reminder(notice),
            *self._get_earlier_formal_notice(notice),
            self._get_claimed_be_consumer(notice),
        ]
        if notice.level_kind == "formal_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we may entrust the file to a lawyer or a bailiff and "
                    "ask the court to order payment. This letter is an amicable demand: it is neither a summons nor a "
                    "seizure."
                )
            )
        if notice.level_kind == "last_notice":
            terms += self._get_hand_over_be_consumer()
        return [*terms, proof]

    @api.model
    def _get_hand_over_be_consumer(self):
        return [
            self.env._(
                "If we do not receive your payment in time, we hand the file over to a lawyer, a bailiff or a "
                "registered debt collector for amicable recovery and, if need be, ask the court to order payment. In "
                "an amicable recovery nobody may ask you for more than the balance and the interest and indemnity that "
                "article XIX.4 of the Code of Economic Law allows: the costs of whom we entrust with it are ours."
            ),
            self._get_amicable()
            + " "
            + self.env._(
                "If you cannot pay, you can also turn to a recognised debt mediator, for instance at the public centre "
                "for social welfare of your municipality."
            ),
        ]

    @api.model
    def _get_first_reminder_be_consumer(self, notice):
        currency = notice.currency_id
        deadline = self._format_day(notice.deadline)
        terms = [
            self.env._(
                "This is the first reminder in the sense of article XIX.2 of the Code of Economic Law. It is free of "
                "charge and it is a formal notice."
            )
        ]
        if notice.channel == "email":
            start = self.env._(
                "This period starts on the calendar day after the day on which we sent you this reminder by e-mail."
            )
        else:
            start = self.env._(
                "This period starts on the third working day after the day on which we posted this reminder."
            )
        terms.append(
            self.env._(
                "You have a period of at least 14 calendar days to pay the outstanding balance before any cost, "
                "interest or indemnity can be claimed from you. %(start)s If your payment reaches us by %(deadline)s, "
                "you pay nothing more than the outstanding balance.",
                start=start,
                deadline=self._strong(deadline),
            )
        )
        if self._announces_indemnity(notice):
            terms.append(
                self.env._(
                    "If the outstanding balance is not fully paid by then, we will claim an indemnity of "
                    "%(indemnity)s. It rests on our general terms, which you accepted, and stays within the maximum "
                    "of article XIX.4 of the same code.",
                    indemnity=self._strong(self._format_money(notice.announced_indemnity, currency)),
                )
            )
        elif notice.policy_id.charge_indemnity and any(notice._get_letter_lines().mapped("round")):
            terms.append(self.env._("If you pay later, we claim no further indemnity for it."))
        else:
            terms.append(
                self.env._(
                    "Our agreement with you provides no indemnity: if you pay later, we claim an indemnity of "
                    "%(indemnity)s.",
                    indemnity=self._format_money(0, currency),
                )
            )
        if notice.policy_id.charge_interest and notice.announced_interest_rate:
            rate = self._format_rate(notice.announced_interest_rate)
            if notice.company_id.commercial_is_sme:
                terms.append(
                    self.env._(
                        "We will then also claim late-payment interest of %(rate)s per year on the amount still due, "
                        "counted from the calendar day after the day on which this reminder was sent.",
                        rate=rate,
                    )
                )
            else:
                terms.append(
                    self.env._(
                        "We will then also claim late-payment interest of %(rate)s per year on the amount still due, "
                        "counted from %(start)s.",
                        rate=rate,
                        start=self._format_day(notice.earliest_charge_date),
                    )
                )
        return terms

    @api.model
    def _get_earlier_reminder(self, notice):
        days = [self._format_day(day) for day in notice._get_first_reminder_dates()]
        if days:
            return self.env._(
                "We sent you a first reminder, free of charge, on %(date)s. The period in which you could pay without "
                "extra cost is over and we have not received the full payment.",
                date=format_list(self.env, days, lang_code=self.env.lang),
            )
        return self.env._(
            "We sent you a first reminder free of charge. The period in which you could pay without extra cost is "
            "over and we have not received the full payment."
        )

    @api.model
    def _get_claimed_be_consumer(self, notice):
        if not self._is_claimed(notice):
            return self.env._("We still claim only the outstanding balance, without costs, interest or indemnity.")
        text = self.env._(
            "We therefore add the amounts stated above. They rest on our general terms, which you accepted, and stay "
            "within the maximum of article XIX.4 of the Code of Economic Law."
        )
        if notice.policy_id.charge_interest and notice.announced_interest_rate:
            text += " " + self._get_running_interest(notice)
        return text

    # --- BUSINESS: LAW OF 2 AUGUST 2002 ---

    @api.model
    def _get_legal_grounds_be_business(self, notice):
        return {
            "interest": self.env._("article 5 of the law of 2 August 2002"),
            "fixed": self.env._("article 6 of the law of 2 August 2002"),
            "indemnity": self.env._("indemnity clause of our general terms"),
        }

    @api.model
    def _get_facts_be_business(self, notice):
        return self._get_parties(notice)

    @api.model
    def _get_terms_be_business(self, notice):
        if notice.level_kind == "courtesy":
            return [self.env._("This message is free of charge: we add neither costs nor interest.")]
        terms = [
            *self._get_earlier_formal_notice(notice),
            self._get_law_be_business(notice),
            self._get_claimed_or_waived(notice),
        ]
        if notice.level_kind == "formal_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we will have the claim recovered by a lawyer or a "
                    "bailiff without further notice, and also claim a reasonable compensation for the other recovery "
                    "costs (article 6 of the law of 2 August 2002). We reserve all our rights."
                )
            )
        if notice.level_kind == "last_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we hand the file over to a lawyer or a bailiff without "
                    "further notice, and also claim a reasonable compensation for the other recovery costs (article 6 "
                    "of the law of 2 August 2002). We reserve all our rights."
                )
            )
            if is_enterprise_number(notice.partner_id.company_registry or notice.partner_id.vat):
                terms.append(
                    self.env._(
                        "A claim that you have not disputed can then be recovered by the bailiff without a trial "
                        "(recovery of undisputed money debts, articles 1394/20 to 1394/27 of the Judicial Code)."
                    )
                )
        return terms

    @api.model
    def _get_law_be_business(self, notice):
        """Return the sentences on interest and recovery cost, with the figures that are known."""
        rate = self._format_rate(notice.announced_interest_rate) if notice.announced_interest_rate else ""
        if rate and notice.regime == "be_public":
            interest = self.env._(
                "Under article 5 of the law of 2 August 2002 on combating late payment in commercial transactions, "
                "interest is due by operation of law and without notice from the day after the due date. For a public "
                "authority the statutory rate applies whatever the contract says; it is now %(rate)s per year.",
                rate=rate,
            )
        elif rate and notice.policy_id.interest_basis == "clause":
            interest = self._get_interest_of_terms(notice)
        elif rate:
            interest = self.env._(
                "Under article 5 of the law of 2 August 2002 on combating late payment in commercial transactions, "
                "interest is due by operation of law and without notice from the day after the due date; the rate is "
                "now %(rate)s per year.",
                rate=rate,
            )
        else:
            interest = self.env._(
                "Under article 5 of the law of 2 August 2002 on combating late payment in commercial transactions, "
                "interest is due by operation of law and without notice from the day after the due date."
            )
        fixed = notice._get_letter_fixed_cost()
        if fixed:
            cost = self.env._(
                "Under article 6 of the law of 2 August 2002 a fixed recovery cost of %(amount)s is due as well for "
                "each invoice paid late.",
                amount=self._format_money(fixed, self.env.ref("base.EUR")),
            )
        else:
            cost = self.env._(
                "Under article 6 of the law of 2 August 2002 a fixed recovery cost is due as well for each invoice "
                "paid late."
            )
        return f"{interest} {cost}"

    # --- PUBLIC AUTHORITY: THE SAME LAW, ALWAYS AT THE STATUTORY RATE ---

    @api.model
    def _get_legal_grounds_be_public(self, notice):
        return self._get_legal_grounds_be_business(notice)

    @api.model
    def _get_facts_be_public(self, notice):
        return self._get_parties(notice)

    @api.model
    def _get_terms_be_public(self, notice):
        if notice.level_kind == "courtesy":
            return self._get_terms_be_business(notice)
        terms = [
            *self._get_earlier_formal_notice(notice),
            self._get_law_be_business(notice),
            self._get_claimed_or_waived(notice),
        ]
        if notice.level_kind == "formal_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we may entrust the claim to a lawyer and bring it "
                    "before the court, and also claim a reasonable compensation for the other recovery costs (article "
                    "6 of the law of 2 August 2002). We reserve all our rights."
                )
            )
        if notice.level_kind == "last_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we hand the file over to a lawyer without further "
                    "notice, who will bring the claim before the court; we then also claim a reasonable compensation "
                    "for the other recovery costs (article 6 of the law of 2 August 2002). We reserve all our rights."
                )
            )
        return terms
