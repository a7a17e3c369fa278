from odoo import http
from odoo.http import content_disposition, request


class DispatchController(http.Controller):
    @http.route(
        '/commercial_assistant/letters/<models("commercial.dispatch"):dispatches>',
        type="http",
        auth="user",
        readonly=True,
    )
    def print_letters(self, dispatches):
        """Give the letters as one PDF file, to whoever may read them."""
        dispatches.check_access("read")
        name, content = dispatches._get_print_file()
        headers = [
            ("Content-Type", "application/pdf"),
            ("Content-Length", len(content)),
            ("Content-Disposition", content_disposition(name)),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(content, headers)
