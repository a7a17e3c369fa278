"""The scripts survive what happens on other people's machines, and say what to do about it."""

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
from pathlib import Path

import pytest

from conftest import ROOT, rows, run, wait_for


def pretend(folder, **programs):
    """A folder with fake programs that hides the real ones when it comes first on PATH."""
    folder.mkdir(exist_ok=True)
    for name, body in programs.items():
        path = folder / name.replace("_", "-")
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def assert_clear(result, *parts):
    """One message with a cross, a remedy, and no trace of a shell or Python error."""
    code, output = result
    assert code == 1, output
    assert output.count("✗") >= 1, output
    assert "Remedy: " in output or "Usage: " in output, output
    assert "Traceback" not in output and "command not found" not in output and "unbound variable" not in output, output
    for part in parts:
        assert part in output, output


# --- WHAT THE USER NAMES ---


def test_no_database_server_answers():
    assert_clear(
        run("script/odoo", "--version", PGHOST="/nowhere", PGUSER="nobody"), "PGHOST=/nowhere", "does not answer"
    )


def test_the_named_database_server_is_used():
    """A server that the user names is used as it is, and not stopped at the end."""
    code, output = run("script/odoo", "--version", PGHOST=os.environ["PGHOST"] + "/.", PGUSER=os.environ["PGUSER"])
    assert code == 0, output
    assert rows("postgres", "select 1") == [(1,)]


@pytest.mark.parametrize("version", [None, "(18, 0, 0, FINAL, 0, '')"])
def test_odoo_home_without_odoo_19(tmp_path, version):
    if version:
        (tmp_path / "odoo").mkdir()
        (tmp_path / "odoo" / "release.py").write_text(f"version_info = {version}\n")
    assert_clear(run("script/odoo", "--version", ODOO_HOME=str(tmp_path)), f"ODOO_HOME={tmp_path}")


def test_odoo_home_with_odoo_19(tmp_path):
    """An Odoo of one's own, laid out like a checkout, is used instead of the fetched one."""
    (tmp_path / "odoo").symlink_to(Path(os.environ["PYTHONPATH"], "odoo"))
    (tmp_path / "addons").mkdir()
    script = "import odoo.cli, odoo.tools; print('FROM', odoo.cli.__path__[0], odoo.tools.config['addons_path'])"
    code, output = run(
        "bash",
        "-c",
        f'. script/lib.sh; environment; "$VENV/bin/python" -c "{script}"',
        ODOO_HOME=str(tmp_path),
        PYTHONPATH=None,
    )
    assert code == 0, output
    assert f"FROM {tmp_path}/odoo/cli" in output


@pytest.mark.parametrize(
    "command",
    [
        "demo --nonsense",
        "demo --port",
        "demo --port web",
        "demo --port 80",
        "lint --nonsense",
        "setup --nonsense",
        "bench",
        "bench nothing",
    ],
)
def test_wrong_arguments(command):
    assert_clear(run(*f"script/{command}".split()), "Usage: script/")


# --- WHAT THE MACHINE LACKS ---


