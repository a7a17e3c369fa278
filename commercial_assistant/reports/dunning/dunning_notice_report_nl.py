from odoo import api, models
from odoo.tools import format_list


class DunningNoticeReport(models.AbstractModel):
    """What the laws of the Netherlands want a letter to say."""

    _inherit = "report.commercial_assistant.report_dunning_notice"

    # --- BOTH ---

    @api.model
    def _get_collection_cost_ground(self):
        return self.env._(
            "article 6:96 of the Dutch Civil Code and the Decree on compensation for extrajudicial collection costs"
        )

    @api.model
    def _get_collection_cost_names(self):
        name = self.env._("Extrajudicial collection costs")
        return {"indemnity": name, "fixed": name}

    @api.model
    def _get_amicable_nl(self):
        return self.env._("This letter is an out-of-court demand: it is neither a summons nor an attachment.")

    @api.model
    def _get_running_statutory_interest(self, notice):
        return self.env._(
            "Statutory interest of %(rate)s per year continues to run on the amount still due until the day of full "
            "payment.",
            rate=self._format_rate(notice.announced_interest_rate),
        )

    # --- CONSUMER: THE FOURTEEN-DAY LETTER ---

    @api.model
    def _get_running_interest_nl_consumer(self, notice):
        return self._get_running_statutory_interest(notice)

    @api.model
    def _get_charge_names_nl_consumer(self, notice):
        return {"interest": self.env._("Statutory interest"), **self._get_collection_cost_names()}

    @api.model
    def _get_legal_grounds_nl_consumer(self, notice):
        ground = self._get_collection_cost_ground()
        return {
            "interest": self.env._("article 6:119 of the Dutch Civil Code"),
            "indemnity": ground,
            "fixed": ground,
        }

    @api.model
    def _get_principal(self, notice):
        return notice.amount_principal - notice.amount_credit

    @api.model
    def _get_terms_nl_consumer(self, notice):
        if notice.level_kind == "courtesy":
            return [
                self.env._(
                    "This message is free of charge: we add neither costs nor interest. It is not yet the fourteen-day "
                    "letter of article 6:96(6) of the Dutch Civil Code and no period starts with it."
                )
            ]
        if notice.level_kind == "reminder":
            return self._get_fourteen_day_letter(notice)
        terms = [
            self._get_earlier_fourteen_day_letter(notice),
            *self._get_earlier_formal_notice(notice),
            self._get_claimed_nl_consumer(notice),
        ]
        if notice.level_kind == "formal_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we may hand the claim over to a collection agency or a "
                    "bailiff and ask the court to order payment. The court can then also order you to pay the costs of "
                    "the proceedings."
                )
                + " "
                + self._get_amicable_nl()
            )
        if notice.level_kind == "last_notice":
            terms += self._get_hand_over_nl_consumer()
        return terms

    @api.model
    def _get_fourteen_day_letter(self, notice):
        """Return the statements of article 6:96(6): the term counts from delivery, the costs stand there to the cent.

        A term "from today" would make the letter void (Supreme Court, 25 November 2016, ECLI:NL:HR:2016:2704), so the
        day in the letter never shortens the term: it only says until when the customer is safe in any case.
        """
        agreed = notice.policy_id.due_date_is_agreed
        opening = self.env._("The due date has passed and you are in default.")
        terms = [
            (f"{opening} " if agreed else "")
            + self.env._(
                "This is the fourteen-day letter of article 6:96(6) of the Dutch Civil Code: it costs you nothing, and "
                "you can still pay without collection costs."
            ),
            self.env._(
                "You owe no collection costs if we receive the full amount within 15 days after this letter was "
                "delivered to you. That is the statutory period of 14 days, which starts on the day after delivery. In "
                "any case it runs until %(deadline)s.",
                deadline=self._strong(self._format_day(notice.deadline)),
            ),
        ]
        if notice.currency_id.compare_amounts(notice.announced_indemnity, 0) > 0:
            terms.append(self._get_announced_cost(notice))
        else:
            terms.append(self.env._("We claim no collection costs, even if you pay later."))
        if notice.announced_interest_rate:
            terms.append(self._get_announced_interest(notice))
        return terms

    @api.model
    def _get_announced_cost(self, notice):
        text = self.env._(
            "If we do not receive the full amount within that period, you owe extrajudicial collection costs of "
            "%(cost)s. They are calculated on the principal of %(principal)s under the Decree on compensation for "
            "extrajudicial collection costs.",
            cost=self._strong(self._format_money(notice.announced_indemnity, notice.currency_id)),
            principal=self._format_money(self._get_principal(notice), notice.currency_id),
        )
        if notice.policy_id.vat_on_costs:
            text += " " + self.env._("This sum includes VAT, because we cannot deduct the VAT on these costs.")
        return text

    @api.model
    def _get_announced_interest(self, notice):
        rate = self._format_rate(notice.announced_interest_rate)
        if not notice.policy_id.due_date_is_agreed:
            return self.env._(
                "You then also owe statutory interest from the end of that period (article 6:119 of the Dutch Civil "
                "Code), at present %(rate)s per year.",
                rate=rate,
            )
        text = self.env._(
            "From the day after the due date you also owe statutory interest (article 6:119 of the Dutch Civil Code), "
            "at present %(rate)s per year.",
            rate=rate,
        )
        if notice.currency_id.is_zero(notice.amount_interest):
            text += " " + self.env._("We do not claim it if you pay within the period above.")
        return text

    @api.model
    def _get_earlier_fourteen_day_letter(self, notice):
        days = [self._format_day(day) for day in notice._get_first_reminder_dates()]
        if days:
            return self.env._(
                "We sent you the fourteen-day letter of article 6:96(6) of the Dutch Civil Code on %(date)s. The "
                "period in which you could pay without collection costs is over and we have not received the full "
                "payment.",
                date=format_list(self.env, days, lang_code=self.env.lang),
            )
        return self.env._(
            "We sent you the fourteen-day letter of article 6:96(6) of the Dutch Civil Code. The period in which you "
            "could pay without collection costs is over and we have not received the full payment."
        )

    @api.model
    def _get_claimed_nl_consumer(self, notice):
        if not self._is_claimed(notice):
            return self.env._("We still claim only the outstanding balance, without costs or interest.")
        text = self.env._("That is why you now also owe the collection costs and the interest stated above.")
        if notice.currency_id.is_zero(notice.amount_indemnity):
            text = self.env._("That is why you now also owe the interest stated above.")
        elif notice.currency_id.is_zero(notice.amount_interest):
            text = self.env._("That is why you now also owe the collection costs stated above.")
        if notice.announced_interest_rate:
            text += " " + self._get_running_interest(notice)
        return text

    @api.model
    def _get_hand_over_nl_consumer(self):
        return [
            self.env._(
                "If we do not receive your payment in time, we hand the claim over to a collection agency, a lawyer or "
                "a bailiff without further notice. Even then you owe no more extrajudicial collection costs than the "
                "law allows. If the court has to decide, it can also order you to pay the costs of the proceedings."
            ),
            self._get_amicable_nl()
            + " "
            + self.env._("If you cannot pay, your municipality helps you with debt counselling."),
        ]

    # --- BUSINESS: STATUTORY COMMERCIAL INTEREST AND COLLECTION COSTS ---

    @api.model
    def _get_charge_names_nl_business(self, notice):
        if notice.policy_id.interest_basis == "clause":
            interest = self.env._("Contractual interest")
        else:
            interest = self.env._("Statutory commercial interest")
        return {"interest": interest, **self._get_collection_cost_names()}

    @api.model
    def _get_legal_grounds_nl_business(self, notice):
        policy, terms = notice.policy_id, self.env._("our general terms")
        law = self.env._("article 6:119a of the Dutch Civil Code")
        ground = self._get_collection_cost_ground()
        return {
            "interest": terms if policy.interest_basis == "clause" else law,
            "indemnity": terms if policy.indemnity_basis == "clause" else ground,
            "fixed": ground,
            "cost": terms,
        }

    @api.model
    def _get_running_interest_nl_business(self, notice):
        rate = self._format_rate(notice.announced_interest_rate)
        if notice.policy_id.interest_basis == "clause":
            return self.env._(
                "Contractual interest of %(rate)s per year continues to run on the amount still due until the day of "
                "full payment.",
                rate=rate,
            )
        return self.env._(
            "Statutory commercial interest of %(rate)s per year continues to run on the amount still due until the day "
            "of full payment.",
            rate=rate,
        )

    @api.model
    def _get_facts_nl_business(self, notice):
        return self._get_parties(notice)

    @api.model
    def _get_terms_nl_business(self, notice):
        if notice.level_kind == "courtesy":
            return [self.env._("This message is free of charge: we add neither collection costs nor interest.")]
        terms = [
            *self._get_earlier_formal_notice(notice),
            f"{self._get_interest_nl_business(notice)} {self._get_cost_nl_business(notice)}",
            self._get_claimed_or_waived(notice),
        ]
        if notice.level_kind == "formal_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we will have the claim recovered by a collection "
                    "agency, a lawyer or a bailiff without further notice. In court we also claim the costs of the "
                    "proceedings. We reserve all our rights."
                )
            )
        if notice.level_kind == "last_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we hand the claim over to a collection agency, a "
                    "lawyer or a bailiff without further notice. In court we also claim the costs of the proceedings. "
                    "We reserve all our rights."
                )
            )
        return terms

    @api.model
    def _get_interest_nl_business(self, notice):
        if notice.announced_interest_rate and notice.policy_id.interest_basis == "clause":
            return self.env._(
                "Under our general terms, contractual interest of %(rate)s per year is due from the day after the due "
                "date.",
                rate=self._format_rate(notice.announced_interest_rate),
            )
        if notice.announced_interest_rate:
            return self.env._(
                "Under article 6:119a of the Dutch Civil Code, statutory commercial interest is due without notice "
                "from the day after the due date; the rate is now %(rate)s per year.",
                rate=self._format_rate(notice.announced_interest_rate),
            )
        return self.env._(
            "Under article 6:119a of the Dutch Civil Code, statutory commercial interest is due without notice from "
            "the day after the due date."
        )

    @api.model
    def _get_cost_nl_business(self, notice):
        """Return the sentence on collection costs, with the figure that is announced when it is known."""
        if notice.policy_id.charge_indemnity and notice.policy_id.indemnity_basis == "clause":
            return self.env._("You also owe collection costs, which our general terms fix.")
        if notice.currency_id.compare_amounts(notice.announced_indemnity, 0) > 0:
            return self.env._(
                "Under article 6:96 of the Dutch Civil Code you also owe extrajudicial collection costs, which the "
                "Decree on compensation for extrajudicial collection costs sets at %(amount)s for this claim.",
                amount=self._format_money(notice.announced_indemnity, notice.currency_id),
            )
        return self.env._(
            "Under article 6:96 of the Dutch Civil Code you also owe extrajudicial collection costs, calculated under "
            "the Decree on compensation for extrajudicial collection costs."
        )
