from . import warranty_adjust
from . import warranty_history
from . import warranty_search
