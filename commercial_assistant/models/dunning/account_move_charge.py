from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

READERS = "commercial_assistant.group_assistant,commercial_assistant.group_collector"


class AccountMove(models.Model):
    _inherit = "account.move"

    is_dunning_charge = fields.Boolean(
        string="Charge of a reminder",
        copy=False,
        readonly=True,
        help="Made for interest, an indemnity or a cost of reminders. It is never reminded by itself.",
    )
    dunning_charge_count = fields.Integer(
        string="Charges of reminders",
        compute="_compute_dunning_charge_count",
        groups=READERS,
    )

    # --- COMPUTE ---

    def _compute_dunning_charge_count(self):
        """Count the charges claimed on an invoice, and those a document was made for."""
        charges = self._fetch_dunning_charges()
        for move in self:
            move.dunning_charge_count = len(charges[move.id])

    def _fetch_dunning_charges(self):
        """Return ``{move id: charge ids}`` with one query for all."""
        found = defaultdict(set)
        ids = self.ids
        if not ids:
            return found
        self.env["commercial.dunning.charge"].flush_model(["move_id", "state"])
        self.env["commercial.dunning.charge.booking"].flush_model(["move_id", "charge_id"])
        for move_id, charge_id in self.env.execute_query(
            SQL(
                """
                SELECT move_id, id
                  FROM commercial_dunning_charge
                 WHERE move_id = ANY(%(ids)s) AND state NOT IN ('cancelled', 'simulated')
                 UNION
                SELECT move_id, charge_id FROM commercial_dunning_charge_booking WHERE move_id = ANY(%(ids)s)
                """,
                ids=ids,
            )
        ):
            found[move_id].add(charge_id)
        return found

    # --- CRUD ---

    def unlink(self):
        self._forget_dunning_bookings(self.env._("Its document was deleted in the accounting."))
        return super().unlink()

    # --- ACTIONS ---

    def button_cancel(self):
        result = super().button_cancel()
        self._forget_dunning_bookings(self.env._("Its document was cancelled in the accounting."))
        return result

    def action_open_dunning_charges(self):
        """Open the charges claimed on this invoice or booked by this document."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dunning_charge_action")
        action["domain"] = [("id", "in", sorted(self._fetch_dunning_charges()[self.id]))]
        action["context"] = {}
        return action

    # --- BUSINESS ---

    @api.model
    def _get_dunning_bookings(self, moves):
        # whoever may change a document may have our notes about it follow
        return self.env["commercial.dunning.charge.booking"].sudo().search([("move_id", "in", moves.ids)])

    def _forget_dunning_bookings(self, reason):
        """The accounting took a document away: its charges are no longer booked, and say why."""
        moves = self.filtered("is_dunning_charge")
        bookings_sudo = self._get_dunning_bookings(moves) if moves else None
        if not bookings_sudo:
            return
        charges_sudo = bookings_sudo.filtered("is_live").charge_id
        bookings_sudo.unlink()
        charges_sudo._set_booking("reversed", reason)

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """An accountant may reverse the booking of a charge; the charge is then open again, but not booked."""
        reversals = super()._reverse_moves(default_values_list, cancel)
        moves = self.filtered("is_dunning_charge")
        if cancel and moves:
            self._get_dunning_bookings(moves)._note_reversal(reversals)
        return reversals
