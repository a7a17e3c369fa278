"""What customers of the demonstration company were not content with, how far each case is, and what was learned.

`play_complaints(scenario)` makes everything once; a second time nothing is added.
"""

from odoo import Command, fields

from .scenario_warranty import _clock, _finish, _get_warehouse

# (key, customer, days ago, [(goods, quantity)]): sold, delivered, invoiced and paid
ORDERS = [
    ("fans", "ventilair", 70, [("fan", 12)]),
    ("circulators", "eaubleue", 64, [("circulator", 6)]),
    ("circulators-2", "helderwater", 58, [("circulator", 3)]),
    ("circulators-3", "koperenketel", 50, [("circulator", 2)]),
    ("compressor", "melkwegen", 44, [("compressor", 1), ("hose", 4)]),
    ("softener", "delacrosse", 33, [("softener", 1)]),
    ("motors", "krulspaan", 30, [("motor", 5)]),
    ("garden", "puyenlaer", 24, [("garden", 1), ("hose", 2)]),
    ("recovery", "leieboord", 20, [("recovery", 2)]),
]

# how far a case is: each step contains those before it
STEPS = ["new", "assess", "investigate", "propose", "await_customer", "execute", "closed"]

# key: (order or customer, days ago, who, category, subject, description, wish, step, more)
COMPLAINTS = {
    "fans": {
        "order": "fans",
        "days": 60,
        "who": "assistant_fr",
        "category": "delivery_damage",
        "subject": "Trois ventilateurs arrivés cabossés",
        "words": "Le carton était enfoncé d'un côté. Trois ventilateurs sur douze ont la volute déformée.",
        "wish": "refund",
        "quantity": 3,
        "step": "closed",
        "verdict": ("founded", "Les dégâts figurent en réserve sur le bon de livraison.", "carrier_damage"),
        "solutions": [("credit_partial", 3, "Nous vous créditons les trois ventilateurs endommagés.")],
    },
    "circulators": {
        "order": "circulators",
        "days": 41,
        "who": "assistant_fr",
        "category": "goods_defect",
        "subject": "Deux circulateurs bruyants",
        "words": "Deux circulateurs font un bruit de roulement depuis la mise en service.",
        "wish": "replacement",
        "quantity": 2,
        "step": "execute",
        "verdict": ("founded", "L'examen confirme un roulement défectueux.", "supplier_material"),
        "solutions": [("replacement", 2, "Nous remplaçons les deux circulateurs sans frais.")],
        "supplier": True,
    },
    "circulators-2": {
        "order": "circulators-2",
        "days": 27,
        "who": "assistant_nl",
        "category": "goods_defect",
        "subject": "Circulatiepomp maakt lawaai",
        "words": "Eén van de drie pompen bromt hard vanaf de tweede week.",
        "wish": "replacement",
        "quantity": 1,
        "step": "await_customer",
        "verdict": (
            "founded",
            "Het lager van de pomp is defect, zonder dat u daar iets aan kon doen.",
            "supplier_material",
        ),
        "solutions": [("replacement", 1, "Wij vervangen de pomp kosteloos."), ("goodwill", 0, 45.0, "Voor de last.")],
    },
    "circulators-3": {
        "order": "circulators-3",
        "days": 9,
        "who": "assistant_nl",
        "category": "goods_defect",
        "subject": "Pomp loopt warm en bromt",
        "words": "De pomp loopt warm en maakt hetzelfde geluid als bij een collega-installateur.",
        "wish": "replacement",
        "quantity": 1,
        "step": "propose",
        "verdict": ("founded", "Ook deze pomp heeft een defect lager.", "supplier_material"),
        "solutions": [("replacement", 1, "Wij vervangen de pomp kosteloos.")],
    },
    "compressor": {
        "order": "compressor",
        "days": 13,
        "who": "assistant_nl",
        "category": "service_install",
        "subject": "Compressor slecht afgesteld bij de inbedrijfstelling",
        "words": "De druk stond fout. Wij hebben een halve dag stilgelegen.",
        "wish": "price_reduction",
        "claimed": 400.0,
        "step": "propose",
        "verdict": (
            "partly",
            "De afstelling was niet in orde; de stilstand van een halve dag is niet aangetoond.",
            "us_install",
        ),
        "solutions": [("price_reduction", 0, 180.0, "Vergoeding van de afstelling door uw eigen technicus.")],
    },
    "softener": {
        "order": "softener",
        "days": 1,
        "who": "assistant_fr",
        "category": "goods_danger",
        "subject": "L'adoucisseur sent le brûlé",
        "words": "Une odeur de brûlé et le boîtier est très chaud. L'appareil est débranché.",
        "wish": "repair",
        "danger": "yes",
        "step": "assess",
    },
    "motors": {
        "order": "motors",
        "days": 26,
        "who": "assistant_nl",
        "category": "goods_misuse",
        "subject": "Motor doorgebrand",
        "words": "Eén motor is na drie weken doorgebrand.",
        "wish": "refund",
        "quantity": 1,
        "step": "closed",
        "verdict": (
            "unfounded",
            "De motor werd op 400 V ster aangesloten in plaats van driehoek, zoals het typeplaatje vraagt.",
            "customer_use",
        ),
        "solutions": [],
    },
    "garden": {
        "order": "garden",
        "days": 6,
        "who": "assistant_nl",
        "category": "delivery_short",
        "subject": "Slang ontbreekt in het pakket",
        "words": "Van de twee slangen zat er maar één in de doos.",
        "wish": "other",
        "product": "hose",
        "quantity": 1,
        "step": "assess",
    },
    "recovery": {
        "order": "recovery",
        "days": 3,
        "who": "assistant_nl",
        "category": "invoice_price",
        "subject": "Korting van 10 % ontbreekt op de factuur",
        "words": "Op de offerte stond 10 % korting. Op de factuur vinden we die niet terug.",
        "wish": "price_reduction",
        "step": "new",
    },
    "late": {
        "customer": "noordzij",
        "days": 2,
        "who": "assistant_nl",
        "category": "delivery_late",
        "subject": "Levering nu al tien dagen te laat",
        "words": "Niemand belt terug. Wanneer komt onze bestelling?",
        "wish": "information",
        "step": "new",
    },
}


