from . import dunning_notice_report
