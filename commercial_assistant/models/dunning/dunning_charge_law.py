from odoo import api, models


class DunningCharge(models.Model):
    """Where the claims of the neighbours' laws stand."""

    _inherit = "commercial.dunning.charge"

    @api.model
    def _get_legal_grounds(self):
        return {
            **super()._get_legal_grounds(),
            "nl_6_119": self.env._("Article 6:119 of the Dutch Civil Code"),
            "nl_6_119a": self.env._("Article 6:119a of the Dutch Civil Code"),
            "nl_6_96": self.env._("Article 6:96 of the Dutch Civil Code and the decree on collection costs"),
            "nl_6_96_business": self.env._(
                "Article 6:96 par. 4 of the Dutch Civil Code and the decree on collection costs"
            ),
            "fr_l441_10": self.env._("Article L441-10 of the French Commercial Code"),
            "fr_d441_5": self.env._("Articles L441-10 and D441-5 of the French Commercial Code"),
            "fr_clause": self.env._("Indemnity clause of our terms"),
            "fr_terms": self.env._("Our terms"),
            "fr_1344_1": self.env._("Articles 1231-6 and 1344-1 of the French Civil Code"),
            "lu_2004_interest": self.env._("Law of 18 April 2004 on terms of payment and late interest"),
            "lu_2004_fixed": self.env._("Law of 18 April 2004 on terms of payment and late interest"),
            "lu_2004_consumer": self.env._("Law of 18 April 2004 on terms of payment and late interest"),
            "lu_clause": self.env._("Indemnity clause of our terms"),
            "lu_terms": self.env._("Our terms"),
        }
