"""Numbers of a sequence for many records at once."""

from odoo.tools import SQL


def next_numbers(env, code, company, count):
    """Return ``count`` numbers of a company's sequence, drawn in one query."""
    if not count:
        return []
    # drawing a number needs no right on sequences
    sequence_sudo = (
        env["ir.sequence"]
        .sudo()
        .search([("code", "=", code), ("company_id", "in", [company.id, False])], order="company_id", limit=1)
    )
    if not sequence_sudo:
        return ["/"] * count
    if sequence_sudo.implementation != "standard" or sequence_sudo.use_date_range:
        return [sequence_sudo.with_company(company).next_by_id() for _number in range(count)]
    rows = env.execute_query(
        SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"ir_sequence_{sequence_sudo.id:03d}", count)
    )
    return [sequence_sudo.get_next_char(number) for [number] in rows]
