"""Honest accounting data at scale, in the database of ``env``.

Some twenty different cases (an invoice with its instalments, payments and credit notes) are posted and reconciled by
Odoo itself. Each is then copied thousands of times by ``INSERT ... SELECT`` of *all* stored columns, with own numbers,
customers and dates, together with its taxes, tags and reconciliations. A sample of the copies is computed again by the
ORM and compared, so that the data cannot drift from what Odoo would have written.

    script/bench accounting --items 20000 --partners 4000
"""

import argparse
import json
import random
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import perf_counter

from odoo import Command, fields
from odoo.tools import SQL

FIRST_COPY = 100_000  # numbers of the copies start here, after those of the posted cases
MOST_SETTLED = 500_000  # unless more is asked for: with more the disk is measured
MOST_POSTED_PARTNERS = 2000  # customers created by Odoo; more are copies of them
RELATIONS = ("account_move_line_account_tax_rel", "account_account_tag_account_move_line_rel")
TABLES = ("account_full_reconcile", "account_move", "account_move_line", "account_partial_reconcile")
COMPUTED_AGAIN = {
    "account.move": [
        "amount_total",
        "amount_untaxed",
        "amount_residual",
        "amount_residual_signed",
        "payment_state",
        "invoice_date_due",
        "commercial_partner_id",
    ],
    "account.move.line": ["amount_residual", "amount_residual_currency", "reconciled"],
}


@dataclass
class Case:
    """What Odoo posted once and what is to be copied: the moves of one story of one invoice."""

    name: str
    kind: str  # overdue, settled, not due yet, on account
    share: int  # relative frequency among its kind
    moves: object  # account.move, the invoice first
    overdue: int = 0  # open instalments, each late in every copy
    days: tuple = (1, 420)  # how far back in time the copies lie


@dataclass
class Accounting:
    """The result: where the data lies and how much there is."""

    company: object
    partners: object
    today: date
    counts: dict = field(default_factory=dict)
    seconds: float = 0.0


def create_accounting(env, items=20000, partners=4000, settled=None, today=None, seed=1):
    """Fill a company of its own with open and settled invoices.

    :param int items: overdue open instalments, exactly
    :param int partners: customers that share them
    :param int settled: invoices that are paid, as the past of the company; twice the items, at most half a million,
        unless told. Besides come
        invoices not due yet (a fifth of the items) and credit notes and payments on account (one for 33 customers)
    :param date today: day as of which the instalments are overdue
    :param int seed: start of the random choices: the same data every time
    """
    start = perf_counter()
    chance = random.Random(seed)
    today = today or fields.Date.today()
    company = _create_company(env)
    env = env(context={**env.context, "allowed_company_ids": company.ids, "tracking_disable": True})
    company = company.with_env(env)
    customers = _create_partners(env, partners, chance)
    cases = _post_cases(env, company, customers[0], today)
    env.flush_all()
    counts = {
        "settled": min(2 * items, MOST_SETTLED) if settled is None else settled,
        "not due yet": items // 5,
        "on account": partners // 33,
    }
    copies = _plan(cases, items, counts, customers.ids, chance)
    _copy(env, cases, copies)
    env.invalidate_all()
    result = Accounting(company=company, partners=customers, today=today)
    _check(env, result, items, chance)
    env.cr.execute("ANALYZE")
    result.seconds = perf_counter() - start
    return result


# --- COMPANY AND CUSTOMERS ---


