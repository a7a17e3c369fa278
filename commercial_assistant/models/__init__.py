from . import common, prospect, credit, dunning, warranty, complaint
