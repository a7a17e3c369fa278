"""What was open on a day: the accounting as it stood then, read in sets.

The residual of today is taken back to the day by the matchings that came later (``max_date`` of a matching is the day
on which both its sides existed). The cost grows with what is open now and what was matched since, not with the whole
history. A payment whose matching was undone counts as money on account on every day since it was booked: that is what
the accounting says about these days, too.
"""

from odoo.tools import SQL


def flush_open_at(env):
    """Write down what the statements below read."""
    env["account.move.line"].flush_model()
    env["account.move"].flush_model()
    env["account.partial.reconcile"].flush_model()
    env["res.partner"].flush_model()


def _partner_condition(alias, partner_ids):
    if partner_ids is None:
        return SQL()
    return SQL(
        "AND %s.partner_id IN (SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s))",
        SQL.identifier(alias),
        list(partner_ids),
    )


def _later_matchings(account_ids, day, partner_ids):
    """Amounts matched after the day, by journal item; given in the direction that restores the residual."""
    if partner_ids is None:
        lines = {"debit": SQL(), "credit": SQL()}
    else:
        condition = _partner_condition("mine", partner_ids)
        lines = {
            side: SQL(
                """
                AND partial.%s IN (
                    SELECT mine.id FROM account_move_line mine WHERE mine.account_id = ANY(%s) %s
                )
                """,
                SQL.identifier(f"{side}_move_id"),
                list(account_ids),
                condition,
            )
            for side in ("debit", "credit")
        }
    return SQL(
        """
        SELECT touched.line_id, SUM(touched.amount) AS amount
          FROM (
                SELECT partial.debit_move_id AS line_id, partial.debit_amount_currency AS amount
                  FROM account_partial_reconcile partial
                 WHERE partial.max_date > %(day)s %(debit)s
             UNION ALL
                SELECT partial.credit_move_id, -partial.credit_amount_currency
                  FROM account_partial_reconcile partial
                 WHERE partial.max_date > %(day)s %(credit)s
               ) touched
      GROUP BY touched.line_id
        """,
        day=day,
        **lines,
    )


def lines_open_at(company, account_ids, day, partner_ids=None):
    """Return a query for the journal items that were open on that day.

    Its columns: ``id``, ``move_id``, ``entity_id`` (the commercial partner, empty for items without partner),
    ``currency_id``, ``date``, ``date_due``, ``amount_original`` and ``amount_residual``; debts above zero, credits
    below.

    :param company: the company whose journal items count
    :param account_ids: receivable accounts
    :param partner_ids: commercial partners to look at, ``None`` for all
    """
    columns = SQL(
        """
        line.id, line.move_id, partner.commercial_partner_id AS entity_id, line.currency_id, line.date,
        COALESCE(line.date_maturity, line.date) AS date_due, line.amount_currency AS amount_original,
        line.amount_residual_currency + COALESCE(later.amount, 0) AS amount_residual
        """
    )
    condition = SQL(
        """
        line.account_id = ANY(%s)
        AND line.parent_state = 'posted'
        AND line.company_id = %s
        AND line.date <= %s
        AND line.amount_residual_currency + COALESCE(later.amount, 0) <> 0
        %s
        """,
        list(account_ids),
        company.id,
        day,
        _partner_condition("line", partner_ids),
    )
    return SQL(
        """
        WITH later AS (%(later)s)
        SELECT %(columns)s
          FROM account_move_line line
     LEFT JOIN res_partner partner ON partner.id = line.partner_id
     LEFT JOIN later ON later.line_id = line.id
         WHERE line.reconciled IS NOT TRUE AND %(condition)s
     UNION ALL
        SELECT %(columns)s
          FROM later
          JOIN account_move_line line ON line.id = later.line_id
     LEFT JOIN res_partner partner ON partner.id = line.partner_id
         WHERE line.reconciled IS TRUE AND %(condition)s
        """,
        later=_later_matchings(account_ids, day, partner_ids),
        columns=columns,
        condition=condition,
    )


def movements(company, account_ids, partner_ids):
    """Return a query for everything that changed the balance of customers, in the currency it changed.

    Besides the journal items these are matchings that do not cancel out within one customer and currency: a payment in
    another currency, or the payment of one customer for the invoice of another. With them the sum of the movements
    until a day is what :func:`lines_open_at` finds open on that day.

    Columns: ``line_id``, ``move_id``, ``entity_id``, ``currency_id``, ``date``, ``date_due``, ``amount`` and
    ``is_matching``.
    """
    mine = SQL(
        """
        line.account_id = ANY(%s)
        AND line.parent_state = 'posted'
        AND line.company_id = %s
        %s
        """,
        list(account_ids),
        company.id,
        _partner_condition("line", partner_ids),
    )

    def matching(own, other, sign):
        # the customers of both sides are compared by their commercial partner
        return SQL(
            """
            SELECT line.id AS line_id, opposite.move_id, partner.commercial_partner_id AS entity_id, line.currency_id,
                   partial.max_date AS date, partial.max_date AS date_due, %(sign)s partial.%(amount)s AS amount,
                   TRUE AS is_matching
              FROM account_partial_reconcile partial
              JOIN account_move_line line ON line.id = partial.%(own)s
              JOIN account_move_line opposite ON opposite.id = partial.%(other)s
              JOIN res_partner partner ON partner.id = line.partner_id
         LEFT JOIN res_partner stranger ON stranger.id = opposite.partner_id
             WHERE %(mine)s
               AND (line.currency_id, line.company_id, partner.commercial_partner_id, partial.debit_amount_currency)
                   IS DISTINCT FROM
                   (opposite.currency_id, opposite.company_id, stranger.commercial_partner_id,
                    partial.credit_amount_currency)
               AND partial.%(amount)s <> 0
            """,
            sign=SQL(sign),
            amount=SQL.identifier(f"{own}_amount_currency"),
            own=SQL.identifier(f"{own}_move_id"),
            other=SQL.identifier(f"{other}_move_id"),
            mine=mine,
        )

    return SQL(
        """
        SELECT line.id AS line_id, line.move_id, partner.commercial_partner_id AS entity_id, line.currency_id,
               line.date, COALESCE(line.date_maturity, line.date) AS date_due, line.amount_currency AS amount,
               FALSE AS is_matching
          FROM account_move_line line
          JOIN res_partner partner ON partner.id = line.partner_id
         WHERE %s AND line.amount_currency <> 0
     UNION ALL
        %s
     UNION ALL
        %s
        """,
        mine,
        matching("debit", "credit", "-"),
        matching("credit", "debit", ""),
    )
