from . import approval_rule
from . import credit_hold
from . import sale_order
from . import payment_transaction
from . import res_partner
from . import base_partner_merge
