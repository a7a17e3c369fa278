import {registry} from "@web/core/registry";

// A collector takes down a dispute in the list of open items, looks into it and settles it in part.
registry.category("web_tour.tours").add("commercial_assistant_dispute", {
    steps: () => [
        {
            content: "choose the invoice",
            trigger: ".o_list_view .o_data_row:contains(Bakkerij Tour) .o_list_record_selector input",
            run: "click",
        },
        {
            content: "dispute it",
            trigger: ".o_control_panel button[name=action_register_dispute]",
            run: "click",
        },
        {
            content: "the reason",
            trigger: ".modal [name=reason_id] input",
            run: "edit Tour reason",
        },
        {
            content: "choose",
            trigger: ".ui-autocomplete .ui-menu-item a:contains(Tour reason)",
            run: "click",
        },
        {
            content: "what the customer says",
            trigger: ".modal [name=description] textarea",
            run: "edit Two of four motors are missing",
        },
        {
            content: "a part of the invoice",
            trigger: ".modal [name=line_ids] .o_data_row td[name=amount]",
            run: "click",
        },
        {
            content: "how much",
            trigger: ".modal [name=line_ids] .o_data_row [name=amount] input",
            run: "edit 400",
        },
        {
            content: "register",
            trigger: ".modal footer button[name=action_register]",
            run: "click",
        },
        {
            content: "look into it",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_investigate]",
            run: "click",
        },
        {
            content: "settle it",
            trigger: ".o_form_view .o_statusbar_buttons button.btn-primary[name=action_settle]",
            run: "click",
        },
        {
            content: "right in part",
            trigger: ".modal [name=outcome] input[data-value=partly]",
            run: "click",
        },
        {
            content: "how much is accepted",
            trigger: ".modal [name=line_ids] .o_data_row td[name=accepted_amount]",
            run: "click",
        },
        {
            content: "one of the two",
            trigger: ".modal [name=line_ids] .o_data_row [name=accepted_amount] input",
            run: "edit 250",
        },
        {
            content: "the answer",
            trigger: ".modal [name=answer] textarea",
            run: "edit One motor was missing indeed",
        },
        {
            content: "settle",
            trigger: ".modal footer button[name=action_settle]",
            run: "click",
        },
        {
            content: "it is settled, the credit note is to be made",
            trigger:
                "body:not(:has(.modal)) .o_form_view:has(.o_arrow_button_current[data-value=settled]) button[name=action_credit]",
            run: "click",
        },
        {
            content: "the wizard of Odoo knows the amount",
            trigger: ".modal [name=dispute_amount] input:value(250)",
        },
        {
            content: "make the draft",
            trigger: ".modal footer button[name=refund_moves]",
            run: "click",
        },
        {
            content: "the draft is there",
            trigger:
                "body:not(:has(.modal)) .o_form_view:has(.o_arrow_button_current[data-value=draft]) [name=invoice_line_ids]",
        },
    ],
});

// A collector takes down a promise on the account of the customer.
registry.category("web_tour.tours").add("commercial_assistant_promise", {
    steps: () => [
        {
            content: "the customer calls",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_register_promise]",
            run: "click",
        },
        {
            content: "everything open is proposed",
            trigger: ".modal [name=amount] input:value('000,00')",
            run: "edit 600",
        },
        {
            content: "by which day",
            trigger: ".modal [name=promised_on] input",
            run: "edit +5d",
        },
        {
            content: "say it in writing",
            trigger: ".modal [name=confirm] input",
            run: "click",
        },
        {
            content: "register",
            trigger: ".modal footer button[name=action_register]",
            run: "click",
        },
        {
            content: "the promise is open",
            trigger:
                "body:not(:has(.modal)) .o_form_view:has(.o_arrow_button_current[data-value=open]) [name=hold_until]",
        },
    ],
});

// The cards of disputes and promises.
registry.category("web_tour.tours").add("commercial_assistant_claim_cards", {
    steps: () => [
        {
            content: "the new one stands in the list",
            trigger: ".o_list_view .o_data_row:contains(Bakkerij Tour)",
        },
        {
            content: "switch to the cards",
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "the card",
            trigger: ".o_kanban_view .o_kanban_record:contains(Bakkerij Tour)",
            run: "click",
        },
        {
            content: "the form",
            trigger: ".o_form_view .o_statusbar_status",
        },
    ],
});
