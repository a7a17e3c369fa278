from . import complaint_proposal_report
