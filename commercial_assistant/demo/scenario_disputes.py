"""What customers of the demonstration company disagree with, what they promised, and whom nobody may remind now.

`play_disputes(scenario)` plays everything in the order of its days; a second time nothing is added. Whoever plays the
whole history day by day takes `disputes_happenings(scenario)` instead, so that the runs between see the holds.
"""

from datetime import timedelta

# (dispute, invoice, days ago, reason, assistant, part of what is open, came by, acknowledged?, words of the customer)
DISPUTES = [
    (
        "price",
        "polderland-1",
        38,
        "price",
        "nl",
        0.15,
        "mail",
        True,
        "In de offerte stond een korting van 15 % op de compressoren. Op de factuur vinden we die niet terug.",
    ),
    (
        "defective",
        "eaubleue-2",
        19,
        "defective",
        "fr",
        0.4,
        "mail",
        True,
        "Deux circulateurs font un bruit anormal depuis la mise en service. Nous demandons leur remplacement.",
    ),
    (
        "paid",
        "dewitterbeke-1",
        13,
        "paid",
        "nl",
        1,
        "assistant",
        False,
        "De klant zegt dat ze vorige maand al betaalde, maar vindt het bewijs niet terug.",
    ),
    (
        "quantity",
        "ventilair-1",
        9,
        "quantity",
        "fr",
        0.2,
        "assistant",
        True,
        "Seuls 24 ventilateurs sur 30 ont été livrés ; le bon de livraison le confirme.",
    ),
    (
        "terms",
        "rochegrise-1",
        30,
        "terms",
        "fr",
        1,
        "mail",
        False,
        "Le délai de paiement convenu serait de 90 jours fin de mois.",
    ),
    (
        "delivery",
        "noordzij-2",
        2,
        "partly_delivered",
        "nl",
        0.5,
        "assistant",
        True,
        "Eén van de drie warmteterugwinningstoestellen zou niet geleverd zijn.",
    ),
]

# (dispute, days ago, outcome, part of the disputed amount that is accepted, credit note posted?, answer)
SETTLEMENTS = [
    ("terms", 25, "withdrawn", 0, False, "Contrat relu ensemble : 60 jours, comme convenu le jour de la commande."),
    (
        "price",
        31,
        "partly",
        0.6,
        True,
        "De korting gold voor één van de twee compressoren. Die crediteren we; de andere werd later besteld.",
    ),
    (
        "paid",
        8,
        "rejected",
        0,
        False,
        "Op onze rekening kwam geen betaling binnen. Bezorgt u ons het bewijs, dan kijken we het na.",
    ),
    ("quantity", 5, "upheld", 1, False, "Le bon de livraison vous donne raison : six ventilateurs seront crédités."),
]

# (promise, invoices, days ago, assistant, days from the call to the promised day, part of what is open, came by,
#  confirmed?, days from the call to the payment, part that was paid)
PROMISES = [
    ("kept", ["leieboord-2"], 17, "nl", 7, 0.5, "call", True, 6, 0.5),
    ("partly", ["helderwater-2"], 21, "nl", 6, 1, "mail", False, 5, 0.5),
    ("broken", ["krulspaan-3"], 24, "nl", 8, 1, "call", False, None, 0),
    ("open", ["kaai9-2"], 1, "nl", 6, 1, "call", True, None, 0),
    ("visit", ["valdore-2"], 3, "fr", 12, 0.5, "visit", True, None, 0),
]

# (customer, days ago, kind, reason)
STOPS = [
    ("sartigny", 15, "mediation", "Lettre du médiateur de dettes du CPAS du 3"),
    ("ankerstaal", 6, "insolvency", "Vonnis van de ondernemingsrechtbank: faillissement geopend"),
]


def play_disputes(scenario):
    """Let disputes, promises and stops happen; what was made before is left alone."""
    for days, _order, happening, arguments in sorted(
        disputes_happenings(scenario), key=lambda entry: (-entry[0], entry[1])
    ):
        happening(scenario.day(days), *arguments)
    scenario.env["commercial.receivable"]._refresh_items(scenario.company)


def disputes_happenings(scenario):
    """Return `(days ago, order within the day, what happens, arguments)`, like the rest of the scenario."""
    claims = _Claims(scenario)
    happenings = [(days, 2, claims.dispute, (key, *rest)) for key, invoice, days, *rest in _with_invoice(DISPUTES)]
    happenings += [(days, 3, claims.settle, (key, *rest)) for key, days, *rest in SETTLEMENTS]
    for key, invoices, days, who, ahead, part, source, confirm, paid_after, paid_part in PROMISES:
        happenings.append((days, 2, claims.promise, (key, invoices, who, ahead, part, source, confirm)))
        if paid_after is not None:
            happenings += [
                (days - paid_after, 3, scenario.pay, (f"promise-{key}-{invoice}", invoice, paid_part))
                for invoice in invoices
            ]
    return [*happenings, *((days, 2, claims.stop, (customer, kind, why)) for customer, days, kind, why in STOPS)]


