from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

GROUPS = "commercial_assistant.group_assistant,commercial_assistant.group_collector"


class AccountMove(models.Model):
    _inherit = "account.move"

    dispute_id = fields.Many2one(
        comodel_name="commercial.dispute",
        string="Credit for dispute",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=GROUPS,
    )
    open_dispute_count = fields.Integer(string="Open disputes", compute="_compute_open_claims", groups=GROUPS)
    open_promise_count = fields.Integer(string="Open promises", compute="_compute_open_claims", groups=GROUPS)

    @api.depends("receivable_item_ids.dispute_line_ids.dispute_id.state", "receivable_item_ids.promise_ids.state")
    def _compute_open_claims(self):
        """Count open disputes and promises about these invoices in one query."""
        self.env["commercial.dispute.line"].flush_model()
        self.env["commercial.dispute"].flush_model(["state"])
        self.env["commercial.payment.promise"].flush_model(["state", "item_ids"])
        counts = {
            move_id: (disputes, promises)
            for move_id, disputes, promises in self.env.execute_query(
                SQL(
                    """
                    SELECT claim.move_id, COUNT(DISTINCT claim.dispute_id), COUNT(DISTINCT claim.promise_id)
                      FROM (
                            SELECT line.move_id, dispute.id AS dispute_id, NULL AS promise_id
                              FROM commercial_dispute_line line
                              JOIN commercial_dispute dispute ON dispute.id = line.dispute_id
                             WHERE line.move_id = ANY(%(moves)s) AND dispute.state IN ('new', 'investigation')
                             UNION ALL
                            SELECT item.move_id, NULL, promise.id
                              FROM commercial_receivable_item item
                              JOIN commercial_payment_promise_item_rel link ON link.item_id = item.id
                              JOIN commercial_payment_promise promise ON promise.id = link.promise_id
                             WHERE item.move_id = ANY(%(moves)s) AND promise.state = 'open'
                           ) claim
                  GROUP BY claim.move_id
                    """,
                    moves=self.ids,
                )
            )
        }
        for move in self:
            move.open_dispute_count, move.open_promise_count = counts.get(move.id, (0, 0))

    def _post(self, soft=True):
        """A posted credit note closes the dispute it was made for."""
        posted = super()._post(soft)
        # whoever posts the credit note needs no right on disputes
        posted.sudo().dispute_id._follow_credits()
        return posted

    # --- ACTIONS ---

    def action_register_dispute(self):
        """Register a dispute about this invoice."""
        return self._get_items_to_discuss().action_register_dispute()

    def action_register_promise(self):
        """Register a promise about this invoice."""
        return self._get_items_to_discuss().action_register_promise()

    def _get_items_to_discuss(self):
        """Return the open items of this invoice, after reading them from the accounting."""
        self.ensure_one()
        entity = self.commercial_partner_id
        self.env["commercial.receivable"].sudo()._refresh_items(self.company_id, entity.ids)
        items = self.env["commercial.receivable.item"].search([("move_id", "=", self.id), ("state", "=", "open")])
        if not items:
            raise UserError(self.env._("%(invoice)s is not open, or is not followed up.", invoice=self.display_name))
        return items

    def action_open_disputes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dispute_action")
        action["domain"] = [("line_ids", "any", [("move_id", "=", self.id)])]
        action["context"] = {}
        return action

    def action_open_promises(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_promise_action")
        action["domain"] = [("item_ids", "any", [("move_id", "=", self.id)])]
        action["context"] = {}
        return action
