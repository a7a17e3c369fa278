from . import amount_words, identifiers, late_payment, spreadsheet, working_days