def _with_invoice(rows):
    """The invoice stays among the arguments."""
    return [(key, invoice, days, invoice, *rest) for key, invoice, days, *rest in rows]


class _Claims:
    """Does what the people of the demonstration company do, each on its day."""

    def __init__(self, scenario):
        from .scenario import clock_at  # noqa: PLC0415 - the scenario imports this file

        self.scenario = scenario
        self.env = scenario.env
        self.clock_at = clock_at

    def as_user(self, name):
        """The environment of one of the demo's people."""
        return self.env(user=self.scenario.demo("user", name))

    def read_items(self, invoice_keys):
        """Return the open items of these invoices; empty when they were paid meanwhile."""
        moves = self.env["account.move"]
        for key in invoice_keys:
            moves |= self.scenario.made("invoice", key) or moves
        self.env["commercial.receivable"]._refresh_items(self.scenario.company, moves.commercial_partner_id.ids)
        return self.env["commercial.receivable.item"].search([("move_id", "in", moves.ids), ("state", "=", "open")])

    def send(self, record):
        """The mails leave at once; paper waits on the desk."""
        record.dispatch_ids.filtered(lambda letter: letter.state == "reserved" and letter.channel == "email")._send()

    def dispute(self, day, key, invoice_key, reason, who, part, source, acknowledge, words):
        if self.scenario.made("dispute", key):
            return
        env = self.as_user(f"assistant_{who}")
        with self.clock_at(self.env, day):
            items = self.read_items([invoice_key]).with_env(env)
            disputes = env["commercial.dispute"]
            amounts = {
                item_id: items.currency_id.round(amount * part)
                for item_id, amount in disputes.sudo()._get_undisputed(items.sudo()).items()
                if amount > 0
            }
            if not amounts:
                return
            dispute = disputes._take_down(
                items.filtered(lambda item: item.id in amounts),
                env.ref(f"commercial_assistant.dispute_reason_{reason}"),
                amounts,
                acknowledge=acknowledge,
                description=words,
                source=source,
            )
            self.scenario.remember("dispute", key, dispute)
            if (self.scenario.today - day).days > 3:
                dispute.action_investigate()
            self.send(dispute.sudo())  # commits: what was made is remembered before

    def settle(self, day, key, outcome, part, credited, answer):
        dispute = self.scenario.made("dispute", key)
        if not dispute or dispute.state in ("settled", "withdrawn"):
            return
        dispute = dispute.with_env(self.as_user("collector"))
        with self.clock_at(self.env, day):
            if outcome == "withdrawn":
                dispute._withdraw(answer)
                return
            accepted = {line.id: dispute.currency_id.round(line.amount * part) for line in dispute.line_ids}
            dispute._settle(outcome, answer, accepted, notify=bool(dispute._get_letter_channel()))
            self.send(dispute.sudo())
            if credited:
                self.credit(day, dispute)

    def credit(self, day, dispute):
        """Make the credit note with the wizard that the button opens, and post it."""
        while not dispute.is_credit_done:
            context = dispute.action_credit()["context"]
            wizard = dispute.env["account.move.reversal"].with_context(**context)
            invoice = dispute.env["account.move"].browse(context["active_id"])
            wizard = wizard.create({"date": day, "journal_id": invoice.journal_id.id})
            wizard.refund_moves()
            wizard.new_move_ids.action_post()
            dispute.invalidate_recordset()

    def promise(self, day, key, invoice_keys, who, ahead, part, source, confirm):
        if self.scenario.made("promise", key):
            return
        env = self.as_user(f"assistant_{who}")
        with self.clock_at(self.env, day):
            items = self.read_items(invoice_keys).with_env(env)
            promises = env["commercial.payment.promise"]
            receivable, currency = items.receivable_id, items.currency_id
            amount = items and promises.sudo()._get_unpromised(receivable.sudo(), currency, items.sudo())
            if not amount:
                return
            promise = promises._take_down(
                receivable,
                currency.round(amount * part),
                currency,
                day + timedelta(days=ahead),
                items=items,
                confirm=confirm,
                source=source,
            )
            self.scenario.remember("promise", key, promise)
            self.send(promise.sudo())

    def stop(self, day, customer, kind, why):
        if self.scenario.made("stop", customer):
            return
        env = self.as_user("collector")
        partner = self.scenario.demo("partner", customer)
        with self.clock_at(self.env, day):
            self.env["commercial.receivable"]._refresh_items(self.scenario.company, partner.ids)
            receivable = env["commercial.receivable"].search(
                [("partner_id", "=", partner.id), ("company_id", "=", self.scenario.company.id)]
            )
            if not receivable:
                return
            receivable.write({"is_excluded": True, "hold_kind": kind, "exclusion_reason": why})
        self.scenario.remember("stop", customer, receivable)
