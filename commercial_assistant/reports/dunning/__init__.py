from . import customer_letter_report, dunning_notice_report
