from . import legal_parameter, res_company, res_partner
