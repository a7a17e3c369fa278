"""Photographs screens of a running demo, each as the person who would look at it in each language, and letters."""

import argparse
import base64
import io
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket
from PIL import Image

WIDTH, HEIGHT = 1366, 860
LIST, FORM = ".o_list_view .o_data_row", ".o_form_view"
FIRST_ROW = ".o_data_row .o_data_cell"
SHOW = "button[name=action_show]"
# name, login, page, what must be there, then in pairs: what to click, what must appear (CSS selectors)
SCREENS = [
    ("receivables", "collector", "/odoo/receivables", LIST),
    ("open_items", "collector", "/odoo/open-items", LIST),
    ("run", "collector", "/odoo/reminder-runs", LIST, FIRST_ROW, FORM),
    ("letter_form", "collector", "/odoo/reminder-letters", LIST, FIRST_ROW, FORM),
    ("worklist", "collector", "/odoo/collection-worklist", LIST),
    ("dispute", "collector", "/odoo/disputes", LIST, FIRST_ROW, FORM),
    ("plan", "collector", "/odoo/payment-plans", LIST, FIRST_ROW, FORM),
    ("charges", "collector", "/odoo/reminder-charges", LIST),
    ("handover", "collector", "/odoo/collection-handovers", LIST, FIRST_ROW, FORM),
    ("aged", "collector", "/odoo/aged-receivables", SHOW, SHOW, LIST),
    ("kpi", "collector", "/odoo/receivable-figures", ".o_graph_view"),
    ("warranty", "assistente", "/odoo/warranty-verdicts", LIST, FIRST_ROW, FORM),
    ("complaints", "assistente", "/odoo/complaints", LIST),
    ("complaint", "assistente", "/odoo/complaints", LIST, FIRST_ROW, FORM),
    ("portal", "klant", "/my/receivables", "[data-name=open_items]"),
    ("prospect_import", "assistente", "/odoo/prospect-imports", LIST, FIRST_ROW, FORM),
    ("legal_parameters", "teamlead", "/odoo/legal-parameters", ".o_group_header", ".o_facet_remove", LIST),
]
# customers: they see the portal only, and may not change their language through the API
CUSTOMERS = {"klant", "client"}
# the ending of a picture's name, its language
LANGUAGES = {"": "en_US", "_nl": "nl_BE", "_fr": "fr_BE"}
# name, which letter of the demo: language, law and kind, each law in the language that a customer of it reads
LETTERS = {
    "letter_be_consumer": "nl_be_consumer_reminder",
    "letter_be_business": "fr_be_business_formal-notice",
    "letter_be_public": "nl_be_public_formal-notice",
    "letter_nl_consumer": "nl_nl_consumer_reminder",
    "letter_nl_business": "nl_nl_business_formal-notice",
    "letter_fr_consumer": "fr_fr_consumer_formal-notice",
    "letter_fr_business": "fr_fr_business_formal-notice",
    "letter_lu_consumer": "de_lu_consumer_formal-notice",
    "letter_lu_business": "fr_lu_business_formal-notice",
}
# sheets of a letter beside each other: the space between them, and how many
GAP, SHEETS = 12, 2


class Browser:
    """The few commands of Chromium's remote control that pictures need."""

    def __init__(self):
        program = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
        if not program:
            raise SystemExit("No Chromium found. Remedy: apt-get install chromium")
        self.profile = tempfile.mkdtemp()
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb"]
        options += ["--remote-debugging-port=0", f"--user-data-dir={self.profile}", f"--window-size={WIDTH},{HEIGHT}"]
        self.process = subprocess.Popen(
            [program, *options, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        port_file = Path(self.profile, "DevToolsActivePort")
        self.wait(lambda: port_file.exists() and port_file.read_text().count("\n"), "Chromium does not start")
        port = port_file.read_text().split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            page = next(page for page in json.load(answer) if page["type"] == "page")
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], suppress_origin=True, timeout=60)
        self.number = 0
        self.errors = []
        for domain in ("Page", "Runtime", "Network"):
            self.call(f"{domain}.enable")
        size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("method") == "Runtime.exceptionThrown":
                self.errors.append(message["params"]["exceptionDetails"].get("text"))
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]

    def run(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        return result["result"].get("value")

    def wait(self, condition, complaint, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise RuntimeError(complaint)
            time.sleep(0.1)

    def wait_for(self, selector):
        found = f"!!document.querySelector({json.dumps(selector)})"
        self.wait(lambda: self.run(found), f"{selector} does not appear on {self.run('location.href')}")

    def open(self, url, selector):
        self.call("Page.navigate", url=url)
        self.wait_for(selector)

    def log_in(self, base, login):
        self.call("Network.clearBrowserCookies")
        self.open(f"{base}/web/login", ".oe_login_form input[name=login]")
        self.run(
            f"document.querySelector('.oe_login_form input[name=login]').value = {json.dumps(login)};"
            f"document.querySelector('.oe_login_form input[name=password]').value = {json.dumps(login)};"
            "document.querySelector('.oe_login_form').submit()"
        )
        self.wait(lambda: "/login" not in (self.run("location.href") or "/login"), f"{login} cannot log in")

    def picture(self):
        self.run("document.fonts.ready.then(() => true)")
        time.sleep(1)
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])


