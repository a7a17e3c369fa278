"""Writing many rows at once, where the ORM would take most of the time of a run."""

from odoo.fields import Command
from odoo.tools import SQL


def insert_rows(model, vals_list):
    """Insert rows of complete values in one statement per thousand rows and return their records.

    For models whose values are decided completely before: no default, no check of companies, no ``create`` hook. Stored
    fields that another addon computes are computed as usual.

    :param model: a recordset of the model; the rows are written in the name of its user
    :param vals_list: dicts with the same keys; no x2many values
    """
    if not vals_list:
        return model.browse()
    names = list(vals_list[0])
    if any(isinstance(value, Command) for vals in vals_list for value in vals.values()):
        raise ValueError("Only plain columns can be inserted.")
    columns = [*names, "create_uid", "create_date", "write_uid", "write_date"]
    # a boolean is the only type in which False is a value
    booleans = {name for name in names if model._fields[name].type == "boolean"}
    stamp = (model.env.uid, model.env.cr.now(), model.env.uid, model.env.cr.now())
    rows = [
        tuple(
            value if value is not False or name in booleans else None
            for name, value in ((name, vals[name]) for name in names)
        )
        + stamp
        for vals in vals_list
    ]
    head = SQL(
        "INSERT INTO %s (%s) VALUES",
        SQL.identifier(model._table),
        SQL(", ").join(SQL.identifier(column) for column in columns),
    )
    inserted = model.env.cr.execute_values(f"{head.code} %s RETURNING id", rows, page_size=1000, fetch=True)
    records = model.browse(row[0] for row in inserted)
    for field in model._fields.values():
        if field.store and field.compute and field.column_type and field.name not in columns:
            model.env.add_to_compute(field, records)
    return records
