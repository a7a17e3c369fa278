"""From 19.0.1.0.0: what needs the new models and data."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from odoo import SUPERUSER_ID, api


def load(part):
    """Return a file of this folder as a module: a folder named after a version cannot be imported."""
    spec = spec_from_file_location(f"commercial_assistant_migration_{part}", Path(__file__).with_name(f"{part}.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    load("law").migrate_law(env)
    load("charges").post_migrate(env)
    load("run").post(cr)
