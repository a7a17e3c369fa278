"""Two customers of the demonstration company who did not pay after the formal notice: one is in the hands of a bailiff,
who does not know yet that a part came in; the other is on credit hold, with a quotation that nobody can confirm.

`play_handover(scenario)` may be played after everything else; a second time nothing is added.
"""

import io

from reportlab.pdfgen import canvas

from odoo import Command

# made-up firms: (key, values of the partner)
CUSTOMERS = [
    (
        "houtkrul",
        {
            "name": "Meubelatelier De Houtkrul BV",
            "vat": "BE1955601261",
            "street": "Wijnendalestraat 71",
            "zip": "8820",
            "city": "Torhout",
            "lang": "nl_BE",
            "email": "info@houtkrul.example",
            "phone": "+32 50 00 61 18",
        },
    ),
    (
        "pontlevant",
        {
            "name": "Brasserie du Pont Levant SRL",
            "vat": "BE1955702320",
            "street": "Quai des Péniches 14",
            "zip": "7500",
            "city": "Tournai",
            "lang": "fr_BE",
            "email": "compta@pontlevant.example",
            "phone": "+32 69 00 47 52",
        },
    ),
]
COLLECTOR = {
    "name": "Gerechtsdeurwaarders Van Elstlande & Roose",
    "collector_type": "bailiff",
    "street": "Predikherenrei 3",
    "zip": "8000",
    "city": "Brugge",
    "lang": "nl_BE",
    "email": "kantoor@elstlande-roose.example",
    "phone": "+32 50 00 90 44",
}
CLERK = {"name": "Lien Roose", "email": "lien@elstlande-roose.example", "type": "contact", "lang": "nl_BE"}
# (invoice, customer, days ago, [(product, quantity)])
INVOICES = [
    ("houtkrul-1", "houtkrul", 150, [("dryer", 1), ("hose", 2)]),
    ("houtkrul-2", "houtkrul", 140, [("filter", 12)]),
    ("pontlevant-1", "pontlevant", 145, [("pump", 2), ("commissioning", 3)]),
]
# the days on which these customers were written to, one after the other
DAYS = (112, 95, 75)
HANDED_OVER, PAID_PART, ORDERED = 40, 12, 6


def play_handover(scenario):
    """Play everything in the order of its days."""
    player = _Handover(scenario)
    player.prepare()
    for key, customer, days, lines in INVOICES:
        player.invoice(scenario.day(days), key, customer, lines)
    for days in DAYS:
        player.remind(scenario.day(days), f"handover{days}")
    player.hand_over(scenario.day(HANDED_OVER))
    player.pay_part(scenario.day(PAID_PART))
    player.order(scenario.day(ORDERED))
    player.follow()


