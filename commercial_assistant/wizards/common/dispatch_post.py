from odoo import api, fields, models


class CommercialDispatchPost(models.TransientModel):
    _name = "commercial.dispatch.post"
    _description = "Mark Letters as Posted"

    dispatch_ids = fields.Many2many(
        comodel_name="commercial.dispatch",
        relation="commercial_dispatch_post_rel",
        column1="wizard_id",
        column2="dispatch_id",
        string="Letters",
        required=True,
    )
    posted_on = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="Day on which the letters were taken to the post office. Legal terms start from it.",
    )
    line_ids = fields.One2many(
        comodel_name="commercial.dispatch.post.line",
        inverse_name="wizard_id",
        string="Numbers",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    @api.depends("dispatch_ids")
    def _compute_line_ids(self):
        for wizard in self:
            missing = wizard.dispatch_ids - wizard.line_ids.dispatch_id
            surplus = wizard.line_ids.filtered(lambda line, wizard=wizard: line.dispatch_id not in wizard.dispatch_ids)
            wizard.line_ids = [
                *(fields.Command.delete(line.id) for line in surplus),
                *(fields.Command.create({"dispatch_id": dispatch._origin.id or dispatch.id}) for dispatch in missing),
            ]

    def action_apply(self):
        self.ensure_one()
        dispatches = self.line_ids.dispatch_id
        dispatches._check_can_post()
        dispatches._mark_bundle_posted(
            self.posted_on, {line.dispatch_id: line.tracking_number for line in self.line_ids}
        )
        return {"type": "ir.actions.act_window_close"}


class CommercialDispatchPostLine(models.TransientModel):
    _name = "commercial.dispatch.post.line"
    _description = "Letter to Mark as Posted"

    wizard_id = fields.Many2one(
        comodel_name="commercial.dispatch.post",
        required=True,
        index=True,
        ondelete="cascade",
    )
    dispatch_id = fields.Many2one(
        comodel_name="commercial.dispatch",
        string="Letter",
        required=True,
        ondelete="cascade",
    )
    channel = fields.Selection(
        related="dispatch_id.channel",
    )
    partner_id = fields.Many2one(
        related="dispatch_id.partner_id",
    )
    recipient_address = fields.Text(
        related="dispatch_id.recipient_address",
    )
    tracking_number = fields.Char(
        help="Needed for registered letters; it stands on the receipt of the post office.",
    )
