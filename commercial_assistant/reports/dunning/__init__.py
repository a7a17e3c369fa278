from . import dunning_notice_report
from . import payment_plan_report
