"""Tasks for many records at once, each in the language of whoever gets it."""


def plan_activities(records, activity_type, get_user, get_note, deadline):
    """Give each record one open activity of this type; a record that has one keeps it.

    The number of queries does not depend on the number of records.

    :param activity_type: XML id
    :param get_user: called with a record, returns who has to act
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
    model_id = env["ir.model"]._get_id(records._name)
    vals_list = []
    for record in records:
        if record.id in busy:
            continue
        user = get_user(record)
        spoken = record.with_context(lang=user.sudo().lang or env.lang)
        vals_list.append(
            {
                "activity_type_id": kind.id,
                "automated": True,
                "res_model_id": model_id,
                "res_id": record.id,
                "user_id": user.id,
                "date_deadline": deadline,
                "summary": kind.with_env(spoken.env).summary or kind.with_env(spoken.env).name,
                "note": get_note(spoken),
            }
        )
    return activities_sudo.with_context(mail_activity_quick_update=True).create(vals_list)
