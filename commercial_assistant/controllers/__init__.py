from . import complaint_proposal_portal, credit, dispatch, receivable_portal
