from . import credit, dispatch, receivable_portal