def test_another_system_than_debian(tmp_path):
    """No dpkg, no chromium: what is missing is named."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for folder in ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"):
        for program in Path(folder).iterdir() if Path(folder).is_dir() else ():
            link = programs / program.name
            if not program.name.startswith(("dpkg", "apt", "chromium", "pdftotext")) and not link.exists():
                link.symlink_to(program)
    assert_clear(run("script/odoo", "--version", PATH=str(programs)), "not a Debian system", "chromium", "pdftotext")


MISSING = {"dpkg_query": "exit 1"}


def test_packages_are_missing_and_the_user_may_not_install(tmp_path):
    path = pretend(tmp_path / "bin", **MISSING, id="echo 1000", sudo="exit 1")
    assert_clear(
        run("script/odoo", "--version", PATH=path),
        "you may not install any",
        "apt-get install --no-install-recommends fontconfig",
    )


def test_packages_are_missing_and_there_is_no_network(tmp_path):
    path = pretend(
        tmp_path / "bin", **MISSING, id="echo 0", tee="cat >/dev/null", apt_get="echo Could not resolve >&2; exit 100"
    )
    cache = tmp_path / "cache"
    assert_clear(
        run("script/odoo", "--version", PATH=path, COMMERCIAL_ASSISTANT_CACHE=str(cache), PGHOST=None),
        "Could not resolve",
        "could not be installed",
        "go online",
    )


def test_python_packages_without_network(tmp_path):
    environment = {"COMMERCIAL_ASSISTANT_CACHE": str(tmp_path / "cache"), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}
    assert_clear(run("script/odoo", "--version", **environment), "Python packages", "go online")


def test_odoo_without_network(tmp_path):
    """The Python environment is there, Odoo is not."""
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "venv").symlink_to(Path(sys.prefix).parent)
    path = pretend(tmp_path / "bin", apt_get="echo Could not resolve >&2; exit 100")
    assert_clear(
        run("script/odoo", "--version", PATH=path, COMMERCIAL_ASSISTANT_CACHE=str(cache)),
        "Could not resolve",
        "ODOO_HOME",
    )


def test_no_fitting_python():
    script = ". script/lib.sh; need_packages() { :; }; find_python() { return 1; }; make_venv odoo"
    assert_clear(run("bash", "-c", script), "No Python 3.11")


def test_the_cache_cannot_be_written():
    assert_clear(run("script/odoo", "--version", COMMERCIAL_ASSISTANT_CACHE="/proc/nothing"), "/proc/nothing")


# --- WHAT A KILLED RUN LEFT ---


def test_databases_of_killed_runs_are_dropped():
    """The number in the name is that of a script that no longer lives."""
    process = subprocess.Popen(["true"])
    process.wait()
    dead, alive, foreign = f"ca_test_{process.pid}", f"ca_test_{os.getpid()}", f"ca_test_x{process.pid}"
    try:
        for name in (dead, alive, foreign):
            subprocess.run(["createdb", name], check=True)
            rows("postgres", f'COMMENT ON DATABASE "{name}" IS %s', f"run {socket.gethostname()}")
        script = '. script/lib.sh; environment; run_database outside "$CA_TEMPLATE"; psql -Atc "select 42" "$DB"'
        code, output = run("bash", "-c", script)
        assert code == 0 and "42" in output, output
        names = {name for (name,) in rows("postgres", "select datname from pg_database")}
        assert dead not in names
        assert {alive, foreign} <= names
        assert not any(name.startswith("ca_outside") for name in names), "its own is dropped at the end"
    finally:
        for name in (dead, alive, foreign):
            subprocess.run(["dropdb", "--if-exists", name], check=True, stderr=subprocess.DEVNULL)


def test_a_template_of_a_killed_run_is_not_used():
    """Without the mark of completion a database does not count."""
    name = "ca_unfinished_1234567890"
    subprocess.run(["createdb", name], check=True)
    try:
        code, output = run(
            "bash", "-c", f". script/lib.sh; environment; if db_is_complete {name}; then echo YES; else echo NO; fi"
        )
        assert (code, output.split()[-1]) == (0, "NO"), output
    finally:
        subprocess.run(["dropdb", name], check=True)


# --- THE TEST RUN ITSELF ---


PROBE = """
    import logging
    import unittest
    from odoo.tests import TransactionCase, tagged
    from odoo.tools import mute_logger

    log = logging.getLogger("odoo.addons.commercial_assistant.probe")

    @tagged("post_install", "-at_install")
    class TestProbe(TransactionCase):
        def test_provoked(self):
            with self.assertLogs(log.name):
                log.error("expected")
            with mute_logger(log.name):
                log.error("muted")

        def test_parts(self):
            for part in (1, 2):
                with self.subTest(part=part):
                    self.assertTrue(part)

        def test_complaint(self):
            %s

        @unittest.%s
        def test_skipped(self):
            pass
