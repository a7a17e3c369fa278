from odoo import api, fields, models

from ...tools.dunning_law import REGIMES

TERM_FIGURES = {
    "be_consumer": ["be_b2c_wait_days", "be_b2c_post_start_workday", "be_b2c_extra_days"],
    "nl_consumer": ["nl_b2c_wait_days", "nl_b2c_presumed_delivery_days", "nl_b2c_extra_days"],
}
INDEMNITY_FIGURES = {
    "be_consumer": ["be_b2c_indemnity_tiers", "be_b2c_indemnity_max"],
    "nl_consumer": ["nl_collection_cost_tiers", "nl_collection_cost_min", "nl_collection_cost_max"],
    "nl_business": ["nl_collection_cost_tiers", "nl_collection_cost_min", "nl_collection_cost_max"],
}


class DunningPolicy(models.Model):
    """What the laws of the neighbours and of public authorities want of a policy."""

    _inherit = "commercial.dunning.policy"

    law_explanation = fields.Char(compute="_compute_law_explanation")

    @api.depends("regime")
    @api.depends_context("lang")
    def _compute_law_explanation(self):
        explanations = self._get_law_explanations()
        for policy in self:
            policy.law_explanation = explanations.get(policy.regime, False)

    @api.model
    def _get_law_explanations(self):
        """What each law comes to, in one line."""
        return {
            "be_consumer": self.env._(
                "A free first reminder with 14 days to pay; then interest and an indemnity within the legal limits, if "
                "the accepted terms contain them."
            ),
            "be_business": self.env._(
                "Interest by law from the day after the due date and a fixed sum for each late invoice, without notice."
            ),
            "be_public": self.env._(
                "30 days to pay, at most 60 with a justification; the legal rate whatever was agreed, and a fixed sum "
                "for each late invoice."
            ),
            "nl_consumer": self.env._(
                "A free letter that gives 14 days and names the exact collection costs; only then these costs and the "
                "legal interest."
            ),
            "nl_business": self.env._(
                "Commercial interest from the day after the due date, and collection costs by the legal scale without "
                "notice."
            ),
            "fr_consumer": self.env._(
                "Only the legal interest, and only after a formal notice; no fixed sum and no recovery costs."
            ),
            "fr_business": self.env._(
                "Penalties from the day after the due date without reminder, and a fixed sum for each late invoice."
            ),
            "lu_consumer": self.env._(
                "Interest only on invoices that were issued within a month and state it, after three months; no costs."
            ),
            "lu_business": self.env._(
                "Interest by law from the day after the due date, and a fixed sum for each late invoice."
            ),
        }

    def _get_needed_figures(self):
        """Return the codes of the figures of law that this policy cannot do without."""
        self.ensure_one()
        regime = REGIMES[self.regime]
        # the rate of the law is the highest one for consumers and the only one for public authorities
        is_capped = self.regime.endswith("_consumer") or self.regime == "be_public"
        codes = [regime.rate_code] if self.charge_interest and (self.interest_basis == "statutory" or is_capped) else []
        codes += TERM_FIGURES.get(self.regime, [])
        if self.charge_indemnity:
            codes += INDEMNITY_FIGURES.get(self.regime, [])
        fixed_code = getattr(regime, "fixed_code", "")
        if fixed_code and any(self.level_ids.filtered("active").mapped("charge_fixed")):
            codes.append(fixed_code)
        return codes

    # --- WHAT EVERY LAW OF A KIND FORBIDS ---

    def _get_ladder(self):
        """Return the active levels after the due date, in their order."""
        self.ensure_one()
        levels = self.level_ids.filtered(lambda level: level.active and level.kind != "courtesy")
        return levels.sorted(lambda level: (level.sequence, level.id))

    def _find_undurable(self, article):
        """A letter with which a period starts must be one that the customer can keep."""
        regime = REGIMES[self.regime]
        return [
            self.env._(
                "%(level)s: a first reminder that starts a period is given on a durable medium, so not by text message "
                "or phone (%(article)s).",
                level=level.name,
                article=article,
            )
            for level in self._get_ladder()
            if level.kind == "reminder"
            and not all(regime.allows_channel(level.kind, channel) for channel in level._get_channels())
        ]

    def _find_strangers(self, article):
        """Rules that let this policy reach customers to whom its law does not apply."""
        regime = REGIMES[self.regime]
        kinds = dict(self.rule_ids._fields["customer_kind"]._description_selection(self.env))
        return [
            self.env._(
                "The rule %(rule)s lets this policy reach customers whom another law protects (%(article)s): limit it "
                "to %(kinds)s.",
                rule=rule.display_name,
                article=article,
                kinds=[kinds[kind] for kind in regime.kinds],
            )
            for rule in self.rule_ids
            if rule.customer_kind not in regime.kinds
        ]

    def _find_early_charges(self, article):
        return [
            self.env._(
                "%(level)s: nothing is owed before the due date has passed (%(article)s).",
                level=level.name,
                article=article,
            )
            for level in self.level_ids.filtered(lambda level: level.active and level.kind == "courtesy")
            if level.charge_interest or level.charge_indemnity or level.charge_fixed or level.cost_amount > 0
        ]

    def _find_doubled_costs(self, article):
        levels = self.level_ids.filtered("active")
        if not any(levels.mapped("charge_fixed")) or not any(level.cost_amount > 0 for level in levels):
            return []
        return [
            self.env._(
                "The cost of a reminder is covered by the fixed sum for recovery costs and is not claimed beside it "
                "(%(article)s).",
                article=article,
            )
        ]

    def _find_groundless_indemnity(self, article):
        if not self.charge_indemnity or self.indemnity_basis == "clause":
            return []
        return [
            self.env._(
                "Besides the fixed sum the law knows no indemnity (%(article)s): fill in the clause of your terms.",
                article=article,
            )
        ]

    def _find_shortened_terms(self, article):
        if not self.cap_payment_term:
            return []
        return [
            self.env._(
                "A longer payment term is not void by itself (%(article)s), so due dates are not shortened.",
                article=article,
            )
        ]

    def _find_rate_above_law(self, article):
        """From a consumer we never claim more than the legal rate."""
        if not self.charge_interest or self.interest_basis != "clause":
            return []
        cap = self._get_latest_rate(REGIMES[self.regime].rate_code)
        if cap is None or self.interest_percent <= cap:
            return []
        return [
            self.env._(
                "An interest of %(percent)s %% is above the legal rate of %(cap)s %%, which is the most that is "
                "claimed from a consumer (%(article)s).",
                percent=self.interest_percent,
                cap=cap,
                article=article,
            )
        ]

    def _find_costs_of_consumer(self, article):
        """Fixed sums, indemnities and costs that a consumer does not owe."""
        levels = self.level_ids.filtered("active")
        problems = []
        if any(levels.mapped("charge_fixed")):
            problems.append(
                self.env._(
                    "The fixed sum for recovery costs exists between businesses only (%(article)s).", article=article
                )
            )
        if self.charge_indemnity:
            problems.append(
                self.env._("A consumer owes no indemnity for recovery costs (%(article)s).", article=article)
            )
        problems += [
            self.env._(
                "%(level)s: a reminder may cost a consumer nothing (%(article)s).", level=level.name, article=article
            )
            for level in levels
            if level.cost_amount > 0
        ]
        return problems

    # --- BELGIUM ---

    def _find_unlawful_be_public(self):
        """What the law of 2 August 2002 does not allow towards public authorities."""
        problems = self._find_strangers(self.env._("article 2 of the law of 2 August 2002"))
        if self.charge_interest and self.interest_basis == "clause":
            problems.append(
                self.env._(
                    "A public authority owes the statutory rate whatever the contract says "
                    "(article 5 of the law of 2 August 2002)."
                )
            )
        article = self.env._("article 6 of the law of 2 August 2002")
        return [
            *problems,
            *self._find_early_charges(self.env._("article 5 of the law of 2 August 2002")),
            *self._find_doubled_costs(article),
            *self._find_groundless_indemnity(article),
        ]

    # --- NETHERLANDS ---

    def _find_unlawful_nl_consumer(self):
        """What articles 6:96 and 6:119 of the Dutch Civil Code forbid."""
        letter = self.env._("article 6:96 par. 6 of the Dutch Civil Code")
        costs = self.env._("article 6:96 par. 5 of the Dutch Civil Code")
        ladder = self._get_ladder()
        problems = self._find_early_charges(letter) + self._find_undurable(letter)
        if ladder and ladder[0].kind != "reminder":
            problems.append(
                self.env._(
                    "%(level)s: the first letter after the due date must be a first reminder (%(article)s).",
                    level=ladder[0].name,
                    article=letter,
                )
            )
        for level in ladder.filtered(lambda level: level.kind == "reminder" and level.charge_indemnity):
            problems.append(
                self.env._(
                    "%(level)s: the letter that gives fourteen days is free; it only announces the collection costs "
                    "(%(article)s).",
                    level=level.name,
                    article=letter,
                )
            )
        least = int(self._get_figure("nl_b2c_wait_days", 14) + self._get_figure("nl_b2c_presumed_delivery_days", 2)) + 1
        for level in ladder[1:2].filtered(lambda level: level.min_days_after_previous < least):
            problems.append(
                self.env._(
                    "%(level)s: the consumer has fourteen full days after the delivery of the letter, so the next one "
                    "leaves at least %(least)s days after it (%(article)s).",
                    level=level.name,
                    least=least,
                    article=letter,
                )
            )
        problems += self._find_dutch_costs(costs)
        if self.charge_indemnity and self.indemnity_basis == "clause":
            problems.append(
                self.env._(
                    "A consumer owes the collection costs of the legal scale and nothing else (%(article)s).",
                    article=costs,
                )
            )
        if self.letter_scope == "invoice":
            problems.append(
                self.env._(
                    "All invoices are reminded in one letter and their principals added together for the costs "
                    "(%(article)s).",
                    article=self.env._("article 6:96 par. 7 of the Dutch Civil Code"),
                )
            )
        rate = self.env._("article 6:119 of the Dutch Civil Code")
        return problems + self._find_rate_above_law(rate) + self._find_shortened_terms(rate)

    def _find_dutch_costs(self, article):
        """The scale of collection costs covers everything: no fixed sum and no cost of a reminder beside it."""
        levels = self.level_ids.filtered("active")
        problems = []
        if any(levels.mapped("charge_fixed")):
            problems.append(
                self.env._(
                    "The fixed sum of 40 euros is the least amount of the collection costs and is not claimed beside "
                    "them (%(article)s): choose the indemnity.",
                    article=article,
                )
            )
        problems += [
            self.env._(
                "%(level)s: the collection costs of the legal scale cover the cost of a reminder (%(article)s).",
                level=level.name,
                article=article,
            )
            for level in levels
            if level.cost_amount > 0
        ]
        return problems

    def _find_unlawful_nl_business(self):
        """What articles 6:96 and 6:119a of the Dutch Civil Code forbid between businesses."""
        due = self.env._("article 6:119a of the Dutch Civil Code")
        return [
            *self._find_strangers(due),
            *self._find_early_charges(due),
            *self._find_dutch_costs(self.env._("article 6:96 par. 4 of the Dutch Civil Code")),
            *self._find_shortened_terms(due),
        ]

    # --- FRANCE ---

    def _find_unlawful_fr_consumer(self):
        """What the French codes forbid towards consumers."""
        notice = self.env._("articles 1231-6 and 1344-1 of the French Civil Code")
        problems = self._find_costs_of_consumer(
            self.env._("article L111-8 of the French code of civil enforcement procedures")
        )
        if self.charge_interest and self.interest_basis == "clause":
            problems.append(self.env._("A consumer owes the legal rate (%(article)s).", article=notice))
        is_notified = False
        for level in self.level_ids.filtered("active").sorted(lambda level: (level.sequence, level.id)):
            if level.charge_interest and not is_notified:
                problems.append(
                    self.env._(
                        "%(level)s: a consumer owes interest only after a formal notice (%(article)s).",
                        level=level.name,
                        article=notice,
                    )
                )
            is_notified = is_notified or level.kind == "formal_notice"
        return problems + self._find_shortened_terms(notice)

    def _find_unlawful_fr_business(self):
        """What articles L441-10 and D441-5 of the French Commercial Code forbid."""
        penalties = self.env._("article L441-10 of the French Commercial Code")
        fixed = self.env._("article D441-5 of the French Commercial Code")
        problems = [
            *self._find_strangers(penalties),
            *self._find_early_charges(penalties),
            *self._find_doubled_costs(fixed),
            *self._find_groundless_indemnity(fixed),
            *self._find_shortened_terms(penalties),
        ]
        if self.fixed_per_instalment:
            problems.append(self.env._("The fixed sum is owed once for each invoice (%(article)s).", article=fixed))
        legal, times = self._get_latest_rate("fr_legal_rate"), self._get_figure("fr_min_rate_multiple", None)
        if self.charge_interest and self.interest_basis == "clause" and legal and times:
            least = round(legal * times, 2)
            if self.interest_percent < least:
                problems.append(
                    self.env._(
                        "An interest of %(percent)s %% is below %(times)s times the legal rate, that is %(least)s %% "
                        "(%(article)s).",
                        percent=self.interest_percent,
                        times=int(times),
                        least=least,
                        article=penalties,
                    )
                )
        return problems

    # --- LUXEMBOURG ---

    def _find_unlawful_lu_consumer(self):
        """What the law of 18 April 2004 forbids towards consumers."""
        law = self.env._("law of 18 April 2004 on terms of payment and late interest")
        problems = self._find_costs_of_consumer(law) + self._find_early_charges(law)
        if self.charge_interest and not self.invoices_state_interest:
            problems.append(
                self.env._(
                    "A consumer owes interest only on an invoice that states it (%(article)s): say that yours do, or "
                    "do not claim interest.",
                    article=law,
                )
            )
        return problems + self._find_rate_above_law(law) + self._find_shortened_terms(law)

    def _find_unlawful_lu_business(self):
        """What the law of 18 April 2004 forbids between businesses."""
        law = self.env._("law of 18 April 2004 on terms of payment and late interest")
        return [
            *self._find_strangers(law),
            *self._find_early_charges(law),
            *self._find_doubled_costs(law),
            *self._find_groundless_indemnity(law),
            *self._find_shortened_terms(law),
        ]
