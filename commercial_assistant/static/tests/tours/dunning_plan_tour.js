import {registry} from "@web/core/registry";

const inState = (state) => `.o_statusbar_status .o_arrow_button_current[data-value=${state}]`;

registry.category("web_tour.tours").add("commercial_assistant_payment_plan", {
    url: "/odoo/receivables",
    steps: () => [
        {
            content: "A customer who cannot pay at once",
            trigger: ".o_data_row td[name=partner_id]:contains(Bakkerij)",
            run: "click",
        },
        {
            content: "Spread the debt",
            trigger: ".o_form_view button[name=action_make_payment_plan]",
            run: "click",
        },
        {
            content: "Three instalments are proposed",
            trigger: ".modal .o_field_widget[name=line_ids] .o_data_row:nth-child(3)",
        },
        {
            content: "Two are enough",
            trigger: ".modal .o_field_widget[name=number] input",
            run: "edit 2 && press Tab",
        },
        {
            content: "The preview follows",
            trigger: ".modal .o_field_widget[name=line_ids] .o_data_row:nth-child(2) td[name=amount]:contains(450)",
        },
        {trigger: ".modal .o_field_widget[name=line_ids]:not(:has(.o_data_row:nth-child(3)))"},
        {
            content: "What it covers",
            trigger: ".modal .o_notebook_headers .nav-link[name=items]",
            run: "click",
        },
        {trigger: ".modal .o_field_widget[name=item_ids] .o_data_row td[name=is_chosen] input:checked"},
        {trigger: ".modal button[name=action_make]", run: "click"},
        {trigger: inState("draft")},
        {trigger: "button[name=action_propose].btn-primary", run: "click"},
        {trigger: inState("proposed")},
        {trigger: "button[name=action_activate].btn-primary", run: "click"},
        {trigger: inState("active")},
        {trigger: "button[name=action_follow].btn-primary", run: "click"},
        {
            content: "Look at the instalments of all plans",
            trigger: ".o_menu_sections [data-menu-xmlid='commercial_assistant.menu_dunning']",
            run: "click",
        },
        {
            trigger: ".dropdown-item[data-menu-xmlid='commercial_assistant.payment_plan_line_menu']",
            run: "click",
        },
        {trigger: ".o_calendar_view"},
        {
            content: "And at the plans as cards",
            trigger: ".o_menu_sections [data-menu-xmlid='commercial_assistant.menu_dunning']",
            run: "click",
        },
        {
            trigger: ".dropdown-item[data-menu-xmlid='commercial_assistant.payment_plan_menu']",
            run: "click",
        },
        {trigger: ".o_list_view .o_data_row"},
        {trigger: ".o_cp_switch_buttons .o_kanban", run: "click"},
        {trigger: ".o_kanban_view .o_kanban_record:contains(Bakkerij)"},
    ],
});
