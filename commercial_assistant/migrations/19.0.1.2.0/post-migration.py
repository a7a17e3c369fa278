"""From 19.0.1.1.0: what the rooms of complaints and warranty need in a database that is in use."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["res.company"].search([])._start_complaint_teams()
