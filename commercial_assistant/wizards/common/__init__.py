from . import approval_decide
from . import dispatch_post
