import {registry} from "@web/core/registry";

// A team lead looks at the law of a policy, asks too much, is refused, and saves what is lawful.
registry.category("web_tour.tours").add("commercial_assistant_dunning_policy", {
    steps: () => [
        {
            content: "the policies of the neighbours are there",
            trigger: ".o_list_view .o_data_row:contains(Tour FR)",
        },
        {
            content: "open the policy",
            trigger: ".o_data_row:contains(Tour FR) td[name=name]",
            run: "click",
        },
        {
            content: "the law explains itself in one line",
            trigger: ".o_form_view [name=law_explanation] span:not(:empty)",
        },
        {
            content: "look at the charges",
            trigger: ".o_notebook_headers a[name=charges]",
            run: "click",
        },
        {
            content: "claim an indemnity without a clause",
            trigger: "[name=charge_indemnity] input",
            run: "click",
        },
        {
            content: "save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "refused, with the article",
            trigger: ".modal .modal-body:contains(D441-5)",
        },
        {
            content: "go back to the form",
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            content: "claim no indemnity",
            trigger: "body:not(:has(.modal)) [name=charge_indemnity] input",
            run: "click",
        },
        {
            content: "look at the rules",
            trigger: ".o_notebook_headers a[name=rules]",
            run: "click",
        },
        {
            content: "only customers with a large open amount",
            trigger: "[name=rule_ids] .o_data_row td[name=exposure_from]",
            run: "click",
        },
        {
            content: "an amount",
            trigger: "[name=rule_ids] .o_selected_row [name=exposure_from] input",
            run: "edit 2500",
        },
        {
            content: "look at the days",
            trigger: ".o_notebook_headers a[name=days]",
            run: "click",
        },
        {
            content: "two days of grace",
            trigger: "[name=grace_days] input",
            run: "edit 2",
        },
        {
            content: "save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "saved",
            trigger: ".o_form_saved",
        },
    ],
});

// A collector tells how a call went.
registry.category("web_tour.tours").add("commercial_assistant_dunning_call", {
    steps: () => [
        {
            content: "say how the call went",
            trigger: ".o_statusbar_buttons button[name=action_open_call]",
            run: "click",
        },
        {
            content: "the customer was reached",
            trigger: ".modal [name=result] input[data-value=reached]",
            run: "click",
        },
        {
            content: "what was said",
            trigger: ".modal [name=note] textarea",
            run: "edit Pays on Friday",
        },
        {
            content: "save",
            trigger: ".modal footer button[name=action_save]:visible",
            run: "click",
        },
        {
            content: "the reminder is delivered",
            trigger: ".o_arrow_button_current[data-value=delivered]",
        },
    ],
});
