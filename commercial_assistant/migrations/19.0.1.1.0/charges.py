"""Charges know what was paid, waived and booked: fill the new columns in one statement, before the ORM would."""


def pre_migrate(cr):
    """Add and fill the columns of existing charges. A charge that was marked paid was paid as a whole."""
    cr.execute(
        """
        ALTER TABLE commercial_dunning_charge
          ADD COLUMN IF NOT EXISTS amount_received numeric,
          ADD COLUMN IF NOT EXISTS amount_paid numeric,
          ADD COLUMN IF NOT EXISTS amount_credited numeric,
          ADD COLUMN IF NOT EXISTS amount_waived numeric,
          ADD COLUMN IF NOT EXISTS amount_residual numeric,
          ADD COLUMN IF NOT EXISTS claimed_on date,
          ADD COLUMN IF NOT EXISTS received_on date,
          ADD COLUMN IF NOT EXISTS paid_on date,
          ADD COLUMN IF NOT EXISTS booking_mode varchar,
          ADD COLUMN IF NOT EXISTS booking_state varchar;
        UPDATE commercial_dunning_charge charge
           SET amount_received = CASE WHEN charge.state = 'paid' THEN charge.amount ELSE 0 END,
               amount_paid = CASE WHEN charge.state = 'paid' THEN charge.amount ELSE 0 END,
               amount_credited = 0,
               amount_waived = CASE WHEN charge.state = 'waived' THEN charge.amount ELSE 0 END,
               amount_residual = CASE WHEN charge.state IN ('planned', 'claimed') THEN charge.amount ELSE 0 END,
               claimed_on = CASE WHEN charge.state IN ('claimed', 'paid', 'waived') THEN notice.delivered_on END,
               received_on = CASE WHEN charge.state = 'paid' THEN charge.write_date::date END,
               paid_on = CASE WHEN charge.state = 'paid' THEN charge.write_date::date END,
               booking_mode = CASE WHEN charge.state IN ('claimed', 'paid') THEN 'letter' END,
               booking_state = 'not_booked'
          FROM commercial_dunning_notice notice
         WHERE notice.id = charge.notice_id
           AND charge.booking_state IS NULL
        """
    )


def post_migrate(env):
    """Choose journal and accounts of charges where a chart of accounts is there."""
    env["res.company"].search([])._set_charge_defaults()
