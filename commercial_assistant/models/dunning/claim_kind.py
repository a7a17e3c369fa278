"""The kinds of claim that lapse after terms of their own."""

CLAIM_KINDS = [
    ("contract", "Contract"),
    ("consumer_goods", "Goods sold to a consumer"),
    ("periodic", "Periodic amounts"),
    ("utility", "Water, gas, electricity, communications"),
    ("hospitality", "Hotel and restaurant"),
    ("health_care", "Health care"),
    ("fees", "Fees of lawyers and experts"),
]
# of several kinds in one invoice the one with the shortest term counts
SHORTEST_FIRST = ["hospitality", "consumer_goods", "health_care", "periodic", "utility", "fees", "contract"]
