from . import dunning_charge_waive, receivable_exclude, statement_make
