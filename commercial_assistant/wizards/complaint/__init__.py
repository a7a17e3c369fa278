from . import complaint_cancel
from . import complaint_approval, complaint_inspect, complaint_solution_cancel
