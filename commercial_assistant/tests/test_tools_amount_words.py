from decimal import Decimal

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.amount_words import amount_in_words

DUTCH = [
    ("0", "nul euro"),
    ("0.01", "één cent"),
    ("0.50", "vijftig cent"),
    ("1", "één euro"),
    ("1.01", "één euro en één cent"),
    ("2", "twee euro"),
    ("7.50", "zeven euro en vijftig cent"),
    ("16", "zestien euro"),
    ("21", "eenentwintig euro"),
    ("22.22", "tweeëntwintig euro en tweeëntwintig cent"),
    ("33", "drieëndertig euro"),
    ("71", "eenenzeventig euro"),
    ("80", "tachtig euro"),
    ("81", "eenentachtig euro"),
    ("91", "eenennegentig euro"),
    ("99.99", "negenennegentig euro en negenennegentig cent"),
    ("100", "honderd euro"),
    ("101", "honderdeen euro"),
    ("121.21", "honderdeenentwintig euro en eenentwintig cent"),
    ("200", "tweehonderd euro"),
    ("201", "tweehonderdeen euro"),
    ("1000", "duizend euro"),
    ("1001", "duizend één euro"),
    ("1100", "duizend honderd euro"),
    ("1210.50", "duizend tweehonderdtien euro en vijftig cent"),
    ("2001", "tweeduizend één euro"),
    ("21000", "eenentwintigduizend euro"),
    ("101000", "honderdeenduizend euro"),
    ("999999.99", "negenhonderdnegenennegentigduizend negenhonderdnegenennegentig euro en negenennegentig cent"),
    ("1000000", "een miljoen euro"),
    ("1000001", "een miljoen één euro"),
    ("2500080", "twee miljoen vijfhonderdduizend tachtig euro"),
    ("-12.50", "min twaalf euro en vijftig cent"),
]
BELGIAN_FRENCH = [
    ("0", "zéro euro"),
    ("0.01", "un centime"),
    ("0.50", "cinquante centimes"),
    ("1", "un euro"),
    ("1.01", "un euro et un centime"),
    ("1.50", "un euro et cinquante centimes"),
    ("2", "deux euros"),
    ("7.50", "sept euros et cinquante centimes"),
    ("16", "seize euros"),
    ("17", "dix-sept euros"),
    ("21", "vingt et un euros"),
    ("60", "soixante euros"),
    ("64", "soixante-quatre euros"),
    ("70", "septante euros"),
    ("71", "septante et un euros"),
    ("72", "septante-deux euros"),
    ("77.77", "septante-sept euros et septante-sept centimes"),
    ("79", "septante-neuf euros"),
    ("80", "quatre-vingts euros"),
    ("81", "quatre-vingt-un euros"),
    ("88", "quatre-vingt-huit euros"),
    ("90", "nonante euros"),
    ("91", "nonante et un euros"),
    ("96", "nonante-six euros"),
    ("99.99", "nonante-neuf euros et nonante-neuf centimes"),
    ("100", "cent euros"),
    ("101", "cent un euros"),
    ("180", "cent quatre-vingts euros"),
    ("200", "deux cents euros"),
    ("201", "deux cent un euros"),
    ("280", "deux cent quatre-vingts euros"),
    ("390", "trois cent nonante euros"),
    ("1000", "mille euros"),
    ("1001", "mille un euros"),
    ("1210.50", "mille deux cent dix euros et cinquante centimes"),
    ("2000", "deux mille euros"),
    ("2080", "deux mille quatre-vingts euros"),
    ("71000", "septante et un mille euros"),
    ("80000", "quatre-vingt mille euros"),
    ("90090", "nonante mille nonante euros"),
    ("200000", "deux cent mille euros"),
    ("1000000", "un million d'euros"),
    ("1000001", "un million un euros"),
    ("1200000", "un million deux cent mille euros"),
    ("2000000", "deux millions d'euros"),
    ("2000000.10", "deux millions d'euros et dix centimes"),
    ("80000000", "quatre-vingts millions d'euros"),
    ("200000000", "deux cents millions d'euros"),
    ("1000000000", "un milliard d'euros"),
    ("-12.50", "moins douze euros et cinquante centimes"),
]
FRENCH = [
    ("70", "soixante-dix euros"),
    ("71", "soixante et onze euros"),
    ("77", "soixante-dix-sept euros"),
    ("80", "quatre-vingts euros"),
    ("81", "quatre-vingt-un euros"),
    ("90", "quatre-vingt-dix euros"),
    ("91", "quatre-vingt-onze euros"),
    ("97.97", "quatre-vingt-dix-sept euros et quatre-vingt-dix-sept centimes"),
    ("300", "trois cents euros"),
    ("1210.50", "mille deux cent dix euros et cinquante centimes"),
    ("80080", "quatre-vingt mille quatre-vingts euros"),
    ("1000000", "un million d'euros"),
]
GERMAN = [
    ("0", "null Euro"),
    ("0.01", "ein Cent"),
    ("1", "ein Euro"),
    ("1.02", "ein Euro und zwei Cent"),
    ("16", "sechzehn Euro"),
    ("21", "einundzwanzig Euro"),
    ("30", "dreißig Euro"),
    ("71", "einundsiebzig Euro"),
    ("100", "einhundert Euro"),
    ("101", "einhunderteins Euro"),
    ("1210.50", "eintausendzweihundertzehn Euro und fünfzig Cent"),
    ("201000", "zweihunderteintausend Euro"),
    ("1000000", "eine Million Euro"),
    ("2000000", "zwei Millionen Euro"),
    ("101000000", "einhunderteine Millionen Euro"),
    ("-3", "minus drei Euro"),
]
ENGLISH = [
    ("0", "zero euros"),
    ("0.01", "one cent"),
    ("1", "one euro"),
    ("1.10", "one euro and ten cents"),
    ("21", "twenty-one euros"),
    ("81", "eighty-one euros"),
    ("101", "one hundred and one euros"),
    ("1210.50", "one thousand two hundred and ten euros and fifty cents"),
    ("2001", "two thousand and one euros"),
    ("1000000", "one million euros"),
    (
        "1234567.89",
        "one million two hundred and thirty-four thousand five hundred and sixty-seven euros and eighty-nine cents",
    ),
    ("-3", "minus three euros"),
]


