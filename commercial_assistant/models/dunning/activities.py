"""Tasks for many records at once, each in the language of whoever gets it."""


def plan_activities(records, activity_type, get_note, deadline):
    """Give each record one open activity of this type; a record that has one keeps it.

    The one who answers for a record gets its task (``_get_own_user()``), else a team lead of its company. The number of
    queries does not depend on the number of records.

    :param activity_type: XML id
    :param get_note: called with a record in the language of that user, returns the text
    """
    env = records.env
    kind = env.ref(activity_type, raise_if_not_found=False)
    if not records or not kind:
        return env["mail.activity"]
    # sudo: a task is made for whoever has to act, whoever noticed it
    activities_sudo = env["mail.activity"].sudo()
    busy = set(
        activities_sudo.search_fetch(
            [("res_model", "=", records._name), ("res_id", "in", records.ids), ("activity_type_id", "=", kind.id)],
            ["res_id"],
        ).mapped("res_id")
    )
    fresh = records.filtered(lambda record: record.id not in busy)
    fresh.with_env(activities_sudo.env).mapped("display_name")  # each activity reads the name of its record
    model_id = env["ir.model"]._get_id(records._name)
    leads, vals_list = {}, []
    for record in fresh:
        user = record._get_own_user() or _get_lead(record, leads)
        spoken = record.with_context(lang=user.sudo().lang or env.lang)
        translated = kind.with_env(spoken.env)
        vals_list.append(
            {
                "activity_type_id": kind.id,
                "automated": True,
                "res_model_id": model_id,
                "res_id": record.id,
                "user_id": user.id,
                "date_deadline": deadline,
                "summary": translated.summary or translated.name,
                "note": get_note(spoken),
            }
        )
    return activities_sudo.with_context(mail_activity_quick_update=True).create(vals_list)


def _get_lead(record, known):
    company = record.company_id
    if company not in known:
        known[company] = record.env["commercial.legal.parameter"].with_company(company)._get_responsible()
    return known[company]
