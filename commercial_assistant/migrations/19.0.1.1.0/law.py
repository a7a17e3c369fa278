"""Databases of version 19.0.1.0.0 get the policies of seven more laws without a change to what people decided."""

from odoo.tools import SQL

from odoo.addons.commercial_assistant.tools.dunning_law import REGIMES

HELD_LAWS = ("be_consumer", "be_business")
# the levels of version 19.0.1.0.0: kind, days after the due date, after the previous letter, to pay; active; charges
SHIPPED_LEVELS = {
    "be_business": [
        ("courtesy", -3, 0, 3, False, False, False, False),
        ("reminder", 3, 0, 8, True, False, False, False),
        ("second_reminder", 15, 10, 8, True, False, False, False),
        ("formal_notice", 30, 10, 8, True, True, False, True),
    ],
}


def migrate_law(env):
    """Give every company the new policies in their place; the updated data files made those of the first company."""
    Policy = env["commercial.dunning.policy"].with_context(active_test=False)
    standards = Policy._get_standard_policies().filtered(lambda policy: policy.regime not in HELD_LAWS)
    companies = env["res.company"].with_context(active_test=False).search([("parent_id", "=", False)])
    for company in companies:
        present = Policy.search([("company_id", "=", company.id)])
        own = present - standards
        fresh = _take_new_policies(env, company, own, standards)
        if fresh:
            _place_new_policies(env, company, own, fresh)
    (Policy.search([]) - standards)._copy_texts_of_standard()


def _take_new_policies(env, company, own, standards):
    """Return the new policies of one company: its standards, or copies; none outside of the countries of our laws."""
    Policy = env["commercial.dunning.policy"]
    served = company.country_id.code in Policy._get_law_countries() or (not company.country_id and own)
    mine = standards.filtered(lambda policy: policy.company_id == company)
    if not served:
        mine.active = False
        return Policy
    fresh = mine
    laws = set((own | mine).mapped("regime"))
    if own or company.country_id.code != "BE":
        # a company that threw the Belgian policies away does not want any
        for standard in standards.filtered(lambda policy: policy.regime not in laws):
            fresh |= standard.copy({"company_id": company.id, "name": standard.name, "active": True})
    return fresh


def _place_new_policies(env, company, own, fresh):
    """Put the policies of the neighbours before the general Belgian ones, and renumber without changing the order.

    Whoever was reminded by a policy of its own still is. Public authorities go over to their own policy only where the
    policy for businesses is as it was shipped; their letters so far count, for it is the same law.
    """
    Policy = env["commercial.dunning.policy"].with_context(active_test=False)
    fresh._fit_to_country(company.country_id or env.ref("base.be"))
    fresh = fresh.sorted("sequence")
    for policy in fresh:
        policy.active = not own or _are_customers_reminded(own, policy)
    before = own.sorted(lambda policy: (policy.sequence, policy.id))
    general = before.filtered(
        lambda policy: policy.regime in HELD_LAWS
        and any(not (rule.country_ids or rule.country_group_ids or rule.category_ids) for rule in policy.rule_ids)
    )[:1]
    place = before.ids.index(general.id) if general else len(before)
    neighbours = fresh.filtered(lambda policy: policy.regime != "be_public")
    order = before[:place] + neighbours + before[place:]
    public = fresh - neighbours
    businesses = before.filtered(lambda policy: policy.regime == "be_business")[:1]
    if public and businesses and _is_as_shipped(businesses):
        place = order.ids.index(businesses.id)
        order = order[:place] + public + order[place:]
    else:
        order += public
    for number, policy in enumerate(order, start=1):
        if policy.sequence != number * 10:
            # order only: the texts, levels and charges of people stay untouched, and so does who wrote them last
            env.cr.execute(
                SQL("UPDATE commercial_dunning_policy SET sequence = %s WHERE id = %s", number * 10, policy.id)
            )
    Policy.invalidate_model(["sequence"])


def _are_customers_reminded(own, policy):
    """Whether the customers of a new policy were reminded until now: whoever was left out on purpose stays so."""
    kinds = set(policy.rule_ids.mapped("customer_kind"))
    country = policy.env["res.country"].search([("code", "=", REGIMES[policy.regime].country)])
    return any(
        (not rule.customer_kind or rule.customer_kind in kinds)
        and (not rule.country_ids or country in rule.country_ids)
        for rule in own.filtered("active").rule_ids
    )


def _is_as_shipped(policy):
    """Whether the levels of this policy are those that were shipped."""
    levels = policy.with_context(active_test=False).level_ids.sorted("sequence")
    found = [
        (
            level.kind,
            level.days_after_due,
            level.min_days_after_previous,
            level.payment_deadline_days,
            level.active,
            level.charge_interest,
            level.charge_indemnity,
            level.charge_fixed,
        )
        for level in levels
        if level.kind != "last_notice"
    ]
    return found == SHIPPED_LEVELS[policy.regime]
