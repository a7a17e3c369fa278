from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.complaint_figures import mean, percentage
from .complaint_measures import STAMP_OF_DAYS

JUDGED = ("founded", "partly", "unfounded", "unknown")
FOUNDED = ("founded", "partly")
TOP = 8


@dataclass
class Figures:
    """What happened in a period: complaints received, complaints closed, and what those received came to."""

    received: int = 0
    closed: int = 0
    judged: int = 0
    founded: int = 0
    reopened: int = 0
    rated: int = 0
    rating: float = 0.0
    delivered_lines: int = 0
    days: dict = field(default_factory=dict)
    cost_gross: float = 0.0
    cost_recovered: float = 0.0
    cost_net: float = 0.0
    clocks: dict = field(default_factory=dict)

    @property
    def founded_share(self):
        return percentage(self.founded, self.judged)

    @property
    def rate(self):
        """Complaints of a hundred delivered order lines."""
        return percentage(self.received, self.delivered_lines)

    @property
    def satisfaction(self):
        return mean(self.rating, self.rated)


# the terms the report tells about
CLOCKS = ("acknowledge", "answer", "resolution")


class ComplaintStatistics(models.AbstractModel):
    """Counts complaints of a period, always with the rights of the reader: what he may not see does not count.

    Every figure is a grouped query; their number does not depend on the number of complaints.
    """

    _name = "commercial.complaint.statistics"
    _description = "Statistics of Complaints"

    # --- PERIODS ---

    @api.model
    def _get_bounds(self, company, start, end):
        """Return the moments in UTC between which the days ``start`` to ``end`` of the company lie."""
        zone = pytz.timezone(company.partner_id.sudo().tz or "Europe/Brussels")

        def midnight(day):
            local = zone.localize(datetime.combine(day, time.min))
            return local.astimezone(pytz.utc).replace(tzinfo=None)

        return midnight(start), midnight(end + timedelta(days=1))

    @api.model
    def _get_domain(self, company, start, end, team=None, stamp="received_on"):
        """Complaints of the period that count; what was no complaint does not."""
        begin, until = self._get_bounds(company, start, end)
        domain = Domain("company_id", "=", company.id) & Domain("state", "!=", "cancelled")
        if team:
            domain &= Domain("team_id", "=", team.id)
        return domain & Domain(stamp, ">=", begin) & Domain(stamp, "<", until)

    # --- FIGURES ---

    @api.model
    def _get_figures(self, company, start: date, end: date, team=None):
        """Return the :class:`Figures` of a period."""
        Complaint = self.env["commercial.complaint"]
        received = self._get_domain(company, start, end, team)
        figures = Figures()
        aggregates = ["__count", "cost_gross:sum", "cost_recovered:sum", "cost_net:sum", "reopen_count:sum"]
        for verdict, count, gross, recovered, net, reopened in Complaint._read_group(received, ["verdict"], aggregates):
            figures.received += count
            figures.judged += count if verdict in JUDGED else 0
            figures.founded += count if verdict in FOUNDED else 0
            figures.cost_gross += gross or 0.0
            figures.cost_recovered += recovered or 0.0
            figures.cost_net += net or 0.0
            figures.reopened += reopened or 0
        measures = [f"{name}:avg" for name in STAMP_OF_DAYS] + [f"{stamp}:count" for stamp in STAMP_OF_DAYS.values()]
        [values] = Complaint._read_group(received, [], measures)
        days, counts = values[: len(STAMP_OF_DAYS)], values[len(STAMP_OF_DAYS) :]
        figures.days = {
            name: mean_days if count else None
            for name, mean_days, count in zip(STAMP_OF_DAYS, days, counts, strict=True)
        }
        closed = self._get_domain(company, start, end, team, "closed_on") & Domain("state", "=", "closed")
        figures.closed = Complaint.search_count(closed)
        [(figures.rated, rating)] = Complaint._read_group(
            received & Domain("rating_last_value", ">", 0), [], ["__count", "rating_last_value:avg"]
        )
        figures.rating = (rating or 0.0) * figures.rated
        figures.delivered_lines = self._count_delivered_lines(company, start, end)
        figures.clocks = self._count_clocks(received)
        return figures

    @api.model
    def _count_clocks(self, domain):
        """Return for each clock how many were kept and how many there were: what is not late yet counts as kept.

        :rtype: dict of label and (kept, all)
        """
        Complaint = self.env["commercial.complaint"]
        stamps = [(f"{clock}_deadline", f"{clock}_breached_on") for clock in CLOCKS]
        [counts] = Complaint._read_group(domain, [], [f"{stamp}:count" for pair in stamps for stamp in pair])
        return {
            Complaint._fields[deadline]._description_string(self.env): (total - late, total)
            for (deadline, _breach), total, late in zip(stamps, counts[::2], counts[1::2], strict=True)
            if total
        }

    @api.model
    def _count_delivered_lines(self, company, start, end):
        """Count the order lines of which something was delivered in the period."""
        begin, until = self._get_bounds(company, start, end)
        self.env["stock.move"].flush_model(["state", "date", "sale_line_id", "location_dest_id", "company_id"])
        # how much was delivered is no secret of single orders
        [[count]] = self.env.execute_query(
            SQL(
                """
                SELECT count(DISTINCT move.sale_line_id)
                  FROM stock_move move
                  JOIN stock_location destination ON destination.id = move.location_dest_id
                 WHERE move.state = 'done'
                   AND move.company_id = %s
                   AND move.sale_line_id IS NOT NULL
                   AND destination.usage = 'customer'
                   AND move.date >= %s
                   AND move.date < %s
                """,
                company.id,
                begin,
                until,
            )
        )
        return count

    # --- RANKINGS ---

    @api.model
    def _rank(self, domain, groupby, label=None):
        """Return the groups with most complaints: (name, count, net cost); the empty group is left out.

        :param label: called with a record of the group, returns its name
        """
        rows = self.env["commercial.complaint"]._read_group(
            domain & Domain(groupby, "!=", False),
            [groupby],
            ["__count", "cost_net:sum"],
            order="__count desc",
            limit=TOP,
        )
        return [(self._get_group_label(group, label), count, cost or 0.0) for group, count, cost in rows]

    @api.model
    def _get_group_label(self, group, label):
        return label(group) if label else group.sudo().display_name

    @api.model
    def _rank_solutions(self, domain):
        """Return the kinds of solutions that were carried out or agreed, with their number and amount."""
        Solution = self.env["commercial.complaint.solution"]
        kinds = dict(Solution._fields["kind"]._description_selection(self.env))
        complaints = self.env["commercial.complaint"]._search(domain)
        rows = Solution._read_group(
            Domain("complaint_id", "in", complaints) & Domain("state", "in", ("accepted", "in_progress", "done")),
            ["kind"],
            ["__count", "amount:sum"],
            order="__count desc",
        )
        return [(kinds[kind], count, amount or 0.0) for kind, count, amount in rows]

    @api.model
    def _rank_suppliers(self, domain):
        """Return the suppliers with most claimed complaints: (name, complaints, recovered)."""
        Line = self.env["commercial.supplier.claim.line"]
        complaints = self.env["commercial.complaint"]._search(domain)
        rows = Line._read_group(
            Domain("complaint_id", "in", complaints) & Domain("state", "!=", "cancelled"),
            ["partner_id"],
            ["complaint_id:count_distinct", "amount_recovered:sum"],
            order="complaint_id:count_distinct desc",
            limit=TOP,
        )
        suppliers = self.env["res.partner"].union(*(supplier for supplier, _count, _amount in rows))
        suppliers.sudo().mapped("display_name")
        return [(supplier.sudo().display_name, count, amount or 0.0) for supplier, count, amount in rows]

    @api.model
    def _count_actions(self, company, day):
        """Return open and overdue corrective actions."""
        Action = self.env["commercial.corrective.action"]
        own = Domain("company_id", "=", company.id)
        open_count = Action.search_count(own & Domain("state", "in", ("open", "done")))
        return open_count, Action.search_count(own & Action._get_overdue_domain(day))

    @api.model
    def _count_issues(self, company):
        """Return open recurring issues."""
        return self.env["commercial.recurring.issue"].search_count(
            [("company_id", "=", company.id), ("state", "=", "open")]
        )

    @api.model
    def _get_months(self, company, end, team=None, months=12):
        """Return the complaints of each of the last months, the one of ``end`` included: (first day, count)."""
        first = fields.Date.start_of(fields.Date.subtract(end, months=months - 1), "month")
        zone = company.partner_id.sudo().tz or "Europe/Brussels"
        rows = (
            self.env["commercial.complaint"]
            .with_context(tz=zone)
            ._read_group(self._get_domain(company, first, end, team), ["received_on:month"], ["__count"])
        )
        counts = {fields.Date.to_date(month): count for month, count in rows if month}
        days = [fields.Date.add(first, months=number) for number in range(months)]
        return [(day, counts.get(day, 0)) for day in days]
