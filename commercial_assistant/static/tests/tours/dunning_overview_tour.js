import {registry} from "@web/core/registry";

const openFromMenu = (xmlid) => [
    {
        content: "open the menu of receivables",
        trigger: ".o_menu_sections [data-menu-xmlid='commercial_assistant.menu_dunning']",
        run: "click",
    },
    {
        content: "choose the entry",
        trigger: `.o-dropdown--menu [data-menu-xmlid='commercial_assistant.${xmlid}']`,
        run: "click",
    },
];

// A collector calls the first customer of the worklist; nobody answers.
registry.category("web_tour.tours").add("commercial_assistant_worklist", {
    steps: () => [
        {
            content: "the customer stands in the worklist, with a reason",
            trigger: ".o_list_view .o_data_row:contains(Bakkerij Tour) td[name=next_action_text]:not(:empty)",
        },
        {
            content: "look again",
            trigger: ".o_control_panel button[name=action_refresh_worklist]",
            run: "click",
        },
        {
            content: "call",
            trigger: ".o_list_view .o_data_row:contains(Bakkerij Tour) button[name=action_call]",
            run: "click",
        },
        {
            content: "nobody answers",
            trigger: ".modal [name=result] input[data-value=no_answer]",
            run: "click",
        },
        {
            content: "what happened",
            trigger: ".modal [name=note] textarea",
            run: "edit Voice mail is full",
        },
        {
            content: "save",
            trigger: ".modal footer button[name=action_done]",
            run: "click",
        },
        {
            content: "open the account",
            trigger: "body:not(:has(.modal)) .o_list_view .o_data_row:contains(Bakkerij Tour) td[name=partner_id]",
            run: "click",
        },
        {
            content: "the history",
            trigger: ".o_form_view .o_notebook_headers a[name=timeline]",
            run: "click",
        },
        {
            content: "tells the call",
            trigger: ".o_form_view [name=timeline] td:contains(Voice mail is full)",
        },
    ],
});

// A collector sends a statement to a customer.
registry.category("web_tour.tours").add("commercial_assistant_statement", {
    steps: () => [
        {
            content: "choose the customer",
            trigger: ".o_list_view .o_data_row:contains(Bakkerij Tour) .o_list_record_selector input",
            run: "click",
        },
        {
            content: "statement",
            trigger: ".o_control_panel button[name=action_statement]",
            run: "click",
        },
        {
            content: "the customer is chosen already",
            trigger: ".modal [name=partner_ids] .o_tag:contains(Bakkerij Tour)",
        },
        {
            content: "of a period",
            trigger: ".modal [name=kind] input[data-value=activity]",
            run: "click",
        },
        {
            content: "send",
            trigger: ".modal:has([name=date_from]:visible) footer button[name=action_send]",
            run: "click",
        },
        {
            content: "it has left",
            trigger: ".o_list_view .o_data_row:contains(Bakkerij Tour) [name=state] .text-bg-success",
        },
    ],
});

// A collector looks at the aged receivables and at what stands behind a line.
registry.category("web_tour.tours").add("commercial_assistant_aged", {
    steps: () => [
        {
            content: "the app is there",
            trigger: ".o_list_view",
        },
        ...openFromMenu("aged_receivable_menu"),
        {
            content: "show today",
            trigger: ".modal footer button[name=action_show]",
            run: "click",
        },
        {
            content: "the customer with his balance; open the items",
            trigger: "body:not(:has(.modal)) .o_list_view .o_data_row:contains(Bakkerij Tour) td[name=amount_total]",
            run: "click",
        },
        {
            content: "the invoice stands there",
            trigger: ".o_list_view .o_data_row td[name=days_late]",
        },
        ...openFromMenu("receivable_item_report_menu"),
        {
            content: "the analysis has a row for each currency",
            trigger: ".o_pivot table tbody tr",
        },
        ...openFromMenu("receivable_kpi_menu"),
        {
            content: "the figures as a graph",
            trigger: ".o_graph_view",
        },
        {
            content: "as a list",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "with the number of days",
            trigger: ".o_list_view .o_data_row td[name=dso]",
        },
        ...openFromMenu("receivable_work_menu"),
        {
            content: "the cards",
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "in columns of the next step",
            trigger: ".o_kanban_view .o_kanban_record:contains(Bakkerij Tour) button[name=action_call]",
        },
    ],
});
