from . import dunning_notice_report
from . import dunning_charge_letter_report
