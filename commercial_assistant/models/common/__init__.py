from . import legal_parameter, res_company, res_config_settings, res_partner
from . import dispatch, dispatch_mixin, dispatch_sms, sms_tracker, ir_attachment, mail_mail, mail_thread
from . import record_link, record_domain
from . import approval_rule, approval_mixin, approval_request, approval_step, res_users
from . import check_moment, check_rule, check_mixin, check_result
from . import checklist_template, checklist, checklist_point, checklist_mixin
from . import res_partner_check, res_partner_handover
from . import ir_actions_report
