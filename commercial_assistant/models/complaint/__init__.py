from . import checklist_template
from . import complaint_team, complaint_category, complaint_cause, complaint, complaint_line, complaint_solution
from . import res_company
from . import adr_body, complaint_proposal, complaint_proposal_line, complaint_proposal_text
from . import complaint_proposal_letter, complaint_proposal_answer, complaint_proposal_portal, complaint_offer
from . import complaint_confidential_letters, dispatch_complaint, ir_actions_report
from . import res_company_proposal, res_config_settings_proposal
