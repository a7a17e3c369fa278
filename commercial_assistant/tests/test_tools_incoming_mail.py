from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.incoming_mail import drop_pictures, guess_language, is_automatic, is_listed, split_by_size

LANGUAGES = ("nl", "fr", "de", "en")


@tagged("post_install", "-at_install")
class TestIncomingMail(BaseCase):
    def test_who_wrote_it(self):
        for headers, sender, expected in (
            ({}, "jan@customer.example", False),
            ({"Auto-Submitted": "no"}, "jan@customer.example", False),
            ({"Auto-Submitted": "auto-replied"}, "jan@customer.example", True),
            ({"AUTO-SUBMITTED": "Auto-Generated; type=x"}, "", True),
            ({"Precedence": "bulk"}, "", True),
            ({"Precedence": "first-class"}, "", False),
            ({"X-Auto-Response-Suppress": "DR, OOF, AutoReply"}, "", True),
            ({"X-Auto-Response-Suppress": "DR, RN"}, "", False),
            ({"List-Id": "<news.example>"}, "", True),
            ({"List-Unsubscribe": "<https://x.example>"}, "", True),
            ({"X-Autoreply": "yes"}, "", True),
            ({"Return-Path": "<>"}, "", True),
            ({"Return-Path": "<jan@customer.example>"}, "", False),
            ({}, "MAILER-DAEMON@customer.example", True),
            ({}, "no-reply@shop.example", True),
            ({}, "noreply+7@shop.example", True),
            ({}, "norbert@customer.example", False),
        ):
            with self.subTest(headers=headers, sender=sender):
                self.assertEqual(is_automatic(headers, sender), expected)

    def test_in_which_language(self):
        for text, expected in (
            ("De pomp die ik bij u gekocht heb werkt niet en ik wil een nieuwe", "nl"),
            ("La pompe que vous m'avez vendue ne marche pas et je suis mécontent", "fr"),
            ("Die Pumpe funktioniert nicht und ich habe noch keine Antwort", "de"),
            ("The pump that I bought does not work and I want my money", "en"),
            ("Pump X200 kapot", None),
            ("", None),
            ("12345 67890", None),
        ):
            with self.subTest(text):
                self.assertEqual(guess_language(text, LANGUAGES), expected)
        self.assertIsNone(guess_language("De pomp werkt niet en ik wil een nieuwe", ("fr", "xx")))

    def test_what_is_kept(self):
        self.assertEqual(split_by_size([5, 6, 4, 1], 10), [True, False, True, True])
        self.assertEqual(split_by_size([], 10), [])
        self.assertEqual(split_by_size([10, 1], 10), [True, False])

    @given(st.lists(st.integers(0, 100)), st.integers(0, 200))
    def test_what_is_kept_always_fits(self, sizes, limit):
        kept = split_by_size(sizes, limit)
        self.assertEqual(len(kept), len(sizes))
        total = sum(size for size, fits in zip(sizes, kept, strict=True) if fits)
        self.assertLessEqual(total, limit)
        for index, size in enumerate(sizes):
            if not kept[index]:
                before = sum(s for s, fits in zip(sizes[:index], kept[:index], strict=True) if fits)
                self.assertGreater(before + size, limit, "nothing that would have fitted is refused")

    def test_pictures_are_dropped(self):
        text = drop_pictures('<p>a &lt; b <img src="cid:1"/>c</p><svg><script>x</script></svg>d')
        self.assertNotIn("<img", text)
        self.assertNotIn("svg", text)
        self.assertIn("a &lt; b", text)
        self.assertIn("c", text)
        self.assertIn("d", text)
        self.assertEqual(drop_pictures("no tags"), "no tags")
        self.assertEqual(drop_pictures(""), "")

    @given(st.text())
    def test_any_text_is_survived(self, text):
        self.assertNotIn("<img", drop_pictures(text).lower())
        guess_language(text, LANGUAGES)
        is_automatic({"Precedence": text, "Auto-Submitted": text}, text)
        is_listed(text, text)

    def test_who_is_on_the_list(self):
        entries = "spam@x.example\n @Bad.example \n\nnonsense"
        for address, expected in (
            ("spam@x.example", True),
            ("SPAM@X.example", True),
            ("other@x.example", False),
            ("a@bad.example", True),
            ("a@mail.bad.example", True),
            ("a@notbad.example", False),
            ("nonsense", False),
            ("", False),
        ):
            with self.subTest(address):
                self.assertEqual(is_listed(address, entries), expected)
