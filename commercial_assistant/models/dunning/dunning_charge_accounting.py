import logging
from collections import defaultdict
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.dunning import MissingExchangeRateError
from .dunning_run import to_decimal

_logger = logging.getLogger(__name__)

JOB = "commercial_assistant.ir_cron_dunning_book_charges"


class DunningCharge(models.Model):
    """How charges reach the accounting, and leave it again."""

    _inherit = "commercial.dunning.charge"

    # --- ACTIONS ---

    def action_book(self):
        """Book these claimed charges now, also those that could not be booked or were taken back."""
        self._check_collector()
        charges_sudo = self.sudo()  # the rights were checked; entries are made in the name of the user
        for charge in charges_sudo:
            charge._check_can_book()
        for mode, same in charges_sudo._group_by_booking_mode().items():
            if mode == "letter":
                raise UserError(
                    self.env._(
                        "%(charge)s: charges are claimed in the letter only. Choose another way of booking in the "
                        "policy or in the settings first.",
                        charge=same[0].display_name,
                    )
                )
            same._set_booking("to_book", mode=mode)
        charges_sudo._book()
        failed = charges_sudo.filtered(lambda charge: charge.booking_state == "failed")
        if failed:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "sticky": True,
                    "message": "\n".join(sorted(set(failed.mapped("booking_note")))),
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        return True

    def _check_can_book(self):
        self.ensure_one()
        if self.state != "claimed":
            raise UserError(self.env._("%(charge)s: only a claimed charge is booked.", charge=self.display_name))
        if self.booking_state == "booked":
            raise UserError(self.env._("%(charge)s is booked already.", charge=self.display_name))

    # --- STATE ---

    def _group_by_booking_mode(self):
        """Return ``{way of booking: charges}``: by the policy, else the company; without accounts the letter."""
        groups = defaultdict(self.browse)
        for (company, policy), charges in self.grouped(
            lambda charge: (charge.company_id, charge.notice_id.policy_id)
        ).items():
            mode = policy.charge_booking or company._get_charge_booking()
            groups[mode if not company._find_charge_gaps(mode) else "letter"] |= charges
        return groups

    def _set_booking(self, state, note=False, mode=None):
        vals = {"booking_state": state, "booking_note": note}
        self.write(vals if mode is None else {**vals, "booking_mode": mode})

    def _start_booking_job(self):
        if any(charge.booking_state == "to_book" for charge in self):
            self.env.ref(JOB)._trigger()

    @api.model
    def _get_booking_batch(self):
        """How many charges the job books in one transaction."""
        return 200

    # --- JOB ---

    @api.model
    def _cron_book(self):
        """Book what waits, and try again what was not possible before; with a commit after each batch."""
        progress = self.env["ir.cron"]._commit_progress
        waiting = self.search(Domain("booking_state", "in", ("to_book", "failed")), order="company_id, notice_id, id")
        progress(remaining=len(waiting))
        for ids in waiting._split_for_booking():
            charges = self.browse(ids).exists()
            for company, same in charges.grouped("company_id").items():
                same.with_company(company)._book()
            if not progress(len(charges)):
                return

    def _split_for_booking(self):
        """Return the ids in batches; the charges of one letter stay together, because they can share an invoice."""
        batches, limit = [[]], self._get_booking_batch()
        for charges in self.grouped("notice_id").values():
            if batches[-1] and len(batches[-1]) + len(charges) > limit:
                batches.append([])
            batches[-1] += charges.ids
        return batches

    # --- BOOKING ---

    def _book(self):
        """Book or take back what waits among these charges. Doing it twice changes nothing.

        All at once first; when something is wrong one by one, so that one charge never keeps the others.
        """
        # a charge that somebody else is booking at this moment is left to them
        charges = self.try_lock_for_update()
        charges.invalidate_recordset()
        waiting = charges.filtered(lambda charge: charge.booking_state in ("to_book", "failed"))
        claimed = waiting.filtered(lambda charge: charge.state == "claimed")
        # a document that could not be taken back serves again
        standing = claimed.filtered(
            lambda charge: any(booking.is_live and booking.kind == "claim" for booking in charge.booking_ids)
        )
        standing._set_booking("booked")
        for company, same in (claimed - standing).grouped("company_id").items():
            same.with_company(company)._book_together()
        left = (waiting - claimed).filtered(lambda charge: charge.state != "paid")
        left._reverse_bookings(self.env._("No longer claimed."))
        (waiting - claimed - left)._set_booking("not_booked")

    def _book_together(self):
        groups = self._group_for_booking()
        try:
            with self.env.cr.savepoint():
                self._book_groups(groups)
        except OperationalError:
            raise  # the framework repeats the transaction
        except Exception as error:
            if len(groups) > 1:
                for group in groups:
                    group._book_together()
                return
            self._note_failure(error)

    def _group_for_booking(self):
        """Charges that share a document: an entry stands for one charge, an invoice for those of one letter."""
        groups = defaultdict(self.browse)
        for charge in self:
            key = charge.notice_id.id if charge.booking_mode == "invoice" else -charge.id
            groups[charge.booking_mode, charge.partner_id, charge.currency_id, key] |= charge
        # what belongs to the groups is read for all of them at once
        return [group.with_prefetch(self._ids) for group in groups.values()]

    def _note_failure(self, error):
        """Say on the charges why they are not booked; the job tries again."""
        if isinstance(error, MissingExchangeRateError):
            currency = self.env["res.currency"].browse(error.currency_id)
            message = self.env._("%(currency)s has no exchange rate on this day.", currency=currency.name)
        elif isinstance(error, UserError):
            message = str(error)
        else:
            _logger.error("Charges %s cannot be booked", self.ids, exc_info=error)
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            message = self.env._("Something unexpected went wrong: %(reason)s", reason=reason)
        self._set_booking("failed", message)

    def _book_groups(self, groups):
        """Make and post the documents of these groups, all of them or none."""
        company = self.company_id
        settings = company._get_charge_settings()
        names = {group: group._get_booking_names() for group in groups}
        days = {group: group._find_booking_day(settings) for group in groups}
        vals_list = [
            group._prepare_invoice_vals(settings, names[group], days[group])
            if group[:1].booking_mode == "invoice"
            else group._prepare_entry_vals(settings, names[group], days[group], group.amount_residual)
            for group in groups
        ]
        moves = self.env["account.move"].with_context(**self._get_quiet_context()).create(vals_list)
        rows = []
        for group, move in zip(groups, moves, strict=True):
            lines = move.line_ids.filtered(
                lambda line: line.account_type != "asset_receivable" and line.display_type == "product"
            )
            for charge, line in zip(group, lines.sorted("id"), strict=True):
                rows.append(
                    {
                        "charge_id": charge.id,
                        "kind": "claim",
                        "move_id": move.id,
                        "move_line_id": line.id,
                        "amount": charge.amount_residual,
                        "is_live": True,
                    }
                )
        self.env["commercial.dunning.charge.booking"].create(rows)
        moves.filtered(lambda move: move.move_type == "entry" or settings["post_invoices"])._post(soft=False)
        remarks = defaultdict(self.browse)
        for group in groups:
            remarks[group._get_day_remark(days[group])] |= group
        for remark, same in remarks.items():
            same._set_booking("booked", remark)

    @api.model
    def _get_quiet_context(self):
        return {"tracking_disable": True, "mail_create_nosubscribe": True, "mail_create_nolog": True}

    def _get_claim_day(self):
        self.ensure_one()
        return self.claimed_on or self.notice_id.delivered_on or self.notice_id.date

    def _find_booking_day(self, settings):
        """Return the day the charge was claimed, or the first day after it that is not locked."""
        charge = self[:1]
        journal = settings["sale_journal" if charge.booking_mode == "invoice" else "journal"]
        key = (charge._get_claim_day(), journal)
        if key not in settings["open_days"]:
            settings["open_days"][key] = self._find_open_day(*key)
        return settings["open_days"][key]

    def _find_open_day(self, day, journal):
        """Return the first day from this one on that no lock date of the accounting covers."""
        company, has_tax = self.company_id or journal.company_id, journal.type == "sale"
        while locks := company._get_violated_lock_dates(day, has_tax, journal):
            day = locks[-1][0] + timedelta(days=1)
        return day

    def _get_day_remark(self, day):
        if day == self[:1]._get_claim_day():
            return False
        return self.env._("Booked on %(day)s: earlier days are locked.", day=format_date(self.env, day))

    def _get_booking_names(self):
        """Return what the lines of the document say, in the language of who reads it."""
        charge = self[:1]
        reader = charge.partner_id if charge.booking_mode == "invoice" else charge.company_id.partner_id
        spoken = self.with_context(lang=reader.lang or self.env.lang)
        return [charge._get_booking_name() for charge in spoken]

    def _get_booking_name(self):
        self.ensure_one()
        kind = dict(self._fields["kind"]._description_selection(self.env)).get(self.kind, self.kind)
        invoice = self.item_id.move_name or ""
        if self.kind == "interest":
            return self.env._(
                "%(charge)s on %(invoice)s from %(start)s to %(end)s (letter %(letter)s)",
                charge=kind,
                invoice=invoice,
                start=format_date(self.env, self.date_from),
                end=format_date(self.env, self.date_to),
                letter=self.notice_id.name,
            )
        return self.env._(
            "%(charge)s on %(invoice)s (letter %(letter)s)", charge=kind, invoice=invoice, letter=self.notice_id.name
        )

    def _get_receivable_account(self):
        """Return the account on which the invoice is open, so that one payment can settle both."""
        self.ensure_one()
        partner = self.partner_id.with_company(self.company_id)
        return self.item_id.move_line_id.account_id or partner.property_account_receivable_id

    def _convert_to_company(self, amount, day, settings):
        """Return the amount in the currency of the company, by the rate of that day.

        :raise MissingExchangeRateError: the currency has no rate
        """
        company = self.company_id
        converters = settings["converters"]
        if day not in converters:
            converters[day] = self.env["commercial.dunning.run"]._get_converter(company, day)
        converted = converters[day](to_decimal(amount), self.currency_id.id, company.currency_id.id)
        return company.currency_id.round(float(converted))

    def _prepare_entry_vals(self, settings, names, day, amount, origin=None):
        """Return an entry that claims an amount of one charge; a negative amount takes it back.

        The line of the customer has no due date and is not followed up, so the charge is shown but never reminded.
        """
        self.ensure_one()
        balance = self._convert_to_company(amount, day, settings)
        account = settings["accounts"].get(self.kind)
        if not account:
            raise UserError(
                self.env._("Choose an income account for %(kind)s in the settings.", kind=self._get_kind_label())
            )
        common = {"name": names[0], "partner_id": self.partner_id.id, "currency_id": self.currency_id.id}
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            "journal_id": settings["journal"].id,
            "date": day,
            "ref": names[0],
            "currency_id": self.currency_id.id,
            "is_dunning_charge": True,
            "reversed_entry_id": origin and origin.id,
            "line_ids": [
                Command.create(
                    {
                        **common,
                        "account_id": line_account.id,
                        "amount_currency": sign * amount,
                        "balance": sign * balance,
                        "tax_ids": [Command.clear()],
                        "analytic_distribution": False,
                    }
                )
                for line_account, sign in ((self._get_receivable_account(), 1), (account, -1))
            ],
        }

    def _prepare_invoice_vals(self, settings, names, day):
        """Return the invoice of the charges of one letter: a product for each kind, with the taxes of that product."""
        notice = self.notice_id
        products = settings["products"]
        missing = [charge for charge in self if not products.get(charge.kind)]
        if missing:
            raise UserError(
                self.env._("Choose a product for %(kind)s in the settings.", kind=missing[0]._get_kind_label())
            )
        for charge in self:
            charge._convert_to_company(charge.amount_residual, day, settings)  # Odoo takes 1 for a missing rate
        return {
            "move_type": "out_invoice",
            "company_id": self.company_id.id,
            "journal_id": settings["sale_journal"].id,
            "partner_id": notice.partner_id.address_get(["invoice"])["invoice"],
            "currency_id": self.currency_id.id,
            "invoice_date": day,
            "date": day,
            "invoice_payment_term_id": False,
            "invoice_date_due": max(day, notice.deadline or day),
            "invoice_origin": notice.name,
            "invoice_user_id": notice.receivable_id.user_id.id or self.env.uid,
            "is_dunning_charge": True,
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": products[charge.kind].id,
                        "name": name,
                        "quantity": 1,
                        "price_unit": charge.amount_residual,
                    }
                )
                for charge, name in zip(self, names, strict=True)
            ],
        }

    def _get_kind_label(self):
        self.ensure_one()
        return dict(self._fields["kind"]._description_selection(self.env)).get(self.kind, self.kind)

    # --- INCOME WHEN THE MONEY ARRIVES ---

    def _get_open_lines(self):
        """Return the journal items on which this charge is open."""
        self.ensure_one()
        live = self.booking_ids.filtered("is_live")
        if any(booking.move_id.state == "draft" for booking in live):
            raise UserError(self.env._("%(charge)s: post its invoice first.", charge=self.display_name))
        return live.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and line.amount_residual_currency > 0
        )

    def _get_unbooked_amount(self):
        """Return what of the open amount stands in no document."""
        self.ensure_one()
        booked = sum(
            booking.amount - booking.amount_reversed - self._get_received_of(booking)
            for booking in self.booking_ids.filtered("is_live")
        )
        return max(self.currency_id.round(self.amount_residual - booked), 0.0)

    def _get_amount_to_pay(self):
        """Return what the customer owes for this charge: what is open, and the tax of its invoice."""
        self.ensure_one()
        claim = self.booking_ids.filtered(lambda booking: booking.is_live and booking.move_id.is_invoice())
        line = claim.move_line_id
        if not line.price_subtotal or line.price_total == line.price_subtotal:
            return self.amount_residual
        return self.currency_id.round(self.amount_residual * line.price_total / line.price_subtotal)

    def _check_can_receive(self):
        gaps = self.company_id._find_charge_gaps("entry")
        if gaps:
            raise UserError(
                self.env._(
                    "The income of a charge is booked when it is paid. Choose first in the settings: %(gaps)s",
                    gaps=gaps,
                )
            )

    def _book_receipt(self, amount, day):
        """Book the paid part of a charge that was claimed in the letter only; return the line to match with the money.

        Income of a charge that is not booked arises when it is paid, and only for what is paid.
        """
        self.ensure_one()
        settings = self.company_id._get_charge_settings()
        day = self._find_open_day(day, settings["journal"])
        vals = self._prepare_entry_vals(settings, self._get_booking_names(), day, amount)
        move = self.env["account.move"].with_context(**self._get_quiet_context()).create(vals)
        line = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        self.env["commercial.dunning.charge.booking"].create(
            {
                "charge_id": self.id,
                "kind": "receipt",
                "move_id": move.id,
                "move_line_id": (move.line_ids - line).id,
                "amount": amount,
                "is_live": True,
            }
        )
        move._post(soft=False)
        self._set_booking("booked", mode=self.booking_mode or "letter")
        return line

    # --- TAKING BACK ---

    def _reverse_bookings(self, reason):
        """Take back what is booked and not paid of these charges. What goes wrong is told and tried again by the job.

        :param reason: stands on the reversal
        """
        for charge in self:
            live = charge.booking_ids.filtered("is_live")
            if not live:
                if charge.booking_state in ("to_book", "failed"):
                    charge._set_booking("not_booked")
                continue
            try:
                with self.env.cr.savepoint():
                    for booking in live:
                        charge._reverse_booking(booking, reason)
                    charge._set_booking("reversed")
            except OperationalError:
                raise
            except Exception as error:
                charge._note_failure(error)

    def _reverse_booking(self, booking, reason):
        self.ensure_one()
        move = booking.move_id
        if move.state == "draft":
            self._remove_from_draft(booking)
            return
        received = self._get_received_of(booking)
        rest = self.currency_id.round(booking.amount - booking.amount_reversed - received)
        booking.is_live = False
        if move.state != "posted" or self.currency_id.compare_amounts(rest, 0.0) <= 0:
            return
        settings = self.company_id._get_charge_settings()
        today = max(fields.Date.context_today(self), move.date)
        day = self._find_open_day(today, move.journal_id)
        if move.move_type == "out_invoice":
            vals = self._prepare_refund_vals(booking, rest, day, reason)
        else:
            name = self.env._("Taken back: %(charge)s (%(reason)s)", charge=self._get_booking_name(), reason=reason)
            vals = self._prepare_entry_vals(settings, [name], day, -rest, origin=move)
            self._keep_rate_of(booking, vals, rest)
        reversal = self.env["account.move"].with_context(**self._get_quiet_context()).create(vals)
        booking.amount_reversed += rest
        self.env["commercial.dunning.charge.booking"].create(
            {
                "charge_id": self.id,
                "kind": "reversal",
                "move_id": reversal.id,
                "move_line_id": reversal.line_ids.filtered(lambda line: line.account_type != "asset_receivable")[:1].id,
                "amount": rest,
            }
        )
        reversal._post(soft=False)
        receivable = (move + reversal).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and not line.reconciled
        )
        if len(receivable.move_id) == 2:
            receivable.reconcile()

    def _get_received_of(self, booking):
        """Return what was paid on one booking of this charge."""
        same = booking.search([("move_id", "=", booking.move_id.id), ("kind", "!=", "reversal")])
        return next(
            (
                received
                for other, received, _credited, _day in same._split_settlement(booking.move_id)
                if other == booking
            ),
            0.0,
        )

    def _keep_rate_of(self, booking, vals, amount):
        """Take back at the rate of the booking, so that no exchange difference arises."""
        line = booking.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        if self.currency_id == self.company_id.currency_id or not line.amount_currency:
            return
        balance = self.company_id.currency_id.round(amount * line.balance / line.amount_currency)
        for command in vals["line_ids"]:
            command[2]["balance"] = -balance if command[2]["amount_currency"] < 0 else balance

    def _prepare_refund_vals(self, booking, amount, day, reason):
        """Return the credit note that takes one charge back from its invoice, with the same product and taxes."""
        move, line = booking.move_id, booking.move_line_id
        return {
            "move_type": "out_refund",
            "company_id": self.company_id.id,
            "journal_id": move.journal_id.id,
            "partner_id": move.partner_id.id,
            "currency_id": move.currency_id.id,
            "invoice_currency_rate": move.invoice_currency_rate,
            "invoice_date": day,
            "date": day,
            "invoice_date_due": day,
            "invoice_payment_term_id": False,
            "ref": self.env._("Reversal of %(invoice)s, %(reason)s", invoice=move.name, reason=reason),
            "reversed_entry_id": move.id,
            "invoice_user_id": move.invoice_user_id.id,
            "is_dunning_charge": True,
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": line.product_id.id,
                        "name": line.name or self._get_booking_name(),
                        "account_id": line.account_id.id,
                        "quantity": 1,
                        "price_unit": amount,
                        "tax_ids": [Command.set(line.tax_ids.ids)],
                    }
                )
            ],
        }

    def _remove_from_draft(self, booking):
        """Take the charge off an invoice that nobody has posted; an empty one is dropped."""
        move, line = booking.move_id, booking.move_line_id
        others = (self.env["account.move"]._get_dunning_bookings(move) - booking).filtered("is_live")
        booking.unlink()
        if others:
            move.write({"invoice_line_ids": [Command.delete(line.id)] if line else []})
        elif move.name and move.name != "/" and move.posted_before:
            move.button_cancel()
        else:
            move.with_context(force_delete=True).unlink()
