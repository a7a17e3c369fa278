from . import dunning_charge_pay, dunning_charge_waive, payment_allocate, payment_allocate_line, receivable_exclude
