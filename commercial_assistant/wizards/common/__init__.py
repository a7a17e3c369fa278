from . import approval_decide
from . import check_override
from . import dispatch_post
