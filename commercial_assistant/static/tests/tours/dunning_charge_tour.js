import {registry} from "@web/core/registry";

// A collector sees how an interest was calculated, and allocates a payment to the charges of a customer.
registry.category("web_tour.tours").add("commercial_assistant_charges", {
    steps: () => [
        {
            content: "the open charges of the customer",
            trigger: ".o_list_view .o_data_row:contains(Bakkerij Tour)",
        },
        {
            content: "open the interest",
            trigger: ".o_data_row:has(td[name=date_from]:not(:empty)) td[name=kind]",
            run: "click",
        },
        {
            content: "its calculation stands there, day by day",
            trigger: ".o_form_view [name=calculation_html] td:contains(50)",
        },
        {
            content: "allocate a payment",
            trigger: ".o_statusbar_buttons button[name=action_allocate_payment]",
            run: "click",
        },
        {
            content: "costs come first, then interest, then the invoice",
            trigger: ".modal [name=amount_principal]:contains(445)",
        },
        {
            content: "leave something on account",
            trigger: ".modal .o_data_row:contains(Hoofdsom) td[name=amount]",
            run: "click",
        },
        {
            content: "type another amount",
            trigger: ".modal .o_selected_row td[name=amount] input",
            run: "edit 400",
        },
        {
            content: "the rest follows",
            trigger: ".modal [name=amount_costs]",
            run: "click",
        },
        {
            content: "allocate",
            trigger: ".modal footer button[name=action_allocate]:visible",
            run: "click",
        },
        {
            content: "the charge is paid",
            trigger: "body:not(:has(.modal)) .o_arrow_button_current[data-value=paid]",
        },
    ],
});

// A collector notes that a charge was paid in cash.
registry.category("web_tour.tours").add("commercial_assistant_charge_paid", {
    steps: () => [
        {
            content: "open the charge",
            trigger: ".o_data_row:contains(Bakkerij Tour) td[name=kind]",
            run: "click",
        },
        {
            content: "it is paid",
            trigger: ".o_statusbar_buttons button[name=action_mark_paid]",
            run: "click",
        },
        {
            content: "say where the money is",
            trigger: ".modal [name=reference] input",
            run: "edit Cash receipt 7",
        },
        {
            content: "confirm",
            trigger: ".modal footer button[name=action_confirm]:visible",
            run: "click",
        },
        {
            content: "it is closed",
            trigger: "body:not(:has(.modal)) .o_arrow_button_current[data-value=paid]",
        },
    ],
});
