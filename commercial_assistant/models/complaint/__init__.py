from . import checklist_template
from . import complaint_team, complaint_category, complaint_cause, complaint, complaint_line, complaint_solution
from . import res_company
