"""What the main job brought about, read back from the database and told in a page of text."""

from collections import Counter

KINDS = {
    "courtesy": "courtesy reminder",
    "reminder": "first reminder",
    "second_reminder": "second reminder",
    "formal_notice": "formal notice",
    "last_notice": "last notice",
}
LAWS = {
    "be_consumer": "Belgium, consumers",
    "be_business": "Belgium, businesses",
    "be_public": "Belgium, public authorities",
    "nl_consumer": "Netherlands, consumers",
    "nl_business": "Netherlands, businesses",
    "fr_consumer": "France, consumers",
    "fr_business": "France, businesses",
    "lu_consumer": "Luxembourg, consumers",
    "lu_business": "Luxembourg, businesses",
}
LANGUAGES = {"nl": "Dutch", "fr": "French", "de": "German", "en": "English"}
CHANNELS = {
    "email": "by e-mail",
    "post": "by post",
    "registered": "by registered letter",
    "sms": "by text message",
    "phone": "by phone",
}
STATES = {
    "proposed": "waiting for approval",
    "approved": "ready to leave",
    "sending": "to be sent",
    "delivered": "sent",
    "failed": "failed",
    "cancelled": "withdrawn",
}
# what still waits for a hand, where that can be said better
WAYS = {
    ("post", "sending"): "to be posted",
    ("registered", "sending"): "to be posted as registered letters",
    ("phone", "sending"): "to be called",
}
LOGINS = [
    ("assistente", "assistant, Dutch"),
    ("assistante", "assistant, French"),
    ("teamlead", "team lead"),
    ("collector", "collector"),
    ("klant", "customer's portal, Dutch"),
    ("client", "customer's portal, French"),
    ("admin", "administrator of Odoo's own demo companies and this one"),
]


def read_summary(env, company, letters_dir):
    env = env(context={**env.context, "lang": "en_US", "allowed_company_ids": env["res.company"].search([]).ids})
    of_company = [("company_id", "=", company.id)]
    runs = env["commercial.dunning.run"].search([*of_company, ("mode", "=", "real")], order="date, id")
    notices = runs.notice_ids.filtered(lambda notice: notice.state != "cancelled")
    latest = notices.filtered(lambda notice: notice.run_id == runs[-1:])
    others = env["commercial.dunning.run"].search([("company_id", "!=", company.id), ("mode", "=", "real")])
    return {
        "company": company.name,
        "date": runs[-1:].date,
        "prospects": read_prospects(env),
        "accounting": read_accounting(env, of_company),
        "runs": [(run.date, len(notices.filtered(lambda notice, run=run: notice.run_id == run))) for run in runs],
        "letters": Counter((notice.lang, notice.regime, notice.level_kind) for notice in latest),
        "channels": Counter((notice.channel, notice.state) for notice in latest),
        "customers": len(latest.partner_id),
        "totals": read_totals(latest),
        "skipped": count_reasons(env, runs[-1:].skip_ids),
        "other_companies": {run.company_id.name: count_reasons(env, run.skip_ids) for run in others if run.skip_ids},
        "letters_dir": str(letters_dir),
        "files": (len(list(letters_dir.glob("*.pdf"))), len(list((letters_dir / "mail").glob("*.eml")))),
        "logins": LOGINS,
    }


def read_prospects(env):
    prospects = env.ref("commercial_assistant.prospect_import_demo")
    names = ("row_count", "created_count", "linked_count", "skipped_count", "duplicate_count", "error_count")
    return {name.removesuffix("_count"): prospects[name] for name in names}


def read_accounting(env, of_company):
    posted = [*of_company, ("state", "=", "posted")]
    items = env["commercial.receivable.item"].search([*of_company, ("state", "=", "open")])
    return {
        "invoices": env["account.move"].search_count([*posted, ("move_type", "=", "out_invoice")]),
        "credit_notes": env["account.move"].search_count([*posted, ("move_type", "=", "out_refund")]),
        "payments": env["account.payment"].search_count([*of_company, ("payment_type", "=", "inbound")]),
        "open": len(items),
        "overdue": len(items.filtered("days_late")),
        "overdue_customers": len(items.filtered("days_late").partner_id),
    }


def read_totals(notices):
    """Return what the letters claim, each currency by itself."""
    totals = {}
    for currency, group in notices.grouped("currency_id").items():
        names = (
            "amount_principal",
            "amount_credit",
            "amount_interest",
            "amount_indemnity",
            "amount_cost",
            "amount_total",
        )
        totals[currency.name] = {name.removeprefix("amount_"): sum(group.mapped(name)) for name in names}
    return totals


def count_reasons(env, skips):
    labels = dict(env["commercial.dunning.skip"]._fields["reason"]._description_selection(env))
    return Counter(labels[skip.reason] for skip in skips)


def format_summary(summary):
    accounting, prospects = summary["accounting"], summary["prospects"]
    letters, mails = summary["files"]
    lines = [
        f"{summary['company']}, reminders as of {summary['date']:%d/%m/%Y}",
        "",
        f"Fair list   {prospects['row']} rows: {prospects['created']} new leads, {prospects['linked']} linked, "
        f"{prospects['skipped']} skipped ({prospects['duplicate']} possible duplicates, "
        f"{prospects['error']} with errors)",
        f"Accounting  {accounting['invoices']} invoices, {accounting['credit_notes']} credit notes, "
        f"{accounting['payments']} payments; {accounting['open']} instalments open, {accounting['overdue']} overdue "
        f"of {accounting['overdue_customers']} customers",
        "Runs        " + ", ".join(f"{date:%d/%m/%Y}: {count} letters" for date, count in summary["runs"]),
        "",
        f"Letters of today to {summary['customers']} customers",
        *format_letters(summary["letters"]),
        "  " + ", ".join(f"{count} {format_way(*way)}" for way, count in sorted(summary["channels"].items())),
        "",
        "Claimed today",
        *(
            f"  {code} {total['principal']:>11,.2f} open - {total['credit']:,.2f} on account + "
            f"{total['interest']:,.2f} interest + {total['indemnity'] + total['cost']:,.2f} indemnity and costs "
            f"= {total['total']:,.2f}"
            for code, total in sorted(summary["totals"].items())
        ),
        "",
        "Overdue without a letter today",
        *format_reasons(summary["skipped"]),
        *(
            f"  {company}: " + ", ".join(f"{reason.lower()} ({count})" for reason, count in reasons.items())
            for company, reasons in sorted(summary["other_companies"].items())
        ),
        "",
        f"In {summary['letters_dir']}: {letters} letters (PDF), {mails} mails (.eml)",
        "Logins (password = login)",
        *(f"  {login:<12}{who}" for login, who in summary["logins"]),
    ]
    return "\n".join(lines)


def format_letters(letters):
    """Return a line for each law and language, in the order of the laws."""
    order = {law: number for number, law in enumerate(LAWS)}
    for law, language in sorted({(law, lang) for lang, law, _kind in letters}, key=lambda row: (order[row[0]], row[1])):
        kinds = [
            f"{letters[language, law, kind]} {name}" + ("s" if letters[language, law, kind] > 1 else "")
            for kind, name in KINDS.items()
            if letters[language, law, kind]
        ]
        yield f"  {LAWS[law]:<28}{LANGUAGES.get(language[:2], language):<9}" + ", ".join(kinds)


def format_way(channel, state):
    """Return how letters leave and how far they are, in words."""
    return WAYS.get((channel, state)) or f"{STATES[state]} {CHANNELS[channel]}"


def format_reasons(reasons):
    for reason, count in reasons.most_common():
        yield f"  {count:>3}  {reason}"
