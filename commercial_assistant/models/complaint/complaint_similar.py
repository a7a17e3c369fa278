from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

from .complaint import ENDED_STATES

MOST_SHOWN = 20


class Complaint(models.Model):
    """Open complaints that may be the same one, and how two become one."""

    _inherit = "commercial.complaint"

    similar_ids = fields.Many2many(
        comodel_name="commercial.complaint",
        string="Similar open complaints",
        compute="_compute_similar",
        help="Open complaints of the same customer; those about the same goods or documents come first.",
    )
    similar_count = fields.Integer(string="Similar", compute="_compute_similar")
    same_product_count = fields.Integer(
        string="Others about the same product",
        compute="_compute_similar",
        help="Open complaints of other customers about the same product.",
    )
    duplicate_ids = fields.One2many(
        comodel_name="commercial.complaint",
        inverse_name="duplicate_of_id",
        string="Registered twice as",
    )

    # --- COMPUTE ---

    def _compute_similar(self):
        for complaint in self:
            similar = complaint._find_similar() if complaint.state not in ENDED_STATES else complaint.browse()
            complaint.similar_ids = similar
            complaint.similar_count = len(similar)
            complaint.same_product_count = complaint._count_same_product(similar)

    def _get_open_others_domain(self):
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "not in", ENDED_STATES)
            & Domain("id", "!=", self._origin.id)
        )

    def _get_same_customer_domain(self):
        """Complaints of the same customer, or of the same address where nobody is known yet."""
        domain = Domain.FALSE
        if self.commercial_partner_id:
            domain |= Domain("commercial_partner_id", "=", self.commercial_partner_id.id)
        address = email_normalize(self.email_from or "")
        if address:
            domain |= Domain("email_from", "=ilike", address.replace("_", r"\_").replace("%", r"\%"))
        return domain

    def _get_same_goods_domain(self):
        """Complaints about the same order or the same piece, whoever wrote."""
        lines = self.line_ids
        domain = Domain.FALSE
        if lines.sale_order_id:
            domain |= Domain("line_ids.sale_order_id", "in", lines.sale_order_id.ids)
        if lines.lot_id:
            domain |= Domain("line_ids.lot_id", "in", lines.lot_id.ids)
        if lines.invoice_id:
            domain |= Domain("line_ids.invoice_id", "in", lines.invoice_id.ids)
        return domain

    def _find_similar(self):
        """Return what the user may see of the similar complaints, the most similar first."""
        self.ensure_one()
        wanted = self._get_same_customer_domain() | self._get_same_goods_domain()
        if wanted.is_false():
            return self.browse()
        found = self.search(
            self._get_open_others_domain() & wanted, limit=MOST_SHOWN, order="received_on desc, id desc"
        )
        # whoever sees both complaints may compare their documents
        mine_sudo, found_sudo = self.sudo().line_ids, found.sudo()
        orders, products = mine_sudo.sale_order_id, mine_sudo.product_id
        nearness = {
            other.id: bool(other.line_ids.sale_order_id & orders) + bool(other.line_ids.product_id & products)
            for other in found_sudo
        }
        return found.sorted(lambda other: -nearness[other.id])

    def _count_same_product(self, similar):
        self.ensure_one()
        products = self.line_ids.product_id
        if not products or self.state in ENDED_STATES:
            return 0
        domain = self._get_open_others_domain() & Domain("line_ids.product_id", "in", products.ids)
        return self.search_count(domain & Domain("id", "not in", similar.ids))

    # --- ACTIONS ---

    def action_view_similar(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.complaint_action")
        action["domain"] = [("id", "in", self.similar_ids.ids)]
        action["context"] = {}
        return action

    def action_view_same_product(self):
        """Open the complaints of everybody about these products."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.complaint_action")
        action["domain"] = list(
            self._get_open_others_domain() & Domain("line_ids.product_id", "in", self.line_ids.product_id.ids)
        )
        action["context"] = {}
        return action

    def action_same_as(self):
        """This complaint was registered twice: choose the other one."""
        self.ensure_one()
        action = self.action_cancel()
        action["name"] = self.env._("Registered Twice")
        action["context"] |= {
            "default_reason": "duplicate",
            "default_duplicate_of_id": self.similar_ids[:1].id,
        }
        return action

    # --- TWO BECOME ONE ---

    def _merge_into(self, other):
        """Carry what this complaint has over to the one under which it is dealt with: goods, files, followers.

        Nothing is taken away here; carrying over twice adds nothing.
        """
        self.ensure_one()
        if other.state in ENDED_STATES:
            raise UserError(
                self.env._("%(complaint)s has ended; nothing can be added to it.", complaint=other.display_name)
            )
        self.check_access("write")
        other.check_access("write")
        self._copy_lines_to(other)
        self._copy_files_to(other)
        customers = self.message_partner_ids.filtered("partner_share")
        if other.commercial_partner_id:
            customers = customers.filtered(lambda partner: partner.commercial_partner_id == other.commercial_partner_id)
        other.message_subscribe(customers.ids)

    def _copy_lines_to(self, other):
        if self.commercial_partner_id and other.commercial_partner_id != self.commercial_partner_id:
            return
        known = {line._get_identity() for line in other.line_ids}
        fresh = self.line_ids.filtered(lambda line: line._get_identity() not in known)
        self.env["commercial.complaint.line"].create(
            [vals | {"complaint_id": other.id} for vals in fresh.copy_data({"complaint_id": other.id})]
        )

    def _copy_files_to(self, other):
        """Files are copied: each complaint keeps its own, as it came."""
        # whoever sees both complaints sees their files
        Attachment = self.env["ir.attachment"].sudo()
        domain = Domain("res_model", "=", self._name) & Domain("res_field", "=", False)
        known = Attachment.search(domain & Domain("res_id", "=", other.id)).mapped("checksum")
        files = Attachment.search(domain & Domain("res_id", "=", self.id))
        copies = Attachment.browse()
        for file in files.filtered(lambda file: file.checksum not in known):
            copies += file.copy({"res_id": other.id, "name": file.name})
        other._message_log(
            body=self.env._(
                "%(duplicate)s was registered twice and is dealt with here.",
                duplicate=self._get_html_link(title=self.display_name),
            ),
            attachment_ids=copies.ids,
        )
