import {registry} from "@web/core/registry";

// A manager answers what an assistant asks about a complaint.
registry.category("web_tour.tours").add("commercial_assistant_escalation", {
    steps: () => [
        {
            content: "the list shows what waits for an answer",
            trigger: ".o_list_view .o_data_row:contains(Tour)",
        },
        {
            content: "open the question",
            trigger: ".o_data_row:contains(Tour) td[name=text]",
            run: "click",
        },
        {
            content: "the question stands there",
            trigger: ".o_form_view [name=text]:contains(whole batch)",
        },
        {
            content: "write the answer",
            trigger: ".o_form_view [name=answer] textarea",
            run: "edit Yes, and call the supplier today",
        },
        {
            content: "send it",
            trigger: ".o_statusbar_buttons button[name=action_answer]",
            run: "click",
        },
        {
            content: "it is answered",
            trigger: ".o_arrow_button_current[data-value=answered]",
        },
        {
            content: "go to the complaint",
            trigger: "button[name=action_open_complaint]",
            run: "click",
        },
        {
            content: "the guide of the category helps in the conversation",
            trigger: ".o_form_view a.nav-link[name=contact]",
            run: "click",
        },
        {
            content: "note a conversation",
            trigger: "[name=contact_log_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "what was said",
            trigger: ".modal [name=said] textarea",
            run: "edit He accepts a new batch",
        },
        {
            content: "keep it",
            trigger: ".modal footer .o_form_button_save",
            run: "click",
        },
        {
            content: "it stands in the list",
            trigger: "body:not(:has(.modal)) [name=contact_log_ids] .o_data_row:contains(new batch)",
        },
        {
            content: "save the complaint",
            trigger: ".o_form_button_save:visible",
            run: "click",
        },
        {
            content: "saved",
            trigger: ".o_form_saved",
        },
    ],
});
