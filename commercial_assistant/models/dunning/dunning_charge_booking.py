from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.allocation import spread

# the order in which money on one invoice settles its charges
KIND_RANK = {"cost": 0, "fixed": 1, "indemnity": 2, "interest": 3}


class DunningChargeBooking(models.Model):
    """One charge in one document of the accounting: the entry or invoice that claims it, or what takes that back."""

    _name = "commercial.dunning.charge.booking"
    _description = "Booking of a Reminder Charge"
    _order = "id"
    _rec_name = "move_id"

    charge_id = fields.Many2one(
        comodel_name="commercial.dunning.charge",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="charge_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="charge_id.currency_id")
    kind = fields.Selection(
        selection=[
            ("claim", "Claim"),
            ("receipt", "Income when paid"),
            ("reversal", "Reversal"),
        ],
        required=True,
        readonly=True,
    )
    move_id = fields.Many2one(
        comodel_name="account.move",
        string="Document",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    move_line_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Income line",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The line of the document that stands for this charge.",
    )
    move_type = fields.Selection(related="move_id.move_type")
    move_state = fields.Selection(related="move_id.state", string="Status of the document")
    date = fields.Date(related="move_id.date")
    amount = fields.Monetary(readonly=True, help="How much of the charge this document stands for, without tax.")
    amount_reversed = fields.Monetary(
        string="Amount taken back",
        readonly=True,
        help="How much of it a reversal or credit note of ours has taken back.",
    )
    is_live = fields.Boolean(
        string="Stands",
        readonly=True,
        help="The charge is claimed by this document; it was neither reversed nor removed.",
    )

    _unique_claim = models.UniqueIndex(
        "(charge_id) WHERE kind = 'claim' AND is_live", "This charge is booked already: it is never booked twice."
    )

    # --- ACTIONS ---

    def action_open_move(self):
        self.ensure_one()
        return self.move_id._get_records_action()

    # --- CRUD ---

    @api.ondelete(at_uninstall=False)
    def _unlink_except_by_the_accounting(self):
        if not self.env.su:
            raise UserError(self.env._("A booking follows its document: delete or reverse that one."))

    # --- BUSINESS ---

    @api.model
    def _get_settlements(self, charges):
        """Return what the accounting has received and credited for these charges.

        Money on an invoice with several charges settles costs first, then sums for recovery, then interest.

        :return: ``{charge id: (received, credited, last day)}``; credited is what others than we have credited
        """
        bookings = self.search([("charge_id", "in", charges.ids), ("kind", "!=", "reversal")])
        by_move = self.search([("move_id", "in", bookings.move_id.ids), ("kind", "!=", "reversal")]).grouped("move_id")
        # read for all documents at once; below only parts of them are looked at
        bookings.move_id.line_ids.matched_credit_ids.credit_move_id.move_id.fetch(["reversed_entry_id"])
        result = defaultdict(lambda: [0.0, 0.0, None])
        for move, same in by_move.items():
            if move.state != "posted":
                continue
            for booking, received, credited, day in same._split_settlement(move):
                total = result[booking.charge_id.id]
                total[0] += received
                total[1] += credited
                total[2] = max(filter(None, (total[2], day)), default=None)
        return result

    def _split_settlement(self, move):
        """Share what was matched with the receivable lines of a document among its charges."""
        currency = move.currency_id
        lines = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        gross = sum(lines.filtered(lambda line: line.balance > 0).mapped("amount_currency"))
        paid, credited, day = Decimal(), Decimal(), None
        for partial in lines.matched_credit_ids:
            amount = Decimal(str(partial.debit_amount_currency))
            if partial.credit_move_id.move_id.reversed_entry_id == move:
                credited += amount
            else:
                paid += amount
                day = max(filter(None, (day, partial.max_date)))
        bookings = self.sorted(lambda booking: (KIND_RANK.get(booking.charge_id.kind, 9), booking.id))
        net = Decimal(str(sum(bookings.mapped("amount"))))
        if gross and net and currency.compare_amounts(float(net), gross):
            # tax on top: the charge is settled in the proportion of its invoice
            factor = net / Decimal(str(gross))
            paid, credited = paid * factor, credited * factor
        taken_back = [Decimal(str(booking.amount_reversed)) for booking in bookings]
        credited = max(credited - sum(taken_back), Decimal())
        capacities = [Decimal(str(booking.amount)) - back for booking, back in zip(bookings, taken_back, strict=True)]
        received = spread(capacities, paid)
        dropped = spread(
            [capacity - part for capacity, part in zip(capacities, received, strict=True)][::-1], credited
        )[::-1]
        for booking, part, drop in zip(bookings, received, dropped, strict=True):
            yield booking, currency.round(float(part)), currency.round(float(drop)), day if part else None

    def _note_reversal(self, reversals):
        """A person reversed these documents in the accounting: what they claimed is not booked any more."""
        by_origin = {reversal.reversed_entry_id: reversal for reversal in reversals}
        live = self.filtered("is_live")
        for booking in live:
            booking.write({"is_live": False, "amount_reversed": booking.amount})
        self.create(
            [
                {
                    "charge_id": booking.charge_id.id,
                    "kind": "reversal",
                    "move_id": by_origin[booking.move_id].id,
                    "amount": booking.amount,
                }
                for booking in live
                if booking.move_id in by_origin
            ]
        )
        live.charge_id._set_booking("reversed", self.env._("Its document was reversed in the accounting."))
