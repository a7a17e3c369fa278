from . import customer_letter_report, dunning_notice_report
from . import dunning_notice_report
from . import payment_plan_report
