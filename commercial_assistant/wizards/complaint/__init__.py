from . import complaint_cancel, complaint_month
