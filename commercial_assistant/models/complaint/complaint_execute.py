from odoo import api, fields, models
from odoo.exceptions import UserError


class Complaint(models.Model):
    """Settling: every accepted solution is carried out, and nothing is closed before."""

    _inherit = "commercial.complaint"

    transfer_count = fields.Integer(string="Transfers", compute="_compute_document_counts")
    credit_note_count = fields.Integer(string="Credit notes", compute="_compute_document_counts")
    execute_count = fields.Integer(
        string="Solutions to carry out",
        compute="_compute_execute_count",
        help="Accepted, and waiting for nothing.",
    )

    # --- COMPUTE ---

    @api.depends("solution_ids.state")
    def _compute_document_counts(self):
        # sudo: that a document was made may be known to whoever sees the complaint
        pickings = self._count_by_complaint(self.env["stock.picking"].sudo())
        moves = self._count_by_complaint(self.env["account.move"].sudo())
        for complaint in self:
            complaint.transfer_count = pickings.get(complaint.id, 0)
            complaint.credit_note_count = moves.get(complaint.id, 0)

    def _count_by_complaint(self, model):
        counts = {}
        rows = model._read_group(
            [("complaint_solution_id.complaint_id", "in", self.ids)], ["complaint_solution_id"], ["__count"]
        )
        for solution, count in rows:
            counts[solution.complaint_id.id] = counts.get(solution.complaint_id.id, 0) + count
        return counts

    @api.depends("solution_ids.can_execute")
    def _compute_execute_count(self):
        for complaint in self:
            complaint.execute_count = len(complaint.solution_ids.filtered("can_execute"))

    # --- GATES ---

    def _get_missing_for_await_customer(self):
        missing = super()._get_missing_for_await_customer()
        offered = self.solution_ids.filtered(lambda solution: solution.state in ("draft", "offered"))
        for solution in offered:
            missing += solution._get_missing_to_offer()
        missing += self._get_missing_authority()
        return missing

    # --- ACTIONS ---

    def action_execute(self):
        """Carry out what the customer accepted; what waits for the goods says so and stays."""
        self._check_may_work()
        self.check_access("write")
        waiting = []
        for complaint in self:
            if complaint.state != "execute":
                raise UserError(self.env._("%(complaint)s is not being settled.", complaint=complaint.display_name))
            solutions = complaint.solution_ids.filtered(lambda solution: solution.state == "accepted")
            # what comes back first, for the rest may wait for it
            for solution in solutions.sorted(lambda solution: (solution.kind != "return", solution.sequence)):
                if reason := solution.sudo()._get_waiting_reason():
                    waiting.append(reason)
                else:
                    solution._execute()
        if not waiting:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "sticky": True,
                "message": " ".join(waiting),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_view_transfers(self):
        return self._view_documents("picking_ids", self.env._("Transfers"))

    def action_view_credit_notes(self):
        return self._view_documents("move_ids", self.env._("Credit notes"))

    def _view_documents(self, name, title):
        """Open documents of the solutions, as far as the user may see them."""
        self.ensure_one()
        documents = self.sudo().solution_ids[name].sudo(False)
        if not documents.has_access("read"):
            raise UserError(
                self.env._(
                    "You have no access to these documents: %(names)s.",
                    names=documents.sudo().mapped("display_name"),
                )
            )
        return documents._get_records_action(name=title)
