from . import complaint_solution, complaint, repair_order
