from . import dunning_charge_waive, receivable_exclude
from . import payment_plan_close, payment_plan_make
