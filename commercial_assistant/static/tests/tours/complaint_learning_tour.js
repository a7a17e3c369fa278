import {registry} from "@web/core/registry";

const openFromMenu = (xmlid) => [
    {
        content: "open the menu of complaints",
        trigger: ".o_menu_sections [data-menu-xmlid='commercial_assistant.menu_complaint']",
        run: "click",
    },
    {
        content: "choose the entry",
        trigger: `.o-dropdown--menu [data-menu-xmlid='commercial_assistant.${xmlid}']`,
        run: "click",
    },
];

// The team lead looks at the month, asks for the report, and settles what repeats itself.
registry.category("web_tour.tours").add("commercial_assistant_complaint_month", {
    steps: () => [
        {
            content: "the card of the team compares two months",
            trigger: ".o_kanban_view .o_kanban_record:contains(Ploeg Tour) table[name=months]",
        },
        {
            content: "ask for the report",
            trigger: ".o_kanban_record:contains(Ploeg Tour) button[name=action_month_report]",
            run: "click",
        },
        {
            content: "the team is chosen already",
            trigger: ".modal [name=team_id] input:value(Ploeg Tour)",
        },
        {
            content: "not now",
            trigger: ".modal footer button.btn-secondary",
            run: "click",
        },
        {
            content: "the cases of the team",
            trigger: "body:not(:has(.modal)) .o_kanban_record:contains(Ploeg Tour) button[name=action_open_complaints]",
            run: "click",
        },
        {
            content: "stand in a list",
            trigger: ".o_list_view .o_data_row:contains(Klacht Tour)",
        },
        ...openFromMenu("complaint_analysis_menu"),
        {
            content: "the figures as a graph",
            trigger: ".o_graph_view",
        },
        {
            content: "as a pivot",
            trigger: ".o_switch_view.o_pivot",
            run: "click",
        },
        {
            content: "with a row for each category",
            trigger: ".o_pivot table tbody tr",
        },
        ...openFromMenu("recurring_issue_menu"),
        {
            content: "what repeats itself",
            trigger: ".o_list_view .o_data_row:contains(Pump) td[name=reason]",
            run: "click",
        },
        {
            content: "write the conclusion",
            trigger: ".o_form_view [name=conclusion] textarea",
            run: "edit The supplier changed the seal",
        },
        {
            content: "close",
            trigger: ".o_form_view button[name=action_close]",
            run: "click",
        },
        {
            content: "it is closed",
            trigger: ".o_form_view .o_arrow_button_current[data-value=closed]",
        },
    ],
});

// The assistant claims from a supplier what a customer complained about.
registry.category("web_tour.tours").add("commercial_assistant_supplier_claim", {
    steps: () => [
        {
            content: "ask the supplier",
            trigger: ".o_form_view button[name=action_ask_supplier]",
            run: "click",
        },
        {
            content: "the goods stand in the claim",
            trigger: ".o_form_view [name=line_ids] .o_data_row:contains(Pump)",
        },
        {
            content: "the letter",
            trigger: ".o_notebook_headers a[name=letter]",
            run: "click",
        },
        {
            content: "what we write",
            trigger: "[name=explanation] textarea",
            run: "edit The seal of each pump leaks",
        },
        {
            content: "send",
            trigger: ".o_form_view button[name=action_send]",
            run: "click",
        },
        {
            content: "it is sent",
            trigger: ".o_form_view .o_arrow_button_current[data-value=sent]",
        },
        {
            content: "back to the complaint",
            trigger: ".o_form_view button[name=action_view_complaints]",
            run: "click",
        },
        {
            content: "what it cost",
            trigger: ".o_form_view .o_notebook_headers a[name=costs]",
            run: "click",
        },
        {
            content: "a row for the time",
            trigger: "[name=hour_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "what was done",
            trigger: "[name=hour_ids] .o_selected_row [name=name] input",
            run: "edit Inspection",
        },
        {
            content: "how long",
            trigger: "[name=hour_ids] .o_selected_row [name=hours] input",
            run: "edit 1:30",
        },
        {
            content: "save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "saved",
            trigger: ".o_form_saved, .o_form_status_indicator:not(:has(.o_form_button_save:visible))",
        },
        {
            content: "the sum follows",
            trigger: "[name=cost_hours]:contains(67)",
        },
    ],
});
