from . import dunning_call, dunning_charge_waive, receivable_exclude
from . import dunning_charge_waive, receivable_exclude, receivable_follow
