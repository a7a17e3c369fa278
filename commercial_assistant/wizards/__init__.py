from . import common, prospect, dunning
