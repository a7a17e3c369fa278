import {registry} from "@web/core/registry";

// A collector hands over a claim: choose the customer, choose the bailiff, go through the checklist, deliver the file.
registry.category("web_tour.tours").add("commercial_assistant_handover", {
    steps: () => [
        {
            content: "open the customer account",
            trigger: ".o_data_row:contains(Bakkerij Tour) td[name=partner_id]",
            run: "click",
        },
        {
            content: "hand over",
            trigger: ".o_statusbar_buttons button[name=action_hand_over]",
            run: "click",
        },
        {
            content: "what was found stands there",
            trigger: ".modal [name=found_count]:contains(1)",
        },
        {
            content: "who collects",
            trigger: ".modal [name=collector_id] input",
            run: "edit De Wilde",
        },
        {
            content: "choose",
            trigger: ".ui-autocomplete .ui-menu-item a:contains(De Wilde)",
            run: "click",
        },
        {
            content: "the kind of collector follows",
            trigger: ".modal [name=collector_type] input:value(Bailiff), .modal [name=collector_type] select",
        },
        {
            content: "prepare",
            trigger: ".modal footer button[name=action_prepare]",
            run: "click",
        },
        {
            content: "what is missing is told before",
            trigger: ".o_form_view .nav-link[name=documents]",
            run: "click",
        },
        {
            content: "no terms are enclosed",
            trigger: ".o_form_view [name=missing]:contains(terms)",
        },
        {
            content: "check",
            trigger: ".o_statusbar_buttons button[name=action_check]",
            run: "click",
        },
        {
            content: "the program judged what it can",
            trigger:
                ".o_form_view [name=point_ids] .o_data_row:contains(The debt is due) [name=verdict]:contains(Fulfilled)",
        },
        {
            content: "the register of insolvencies needs a person, and a note",
            trigger: ".o_data_row:contains(insolvency proceedings) button[name=action_done]",
            run: "click",
        },
        {
            content: "write what was found",
            trigger: ".modal [name=note] textarea",
            run: "edit Looked in the registers today",
        },
        {
            content: "confirm",
            trigger: ".modal footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "complete the list",
            trigger: "body:not(:has(.modal)) .o_statusbar_buttons button[name=action_complete]:visible",
            run: "click",
        },
        {
            content: "why the open points are passed over",
            trigger: ".modal [name=reason] input",
            run: "edit They order by telephone",
        },
        {
            content: "confirm",
            trigger: ".modal footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "back to the hand-over",
            trigger: "body:not(:has(.modal)) .o_arrow_button_current[data-value=done]",
        },
        {
            content: "back to the hand-over",
            trigger: "button[name=action_open_record]",
            run: "click",
        },
        {
            content: "hand over",
            trigger: ".o_statusbar_buttons button[name=action_hand_over]",
            run: "click",
        },
        {
            content: "on the portal of the bailiff",
            trigger: ".modal [name=method] .o_radio_item:contains(Portal) input",
            run: "click",
        },
        {
            content: "confirm",
            trigger: ".modal footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "it is handed over",
            trigger: "body:not(:has(.modal)) .o_arrow_button_current[data-value=handed_over]",
        },
        {
            content: "their reference",
            trigger: "[name=collector_reference] input",
            run: "edit DW/2026/17",
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
    ],
});
