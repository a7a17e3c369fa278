"""Writing many rows at once, where the ORM would take most of the time of a run."""

from odoo.tools import SQL

MANY_ROWS = 2000


def analyze(cr, table, row_count):
    """Let the database count a table anew into which many rows were just written.

    Until its own housekeeping comes by it takes the table for empty, and plans accordingly.
    """
    if row_count >= MANY_ROWS:
        cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))


def insert_rows(model, vals_list):
    """Insert rows of complete values in one statement and return their records, in the same order.

    For models whose values are decided completely before: no default, no check of companies, no ``create`` hook. Stored
    fields that another addon computes are computed as usual.

    :param model: a recordset of the model; the rows are written in the name of its user
    :param vals_list: dicts with the same keys; no x2many values
    """
    if not vals_list:
        return model.browse()
    names = list(vals_list[0])
    if not all(model._fields[name].column_type for name in names):
        raise ValueError("Only plain columns can be inserted.")
    columns, given = [], []
    for name in names:
        field = model._fields[name]
        values = [vals[name] for vals in vals_list]
        if field.type != "boolean":  # the only type in which False is a value
            values = [None if value is False else value for value in values]
        columns.append(name)
        given.append(SQL("%s::%s", values, SQL(f"{field.column_type[0]}[]")))
    fixed = {}
    if model._log_access:
        stamp = SQL("%s", model.env.cr.now())
        user = SQL("%s", model.env.uid)
        fixed = {"create_uid": user, "create_date": stamp, "write_uid": user, "write_date": stamp}
    # the numbers are drawn first: nothing promises that the rows come back in the order in which they were given
    cr = model.env.cr
    cr.execute(
        SQL(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", model._table, len(vals_list)
        )
    )
    ids = [row[0] for row in cr.fetchall()]
    cr.execute(
        SQL(
            "INSERT INTO %s (id, %s) SELECT given.*%s FROM unnest(%s::int[], %s) AS given",
            SQL.identifier(model._table),
            SQL(", ").join(SQL.identifier(column) for column in [*columns, *fixed]),
            SQL("").join(SQL(", %s", value) for value in fixed.values()),
            ids,
            SQL(", ").join(given),
        )
    )
    records = model.browse(ids)
    for field in model._fields.values():
        if field.store and field.compute and field.column_type and field.name not in columns:
            model.env.add_to_compute(field, records)
    return records