def _create_company(env):
    # as a data file does it: without installing every addon of the country
    company = (
        env["res.company"]
        .with_context(install_mode=True)
        .create(
            {
                "name": "Benchmark BV",
                "country_id": env.ref("base.be").id,
                "currency_id": env.ref("base.EUR").id,
                "company_registry": "0566988259",
                "vat": "BE0566988259",
                "street": "Kaai 12",
                "zip": "2000",
                "city": "Antwerpen",
            }
        )
    )
    company = company.with_context(install_mode=False)
    company.email = "boekhouding@benchmark.example"  # at creation Odoo would look the company up by it
    env.user.company_ids += company
    env["account.chart.template"].try_loading("be_comp", company=company, install_demo=False)
    usd = env.ref("base.USD")
    usd.active = True
    env["res.currency.rate"].create(
        {"currency_id": usd.id, "company_id": company.id, "name": "2020-01-01", "rate": 1.1}
    )
    env["res.partner.bank"].create(
        {"acc_number": "BE68539007547034", "partner_id": company.partner_id.id, "company_id": company.id}
    )
    return company


def _create_partners(env, count, chance):
    """Create customers as a Belgian company has them: two in five are consumers, and not every one has an address."""
    belgium = env.ref("base.be").id
    languages = [code for code, _name in env["res.lang"].get_installed()]
    spoken = [code for code in ("nl_BE", "fr_BE", "en_US", "de_DE") if code in languages]
    vals_list = []
    for number in range(min(count, MOST_POSTED_PARTNERS)):
        is_company = number % 5 > 1
        base = 4_000_000 + number
        vals = {
            "name": f"Firma {number} BV" if is_company else f"Klant {number}",
            "is_company": is_company,
            "country_id": belgium,
            "lang": chance.choices(spoken, [50, 35, 10, 5][: len(spoken)])[0],
        }
        if is_company:
            vals["vat"] = f"BE{base:08d}{97 - base % 97:02d}"
        if number % 20 != 7:
            vals["email"] = f"klant{number}@example.com"
        if number % 25 != 11:
            vals.update(street=f"Dorpsstraat {number % 200 + 1}", zip=str(1000 + number % 9000), city="Gemeente")
        vals_list.append(vals)
    partners = env["res.partner"]
    for begin in range(0, len(vals_list), 1000):
        partners += env["res.partner"].create(vals_list[begin : begin + 1000])
        env.flush_all()
    return partners + _copy_partners(env, partners, count)


def _copy_partners(env, partners, count):
    """Copy customers with all their stored columns, each with a name, a number and an address of its own."""
    if count <= len(partners):
        return partners.browse()
    digits = SQL("lpad((4000000 + g.number)::text, 8, '0')")
    check = SQL("lpad((97 - (4000000 + g.number) %% 97)::text, 2, '0')")
    vat = SQL("CASE WHEN t.vat IS NULL THEN NULL ELSE 'BE' || %s || %s END", digits, check)
    registry = SQL("CASE WHEN t.company_registry IS NULL THEN NULL ELSE %s || %s END", digits, check)

    def renamed(column):
        return SQL("regexp_replace(%s, '[0-9]+', g.number::text)", SQL.identifier("t", column))

    replaced = {"id": SQL("g.id"), "commercial_partner_id": SQL("g.id"), "vat": vat, "company_registry": registry}
    replaced |= {name: renamed(name) for name in ("name", "complete_name", "email", "email_normalized")}
    names, values = _columns(env, "res_partner", replaced)
    env.cr.execute(
        SQL(
            """
            INSERT INTO res_partner (%(names)s)
            SELECT %(values)s
              FROM (SELECT number, nextval('res_partner_id_seq') AS id
                      FROM generate_series(%(first)s, %(count)s - 1) AS number) g
              JOIN unnest(%(sources)s::int[]) WITH ORDINALITY AS source (id, position)
                ON source.position = g.number %% %(first)s + 1
              JOIN res_partner t ON t.id = source.id
         RETURNING id
            """,
            names=names,
            values=values,
            first=len(partners),
            count=count,
            sources=partners.ids,
        )
    )
    return partners.browse(sorted(row[0] for row in env.cr.fetchall()))


# --- CASES POSTED BY ODOO ---


