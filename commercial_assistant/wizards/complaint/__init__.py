from . import complaint_call_back, complaint_cancel, complaint_close, complaint_escalate, complaint_hand_over
from . import complaint_reopen
