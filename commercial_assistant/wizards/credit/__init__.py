from . import credit_release
