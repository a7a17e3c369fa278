from datetime import date

from odoo import Command, fields

from .common_dunning import DunningCommon


class HandoverCommon(DunningCommon):
    """A business and a consumer whose last letter stayed without payment, and somebody who collects."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bailiff = cls.env["res.partner"].create(
            {
                "name": "Gerechtsdeurwaarder De Wilde",
                "is_company": True,
                "collector_type": "bailiff",
                "email": "office@bailiff.example",
                "street": "Vrijheidslaan 9",
                "zip": "9000",
                "city": "Gent",
                "country_id": cls.env.ref("base.be").id,
                "lang": "nl_BE",
            }
        )
        cls.agency = cls.env["res.partner"].create(
            {"name": "Inkasso BV", "is_company": True, "collector_type": "agency", "email": "info@inkasso.example"}
        )
        cls.notice_level = cls.business_policy.level_ids.filtered(lambda level: level.kind == "formal_notice")
        cls.last_consumer_level = cls.consumer_policy.level_ids.sorted("sequence")[-1:]
        cls.charge_states = ("claimed",)

    def setUp(self):
        super().setUp()
        self._fake_letters()

    def _reach(self, move, level, delivered_on="2026-04-10", deadline="2026-04-18", state="delivered", channel="email"):
        """Record a delivered letter of a level about an invoice, without sending all the letters before it."""
        self.env["commercial.receivable"]._refresh_items(self.company, move.partner_id.commercial_partner_id.ids)
        item = self._item(move).sudo()
        run = (
            self.env["commercial.dunning.run"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "date": delivered_on,
                    "partner_ids": [Command.set(item.partner_id.ids)],
                    "policy_ids": [Command.set(level.policy_id.ids)],
                    "state": "cancelled",
                }
            )
        )
        notice = (
            self.env["commercial.dunning.notice"]
            .sudo()
            .create(
                {
                    "name": f"REM/T/{move.id}/{level.id}",
                    "company_id": self.company.id,
                    "run_id": run.id,
                    "receivable_id": item.receivable_id.id,
                    "partner_id": item.partner_id.id,
                    "contact_id": item.partner_id.id,
                    "lang": item.partner_id.lang,
                    "currency_id": item.currency_id.id,
                    "policy_id": level.policy_id.id,
                    "level_id": level.id,
                    "scope_key": f"{move.id}",
                    "date": delivered_on,
                    "deadline": deadline,
                    "delivered_on": delivered_on,
                    "state": state,
                    "channel": channel,
                    "amount_principal": item.amount_residual,
                    "amount_total": item.amount_residual,
                }
            )
        )
        notice._store_letter(b"%PDF-1.4 letter " + notice.name.encode())
        self.env["commercial.dunning.notice.line"].sudo().create(
            {
                "notice_id": notice.id,
                "item_id": item.id,
                "move_line_id": item.move_line_id.id,
                "move_id": move.id,
                "level_id": level.id,
                "invoice_name": move.name,
                "date_maturity": item.date_due,
                "amount_residual": item.amount_residual,
                "included": True,
                "live": True,
            }
        )
        dispatch = (
            self.env["commercial.dispatch"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "partner_id": item.partner_id.id,
                    "contact_id": item.partner_id.id,
                    "res_model": notice._name,
                    "res_id": notice.id,
                    "key": f"test,{notice.id}",
                    "channel": channel,
                    "subject": notice.name,
                    "attachment_id": notice.attachment_id.id,
                    "recipient_email": item.partner_id.email,
                    "recipient_address": item.partner_id._get_letter_address(),
                }
            )
        )
        dispatch.write(
            {
                "state": "sent",
                "sent_on": f"{delivered_on} 09:00:00",
                "message_id": f"<{notice.id}@company.example>",
                "tracking_number": "RR123456789BE" if channel == "registered" else False,
            }
        )
        item.write(
            {
                "level_id": level.id,
                "last_delivered_on": delivered_on,
                "first_reminder_on": item.first_reminder_on or delivered_on,
                "earliest_charge_on": item.earliest_charge_on
                or fields.Date.add(date.fromisoformat(delivered_on), days=16),
                "next_date": False,
            }
        )
        return notice

    def _charge(self, notice, **amounts):
        """Claim charges with a delivered letter."""
        item = notice.line_ids.item_id
        return (
            self.env["commercial.dunning.charge"]
            .sudo()
            .create(
                [
                    {
                        "company_id": self.company.id,
                        "receivable_id": item.receivable_id.id,
                        "notice_id": notice.id,
                        "item_id": item.id,
                        "kind": kind,
                        "state": "claimed",
                        "amount": amount,
                        "base_amount": item.amount_residual,
                        "currency_id": item.currency_id.id,
                        "date_from": "2026-03-02",
                        "date_to": "2026-04-10",
                    }
                    for kind, amount in amounts.items()
                ]
            )
        )

    def _prepare(self, items, user=None, **values):
        wizard = (
            self.env["commercial.collection.prepare"]
            .with_user(user or self.collector)
            .create(
                {
                    "receivable_ids": [Command.set(items.receivable_id.ids)],
                    "item_ids": [Command.set(items.ids)],
                    "collector_id": self.bailiff.id,
                    **values,
                }
            )
        )
        wizard.action_prepare()
        lines = self.env["commercial.collection.handover.line"].search(
            [("item_id", "in", items.ids), ("live", "=", True)]
        )
        return lines.handover_id.with_user(user or self.collector)

    def _admit(self, handover, reason="Looked at it", note="KBO and Regsol, today"):
        """Go through the checklist like a careful person; return the points that no care could close."""
        handover.action_check()
        checklist = handover._get_admission_checklists().with_user(handover.env.user)
        for point in checklist.point_ids.filtered(lambda point: point.state == "open"):
            if point.verdict == "not_fulfilled":
                if point.critical:
                    continue
                point._close("overridden", reason=reason)
            else:
                point._close("done", note=note)
        stuck = checklist.point_ids.filtered(lambda point: point.state == "open")
        if checklist and not stuck:
            checklist.action_complete()
        return stuck

    def _hand_over(self, handover, method="hand", day=None):
        wizard = (
            self.env["commercial.collection.deliver"]
            .with_user(handover.env.user)
            .create({"handover_ids": [Command.set(handover.ids)], "method": method, **({"date": day} if day else {})})
        )
        return wizard.action_confirm()

    def _end(self, handover, outcome, reason="Because"):
        wizard = (
            self.env["commercial.collection.end"]
            .with_user(handover.env.user)
            .create({"handover_ids": [Command.set(handover.ids)], "outcome": outcome, "reason": reason})
        )
        return wizard.action_confirm()
