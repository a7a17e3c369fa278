from . import complaint_answer, complaint_answer_line, complaint_cancel
