from . import warranty_answer_report
