import math

from werkzeug.urls import url_encode

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import CustomerPortal

# what was done, as it is told on the page afterwards
DONE = ("dispute", "promise", "plan", "accepted", "refused")


class ReceivablePortal(CustomerPortal):
    """The account of a customer: what is open, and what the customer can tell us about it.

    Whoever is logged in as a contact of the customer sees its accounts; the secret link in a mail opens one account
    without a login. Every change comes by POST, names only fields listed here, and is checked again by the model.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "receivable_count" in counters:
            receivables_sudo = self._find_receivables()
            values["receivable_count"] = receivables_sudo.item_ids.search_count(
                [("receivable_id", "in", receivables_sudo.ids), ("state", "=", "open")]
            )
        return values

    # --- WHOSE ACCOUNT ---

    def _find_receivables(self):
        """Accounts of the customer to whom the person who is logged in belongs."""
        # customers have no right on accounts as such
        receivables_sudo = request.env["commercial.receivable"].sudo()
        return receivables_sudo.search(receivables_sudo._get_portal_domain(request.env.user.partner_id))

    def _get_receivable(self, receivable_id, access_token=None):
        """Return one account as superuser, or nothing when it is not to be shown."""
        receivable_sudo = request.env["commercial.receivable"].sudo().browse(receivable_id).exists()
        if not receivable_sudo or not receivable_sudo._is_open_to(request.env.user, access_token):
            return None
        company = receivable_sudo.company_id
        contact = receivable_sudo._get_portal_contact(request.env.user)
        if request.env.user._is_public():
            # whoever comes by the link reads the language of the letter
            languages = dict(request.env["res.lang"].sudo().get_installed())
            lang = contact.lang if contact.lang in languages else company.partner_id.lang
            if lang in languages:
                request.update_context(lang=lang)
                receivable_sudo = receivable_sudo.with_context(lang=lang)
        return receivable_sudo.with_context(allowed_company_ids=company.ids).with_company(company)

    def _go_home(self):
        return request.redirect("/my")

    def _go_to_account(self, receivable_sudo, access_token, **params):
        if access_token:
            params["access_token"] = access_token
        return request.redirect(f"{receivable_sudo.access_url}?{url_encode(params)}")

    # --- PAGES ---

    @http.route("/my/receivables", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_receivables(self, **_kwargs):
        """The only account at once; a choice when the customer has accounts with several companies."""
        receivables_sudo = self._find_receivables()
        if len(receivables_sudo) == 1:
            return request.redirect(receivables_sudo.access_url)
        values = self._prepare_portal_layout_values()
        return request.render(
            "commercial_assistant.portal_my_receivables",
            {**values, "receivables": receivables_sudo, "page_name": "receivables"},
        )

    @http.route("/my/receivables/<int:receivable_id>", type="http", auth="public", website=True, methods=["GET"])
    def portal_receivable(self, receivable_id, access_token=None, done=None, **_kwargs):
        receivable_sudo = self._get_receivable(receivable_id, access_token)
        if not receivable_sudo:
            return self._go_home()
        values = self._prepare_receivable_values(receivable_sudo, access_token)
        values |= receivable_sudo._prepare_portal_values(values["today"])
        values["done"] = done if done in DONE else None
        return request.render("commercial_assistant.portal_receivable", values)

    def _prepare_receivable_values(self, receivable_sudo, access_token):
        today = receivable_sudo._today_of(receivable_sudo._get_portal_contact(request.env.user))
        return {
            **self._prepare_portal_layout_values(),
            "receivable": receivable_sudo,
            "company": receivable_sudo.company_id,
            "res_company": receivable_sudo.company_id,
            "page_name": "receivables",
            "access_token": access_token,
            "query": f"?access_token={access_token}" if access_token else "",
            "no_breadcrumbs": request.env.user._is_public(),
            "today": today,
        }

    @http.route(
        "/my/receivables/<int:receivable_id>/letter/<int:notice_id>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def portal_receivable_letter(self, receivable_id, notice_id, access_token=None, **_kwargs):
        """Give a reminder as it was sent."""
        receivable_sudo = self._get_receivable(receivable_id, access_token)
        letters = receivable_sudo and receivable_sudo.notice_ids.filtered(
            lambda notice: notice.id == notice_id and notice.state == "delivered" and notice.attachment_id
        )
        if not letters:
            return self._go_home()
        return self._give_pdf(letters._get_letter_filename(), letters.attachment_id.raw)

    @http.route(
        "/my/receivables/<int:receivable_id>/statement", type="http", auth="public", website=True, methods=["GET"]
    )
    def portal_receivable_statement(self, receivable_id, access_token=None, **_kwargs):
        """Give the statement of today."""
        receivable_sudo = self._get_receivable(receivable_id, access_token)
        if not receivable_sudo:
            return self._go_home()
        contact = receivable_sudo._get_portal_contact(request.env.user)
        today = receivable_sudo._today_of(contact)
        lang = receivable_sudo.env.context.get("lang") or contact.lang
        name = request.env._("Statement %(day)s.pdf", day=fields.Date.to_string(today))
        return self._give_pdf(name, receivable_sudo._render_statement(today, lang=lang))

    def _give_pdf(self, name, content):
        headers = [
            ("Content-Type", "application/pdf"),
            ("Content-Length", len(content)),
            ("Content-Disposition", content_disposition(name)),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(content, headers)

    @http.route(
        "/my/receivables/<int:receivable_id>/pay/<int:item_id>",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
    )
    def portal_receivable_pay(self, receivable_id, item_id, access_token=None, **_kwargs):
        """Go to Odoo's own payment page of the invoice; the link to it is made now, so this is no mere reading."""
        receivable_sudo = self._get_receivable(receivable_id, access_token)
        item = receivable_sudo and receivable_sudo.item_ids.filtered(lambda item: item.id == item_id)
        if not item or not item.move_id._has_to_be_paid():
            return self._go_home()
        return request.redirect(item.move_id.get_portal_url(anchor="portal_pay", query_string="&payment=True"))

    @http.route(
        "/my/receivables/<int:receivable_id>/agreement/<int:plan_id>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def portal_receivable_agreement(self, receivable_id, plan_id, access_token=None, **_kwargs):
        """Give the agreement on a payment plan as it was sent."""
        receivable_sudo = self._get_receivable(receivable_id, access_token)
        plan = receivable_sudo and receivable_sudo._find_portal_plan(plan_id)
        if not plan or not plan.attachment_id:
            return self._go_home()
        return self._give_pdf(plan.attachment_id.name, plan.attachment_id.raw)

    @http.route(
        "/my/receivables/<int:receivable_id>/accept/<int:plan_id>",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
    )
    def portal_receivable_accept(self, receivable_id, plan_id, access_token=None, **_kwargs):
        """The customer agrees with a proposed payment plan."""
        receivable_sudo = self._get_receivable(receivable_id, access_token)
        if not receivable_sudo or not receivable_sudo._find_portal_plan(plan_id):
            return self._go_home()
        done = "accepted"
        try:
            with request.env.cr.savepoint():
                receivable_sudo._accept_portal_plan(plan_id, receivable_sudo._get_portal_contact(request.env.user))
        except UserError:
            done = "refused"
        return self._go_to_account(receivable_sudo, access_token, done=done)

    # --- WHAT THE CUSTOMER TELLS US ---

    @http.route(
        '/my/receivables/<int:receivable_id>/<any("dispute","promise","plan"):kind>',
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
    )
    def portal_receivable_form(self, receivable_id, kind, access_token=None, item=None, **_kwargs):
        receivable_sudo = self._get_receivable(receivable_id, access_token)
        if not receivable_sudo:
            return self._go_home()
        chosen = [int(item)] if item and item.isdecimal() and len(item) < 10 else []
        return self._render_form(receivable_sudo, kind, access_token, {"item_ids": chosen})

    def _render_form(self, receivable_sudo, kind, access_token, given, error=None):
        """Show a form with what was entered so far, and what was wrong with it."""
        items = receivable_sudo._get_portal_items()
        if not items:
            return self._go_to_account(receivable_sudo, access_token)
        values = {
            **self._prepare_receivable_values(receivable_sudo, access_token),
            "items": items,
            "given": given,
            "error": error,
            "reasons": request.env["commercial.dispute.reason"].sudo().search([("is_portal", "=", True)]),
            "currencies": items.currency_id,
        }
        return request.render(f"commercial_assistant.portal_receivable_{kind}", values)

    @http.route(
        '/my/receivables/<int:receivable_id>/<any("dispute","promise","plan"):kind>/send',
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
    )
    def portal_receivable_send(self, receivable_id, kind, access_token=None, **post):
        receivable_sudo = self._get_receivable(receivable_id, access_token)
        if not receivable_sudo:
            return self._go_home()
        given = self._read_form(kind, post)
        try:
            with request.env.cr.savepoint():
                getattr(self, f"_send_{kind}")(receivable_sudo, given)
        except UserError as error:  # the words are meant for the customer
            return self._render_form(receivable_sudo, kind, access_token, given, error.args[0])
        return self._go_to_account(receivable_sudo, access_token, done=kind)

    def _read_form(self, kind, post):
        """Return the entries this form has, and nothing else, each of the type it should have or None."""
        form = request.httprequest.form
        given = {
            "item_ids": [int(value) for value in form.getlist("item_ids") if value.isdecimal() and len(value) < 10][
                :500
            ]
        }
        given["amounts"] = {item_id: self._read_amount(post.get(f"amount_{item_id}")) for item_id in given["item_ids"]}
        for name in ("reason", "description", "note", "currency", "promised_on", "first_date"):
            value = post.get(name)
            given[name] = value.strip()[:5000] if isinstance(value, str) else ""
        given["amount"] = self._read_amount(post.get("amount"))
        number = post.get("number")
        given["number"] = int(number) if isinstance(number, str) and number.isdecimal() and len(number) < 5 else None
        return given

    def _read_amount(self, text):
        """Return an amount as the browser sends it (a point before the cents), None when it is none."""
        try:
            amount = float(text.replace(",", ".")) if isinstance(text, str) and text.strip() else None
        except ValueError:
            return math.nan
        return amount if amount is None or math.isfinite(amount) else math.nan

    def _choose_items(self, receivable_sudo, given):
        """Return the chosen items of this account; whatever is not one of them is refused."""
        items = receivable_sudo._get_portal_items().filtered(lambda item: item.id in given["item_ids"])
        if not given["item_ids"]:
            raise UserError(request.env._("Choose at least one invoice."))
        if len(items) != len(set(given["item_ids"])):
            raise UserError(request.env._("One of these invoices is not open any more. Look at the list again."))
        return items

    def _check_amounts(self, *amounts):
        if any(amount is not None and math.isnan(amount) for amount in amounts):
            raise UserError(request.env._("Enter the amount as a number, for example 125.50."))

    def _send_dispute(self, receivable_sudo, given):
        items = self._choose_items(receivable_sudo, given)
        self._check_amounts(*given["amounts"].values())
        uploads = [upload for upload in request.httprequest.files.getlist("files") if upload.filename]
        files = [(upload.filename.replace("\\", "/").rsplit("/", 1)[-1][:120], upload.read()) for upload in uploads]
        problem = receivable_sudo._find_file_problem(files)
        if problem:
            raise UserError(problem)
        lines = []
        for item in items:
            amount = given["amounts"].get(item.id)
            lines.append({"item_id": item.id, **({} if amount is None else {"amount": amount})})
        dispute_sudo = receivable_sudo.env["commercial.dispute"]._open_from_portal(
            receivable_sudo._get_portal_contact(request.env.user),
            {"reason": given["reason"], "description": given["description"], "lines": lines},
        )
        receivable_sudo._attach_portal_files(dispute_sudo, files)

    def _send_promise(self, receivable_sudo, given):
        self._check_amounts(given["amount"])
        values = {
            "receivable_id": receivable_sudo.id,
            "amount": given["amount"] or 0.0,
            "promised_on": given["promised_on"],
            "note": given["note"],
        }
        if given["item_ids"]:
            values["item_ids"] = self._choose_items(receivable_sudo, given).ids
        if given["currency"]:
            values["currency"] = given["currency"]
        receivable_sudo.env["commercial.payment.promise"]._register_from_portal(
            receivable_sudo._get_portal_contact(request.env.user), values
        )

    def _send_plan(self, receivable_sudo, given):
        items = self._choose_items(receivable_sudo, given)
        if len(items.currency_id) > 1:
            raise UserError(request.env._("Choose invoices in one currency."))
        self._check_amounts(given["amount"])
        values = {"first_date": given["first_date"], "note": given["note"]}
        if given["number"]:
            values["number"] = given["number"]
        elif given["amount"]:
            values["amount"] = given["amount"]
        receivable_sudo.env["commercial.payment.plan"]._request_from_portal(receivable_sudo, items, values)
