from . import dunning_notice_report
from . import collection_cover_report
