from . import dunning_notice_report
from . import dunning_notice_report_be
from . import dunning_notice_report_fr
from . import dunning_notice_report_lu
from . import dunning_notice_report_nl
from . import customer_letter_report, dunning_notice_report
from . import payment_plan_report
from . import dunning_charge_letter_report
from . import collection_cover_report
from . import aged_receivable_report, dunning_notice_report, receivable_item_report, receivable_statement_report
