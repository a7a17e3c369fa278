from . import complaint_cancel, complaint_cancel_merge
from . import complaint_intake, complaint_intake_line
