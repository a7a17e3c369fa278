from . import complaint_cancel
