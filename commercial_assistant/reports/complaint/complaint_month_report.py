from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ...tools.complaint_figures import bar_lengths, month_bounds, previous_month

LETTER = "report.commercial_assistant.report_dunning_notice"
LEAD = "commercial_assistant.group_team_lead"
CONFIDENTIAL = "commercial_assistant.group_complaint_confidential"
# the columns of the year: width of the drawing, height of the highest column
CHART_WIDTH, CHART_HEIGHT = 680, 90


class ComplaintMonthReport(models.AbstractModel):
    _name = "report.commercial_assistant.report_complaint_month"
    _description = "Monthly Report of Complaints"

    # Counts with the rights of the reader, in his language, as finished texts; the template only lays it out.

    @api.model
    def _get_report_values(self, docids, data=None):
        wizards = self.env["commercial.complaint.month"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": wizards._name,
            "docs": wizards,
            "reports": {wizard.id: self._prepare_report(wizard) for wizard in wizards},
        }

    @api.model
    def _prepare_report(self, wizard):
        self = self.with_context(lang=self.env.user.lang or self.env.lang)
        company, team = wizard.company_id, wizard.team_id
        statistics = self.env["commercial.complaint.statistics"].with_company(company)
        start, end = wizard._get_bounds()
        periods = self._get_periods(start, end)
        figures = [statistics._get_figures(company, *bounds, team) for _label, bounds in periods]
        domain = statistics._get_domain(company, start, end, team)
        return {
            "lang": self.env.lang,
            "company": self.env[LETTER]._prepare_company(company),
            "title": self.env._("Complaints: report of the month"),
            "period": format_date(self.env, start, date_format="MMMM yyyy"),
            "team": team.name or self.env._("All teams"),
            "made": self.env._("Made on %(day)s", day=format_date(self.env, fields.Date.context_today(self))),
            "summary": self._get_summary(figures, company),
            "head": ["", *(label for label, _bounds in periods)],
            "rows": self._get_rows(figures, company),
            "chart_title": self.env._("Complaints received in each month"),
            "chart": self._get_chart(statistics._get_months(company, end, team)),
            "rankings": self._get_rankings(statistics, domain, company),
            "work": self._get_work(statistics, company),
            "remarks": self._get_remarks(),
        }

    @api.model
    def _get_periods(self, start, end):
        """The month beside the one before, the year so far beside the same part of the last year."""
        before = month_bounds(previous_month(start))
        year = start.replace(month=1)
        last_year = fields.Date.subtract(year, years=1)
        last_end = month_bounds(fields.Date.subtract(start, years=1))[1]
        return [
            (format_date(self.env, start, date_format="MMM yyyy"), (start, end)),
            (format_date(self.env, before[0], date_format="MMM yyyy"), before),
            (self.env._("%(year)s so far", year=start.year), (year, end)),
            (self.env._("same of %(year)s", year=last_year.year), (last_year, last_end)),
        ]

    @api.model
    def _get_summary(self, figures, company):
        """Say in two sentences what matters."""
        month, before = figures[0], figures[1]
        sentences = []
        if not month.received:
            sentences.append(self.env._("No complaint was received in this month."))
        elif month.received > before.received:
            sentences.append(
                self.env._(
                    "%(count)s complaints were received, %(more)s more than in the month before.",
                    count=month.received,
                    more=month.received - before.received,
                )
            )
        elif month.received < before.received:
            sentences.append(
                self.env._(
                    "%(count)s complaints were received, %(less)s fewer than in the month before.",
                    count=month.received,
                    less=before.received - month.received,
                )
            )
        else:
            sentences.append(
                self.env._("%(count)s complaints were received, as many as in the month before.", count=month.received)
            )
        if month.received:
            sentences.append(
                self.env._(
                    "They cost %(net)s net until now; %(recovered)s came back from suppliers and carriers.",
                    net=self._format_money(month.cost_net, company),
                    recovered=self._format_money(month.cost_recovered, company),
                )
            )
        return sentences

    @api.model
    def _get_rows(self, figures, company):
        money = company.currency_id
        rows = [
            (self.env._("Complaints received"), [str(period.received) for period in figures]),
            (self.env._("For each 100 delivered order lines"), [self._format(period.rate, 1) for period in figures]),
            (self.env._("Complaints closed"), [str(period.closed) for period in figures]),
            (self.env._("Founded, of those judged"), [self._format_share(period.founded_share) for period in figures]),
            (self.env._("Days until acknowledged"), [self._format_days(period, "acknowledge") for period in figures]),
            (self.env._("Days until the first answer"), [self._format_days(period, "answer") for period in figures]),
            (self.env._("Days until closed"), [self._format_days(period, "close") for period in figures]),
            *self._get_clock_rows(figures),
            (self.env._("Reopened"), [str(period.reopened) for period in figures]),
            (self.env._("Satisfaction, of 5"), [self._format(period.satisfaction, 1) for period in figures]),
            (
                self.env._("Gross cost (%(currency)s)", currency=money.name),
                [self._format(period.cost_gross, 0) for period in figures],
            ),
            (self.env._("Recovery"), [self._format(period.cost_recovered, 0) for period in figures]),
            (self.env._("Net cost"), [self._format(period.cost_net, 0) for period in figures]),
        ]
        return rows

    @api.model
    def _get_clock_rows(self, figures):
        """Terms that were kept, as far as the room has clocks."""
        labels = dict.fromkeys(label for period in figures for label in period.clocks)
        return [
            (
                self.env._("Kept: %(clock)s", clock=label),
                [
                    self._format_share(100.0 * kept / total if total else None)
                    for kept, total in (period.clocks.get(label, (0, 0)) for period in figures)
                ],
            )
            for label in labels
        ]

    @api.model
    def _get_chart(self, months):
        """Return the columns of a year: place, height, number and month of each."""
        heights = bar_lengths([count for _day, count in months], CHART_HEIGHT)
        step = CHART_WIDTH / len(months)
        width = round(step * 0.6)
        columns = [
            {
                "x": round(number * step + (step - width) / 2),
                "y": round(20 + CHART_HEIGHT - height),
                "width": width,
                "height": round(height),
                "middle": round(number * step + step / 2),
                "count": str(count),
                "label": format_date(self.env, day, date_format="MMM"),
            }
            for number, ((day, count), height) in enumerate(zip(months, heights, strict=True))
        ]
        return {
            "columns": columns,
            "width": CHART_WIDTH,
            "height": CHART_HEIGHT + 40,
            "base": CHART_HEIGHT + 20,
        }

    # --- RANKINGS ---

    @api.model
    def _get_rankings(self, statistics, domain, company):
        cases, cost = self.env._("Complaints"), self.env._("Net cost")
        rankings = [
            (self.env._("Products"), cases, cost, self._rank_by_name(statistics, domain, "product_tmpl_id", "name")),
            (self.env._("Categories"), cases, cost, self._rank_by_name(statistics, domain, "category_id")),
            (self.env._("Causes"), cases, cost, self._rank_by_name(statistics, domain, "cause_ids")),
            (
                self.env._("Solutions"),
                self.env._("Times"),
                self.env._("Given"),
                statistics._rank_solutions(domain),
            ),
            (
                self.env._("Suppliers and carriers"),
                cases,
                self.env._("Recovery"),
                statistics._rank_suppliers(domain),
            ),
            (self.env._("Customers"), cases, cost, self._rank_customers(statistics, domain)),
        ]
        return [
            {
                "title": title,
                "count_title": count_title,
                "amount_title": amount_title,
                "rows": self._prepare_ranking(rows, company),
            }
            for title, count_title, amount_title, rows in rankings
            if rows
        ]

    @api.model
    def _rank_by_name(self, statistics, domain, groupby, name="complete_name"):
        """Rank by something that has a name in the language of the reader."""
        # the name of a product or cause may be told to whoever may count its complaints
        return statistics._rank(domain, groupby, lambda record: record.sudo()[name])

    @api.model
    def _rank_customers(self, statistics, domain):
        """Customers stand in the report by name for team leads, for everybody else by number only."""
        rows = statistics._rank(domain, "commercial_partner_id")
        if self.env.user.has_group(LEAD):
            return rows
        return [
            (self.env._("Customer %(number)s", number=number), count, cost)
            for number, (_name, count, cost) in enumerate(rows, start=1)
        ]

    @api.model
    def _prepare_ranking(self, rows, company):
        lengths = bar_lengths([count for _name, count, _amount in rows])
        return [
            {
                "name": name,
                "count": str(count),
                "amount": self._format(amount, 0),
                # a bar of no length would look like a fault
                "width": max(length, 1.0),
            }
            for (name, count, amount), length in zip(rows, lengths, strict=True)
        ]

    @api.model
    def _get_work(self, statistics, company):
        """What waits to be done about the causes."""
        open_count, overdue = statistics._count_actions(company, fields.Date.context_today(self))
        return [
            (self.env._("Actions that are open"), str(open_count)),
            (self.env._("of which overdue"), str(overdue)),
            (self.env._("Recurring issues that are open"), str(statistics._count_issues(company))),
        ]

    @api.model
    def _get_remarks(self):
        """Say what the figures are, so that nobody reads more into them."""
        counted = self.env.user.has_group(CONFIDENTIAL)
        return [
            self.env._("Days are calendar days from the complaint; a mean leaves out what has not come so far."),
            self.env._("Cost is without VAT, of the complaints received in the period, as known today."),
            self.env._("Confidential complaints are counted: this report is for you alone.")
            if counted
            else self.env._("Confidential complaints are not counted."),
        ]

    # --- FORMATS ---

    @api.model
    def _format(self, value, digits):
        return "–" if value is None else formatLang(self.env, value, digits=digits)

    @api.model
    def _format_share(self, value):
        return "–" if value is None else f"{self._format(value, 0)} %"

    @api.model
    def _format_days(self, period, name):
        return self._format(period.days[f"days_to_{name}"], 1)

    @api.model
    def _format_money(self, amount, company):
        return formatLang(self.env, amount, currency_obj=company.currency_id)
