import time
import uuid

from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import consteq, email_normalize, hmac, mute_logger, plaintext2html

STEPS = (
    ("new", {"new"}),
    ("investigate", {"assess", "investigate", "await_supplier"}),
    ("propose", {"propose", "await_customer"}),
    ("execute", {"execute"}),
    ("closed", {"closed"}),
)
FORM_HOURS = 12
MOST_LINES = 200
SHOWN_MESSAGES = ("comment", "email", "email_outgoing", "auto_comment")


class Complaint(models.Model):
    """The complaint as the customer sees it in the portal, and what he can do there.

    The methods named ``_…portal…`` are called with the rights of the superuser for one complaint or one customer, after
    the controller has checked that it belongs to whoever asks.
    """

    _inherit = "commercial.complaint"

    portal_form = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="The form with which the customer complained: sent twice, it makes one complaint.",
    )

    _one_form = models.UniqueIndex("(portal_form) WHERE portal_form IS NOT NULL", "This form was sent already.")

    # --- WHOSE COMPLAINT ---

    @api.model
    def _get_portal_domain(self, partner):
        """Complaints of the customer to whom a contact belongs; confidential ones are seen by who wrote them."""
        return Domain("commercial_partner_id", "=", partner.commercial_partner_id.id) & (
            Domain("is_confidential", "=", False) | Domain("partner_id", "=", partner.id)
        )

    def _is_open_to(self, user, token=None):
        """Whether this complaint may be shown to a user, or to whoever holds its secret link."""
        self.ensure_one()
        complaint_sudo = self.sudo()
        if not user._is_public() and complaint_sudo.filtered_domain(self._get_portal_domain(user.partner_id)):
            return True
        known = complaint_sudo.access_token
        return bool(token and known and consteq(known, token))

    def _get_portal_contact(self, user):
        """Who speaks: the person who is logged in, else the customer of the complaint."""
        self.ensure_one()
        mine = user.partner_id.commercial_partner_id == self.commercial_partner_id
        return user.partner_id if mine and not user._is_public() else self.partner_id

    def _get_portal_link(self):
        """Return the secret address of this complaint, for a mail to the customer."""
        self.ensure_one()
        complaint_sudo = self.sudo()  # whoever writes to the customer hands out his link
        complaint_sudo._portal_ensure_token()
        return f"{complaint_sudo.get_base_url()}{complaint_sudo.access_url}?access_token={complaint_sudo.access_token}"

    # --- CHANGE OF CUSTOMER ---

    def write(self, vals):
        if "partner_id" not in vals:
            return super().write(vals)
        before = {complaint: (complaint.partner_id, complaint.email_from) for complaint in self}
        result = super().write(vals)
        for complaint, (partner, email) in before.items():
            complaint._shut_out_former_customer(partner, email)
        return result

    def _shut_out_former_customer(self, former, former_email):
        """Whoever was the customer before sees nothing more: he follows no longer, and his link is void."""
        self.ensure_one()
        partner = self.partner_id
        if partner == former:
            return
        if former:
            self.message_unsubscribe(former.ids)
        known = email_normalize(former_email or "")
        if former or (known and known != email_normalize(partner.email or "")):
            # the link is nobody's business but the program's
            self.sudo().access_token = str(uuid.uuid4()) if self.sudo().access_token else False

    # --- WHAT IS SHOWN ---

    @api.model
    def _get_portal_states(self):
        """Return how the states are called for a customer."""
        return {
            "new": self.env._("Received"),
            "assess": self.env._("Being examined"),
            "investigate": self.env._("Being examined"),
            "await_supplier": self.env._("Being examined"),
            "propose": self.env._("Answer in preparation"),
            "await_customer": self.env._("Waiting for you"),
            "execute": self.env._("Being settled"),
            "closed": self.env._("Finished"),
            "cancelled": self.env._("Taken back"),
        }

    @api.model
    def _get_portal_open_domain(self):
        return Domain("state", "not in", ("closed", "cancelled"))

    def _prepare_portal_values(self):
        """Return what the page of this complaint shows; nothing else of it leaves the house."""
        self.ensure_one()
        messages = self._get_portal_messages()
        return {
            "number": self.name,
            "subject": self.subject,
            "description": self.description or "",
            "received_on": self.received_on,
            "state": self.state,
            "state_name": self._get_portal_states()[self.state],
            "registered_as": self.duplicate_of_id.name or "",
            "steps": self._get_portal_steps(),
            "wish": dict(self._fields["wish"]._description_selection(self.env)).get(self.wish, ""),
            "lines": [
                {
                    "name": line.product_id.display_name or line.name or "",
                    "note": line.name if line.product_id and line.name else "",
                    "quantity": line.quantity,
                    "unit": line.product_uom_id.name or "",
                    "document": line.sale_order_id.name or line.invoice_id.name or line.picking_id.name or "",
                }
                for line in self.line_ids
            ],
            "messages": [self._prepare_portal_message(message) for message in messages],
            "files": self._get_portal_files(messages),
            "contact_lines": self._get_contact_lines(),
        }

    def _get_portal_steps(self):
        """Return the way of a complaint, how far this one is, and the days that are known."""
        names = {
            "new": self.env._("Received"),
            "investigate": self.env._("Examined"),
            "propose": self.env._("Answered"),
            "execute": self.env._("Dealt with"),
            "closed": self.env._("Finished"),
        }
        days = {"new": self.received_on, "closed": self.closed_on}
        reached = next((index for index, (_name, states) in enumerate(STEPS) if self.state in states), -1)
        return [
            {
                "name": names[name],
                "done": index < reached or (index == reached and self.state == "closed"),
                "current": index == reached and self.state != "closed",
                "day": days.get(name) if index <= reached else False,
            }
            for index, (name, _states) in enumerate(STEPS)
        ]

    def _get_portal_messages(self):
        """Return what was written between the customer and us: no notes, no changes of fields."""
        self.ensure_one()
        outgoing = Domain("message_type", "=", "email_outgoing")
        discussed = Domain("subtype_id.internal", "=", False) & Domain("subtype_id", "!=", False)
        return self.env["mail.message"].search(
            Domain("model", "=", self._name)
            & Domain("res_id", "=", self.id)
            & Domain("message_type", "in", SHOWN_MESSAGES)
            & Domain("is_internal", "=", False)
            & (outgoing | discussed),
            order="date desc, id desc",
            limit=100,
        )

    def _prepare_portal_message(self, message):
        author = message.author_id
        is_ours = message.message_type == "email_outgoing" or any(not user.share for user in author.user_ids)
        return {
            "date": message.date,
            "author": self.company_id.name if is_ours else author.name or self.contact_name or "",
            "is_ours": is_ours,
            "body": message.body,
            "files": message.attachment_ids,
        }

    def _get_portal_files(self, messages=None):
        """Return the files of what the customer and we wrote to each other, and no others."""
        self.ensure_one()
        messages = self._get_portal_messages() if messages is None else messages
        return messages.attachment_ids

    # --- WHAT THE CUSTOMER SAYS ---

    def _post_from_portal(self, contact, text, files):
        """Add what the customer writes, with his files."""
        self.ensure_one()
        text = (text or "").strip()
        if not text and not files:
            raise UserError(self.env._("Write something, or add a file."))
        self._customer_replied()
        return self._post_as_customer(contact, text, files)

    def _post_as_customer(self, contact, text, files):
        # files that exist already would be left out of the message: their author is a customer
        return self.with_context(mail_post_autofollow_author_skip=not contact).message_post(
            author_id=contact.id or False,
            email_from=contact.email_formatted if contact else self.email_from,
            body=plaintext2html(text) if text else self.env._("Files of the customer"),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=files,
        )

    @api.model
    def _find_portal_file_problem(self, files):
        """Return why these files cannot be taken, or nothing; the same files as with a dispute are taken."""
        return self.env["commercial.receivable"]._find_file_problem(files)

    # --- A NEW COMPLAINT ---

    @api.model
    def _sign_portal_form(self, partner):
        """Return a mark for one empty form of this person: it can be sent once, within some hours."""
        payload = f"{uuid.uuid4().hex}.{int(time.time())}"
        return f"{payload}.{self._get_form_signature(partner, payload)}"

    @api.model
    def _get_form_signature(self, partner, payload):
        return hmac(self.env(su=True), "commercial_assistant.complaint_form", f"{partner.id}.{payload}")

    @api.model
    def _check_portal_form(self, partner, form):
        """Raise when a form was not given to this person, or too long ago."""
        payload, _point, signature = (form or "").rpartition(".")
        made_on = payload.rpartition(".")[2]
        if not (made_on.isdecimal() and len(made_on) < 12) or not consteq(
            self._get_form_signature(partner, payload), signature
        ):
            raise UserError(self.env._("This form is not valid. Please fill it in once more."))
        if time.time() - int(made_on) > FORM_HOURS * 3600:
            raise UserError(self.env._("This form was open for too long. Please send it once more."))

    @api.model
    def _find_portal_form(self, partner, form):
        """Return the complaint that this form has made already."""
        return self.search(Domain("portal_form", "=", form or "-") & Domain(self._get_portal_domain(partner)), limit=1)

    @api.model
    def _get_portal_document(self, partner, kind, document_id):
        """Return the order or invoice of this customer, or nothing: whoever owns it otherwise stays unknown.

        :param str kind: ``order`` or ``invoice``
        """
        document = self.env[{"order": "sale.order", "invoice": "account.move"}[kind]].browse(document_id).exists()
        if not document or document.partner_id.commercial_partner_id != partner.commercial_partner_id:
            return document.browse()
        if kind == "invoice":
            return document.filtered(lambda move: move.move_type == "out_invoice" and move.state == "posted")
        return document.filtered(lambda order: order.state == "sale")

    @api.model
    def _get_portal_document_lines(self, document):
        """Return the lines of goods of an order or invoice: ``[{id, name, quantity, unit, vals}]``."""
        if not document:
            return []
        is_order = document._name == "sale.order"
        lines = document.order_line if is_order else document.invoice_line_ids
        rows = []
        for line in lines.sorted("sequence")[:MOST_LINES]:
            goods = not line.display_type and not line.is_downpayment if is_order else line.display_type == "product"
            sold = max(line.product_uom_qty, line.qty_delivered) if is_order else line.quantity
            if goods and line.product_id and sold > 0:
                rows.append(
                    {
                        "id": line.id,
                        "name": line.product_id.with_context(display_default_code=False).display_name,
                        "quantity": sold,
                        "unit": line.product_uom_id.name,
                        "vals": {"sale_line_id": line.id} if is_order else line._prepare_complaint_line_vals(),
                    }
                )
        return rows

    @api.model
    def _get_portal_documents(self, partner):
        """Return the last orders of this customer, to choose one from."""
        return self.env["sale.order"].search(
            [
                ("partner_id", "child_of", partner.commercial_partner_id.id),
                ("state", "=", "sale"),
            ],
            order="date_order desc, id desc",
            limit=30,
        )

    @api.model
    def _get_portal_categories(self, company):
        return self.env["commercial.complaint.category"].search(
            [("is_portal", "=", True), ("company_id", "in", [company.id, False])]
        )

    @api.model
    def _register_from_portal(self, partner, company, given, document, files):
        """Take down what a customer complains about. The same form sent twice gives the same complaint.

        :param partner: the person who is logged in
        :param dict given: ``form``, ``subject``, ``description``, ``wish``, ``category_id``, ``quantities``
            (``{line id: quantity}``)
        :param document: the order or invoice, checked to be the customer's; may be empty
        """
        self._check_portal_form(partner, given["form"])
        if known := self._find_portal_form(partner, given["form"]):
            return known
        vals = self._prepare_portal_complaint_vals(partner, company, given, document)
        if problem := self._find_portal_file_problem(files):
            raise UserError(problem)
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                complaint = self.with_company(company).create(vals)
        except IntegrityError:
            # the same form came at the same moment
            known = self._find_portal_form(partner, given["form"])
            if not known:
                raise
            return known
        complaint._post_as_customer(partner, given["description"], files)
        complaint._acknowledge()
        return complaint

    @api.model
    def _prepare_portal_complaint_vals(self, partner, company, given, document):
        subject, description = given["subject"].strip(), given["description"].strip()
        if not subject:
            raise UserError(self.env._("Tell us in a few words what it is about."))
        if not description:
            raise UserError(self.env._("Tell us what is wrong."))
        wishes = dict(self._fields["wish"]._description_selection(self.env))
        if given["wish"] and given["wish"] not in wishes:
            raise UserError(self.env._("Choose from the list what you want us to do."))
        category = self._get_portal_categories(company).filtered(lambda category: category.id == given["category_id"])
        if given["category_id"] and not category:
            raise UserError(self.env._("Choose from the list what it is about."))
        return {
            "portal_form": given["form"],
            "company_id": company.id,
            "partner_id": partner.id,
            "channel": "portal",
            "subject": subject[:250],
            "description": plaintext2html(description),
            "wish": given["wish"] or False,
            "category_id": category.id,
            "line_ids": self._prepare_portal_lines(given["quantities"], document),
        }

    @api.model
    def _prepare_portal_lines(self, quantities, document):
        """Return the lines; what is not a line of this document, or more of it than was sold, is refused."""
        rows = {row["id"]: row for row in self._get_portal_document_lines(document)}
        if quantities.keys() - rows.keys():
            raise UserError(self.env._("One of these lines is not yours. Look at the list again."))
        lines = []
        for line_id, quantity in quantities.items():
            row = rows[line_id]
            quantity = row["quantity"] if quantity is None else quantity
            if not 0 < quantity <= row["quantity"]:
                raise UserError(
                    self.env._(
                        "%(product)s: enter a quantity above 0 and up to %(sold)g.",
                        product=row["name"],
                        sold=row["quantity"],
                    )
                )
            lines.append(fields.Command.create({**row["vals"], "quantity": quantity}))
        if document and not lines:
            raise UserError(self.env._("Choose at least one product, or complain without an order."))
        return lines
