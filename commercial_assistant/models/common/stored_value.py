"""Values kept as JSON and shown in the language of whoever reads them.

A finding or a snapshot outlives the language of the person who caused it: names, dates, amounts and labels are kept as
references and are put into words only when they are shown.
"""

import datetime
import json

from odoo import fields, models
from odoo.tools import format_amount, format_date, format_datetime
from odoo.tools.misc import formatLang


class Amount:
    """An amount of money with its currency, as a value of a finding or a snapshot."""

    def __init__(self, value, currency):
        self.value = value
        self.currency = currency


class FieldNames:
    """Fields of a model, shown by their labels."""

    def __init__(self, records, names):
        self.model = records._name
        self.names = list(names)


class Choice:
    """The value of a selection field, shown by its label."""

    def __init__(self, records, name, value):
        self.model = records._name
        self.name = name
        self.value = value


def store(value):
    """The JSON form of a value; the same value always gives the same form, whatever the language."""
    if isinstance(value, Amount):
        return {"type": "amount", "value": value.currency.round(value.value), "currency": value.currency.id}
    if isinstance(value, FieldNames):
        return {"type": "fields", "model": value.model, "names": value.names}
    if isinstance(value, Choice):
        return {"type": "choice", "model": value.model, "name": value.name, "value": value.value}
    if isinstance(value, models.BaseModel):
        return {"type": "records", "model": value._name, "ids": value.ids}
    if isinstance(value, datetime.datetime):
        return {"type": "datetime", "value": fields.Datetime.to_string(value)}
    if isinstance(value, datetime.date):
        return {"type": "date", "value": fields.Date.to_string(value)}
    if isinstance(value, list | tuple | set | frozenset):
        items = [store(item) for item in value]
        return sorted(items, key=json.dumps) if isinstance(value, set | frozenset) else items
    if isinstance(value, float):
        return {"type": "number", "value": value}
    if value is None or isinstance(value, bool | int | str):
        return False if value is None else value
    return str(value)


def store_field(record, name):
    """The JSON form of a field of one record."""
    field, value = record._fields[name], record[name]
    if field.type == "selection":
        return store(Choice(record, name, value)) if value else False
    if field.type == "monetary":
        currency = record[field.get_currency_field(record)]
        return store(Amount(value, currency)) if currency else store(value)
    return store(value)


def show(env, stored):
    """A stored value in words, in the language of the environment."""
    if isinstance(stored, list):
        return ", ".join(show(env, item) for item in stored)
    if isinstance(stored, dict):
        return _SHOW.get(stored.get("type"), _show_unknown)(env, stored)
    if stored is True:
        return env._("Yes")
    if stored is False or stored is None:
        return "-"
    return str(stored)


def _show_unknown(_env, stored):
    return str(stored.get("value", "-"))


def _show_amount(env, stored):
    currency = env["res.currency"].sudo().browse(stored["currency"]).exists()
    return format_amount(env, stored["value"], currency) if currency else str(stored["value"])


def _show_fields(env, stored):
    if stored["model"] not in env:
        return ", ".join(stored["names"])
    labels = env[stored["model"]].sudo().fields_get(stored["names"], ["string"])
    return ", ".join(labels[name]["string"] if name in labels else name for name in stored["names"])


def _show_choice(env, stored):
    model = env.get(stored["model"])
    if model is None or stored["name"] not in model._fields:
        return str(stored["value"])
    labels = dict(model._fields[stored["name"]]._description_selection(env))
    return labels.get(stored["value"], str(stored["value"]))


def _show_records(env, stored):
    if stored["model"] not in env or not stored["ids"]:
        return "-"
    # sudo: the reader may see the finding; the name of what it speaks of belongs to it
    records_sudo = env[stored["model"]].sudo().browse(stored["ids"]).exists()
    return ", ".join(records_sudo.mapped(lambda record: record.display_name or "")) or "-"


def _show_number(env, stored):
    text = formatLang(env, stored["value"], digits=2)
    return text[:-3] if text[-2:] == "00" and float(stored["value"]).is_integer() else text


def _show_finding(env, stored):
    # sudo: the words of a rule are no secret to whoever sees the finding
    rule_sudo = env["commercial.check.rule"].sudo().browse(stored["rule"]).exists()
    return rule_sudo._format("message", stored["data"]) if rule_sudo else "-"


_SHOW = {
    "amount": _show_amount,
    "fields": _show_fields,
    "choice": _show_choice,
    "records": _show_records,
    "finding": _show_finding,
    "number": _show_number,
    "date": lambda env, stored: format_date(env, stored["value"]),
    "datetime": lambda env, stored: format_datetime(env, stored["value"], dt_format="short"),
}
