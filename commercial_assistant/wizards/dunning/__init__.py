from . import dunning_charge_waive, receivable_exclude, receivable_follow
