import {registry} from "@web/core/registry";

// A customer disputes a part of an invoice, then promises to pay the rest.
registry.category("web_tour.tours").add("commercial_assistant_portal", {
    steps: () => [
        {
            content: "the account shows what is open",
            trigger: "[data-name=open_items] tbody tr",
        },
        {
            content: "I do not agree",
            trigger: "[data-name=open_dispute]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "choose the oldest invoice",
            trigger: "tbody tr:first-child input[name=item_ids]",
            run: "click",
        },
        {
            content: "a part of it only",
            trigger: "tbody tr:first-child input[type=number]",
            run: "edit 250",
        },
        {
            content: "say why",
            trigger: "select[name=reason]",
            run: "selectByIndex 1",
        },
        {
            trigger: "textarea[name=description]",
            run: "edit Twee dozen ontbreken",
        },
        {
            content: "send it",
            trigger: "button[data-name=send]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it is registered, and shown beside the invoice",
            trigger: "[data-name=done]",
        },
        {
            trigger: "[data-reason=disputed]",
        },
        {
            content: "I will pay on",
            trigger: "[data-name=open_promise]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "input[name=amount]",
            run: "edit 300",
        },
        {
            trigger: "input[name=promised_on]",
            run() {
                const day = new Date(Date.now() + 5 * 24 * 3600 * 1000);
                this.anchor.value = day.toISOString().slice(0, 10);
            },
        },
        {
            trigger: "button[data-name=send]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the promise stands there",
            trigger: "[data-name=promises] .badge",
        },
    ],
});
