import math

from werkzeug.urls import url_encode

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

# what was done, as it is told on the page afterwards
DONE = ("registered", "message")
LONGEST_TEXT = 10000
KINDS = ("order", "invoice")


class ComplaintPortal(CustomerPortal):
    """The complaints of a customer, and a new one.

    Whoever is logged in as a contact of the customer sees its complaints (confidential ones: who wrote them); the
    secret link in the acknowledgment opens one complaint without a login. Every change comes by POST, names only
    fields listed here, and is checked again by the model.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "complaint_count" in counters:
            Complaint = request.env["commercial.complaint"].sudo()
            values["complaint_count"] = Complaint.search_count(
                Complaint._get_portal_domain(request.env.user.partner_id)
            )
        return values

    # --- WHOSE COMPLAINT ---

    def _get_complaint(self, complaint_id, access_token=None):
        """Return one complaint as superuser, or nothing when it is not to be shown."""
        complaint_sudo = request.env["commercial.complaint"].sudo().browse(complaint_id).exists()
        if not complaint_sudo or not complaint_sudo._is_open_to(request.env.user, access_token):
            return None
        company = complaint_sudo.company_id
        if request.env.user._is_public():
            # whoever comes by the link reads the language of the mail
            lang = complaint_sudo._get_customer_lang()
            request.update_context(lang=lang)
            complaint_sudo = complaint_sudo.with_context(lang=lang)
        return complaint_sudo.with_context(allowed_company_ids=company.ids).with_company(company)

    def _go_home(self):
        return request.redirect("/my")

    def _go_to_complaint(self, complaint_sudo, access_token=None, **params):
        if access_token:
            params["access_token"] = access_token
        return request.redirect(f"{complaint_sudo.access_url}?{url_encode(params)}")

    # --- LIST ---

    def _get_complaint_sortings(self):
        return {
            "date": {"label": request.env._("Newest"), "order": "received_on desc, id desc"},
            "number": {"label": request.env._("Number"), "order": "name"},
            "state": {"label": request.env._("Status"), "order": "state, received_on desc"},
        }

    def _get_complaint_filters(self):
        is_open = request.env["commercial.complaint"]._get_portal_open_domain()
        waits = [("state", "=", "await_customer")]
        return {
            "all": {"label": request.env._("All"), "domain": []},
            "open": {"label": request.env._("Open"), "domain": list(is_open)},
            "answer": {"label": request.env._("Waiting for you"), "domain": waits},
            "closed": {"label": request.env._("Ended"), "domain": list(~is_open)},
        }

    @http.route(
        ["/my/complaints", "/my/complaints/page/<int:page>"], type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_my_complaints(self, page=1, sortby=None, filterby=None, **_kwargs):
        # customers see complaints through this page only
        Complaint = request.env["commercial.complaint"].sudo()
        sortings, filters = self._get_complaint_sortings(), self._get_complaint_filters()
        sortby = sortby if sortby in sortings else "date"
        filterby = filterby if filterby in filters else "all"
        domain = list(Complaint._get_portal_domain(request.env.user.partner_id)) + filters[filterby]["domain"]
        pager_values = pager(
            url="/my/complaints",
            url_args={"sortby": sortby, "filterby": filterby},
            total=Complaint.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        complaints = Complaint.search(
            domain, order=sortings[sortby]["order"], limit=self._items_per_page, offset=pager_values["offset"]
        )
        return request.render(
            "commercial_assistant.portal_my_complaints",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "complaints",
                "complaints": complaints,
                "states": Complaint._get_portal_states(),
                "pager": pager_values,
                "default_url": "/my/complaints",
                "searchbar_sortings": sortings,
                "searchbar_filters": filters,
                "sortby": sortby,
                "filterby": filterby,
            },
        )

    # --- ONE COMPLAINT ---

    @http.route("/my/complaints/<int:complaint_id>", type="http", auth="public", website=True, methods=["GET"])
    def portal_complaint(self, complaint_id, access_token=None, done=None, **_kwargs):
        complaint_sudo = self._get_complaint(complaint_id, access_token)
        if not complaint_sudo:
            return self._go_home()
        return self._render_complaint(complaint_sudo, access_token, done=done if done in DONE else None)

    def _render_complaint(self, complaint_sudo, access_token, done=None, error=None, text=""):
        return request.render(
            "commercial_assistant.portal_complaint",
            {
                **self._prepare_portal_layout_values(),
                "complaint": complaint_sudo._prepare_portal_values(),
                # the superuser's record serves the part about proposals, which shows its own few fields
                "proposals_of": complaint_sudo,
                "url": complaint_sudo.access_url,
                "res_company": complaint_sudo.company_id,
                "page_name": "complaints",
                "access_token": access_token,
                "query": f"?{url_encode({'access_token': access_token})}" if access_token else "",
                "no_breadcrumbs": request.env.user._is_public(),
                "done": done,
                "error": error,
                "text": text,
            },
        )

    @http.route(
        "/my/complaints/<int:complaint_id>/file/<int:attachment_id>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def portal_complaint_file(self, complaint_id, attachment_id, access_token=None, **_kwargs):
        """Give a file of what the customer and we wrote to each other."""
        complaint_sudo = self._get_complaint(complaint_id, access_token)
        files = complaint_sudo and complaint_sudo._get_portal_files().filtered(lambda file: file.id == attachment_id)
        if not files:
            return self._go_home()
        return request.make_response(
            files.raw or b"",
            [
                ("Content-Type", files.mimetype or "application/octet-stream"),
                ("Content-Disposition", content_disposition(files.name)),
                ("Content-Security-Policy", "sandbox"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )

    @http.route("/my/complaints/<int:complaint_id>/message", type="http", auth="public", website=True, methods=["POST"])
    def portal_complaint_message(self, complaint_id, access_token=None, text="", **_kwargs):
        """The customer adds something."""
        complaint_sudo = self._get_complaint(complaint_id, access_token)
        if not complaint_sudo:
            return self._go_home()
        text = text.strip()[:LONGEST_TEXT] if isinstance(text, str) else ""
        files = self._read_files()
        try:
            with request.env.cr.savepoint():
                if problem := complaint_sudo._find_portal_file_problem(files):
                    raise UserError(problem)
                complaint_sudo._post_from_portal(complaint_sudo._get_portal_contact(request.env.user), text, files)
        except UserError as error:  # the words are meant for the customer
            return self._render_complaint(complaint_sudo, access_token, error=error.args[0], text=text)
        return self._go_to_complaint(complaint_sudo, access_token, done="message")

    def _read_files(self):
        uploads = [upload for upload in request.httprequest.files.getlist("files") if upload.filename]
        return [(upload.filename.replace("\\", "/").rsplit("/", 1)[-1][:120], upload.read()) for upload in uploads]

    # --- A NEW COMPLAINT ---

    @http.route("/my/complaints/new", type="http", auth="user", website=True, methods=["GET"])
    def portal_complaint_form(self, order=None, invoice=None, **_kwargs):
        kind = "invoice" if invoice else "order"
        given = {"kind": kind, "document_id": self._read_id(invoice or order), "quantities": {}}
        return self._render_complaint_form(given)

    def _read_id(self, text):
        return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 10 else 0

    def _find_document(self, given):
        """Return the order or invoice this person names, empty when it is not his."""
        Complaint = request.env["commercial.complaint"].sudo()
        return Complaint._get_portal_document(request.env.user.partner_id, given["kind"], given["document_id"])

    def _get_company_of(self, document_sudo):
        return document_sudo.company_id or request.env.company

    def _render_complaint_form(self, given, error=None):
        partner = request.env.user.partner_id
        Complaint = request.env["commercial.complaint"].sudo()
        document_sudo = self._find_document(given)
        company = self._get_company_of(document_sudo)
        return request.render(
            "commercial_assistant.portal_complaint_form",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "complaints",
                "form_title": request.env._("New complaint"),
                "form": Complaint._sign_portal_form(partner),
                "document": document_sudo,
                "rows": Complaint._get_portal_document_lines(document_sudo),
                "orders": Complaint._get_portal_documents(partner) if not document_sudo else [],
                "categories": Complaint._get_portal_categories(company),
                "wishes": Complaint._fields["wish"]._description_selection(request.env),
                "given": given,
                "error": error,
            },
        )

    @http.route("/my/complaints/new/send", type="http", auth="user", website=True, methods=["POST"])
    def portal_complaint_send(self, **post):
        given = self._read_complaint_form(post)
        Complaint = request.env["commercial.complaint"].sudo()
        try:
            with request.env.cr.savepoint():
                document_sudo = self._find_document(given)
                if given["document_id"] and not document_sudo:
                    raise UserError(request.env._("This order or invoice is not yours. Choose one from the list."))
                complaint_sudo = Complaint._register_from_portal(
                    request.env.user.partner_id,
                    self._get_company_of(document_sudo),
                    given,
                    document_sudo,
                    self._read_files(),
                )
        except UserError as error:  # the words are meant for the customer
            return self._render_complaint_form(given, error.args[0])
        return self._go_to_complaint(complaint_sudo, done="registered")

    def _read_complaint_form(self, post):
        """Return the entries this form has, and nothing else, each of the type it should have."""
        form = request.httprequest.form
        given = {
            name: post.get(name).strip()[:LONGEST_TEXT] if isinstance(post.get(name), str) else ""
            for name in ("form", "subject", "description", "wish", "kind")
        }
        if given["kind"] not in KINDS:
            given["kind"] = "order"
        given["document_id"] = self._read_id(post.get("document_id"))
        given["category_id"] = self._read_id(post.get("category_id"))
        chosen = [self._read_id(value) for value in form.getlist("line_ids")[:500] if value]
        given["quantities"] = {line_id: self._read_quantity(post.get(f"quantity_{line_id}")) for line_id in chosen}
        return given

    def _read_quantity(self, text):
        """Return a quantity, None for all of it; what is no number is none that can be."""
        try:
            quantity = float(text.replace(",", ".")) if isinstance(text, str) and text.strip() else None
        except ValueError:
            return -1.0
        return quantity if quantity is None or math.isfinite(quantity) else -1.0
