import {registry} from "@web/core/registry";

// A team lead opens what waits for a decision and approves it.
registry.category("web_tour.tours").add("commercial_assistant_approval", {
    steps: () => [
        {
            content: "the default filter shows what waits for me",
            trigger: ".o_list_view .o_data_row:contains(Bakkerij Tour)",
        },
        {
            content: "open the request",
            trigger: ".o_data_row:contains(Bakkerij Tour) td[name=record_label]",
            run: "click",
        },
        {
            content: "what is approved stands there",
            trigger: ".o_form_view [name=snapshot_html]",
        },
        {
            content: "approve",
            trigger: ".o_statusbar_buttons button[name=action_approve]",
            run: "click",
        },
        {
            content: "it is approved",
            trigger: ".o_arrow_button_current[data-value=approved]",
        },
    ],
});

// The cards of the requests; refusing asks why.
registry.category("web_tour.tours").add("commercial_assistant_approval_kanban", {
    steps: () => [
        {
            content: "switch to the cards",
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "refuse on the card",
            trigger: ".o_kanban_record:contains(Bakkerij Tour) button[name=action_refuse]",
            run: "click",
        },
        {
            content: "say why",
            trigger: ".modal [name=comment] textarea",
            run: "edit They never paid on a Monday",
        },
        {
            content: "confirm",
            trigger: ".modal footer button[name=action_confirm]:visible",
            run: "click",
        },
        {
            content: "the card is gone from what waits for me",
            trigger: "body:not(:has(.modal)) .o_kanban_view:not(:has(.o_kanban_record:contains(Bakkerij Tour)))",
        },
    ],
});

// An assistant hands over the file of a customer and works through the first points.
registry.category("web_tour.tours").add("commercial_assistant_checklist", {
    steps: () => [
        {
            content: "the button lies behind the others",
            trigger: ".o_form_view .o-form-buttonbox .o_button_more",
            run: "click",
        },
        {
            content: "hand over the file",
            trigger: "button[name=action_handover]:visible",
            run: "click",
        },
        {
            content: "who takes over",
            trigger: ".modal [name=successor_id] input",
            run: "edit desk colleague",
        },
        {
            content: "choose",
            trigger: ".ui-autocomplete .ui-menu-item a:contains(desk colleague)",
            run: "click",
        },
        {
            content: "start",
            trigger: ".modal footer button[name=action_start]",
            run: "click",
        },
        {
            content: "the points are there; the first one is done",
            trigger: ".o_form_view [name=point_ids] .o_data_row:first button[name=action_done]",
            run: "click",
        },
        {
            content: "the next one too",
            trigger: ".o_form_view [name=point_ids] .o_data_row:eq(1) button[name=action_done]",
            run: "click",
        },
        {
            content: "the fourth one asks for a note",
            trigger:
                ".o_form_view:has(.o_data_row:eq(1) button[name=action_reset]) [name=point_ids] .o_data_row:eq(3) button[name=action_done]",
            run: "click",
        },
        {
            content: "write it",
            trigger: ".modal [name=note] textarea",
            run: "edit Free delivery on Fridays",
        },
        {
            content: "confirm",
            trigger: ".modal footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "three points are closed",
            trigger: "body:not(:has(.modal)) .o_form_view .o_data_row:eq(3) button[name=action_reset]",
        },
    ],
});

// An assistant checks the data of a customer, corrects one finding and accepts another.
registry.category("web_tour.tours").add("commercial_assistant_findings", {
    steps: () => [
        {
            content: "check the data",
            trigger: ".o_form_view button[name=action_check_data]",
            run: "click",
        },
        {
            content: "correct the mail address with one click",
            trigger: ".o_data_row:contains(jan@tour,example) button[name=action_apply]",
            run: "click",
        },
        {
            content: "the finding is gone from the open ones",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(jan@tour,example)))",
        },
        {
            content: "accept the incomplete address",
            trigger: ".o_data_row:contains(Zip) button[name=action_override]",
            run: "click",
        },
        {
            content: "with a reason",
            trigger: ".modal [name=reason] input",
            run: "edit They collect everything themselves",
        },
        {
            content: "confirm",
            trigger: ".modal footer button[name=action_confirm]:visible",
            run: "click",
        },
        {
            content: "nothing is open any more",
            trigger: "body:not(:has(.modal)) .o_list_view:not(:has(.o_data_row:contains(Zip)))",
        },
    ],
});
