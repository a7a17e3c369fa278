from . import common
from . import prospect
from . import credit
from . import dunning
from . import complaint
from . import warranty
