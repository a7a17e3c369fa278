from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintIntake(ComplaintCommon):
    """Taken down by phone, with what the customer bought beside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sell(quantity=4.0)
        cls.second_order = cls._sell(quantity=2.0)
        cls.foreign_order = cls._sell(quantity=1.0, partner=cls.consumer)
        cls.customer.write({"phone": "+32 9 222 33 44", "ref": "K-4711"})

    def _open(self, document=None, **context):
        Intake = self.env["commercial.complaint.intake"].with_user(self.assistant).with_context(**context)
        if document:
            action = document.with_user(self.assistant).action_complain()
            Intake = Intake.with_context(**action["context"])
        return Form(Intake)

    def _documents(self, form):
        return [line["document"] for line in form.line_ids._records]

    # --- FINDING ---

    def test_who_is_on_the_phone(self):
        invoice = self.order.invoice_ids
        picking = self.order.picking_ids
        for text in (
            "Bakkerij De Smet",
            "09 222 33 44",
            "+32 (0)9 222.33.44",
            "bakkerij@customer.example",
            "K-4711",
            "BE0477472701",
            self.order.name,
            self.order.name.lower(),
            invoice.name,
            picking.name,
        ):
            with self.subTest(text):
                form = self._open()
                form.search_text = text
                self.assertEqual(form.partner_id, self.customer)
                self.assertTrue(len(form.line_ids) >= 2)
                self.assertNotIn(self.foreign_order.name, self._documents(form))
                self.assertEqual(form.phone, "+32 9 222 33 44")
                self.assertEqual(form.lang, "nl_BE")

    def test_a_named_document_comes_first_and_its_only_line_is_ticked(self):
        form = self._open()
        form.search_text = self.order.name
        first = form.line_ids._records[0]
        self.assertEqual((first["document"], first["is_chosen"], first["quantity"]), (self.order.name, True, 4.0))
        self.assertFalse(form.line_ids._records[1]["is_chosen"])

    def test_a_serial_number_leads_to_who_got_it_first(self):
        product = self.env["product.product"].create(
            {"name": "Boiler", "type": "consu", "is_storable": True, "tracking": "serial", "taxes_id": False}
        )
        lot = self.env["stock.lot"].create({"name": "SN-77", "product_id": product.id, "company_id": self.company.id})
        self.env["stock.quant"]._update_available_quantity(product, self.stock_location, 1.0, lot_id=lot)
        order = self._sell(quantity=1.0, product=product, invoice=False)
        self.assertEqual(order.picking_ids.move_line_ids.lot_id, lot)
        form = self._open()
        form.search_text = "sn-77"
        first = form.line_ids._records[0]
        self.assertEqual((form.partner_id, first["lot_name"], first["is_chosen"]), (self.customer, "SN-77", True))
        form.subject = "Boiler is cold"
        complaint = self._register(form)
        self.assertRecordValues(
            complaint.line_ids,
            [{"lot_id": lot.id, "stock_move_id": order.picking_ids.move_ids.id, "sale_order_id": order.id}],
        )
        self.assertEqual(complaint.line_ids.picking_id, order.picking_ids)

    def test_several_customers_are_offered(self):
        self._create_customer("Bakkerij De Smedt")
        form = self._open()
        form.search_text = "Bakkerij De Sm"
        self.assertFalse(form.partner_id)
        self.assertEqual(len(form.candidate_ids), 2)
        self.assertIn("2", form.search_result)
        form.partner_id = self.customer
        self.assertTrue(len(form.line_ids) >= 2)

    def test_nobody_found(self):
        form = self._open()
        for text, words in (("ab", "three characters"), ("Nobody at all", "Nobody found"), ("%%%", "Nobody found")):
            form.search_text = text
            self.assertIn(words, form.search_result)
            self.assertFalse(form.partner_id)
            self.assertFalse(len(form.line_ids))

    def test_another_company_is_not_searched(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._create_customer("Hidden Bakery", company_id=other.id)
        form = self._open()
        form.search_text = "Hidden Bakery"
        self.assertFalse(form.candidate_ids)

    # --- REGISTERING ---

    def _register(self, form):
        intake = form.save()
        action = intake.action_register()
        return self.env["commercial.complaint"].browse(action["res_id"])

    def test_several_orders_in_one_complaint(self):
        form = self._open()
        form.search_text = "K-4711"
        for index, record in enumerate(form.line_ids._records):
            if record["document"] in (self.order.name, self.second_order.name):
                with form.line_ids.edit(index) as line:
                    line.is_chosen = True
                    line.quantity = 1.0
                    line.name = "Leaks"
        form.subject = "Pumps leak"
        form.description = "They <b>leak</b>"
        form.wish = "replacement"
        complaint = self._register(form)
        self.assertEqual(complaint.sale_order_ids, self.order | self.second_order)
        self.assertEqual(complaint.line_ids.mapped("quantity"), [1.0, 1.0])
        self.assertRecordValues(
            complaint,
            [
                {
                    "partner_id": self.customer.id,
                    "channel": "phone",
                    "user_id": self.assistant.id,
                    "acknowledged_how": "phone",
                    "wish": "replacement",
                    "state": "new",
                }
            ],
        )
        self.assertIn("&lt;b&gt;", complaint.description)
        self.assertFalse(complaint.acknowledgment_id, "told in person, so nothing is mailed")

    def test_a_second_click_makes_no_second_complaint(self):
        form = self._open()
        form.contact_name = "Somebody"
        form.subject = "Rude driver"
        intake = form.save()
        first, second = intake.action_register(), intake.action_register()
        self.assertEqual(first["res_id"], second["res_id"])

    def test_the_acknowledgment_by_mail(self):
        form = self._open()
        form.search_text = "K-4711"
        form.subject = "Pump leaks"
        form.acknowledgment = "email"
        complaint = self._register(form)
        self.assertFalse(complaint.acknowledged_on)
        self.assertRecordValues(
            complaint.sudo().acknowledgment_id,
            [{"state": "reserved", "recipient_email": "bakkerij@customer.example", "lang": "nl_BE"}],
        )

    def test_what_is_missing_is_told_and_nothing_is_made(self):
        before = self.env["commercial.complaint"].search_count([])
        form = self._open()
        intake = form.save()
        with self.assertRaisesRegex(UserError, "few words"):
            intake.action_register()
        intake.subject = "Pump"
        with self.assertRaisesRegex(UserError, "Choose the customer"):
            intake.action_register()
        form = self._open(self.order)
        form.subject = "Pump"
        with form.line_ids.edit(0) as line:
            line.quantity = 0
        with self.assertRaisesRegex(UserError, "above zero"):
            form.save().action_register()
        with form.line_ids.edit(0) as line:
            line.quantity = 5
        intake = form.save()
        with self.assertRaisesRegex(ValidationError, "complained about"), self.env.cr.savepoint():
            intake.action_register()
        self.assertEqual(self.env["commercial.complaint"].search_count([]), before)

    def test_forged_lines_are_refused(self):
        intake = self._open(self.order).save()
        intake.write({"subject": "Mine", "line_ids": [Command.clear()]})
        intake.line_ids = [
            Command.create({"is_chosen": True, "sale_line_id": self.foreign_order.order_line.id, "quantity": 1.0})
        ]
        with self.assertRaisesRegex(ValidationError, "does not belong to"):
            intake.action_register()

    def test_the_desk_only(self):
        collector = self._create_desk_user("intake_collector", "commercial_assistant.group_collector")
        with self.assertRaises(AccessError):
            self.env["commercial.complaint.intake"].with_user(collector).create({})

    # --- FROM A DOCUMENT ---

    def test_from_each_document(self):
        for document, field in (
            (self.order, "sale_line_id"),
            (self.order.picking_ids, "stock_move_id"),
            (self.order.invoice_ids, "invoice_line_id"),
        ):
            with self.subTest(document._name):
                form = self._open(document)
                self.assertEqual(form.partner_id, self.customer)
                form.subject = f"About {document.name}"
                complaint = self._register(form)
                self.assertTrue(complaint.line_ids[field])
                self.assertEqual(complaint.sale_order_ids, self.order, "and the order is known from each of them")
                self.assertEqual(len(complaint.line_ids), 1)
        form = self._open(self.customer)
        self.assertEqual(form.partner_id, self.customer)
        self.assertTrue(len(form.line_ids) >= 2)

    def test_the_guide_of_the_category_stands_beside(self):
        form = self._open()
        self.assertFalse(form.call_guide)
        form.category_id = self.category
        self.assertIn("finish", str(form.call_guide))

    # --- COUNTERS ---

    def test_counters_on_documents(self):
        complaint = self._open(self.order.picking_ids)
        complaint.subject = "Late"
        complaint = self._register(complaint)
        documents = (self.order, self.order.picking_ids, self.customer)
        for record in documents:
            with self.subTest(record._name):
                self.assertEqual(record.with_user(self.assistant).complaint_count, 1)
                action = record.with_user(self.assistant).action_view_complaints()
                self.assertEqual(self.env["commercial.complaint"].search(action["domain"]), complaint)
        contact = self.env["res.partner"].create({"name": "An", "parent_id": self.customer.id})
        self.assertEqual(contact.with_user(self.assistant).complaint_count, 1)
        self.assertEqual(self.order.invoice_ids.with_user(self.assistant).complaint_count, 0)
        complaint.sudo().is_confidential = True
        self.env.flush_all()
        self.env.invalidate_all()
        for record in documents:
            self.assertEqual(record.with_user(self.assistant).complaint_count, 0, "not even a number")
            self.assertEqual(record.with_user(self.confidant).complaint_count, 1)

    def test_one_query_for_a_form_and_for_a_list(self):
        self._complain(order=self.order)
        for record in (self.order, self.order.picking_ids, self.order.invoice_ids, self.customer):
            record = record.with_user(self.assistant)
            record.mapped("complaint_count")
            self.env.flush_all()
            self.env.invalidate_all()
            record.mapped("company_id")
            if record._name == "res.partner":
                record.mapped("commercial_partner_id")
            with self.subTest(record._name), self.assertQueryCount(1):
                record.mapped("complaint_count")
        orders = (self.order | self.second_order | self.foreign_order).with_user(self.assistant)
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            orders.mapped("complaint_count")

    # --- SIMILAR ONES ---

    def test_similar_complaints(self):
        first = self._complain(order=self.order)
        unlike = self._complain(partner=self.customer, subject="Driver was rude")
        same = self._complain(order=self.order, subject="Again")
        elsewhere = self._complain(order=self.foreign_order)
        self.env.invalidate_all()
        self.assertEqual(same.similar_ids, first | unlike)
        self.assertEqual(same.similar_ids[0], first, "the one about the same order comes first")
        self.assertEqual(same.same_product_count, 1)
        action = same.action_view_same_product()
        self.assertIn(elsewhere, self.env["commercial.complaint"].search(action["domain"]))
        first._cancel("withdrawn")
        same.invalidate_recordset()
        self.assertEqual(same.similar_ids, unlike)
        unlike.sudo().is_confidential = True
        self.env.flush_all()
        same.invalidate_recordset()
        self.assertFalse(same.similar_ids, "a confidential one is not named")

    def test_strangers_are_known_by_their_address(self):
        Complaint = self.env["commercial.complaint"].with_user(self.assistant)
        first = Complaint.create({"subject": "A", "email_from": "x_y@unknown.example", "contact_name": "X"})
        second = Complaint.create({"subject": "B", "email_from": "x_y@unknown.example", "contact_name": "X"})
        Complaint.create({"subject": "C", "email_from": "xzy@unknown.example", "contact_name": "Z"})
        nobody = Complaint.create({"subject": "D", "contact_name": "Nobody"})
        self.assertEqual(second.similar_ids, first)
        self.assertFalse(nobody.similar_ids)

    def test_two_become_one(self):
        first, second = self._complain(order=self.order), self._complain(order=self.second_order, subject="Again")
        second.message_subscribe(self.customer.ids)
        self.env["ir.attachment"].create(
            {"name": "photo.jpg", "raw": b"photo", "res_model": second._name, "res_id": second.id}
        )
        action = second.action_same_as()
        wizard = Form(self.env[action["res_model"]].with_user(self.assistant).with_context(**action["context"])).save()
        self.assertEqual((wizard.reason, wizard.duplicate_of_id, wizard.take_over), ("duplicate", first, True))
        opened = wizard.action_cancel_complaint()
        self.assertEqual(opened["res_id"], first.id)
        self.assertRecordValues(
            second, [{"state": "cancelled", "cancel_reason": "duplicate", "duplicate_of_id": first.id}]
        )
        self.assertEqual(first.sale_order_ids, self.order | self.second_order)
        self.assertIn(self.customer, first.message_partner_ids)
        files = self.env["ir.attachment"].search([("res_model", "=", first._name), ("res_id", "=", first.id)])
        self.assertEqual(files.mapped("name"), ["photo.jpg"])
        self.assertIn(second.name, "".join(first.message_ids.mapped("body")))
        second.action_restore()
        second._merge_into(first)
        self.assertEqual(len(first.line_ids), 2, "a second time adds nothing")
        self.assertEqual(
            self.env["ir.attachment"].search_count([("res_model", "=", first._name), ("res_id", "=", first.id)]), 1
        )

    def test_nothing_is_added_to_what_has_ended(self):
        first, second = self._complain(order=self.order), self._complain(order=self.order)
        first._cancel("withdrawn")
        with self.assertRaisesRegex(UserError, "has ended"):
            second._merge_into(first)

    # --- CHANGE OF CUSTOMER ---

    def test_the_former_customer_is_shut_out(self):
        complaint = self._complain(partner=self.customer)
        complaint.message_subscribe((self.customer | self.consumer).ids)
        link = complaint._get_portal_link()
        complaint.partner_id = self.consumer
        self.assertNotIn(self.customer, complaint.message_partner_ids)
        self.assertIn(self.consumer, complaint.message_partner_ids)
        self.assertNotEqual(complaint._get_portal_link(), link)
        link = complaint._get_portal_link()
        complaint.subject = "Another subject"
        complaint.partner_id = self.consumer
        self.assertEqual(complaint._get_portal_link(), link)

    def test_a_stranger_who_turns_out_to_be_a_customer_keeps_his_link(self):
        Complaint = self.env["commercial.complaint"].with_user(self.assistant)
        complaint = Complaint.create({"subject": "A", "email_from": "jan@customer.example"})
        link = complaint._get_portal_link()
        complaint.partner_id = self.consumer
        self.assertEqual(complaint._get_portal_link(), link)
        complaint = Complaint.create({"subject": "A", "email_from": "other@customer.example"})
        link = complaint._get_portal_link()
        complaint.partner_id = self.consumer
        self.assertNotEqual(complaint._get_portal_link(), link)