class _Handover:
    def __init__(self, scenario):
        from .scenario import clock_at  # noqa: PLC0415 - the scenario imports this file

        self.clock_at = clock_at
        self.scenario = scenario
        self.env = scenario.env
        self.company = scenario.company
        self.collector = self.env(user=scenario.demo("user", "collector"))

    def customers(self):
        partners = self.env["res.partner"]
        for key, _values in CUSTOMERS:
            partners |= self.scenario.made("customer", key)
        return partners

    def prepare(self):
        """The firms, the bailiff, and what the last level of the policy brings about."""
        belgium = self.env.ref("base.be")
        for kind, key, values in [
            *(("customer", key, values) for key, values in CUSTOMERS),
            ("collector", "bailiff", COLLECTOR),
        ]:
            if not self.scenario.made(kind, key):
                partner = self.env["res.partner"].create({"is_company": True, "country_id": belgium.id, **values})
                self.scenario.remember(kind, key, partner)
        bailiff = self.scenario.made("collector", "bailiff")
        if not self.scenario.made("collector", "clerk"):
            clerk = self.env["res.partner"].create({**CLERK, "parent_id": bailiff.id})
            self.scenario.remember("collector", "clerk", clerk)
        if not self.company.handover_collector_id:
            self.company.handover_collector_id = bailiff
        term = self.env.ref("account.account_payment_term_30days")
        self.customers().filtered(
            lambda customer: not customer.property_payment_term_id
        ).property_payment_term_id = term
        levels = self.env["commercial.dunning.policy.level"].search(
            [
                ("company_id", "=", self.company.id),
                ("regime", "=", "be_business"),
                ("kind", "=", "formal_notice"),
            ]
        )
        for level in levels.filtered(lambda level: not (level.sets_credit_hold and level.proposes_handover)):
            level.write({"sets_credit_hold": True, "proposes_handover": True})

    def invoice(self, day, key, customer, lines):
        if self.scenario.made("invoice", key):
            return
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "journal_id": self.scenario.sale_journal.id,
                "partner_id": self.scenario.made("customer", customer).id,
                "invoice_date": day,
                "invoice_user_id": self.scenario.demo("user", "assistant_nl").id,
                "invoice_line_ids": [
                    Command.create({"product_id": self.scenario.demo("product", product).id, "quantity": quantity})
                    for product, quantity in lines
                ],
            }
        )
        move.action_post()
        self.keep(move)
        self.scenario.remember("invoice", key, move)

    def keep(self, move):
        """Keep the invoice as it was sent, a plain page; the real one would ask the running server for its pictures."""
        stream = io.BytesIO()
        page = canvas.Canvas(stream, invariant=1)
        rows = [
            self.company.name,
            f"Factuur / Facture {move.name}",
            move.partner_id.name,
            f"{move.invoice_date:%d/%m/%Y}",
        ]
        rows += [f"{line.name}: {line.price_total:.2f} EUR" for line in move.invoice_line_ids]
        rows.append(f"Totaal / Total: {move.amount_total:.2f} EUR")
        for number, row in enumerate(rows):
            page.drawString(72, 770 - 22 * number, row)
        page.save()
        self.env["ir.attachment"].create(
            {
                "name": move._get_invoice_report_filename(),
                "raw": stream.getvalue(),
                "mimetype": "application/pdf",
                "res_model": move._name,
                "res_id": move.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        move.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])

    def remind(self, day, key):
        """Write to these customers only, as the collector does."""
        if self.scenario.made("run", key):
            return
        runs = self.collector["commercial.dunning.run"]
        with self.clock_at(self.env, day):
            run = runs.create(
                {
                    "company_id": self.company.id,
                    "date": day,
                    "partner_ids": [Command.set(self.customers().ids)],
                }
            )
            run.action_propose()
            run.action_approve()
            run.action_send()
            self.scenario.post_letters(run.notice_ids.dispatch_ids, day)
        self.scenario.remember("run", key, run)

    def hand_over(self, day):
        """Prepare, check and deliver the file of the furniture maker on the portal of the bailiff."""
        if self.scenario.made("handover", "houtkrul"):
            return
        customer = self.scenario.made("customer", "houtkrul")
        receivable = self.collector["commercial.receivable"].search(
            [("partner_id", "=", customer.id), ("company_id", "=", self.company.id)]
        )
        receivable.user_id = self.scenario.demo("user", "collector")
        with self.clock_at(self.env, day):
            wizard = self.collector["commercial.collection.prepare"].create(
                {
                    "receivable_ids": [Command.set(receivable.ids)],
                    "collector_id": self.scenario.made("collector", "bailiff").id,
                    "procedure": "amicable",
                    "instructions": "De klant heeft ook een toonzaal aan de Oostendestraat in Torhout.",
                }
            )
            wizard.action_prepare()
            handover = receivable.handover_ids[:1]
            handover.contact_id = self.scenario.made("collector", "clerk")
            handover.contract_attachment_ids = [
                Command.create({"name": "Aanvaarde offerte.txt", "raw": b"Offerte aanvaard per e-mail."})
            ]
            handover.action_check()
            self.admit(handover)
            handover._hand_over("portal", day)
        handover.collector_reference = "VER/2026/0417"
        self.scenario.remember("handover", "houtkrul", handover)

    def admit(self, handover):
        """Close the points that the program left to a person."""
        checklist = handover.checklist_ids.filtered(lambda checklist: checklist.state == "open")
        for point in checklist.point_ids.filtered(lambda point: point.state == "open"):
            if point.verdict == "not_fulfilled":
                point._close("overridden", reason="De gerechtsdeurwaarder beoordeelt dit zelf.")
            else:
                point._close("done", note="Opgezocht in KBO en Regsol.")
        if checklist:
            checklist.action_complete()

    def pay_part(self, day):
        """The customer pays a part to us; the bailiff does not know yet."""
        if self.scenario.made("payment", "houtkrul-part"):
            return
        invoice = self.scenario.made("invoice", "houtkrul-2")
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        wizard = wizard.create({"payment_date": day, "journal_id": self.scenario.bank_journal.id})
        wizard.amount = invoice.currency_id.round(invoice.amount_residual / 2)
        self.scenario.remember("payment", "houtkrul-part", wizard._create_payments())

    def order(self, day):
        """The brewery asks for another pump: its quotation cannot be confirmed."""
        if self.scenario.made("order", "pontlevant"):
            return
        order = (
            self.env(user=self.scenario.demo("user", "assistant_fr"))["sale.order"]
            .with_company(self.company)
            .create(
                {
                    "company_id": self.company.id,
                    "partner_id": self.scenario.made("customer", "pontlevant").id,
                    "date_order": day,
                    "order_line": [
                        Command.create({"product_id": self.scenario.demo("product", "pump").id, "product_uom_qty": 1})
                    ],
                }
            )
        )
        self.scenario.remember("order", "pontlevant", order)

    def follow(self):
        """What the jobs of the night do: tell payments, propose what is to be handed over, look what lapses."""
        self.env["commercial.collection.handover"]._follow(self.company)
        items = self.env["commercial.receivable.item"]
        items._refresh_prescription_of(self.company, self.scenario.today)
        items._alert_prescription(self.company, self.scenario.today)
