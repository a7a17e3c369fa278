"""The mass tables of reminders lose what other tables know: columns that point elsewhere, indexes nobody needs."""

LOG_COLUMNS = ("create_uid", "create_date", "write_uid", "write_date")
COLUMNS = {
    "commercial_dunning_notice_line": ("company_id", "currency_id", "move_id", "move_line_id", *LOG_COLUMNS),
    "commercial_dunning_skip": ("company_id", *LOG_COLUMNS),
    "commercial_receivable_item": LOG_COLUMNS,
}
INDEXES = (
    "commercial_dunning_notice__company_id_index",
    "commercial_dunning_notice__level_id_index",
    "commercial_dunning_notice__policy_id_index",
    "commercial_dunning_notice__state_index",
    "commercial_dunning_notice_unsent",
    "commercial_receivable_item__level_id_index",
    "commercial_receivable_item_open_of_receivable",
)


def post(cr):
    """Drop columns and indexes that are not used any more; can be repeated."""
    for table, columns in COLUMNS.items():
        drops = ", ".join(f"DROP COLUMN IF EXISTS {column}" for column in columns)
        cr.execute(f"ALTER TABLE {table} {drops}")  # pylint: disable=sql-injection
    for index in INDEXES:
        cr.execute(f"DROP INDEX IF EXISTS {index}")  # pylint: disable=sql-injection