class _Desk:
    """Posts invoices, payments and credit notes the way a bookkeeper does."""

    def __init__(self, env, company, partner):
        self.env = env
        self.company = company
        self.partner = partner
        self.bank = env["account.journal"].search([("company_id", "=", company.id), ("type", "=", "bank")], limit=1)
        self.tax = company.account_sale_tax_id
        self.products = env["product.product"].create(
            [{"name": name, "type": "service", "list_price": 100} for name in ("Advies", "Levering", "Onderhoud")]
        )

    def term(self, name, parts):
        return self.env["account.payment.term"].create(
            {
                "name": name,
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": percent, "nb_days": days})
                    for percent, days in parts
                ],
            }
        )

    def invoice(self, on, prices, term, move_type="out_invoice", currency=None, taxed=True):
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": self.partner.id,
                "invoice_date": on,
                "invoice_payment_term_id": term and term.id,
                "currency_id": (currency or self.company.currency_id).id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "quantity": 1 + number,
                            "price_unit": price,
                            "tax_ids": [Command.set(self.tax.ids if taxed else [])],
                        }
                    )
                    for number, (product, price) in enumerate(zip(self.products, prices, strict=False))
                ],
            }
        )
        move.action_post()
        return move

    def receivable(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable").sorted("date_maturity")

    def pay(self, invoice, on, share=1.0):
        """Enter a payment of a share of the invoice and reconcile it, oldest instalment first."""
        entry = self.bank_entry(on, self.company.currency_id.round(invoice.amount_total * share))
        (self.receivable(invoice) + self.receivable(entry)).reconcile()
        return entry

    def bank_entry(self, on, amount):
        account = self.partner.with_company(self.company).property_account_receivable_id
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.bank.id,
                "date": on,
                "line_ids": [
                    Command.create({"name": name, "account_id": account_id, "partner_id": partner_id} | amounts)
                    for name, account_id, partner_id, amounts in (
                        ("Betaling", self.bank.default_account_id.id, False, {"debit": amount}),
                        ("Betaling", account.id, self.partner.id, {"credit": amount}),
                    )
                ],
            }
        )
        entry.action_post()
        return entry

    def credit(self, invoice, on, prices):
        note = self.invoice(on, prices, None, move_type="out_refund")
        (self.receivable(invoice) + self.receivable(note)).reconcile()
        return note


