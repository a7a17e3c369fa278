from . import common, prospect, credit, dunning, complaint
from . import common, prospect, credit, dunning, warranty
