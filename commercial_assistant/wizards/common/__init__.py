from . import approval_decide
from . import check_override
from . import checklist_decide
from . import checklist_start
from . import partner_merge
from . import dispatch_post
