from . import dispatch
from . import receivable_portal
