from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_list

from ...tools.identifiers import IdentifierError, enterprise_number, format_enterprise_number
from .dunning_run import to_decimal

# What the law itself asks for, whatever a checklist says. Recovery of undisputed debts: Judicial Code, art. 1394/20.
# Consumers: Code of Economic Law, art. XIX.2 (first reminder, waiting period) and the registration of collectors.
LEGAL_CONDITIONS = {
    "collection_ios": (
        "creditor_number",
        "debtor_number",
        "debtor_is_business",
        "invoices_posted",
        "due",
        "undisputed",
        "not_insolvent",
        "not_prescribed",
        "collector_allowed",
        "extras_capped",
    ),
    "collection_consumer": ("first_reminder", "waiting_over", "undisputed", "collector_allowed"),
    "collection_business": ("due", "collector_allowed"),
    "collection_general": ("due",),
}
# stops of reminders under which nobody may recover by himself
INSOLVENT_KINDS = ("insolvency", "collective")
# a payment that is under way is no objection of the customer
NO_OBJECTION = {"handed_over", "payment_in_process"}


class CollectionHandover(models.Model):
    _inherit = "commercial.collection.handover"

    # Each point of a checklist that the program judges has a method: it returns True, False or, where only a person can
    # know, None; and what it looked at, in the language of the user.

    def _get_admission_purpose(self):
        """Return which checklist holds for this hand-over."""
        self.ensure_one()
        if self.procedure == "ios":
            return "collection_ios"
        if self._get_law_country() != "BE":
            return "collection_general"
        return "collection_consumer" if self._is_consumer() else "collection_business"

    def _get_law_country(self):
        """Return the code of the country whose law governs the letters, in doubt that of the customer."""
        self.ensure_one()
        regimes = self.line_ids.item_id.level_id.policy_id.mapped("regime")
        if regimes:
            return regimes[0][:2].upper()
        return self.partner_id.country_id.code or self.company_id.country_id.code or "BE"

    def _is_consumer(self):
        self.ensure_one()
        return self.partner_id._get_customer_kind() == "consumer"

    # --- CHECKLIST ---

    def _start_admission(self):
        """Begin the checklist of the procedure, or look at it again; without open points the hand-over is checked."""
        self.ensure_one()
        purpose = self._get_admission_purpose()
        self._cancel_admission(keep=purpose)
        template = self._get_checklist_templates(purpose)[:1]
        if not template:
            self._check_admissible()
            self._set_checked()
            return
        checklist = self._start_checklist(template, **({"user_id": self.user_id.id} if self.user_id else {}))
        checklist.sudo(self.env.su)._judge()
        if not checklist.open_count:
            checklist._complete()

    def _get_admission_checklists(self):
        checklists = self.env["commercial.checklist"]
        for handover in self:
            checklists |= handover._get_live_checklists(handover._get_admission_purpose()).filtered(
                lambda checklist: checklist.state == "open"
            )
        return checklists.sudo(self.env.su)

    def _cancel_admission(self, keep=None):
        """End the checklists that are no longer needed."""
        for purpose in LEGAL_CONDITIONS:
            if purpose != keep:
                checklists_sudo = self._get_live_checklists(purpose).filtered(
                    lambda checklist: checklist.state == "open"
                )
                checklists_sudo.write({"state": "cancelled"})
                checklists_sudo._unlink_activity()

    def _checklist_completed(self, checklist):
        result = super()._checklist_completed(checklist)
        if self.state == "draft" and checklist.purpose == self._get_admission_purpose():
            self._set_checked()
        return result

    def _get_checklist_partner(self):
        self.ensure_one()
        return self.partner_id

    def _check_admissible(self):
        """Raise what the law does not allow, with what was found; the checklists of today must be complete too."""
        self.ensure_one()
        found = [self._judge_condition(code) for code in LEGAL_CONDITIONS[self._get_admission_purpose()]]
        refused = [evidence for fulfilled, evidence in found if fulfilled is False]
        if refused:
            raise UserError(
                self.env._(
                    "%(number)s cannot be handed over:\n%(reasons)s",
                    number=self.name,
                    reasons="\n".join(f"- {reason}" for reason in refused),
                )
            )
        purpose = self._get_admission_purpose()
        self._check_checklist_complete(purpose, required=bool(self._get_checklist_templates(purpose)))

    def _judge_condition(self, code):
        return getattr(self, f"_checklist_point_{code}")()

    # --- PARTIES ---

    def _checklist_point_creditor_number(self):
        return self._judge_number(self.company_id.sudo().partner_id)

    def _checklist_point_debtor_number(self):
        return self._judge_number(self.partner_id)

    def _judge_number(self, partner):
        for number in (partner.company_registry, partner.vat):
            try:
                enterprise_number(number)
            except IdentifierError:
                continue
            return True, self.env._("%(name)s: %(number)s", name=partner.name, number=format_enterprise_number(number))
        return False, self.env._("%(name)s has no valid Belgian enterprise number.", name=partner.name)

    def _checklist_point_debtor_is_business(self):
        kind = self.partner_id._get_customer_kind()
        label = dict(self.partner_id._fields["customer_kind"]._description_selection(self.env)).get(kind)
        if kind == "business":
            return True, self.env._("%(customer)s is a business.", customer=self.partner_id.name)
        return False, self.env._(
            "%(customer)s is no business (%(kind)s).", customer=self.partner_id.name, kind=label or kind
        )

    def _checklist_point_debtor_address(self):
        partner = self.partner_id
        if partner.street and partner.city:
            return True, partner._get_letter_address().replace("\n", ", ")
        return False, self.env._("The address of %(customer)s is incomplete.", customer=partner.name)

    def _checklist_point_not_insolvent(self):
        """Registers of insolvency are not asked: what is recorded refuses, what is not recorded proves nothing."""
        # sudo: a hold of insolvency concerns everybody who works on this customer
        hold_sudo = (
            self.env["commercial.credit.hold"]
            .sudo()
            ._find_live(self.company_id, self.partner_id)
            .filtered(lambda hold: hold.reason == "insolvency")[:1]
        )
        if hold_sudo:
            return False, self.env._(
                "Insolvency recorded on %(day)s: declare the claim to the receiver instead.",
                day=format_date(self.env, hold_sudo.since),
            )
        receivable = self.receivable_id
        if receivable.is_hold_manual and receivable.hold_kind in INSOLVENT_KINDS:
            kinds = dict(receivable._fields["hold_kind"]._description_selection(self.env))
            return False, self.env._(
                "Reminders are stopped (%(kind)s: %(reason)s): declare the claim to the receiver or debt mediator "
                "instead.",
                kind=kinds[receivable.hold_kind],
                reason=receivable.exclusion_reason,
            )
        return None, self.env._("Nothing is recorded here. Look in the public registers (KBO/BCE, Regsol).")

    def _checklist_point_collector_allowed(self):
        collector = self.collector_id
        kind = self._get_label("collector_type")
        if self.procedure in ("ios", "court") and self.collector_type not in ("lawyer", "bailiff"):
            return False, self.env._(
                "%(procedure)s needs a lawyer or a bailiff.", procedure=self._get_label("procedure")
            )
        if self.collector_type == "agency" and self._is_consumer() and self._get_law_country() == "BE":
            if not (self.registration_number or "").strip():
                return False, self.env._(
                    "%(collector)s has no registration number with FPS Economy: without it nobody may collect debts of "
                    "consumers for others (Code of Economic Law, book XIX).",
                    collector=collector.name,
                )
            return True, self.env._(
                "%(collector)s is registered with FPS Economy: %(number)s",
                collector=collector.name,
                number=self.registration_number,
            )
        return True, self.env._("%(kind)s: %(collector)s", kind=kind, collector=collector.name or "-")

    # --- DEBT ---

    def _tell_invoices(self, lines):
        return format_list(self.env, [line.item_id.move_name or "-" for line in lines])

    def _checklist_point_invoices_posted(self):
        other = self.line_ids.filtered(
            lambda line: line.move_id.move_type != "out_invoice" or line.move_id.state != "posted"
        )
        if other:
            return False, self.env._("Not a posted invoice: %(items)s.", items=self._tell_invoices(other))
        return True, self.env._("Posted invoices of a fixed amount: %(count)s.", count=len(self.line_ids))

    def _checklist_point_due(self):
        today = fields.Date.context_today(self)
        early = self.line_ids.filtered(lambda line: line.item_id.date_due >= today)
        if early:
            return False, self.env._("Not overdue yet: %(items)s.", items=self._tell_invoices(early))
        oldest = min(self.line_ids.mapped("date_due"), default=today)
        return True, self.env._("All overdue, the oldest since %(day)s.", day=format_date(self.env, oldest))

    def _checklist_point_undisputed(self):
        """Ask whoever holds items back: a dispute, a plan in good standing, a promise."""
        reasons = self._get_objections()
        if reasons:
            labels = dict(self.env["commercial.dunning.skip"]._fields["reason"]._description_selection(self.env))
            return False, "; ".join(
                f"{name}: {format_list(self.env, [labels.get(reason, reason) for reason in sorted(found)])}"
                for name, found in reasons.items()
            )
        receivable = self.receivable_id
        if receivable.is_excluded and not (
            receivable.excluded_until and receivable.excluded_until < fields.Date.context_today(self)
        ):
            return None, self.env._("The customer gets no reminders: %(reason)s", reason=receivable.exclusion_reason)
        return True, self.env._("No open dispute, promise or payment plan concerns these invoices.")

    def _get_objections(self):
        """Return ``{invoice: reasons}`` of the items that are held for another reason than a hand-over."""
        items = self.line_ids.item_id
        self.env.flush_all()
        # sudo: what holds an item is asked for this customer only
        run_sudo = self.env["commercial.dunning.run"].sudo()
        rows = run_sudo._fetch_items(self.receivable_id.ids, items.ids)
        names = {item.id: item.move_name for item in items}
        found = {}
        for item_id, holds in run_sudo._fetch_holds(rows).items():
            reasons = {hold.reason for hold in holds} - NO_OBJECTION
            if reasons:
                found[names[item_id]] = reasons
        return found

    def _checklist_point_not_prescribed(self):
        today = fields.Date.context_today(self)
        items = self.line_ids.item_id
        items._refresh_prescription()
        lapsed = self.line_ids.filtered(
            lambda line: line.item_id.prescription_date and line.item_id.prescription_date <= today
        )
        if lapsed:
            return False, self.env._("Lapsed by prescription: %(items)s.", items=self._tell_invoices(lapsed))
        unknown = self.line_ids.filtered(lambda line: not line.item_id.prescription_date)
        if unknown:
            return None, self.env._(
                "The term of prescription is not confirmed for: %(items)s.", items=self._tell_invoices(unknown)
            )
        first = min(items.mapped("prescription_date"), default=today)
        return True, self.env._("The first one lapses on %(day)s.", day=format_date(self.env, first))

    def _checklist_point_extras_capped(self):
        """The claim is capped line by line; what is left off is told."""
        percent = self.env["commercial.legal.parameter"]._value(
            "be_ios_cap_percent", fields.Date.context_today(self), country=self.env.ref("base.be")
        )
        Receivable = self.env["commercial.receivable"]
        parts = []
        for currency, lines in self.line_ids.grouped("currency_id").items():
            extras = sum(line.amount_claimed - line.amount_principal + line.amount_reduction for line in lines)
            claimed = sum(lines.mapped("amount_claimed")) - sum(lines.mapped("amount_principal"))
            parts.append(
                self.env._(
                    "%(extras)s besides the principal, of which %(claimed)s is claimed (at most %(percent)s %%)",
                    extras=Receivable._format_amounts([(currency, 0, extras)]),
                    claimed=Receivable._format_amounts([(currency, 0, claimed)]),
                    percent=f"{percent:g}",
                )
            )
        return True, "; ".join(parts)

    # --- LETTERS ---

    def _checklist_point_reminded(self):
        never = self.line_ids.filtered(lambda line: not line.item_id.last_delivered_on)
        if never:
            return False, self.env._("Never reminded: %(items)s.", items=self._tell_invoices(never))
        last = max(self.line_ids.item_id.mapped("last_delivered_on"))
        return True, self.env._("The last letter left on %(day)s.", day=format_date(self.env, last))

    def _checklist_point_formal_notice(self):
        notices = self._get_letters().filtered(
            lambda notice: notice.state == "delivered" and notice.level_kind in ("formal_notice", "last_notice")
        )
        reached = notices.line_ids.filtered("live").item_id
        without = self.line_ids.filtered(lambda line: line.item_id not in reached)
        if without:
            return False, self.env._("Without a formal notice: %(items)s.", items=self._tell_invoices(without))
        return True, self.env._("Formal notice: %(letters)s.", letters=format_list(self.env, notices.mapped("name")))

    def _checklist_point_first_reminder(self):
        without = self.line_ids.filtered(lambda line: not line.item_id.first_reminder_on)
        if without:
            return False, self.env._(
                "No free first reminder was delivered for: %(items)s (Code of Economic Law, art. XIX.2).",
                items=self._tell_invoices(without),
            )
        partly = self._find_partly_reminded()
        if partly:
            return False, self.env._(
                "A part of %(items)s was held when the first reminder left and has had none of its own (Code of "
                "Economic Law, art. XIX.2).",
                items=self._tell_invoices(partly),
            )
        first = max(self.line_ids.item_id.mapped("first_reminder_on"))
        return True, self.env._("First reminder delivered on %(day)s or before.", day=format_date(self.env, first))

    def _find_partly_reminded(self):
        """Return the lines that hand over more than what had its first reminder."""
        # sudo: what was reminded is asked for this customer only
        reminded = self.env["commercial.dunning.run"].sudo()._fetch_reminded(self.line_ids.item_id.ids)
        return self.line_ids.filtered(
            lambda line: (
                line.item_id.id in reminded
                and line.currency_id.compare_amounts(
                    line.amount_principal,
                    float(reminded[line.item_id.id].still_open(to_decimal(line.item_id.amount_residual))),
                )
                > 0
            )
        )

    def _checklist_point_waiting_over(self):
        today = fields.Date.context_today(self)
        early = self.line_ids.filtered(
            lambda line: not line.item_id.earliest_charge_on or line.item_id.earliest_charge_on > today
        )
        if early:
            return False, self.env._(
                "The time to pay after the first reminder is not over for: %(items)s (art. XIX.2).",
                items=self._tell_invoices(early),
            )
        last = max(self.line_ids.item_id.mapped("earliest_charge_on"), default=today)
        return True, self.env._("Over since %(day)s.", day=format_date(self.env, last))

    def _checklist_point_proof_of_sending(self):
        without = self._get_letters().filtered(lambda notice: notice.state == "delivered" and not notice._get_proofs())
        if without:
            return False, self.env._(
                "No proof of sending: %(letters)s.", letters=format_list(self.env, without.mapped("name"))
            )
        return True, self.env._("Each letter has a record of its sending.")

    # --- DOCUMENTS ---

    def _checklist_point_terms_enclosed(self):
        names = self.contract_attachment_ids.mapped("name")
        if names:
            return True, format_list(self.env, names)
        return False, self.env._("Add the contract or the accepted terms to the hand-over.")

    def _checklist_point_documents(self):
        missing = self._find_missing()
        if missing:
            return False, " ".join(missing)
        return True, self.env._("Nothing is missing.")
