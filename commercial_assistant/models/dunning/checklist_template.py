from odoo import api, models


class CommercialChecklistTemplate(models.Model):
    _inherit = "commercial.checklist.template"

    @api.model
    def _selection_purpose(self):
        # a dict: the strings of a list of pairs would be taken for terms to translate
        purposes = {
            "collection_ios": self.env._("Hand-over of an undisputed debt (IOS / RCI)"),
            "collection_business": self.env._("Hand-over of a claim on a business (Belgium)"),
            "collection_consumer": self.env._("Hand-over of a claim on a consumer (Belgium)"),
            "collection_general": self.env._("Hand-over of a claim (other countries)"),
        }
        return [*super()._selection_purpose(), *purposes.items()]


class CommercialChecklistTemplatePoint(models.Model):
    _inherit = "commercial.checklist.template.point"

    @api.model
    def _selection_method_code(self):
        codes = {
            "creditor_number": self.env._("Our enterprise number is valid"),
            "debtor_number": self.env._("The enterprise number of the customer is valid"),
            "debtor_is_business": self.env._("The customer is a business, no public authority"),
            "debtor_address": self.env._("The customer has a postal address"),
            "invoices_posted": self.env._("Every item is a posted invoice"),
            "due": self.env._("Every item is overdue"),
            "reminded": self.env._("Every item was reminded"),
            "formal_notice": self.env._("A formal notice was delivered"),
            "first_reminder": self.env._("The free first reminder was delivered"),
            "waiting_over": self.env._("The time to pay without charges is over"),
            "proof_of_sending": self.env._("Every letter has a proof of sending"),
            "undisputed": self.env._("Nothing is disputed, promised or in a payment plan"),
            "not_insolvent": self.env._("No insolvency is recorded"),
            "not_prescribed": self.env._("No item has lapsed"),
            "collector_allowed": self.env._("The collector may do this"),
            "extras_capped": self.env._("Charges stay within the share of the law"),
            "terms_enclosed": self.env._("Contract or accepted terms are enclosed"),
            "documents": self.env._("No document is missing"),
        }
        return [*super()._selection_method_code(), *codes.items()]
