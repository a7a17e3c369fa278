{
    "name": "Commercial Assistant",
    "summary": "Prospects, feasibility, orders, lawful reminders and complaints for the commercial desk in Belgium",
    "version": "19.0.1.0.0",
    "category": "Sales/Commercial Assistant",
    "author": "Commercial Assistant contributors",
    "license": "LGPL-3",
    "depends": [
        "sale_management",
        "sale_crm",
        "sale_stock",
        "sale_margin",
        "account",
        "calendar",
        "contacts",
        "portal",
        "rating",
        "digest",
        "sms",
    ],
    "external_dependencies": {
        "python": ["num2words", "openpyxl", "python-stdnum", "xlrd"],
    },
    "data": [
        # groups
        "security/commercial_assistant_groups.xml",
        # access rights
        "security/ir.model.access.csv",
        # record rules
        "security/prospect/prospect_import_security.xml",
        "security/common/approval_security.xml",
        "security/common/check_security.xml",
        "security/common/checklist_security.xml",
        "security/common/dispatch_security.xml",
        "security/dunning/dunning_security.xml",
        # data: common
        "data/common/dispatch_sequence_data.xml",
        "data/common/mail_activity_type_data.xml",
        "data/common/ir_cron_data.xml",
        "data/common/approval_data.xml",
        "data/common/check_data.xml",
        "data/common/checklist_data.xml",
        "data/common/legal_parameter_data.xml",
        # data: prospect
        "data/prospect/ir_cron_data.xml",
        # data: dunning
        "data/dunning/dunning_sequence_data.xml",
        "data/dunning/dunning_policy_data.xml",
        "data/dunning/ir_cron_data.xml",
        # reports
        "reports/common/letter_templates.xml",
        "reports/dunning/dunning_notice_templates.xml",
        "reports/dunning/dunning_notice_reports.xml",
        # wizards
        "wizards/dunning/receivable_exclude_views.xml",
        "wizards/dunning/dunning_charge_waive_views.xml",
        "wizards/dunning/dunning_call_views.xml",
        "wizards/common/approval_decide_views.xml",
        "wizards/common/check_override_views.xml",
        "wizards/common/checklist_decide_views.xml",
        "wizards/common/checklist_start_views.xml",
        "wizards/common/dispatch_post_views.xml",
        # views: menu root
        "views/commercial_assistant_menus.xml",
        # views: common
        "views/common/dispatch_views.xml",
        "views/common/legal_parameter_views.xml",
        "views/common/approval_templates.xml",
        "views/common/approval_rule_views.xml",
        "views/common/approval_request_views.xml",
        "views/common/check_rule_views.xml",
        "views/common/check_result_views.xml",
        "views/common/checklist_template_views.xml",
        "views/common/checklist_views.xml",
        "views/common/res_partner_check_views.xml",
        "views/common/res_users_views.xml",
        "views/common/res_partner_views.xml",
        "views/common/res_config_settings_views.xml",
        # views: prospect
        "views/prospect/crm_lead_views.xml",
        "views/prospect/prospect_import_row_views.xml",
        "views/prospect/prospect_import_views.xml",
        # views: dunning
        "views/dunning/dunning_skip_views.xml",
        "views/dunning/dunning_notice_views.xml",
        "views/dunning/receivable_item_views.xml",
        "views/dunning/receivable_views.xml",
        "views/dunning/dunning_run_views.xml",
        "views/dunning/dunning_charge_views.xml",
        "views/dunning/dunning_policy_views.xml",
        "views/dunning/res_partner_views.xml",
        "views/dunning/account_move_views.xml",
        "views/dunning/res_config_settings_views.xml",
    ],
    "demo": [
        # demo: common
        "demo/common/res_company_demo.xml",
        "demo/common/res_partner_category_demo.xml",
        "demo/common/res_partner_demo.xml",
        "demo/common/res_users_demo.xml",
        "demo/common/product_demo.xml",
        "demo/common/account_payment_term_demo.xml",
        "demo/common/legal_parameter_demo.xml",
        # demo: prospect
        "demo/prospect/prospect_import_demo.xml",
        # demo: dunning
        "demo/dunning/res_company_demo.xml",
    ],
    "assets": {
        "web.assets_tests": [
            "commercial_assistant/static/tests/tours/**/*",
        ],
    },
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
    "application": True,
}
