from . import complaint_portal, credit, dispatch, receivable_portal
from . import complaint_proposal_portal
