"""Installing, updating and uninstalling: the log stays clean and nothing is left behind."""

import os

from conftest import COMPLAINT, connect, rows, run_odoo

# what Odoo itself counts or notes on the way, whatever is installed
VOLATILE_TABLES = {
    "orm_signaling_assets",
    "orm_signaling_default",
    "orm_signaling_groups",
    "orm_signaling_registry",
    "orm_signaling_routing",
    "orm_signaling_stable",
    "orm_signaling_templates",
    "bus_bus",
    "bus_presence",
    "ir_asset",
    "ir_cron_progress",
    "ir_cron_trigger",
    "ir_logging",
    "ir_module_module",
    "ir_profile",
    "res_device_log",
}
# what belongs to a model or a module: its identity, told by these columns
METADATA = {
    "ir_model": "model",
    "ir_model_fields": "model, name",
    "ir_model_fields_selection": "(select model || '.' || name from ir_model_fields f where f.id = field_id), value",
    "ir_model_access": "name",
    "ir_model_constraint": "name",
    "ir_model_relation": "name",
    "ir_model_inherit": """(select model from ir_model m where m.id = model_id),
        (select model from ir_model m where m.id = parent_id)""",
    "ir_model_data": "module, name",
    "ir_ui_view": "name, coalesce(key, '')",
    "ir_ui_menu": "name",
    "ir_actions": "type, name",
    "ir_act_report_xml": "report_name",
    "ir_cron": "id",
    "ir_rule": "name",
    "ir_sequence": "name, coalesce(code, '')",
    "ir_config_parameter": "key",
    "ir_default": "field_id, json_value",
    "ir_filters": "name",
    "ir_attachment": "coalesce(res_model, ''), coalesce(res_field, ''), name",
    "ir_exports": "name",
    "mail_message": "coalesce(model, ''), coalesce(res_id, 0), coalesce(subject, '')",
    "mail_message_subtype": "name",
    "mail_activity": "res_model, res_id",
    "mail_activity_type": "name",
    "mail_followers": "res_model, res_id",
    "mail_template": "name",
    "res_groups": "name",
    "res_groups_privilege": "name",
    "ir_module_category": "name",
    "report_paperformat": "name",
    "digest_tip": "name",
}


def schema(database):
    """Tables, columns, indexes, constraints, sequences, functions and triggers of a database."""
    found = set()
    for kind, query in {
        "column": """select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
            from information_schema.columns where table_schema = 'public'""",
        "index": "select tablename || '.' || indexname from pg_indexes where schemaname = 'public'",
        "constraint": "select conrelid::regclass || '.' || conname from pg_constraint where conrelid <> 0",
        "sequence": "select relname from pg_class where relkind = 'S'",
        "function": "select proname::text from pg_proc where pronamespace = 'public'::regnamespace",
        "trigger": "select tgname::text from pg_trigger where not tgisinternal",
        "extension": "select extname::text from pg_extension",
    }.items():
        found.update(f"{kind} {name}" for (name,) in rows(database, query))
    return found


def metadata(database, ignored_attachments="/web/assets/%"):
    """Every record that describes the application, not the business."""
    existing = {name for (name,) in rows(database, "select tablename from pg_tables where schemaname = 'public'")}
    found = {}
    for table, columns in METADATA.items():
        if table not in existing:
            continue
        where = "where coalesce(url, '') not like %s" if table == "ir_attachment" else ""
        arguments = [ignored_attachments] if where else []
        for row in rows(database, f"select {columns} from {table} {where}", *arguments):
            key = (table, *map(str, row))
            found[key] = found.get(key, 0) + 1
    return found


def row_counts(database):
    connection = connect(database)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select tablename from pg_tables where schemaname = 'public'")
            tables = [table for (table,) in cursor.fetchall() if table not in VOLATILE_TABLES]
            counts = {}
            for table in tables:
                cursor.execute(
                    f'select count(*) from "{table}"'
                    + (" where coalesce(url, '') not like '/web/assets/%'" if table == "ir_attachment" else "")
                )
                (counts[table],) = cursor.fetchone()
    finally:
        connection.close()
    return counts


def difference(before, after):
    return {
        key: (before.get(key, 0), after.get(key, 0)) for key in {*before, *after} if before.get(key) != after.get(key)
    }


def assert_nothing_of_ours(database, addons):
    for addon in addons:
        assert rows(database, "select state from ir_module_module where name = %s", addon) == [("uninstalled",)]
        assert not rows(database, "select name from ir_model_data where module = %s", addon)
        assert not rows(database, "select key from ir_config_parameter where key like %s", f"%{addon}%")
    assert not rows(database, "select model from ir_model where model like 'commercial.%'")
    assert not rows(database, "select tablename from pg_tables where tablename like 'commercial%'")
    for table, column in (
        ("ir_attachment", "res_model"),
        ("mail_message", "model"),
        ("mail_activity", "res_model"),
        ("mail_followers", "res_model"),
        ("mail_template", "model"),
        ("ir_filters", "model_id"),
    ):
        assert not rows(database, f"select 1 from {table} where {column} like 'commercial.%'"), table


def test_uninstalling_leaves_the_database_as_it_was(databases, addons):
    database = databases.clone("lifecycle")
    before = schema(database), metadata(database), row_counts(database)
    run_odoo("server", "-d", database, "-i", ",".join(addons), "--stop-after-init", "--no-http", "--log-level=warn")
    assert rows(database, "select state from ir_module_module where name = %s", addons[0]) == [("installed",)]
    run_odoo("server", "-d", database, "-u", ",".join(addons), "--stop-after-init", "--no-http", "--log-level=warn")
    run_odoo("module", "uninstall", "-d", database, *addons)
    assert_nothing_of_ours(database, addons)
    assert schema(database) == before[0]
    assert difference(before[1], metadata(database)) == {}
    assert difference(before[2], row_counts(database)) == {}


def test_a_database_in_use_can_be_updated_and_left(databases, addons, demo):
    """The demo database has gone through the main job: letters written, charges claimed, lists imported."""
    assert demo.code == 0, demo.output
    assert not COMPLAINT.findall((demo.out / "install.log").read_text())
    database = databases.clone("used", demo.database)
    invoices = rows(
        database, "select state, count(*), sum(amount_total) from account_move group by state order by state"
    )
    letters = rows(database, "select name, state, sha256 from commercial_dispatch order by id")
    assert invoices and letters
    run_odoo("server", "-d", database, "-u", ",".join(addons), "--stop-after-init", "--no-http", "--log-level=warn")
    assert rows(database, "select name, state, sha256 from commercial_dispatch order by id") == letters
    run_odoo("module", "uninstall", "-d", database, *addons)
    assert_nothing_of_ours(database, addons)
    # the company stays with its invoices, and so do its numbers
    numbers = rows(database, "select id from ir_sequence where company_id in (select company_id from account_move)")
    own = {f"sequence ir_sequence_{number:03d}" for (number,) in numbers}
    assert schema(database) - own == schema(databases.clone("reference", os.environ["CA_DEMO_TEMPLATE"])) - own
    assert invoices == rows(
        database, "select state, count(*), sum(amount_total) from account_move group by state order by state"
    ), "invoices are the company's, not ours"