@tagged("post_install", "-at_install")
class TestAmountInWords(BaseCase):
    def test_euro(self):
        for lang, table in (
            ("nl_BE", DUTCH),
            ("nl_NL", DUTCH),
            ("fr_BE", BELGIAN_FRENCH),
            ("fr_FR", FRENCH),
            ("de_DE", GERMAN),
            ("en_US", ENGLISH),
            ("en_GB", ENGLISH),
        ):
            for amount, expected in table:
                with self.subTest(lang=lang, amount=amount):
                    self.assertEqual(amount_in_words(Decimal(amount), "EUR", lang), expected)
                    self.assertEqual(amount_in_words(float(amount), "EUR", lang), expected)

    def test_currencies(self):
        table = [
            ("nl_BE", "USD", "1.01", "één Amerikaanse dollar en één cent"),
            ("nl_BE", "GBP", "21.02", "eenentwintig pond sterling en twee pence"),
            ("nl_BE", "CHF", "5.05", "vijf Zwitserse frank en vijf rappen"),
            ("fr_BE", "USD", "1000000", "un million de dollars américains"),
            ("fr_BE", "GBP", "1", "une livre sterling"),
            ("fr_BE", "GBP", "71", "septante et une livres sterling"),
            ("fr_BE", "GBP", "81.01", "quatre-vingt-une livres sterling et un penny"),
            ("fr_FR", "CHF", "2.70", "deux francs suisses et soixante-dix centimes"),
            ("de_DE", "GBP", "1.02", "ein Pfund Sterling und zwei Pence"),
            ("de_DE", "CHF", "2.10", "zwei Schweizer Franken und zehn Rappen"),
            ("de_DE", "USD", "1", "ein US-Dollar"),
            ("en_US", "USD", "1.01", "one US dollar and one cent"),
            ("en_GB", "GBP", "2.01", "two pounds sterling and one penny"),
            ("en_GB", "CHF", "2.02", "two Swiss francs and two centimes"),
            # no words for these currencies
            ("en_US", "PLN", "12.50", "twelve PLN and 50/100"),
            ("nl_BE", "SEK", "1200", "duizend tweehonderd SEK"),
            ("fr_BE", "JPY", "70.5", "septante et un JPY"),
            ("fr_BE", "KWD", "12.005", "douze KWD et 005/1000"),
            ("nl_BE", "DKK", "0.05", "nul DKK en 05/100"),
        ]
        for lang, currency, amount, expected in table:
            with self.subTest(lang=lang, currency=currency, amount=amount):
                self.assertEqual(amount_in_words(amount, currency, lang), expected)

    def test_rounding(self):
        for amount, expected in (
            ("0.004", "nul euro"),
            ("-0.004", "nul euro"),
            ("0.005", "één cent"),
            (1.005, "één euro en één cent"),
        ):
            with self.subTest(amount=amount):
                self.assertEqual(amount_in_words(amount, "eur", "nl_BE"), expected)
        self.assertEqual(amount_in_words("0.999", "EUR", "fr_BE"), "un euro")

    def test_languages(self):
        table = [
            ("fr_CH", "septante francs suisses"),
            ("fr_LU", "soixante-dix francs suisses"),
            ("fr", "soixante-dix francs suisses"),
            ("nl", "zeventig Zwitserse frank"),
            # written in English: no words for these languages
            ("pl_PL", "seventy Swiss francs"),
            ("", "seventy Swiss francs"),
        ]
        for lang, expected in table:
            with self.subTest(lang=lang):
                self.assertEqual(amount_in_words(70, "CHF", lang), expected)

    def test_no_amount(self):
        for amount in (float("nan"), float("inf"), "1e15"):
            with self.subTest(amount=amount), self.assertRaises(ValueError):
                amount_in_words(amount, "EUR", "nl_BE")
