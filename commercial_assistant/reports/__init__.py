from . import dunning, warranty
from . import dunning
from . import complaint
