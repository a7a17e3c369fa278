"""Installation and removal: what the data files and foreign keys cannot do by themselves."""

from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import column_exists

MODULE = "commercial_assistant"


def pre_init_hook(env):
    """Fill the customer kind of existing partners in one statement, before the ORM would compute it one by one."""
    _create_customer_kind(env)


def post_init_hook(env):
    """Give every company the standard records of its country."""
    companies = env["res.company"].search([])
    companies._start_dunning_policies()
    companies._set_charge_defaults()


def uninstall_hook(env):
    """Remove what Odoo would leave behind or could not remove; it drops models, fields, messages and files itself."""
    models = [model for model in env.registry.values() if model._original_module == MODULE]
    names = [model._name for model in models]
    _release_files(env, models)
    _remove_records(env, names)
    _remove_foreign_identifiers(env, names)
    _leave_products(env)
    _forget_foreign_keys(env)


def _create_customer_kind(env):
    """Create the columns of the customer kind and fill them by the same rule as the compute method."""
    if column_exists(env.cr, "res_partner", "customer_kind"):
        return
    # a default is no rewriting of the table: only businesses are touched
    env.cr.execute(
        """
        ALTER TABLE res_partner
          ADD COLUMN customer_kind varchar DEFAULT 'consumer',
          ADD COLUMN has_own_customer_kind boolean DEFAULT FALSE;
        ALTER TABLE res_partner
        ALTER COLUMN customer_kind DROP DEFAULT,
        ALTER COLUMN has_own_customer_kind DROP DEFAULT
        """
    )
    # a slash stands for "has none"
    number = SQL("BTRIM(COALESCE(entity.vat, ''), ' /') || BTRIM(COALESCE(entity.company_registry, ''), ' /')")
    env.cr.execute(
        SQL(
            """
            UPDATE res_partner partner
               SET customer_kind = 'business'
              FROM res_partner entity
             WHERE entity.id = COALESCE(partner.commercial_partner_id, partner.id)
               AND (entity.is_company OR (%s) <> '')
            """,
            number,
        )
    )


def _release_files(env, models):
    """Our tables protect the files of sent letters; Odoo deletes the files before it drops the tables."""
    tables = [model._table for model in models if model._auto and not model._abstract]
    tables += [
        field.relation
        for model in models
        for field in model._fields.values()
        if field.store and field.type == "many2many"
    ]
    env.cr.execute(
        SQL(
            """
            SELECT conrelid::regclass::text, conname
              FROM pg_constraint
             WHERE contype = 'f'
               AND confdeltype IN ('a', 'r')
               AND confrelid = 'ir_attachment'::regclass
               AND conrelid::regclass::text = ANY(%s)
            """,
            tables,
        )
    )
    for table, constraint in env.cr.fetchall():
        env.cr.execute(
            SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table.strip('"')), SQL.identifier(constraint))
        )


def _remove_records(env, model_names):
    """Remove what was made at run time and is tied to our models by their name only."""
    for model_name, domain in {
        "base_import.mapping": Domain("res_model", "in", model_names),
        "ir.config_parameter": Domain("key", "=like", MODULE.replace("_", r"\_") + ".%"),
        "ir.exports": Domain("resource", "in", model_names),
        "ir.filters": Domain("model_id", "in", model_names),
        "ir.sequence": Domain("code", "in", model_names),
        "mail.activity.plan": Domain("res_model", "in", model_names),
    }.items():
        if model_name in env:
            env[model_name].with_context(active_test=False).search(domain).unlink()


def _remove_foreign_identifiers(env, model_names):
    """Addons whose mixins we use have named parts of our models; these names outlive the models."""
    env.cr.execute(
        SQL(
            """
            DELETE FROM ir_model_data
                  WHERE module <> %(module)s
                    AND (
                        model = 'ir.model.inherit' AND res_id IN (
                            SELECT inherit.id
                              FROM ir_model_inherit inherit
                              JOIN ir_model model ON model.id = inherit.model_id
                             WHERE model.model = ANY(%(models)s)
                        )
                        OR model = 'ir.model.fields.selection' AND res_id IN (
                            SELECT selection.id
                              FROM ir_model_fields_selection selection
                              JOIN ir_model_fields field ON field.id = selection.field_id
                             WHERE field.model = ANY(%(models)s)
                        )
                    )
            """,
            module=MODULE,
            models=model_names,
        )
    )


def _leave_products(env):
    """A product of charges that stands on an invoice stays with it: Odoo would try in vain to remove it."""
    env.cr.execute(
        r"""
        DELETE FROM ir_model_data name
              WHERE name.module = %s
                AND name.model = 'product.product'
                AND name.name LIKE 'charge\_product\_%%'
                AND EXISTS (SELECT FROM account_move_line line WHERE line.product_id = name.res_id)
        """,
        [MODULE],
    )


def _forget_foreign_keys(env):
    """Our columns on the models of others go with their foreign keys; Odoo's notes about these keys would stay."""
    env.cr.execute(
        """
        DELETE FROM ir_model_constraint note
              USING ir_module_module module
              WHERE module.id = note.module AND module.name = %s AND note.type = 'f'
        """,
        [MODULE],
    )
