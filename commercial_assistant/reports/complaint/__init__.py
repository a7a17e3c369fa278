from . import complaint_proposal_report
from . import complaint_month_report
