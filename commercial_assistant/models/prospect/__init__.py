from . import crm_lead
from . import prospect_import
from . import prospect_import_candidate
from . import prospect_import_column
from . import prospect_import_row
from . import prospect_import_sheet
from . import prospect_matcher