def _post_cases(env, company, partner, today):
    desk = _Desk(env, company, partner)
    at_once = desk.term("Bench at once", [(100, 0)])
    term30 = desk.term("Bench 30", [(100, 30)])
    term60 = desk.term("Bench 60", [(100, 60)])
    halves = desk.term("Bench 2 x 50 %", [(50, 30), (50, 60)])
    thirds = desk.term("Bench 30/30/40 %", [(30, 0), (30, 30), (40, 60)])
    usd = env.ref("base.USD")
    # every instalment of these is late today; the copies move back in time by up to fourteen months
    old = today - timedelta(days=62)
    cases = []

    def add(kind, share, name, *moves, days=(1, 420)):
        invoice = moves[0]
        open_lines = desk.receivable(invoice).filtered(lambda line: not line.reconciled)
        assert bool(open_lines) == (kind != "settled"), name
        overdue = len(open_lines) if kind == "overdue" else 0
        cases.append(Case(name, kind, share, env["account.move"].union(*moves), overdue, days))

    add("overdue", 18, "30 days, one line", desk.invoice(old, [100], term30))
    add("overdue", 14, "30 days, two lines", desk.invoice(old, [37.5, 212.4], term30))
    add("overdue", 8, "30 days, three lines", desk.invoice(old, [820, 14.99, 3.35], term30))
    add("overdue", 8, "30 days, small", desk.invoice(old, [12.4], term30))
    add("overdue", 3, "30 days, large", desk.invoice(old, [4800, 1250, 600], term30))
    add("overdue", 3, "30 days, without tax", desk.invoice(old, [140], term30, taxed=False))
    add("overdue", 8, "60 days, one line", desk.invoice(old, [450], term60))
    add("overdue", 5, "60 days, three lines", desk.invoice(old, [95, 95, 410], term60))
    add("overdue", 4, "due at once", desk.invoice(old, [64.9], at_once))
    add("overdue", 6, "two instalments", desk.invoice(old, [600, 150], halves))
    add("overdue", 2, "two instalments, large", desk.invoice(old, [5200], halves))
    add("overdue", 3, "three instalments", desk.invoice(old, [1100, 75], thirds))
    add("overdue", 3, "US dollars", desk.invoice(old, [700], term30, currency=usd))
    invoice = desk.invoice(old, [300, 120], term30)
    add("overdue", 6, "partly paid", invoice, desk.pay(invoice, old + timedelta(days=20), 0.4))
    invoice = desk.invoice(old, [900], halves)
    add("overdue", 4, "first instalment paid", invoice, desk.pay(invoice, old + timedelta(days=31), 0.5))
    invoice = desk.invoice(old, [500, 80], term30)
    add("overdue", 2, "partly credited", invoice, desk.credit(invoice, old + timedelta(days=9), [80]))
    invoice = desk.invoice(old, [250], term30)
    add("settled", 60, "paid", invoice, desk.pay(invoice, old + timedelta(days=28)))
    invoice = desk.invoice(old, [75, 140, 33], term30)
    add("settled", 25, "paid late", invoice, desk.pay(invoice, old + timedelta(days=44)))
    invoice = desk.invoice(old, [1400], halves)
    add("settled", 10, "two instalments paid", invoice, desk.pay(invoice, old + timedelta(days=61)))
    invoice = desk.invoice(old, [410], term30)
    add("settled", 5, "credited", invoice, desk.credit(invoice, old + timedelta(days=3), [410]))
    add("not due yet", 3, "new", desk.invoice(today, [310, 45], term60), days=(0, 50))
    add("not due yet", 1, "new, in instalments", desk.invoice(today, [990], halves), days=(0, 25))
    add("on account", 3, "credit note", desk.invoice(old, [60], None, move_type="out_refund"))
    add("on account", 1, "payment", desk.bank_entry(old, 121))
    return cases


# --- COPIES ---


