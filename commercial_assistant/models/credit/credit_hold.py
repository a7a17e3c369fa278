from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class CreditHold(models.Model):
    """No new order of a customer is confirmed while this holds, unless it is paid in advance.

    Whatever caused it is linked by model and number only. A cause that can end by itself tells so: its model answers
    ``_find_ended_credit_holds(holds)`` with the holds that are no longer needed.
    """

    _name = "commercial.credit.hold"
    _description = "Credit Hold"
    _inherit = ["mail.thread", "mail.activity.mixin", "commercial.approval.mixin"]
    _order = "state, since desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        help="The hold counts for the whole customer, with all contacts and addresses.",
    )
    reason = fields.Selection(
        selection=[
            ("manual", "By hand"),
            ("insolvency", "Insolvency"),
        ],
        required=True,
        default="manual",
        tracking=True,
    )
    note = fields.Char(
        string="Explanation",
        tracking=True,
        help="For colleagues; the customer never reads it.",
    )
    res_model = fields.Char(string="Source model", readonly=True, copy=False)
    res_id = fields.Many2oneReference(string="Source ID", model_field="res_model", readonly=True, copy=False)
    source_name = fields.Char(string="Source", compute="_compute_source_name")
    state = fields.Selection(
        selection=[("live", "On hold"), ("released", "Released")],
        required=True,
        readonly=True,
        copy=False,
        default="live",
        index=True,
        tracking=True,
    )
    since = fields.Date(required=True, readonly=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Set by",
        readonly=True,
        default=lambda self: self.env.user,
        help="Empty: set by the program.",
    )
    released_on = fields.Datetime(readonly=True, copy=False)
    released_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Released by",
        readonly=True,
        copy=False,
        help="Empty: released by the program.",
    )
    release_reason = fields.Char(string="Why released", readonly=True, copy=False)

    _one_live = models.UniqueIndex(
        "(company_id, partner_id) WHERE state = 'live'", "This customer is on credit hold already."
    )

    # --- COMPUTE ---

    @api.depends_context("lang", "uid")
    @api.depends("res_model", "res_id")
    def _compute_source_name(self):
        for model_name, holds in self.grouped("res_model").items():
            names = {}
            if model_name and model_name in self.env:
                sources = self.env[model_name].browse(holds.mapped("res_id")).exists()._filtered_access("read")
                names = {source.id: source.display_name for source in sources}
            for hold in holds:
                hold.source_name = names.get(hold.res_id, False)

    @api.depends_context("lang")
    @api.depends("partner_id", "reason")
    def _compute_display_name(self):
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        for hold in self:
            hold.display_name = f"{hold.partner_id.display_name or ''}: {reasons.get(hold.reason, '')}"

    # --- CRUD ---

    @api.model
    def _get_given_fields(self):
        """What a person says who sets a hold; the rest follows the buttons."""
        return {"company_id", "partner_id", "reason", "note"}

    @api.model
    def _get_writable_fields(self):
        """What may be changed of an existing hold."""
        return {"note"}

    @api.model
    def _check_fields(self, names, allowed):
        foreign = {name for name in names if name not in allowed and not name.startswith(("message_", "activity_"))}
        if foreign and not self.env.su:
            raise AccessError(self.env._("A credit hold is changed by its buttons only."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_fields(vals, self._get_given_fields())
            # the whole customer is held, whichever of its contacts was chosen
            vals["partner_id"] = self.env["res.partner"].browse(vals.get("partner_id")).commercial_partner_id.id
        holds = super().create(vals_list)
        holds._forget_computed()
        return holds

    def write(self, vals):
        self._check_fields(vals, self._get_writable_fields())
        result = super().write(vals)
        self._forget_computed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_any(self):
        if self:
            raise UserError(self.env._("A credit hold is released, never deleted: who held an order back stays known."))

    @api.model
    def _forget_computed(self):
        """What documents and customers show about holds is read again."""
        self.env["sale.order"].invalidate_model(["is_on_credit_hold", "credit_hold_id"])
        self.env["res.partner"].invalidate_model(["is_on_credit_hold", "credit_hold_count"])

    # --- ACTIONS ---

    def action_release(self):
        """Ask why, then release, or ask the team lead to do so."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Release the credit hold"),
            "res_model": "commercial.credit.release",
            "view_mode": "form",
            "target": "new",
            "context": {"default_hold_ids": self.ids},
        }

    def action_open_source(self):
        self.ensure_one()
        source = self._get_source()
        if not source:
            raise UserError(self.env._("The document that caused this hold does not exist any more."))
        source.check_access("read")
        return source._get_records_action()

    # --- BUSINESS ---

    def _get_source(self):
        """Return the record that caused the hold, empty when it is gone, ``None`` when there was none."""
        self.ensure_one()
        if not self.res_model or self.res_model not in self.env:
            return None
        return self.env[self.res_model].browse(self.res_id).exists()

    @api.model
    def _set(self, company, partner, reason, source=None, note=None):
        """Hold a customer for a cause that the program found; the hold that exists already stays as it is.

        :param source: the record that caused it
        :return: the live hold
        """
        entity = partner.commercial_partner_id
        hold_sudo = self.sudo()._find_live(company, entity)
        if hold_sudo:
            return hold_sudo.sudo(self.env.su)
        # sudo: a hold may follow from the work of somebody who may not set one by hand
        hold_sudo = self.sudo().create(
            {
                "company_id": company.id,
                "partner_id": entity.id,
                "reason": reason,
                "note": note,
                "since": fields.Date.context_today(self),
                "res_model": source._name if source else False,
                "res_id": source.id if source else False,
                "user_id": False,
            }
        )
        return hold_sudo.sudo(self.env.su)

    @api.model
    def _find_live(self, company, partners):
        """Return the holds that count for these customers; a hold of the parent company counts for its branches."""
        return self.search(
            Domain("company_id", "in", company.sudo().parent_ids.ids)
            & Domain("partner_id", "in", partners.commercial_partner_id.ids)
            & Domain("state", "=", "live")
        )

    @api.model
    def _may_release(self):
        return self.env.su or self.env.user.has_group("commercial_assistant.group_team_lead")

    def _check_live(self):
        for hold in self:
            if hold.state != "live":
                raise UserError(self.env._("%(hold)s was released already.", hold=hold.display_name))

    def _release(self, reason, user=None):
        """End the hold. Releasing twice changes nothing.

        :param user: who decided; nobody when the cause has ended by itself
        """
        live = self.filtered(lambda hold: hold.state == "live")
        live.sudo().write(
            {
                "state": "released",
                "released_on": fields.Datetime.now(),
                "released_by_id": user.id if user else False,
                "release_reason": reason,
            }
        )
        live.sudo().flush_recordset(["state"])  # makes room for a new hold at once
        # what was asked about a hold that has ended needs no decision any more
        live._get_live_approval_requests("credit_release").filtered(lambda request: request.state == "pending")._void(
            "other"
        )

    def _release_by_hand(self, reason):
        """Release in the name of the user, who answers for it."""
        self.check_access("read")
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the hold is released."))
        if not self._may_release():
            raise AccessError(self.env._("Only a team lead releases a credit hold; ask for the approval."))
        self._check_live()
        self._release(reason, self.env.user)

    def _request_release(self, reason):
        """Ask the team lead to release; return the requests."""
        self.check_access("read")
        if not self.env.user.has_group("commercial_assistant.group_collector"):
            raise AccessError(self.env._("Asking for the release of a credit hold is the work of collectors."))
        self._check_live()
        requests = self.env["commercial.approval.request"]
        for hold in self:
            requests |= hold._request_approval("credit_release", reason)
        return requests

    @api.model
    def _mail_get_partner_fields(self, introspect_fields=False):
        """Messages about the hold stay among colleagues: the customer is nobody's recipient."""
        return []

    # --- APPROVAL ---

    def _get_approval_snapshot_fields(self, purpose):
        return ["partner_id", "reason", "since"] if purpose == "credit_release" else []

    def _get_approval_partner(self):
        self.ensure_one()
        return self.partner_id

    def _approval_approved(self, request):
        result = super()._approval_approved(request)
        if request.purpose == "credit_release":
            self._release(request.reason, self.env.user)
        return result

    # --- ENDING BY ITSELF ---

    @api.model
    def _release_ended(self, company=None, partner_ids=None):
        """Release the holds whose cause has ended, with one question to each kind of cause.

        :param partner_ids: commercial partners to look at; ``None`` for all
        """
        domain = Domain("state", "=", "live") & Domain("res_model", "!=", False)
        if company is not None:
            domain &= Domain("company_id", "=", company.id)
        if partner_ids is not None:
            domain &= Domain("partner_id", "in", list(partner_ids))
        ended_sudo = self.sudo().browse()
        # sudo: that a cause has ended does not depend on who notices it
        for model_name, holds_sudo in self.sudo().search(domain).grouped("res_model").items():
            find_ended = getattr(self.env.get(model_name), "_find_ended_credit_holds", None)
            if find_ended:
                ended_sudo |= find_ended(holds_sudo)
        if ended_sudo:
            ended_sudo._release(self.env._("What caused the hold has ended."))
        return ended_sudo

    @api.model
    def _cron_release_ended(self):
        self._release_ended()
