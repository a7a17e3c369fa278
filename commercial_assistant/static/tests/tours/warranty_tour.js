import {registry} from "@web/core/registry";

// Somebody calls: the assistant types the serial number, records the verdict and sends the answer.
registry.category("web_tour.tours").add("commercial_assistant_warranty_search", {
    steps: () => [
        {
            content: "type the serial number",
            trigger: ".o_form_view [name=text] input",
            run: "edit TOUR-4711",
        },
        {
            content: "look it up",
            trigger: ".o_form_view button[name=action_search]",
            run: "click",
        },
        {
            content: "it is covered: record the verdict",
            trigger: ".o_data_row:has(td:contains(TOUR-4711)) button[name=action_check]",
            run: "click",
        },
        {
            content: "the answer is clear",
            trigger: ".o_form_view .alert-success [name=verdict]",
        },
        {
            content: "what was looked at",
            trigger: ".o_form_view [name=line_ids] .o_data_row:contains(TOUR-4711)",
        },
        {
            content: "send the answer",
            trigger: ".o_form_view .o_statusbar_buttons button.btn-primary[name=action_send_answer]",
            run: "click",
        },
        {
            content: "it was made",
            trigger: "button[name=action_open_dispatches]",
        },
    ],
});

// A team lead looks at the cover of a pump that is in the workshop, and suspends it.
registry.category("web_tour.tours").add("commercial_assistant_warranty_adjust", {
    steps: () => [
        {
            content: "the pump",
            trigger: ".o_list_view .o_data_row td[name=serial_number]:contains(TOUR-4711)",
            run: "click",
        },
        {
            content: "change the cover",
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_adjust]",
            run: "click",
        },
        {
            content: "why",
            trigger: ".modal [name=reason] input",
            run: "edit In the workshop",
        },
        {
            content: "suspend it",
            trigger: ".modal footer button[name=action_adjust]",
            run: "click",
        },
        {
            content: "it stands in the file",
            trigger: ".o_form_view [name=extension_ids] .o_data_row:contains(In the workshop)",
        },
    ],
});

// Cards, policies and the wizard for earlier sales open.
registry.category("web_tour.tours").add("commercial_assistant_warranty_cards", {
    steps: () => [
        {
            content: "cards",
            trigger: ".o_cp_switch_buttons button.o_kanban",
            run: "click",
        },
        {
            content: "a card",
            trigger: ".o_kanban_view .o_kanban_record:not(.o_kanban_ghost):contains(Test pump)",
            run: "click",
        },
        {
            content: "its form",
            trigger: ".o_form_view .oe_title",
        },
    ],
});