def play_complaints(scenario):
    """Sell, let customers complain, and go with each complaint as far as its story goes."""
    _get_warehouse(scenario)
    happenings = [(days, 0, _sell_and_invoice, (key, customer, days, goods)) for key, customer, days, goods in ORDERS]
    happenings += [(story["days"], 1, _complain, (key, story)) for key, story in COMPLAINTS.items()]
    for _days, _order, happening, arguments in sorted(happenings, key=lambda entry: (-entry[0], entry[1])):
        happening(scenario, *arguments)
    _look_back(scenario)


def _sell_and_invoice(scenario, key, customer, days, goods):
    if scenario.made("complaint_order", key):
        return
    day = scenario.day(days)
    with _clock()(scenario.env, day):
        order = scenario.env["sale.order"].create(
            {
                "partner_id": scenario.demo("partner", customer).id,
                "user_id": scenario.demo("user", "assistant_nl").id,
                "order_line": [
                    Command.create({"product_id": scenario.demo("product", name).id, "product_uom_qty": quantity})
                    for name, quantity in goods
                ],
            }
        )
        order.action_confirm()
        for picking in order.picking_ids:
            _finish(picking, None)
        invoice = order._create_invoices()
        invoice.invoice_date = day
        invoice.action_post()
        payment = scenario.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        payment.create({"payment_date": day, "journal_id": scenario.bank_journal.id})._create_payments()
    scenario.remember("complaint_order", key, order)


def _complain(scenario, key, story):
    if scenario.made("complaint", key):
        return
    who = scenario.demo("user", story["who"])
    env = scenario.env(user=who, context={**scenario.env.context, "lang": who.lang})
    with _clock()(scenario.env, scenario.day(story["days"])):
        complaint = env["commercial.complaint"].create(_prepare_complaint(scenario, story, who))
        scenario.remember("complaint", key, complaint)
        if story["step"] == "new":
            return
        complaint._stamp_acknowledged("phone")
        complaint.action_assess()
    if story["step"] != "assess":
        _work_on(scenario, complaint, story)


def _prepare_complaint(scenario, story, who):
    order = scenario.made("complaint_order", story.get("order", ""))
    vals = {
        "company_id": scenario.company.id,
        "partner_id": (order.partner_id if order else scenario.demo("partner", story["customer"])).id,
        "category_id": scenario.env.ref(f"commercial_assistant.complaint_category_{story['category']}").id,
        "subject": story["subject"],
        "description": story["words"],
        "wish": story["wish"],
        "danger": story.get("danger", "no"),
        "received_on": fields.Datetime.now(),  # the default would be the day of the demonstration
        "claimed_amount": story.get("claimed", 0.0),
        "user_id": who.id,
    }
    if order:
        line = order.order_line[:1]
        if "product" in story:
            product = scenario.demo("product", story["product"])
            line = order.order_line.filtered(lambda line: line.product_id == product)
        vals["line_ids"] = [
            Command.create(
                {
                    "sale_line_id": line.id,
                    "invoice_line_id": line.invoice_lines[:1].id,
                    "quantity": story.get("quantity", line.product_uom_qty),
                }
            )
        ]
    return vals


