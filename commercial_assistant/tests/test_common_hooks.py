from odoo.tests import tagged
from odoo.tools import file_open

from odoo.addons.commercial_assistant.hooks import (
    MODULE,
    _release_protected,
    _remove_foreign_identifiers,
    _remove_records,
)

from .test_common_dispatch import DispatchCase


@tagged("post_install", "-at_install")
class TestHooks(DispatchCase):
    def test_nothing_made_at_run_time_stays(self):
        names = ["commercial.dispatch", "commercial.legal.parameter"]
        ours = [
            self.env["ir.config_parameter"].create({"key": f"{MODULE}.test", "value": "1"}),
            self.env["ir.filters"].create({"name": "Mine", "model_id": names[0]}),
            self.env["ir.exports"].create({"name": "Mine", "resource": names[0]}),
            self.env["ir.sequence"].create({"name": "Second company", "code": names[0]}),
        ]
        foreign = [
            self.env["ir.config_parameter"].create({"key": "commercial.assistant.of.others", "value": "1"}),
            self.env["ir.filters"].create({"name": "Other", "model_id": "res.partner"}),
        ]
        _remove_records(self.env, names)
        self.assertFalse([record for record in ours if record.exists()])
        self.assertTrue(all(record.exists() for record in foreign))

    def test_names_given_by_other_addons_are_removed(self):
        def count(model_name):
            pattern = model_name.replace(".", "_").replace("_", r"\_")
            return self.env["ir.model.data"].search_count(
                [("name", "=like", f"%\\_\\_{pattern}\\_\\_%"), ("module", "=", "mail")]
            )

        self.assertTrue(count("commercial.legal.parameter"))
        partner = count("res.partner")
        _remove_foreign_identifiers(self.env, ["commercial.legal.parameter"])
        self.assertFalse(count("commercial.legal.parameter"))
        self.assertEqual(count("res.partner"), partner)

    def test_files_of_letters_can_be_removed(self):
        """What the uninstallation of models does by SQL must not fail on a sent letter."""
        letter = self._reserve_post()
        letter.action_mark_posted()
        self.env.flush_all()
        models = [model for model in self.registry.values() if model._original_module == MODULE]
        self.assertIn("commercial.dispatch", [model._name for model in models])
        _release_protected(self.env, models)
        self.env.cr.execute("DELETE FROM ir_attachment WHERE id = %s", [letter.attachment_id.id])
        self.assertEqual(self.env.cr.rowcount, 1)

    def test_neutralize(self):
        waiting, sending = self._reserve("a"), self._reserve("b")
        sending.state = "sending"
        self.env.flush_all()
        with file_open(f"{MODULE}/data/neutralize.sql") as file:
            self.env.cr.execute(file.read())
        self.env.invalidate_all()
        self.assertEqual((waiting + sending).mapped("state"), ["reserved", "ambiguous"])
        self.assertIn("neutralization", waiting.error)
        self.assertFalse(self.env.ref(f"{MODULE}.ir_cron_dispatch_send").active)
