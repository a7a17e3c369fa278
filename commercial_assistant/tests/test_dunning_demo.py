from collections import Counter

from odoo.tests import TransactionCase, tagged

from ..demo import summary


@tagged("-at_install", "post_install")
class TestDunningDemo(TransactionCase):
    """The page that the demo prints has words for everything that it may have to tell."""

    def _get_codes(self, model, field):
        return {code for code, _label in self.env[model]._fields[field]._description_selection(self.env)}

    def test_every_law_has_words(self):
        self.assertEqual(set(summary.LAWS), self._get_codes("commercial.dunning.policy", "regime"))

    def test_every_kind_has_words(self):
        self.assertEqual(set(summary.KINDS), self._get_codes("commercial.dunning.notice", "level_kind"))

    def test_every_way_has_words(self):
        channels = self._get_codes("commercial.dunning.notice", "channel")
        states = self._get_codes("commercial.dunning.notice", "state")
        self.assertEqual(set(summary.CHANNELS), channels)
        self.assertEqual(set(summary.STATES), states)
        for channel in channels:
            for state in states:
                self.assertNotIn(state if "_" in state else f"{state} {channel}", summary.format_way(channel, state))
        self.assertEqual(summary.format_way("sms", "sending"), "to be sent by text message")
        self.assertEqual(summary.format_way("registered", "sending"), "to be posted as registered letters")

    def test_letters_are_told_by_law_and_language(self):
        letters = Counter(
            {
                ("nl_BE", "nl_consumer", "reminder"): 1,
                ("fr_BE", "be_public", "formal_notice"): 2,
                ("nl_BE", "be_public", "reminder"): 3,
                ("nl_BE", "be_public", "last_notice"): 1,
            }
        )
        lines = [line.split() for line in summary.format_letters(letters)]
        self.assertEqual(
            [" ".join(line) for line in lines],
            [
                "Belgium, public authorities French 2 formal notices",
                "Belgium, public authorities Dutch 3 first reminders, 1 last notice",
                "Netherlands, consumers Dutch 1 first reminder",
            ],
        )
