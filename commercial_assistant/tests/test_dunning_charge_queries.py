from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .test_dunning_charge import ChargeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-20 09:00:00")
class TestDunningChargeQueries(ChargeCommon):
    """What is done for 20 charges takes no more queries than for 2, apart from what Odoo needs for each entry."""

    def _measure(self, method):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        result = method()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before, result

    def _claims(self, counts):
        """Claim interest and a fixed sum for each of these numbers of customers; return the charges of each group."""
        groups = []
        for count in counts:
            customers = [self._create_customer(f"Group{count} {n}", is_company=True) for n in range(count // 2)]
            for customer in customers:
                self._invoice(customer)
            groups.append([customer.id for customer in customers])
        for day in ("2026-03-20", "2026-04-01", "2026-04-20"):
            with freeze_time(f"{day} 09:00:00"):
                self._deliver(self._run())
        Charge = self.env["commercial.dunning.charge"]
        found = [Charge.search([("partner_id", "in", ids), ("state", "=", "claimed")]) for ids in groups]
        for charges, count in zip(found, counts, strict=True):
            self.assertEqual(len(charges), count)
        return found

    def _plain_entries(self, charges):
        """The same entries made by hand, to know what Odoo itself needs."""
        account = self.company_data["default_account_receivable"]
        other = self.company.dunning_interest_account_id
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": "entry",
                    "journal_id": self.company.dunning_charge_journal_id.id,
                    "date": "2026-04-20",
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": line_account.id,
                                "partner_id": charge.partner_id.id,
                                "balance": sign * charge.amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                        for line_account, sign in ((account, 1), (other, -1))
                    ],
                }
                for charge in charges
            ]
        )
        moves._post(soft=False)

    def test_entries(self):
        self._book_in("entry")
        warm, few, many = self._claims((4, 2, 20))
        warm.sudo()._book()
        self._plain_entries(warm)
        plain = [self._measure(lambda charges=charges: self._plain_entries(charges))[0] for charges in (few, many)]
        ours = [self._measure(charges.sudo()._book)[0] for charges in (few, many)]
        self.assertEqual(set((few + many).mapped("booking_state")), {"booked"})
        self.assertLessEqual(ours[1] - ours[0], plain[1] - plain[0] + 6, f"ours {ours}, plain {plain}")

    def test_lists(self):
        self._book_in("entry")
        few, many = self._claims((2, 20))
        (few + many).sudo()._book()
        names = ["display_name", "amount_paid", "amount_residual", "booking_state", "is_orphan", "calculation_html"]
        for records, others, fields in (
            (few, many, names),
            (few.receivable_id, many.receivable_id, ["open_charge_summary", "open_charge_count", "charge_count"]),
            (few.move_id, many.move_id, ["dunning_charge_count"]),
            (few.booking_ids, many.booking_ids, ["move_state", "move_type", "amount"]),
        ):
            with self.subTest(model=records._name):
                records, others = (group.browse(group.ids) for group in (records, others))
                records.read(fields)
                low, _result = self._measure(lambda records=records, fields=fields: records.read(fields))
                high, _result = self._measure(lambda others=others, fields=fields: others.read(fields))
                self.assertLessEqual(high, low + 1)

    def test_forms(self):
        """The button on an invoice costs one query."""
        [charges] = self._claims((2,))
        move = charges.move_id.with_user(self.collector)
        move.mapped("dunning_charge_count")
        move.invalidate_recordset()
        move.read(["name"])
        before = self.env.cr.sql_log_count
        move.mapped("dunning_charge_count")
        self.assertLessEqual(self.env.cr.sql_log_count - before, 2)

    def test_payments_of_many_charges(self):
        """Following the accounting: one payment that settles twenty charges."""
        self._book_in("entry")
        few, many = self._claims((2, 20))
        (few + many).sudo()._book()
        costs = []
        for charges in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            charges = charges.browse(charges.ids)
            self.env.add_to_compute(charges._fields["amount_paid"], charges)
            before = self.env.cr.sql_log_count
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[1], costs[0] + 2)
