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
