from . import checklist_template
from . import complaint_team, complaint_category, complaint_cause, complaint, complaint_line, complaint_solution
from . import res_company
from . import complaint_team_intake, complaint_category_intake, complaint_line_intake
from . import mail_thread, complaint_mail, complaint_acknowledgment, complaint_portal, complaint_similar
from . import dispatch
from . import complaint_count_mixin, sale_order, account_move, account_move_line, stock_picking, res_partner
from . import complaint_term, complaint_closing, escalation, contact_log
from . import complaint_clock, complaint_escalation, complaint_contact, complaint_close, complaint_confidential
from . import dispatch, mail_activity, rating_rating
from . import res_company, res_company_complaint, res_config_settings
