"""What the demonstration company sold and was paid: `days` are counted back from today, customers and products are
the external ids of the demo data without `partner_`, `product_` and `_demo`."""

# terms that differ from 30 days
TERMS = {
    "60": ["kaai9", "lijnwaad", "northmoor", "polderland", "rochegrise", "valdore", "ventilair"],
    "instalments": ["eaubleue", "glasrijk", "hautbois", "helderwater", "vennquell", "zeeuwschpomp"],
}

# units of the foreign currency for one euro; the Swiss franc has no rate on purpose
RATES = {"USD": 1.1, "GBP": 0.86}
CURRENCIES = {"northmoor": "GBP", "brookfield": "USD", "alpwasser": "CHF"}

# what stands below the invoices of a customer: in Luxembourg a consumer owes interest only where the invoice says so
NARRATIONS = {"grondmillen": "Bei Zahlungsverzug werden Zinsen zum gesetzlichen Zinssatz berechnet."}

# what the policies of consumers claim: the company's terms, which they accepted, allow it
CLAIMS = {
    "be_consumer": {"charge_interest": True, "charge_indemnity": True},
    "nl_consumer": {"charge_interest": True, "charge_indemnity": True},
    "fr_consumer": {"charge_interest": True},
    "lu_consumer": {"charge_interest": True, "invoices_state_interest": True},
}

# figures of law that are published anew for each period
RATES_OF_LAW = [
    "be_late_rate",
    "nl_commercial_rate",
    "nl_consumer_rate",
    "fr_late_rate",
    "fr_legal_rate",
    "lu_late_rate",
    "lu_consumer_rate",
]

# (invoice, customer, days, [(product, quantity)])
INVOICES = [
    # paid in time: the history of a going concern
    ("krulspaan-1", "krulspaan", 210, [("motor", 2), ("filter", 4)]),
    ("koperenketel-1", "koperenketel", 204, [("pump", 1), ("hose", 6)]),
    ("valdore-1", "valdore", 201, [("level", 2), ("pressure", 4), ("delivery", 1)]),
    ("noordzij-1", "noordzij", 198, [("recovery", 2), ("commissioning", 8)]),
    ("leieboord-1", "leieboord", 190, [("maintenance", 2)]),
    ("eaubleue-1", "eaubleue", 186, [("circulator", 2), ("filter", 10)]),
    ("copeaux-1", "copeaux", 177, [("fan", 4), ("delivery", 1)]),
    ("inktvis-1", "inktvis", 172, [("maintenance", 1)]),
    ("parcvert-1", "parcvert", 166, [("maintenance", 1), ("filter", 6)]),
    ("puyenlaer-1", "puyenlaer", 160, [("filter", 2)]),
    ("delacrosse-1", "delacrosse", 158, [("filter", 1), ("valve", 2)]),
    ("melkwegen-1", "melkwegen", 151, [("converter7", 1), ("commissioning", 5)]),
    ("ravenel-1", "ravenel", 90, [("pump", 1), ("delivery", 1)]),
    # long overdue
    ("rochegrise-1", "rochegrise", 182, [("compressor", 1), ("commissioning", 10)]),
    ("lijnwaad-1", "lijnwaad", 171, [("motor", 4), ("converter7", 2)]),
    ("kaai9-1", "kaai9", 157, [("motor", 6), ("commissioning", 12)]),
    ("valdore-2", "valdore", 150, [("level", 6), ("pressure", 6)]),
    ("grondmillen-1", "grondmillen", 146, [("softener", 1), ("garden", 1)]),
    ("krulspaan-2", "krulspaan", 141, [("dryer", 1), ("hose", 4)]),
    ("koperenketel-2", "koperenketel", 131, [("pump", 1), ("level", 2)]),
    ("eaubleue-2", "eaubleue", 128, [("circulator", 4), ("commissioning", 8)]),
    ("lijnwaad-2", "lijnwaad", 126, [("pressure", 10), ("delivery", 1)]),
    ("northmoor-1", "northmoor", 121, [("pump", 4), ("delivery", 2)]),
    ("hautbois-1", "hautbois", 119, [("recovery", 1), ("commissioning", 4)]),
    ("helderwater-1", "helderwater", 118, [("pump", 2), ("commissioning", 6)]),
    ("ventilair-1", "ventilair", 115, [("fan", 30), ("delivery", 2)]),
    ("puyenlaer-2", "puyenlaer", 112, [("garden", 1), ("hose", 1)]),
    ("copeaux-2", "copeaux", 110, [("dryer", 1), ("filter", 3)]),
    ("delacrosse-2", "delacrosse", 108, [("softener", 1), ("delivery", 1)]),
    ("glasrijk-1", "glasrijk", 105, [("fan", 12), ("recovery", 2)]),
    ("molenwerf-1", "molenwerf", 101, [("recovery", 1), ("commissioning", 3)]),
    ("polderland-1", "polderland", 100, [("compressor", 2), ("dryer", 2)]),
    ("zeeuwschpomp-1", "zeeuwschpomp", 100, [("pump", 5)]),
    ("vennquell-1", "vennquell", 98, [("recovery", 2), ("valve", 6)]),
    ("polderdijk-1", "polderdijk", 97, [("softener", 1), ("commissioning", 2)]),
    ("melkwegen-2", "melkwegen", 96, [("compressor", 1), ("delivery", 1)]),
    ("leieboord-2", "leieboord", 95, [("recovery", 4), ("commissioning", 6)]),
    ("tournesac-1", "tournesac", 92, [("garden", 1), ("filter", 2)]),
    ("steenhouwer-1", "steenhouwer", 91, [("pump", 3), ("hose", 3)]),
    ("kaai9-2", "kaai9", 90, [("hose", 20), ("delivery", 1)]),
    ("brookfield-1", "brookfield", 90, [("level", 10)]),
    ("lijnwaad-3", "lijnwaad", 88, [("converter2", 3)]),
    ("aquaflandre-1", "aquaflandre", 85, [("circulator", 6)]),
    ("zandvoorde-1", "zandvoorde", 84, [("softener", 1), ("commissioning", 2)]),
    ("minette-1", "minette", 83, [("valve", 30)]),
    ("noordzij-2", "noordzij", 82, [("recovery", 3), ("fan", 2)]),
    ("alpwasser-1", "alpwasser", 80, [("pressure", 8)]),
    ("sartigny-1", "sartigny", 79, [("circulator", 1), ("valve", 2)]),
    ("enclume-1", "enclume", 77, [("hose", 6), ("motor", 1)]),
    ("krulspaan-3", "krulspaan", 75, [("converter2", 2)]),
    ("brugsepoort-1", "brugsepoort", 74, [("garden", 1)]),
    ("ankerstaal-1", "ankerstaal", 73, [("converter2", 4), ("commissioning", 3)]),
    ("hohenfenn-1", "hohenfenn", 71, [("garden", 1), ("filter", 1)]),
    ("eaubleue-3", "eaubleue", 70, [("filter", 20), ("valve", 4)]),
    ("troischenes-1", "troischenes", 68, [("pump", 1), ("level", 1)]),
    # overdue since a few weeks
    ("tuinpompen-1", "tuinpompen", 66, [("garden", 8)]),
    ("dewitterbeke-1", "dewitterbeke", 65, [("softener", 1)]),
    ("valdorneau-1", "valdorneau", 64, [("maintenance", 2)]),
    ("koperenketel-3", "koperenketel", 62, [("filter", 8)]),
    ("belcastel-1", "belcastel", 61, [("filter", 3)]),
    ("helderwater-2", "helderwater", 58, [("circulator", 3)]),
    ("tenbosse-1", "tenbosse", 52, [("compressor", 1)]),
    ("ravenel-2", "ravenel", 50, [("softener", 1)]),
    ("inktvis-2", "inktvis", 48, [("dryer", 1)]),
    ("parcvert-2", "parcvert", 47, [("fan", 6)]),
    ("kanteloos-1", "kanteloos", 46, [("filter", 2), ("valve", 1)]),
    ("fournil-1", "fournil", 46, [("softener", 1)]),
    ("warmedeeg-1", "warmedeeg", 43, [("softener", 1), ("filter", 2)]),
    ("melkwegen-3", "melkwegen", 40, [("valve", 12)]),
    ("leeuwerck-1", "leeuwerck", 36, [("valve", 1)]),
    # not due yet
    ("krulspaan-4", "krulspaan", 20, [("filter", 6)]),
    ("polderland-2", "polderland", 18, [("maintenance", 2)]),
    ("valdore-3", "valdore", 15, [("converter7", 1)]),
    ("puyenlaer-3", "puyenlaer", 12, [("filter", 1)]),
    ("eaubleue-4", "eaubleue", 9, [("circulator", 2)]),
    ("noordzij-3", "noordzij", 6, [("fan", 4)]),
    ("delacrosse-3", "delacrosse", 3, [("filter", 2)]),
]

