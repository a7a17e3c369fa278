import base64
from functools import lru_cache

from markupsafe import Markup

from odoo import api, models
from odoo.tools.misc import file_open

from odoo.addons.base.models.ir_actions_report import _wkhtml

# regular and bold cut of the fonts that a company can choose for its documents
LATO_FILES = ("web/static/fonts/lato/Lato-Reg-webfont.woff", "web/static/fonts/lato/Lato-Bol-webfont.woff")
GOOGLE_FILES = (
    "web/static/fonts/google/%(font)s/%(font)s-Regular.ttf",
    "web/static/fonts/google/%(font)s/%(font)s-Bold.ttf",
)
# The PDF program rounds the width of each letter to its own pixel. The paper format asks for pixels of a sixteenth
# (1536 dpi) and the page is laid out that much larger: spaces beside bold words and the margin come out even.
FINE_ZOOM = 16
# A build without the patches of Qt ignores that and prints smaller than asked; measured, whatever the content.
UNPATCHED_ZOOM = 1.2987


@lru_cache(maxsize=16)
def _font_faces(font):
    """Return the style rules that carry a font in themselves; empty when its files are not there."""
    rules = []
    paths = LATO_FILES if font == "Lato" else [path % {"font": font} for path in GOOGLE_FILES]
    for path, weight in zip(paths, ("normal", "bold"), strict=True):
        try:
            with file_open(path, "rb") as font_file:
                data = base64.b64encode(font_file.read()).decode()
        except FileNotFoundError:
            continue
        kind = path.rsplit(".", 1)[1]
        rules.append(f"@font-face{{font-family:Letter;font-weight:{weight};src:url(data:font/{kind};base64,{data})}}")
    return "".join(rules)


@lru_cache(maxsize=1)
def _letter_css():
    with file_open("commercial_assistant/static/src/letter/letter.css") as css_file:
        return css_file.read()


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    # A letter is a report on the paper format of letters. Its document carries style sheet, font, logo and codes in
    # itself: rendering asks nothing of the server, so it also works from a queue, offline and in a test.

    def _is_letter(self):
        letter_format = self.env.ref("commercial_assistant.paperformat_letter", raise_if_not_found=False)
        return bool(letter_format) and self.paperformat_id == letter_format

    def _get_layout(self):
        if self._is_letter():
            return self.env.ref("commercial_assistant.letter_layout")
        return super()._get_layout()

    @api.model
    def _build_wkhtmltopdf_args(
        self, paperformat_id, landscape, specific_paperformat_args=None, set_viewport_size=False
    ):
        args = super()._build_wkhtmltopdf_args(
            paperformat_id,
            landscape,
            specific_paperformat_args=specific_paperformat_args,
            set_viewport_size=set_viewport_size,
        )
        if paperformat_id == self.env.ref("commercial_assistant.paperformat_letter", raise_if_not_found=False):
            # nothing is loaded later, so there is nothing to wait for
            args[args.index("--javascript-delay") + 1] = "1"
        return args

    @api.model
    def _get_letter_style(self):
        """Return the style sheet of letters with the font of the company, ready to stand in the document."""
        wkhtml = _wkhtml()
        if wkhtml.state == "ok" and not wkhtml.is_patched_qt:
            # this build draws embedded fonts as shapes, without text, and prints smaller than asked
            return Markup(f"{_letter_css()} body.ca_body{{zoom:{UNPATCHED_ZOOM}}}")
        return Markup(
            f"{_font_faces(self.env.company.font or 'Lato')} {_letter_css()} body.ca_body{{zoom:{FINE_ZOOM}}}"
        )
