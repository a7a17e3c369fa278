from . import dunning, warranty
