from . import collection_deliver, collection_end, collection_prepare, dunning_charge_waive, receivable_exclude
