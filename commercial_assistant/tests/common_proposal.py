import re
from unittest.mock import patch

from lxml import html

from odoo import fields

from odoo.addons.commercial_assistant.models.common.dispatch import CommercialDispatch

from .common_complaint import ComplaintCommon

REPORT = "commercial_assistant.action_report_complaint_proposal"


class ProposalCommon(ComplaintCommon):
    """Complaints with a verdict, ready for a proposal; letters leave without a mail server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("de_DE")
        cls.company.write(
            {
                "name": "Letterwerk Kortrijk BV",
                "street": "Stationsstraat 12",
                "zip": "8500",
                "city": "Kortrijk",
                "phone": "056 12 34 56",
                "company_registry": "0566988259",
                "currency_id": cls.env.ref("base.EUR").id,
            }
        )
        cls.consumer.customer_kind = "consumer"
        cls.customer.customer_kind = "business"
        for code, name in (("nl_BE", "Pomp"), ("fr_BE", "Pompe"), ("de_DE", "Pumpe")):
            cls.pump.with_context(lang=code).name = name

    def setUp(self):
        super().setUp()
        self.sent = []

        def hand_over(dispatch):
            self.sent.append(dispatch)
            return "sent", False

        patcher = patch.object(CommercialDispatch, "_hand_over", autospec=True, side_effect=hand_over)
        patcher.start()
        self.addCleanup(patcher.stop)

    @classmethod
    def _ready(cls, *solutions, partner=None, verdict="founded", quantity=4.0, price=100.0, **values):
        """A complaint about pumps in “propose”, with these solutions: dicts of values."""
        order = cls._sell(partner=partner or cls.customer, quantity=quantity, price=price)
        values = {"user_id": cls.assistant.id, "severity": "normal", **values}
        complaint = cls._complain(order=order, **values)
        cls._bring_to(complaint, "propose", verdict=verdict)
        for vals in solutions:
            cls._add_solution(complaint, **vals)
        return complaint

    @classmethod
    def _add_solution(cls, complaint, kind="replacement", **values):
        line = complaint.line_ids[:1]
        values = {"line_id": line.id, "quantity": 1.0, **values}
        return (
            cls.env["commercial.complaint.solution"]
            .with_user(cls.assistant)
            .create({"complaint_id": complaint.id, "kind": kind, **values})
        )

    @classmethod
    def _offered(cls, *solutions, **values):
        """A complaint whose proposal has been sent; return the proposal."""
        return cls._ready(*(solutions or ({},)), **values)._offer()

    def _answer(self, complaint, decision="accept", **values):
        """Fill the wizard in as the assistant does."""
        action = getattr(complaint, f"action_{decision}")()
        wizard = (
            self.env["commercial.complaint.answer"]
            .with_user(self.assistant)
            .with_context(**action["context"])
            .create(values)
        )
        wizard.action_note_answer()
        return wizard

    @classmethod
    def _text(cls, content):
        tree = html.fromstring(content)
        for node in tree.xpath("//style | //script | //title"):
            node.drop_tree()
        parts = [part for part in tree.itertext() if part.strip()]
        return re.sub(r"\s+", " ", " ".join(parts)).strip()

    def _letter(self, proposal):
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(REPORT, proposal.ids)
        return self._text(content)

    @classmethod
    def _late(cls, proposal, days=1):
        """Let the last day have passed."""
        proposal.sudo().valid_until = fields.Date.subtract(proposal._get_today(), days=days)
        proposal.flush_recordset()
