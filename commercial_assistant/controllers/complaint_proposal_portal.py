from werkzeug.urls import url_encode

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import CustomerPortal

DONE = ("accepted", "refused")


class ComplaintProposalPortal(CustomerPortal):
    """One proposal about a complaint: the customer reads it, and agrees or does not.

    The key in the mail opens this version only; whoever is logged in as the customer needs none. An answer comes by
    POST, counts once, and is checked again by the model.
    """

    def _get_proposal(self, proposal_id, access_token=None):
        """Return one proposal as superuser in the language of its reader, or nothing when it is not to be shown."""
        proposal_sudo = request.env["commercial.complaint.proposal"].sudo().browse(proposal_id).exists()
        if not proposal_sudo or not proposal_sudo._is_open_to(request.env.user, access_token):
            return None
        if request.env.user._is_public() and proposal_sudo.lang in dict(request.env["res.lang"].sudo().get_installed()):
            # whoever comes by the link reads the language of the letter
            request.update_context(lang=proposal_sudo.lang)
            proposal_sudo = proposal_sudo.with_context(lang=proposal_sudo.lang)
        company = proposal_sudo.company_id
        return proposal_sudo.with_context(allowed_company_ids=company.ids).with_company(company)

    def _refuse_access(self):
        """Say the same whatever was wrong with the link, so that it tells nothing."""
        values = {**self._prepare_portal_layout_values(), "no_breadcrumbs": True}
        return request.render("commercial_assistant.portal_complaint_proposal_closed", values, status=404)

    def _go_to_proposal(self, proposal_sudo, access_token, **params):
        if access_token:
            params["access_token"] = access_token
        query = f"?{url_encode(params)}" if params else ""
        return request.redirect(f"{proposal_sudo._get_portal_path()}{query}")

    def _render_proposal(self, proposal_sudo, access_token, error=None, given=None, done=None):
        letter = proposal_sudo.env["report.commercial_assistant.report_complaint_proposal"]._prepare_proposal_letter(
            proposal_sudo
        )
        status = proposal_sudo._get_portal_status()
        values = {
            **self._prepare_portal_layout_values(),
            "proposal": proposal_sudo,
            "letter": letter,
            "status": status,
            "company": proposal_sudo.company_id,
            "res_company": proposal_sudo.company_id,
            "page_name": "complaint_proposal",
            "access_token": access_token,
            "query": f"?{url_encode({'access_token': access_token})}" if access_token else "",
            "no_breadcrumbs": request.env.user._is_public(),
            "can_choose": proposal_sudo.is_divisible and len(proposal_sudo.line_ids) > 1,
            "default_name": "" if request.env.user._is_public() else request.env.user.name,
            "error": error,
            "given": given or {},
            "done": done if done in DONE and done == status else None,
        }
        response = request.render("commercial_assistant.portal_complaint_proposal", values)
        # the address holds the key
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    @http.route("/my/complaints/proposal/<int:proposal_id>", type="http", auth="public", website=True, methods=["GET"])
    def portal_complaint_proposal(self, proposal_id, access_token=None, done=None, **_kwargs):
        proposal_sudo = self._get_proposal(proposal_id, access_token)
        if not proposal_sudo:
            return self._refuse_access()
        return self._render_proposal(proposal_sudo, access_token, done=done)

    @http.route(
        "/my/complaints/proposal/<int:proposal_id>/letter",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def portal_complaint_proposal_letter(self, proposal_id, access_token=None, **_kwargs):
        """Give the letter as it was sent."""
        proposal_sudo = self._get_proposal(proposal_id, access_token)
        if not proposal_sudo or not proposal_sudo.attachment_id:
            return self._refuse_access()
        content = proposal_sudo.attachment_id.raw
        headers = [
            ("Content-Type", "application/pdf"),
            ("Content-Length", len(content)),
            ("Content-Disposition", content_disposition(proposal_sudo.attachment_id.name)),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(content, headers)

    @http.route(
        '/my/complaints/proposal/<int:proposal_id>/<any("accept","refuse"):answer>',
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
    )
    def portal_complaint_proposal_answer(self, proposal_id, answer, access_token=None, **post):
        """The customer agrees, or says why he does not; a second click changes nothing."""
        proposal_sudo = self._get_proposal(proposal_id, access_token)
        if not proposal_sudo:
            return self._refuse_access()
        if proposal_sudo._get_portal_status() != "open":
            # answered, replaced or too late: the page says which
            return self._go_to_proposal(proposal_sudo, access_token)
        given = {name: self._read_text(post.get(name)) for name in ("name", "reason")}
        try:
            with request.env.cr.savepoint():
                if answer == "accept":
                    proposal_sudo._accept_from_portal(given["name"], self._read_choice())
                else:
                    proposal_sudo._refuse_from_portal(given["name"], given["reason"])
        except UserError as error:  # the words are meant for the customer
            return self._render_proposal(proposal_sudo, access_token, error=error.args[0], given=given)
        return self._go_to_proposal(proposal_sudo, access_token, done="accepted" if answer == "accept" else "refused")

    def _read_text(self, value):
        return value if isinstance(value, str) else ""

    def _read_choice(self):
        """Return the ids of the ticked solutions; None where the page offered no choice."""
        form = request.httprequest.form
        if "is_choice" not in form:
            return None
        return [int(value) for value in form.getlist("line_ids") if value.isdecimal() and len(value) < 10][:500]