# (payment, invoice, days, part of what is open)
PAYMENTS = [
    ("krulspaan-1", "krulspaan-1", 181, 1),
    ("koperenketel-1", "koperenketel-1", 178, 1),
    ("noordzij-1", "noordzij-1", 169, 1),
    ("leieboord-1", "leieboord-1", 159, 1),
    ("copeaux-1", "copeaux-1", 148, 1),
    ("inktvis-1", "inktvis-1", 143, 1),
    ("valdore-1", "valdore-1", 142, 1),
    ("parcvert-1", "parcvert-1", 135, 1),
    ("puyenlaer-1", "puyenlaer-1", 132, 1),
    ("delacrosse-1", "delacrosse-1", 127, 1),
    ("eaubleue-1", "eaubleue-1", 126, 1),
    ("melkwegen-1", "melkwegen-1", 119, 1),
    # a part, with the rest still open
    ("krulspaan-2", "krulspaan-2", 84, 0.5),
    ("glasrijk-1", "glasrijk-1", 74, 0.5),
    ("copeaux-2", "copeaux-2", 70, 0.4),
    ("kaai9-1", "kaai9-1", 62, 0.25),
    # after the first reminder
    ("koperenketel-2", "koperenketel-2", 39, 1),
    ("hautbois-1", "hautbois-1", 36, 0.3),
    ("ravenel-1", "ravenel-1", 34, 1),
    ("molenwerf-1", "molenwerf-1", 30, 0.6),
    ("troischenes-1", "troischenes-1", 27, 1),
    # after the second one
    ("enclume-1", "enclume-1", 14, 1),
    ("tenbosse-1", "tenbosse-1", 12, 0.2),
    ("ravenel-2", "ravenel-2", 5, 1),
]

# (credit note, invoice, days, {product: quantity taken back}, allocated to the invoice?)
CREDIT_NOTES = [
    ("lijnwaad-3", "lijnwaad-3", 60, {"converter2": 1}, True),
    ("fournil-1", "fournil-1", 25, {"softener": 1}, True),
    ("helderwater-1", "helderwater-1", 55, {"commissioning": 2}, False),
]

# (payment on account, customer, days, amount): received without naming an invoice, so not allocated
ON_ACCOUNT = [
    ("noordzij", "noordzij", 50, 500.0),
    ("valdore", "valdore", 48, 250.0),
    ("delacrosse", "delacrosse", 22, 100.0),
]

# reminders went out on these days
DUNNING_DAYS = [45, 20, 0]
