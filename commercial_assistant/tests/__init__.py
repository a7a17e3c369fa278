from . import test_common_legal_parameter_data
from . import test_tools_amount_words
from . import test_tools_identifiers
from . import test_tools_late_payment
from . import test_tools_properties
from . import test_tools_spreadsheet
from . import test_tools_working_days
from . import test_common_approval
