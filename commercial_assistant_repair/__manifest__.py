{
    "name": "Commercial Assistant: Repair",
    "summary": "Repairs of complaints by repair orders",
    "version": "19.0.1.0.0",
    "category": "Sales/Commercial Assistant",
    "author": "Commercial Assistant contributors",
    "license": "LGPL-3",
    "depends": ["commercial_assistant", "repair"],
    "data": [
        "views/repair_order_views.xml",
        "views/complaint_views.xml",
    ],
    "uninstall_hook": "uninstall_hook",
    "auto_install": True,
}
