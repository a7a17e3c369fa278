from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ...tools import warranty as core

VERDICTS = [
    ("covered_legal", "Covered by law"),
    ("covered_commercial", "Covered by a guarantee"),
    ("supplier_only", "Covered by the supplier only"),
    ("expired", "Not covered any more"),
    ("excluded", "Excluded"),
    ("unknown", "Not known"),
]
REASON_CODES = [
    ("law", "Law"),
    ("terms", "Terms of the guarantee"),
    ("supplier", "Cover of the supplier"),
    ("expired", "Term is over"),
    ("not_started", "Reported before the term"),
    ("returned", "Goods were returned"),
    ("replaced", "Goods were replaced"),
    ("ended", "Cover was ended"),
    ("customer_responsible", "Customer is responsible"),
    ("terms_not_met", "Terms were not met"),
    ("live_animal", "Live animals"),
    ("other_customer", "Delivered to another customer"),
    ("which_unit", "Several deliveries"),
    ("no_record", "Nothing in the register"),
]
BURDENS = [("seller", "The seller"), ("customer", "The customer")]


class WarrantyCheck(models.Model):
    """The answer to "is this covered?", as it was on the day the defect was reported. It is not changed any more."""

    _name = "commercial.warranty.check"
    _description = "Warranty Verdict"
    _inherit = ["mail.thread", "commercial.dispatch.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["name", "serial_number", "partner_id"]

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Lot or serial",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
    )
    serial_number = fields.Char(readonly=True, index="btree_not_null")
    order_line_id = fields.Many2one(
        comodel_name="sale.order.line", readonly=True, index="btree_not_null", check_company=True, ondelete="set null"
    )
    order_id = fields.Many2one(  # of the order line, whose company is checked
        comodel_name="sale.order", readonly=True, index="btree_not_null", ondelete="set null"
    )
    quantity = fields.Float(digits="Product Unit", readonly=True, default=1.0)
    reported_on = fields.Date(
        required=True, readonly=True, help="The day that counts: on which the defect was reported, or proven found."
    )
    verdict = fields.Selection(selection=VERDICTS, required=True, readonly=True, index=True)
    reason_code = fields.Selection(selection=REASON_CODES, string="Ground", required=True, readonly=True)
    reason = fields.Text(readonly=True, help="Why, in plain words.")
    exclusion_reason = fields.Text(string="What excludes it", readonly=True, help="In the words of whoever found it.")
    proof_needed = fields.Text(readonly=True, help="What the customer still has to send.")
    burden_of_proof = fields.Selection(
        selection=BURDENS,
        string="Has to prove",
        readonly=True,
        help="Who has to prove whether the defect existed at delivery.",
    )
    presumption_until = fields.Date(string="Defect presumed until", readonly=True)
    covered_from = fields.Date(readonly=True)
    covered_until = fields.Date(readonly=True)
    recourse_until = fields.Date(
        string="Claim from the supplier until",
        readonly=True,
        help="Last day to pass the defect on to the supplier.",
    )
    warranty_id = fields.Many2one(
        comodel_name="commercial.warranty",
        string="Rests on",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
    )
    line_ids = fields.One2many(
        comodel_name="commercial.warranty.check.line",
        inverse_name="check_id",
        string="What was looked at",
        readonly=True,
    )
    note = fields.Text()
    dispatch_ids = fields.One2many(string="Letters")

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("A verdict is made from the register, not entered by hand."))
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                sequence = self.env["ir.sequence"].with_company(vals.get("company_id") or self.env.company.id)
                vals["name"] = sequence.next_by_code("commercial.warranty.check") or "/"
        return super().create(vals_list)

    def write(self, vals):
        free = {"note", "message_follower_ids", "message_ids", "message_main_attachment_id"}
        if not self.env.su and vals.keys() - free:
            raise AccessError(self.env._("A verdict is kept as it was given. Check again when something has changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("A verdict is kept as it was given."))

    def copy_data(self, default=None):
        raise UserError(self.env._("A verdict is not duplicated: check again."))

    # --- RECORDING ---

    @api.model
    def _record(self, question, verdict, judged, suppliers):
        """Keep the answer. Call it with the rights of the superuser."""
        quiet = self.with_context(tracking_disable=True, mail_create_nosubscribe=True, mail_create_nolog=True)
        vals = self._prepare_vals(question, verdict, judged, suppliers)
        draft = self.new(vals)
        vals.update(reason=draft._get_reason(), proof_needed=draft._get_proof_needed())
        return self.browse(quiet.create(vals).id)

    @api.model
    def _prepare_vals(self, question, verdict, judged, suppliers):
        judgement = verdict.judgement
        is_covered = verdict.verdict in ("covered_legal", "covered_commercial")
        row = judgement.row if judgement else self.env["commercial.warranty"]
        # what the supplier covers was sold to somebody too
        sold = row if row.side != "supplier" else max((found.row for found in judged), key=lambda found: found.start)
        return {
            "company_id": question.company.id,
            "partner_id": question.partner.id or sold.partner_id.id,
            "product_id": question.product.id,
            "lot_id": question.lot.id,
            "serial_number": question.lot.name or sold.serial_number,
            "order_line_id": question.order_line.id or sold.order_line_id.id,
            "order_id": question.order_line.order_id.id or sold.order_id.id,
            "quantity": question.quantity,
            "reported_on": question.reported_on,
            "verdict": verdict.verdict,
            "reason_code": verdict.reason_code,
            "exclusion_reason": (question.facts.get("reason") or False) if verdict.verdict == "excluded" else False,
            "burden_of_proof": judgement.burden if is_covered else False,
            "presumption_until": judgement.presumed_until if is_covered else False,
            "covered_from": row.start,
            "covered_until": judgement.end if judgement else False,
            "recourse_until": self._get_recourse(question, suppliers),
            "warranty_id": row.id,
            "line_ids": [fields.Command.create(line) for line in self._prepare_line_vals([*judged, *suppliers])],
        }

    @api.model
    def _get_recourse(self, question, suppliers):
        """Return the last day to claim from the supplier, of the cover that lasts longest."""
        deadlines = [
            core.recourse_deadline(judgement.end, question.reported_on, judgement.row.policy_id.notice_days)
            for judgement in suppliers
            if judgement.result == "covered"
        ]
        return max(filter(None, deadlines), default=False)

    @api.model
    def _prepare_line_vals(self, judged):
        return [
            {
                "warranty_id": judgement.row.id,
                "policy_id": judgement.row.policy_id.id,
                "policy_name": judgement.row.policy_id.name,
                "partner_id": judgement.row.partner_id.id,
                "side": judgement.row.side,
                "kind": judgement.row.kind,
                "serial_number": judgement.row.serial_number,
                "quantity": judgement.row._get_left(),
                "basis": judgement.row.basis,
                "is_fallback": judgement.row.is_fallback,
                "start": judgement.row.start,
                "end": judgement.end,
                "presumption_until": judgement.presumed_until or False,
                "burden_of_proof": judgement.burden if judgement.row.side == "customer" else False,
                "result": judgement.result,
                "covers_parts": judgement.row.policy_id.covers_parts,
                "covers_labour": judgement.row.policy_id.covers_labour,
                "covers_transport": judgement.row.policy_id.covers_transport,
            }
            for judgement in judged
        ]

    # --- WORDS ---

    def _format_day(self, day):
        return format_date(self.env, day) if day else ""

    def _get_reason(self):
        """Return why, in the language of the environment."""
        self.ensure_one()
        return " ".join(filter(None, (self._get_main_reason(), self._get_burden_text(), self._get_provisional_text())))

    def _get_main_reason(self):
        days = {
            "start": self._format_day(self.covered_from),
            "end": self._format_day(self.covered_until),
            "reported": self._format_day(self.reported_on),
        }
        texts = {
            "law": self.env._(
                "The legal guarantee runs from %(start)s until and including %(end)s; the defect was reported on "
                "%(reported)s.",
                **days,
            ),
            "terms": self.env._(
                "The guarantee runs from %(start)s until and including %(end)s; the defect was reported on "
                "%(reported)s.",
                **days,
            ),
            "supplier": self.env._(
                "The cover of the customer does not help on %(reported)s, but the supplier still covers these goods "
                "until and including %(end)s.",
                **days,
            ),
            "expired": self.env._(
                "The cover ran from %(start)s until and including %(end)s; the defect was reported on %(reported)s, "
                "which is later.",
                **days,
            ),
            "not_started": self.env._(
                "The defect was reported on %(reported)s, before the cover starts on %(start)s.", **days
            ),
            "returned": self.env._("On %(reported)s these goods had been returned to us already.", **days),
            "replaced": self.env._(
                "On %(reported)s these goods had been replaced: the cover of the new ones counts.", **days
            ),
            "ended": self.env._("The cover of these goods was ended before %(reported)s.", **days),
            "customer_responsible": self.env._(
                "The term runs until and including %(end)s, but the cause of the defect lies with the customer.", **days
            ),
            "terms_not_met": self.env._(
                "The guarantee runs until and including %(end)s, but its terms were not met.", **days
            ),
            "live_animal": self.env._(
                "Live animals follow a law of their own, which is not computed here: ask for advice."
            ),
            "other_customer": self.env._(
                "These goods are in the register, but were not delivered to this customer. Whoever bought them may "
                "have sold them on."
            ),
            "which_unit": self.env._(
                "Of these goods several deliveries were made, and not all of them are still covered on %(reported)s: "
                "it has to be known which one it is.",
                **days,
            ),
            "no_record": self.env._("No delivery of these goods to this customer is known."),
        }
        return texts[self.reason_code]

    def _get_burden_text(self):
        if self.burden_of_proof == "seller":
            return self.env._(
                "Until %(day)s a defect is presumed to have existed at delivery: the seller has to prove that it did "
                "not.",
                day=self._format_day(self.presumption_until),
            )
        if self.burden_of_proof == "customer" and self.verdict == "covered_legal":
            return self.env._("The customer has to show that the defect existed at delivery.")
        return ""

    def _get_provisional_text(self):
        if any(line.is_fallback and line.warranty_id == self.warranty_id for line in self.line_ids):
            return self.env._("The term starts provisionally with the delivery, because its real start is not known.")
        return ""

    def _get_proof_needed(self):
        """Return what the customer has to send, in the language of the environment."""
        self.ensure_one()
        own = self.warranty_id.policy_id.proof
        if own and self.reason_code in ("law", "terms"):
            return own
        if self.reason_code in ("no_record", "other_customer", "not_started", "returned"):
            return self.env._("The invoice or receipt, and a picture of the plate with the serial number.")
        if self.reason_code == "which_unit":
            return self.env._("A picture of the plate with the serial number, or the delivery note of these goods.")
        if self.verdict == "covered_legal" and self.burden_of_proof == "customer":
            return self.env._(
                "A description and pictures of the defect, and something that shows that it existed at delivery, for "
                "example the report of a technician."
            )
        if self.verdict in ("covered_legal", "covered_commercial", "supplier_only"):
            return self.env._("A description and pictures of the defect.")
        return False

    # --- ACTIONS ---

    def action_check_again(self):
        """Ask the same question again; the old answer stays."""
        self.ensure_one()
        check = self.env["commercial.warranty"]._check(
            self.product_id, self.lot_id, self.order_line_id, self.partner_id, self.reported_on, self.quantity
        )
        return check._get_records_action()

    def action_open_warranties(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.warranty_action")
        action["domain"] = [("id", "in", self.line_ids.warranty_id.ids)]
        action["context"] = {}
        return action

    def action_open_order(self):
        self.ensure_one()
        return self.order_id._get_records_action()
