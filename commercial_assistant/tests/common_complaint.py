from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.sale_stock.tests.common import TestSaleStockCommon

LANGUAGES = ("en_US", "nl_BE", "fr_BE")


class ComplaintCommon(TestSaleStockCommon):
    """A company with its complaint team, an assistant, a team lead, a customer and a delivered, invoiced order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "mail_create_nolog": True})
        for code in LANGUAGES:
            cls.env["res.lang"]._activate_lang(code)
        cls.company = cls.env.company
        cls.company.write({"email": "desk@company.example", "country_id": cls.env.ref("base.be").id})
        cls.env.user.group_ids += cls.env.ref("commercial_assistant.group_administrator")
        cls.assistant = cls._create_desk_user("complaint_assistant", "commercial_assistant.group_assistant")
        cls.lead = cls._create_desk_user("complaint_lead", "commercial_assistant.group_team_lead")
        cls.confidant = cls._create_desk_user(
            "complaint_confidant", "commercial_assistant.group_complaint_confidential"
        )
        cls.team = cls.env["commercial.complaint.team"]._get_default_team(cls.company)
        cls.category = cls.env.ref("commercial_assistant.complaint_category_goods_quality")
        cls.cause = cls.env.ref("commercial_assistant.complaint_cause_us_pick")
        cls.customer = cls._create_customer("Bakkerij De Smet", is_company=True, vat="BE0477472701")
        cls.consumer = cls._create_customer("Jan Peeters", lang="fr_BE")
        cls.pump = cls.env["product.product"].create(
            {"name": "Pump", "type": "consu", "is_storable": True, "list_price": 100.0, "taxes_id": False}
        )
        cls.stock_location = (
            cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1).lot_stock_id
        )
        cls.env["stock.quant"]._update_available_quantity(cls.pump, cls.stock_location, 100.0)

    @classmethod
    def _create_desk_user(cls, login, groups, **values):
        values = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)], **values}
        return new_test_user(cls.env, login=login, name=login.replace("_", " "), groups=groups, lang="en_US", **values)

    @classmethod
    def _create_customer(cls, name, **values):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "email": f"{name.split()[0].lower()}@customer.example",
                "street": "Kerkstraat 1",
                "zip": "9000",
                "city": "Gent",
                "country_id": cls.env.ref("base.be").id,
                "lang": "nl_BE",
                **values,
            }
        )

    @classmethod
    def _sell(cls, quantity=4.0, product=None, partner=None, price=100.0, deliver=True, invoice=True):
        """An order, confirmed, delivered and invoiced through Odoo's own methods."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": (product or cls.pump).id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        if deliver:
            picking = order.picking_ids
            picking.move_ids.write({"quantity": quantity, "picked": True})
            picking.button_validate()
        if invoice:
            order._create_invoices().action_post()
        return order

    @classmethod
    def _complain(cls, partner=None, order=None, lines=True, **values):
        """A complaint as the assistant registers it, about the first line of ``order``."""
        vals = {
            "subject": "Pump leaks",
            "partner_id": (partner or (order.partner_id if order else cls.customer)).id,
            "category_id": cls.category.id,
            **values,
        }
        if order and lines:
            vals["line_ids"] = [
                Command.create({"sale_line_id": line.id, "quantity": line.product_uom_qty, "name": "Leaks"})
                for line in order.order_line
            ]
        return cls.env["commercial.complaint"].with_user(cls.assistant).create(vals)

    @classmethod
    def _bring_to(cls, complaint, state, verdict="founded"):
        """Walk the usual way until ``state``: assess, investigate or propose."""
        complaint._stamp_acknowledged("phone")
        complaint.action_assess()
        if state == "assess":
            return
        complaint.action_investigate()
        if state == "investigate":
            return
        complaint.write(
            {"verdict": verdict, "verdict_reason": "The seal was worn.", "cause_ids": [Command.set(cls.cause.ids)]}
        )
        if complaint._get_lines_to_check():
            complaint.action_check_warranty()
        for point in complaint.checklist_ids.point_ids.filtered("critical"):
            point.sudo()._close("done", note="seen", attachments=cls._photo())
        complaint.action_propose()

    @classmethod
    def _photo(cls):
        return cls.env["ir.attachment"].create({"name": "photo.jpg", "raw": b"photo", "mimetype": "image/jpeg"})

    @classmethod
    def _solve(cls, complaint, kind, **values):
        """A solution of the first line, as the assistant enters it."""
        if "line_id" not in values and kind not in ("information", "goodwill", "supplier"):
            values["line_id"] = complaint.line_ids[:1].id
        return (
            cls.env["commercial.complaint.solution"]
            .with_user(cls.assistant)
            .create({"complaint_id": complaint.id, "kind": kind, **values})
        )

    @classmethod
    def _accept(cls, complaint):
        """The customer agrees with all that is offered; the letters have tests of their own."""
        complaint.sudo().write({"state": "await_customer"})
        complaint.sudo().write({"state": "execute"})
        drafts = complaint.solution_ids.filtered(lambda solution: solution.state == "draft")
        drafts._set_state("offered")
        drafts._set_state("accepted")

    @classmethod
    def _complain_to_settle(cls, order, quantity=None, **values):
        """A complaint about the first line of an order, in which a solution is looked for."""
        line = order.order_line[:1]
        invoice_line = line.invoice_lines[:1]
        complaint = cls._complain(
            order=order,
            lines=False,
            line_ids=[
                Command.create(
                    {
                        "sale_line_id": line.id,
                        "invoice_line_id": invoice_line.id,
                        "quantity": quantity or line.product_uom_qty,
                        "name": "Leaks",
                    }
                )
            ],
            **values,
        )
        cls._bring_to(complaint, "propose")
        return complaint

    @classmethod
    def _receive(cls, picking, quantity=None, backorder=False):
        """The warehouse books a transfer, a part of it where ``quantity`` is given."""
        for move in picking.move_ids:
            move.write({"quantity": move.product_uom_qty if quantity is None else quantity, "picked": True})
        picking.with_context(
            skip_backorder=True, **({} if backorder else {"picking_ids_not_to_backorder": picking.ids})
        ).button_validate()
