from . import credit, dispatch
