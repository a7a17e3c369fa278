from . import dunning_call, dunning_charge_waive, receivable_exclude
