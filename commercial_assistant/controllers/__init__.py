from . import complaint_portal, credit, dispatch, receivable_portal
