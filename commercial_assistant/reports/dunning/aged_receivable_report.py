from collections import defaultdict

from odoo import api, models
from odoo.tools import format_date, formatLang

from ...wizards.dunning.aged_receivable import BUCKET_FIELDS

AMOUNT_FIELDS = (*BUCKET_FIELDS, "amount_credit", "amount_total")


class AgedReceivableReport(models.AbstractModel):
    _name = "report.commercial_assistant.report_aged_receivable"
    _description = "Aged Receivables on Paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        reports = self.env["commercial.aged.receivable"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": reports._name,
            "docs": reports,
            "labels": {report.id: report.company_id._get_bucket_labels() for report in reports},
            "days": {report.id: format_date(self.env, report.date) for report in reports},
            "sections": {report.id: self._prepare_sections(report) for report in reports},
        }

    @api.model
    def _prepare_sections(self, report):
        """Return rows and sums of each currency."""
        groups = defaultdict(list)
        for line in report.line_ids:
            groups[line.currency_id].append(line)
        return [
            {
                "currency": currency.name,
                "rows": [
                    [
                        line.partner_id.display_name or self.env._("Without customer"),
                        *(self._format(line[name], currency) for name in AMOUNT_FIELDS),
                    ]
                    for line in lines
                ],
                "sums": [self._format(sum(line[name] for line in lines), currency) for name in AMOUNT_FIELDS],
            }
            for currency, lines in groups.items()
        ]

    @api.model
    def _format(self, amount, currency):
        return "–" if currency.is_zero(amount) else formatLang(self.env, amount, digits=currency.decimal_places)
