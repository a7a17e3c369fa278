from . import dunning, warranty, complaint
