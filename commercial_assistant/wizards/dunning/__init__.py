from . import aged_receivable, dunning_charge_waive, receivable_assign, receivable_exclude, statement_make
