from . import dunning
from . import complaint
