import {registry} from "@web/core/registry";

const inState = (state) => `.o_statusbar_status .o_arrow_button_current[data-value=${state}]`;

// A customer agrees with one of two solutions, by the link in the mail.
registry.category("web_tour.tours").add("commercial_assistant_proposal_customer", {
    steps: () => [
        {
            content: "the letter in the language of the customer",
            trigger: "section[data-part=decision]:contains(Votre plainte est fondée)",
        },
        {trigger: "section[data-part=rights]:contains(1649quater)"},
        {
            content: "not this one",
            trigger: "section[data-part=offer] tbody tr:nth-child(2) input[name=line_ids]",
            run: "click",
        },
        {
            trigger: "input#accept_name",
            run: "edit Jeanne Dupont",
        },
        {
            trigger: "button[data-name=accept]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it is noted",
            trigger: "[data-name=done]:contains(Merci)",
        },
        {
            content: "there is nothing left to answer",
            trigger: "section[data-part=offer]:not(:has(input))",
        },
    ],
});

// The assistant writes to the customer and notes what he says on the telephone.
registry.category("web_tour.tours").add("commercial_assistant_proposal_assistant", {
    steps: () => [
        {trigger: inState("propose")},
        {
            content: "write to the customer",
            trigger: "button[name=action_offer].btn-primary",
            run: "click",
        },
        {
            content: "the letter as it will leave",
            trigger: ".modal .o_field_widget[name=preview]:contains(Nous avons examiné votre plainte)",
        },
        {
            content: "the language of the customer can be another one",
            trigger: ".modal .o_field_widget[name=text_intro] textarea",
            run: "edit Onze eigen woorden. && press Tab",
        },
        {trigger: ".modal .o_field_widget[name=preview]:contains(Onze eigen woorden.)"},
        {trigger: ".modal button[name=action_send].btn-primary", run: "click"},
        {trigger: inState("await_customer")},
        {trigger: ".alert-info:contains(De klant kan antwoorden)"},
        {
            content: "the customer calls",
            trigger: "button[name=action_accept].btn-primary",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=signed_name] input",
            run: "edit An aan de telefoon",
        },
        {trigger: ".modal .o_field_widget[name=line_ids] .o_data_row"},
        {trigger: ".modal button[name=action_note_answer].btn-primary", run: "click"},
        {trigger: inState("execute")},
        {
            content: "look at the proposal",
            trigger: "button[name=action_view_proposals]",
            run: "click",
        },
        {trigger: inState("accepted")},
    ],
});