"""


@pytest.fixture
def probe():
    folder = ROOT / "build" / f"probe_{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "test_probe.py"

    def write(complaint, skip):
        path.write_text(textwrap.dedent(PROBE) % (complaint, skip))
        return path.relative_to(ROOT)

    yield write
    path.unlink(missing_ok=True)
    folder.rmdir()


def run_tests(*args, **environment):
    """The whole of script/test, in another run with its own database."""
    return run("script/test", *args, COMMERCIAL_ASSISTANT_BUILD=str(ROOT / "build" / "nested"), **environment)


def test_complaints_and_skips_fail_a_test_run(probe, databases, tmp_path):
    path = probe('log.warning("nobody expects this")', 'skip("no reason")')
    summary = tmp_path / "summary.json"
    code, output = run(
        *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--odoo-log-level=warn", path),
        f"--odoo-database={databases.clone('probe')}",
        f"--odoo-config={os.environ['ODOO_RC']}",
        CA_SUMMARY=str(summary),
    )
    assert code == 1, output
    assert json.loads(summary.read_text()) == {"passed": 3, "failed": 0, "skipped": 1, "clean": False}
    assert "nobody expects this" in output and "TestProbe::test_complaint" in output
    assert "expected\n" not in output and "muted" not in output
    assert "test_skipped: Skipped: no reason" in output


def test_no_test_is_no_success(probe):
    path = probe("pass", "skipIf(False, 'never')")
    code, output = run_tests(path, "-k", "nothing_is_called_like_this")
    assert (code, output.splitlines()[-1]) == (1, "0 passed, 0 failed, 0 skipped"), output


def test_a_hung_test_ends(probe):
    path = probe("import time; time.sleep(120)", "skipIf(False, 'never')")
    code, output = run_tests(path, TEST_LIMIT="20")
    assert code == 1 and "did not end within 20 seconds" in output, output
    assert output.splitlines()[-1].endswith(" passed, 1 failed, 0 skipped")


# --- DEMO ---

LAWS = [
    *("Belgium, consumers", "Belgium, businesses", "Belgium, public authorities"),
    *("Netherlands, consumers", "Netherlands, businesses", "France, consumers", "France, businesses"),
    *("Luxembourg, consumers", "Luxembourg, businesses"),
]
# how the files end: language and law
LETTERS = [
    *("nl_be_consumer", "fr_be_consumer", "nl_be_business", "fr_be_business", "nl_be_public"),
    *("nl_nl_consumer", "nl_nl_business", "fr_fr_consumer", "fr_fr_business", "de_lu_consumer", "fr_lu_business"),
]


def test_the_demo_survives_a_killed_run(demo):
    assert demo.code == 0, demo.output
    assert "a run that did not end" in demo.output
    letters = list((demo.out / "letters").rglob("*.pdf"))
    assert letters, demo.output
    assert all(letter.read_bytes().startswith(b"%PDF") and letter.stat().st_size > 5_000 for letter in letters)
    assert str(demo.out / "letters") in demo.output
    summary = (demo.out / "summary.txt").read_text()
    assert summary in demo.output
    for law in LAWS:
        assert law in summary, summary
    assert "A legal figure is missing" not in summary, summary
    told, _files = summary.split("In /")
    assert "_" not in told, "a code of the program is no word"
    for law in LETTERS:
        for kind in ("reminder", "formal-notice"):
            end = f"_{law}_{kind}"
            assert any(letter.stem.endswith(end) for letter in letters), f"no letter *{end}.pdf"
    # a second start has nothing left to do
    start = time.monotonic()
    code, output = run("script/demo", "--once", **demo.environment)
    assert code == 0 and summary in output, output
    assert time.monotonic() - start < 10


def test_the_demo_serves_on_another_port_until_it_is_stopped(demo):
    assert demo.code == 0, demo.output
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = demo.start("--port", str(port))
        try:
            wait_for(lambda: "Address: " in demo.log.read_text() or process.poll() is not None)
            said = demo.log.read_text()
            assert f"port {port} is taken" in said, said
            address = said.split("Address: ")[1].split()[0]
            with urllib.request.urlopen(f"{address}/web/login") as page:
                assert page.status == 200
                assert b'name="password"' in page.read()
            assert rows(demo.database, "select value from ir_config_parameter where key = 'report.url'") == [(address,)]
            assert_clear(run("script/demo", **demo.environment), "Another script/demo")
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(timeout=30)
    assert code == 0, demo.log.read_text()
    with pytest.raises(OSError):
        urllib.request.urlopen(f"{address}/web/health", timeout=2)


def test_cleaning_removes_every_trace(tmp_path):
    cache, build = tmp_path / "cache", tmp_path / "build"
    for folder in (cache, build):
        folder.mkdir()
        (folder / "something").write_text("x")
    environment = {"COMMERCIAL_ASSISTANT_CACHE": str(cache), "COMMERCIAL_ASSISTANT_BUILD": str(build)}
    code, output = run("script/setup", "--clean", **environment)
    assert code == 0, output
    assert not cache.exists() and not build.exists()


def test_cleaning_waits_for_running_scripts():
    """The run that executes this test uses the database server."""
    assert_clear(run("script/setup", "--clean"), "still running", "stop them first")
