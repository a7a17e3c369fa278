from . import complaint_cancel, complaint_cancel_merge
from . import complaint_intake, complaint_intake_line
from . import complaint_call_back, complaint_close, complaint_escalate, complaint_hand_over
from . import complaint_reopen
from . import complaint_approval, complaint_inspect, complaint_solution_cancel
from . import complaint_answer, complaint_answer_line
from . import complaint_month