def _work_on(scenario, complaint, story):
    """Go on with a case, a day or two for each step."""
    env = scenario.env
    step = STEPS.index(story["step"])
    days = story["days"]
    with _clock()(env, scenario.day(max(days - 1, 0))):
        complaint.action_investigate()
        if step < STEPS.index("propose"):
            return
        _finish_procedure(complaint)
        complaint.line_ids.filtered("product_id").action_check_warranty()
        verdict, reason, cause = story["verdict"]
        cause = env.ref(f"commercial_assistant.complaint_cause_{cause}")
        complaint.write({"verdict": verdict, "verdict_reason": reason, "cause_ids": [Command.set(cause.ids)]})
        complaint.action_propose()
        _add_solutions(complaint, story)
        if step < STEPS.index("await_customer"):
            return
        _approve(scenario, complaint)
        complaint._offer()
    with _clock()(env, scenario.day(max(days - 4, 0))):
        if step >= STEPS.index("execute"):
            _settle(scenario, complaint, story)
        if step >= STEPS.index("closed"):
            complaint._close()


def _finish_procedure(complaint):
    """Do the points of the control procedure; those that want a photo get one."""
    for point in complaint.checklist_ids.point_ids.filtered(lambda point: point.state == "open"):
        attachment = None
        if point.requires == "attachment":
            attachment = complaint.env["ir.attachment"].create(
                {"name": "foto.png", "datas": complaint.company_id.sudo().logo, "res_model": False}
            )
        point.sudo()._close("done", note="In orde" if point.requires == "note" else None, attachments=attachment)


def _add_solutions(complaint, story):
    line = complaint.line_ids[:1]
    for solution in story["solutions"]:
        kind, quantity, *amount, words = solution
        vals = {
            "complaint_id": complaint.id,
            "line_id": line.id,
            "kind": kind,
            "quantity": quantity or line.quantity,
            "description": words,
        }
        if amount:
            vals["amount"] = amount[0]
        complaint.env["commercial.complaint.solution"].create(vals)
    if not story["solutions"]:
        complaint.is_explanation_only = True


def _approve(scenario, complaint):
    """What exceeds the authority of an assistant is approved by the team lead."""
    if not complaint._get_missing_authority():
        return
    request = complaint._request_approval("complaint_solution", "Voorstel aan de klant")
    request.with_user(scenario.demo("user", "team_lead")).action_approve()


def _settle(scenario, complaint, story):
    """The customer agreed on the telephone; what was agreed is carried out."""
    if story["solutions"]:
        answer = complaint.env["commercial.complaint.answer"].create(
            {"complaint_id": complaint.id, "how": "phone", "answered_on": complaint.proposal_id._get_today()}
        )
        answer.action_note_answer()
        complaint.action_execute()
        documents_sudo = complaint.solution_ids.sudo()
        if story["step"] == "closed":
            documents_sudo.move_ids.filtered(lambda move: move.state == "draft").action_post()
    else:
        complaint.action_go_on()
    if story.get("supplier"):
        _ask_supplier(scenario, complaint)


def _ask_supplier(scenario, complaint):
    maker = scenario.demo("partner", "pumpmaker")
    claim = complaint.env["commercial.supplier.claim"].create(
        complaint._prepare_claim_vals("supplier", maker, complaint.line_ids)
    )
    claim.write(
        {
            "waits": False,
            "explanation": "Op twee pompen uit dezelfde levering is het lager defect, zonder spoor van misbruik.",
        }
    )
    for line in claim.line_ids.filtered(lambda line: not line.amount_claimed):
        line.amount_claimed = round(line.product_id.list_price * 0.64 * line.quantity, 2)
    claim.action_send()


def _look_back(scenario):
    """Let the nightly jobs find what ran out of time and what comes back again and again."""
    env = scenario.env
    env["commercial.complaint"].with_context(cron_id=False)._cron_judge_clocks()
    env["commercial.recurring.issue"]._cron_detect()
