from . import dunning_call, dunning_charge_waive, receivable_exclude
from . import dunning_charge_waive, receivable_exclude, receivable_follow
from . import (
    account_move_reversal,
    dispute_register,
    dispute_settle,
    dunning_charge_waive,
    payment_promise_cancel,
    payment_promise_register,
    receivable_exclude,
    receivable_release,
)
from . import dunning_charge_waive, receivable_exclude
from . import payment_plan_close, payment_plan_make
from . import dunning_charge_pay, dunning_charge_waive, payment_allocate, payment_allocate_line, receivable_exclude
from . import collection_deliver, collection_end, collection_prepare, dunning_charge_waive, receivable_exclude
from . import aged_receivable, dunning_charge_waive, receivable_assign, receivable_exclude, statement_make
