from . import common, prospect, credit, dunning, complaint
