from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from .dunning_run import to_decimal


class PaymentPlan(models.Model):
    _inherit = "commercial.payment.plan"

    # --- REQUESTS OF CUSTOMERS ---

    @api.model
    def _request_from_portal(self, receivable, items, values):
        """Record that a customer asks to pay in instalments; what he asks for is not reminded until it is answered.

        Call it as superuser, after having checked that the account belongs to the person who asks (BE: a request for
        instalments suspends the reminders, see :meth:`_fetch_dunning_holds`).

        :param receivable: the ``commercial.receivable`` of the customer
        :param items: the ``commercial.receivable.item`` records he wants to spread; all of one currency
        :param dict values: everything but these keys is ignored:

            - ``number``: number of instalments (whole number as ``int`` or text), or
            - ``amount``: amount of each instalment (number or text with a point or comma)
            - ``first_date``: day of the first instalment (``date`` or ``"YYYY-MM-DD"``)
            - ``note``: words of the customer, at most 2000 characters

        :return: the plan, in the state ``requested``
        :raise ValidationError: with a sentence for the customer, in his language
        """
        receivable.ensure_one()
        Plan = self.with_company(receivable.company_id)
        today = Plan.browse()._get_today()
        items = items.exists()
        Plan._check_request_items(receivable, items)
        number, each, first_date = Plan._parse_request(receivable, items, values, today)
        available = items._get_plannable_amounts()
        total = sum(available[item.id] for item in items)
        instalments = Plan._make_instalments(receivable.company_id, items.currency_id, total, first_date, number, each)
        plan = Plan.create(
            {
                "company_id": receivable.company_id.id,
                "receivable_id": receivable.id,
                "currency_id": items.currency_id.id,
                "state": "requested",
                "is_requested": True,
                "requested_on": today,
                "request_note": str(values.get("note") or "").strip()[:2000],
                "hold_until": fields.Date.add(today, days=receivable.company_id.payment_plan_request_days),
                "first_date": first_date,
                "item_ids": [Command.create({"item_id": item.id, "amount": available[item.id]}) for item in items],
                "line_ids": [
                    Command.create({"sequence": position, "date": day, "amount": float(amount)})
                    for position, (day, amount) in enumerate(instalments, start=1)
                ],
            }
        )
        plan._stop_letters()
        spoken = plan._in_language_of_responsible()
        spoken._tell_responsible(spoken.env._("A customer asks for a payment plan"), plan.hold_until)
        return plan

    @api.model
    def _check_request_items(self, receivable, items):
        if not items:
            raise ValidationError(self.env._("Choose the invoices that you want to pay in instalments."))
        if items.receivable_id != receivable or any(item.state != "open" for item in items):
            raise ValidationError(self.env._("One of these invoices is not open any more. Please look again."))
        if len(items.currency_id) > 1:
            raise ValidationError(self.env._("Please ask for each currency separately."))
        rivals = self.env["commercial.payment.plan.item"].search([("item_id", "in", items.ids), ("is_live", "=", True)])
        if rivals:
            raise ValidationError(
                self.env._(
                    "For %(invoices)s there is a payment plan already.", invoices=rivals.item_id.mapped("move_name")
                )
            )
        available = items._get_plannable_amounts()
        if any(items.currency_id.compare_amounts(available.get(item.id, 0), 0) <= 0 for item in items):
            raise ValidationError(self.env._("One of these invoices is not open any more. Please look again."))

    @api.model
    def _parse_request(self, receivable, items, values, today):
        """Return number, amount of each and first day as asked; refuse what cannot be granted at all."""
        company, currency = receivable.company_id, items.currency_id
        number = each = None
        try:
            if str(values.get("number") or "").strip():
                number = int(str(values["number"]).strip())
            elif str(values.get("amount") or "").strip():
                each = to_decimal(str(values["amount"]).strip().replace("\N{NO-BREAK SPACE}", "").replace(",", "."))
            first_date = fields.Date.to_date(values.get("first_date"))
        except (ValueError, ArithmeticError, TypeError) as error:
            raise ValidationError(
                self.env._("Please enter a number or an amount, and the day of the first instalment.")
            ) from error
        if each is not None and not each.is_finite():
            raise ValidationError(
                self.env._("Please enter a number or an amount, and the day of the first instalment.")
            )
        if (number is None and each is None) or not first_date:
            raise ValidationError(
                self.env._("Please enter a number or an amount, and the day of the first instalment.")
            )
        if number is not None and not 1 < number <= company.payment_plan_request_maximum:
            raise ValidationError(
                self.env._("Please ask for 2 to %(maximum)s instalments.", maximum=company.payment_plan_request_maximum)
            )
        last_start = fields.Date.add(today, days=company.payment_plan_first_days)
        if not today < first_date <= last_start:
            raise ValidationError(
                self.env._(
                    "Please choose a first day after today and not later than %(day)s.",
                    day=format_date(self.env, last_start),
                )
            )
        if each is not None:
            total = to_decimal(currency.round(sum(items._get_plannable_amounts().values())))
            if not 0 < each < total:
                raise ValidationError(self.env._("Please enter an amount below what you owe."))
            if total > each * company.payment_plan_request_maximum:
                raise ValidationError(
                    self.env._(
                        "Please ask for 2 to %(maximum)s instalments.", maximum=company.payment_plan_request_maximum
                    )
                )
        return number, each, first_date
