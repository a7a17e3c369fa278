from . import checklist_template
from . import complaint_team, complaint_category, complaint_cause, complaint, complaint_line, complaint_solution
from . import supplier_claim, supplier_claim_line, supplier_claim_question
from . import supplier_claim_letter, supplier_claim_documents, supplier_claim_job
from . import complaint_hour, complaint_cost, complaint_why
from . import corrective_action, recurring_issue
from . import complaint_supplier, complaint_costs, complaint_learning, complaint_measures
from . import complaint_statistics, complaint_team_dashboard, complaint_team_report
from . import res_company, res_company_learning, res_config_settings_learning