def save(data, path, width=None):
    """Write a small PNG: few colours, no wider than asked."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    if width and image.width > width:
        image = image.resize((width, round(image.height * width / image.width)), Image.LANCZOS)
    image.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path}  {path.stat().st_size // 1024} kB")


def speak(browser, language):
    """Give the person who is logged in another language; returns the one before."""
    call = """(async () => {
        const rpc = async (method, args) => (await (await fetch("/web/dataset/call_kw/res.users/" + method, {
            method: "POST", headers: {"Content-Type": "application/json"},
            body: JSON.stringify({jsonrpc: "2.0", params: {model: "res.users", method, args, kwargs: {}}}),
        })).json()).result;
        const me = [odoo.info?.uid ?? (await (await fetch("/web/session/get_session_info", {
            method: "POST", headers: {"Content-Type": "application/json"}, body: "{}"})).json()).result.uid];
        const before = (await rpc("read", [me, ["lang"]]))[0].lang;
        await rpc("write", [me, {lang: %s}]);
        return before;
    })()"""
    return browser.run(call % json.dumps(language))


def take(browser, base, folder, screens, ending):
    for name, _login, page, present, *clicks in screens:
        browser.open(base + page, present)
        for click, appears in zip(clicks[::2], clicks[1::2], strict=True):
            browser.run(f"document.querySelector({json.dumps(click)}).click()")
            browser.wait_for(appears)
        save(browser.picture(), folder / f"{name}{ending}.png")


def take_as_colleague(browser, base, folder, screens):
    browser.wait_for(".o_web_client")
    own = speak(browser, "en_US")
    try:
        for ending, language in LANGUAGES.items():
            speak(browser, language)
            take(browser, base, folder, screens, ending)
    finally:
        speak(browser, own)


def take_as_customer(browser, base, folder, screens):
    """The portal goes by this cookie, and puts the language into the address by itself."""
    for ending, language in LANGUAGES.items():
        browser.call("Network.setCookie", url=base, name="frontend_lang", value=language)
        take(browser, base, folder, screens, ending)


def photograph(base, folder, names):
    browser = Browser()
    try:
        for login in dict.fromkeys(screen[1] for screen in SCREENS):
            screens = [screen for screen in SCREENS if screen[1] == login and (not names or screen[0] in names)]
            if not screens:
                continue
            browser.log_in(base, login)
            by_role = take_as_customer if login in CUSTOMERS else take_as_colleague
            by_role(browser, base, folder, screens)
        if browser.errors:
            print("Errors in the browser:", *browser.errors, sep="\n  ")
    finally:
        browser.close()


def print_letters(letters, folder, names):
    for name, end in LETTERS.items():
        if names and name not in names:
            continue
        letter = min(letters.glob(f"*_{end}.pdf"), default=None)
        if not letter:
            raise SystemExit(f"No letter *_{end}.pdf in {letters}. Remedy: script/demo --once")
        save(print_sheets(letter), folder / f"{name}.png")


def print_sheets(letter):
    """Return a picture of the first sheets of a letter, beside each other."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["pdftoppm", "-r", "80", "-f", "1", "-l", str(SHEETS), "-png", letter, Path(folder, "sheet")]
        subprocess.run(command, check=True)
        sheets = [Image.open(path).convert("RGB") for path in sorted(Path(folder).iterdir())]
    width = sum(sheet.width + GAP for sheet in sheets) - GAP
    picture = Image.new("RGB", (width, max(sheet.height for sheet in sheets)), "lightgray")
    left = 0
    for sheet in sheets:
        picture.paste(sheet, (left, 0))
        left += sheet.width + GAP
    data = io.BytesIO()
    picture.save(data, format="png")
    return data.getvalue()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("base", help="address of the running demo")
    parser.add_argument("letters", type=Path, help="folder with the letters of the demo")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("names", nargs="*", help="only these pictures")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    print_letters(arguments.letters, arguments.folder, set(arguments.names))
    photograph(arguments.base.rstrip("/"), arguments.folder, set(arguments.names))


if __name__ == "__main__":
    main()
