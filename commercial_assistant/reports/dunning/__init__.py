from . import dunning_notice_report, receivable_statement_report
