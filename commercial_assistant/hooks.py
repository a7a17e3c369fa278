"""Installation and removal: what the data files and foreign keys cannot do by themselves."""

from collections import defaultdict

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
    companies._start_complaint_teams()


def uninstall_hook(env):
    """Remove what Odoo would leave behind or could not remove; it drops models, fields, messages and files itself."""
    models = [model for model in env.registry.values() if model._original_module == MODULE]
    names = [model._name for model in models]
    _keep_used_records(env, models)
    _release_protected(env, models)
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


def _release_protected(env, models):
    """Our tables protect customers, invoices, files and each other; Odoo deletes records before it drops tables."""
    env.cr.execute(
        SQL(
            """
            SELECT conrelid::regclass::text, conname
              FROM pg_constraint
             WHERE contype = 'f'
               AND confdeltype IN ('a', 'r')
               AND conrelid::regclass::text = ANY(%s)
            """,
            _get_tables(models),
        )
    )
    for table, constraint in env.cr.fetchall():
        env.cr.execute(
            SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table.strip('"')), SQL.identifier(constraint))
        )


def _get_tables(models):
    """Tables that belong to these models alone, those of their many2many fields included."""
    tables = [model._table for model in models if model._auto and not model._abstract]
    return tables + [
        field.relation
        for model in models
        for field in model._fields.values()
        if field.store and field.type == "many2many"
    ]


def _keep_used_records(env, models):
    """A record of the demonstration that the company's own documents name, such as a customer with invoices, belongs to
    the company: it loses our name and stays. Odoo would try to delete it, fail, and complain in the log."""
    ours = {model._name for model in models}
    # Odoo names the template of a product and the partner of a user after them
    data = env["ir.model.data"].search([("module", "=", MODULE), ("name", "=like", r"%\_demo%")])
    data = data.filtered(lambda entry: entry.model in env.registry and entry.model not in ours)
    candidates = {}
    for entry in data:
        candidates.setdefault(env[entry.model]._table, set()).add(entry.res_id)
    kept = _find_used(env, candidates, set(_get_tables(models)))
    data.filtered(lambda entry: entry.res_id in kept[env[entry.model]._table]).unlink()


def _find_used(env, candidates, dropped):
    """Return which of these rows others protect, directly or through a row that depends on them or names them.

    :param dict candidates: ``{table: ids}`` of what is to be deleted
    :param dropped: tables that go as a whole, whatever they name
    :rtype: dict of table and ids
    """
    env.flush_all()
    env.cr.execute(
        """
        SELECT child.relname, target.relname, col.attname, confdeltype
          FROM pg_constraint
          JOIN pg_class child ON child.oid = conrelid
          JOIN pg_class target ON target.oid = confrelid
          JOIN pg_attribute col ON col.attrelid = conrelid AND col.attnum = conkey[1]
         WHERE contype = 'f'
           AND confdeltype IN ('a', 'r', 'c')
           AND EXISTS (SELECT FROM pg_attribute id WHERE id.attrelid = conrelid AND id.attname = 'id')
        """
    )
    keys = [key for key in env.cr.fetchall() if key[0] not in dropped]
    doomed = defaultdict(set, {table: set(ids) for table, ids in candidates.items()})
    # what is deleted along with them
    for table, target, column, kind in _until_nothing_changes(keys, doomed):
        if kind == "c":
            doomed[table] |= set(_fetch_rows(env, table, "id", column, doomed[target]))
    kept = defaultdict(set)
    for table, target, column, kind in _until_nothing_changes(keys, kept):
        staying = (
            SQL("id = ANY(%s)", list(kept[table]))
            if kind == "c"
            else SQL("id <> ALL(%s)", list(doomed[table] - kept[table]))
        )
        kept[target] |= set(_fetch_rows(env, table, column, column, doomed[target] - kept[target], staying))
    return kept


def _until_nothing_changes(keys, found):
    """Go through the foreign keys again and again, until a whole round finds nothing more."""
    before = None
    while before != (before := {table: len(ids) for table, ids in found.items() if ids}):
        yield from keys


def _fetch_rows(env, table, result, column, ids, condition=None):
    if not ids:
        return []
    env.cr.execute(
        SQL(
            "SELECT DISTINCT %s FROM %s WHERE %s = ANY(%s) AND %s",
            SQL.identifier(result),
            SQL.identifier(table),
            SQL.identifier(column),
            list(ids),
            condition or SQL("TRUE"),
        )
    )
    return [row[0] for row in env.cr.fetchall()]


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
