import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context

_logger = logging.getLogger(__name__)

ACTIVITY_SETTLE = "commercial_assistant.mail_activity_type_complaint_settle"
ACTIVITY_INSPECT = "commercial_assistant.mail_activity_type_complaint_inspect"


class ComplaintSolution(models.Model):
    """Carrying out: each kind makes the document of Odoo that is made for it, once, and follows it to its end."""

    _inherit = "commercial.complaint.solution"

    picking_ids = fields.One2many(
        comodel_name="stock.picking",
        inverse_name="complaint_solution_id",
        string="Transfers",
        groups="stock.group_stock_user",
    )
    move_ids = fields.One2many(
        comodel_name="account.move",
        inverse_name="complaint_solution_id",
        string="Credit notes",
    )
    document_names = fields.Char(string="Documents", compute="_compute_document_names")
    can_execute = fields.Boolean(compute="_compute_can_execute")
    waiting_reason = fields.Char(string="Waits for", compute="_compute_can_execute")

    # --- COMPUTE ---

    @api.depends("state", "res_id")
    def _compute_document_names(self):
        for solution in self:
            # sudo: the numbers of our documents may be known to whoever deals with the complaint
            documents = solution.sudo()._get_documents()
            names = [document.display_name for records in documents for document in records]
            solution.document_names = ", ".join(name for name in names if name)

    @api.depends("state", "complaint_id.state", "complaint_id.solution_ids.state", "return_need")
    def _compute_can_execute(self):
        for solution in self:
            is_due = solution.state == "accepted" and solution.complaint_id.state == "execute"
            solution.waiting_reason = is_due and solution.sudo()._get_waiting_reason()
            solution.can_execute = is_due and not solution.waiting_reason

    # --- ACTIONS ---

    def action_execute(self):
        """Carry out these solutions; what is carried out already is opened."""
        self._execute()
        return self.action_open_documents() if len(self) == 1 else True

    def action_done_by_hand(self):
        """Somebody did what no document stands for."""
        self._check_may_settle()
        for solution in self:
            if solution.state == "done":
                continue
            if solution.sudo()._get_documents():
                raise UserError(self.env._("%(solution)s follows its documents.", solution=solution.display_name))
            solution._check_is_due(("accepted", "in_progress"))
            solution._set_state("done", quantity_done=solution.quantity)
            solution._close_activities()
        return True

    def action_cancel(self):
        """Ask why, then cancel."""
        self.ensure_one()
        self._check_may_settle()
        self._check_can_cancel()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel the Solution"),
            "res_model": "commercial.complaint.solution.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {"default_solution_id": self.id},
        }

    def action_open_documents(self):
        """Open what was made, as far as the user may see it; whoever may not is told its number."""
        self.ensure_one()
        self.check_access("read")
        for records in self.sudo()._get_documents():
            readable = records.sudo(False)._filtered_access("read") if records.sudo(False).has_access("read") else None
            if readable:
                return readable._get_records_action(name=self.display_name)
        if self.document_names:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "success",
                    "message": self.env._("Made: %(documents)s", documents=self.document_names),
                    "next": {"type": "ir.actions.act_window_close"},
                },
            }
        return True

    # --- RIGHTS ---

    def _check_may_settle(self):
        """Whoever may work on the complaint settles it; the right on the document itself is lent."""
        self.env["commercial.complaint"]._check_may_work()
        self.check_access("write")
        self.complaint_id.check_access("write")

    def _check_is_due(self, states=("accepted",)):
        self.ensure_one()
        labels = dict(self._fields["state"]._description_selection(self.env))
        if self.state not in states:
            raise UserError(
                self.env._(
                    "%(solution)s is “%(state)s”: only what the customer accepted is carried out.",
                    solution=self.display_name,
                    state=labels[self.state],
                )
            )
        if self.complaint_id.state != "execute":
            raise UserError(self.env._("%(complaint)s is not being settled.", complaint=self.complaint_id.display_name))

    # --- EXECUTION ---

    def _execute(self):
        """Make the document of each solution; what has one already is left alone.

        Rights, the state and the authority of the person are checked here; then the right to make the one document is
        lent. The person is named on it.
        """
        self._check_may_settle()
        for solution in self:
            if solution.state in ("in_progress", "done"):
                continue
            # two people press the button at the same time: the second one waits, and finds the document
            solution.sudo().lock_for_update(allow_referencing=True)
            solution.invalidate_recordset(["state", "res_id"])
            if solution.state in ("in_progress", "done"):
                continue
            solution._check_is_due()
            solution.complaint_id._check_authority()
            # sudo: checked above; an assistant has no rights on transfers and credit notes
            clean = clean_context(self.env.context)
            solution_sudo = solution.sudo().with_context(clean)  # pylint: disable=context-overridden
            solution_sudo = solution_sudo.with_company(solution.company_id)
            if reason := solution_sudo._get_waiting_reason():
                raise UserError(reason)
            documents = getattr(solution_sudo, f"_execute_{solution.kind}")()
            solution_sudo._executed(documents)

    def _executed(self, documents):
        """Note the documents on both sides, then look how far they are."""
        self.ensure_one()
        if documents:
            self._set_state("in_progress", res_model=documents._name, res_id=documents[:1].id)
            self._link_documents(documents)
        self._follow()

    def _link_documents(self, documents):
        """Name the documents in the chatter of the complaint, and the complaint in theirs."""
        complaint = self.complaint_id
        for document in documents:
            complaint._message_log(
                body=self.env._(
                    "%(solution)s: %(document)s made by %(user)s.",
                    solution=self.display_name,
                    document=document._get_html_link(),
                    user=self.env.user.name,
                )
            )
            # the number only: what a confidential complaint is about stands nowhere else
            document._message_log(
                body=self.env._(
                    "Made by %(user)s for complaint %(complaint)s.",
                    user=self.env.user.name,
                    complaint=complaint._get_html_link(title=complaint.name),
                )
            )

    def _execute_information(self):
        """The letter said it: nothing else is to be done."""
        self._set_state("done")

    def _execute_repair(self):
        """Without repair orders a repair is a task that somebody closes by hand."""
        self._execute_by_hand()

    def _execute_supplier(self):
        """What the supplier settles is followed by hand, unless a claim on him follows it."""
        self._execute_by_hand()

    def _execute_by_hand(self):
        self._set_state("in_progress")
        self._schedule(self.env._("Carry out: %(solution)s", solution=self.display_name))

    def _get_waiting_reason(self):
        """Why this cannot be carried out yet, in the language of the user; nothing when it can."""
        self.ensure_one()
        if self.return_need != "before":
            return False
        open_returns = self._get_returns().filtered(lambda other: other.state != "done")
        if not open_returns:
            return False
        return self.env._(
            "%(solution)s waits for the goods to come back (%(documents)s).",
            solution=self.display_name,
            documents=", ".join(filter(None, open_returns.mapped("document_names")))
            or self.env._("no return made yet"),
        )

    # --- FOLLOWING ---

    def _get_documents(self):
        """The records that carry this solution out: a list of recordsets, one for each model, none of them empty."""
        self.ensure_one()
        return [records for records in (self.picking_ids, self.move_ids) if records]

    def _get_document_states(self):
        """How far each document is: a list of ``open``, ``done``, ``cancelled``."""
        self.ensure_one()
        states = []
        for picking in self.picking_ids:
            states.append({"done": "done", "cancel": "cancelled"}.get(picking.state, "open"))
        for move in self.move_ids:
            states.append({"posted": "done", "cancel": "cancelled"}.get(move.state, "open"))
        return states

    def _follow(self):
        """Bring the state to where the documents are; repeating it changes nothing."""
        for solution_sudo in self.sudo():
            if solution_sudo.state not in ("in_progress", "done") or not solution_sudo.res_model:
                continue
            states = [state for state in solution_sudo._get_document_states() if state != "cancelled"]
            if not states:
                solution_sudo._documents_gone()
            elif all(state == "done" for state in states):
                solution_sudo._documents_done()
            elif solution_sudo.state == "done":
                solution_sudo._set_state("in_progress", quantity_done=solution_sudo._get_quantity_done())

    def _documents_gone(self):
        """All documents were deleted or cancelled: it is to be done again, or to be cancelled with a reason."""
        self.ensure_one()
        self._set_state("accepted", res_model=False, res_id=False, quantity_done=0.0)
        text = self.env._("The documents of %(solution)s were cancelled or deleted.", solution=self.display_name)
        self.complaint_id._message_log(body=text)
        if self.complaint_id.state == "execute":
            self._schedule(text)

    def _documents_done(self):
        self.ensure_one()
        quantity = self._get_quantity_done()
        if self.state == "done":
            if quantity != self.quantity_done:
                self.write({"quantity_done": quantity})
            return
        self._set_state("done", quantity_done=quantity)
        self._close_activities()
        self.complaint_id._message_log(
            body=self.env._(
                "Done: %(solution)s (%(documents)s)", solution=self.display_name, documents=self.document_names
            )
        )
        self._tell_waiting()

    def _tell_waiting(self):
        """The goods are back: whoever is responsible looks at them and carries out what waited for them."""
        self.ensure_one()
        if self.kind != "return" or self.complaint_id.state != "execute":
            return
        waiting = self._get_siblings("repair", "replacement", "credit_full", "credit_partial").filtered(
            lambda other: other.state == "accepted" and other.return_need == "before"
        )
        text = self.env._("The goods are back: inspect them and say where they go.")
        if waiting:
            text = self.env._(
                "The goods are back: inspect them, then carry out %(solutions)s.",
                solutions=waiting.mapped("display_name"),
            )
        self._schedule(text, ACTIVITY_INSPECT)

    def _get_quantity_done(self):
        """What really moved or was credited, in the unit of the line."""
        self.ensure_one()
        unit = self.product_uom_id
        total = 0.0
        for move in self.picking_ids.move_ids.filtered(lambda move: move.state == "done"):
            total += move.product_uom._compute_quantity(move.quantity, unit or move.product_uom, round=False)
        if not self.picking_ids and self.move_ids:
            return self.quantity
        return total

    def _cancel_documents(self):
        """Cancel the documents that nobody has used yet."""
        self.ensure_one()
        self.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel")).action_cancel()
        self.move_ids.filtered(lambda move: move.state == "draft").button_cancel()
        self._close_activities()

    # --- ACTIVITIES ---

    def _schedule(self, text, activity_type=ACTIVITY_SETTLE):
        """A task on the complaint, for whoever is responsible."""
        self.ensure_one()
        complaint = self.complaint_id
        user = complaint.user_id or complaint.team_id.user_id or self.env.user
        complaint.activity_schedule(activity_type, summary=text, user_id=user.id)

    def _close_activities(self):
        """Nothing is left to carry out: the tasks about it are done."""
        for complaint in self.complaint_id:
            if not complaint.solution_ids.filtered_domain(self._get_open_domain()):
                complaint.activity_unlink([ACTIVITY_SETTLE])

    # --- CRON ---

    @api.model
    def _cron_follow(self):
        """The safety net: documents whose end nobody has told us."""
        solutions = self.search([("state", "=", "in_progress"), ("res_model", "!=", False)], order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(solutions))
        for solution in solutions:
            try:
                with self.env.cr.savepoint():
                    solution._follow()
            except UserError as error:
                _logger.warning("Solution %s could not be followed: %s", solution.id, error)
            if not self.env["ir.cron"]._commit_progress(1):
                break
