from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.consumer_links import has_closed_platform


@tagged("post_install", "-at_install")
class TestConsumerLinks(BaseCase):
    def test_addresses(self):
        for text, expected in (
            (None, False),
            ("", False),
            ("https://ec.europa.eu/consumers/odr", True),
            ("http://ec.europa.eu/consumers/odr/", True),
            ("HTTPS://EC.EUROPA.EU/CONSUMERS/ODR/main/?event=main.home2.show", True),
            ("https://webgate.ec.europa.eu/odr/main", True),
            ('<a href="//ec.europa.eu/consumers/odr">ODR</a>', True),
            ("redirect?to=https%3A%2F%2Fec.europa.eu%2Fconsumers%2Fodr", True),
            ("https://ec.europa.eu/consumers/odrinary", False),
            ("https://ec.europa.eu/consumers", False),
            ("https://commission.europa.eu", False),
            ("odr", False),
        ):
            with self.subTest(text):
                self.assertEqual(has_closed_platform(text), expected)

    @given(st.text(), st.text())
    def test_whatever_stands_around_it(self, before, after):
        self.assertTrue(has_closed_platform(f"{before} ec.europa.eu/consumers/odr/ {after}"))
