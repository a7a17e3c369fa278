from . import amount_words, collection, dossier, identifiers, late_payment, prescription, spreadsheet, working_days
