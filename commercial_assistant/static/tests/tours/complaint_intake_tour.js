import {registry} from "@web/core/registry";

// An assistant takes a complaint down while the customer is on the phone.
registry.category("web_tour.tours").add("commercial_assistant_complaint_intake", {
    steps: () => [
        {
            content: "a new complaint by phone, from the list",
            trigger: ".o_list_view, .o_view_nocontent",
        },
        {
            trigger: ".o_control_panel button.o_complaint_intake:visible",
            run: "click",
        },
        {
            content: "the customer tells the number of the order",
            trigger: ".modal [name=search_text] input",
            run: "edit TOUR-4711",
        },
        {
            trigger: ".modal [name=subject] input",
            run: "edit Pomp lekt",
        },
        {
            content: "who it is and what he bought stands there",
            trigger: ".modal [name=line_ids] .o_data_row:contains(Pump)",
        },
        {
            content: "the guide of the category stands beside",
            trigger: ".modal [name=category_id] input",
            run: "edit Gebrek",
        },
        {
            trigger: ".ui-autocomplete .ui-menu-item a:contains(Gebrek)",
            run: "click",
        },
        {
            trigger: ".modal [name=guide] [name=call_guide] li",
        },
        {
            content: "one of the two is concerned",
            trigger: ".modal [name=line_ids] .o_data_row:first [name=quantity]",
            run: "click",
        },
        {
            trigger: ".modal [name=line_ids] .o_data_row:first [name=quantity] input",
            run: "edit 1",
        },
        {
            trigger: ".modal [name=description] textarea",
            run: "edit Water in de kelder",
        },
        {
            content: "register",
            trigger: ".modal footer button[name=action_register]",
            run: "click",
        },
        {
            content: "the complaint is there",
            trigger: "body:not(:has(.modal)) .o_form_view [name=subject] input:value(Pomp lekt)",
        },
        {
            trigger: ".o_form_view [name=line_ids] .o_data_row:contains(Pump)",
        },
    ],
});

// A customer complains about an order, and adds something.
registry.category("web_tour.tours").add("commercial_assistant_complaint_portal", {
    steps: () => [
        {
            content: "complain about the order",
            trigger: "[data-name=complain]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "[data-name=rows] tbody tr:first-child input[name=line_ids]:checked",
        },
        {
            content: "one of them is concerned",
            trigger: "[data-name=rows] tbody tr:first-child input[type=number]",
            run: "edit 1",
        },
        {
            trigger: "select[name=wish]",
            run: "selectByIndex 2",
        },
        {
            trigger: "input[name=subject]",
            run: "edit Pomp lekt",
        },
        {
            trigger: "textarea[name=description]",
            run: "edit Er staat water in de kelder.",
        },
        {
            trigger: "button[data-name=send]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it is registered",
            trigger: "[data-name=done]",
        },
        {
            content: "how far it is stands there",
            trigger: "[data-name=steps] li:first-child [aria-current=step]",
        },
        {
            content: "add something",
            trigger: "textarea[name=text]",
            run: "edit Het lekt nu ook langs de kant.",
        },
        {
            trigger: "[data-name=message_form] button[data-name=send]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it stands there",
            trigger: "[data-name=message]:contains(langs de kant)",
        },
    ],
});
