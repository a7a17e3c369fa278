import {registry} from "@web/core/registry";

// A collector chooses customers, proposes their letters, looks at one, approves them all and sends them.
registry.category("web_tour.tours").add("commercial_assistant_dunning_run", {
    steps: () => [
        {
            content: "choose the first customer",
            trigger: ".o_list_view .o_data_row:contains(Bakkerij Tour) .o_list_record_selector input",
            run: "click",
        },
        {
            content: "and the second one",
            trigger: ".o_list_view .o_data_row:contains(Jan Tour) .o_list_record_selector input",
            run: "click",
        },
        {
            content: "propose",
            trigger: ".o_control_panel button[name=action_propose]",
            run: "click",
        },
        {
            content: "the run is proposed",
            trigger: ".o_form_view .o_arrow_button_current[data-value=proposed]",
        },
        {
            content: "its letters",
            trigger: "button[name=action_open_notices]:visible:first",
            run: "click",
        },
        {
            content: "open one of them",
            trigger: ".o_view_controller.o_list_view .o_data_row:contains(Bakkerij Tour) td[name=partner_id]",
            run: "click",
        },
        {
            content: "its invoices stand in it",
            trigger: ".o_form_view [name=line_ids] .o_data_row",
        },
        {
            content: "back to the letters",
            trigger: ".o_back_button:visible",
            run: "click",
        },
        {
            content: "back to the run",
            trigger: ".o_view_controller.o_list_view:has(.o_data_row) .o_back_button:visible",
            run: "click",
        },
        {
            content: "approve",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_approve]",
            run: "click",
        },
        {
            content: "yes",
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "send",
            trigger:
                "body:not(:has(.modal)) .o_form_view:has(.o_arrow_button_current[data-value=approved]) button[name=action_send]",
            run: "click",
        },
        {
            content: "yes",
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "all letters have left",
            trigger: "body:not(:has(.modal)) .o_form_view .o_arrow_button_current[data-value=done]",
        },
    ],
});

// A collector finds the opening balances that Odoo leaves out, has one of them followed up and leaves the other out.
registry.category("web_tour.tours").add("commercial_assistant_opening_balances", {
    steps: () => [
        {
            content: "open the menu of the receivables",
            trigger: "[data-menu-xmlid='commercial_assistant.menu_dunning']",
            run: "click",
        },
        {
            content: "look for opening balances",
            trigger: "[data-menu-xmlid='commercial_assistant.receivable_check_menu']",
            run: "click",
        },
        {
            content: "grouped by customer",
            trigger: ".o_list_view .o_group_header:contains(Bakkerij Tour)",
            run: "click",
        },
        {
            content: "choose",
            trigger: ".o_data_row:contains(OPENING 1) .o_list_record_selector input",
            run: "click",
        },
        {
            content: "follow up",
            trigger: ".o_control_panel button[name=action_follow]",
            run: "click",
        },
        {
            content: "with its own date",
            trigger: ".modal footer button[name=action_follow]",
            run: "click",
        },
        {
            content: "only the other customer is left",
            trigger:
                "body:not(:has(.modal)) .o_list_view:not(:has(.o_data_row:contains(OPENING 1))) .o_group_header:contains(Jan Tour)",
            run: "click",
        },
        {
            content: "choose",
            trigger: ".o_data_row:contains(OPENING 2) .o_list_record_selector input",
            run: "click",
        },
        {
            content: "leave it out",
            trigger: ".o_control_panel button[name=action_leave_out]",
            run: "click",
        },
        {
            content: "nothing is left out unseen",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(OPENING 2))):has(.o_group_header:contains(Jan Tour))",
        },
    ],
});
