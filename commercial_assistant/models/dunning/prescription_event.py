from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class PrescriptionEvent(models.Model):
    """What a person recorded to interrupt the prescription of some items, with its proof."""

    _name = "commercial.prescription.event"
    _description = "Interruption of Prescription"
    _order = "date desc, id desc"
    _rec_name = "kind"
    _check_company_auto = True

    receivable_id = fields.Many2one(
        comodel_name="commercial.receivable",
        string="Customer account",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(comodel_name="res.company", related="receivable_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(comodel_name="res.partner", related="receivable_id.partner_id", store=True, index=True)
    item_ids = fields.Many2many(
        comodel_name="commercial.receivable.item",
        relation="commercial_prescription_event_item_rel",
        column1="event_id",
        column2="item_id",
        string="Items",
        required=True,
        check_company=True,
    )
    kind = fields.Selection(
        selection=[
            ("notice", "Registered notice by a lawyer or bailiff"),
            ("acknowledgment", "Acknowledgment of the debt in writing"),
            ("summons", "Summons, order to pay or seizure"),
            ("judgment", "Judgment"),
        ],
        required=True,
        help="A reminder of ours interrupts nothing. A payment plan or a part payment counts only as an acknowledgment "
        "that the customer signed.",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    note = fields.Char(required=True, help="Where the proof is, and what it says.")
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="commercial_prescription_event_attachment_rel",
        string="Proof",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Recorded by",
        readonly=True,
        default=lambda self: self.env.user,
    )

    @api.constrains("date")
    def _check_date(self):
        for event in self:
            if event.date > fields.Date.context_today(event):
                raise ValidationError(
                    self.env._("What interrupts the prescription has happened already: give its day.")
                )

    @api.constrains("item_ids", "receivable_id")
    def _check_items(self):
        for event in self:
            if not event.item_ids or event.item_ids.receivable_id != event.receivable_id:
                raise ValidationError(
                    self.env._("Choose items of %(customer)s.", customer=event.receivable_id.display_name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        events._adopt_attachments()
        events.item_ids.sudo()._refresh_prescription()
        for event in events:
            event.receivable_id._message_log(body=event._tell())
        return events

    def write(self, vals):
        items = self.item_ids
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._adopt_attachments()
        (items | self.item_ids).sudo()._refresh_prescription()
        return result

    def unlink(self):
        items = self.item_ids
        for event in self:
            event.receivable_id._message_log(body=self.env._("Deleted: %(event)s", event=event._tell()))
        result = super().unlink()
        items.sudo()._refresh_prescription()
        return result

    def _tell(self):
        self.ensure_one()
        return self.env._(
            "%(kind)s of %(day)s for %(items)s: %(note)s",
            kind=dict(self._fields["kind"]._description_selection(self.env))[self.kind],
            day=format_date(self.env, self.date),
            items=self.item_ids.mapped("move_name"),
            note=self.note or "",
        )

    def _adopt_attachments(self):
        """The proof belongs to what it proves."""
        for event in self:
            event.attachment_ids.check_access("read")
            uploaded = event.attachment_ids.filtered(lambda file: not file.res_id and file.create_uid == self.env.user)
            # sudo: whoever may record the interruption may leave its proof with it
            uploaded.sudo().write({"res_model": self._name, "res_id": event.id})
