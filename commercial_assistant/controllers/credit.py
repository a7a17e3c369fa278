from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal


class CreditHoldPortal(CustomerPortal):
    @route()
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        """Whoever signs a quotation of which the page is older than the hold reads whom to ask."""
        token = access_token or request.httprequest.args.get("access_token")
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token=token)
        except (AccessError, MissingError):
            order_sudo = None  # Odoo's own answer follows
        if order_sudo and order_sudo._is_refused_in_portal():
            return {"error": order_sudo._get_credit_hold_portal_message()}
        return super().portal_quote_accept(order_id, access_token=access_token, name=name, signature=signature)
