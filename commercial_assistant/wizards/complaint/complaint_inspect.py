from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...models.complaint.complaint_line import CONDITIONS
from ...models.complaint.complaint_placement import DESTINATIONS


class ComplaintInspect(models.TransientModel):
    """Take down how returned goods are, and let them go on."""

    _name = "commercial.complaint.inspect"
    _description = "Inspect Returned Goods"

    solution_id = fields.Many2one(
        comodel_name="commercial.complaint.solution",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    line_id = fields.Many2one(related="solution_id.line_id")
    product_id = fields.Many2one(related="solution_id.product_id")
    has_lot = fields.Boolean(string="Has serial numbers", compute="_compute_has_lot")
    is_serial = fields.Boolean(string="One at a time", compute="_compute_has_lot")
    quantity_to_place = fields.Float(related="solution_id.quantity_to_place")
    line_quantity = fields.Float(related="line_id.quantity", string="Complained about")
    condition = fields.Selection(
        selection=[choice for choice in CONDITIONS if choice[0] not in ("unknown", "missing")],
        required=True,
        default="defective",
    )
    note = fields.Text(string="What we found")
    quantity_accepted = fields.Float(
        string="Founded quantity",
        digits="Product Unit",
        compute="_compute_quantity_accepted",
        store=True,
        readonly=False,
        help="For how many the customer is right.",
    )
    photo_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="commercial_complaint_inspect_photo_rel",
        column1="inspect_id",
        column2="attachment_id",
        string="Photos",
    )
    destination = fields.Selection(selection=DESTINATIONS, string="Where they go", required=True, default="scrap")
    quantity = fields.Float(
        string="How many",
        digits="Product Unit",
        compute="_compute_quantity",
        store=True,
        readonly=False,
    )
    serial_numbers = fields.Char(
        string="Came back",
        compute="_compute_serial_numbers",
        help="The serial numbers that wait for an inspection.",
    )
    serial_number = fields.Char(
        compute="_compute_serial_number",
        store=True,
        readonly=False,
    )

    @api.depends("solution_id")
    def _compute_has_lot(self):
        for wizard in self:
            wizard.has_lot = wizard.product_id.tracking != "none"
            wizard.is_serial = wizard.product_id.tracking == "serial"

    # two methods: a value given for one of them would keep the other from being computed
    @api.depends("solution_id")
    def _compute_quantity_accepted(self):
        for wizard in self:
            line = wizard.line_id
            wizard.quantity_accepted = line.quantity_accepted or line.quantity

    @api.depends("solution_id")
    def _compute_quantity(self):
        for wizard in self:
            left = wizard.solution_id.quantity_to_place
            wizard.quantity = min(1.0, left) if wizard.is_serial else left

    @api.depends("solution_id")
    def _compute_serial_numbers(self):
        for wizard in self:
            wizard.serial_numbers = ", ".join(wizard._get_returned_lots().sorted("id").mapped("name"))

    @api.depends("solution_id")
    def _compute_serial_number(self):
        for wizard in self:
            lots = wizard._get_returned_lots()
            wizard.serial_number = lots.name if len(lots) == 1 else False

    def _get_returned_lots(self):
        # sudo: an assistant may not read serial numbers, but those of what the customer sent back
        return self.solution_id.sudo()._get_lots_to_place()

    def _find_lot(self):
        """The serial number that was entered, among those that came back."""
        if not self.has_lot:
            return self.env["stock.lot"]
        number = (self.serial_number or "").strip()
        lot = self._get_returned_lots().filtered(lambda lot: lot.name == number)
        if not lot:
            raise UserError(
                self.env._(
                    "Serial number %(number)s did not come back, or went on already. These are here: %(numbers)s.",
                    number=number or "-",
                    numbers=self.serial_numbers or "-",
                )
            )
        return lot

    def action_place(self):
        """Note what was found, then move the goods."""
        self.ensure_one()
        solution = self.solution_id
        solution._check_may_settle()
        lot = self._find_lot()
        line = solution.line_id
        line.write(
            {
                "condition": self.condition,
                "inspection_note": self._get_note(line),
                "quantity_accepted": self.quantity_accepted,
                "inspection_photo_ids": [Command.link(photo.id) for photo in self.photo_ids],
            }
        )
        # photos follow the rights on the line
        self.photo_ids.sudo().write({"res_model": line._name, "res_id": line.id})
        solution._place(self.destination, self.quantity, lot)
        return {"type": "ir.actions.act_window_close"}

    def _get_note(self, line):
        """What was found before stays: goods that come back in parts are looked at in parts."""
        note = (self.note or "").strip()
        if not note or note in (line.inspection_note or ""):
            return line.inspection_note
        return "\n".join(filter(None, (line.inspection_note, note)))
