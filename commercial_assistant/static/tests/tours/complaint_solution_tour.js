import {registry} from "@web/core/registry";

const choose = (row, index) => [
    {
        content: "add one",
        trigger: "[name=solution_ids] .o_field_x2many_list_row_add a",
        run: "click",
    },
    {
        content: "it is open",
        trigger: `[name=solution_ids] .o_data_row:nth-child(${row}).o_selected_row`,
    },
    {
        content: "open the kinds",
        trigger: "[name=solution_ids] .o_selected_row [name=kind] .o_select_menu_toggler",
        run: "click",
    },
    {
        content: "choose one",
        trigger: `.o_select_menu_menu .o_select_menu_item[data-choice-index='${index}']`,
        run: "click",
    },
    {
        content: "the line it is about",
        trigger: "[name=solution_ids] .o_selected_row [name=line_id] input",
        run: "edit Tourpomp",
    },
    {
        content: "the first one",
        trigger: ".ui-autocomplete .ui-menu-item a:contains(Tourpomp)",
        run: "click",
    },
];

// An assistant judges a complaint and plans what is done: the goods come back, and the line is credited.
registry.category("web_tour.tours").add("commercial_assistant_solution_plan", {
    steps: () => [
        {
            content: "look the guarantee up again",
            trigger: ".o_statusbar_buttons button[name=action_check_warranty]",
            run: "click",
        },
        {
            content: "two answers are kept",
            trigger: "button[name=action_view_warranty_checks]:contains(2)",
        },
        {
            content: "the verdict",
            trigger: ".o_notebook a[name=verdict]",
            run: "click",
        },
        {
            content: "founded",
            trigger: "[name=verdict] input[data-value=founded]",
            run: "click",
        },
        {
            content: "taken over",
            trigger: "[name=verdict] input[data-value=founded]:checked",
        },
        {
            content: "go on to the proposal",
            trigger: ".o_statusbar_buttons button.btn-primary[name=action_propose]",
            run: "click",
        },
        {
            content: "the solutions",
            trigger: ".o_notebook a[name=solutions]",
            run: "click",
        },
        ...choose(1, 3),
        ...choose(2, 4),
        {
            content: "save",
            trigger: ".o_form_button_save:enabled",
            run: "click",
        },
        {
            content: "saved",
            trigger: ".o_form_saved",
        },
    ],
});

// The customer accepted: the assistant carries out what can be carried out.
registry.category("web_tour.tours").add("commercial_assistant_solution_execute", {
    steps: () => [
        {
            content: "carry out",
            trigger: ".o_statusbar_buttons button.btn-primary[name=action_execute]",
            run: "click",
        },
        {
            content: "the credit waits for the goods",
            trigger: ".o_notification",
        },
        {
            content: "the transfer is there",
            trigger:
                "[name=button_box] button[name=action_view_transfers], .o-form-buttonbox button[name=action_view_transfers]",
        },
    ],
});

// The goods are back: she inspects them, then the line is credited.
registry.category("web_tour.tours").add("commercial_assistant_solution_settle", {
    steps: () => [
        {
            content: "the solutions",
            trigger: ".o_notebook a[name=solutions]",
            run: "click",
        },
        {
            content: "inspect",
            trigger: "[name=solution_ids] .o_data_row button[name=action_inspect]",
            run: "click",
        },
        {
            content: "in good order",
            trigger: ".modal [name=condition] input[data-value=good]",
            run: "click",
        },
        {
            content: "back to stock",
            trigger: ".modal [name=destination] input[data-value=stock]",
            run: "click",
        },
        {
            content: "what was found",
            trigger: ".modal [name=note] textarea",
            run: "edit Niets beschadigd",
        },
        {
            content: "take it down",
            trigger: ".modal footer button[name=action_place]",
            run: "click",
        },
        {
            content: "the way of the goods is told",
            trigger: "[name=placement_ids] .o_data_row",
        },
        {
            content: "carry the credit out",
            trigger: ".o_statusbar_buttons button.btn-primary[name=action_execute]",
            run: "click",
        },
        {
            content: "the credit note is there",
            trigger: "button[name=action_view_credit_notes]",
        },
    ],
});
