from . import test_repair_solution
