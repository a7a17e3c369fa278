import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const LIST = [
    "Firma;Contactpersoon;E-mail;Telefoon;Ondernemingsnummer;Taal",
    "Houtbouw Tourveld bv;Els Tourmans;info@tourveld.example;056/01.02.03;999010027;N",
    "Menuiserie Tourneval srl;Luc Tourneval;luc(at)tourneval.example;069 01 02 03;0999.013.787;F",
    "houtbouw tourveld;;INFO@tourveld.example;;;N",
].join("\n");

function chooseFile({anchor}) {
    const transfer = new DataTransfer();
    transfer.items.add(new File([LIST], "visitors_tour.csv", {type: "text/csv"}));
    const input = anchor.querySelector("input[type=file]");
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
}

const inState = (state) => `.o_statusbar_status .o_arrow_button_current[data-value=${state}]`;

registry.category("web_tour.tours").add("commercial_assistant_prospect_import", {
    url: "/odoo/prospect-imports",
    steps: () => [
        {trigger: ".o_list_button_add", run: "click"},
        {content: "Choose the list", trigger: ".o_field_widget[name=file]", run: chooseFile},
        {trigger: ".o_field_widget[name=file] input[type=text]:value(visitors_tour.csv)"},
        {
            content: "The name follows the file",
            trigger: ".o_field_widget[name=name] input:value(visitors_tour)",
            run: "edit Fair of the tour",
        },
        {
            content: "Where the data come from",
            trigger: ".o_field_widget[name=event_name] input",
            run: "edit Fair of the tour",
        },
        {trigger: "button[name=action_read]", run: "click"},
        {trigger: inState("read")},
        {trigger: ".o_field_widget[name=column_ids] .o_data_row:nth-child(6)"},
        {content: "Check", trigger: "button[name=action_match].btn-primary", run: "click"},
        {trigger: inState("matched")},
        {trigger: ".o_field_widget[name=to_create_count]:contains(2)"},
        {trigger: ".o_field_widget[name=row_ids] .o_data_row:nth-child(3)"},
        {
            content: "Correct the address that is none",
            trigger: ".o_field_widget[name=row_ids] td[name=email]:contains('(at)')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=row_ids] .o_selected_row [name=email] input",
            run: "edit Luc@Tourneval.example",
        },
        ...stepUtils.saveForm(),
        {trigger: ".o_field_widget[name=row_ids] td[name=email]:contains('luc@tourneval.example')"},
        {
            content: "Only the duplicate is left to look at",
            trigger: ".oe_stat_button:has([name=duplicate_count])",
            run: "click",
        },
        {trigger: ".o_list_view .o_data_row:only-of-type td[name=company_name]:contains('houtbouw tourveld')"},
        {trigger: ".o_switch_view.o_kanban", run: "click"},
        {trigger: ".o_kanban_view .o_kanban_record:contains('houtbouw tourveld')", run: "click"},
        {trigger: ".o_form_view .o_field_widget[name=match_row_id]:contains('Houtbouw Tourveld bv')"},
        {trigger: ".breadcrumb-item:first a, .o_back_button:first", run: "click"},
        {trigger: ".o_kanban_view"},
        {trigger: ".o_back_button:first, .breadcrumb-item:last a", run: "click"},
        {trigger: inState("matched")},
        {content: "Create", trigger: "button[name=action_apply].btn-primary", run: "click"},
        {trigger: inState("done")},
        {trigger: ".o_field_widget[name=created_count]:contains(2)"},
        {trigger: "button[name=action_view_leads].btn-primary", run: "click"},
        {trigger: ".o_list_view td[name=name]:contains('Menuiserie Tourneval srl')", run: "click"},
        {trigger: ".o_form_view .o_field_widget[name=enterprise_number]"},
        {trigger: "button[name=action_open_prospect_row]", run: "click"},
        {trigger: ".o_form_view .o_field_widget[name=result_text]"},
        {trigger: ".o_form_view .o_field_widget[name=lead_id]:contains('Menuiserie Tourneval srl')"},
    ],
});

registry.category("web_tour.tours").add("commercial_assistant_prospect_undo", {
    url: "/odoo/prospect-imports",
    steps: () => [
        {trigger: ".o_switch_view.o_kanban", run: "click"},
        {trigger: ".o_kanban_view .o_kanban_record:contains('Fair of the tour')", run: "click"},
        {trigger: inState("done")},
        {trigger: "button[name=action_undo]", run: "click"},
        {trigger: ".modal-footer .btn-primary", run: "click"},
        {trigger: inState("undone")},
        {trigger: ".o_field_widget[name=undone_count]:contains(2)"},
        {content: "And again", trigger: "button[name=action_match].btn-primary", run: "click"},
        {trigger: inState("matched")},
        {trigger: ".o_field_widget[name=to_create_count]:contains(2)"},
    ],
});