def _plan(cases, items, counts, partner_ids, chance):
    """Choose for each copy its case, customer and days back: exactly ``items`` overdue instalments in all."""
    overdue = [case for case in cases if case.kind == "overdue"]
    missing = items - sum(case.overdue for case in overdue)  # the posted cases count too
    assert missing >= 0, "At least as many items as the cases have themselves"
    copies = []
    while missing:
        fitting = [case for case in overdue if case.overdue <= missing]
        case = chance.choices(fitting, [case.share for case in fitting])[0]
        missing -= case.overdue
        copies.append(case)
    for kind, count in counts.items():
        group = [case for case in cases if case.kind == kind]
        copies += chance.choices(group, [case.share for case in group], k=count)
    # a few customers have many invoices, many have one: a third of the draws go to a tenth of the customers
    heavy = partner_ids[: max(1, len(partner_ids) // 10)]
    plan = []
    for number, case in enumerate(copies):
        partner_id = chance.choice(heavy) if chance.random() < 1 / 3 else chance.choice(partner_ids)
        plan.append((number, cases.index(case), partner_id, chance.randint(*case.days)))
    # every customer has at least one overdue instalment as long as there are enough
    for (number, case, _partner, days), partner_id in zip(plan[: len(partner_ids)], partner_ids, strict=False):
        plan[number] = (number, case, partner_id, days)
    return plan


def _columns(env, table, replaced):
    """Return the columns of a table with, for each, the SQL of its value in a copy of the row ``t``."""
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position", [table]
    )
    names = [row[0] for row in env.cr.fetchall()]
    assert set(replaced) <= set(names), set(replaced) - set(names)
    return SQL(", ").join(map(SQL.identifier, names)), SQL(", ").join(
        replaced.get(name) or SQL.identifier("t", name) for name in names
    )


def _map(env, table, source):
    """Give every source row of every copy a new id: rows (copy, old_id, new_id) in ``bench_<table>``."""
    target = SQL.identifier(f"bench_{table}")
    env.cr.execute(
        SQL(
            """
            CREATE TEMP TABLE %(target)s ON COMMIT DROP AS
            SELECT c.number AS number, t.id AS old_id, nextval(%(sequence)s) AS new_id
              FROM bench_copy c JOIN bench_source s ON s.case_number = c.case_number JOIN %(table)s t ON %(source)s
             ORDER BY c.number, t.id
            """,
            target=target,
            table=SQL.identifier(table),
            sequence=f"{table}_id_seq",
            source=source,
        )
    )
    env.cr.execute(SQL("CREATE UNIQUE INDEX ON %s (number, old_id)", target))
    env.cr.execute(SQL("ANALYZE %s", target))


@contextmanager
def _loaded_at_once(cr, tables):
    """Fill tables without their indexes and checks, as a backup is restored: the copies repeat what was checked."""
    cr.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
          FROM pg_index
         WHERE indrelid = ANY(%s::regclass[])
           AND NOT indisprimary
           AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
        """,
        [list(tables)],
    )
    indexes = cr.fetchall()
    for name, _definition in indexes:
        cr.execute(f"DROP INDEX {name}")
    cr.execute("SET LOCAL session_replication_role = replica")
    yield
    cr.execute("SET LOCAL session_replication_role = origin")
    for _name, definition in indexes:
        cr.execute(definition)


def _copy(env, cases, plan):
    """Insert the planned copies with all their stored columns."""
    cr = env.cr
    cr.execute(
        "CREATE TEMP TABLE bench_copy (number int, case_number int, partner_id int, days int) ON COMMIT DROP;"
        "CREATE TEMP TABLE bench_source (case_number int, move_id int) ON COMMIT DROP"
    )
    cr.execute_values("INSERT INTO bench_copy VALUES %s", plan)
    cr.execute_values(
        "INSERT INTO bench_source VALUES %s",
        [(number, move.id) for number, case in enumerate(cases) for move in case.moves],
    )
    lines = "SELECT id FROM account_move_line WHERE move_id = s.move_id"
    _map(env, "account_move", SQL("t.id = s.move_id"))
    _map(env, "account_move_line", SQL("t.move_id = s.move_id"))
    # a reconciliation belongs to the move of its debit side, so that it is copied once
    _map(env, "account_partial_reconcile", SQL(f"t.debit_move_id IN ({lines})"))
    _map(
        env,
        "account_full_reconcile",
        SQL(
            "t.id IN (SELECT l.full_reconcile_id FROM account_move_line l WHERE l.move_id = s.move_id AND l.debit > 0)"
        ),
    )

    def new(table, column):
        return SQL(
            "(SELECT m.new_id FROM %s m WHERE m.number = c.number AND m.old_id = %s)",
            SQL.identifier(f"bench_{table}"),
            SQL.identifier("t", column),
        )

    def back(column):
        # a date alone stays a date
        return SQL("(%s - c.days)", SQL.identifier("t", column))

    # the number of the copy: prefix of its own year, then a running number
    prefix = SQL("regexp_replace(t.sequence_prefix, '[0-9]{4}', to_char(t.date - c.days, 'YYYY'))")
    number = SQL("(%s + n.new_id - (SELECT min(new_id) FROM bench_account_move))", FIRST_COPY)
    name = SQL("(%s || %s)", prefix, number)
    of_partner = SQL("CASE WHEN t.partner_id IS NULL THEN NULL ELSE c.partner_id END")
    columns = {
        "account_full_reconcile": {"id": SQL("n.new_id")},
        "account_move": {
            "id": SQL("n.new_id"),
            "name": name,
            "sequence_prefix": prefix,
            "sequence_number": number,
            "date": back("date"),
            "invoice_date": back("invoice_date"),
            "invoice_date_due": back("invoice_date_due"),
            "delivery_date": back("delivery_date"),
            "taxable_supply_date": back("taxable_supply_date"),
            "create_date": SQL("t.create_date - make_interval(days => c.days)"),
            "partner_id": of_partner,
            "commercial_partner_id": SQL("CASE WHEN t.commercial_partner_id IS NULL THEN NULL ELSE c.partner_id END"),
            "partner_shipping_id": SQL("CASE WHEN t.partner_shipping_id IS NULL THEN NULL ELSE c.partner_id END"),
            "invoice_partner_display_name": SQL(
                "CASE WHEN t.invoice_partner_display_name IS NULL THEN NULL ELSE p.complete_name END"
            ),
            "payment_reference": SQL("replace(t.payment_reference, t.name, %s)", name),
            "access_token": SQL("NULL"),
        },
        "account_move_line": {
            "id": SQL("n.new_id"),
            "move_id": new("account_move", "move_id"),
            "move_name": SQL("m2.name"),
            "name": SQL("replace(t.name, t.move_name, m2.name)"),
            "date": back("date"),
            "invoice_date": back("invoice_date"),
            "date_maturity": back("date_maturity"),
            "discount_date": back("discount_date"),
            "create_date": SQL("t.create_date - make_interval(days => c.days)"),
            "partner_id": of_partner,
            "full_reconcile_id": new("account_full_reconcile", "full_reconcile_id"),
            "matching_number": SQL(
                "CASE WHEN t.full_reconcile_id IS NOT NULL THEN %s::varchar WHEN t.matching_number LIKE 'P%%' "
                "THEN 'P' || (SELECT min(q.new_id) FROM bench_account_partial_reconcile q "
                "JOIN account_partial_reconcile r ON r.id = q.old_id "
                "WHERE q.number = c.number AND t.id IN (r.debit_move_id, r.credit_move_id)) END",
                new("account_full_reconcile", "full_reconcile_id"),
            ),
        },
        "account_partial_reconcile": {
            "id": SQL("n.new_id"),
            "debit_move_id": new("account_move_line", "debit_move_id"),
            "credit_move_id": new("account_move_line", "credit_move_id"),
            "full_reconcile_id": new("account_full_reconcile", "full_reconcile_id"),
            "max_date": back("max_date"),
        },
    }
    with _loaded_at_once(cr, (*TABLES, *RELATIONS)):
        _insert_copies(env, columns)


def _insert_copies(env, columns):
    """Insert the mapped rows of every table with the columns that are different in a copy."""
    cr = env.cr
    for table in TABLES:
        names, values = _columns(env, table, columns[table])
        join_move = SQL(
            "JOIN bench_account_move mm ON mm.number = n.number AND mm.old_id = t.move_id "
            "JOIN account_move m2 ON m2.id = mm.new_id"
        )
        cr.execute(
            SQL(
                """
                INSERT INTO %(table)s (%(names)s)
                SELECT %(values)s
                  FROM %(map)s n
                  JOIN bench_copy c ON c.number = n.number
                  JOIN %(table)s t ON t.id = n.old_id
                  JOIN res_partner p ON p.id = c.partner_id
                  %(join_move)s
                """,
                table=SQL.identifier(table),
                names=names,
                values=values,
                map=SQL.identifier(f"bench_{table}"),
                join_move=join_move if table == "account_move_line" else SQL(),
            )
        )
    for relation, column, other in zip(
        RELATIONS, ("account_move_line_id",) * 2, ("account_tax_id", "account_account_tag_id"), strict=True
    ):
        cr.execute(
            SQL(
                "INSERT INTO %(relation)s (%(column)s, %(other)s) SELECT n.new_id, t.%(other)s "
                "FROM %(relation)s t JOIN bench_account_move_line n ON n.old_id = t.%(column)s",
                relation=SQL.identifier(relation),
                column=SQL.identifier(column),
                other=SQL.identifier(other),
            )
        )


# --- CHECKS ---


def _check(env, result, items, chance):
    """Compare the copies with what the ORM computes, and the whole with the laws of bookkeeping."""
    company, today, cr = result.company, result.today, env.cr
    cr.execute(
        "SELECT count(*) FROM (SELECT 1 FROM account_move_line WHERE company_id = %s GROUP BY move_id "
        "HAVING sum(balance) <> 0) unbalanced",
        [company.id],
    )
    assert cr.fetchone()[0] == 0, "A move is not balanced"
    cr.execute(
        "SELECT count(*) FROM (SELECT 1 FROM account_move WHERE company_id = %s GROUP BY journal_id, name "
        "HAVING count(*) > 1) doubles",
        [company.id],
    )
    assert cr.fetchone()[0] == 0, "A number is given twice"
    moves = env["account.move"].search([("company_id", "=", company.id)])
    sample = moves.browse(chance.sample(moves.ids, min(60, len(moves))))
    # a stock of rare cases too: partly paid, credited, in instalments
    sample |= env["account.move"].search([("company_id", "=", company.id), ("payment_state", "=", "partial")], limit=20)
    _compare_with_orm(env, sample)
    late = [
        ("company_id", "=", company.id),
        ("parent_state", "=", "posted"),
        ("account_id.account_type", "=", "asset_receivable"),
        ("reconciled", "=", False),
        ("balance", ">", 0),
        ("date_maturity", "<", today),
    ]
    overdue = env["account.move.line"]._read_group(late, [], ["__count", "partner_id:count_distinct"])[0]
    assert overdue[0] == items, overdue
    result.counts = {
        "moves": len(moves),
        "lines": env["account.move.line"].search_count([("company_id", "=", company.id)]),
        "overdue": overdue[0],
        "customers": overdue[1],
        "checked": len(sample),
    }


def _compare_with_orm(env, moves):
    """Compute stored fields of the moves and their lines again and compare them with the database."""
    for records in (moves, moves.line_ids):
        names = COMPUTED_AGAIN[records._name]
        stored = records.read(names, load=None)
        for name in names:
            env.add_to_compute(records._fields[name], records)
        records._recompute_recordset(names)
        for before, after in zip(stored, records.read(names, load=None), strict=True):
            assert before == after, f"{records._name} {before} is {after} for the ORM"
    for invoice in moves.filtered(lambda move: move.is_invoice()):
        round_amount = invoice.currency_id.round
        terms = {
            key["date_maturity"]: round_amount(vals["amount_currency"]) for key, vals in invoice.needed_terms.items()
        }
        lines = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        stored = {line.date_maturity: round_amount(line.amount_currency) for line in lines}
        assert terms == stored, f"{invoice.name}: {stored} is {terms} for the ORM"
    env.flush_all()


def main(env, arguments):
    parser = argparse.ArgumentParser(prog="script/bench accounting")
    parser.add_argument("--items", type=int, default=20000, help="overdue open instalments")
    parser.add_argument("--partners", type=int, default=4000, help="customers")
    parser.add_argument("--settled", type=int, default=None, help="paid invoices (default: twice the items)")
    options = parser.parse_args(arguments)
    result = create_accounting(env, options.items, options.partners, options.settled)
    env.cr.commit()
    for name, value in {**result.counts, "seconds": round(result.seconds, 1)}.items():
        print(f"{name:<12}{value:>12,}")
    print(json.dumps({"bench": "accounting", **result.counts, "seconds": round(result.seconds, 1)}))


if __name__ == "__main__":
    import sys

    main(env, sys.argv[1:])  # noqa: F821  (given by script/bench)
