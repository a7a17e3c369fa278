from . import approval_rule, checklist_template
from . import complaint_team, complaint_category, complaint_cause, complaint, complaint_line, complaint_solution
from . import res_company
from . import complaint_team_intake, complaint_category_intake, complaint_line_intake
from . import mail_thread, complaint_mail, complaint_acknowledgment, complaint_portal, complaint_similar
from . import dispatch
from . import (
    complaint_document,
    complaint_count_mixin,
    sale_order,
    account_move,
    account_move_line,
    stock_picking,
    res_partner,
)
from . import complaint_term, complaint_closing, escalation, contact_log
from . import complaint_clock, complaint_escalation, complaint_contact, complaint_close, complaint_confidential
from . import mail_activity, rating_rating
from . import res_company_complaint, res_config_settings
from . import complaint_line_value, complaint_display
from . import complaint_solution_execute, complaint_solution_return, complaint_solution_replacement
from . import complaint_solution_credit, complaint_solution_cost
from . import complaint_placement, complaint_solution_placement
from . import complaint_inspection, complaint_line_inspection
from . import complaint_authority, complaint_execute
from . import complaint_dispute, complaint_line_dispute, dispute
from . import complaint_warranty, complaint_line_warranty, complaint_solution_warranty, warranty_check
from . import stock_move
from . import res_company_solution, res_config_settings_solution
from . import adr_body, complaint_proposal, complaint_proposal_line, complaint_proposal_text
from . import complaint_proposal_letter, complaint_proposal_answer, complaint_proposal_portal, complaint_offer
from . import ir_actions_report
from . import res_company_proposal, res_config_settings_proposal
from . import supplier_claim, supplier_claim_line, supplier_claim_question
from . import supplier_claim_letter, supplier_claim_documents, supplier_claim_job
from . import complaint_hour, complaint_cost, complaint_why
from . import corrective_action, recurring_issue
from . import complaint_supplier, complaint_costs, complaint_learning, complaint_measures
from . import complaint_statistics, complaint_team_dashboard, complaint_team_report
from . import res_company_learning, res_config_settings_learning
