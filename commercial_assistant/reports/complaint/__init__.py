from . import complaint_month_report
