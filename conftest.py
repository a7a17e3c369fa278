"""What every test run here watches besides the tests: Odoo's log, skipped tests, whether anything ran at all.

A record of level WARNING or above that reaches the root logger was provoked by no test (`assertLogs` and `mute_logger`
keep theirs away from it) and fails the run; so does a skipped test that is not listed below. `script/test` reads the
summary that is left in the file named by CA_SUMMARY.
"""

import json
import logging
import os

import pytest

# node id of a test that may be skipped, and why
ALLOWED_SKIPS = {
    "tests/test_upgrade.py::test_update_from_the_last_version": "a copy without history has no earlier version",
}


class LogGuard(logging.Handler):
    """Collects what Odoo complains about, with the test that was running."""

    def __init__(self):
        super().__init__(level=logging.WARNING)
        self.complaints = []
        self.running = "outside of the tests"

    def emit(self, record):
        message = self.format(record).strip()
        self.complaints.append(f"{record.levelname} {record.name}: {message}\n    during {self.running}")


class RunWatcher:
    def __init__(self):
        self.guard = LogGuard()
        self.outcomes = {}
        self.skips = {}

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session):
        # Odoo has set up its logging by now
        logging.getLogger().addHandler(self.guard)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item, nextitem):
        self.guard.running = item.nodeid
        try:
            return (yield)
        finally:
            self.guard.running = f"between the tests, after {item.nodeid}"

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.outcomes[report.nodeid] = "failed"
        elif report.skipped and not hasattr(report, "wasxfail"):
            self.outcomes.setdefault(report.nodeid, "skipped")
            reason = report.longrepr
            self.skips[report.nodeid] = reason[2] if isinstance(reason, tuple) else str(reason)
        elif report.when == "call":
            self.outcomes.setdefault(report.nodeid, "passed")

    def pytest_collectreport(self, report):
        if report.failed:
            self.outcomes[report.nodeid] = "failed"

    @property
    def forbidden_skips(self):
        return {node: reason for node, reason in self.skips.items() if node not in ALLOWED_SKIPS}

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        logging.getLogger().removeHandler(self.guard)
        if session.exitstatus == pytest.ExitCode.OK and (self.guard.complaints or self.forbidden_skips):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if os.environ.get("CA_SUMMARY"):
            outcomes = list(self.outcomes.values())
            summary = {name: outcomes.count(name) for name in ("passed", "failed", "skipped")}
            summary["clean"] = not (self.guard.complaints or self.forbidden_skips)
            with open(os.environ["CA_SUMMARY"], "w") as file:
                json.dump(summary, file)

    def pytest_terminal_summary(self, terminalreporter):
        if self.guard.complaints:
            terminalreporter.section("complaints in Odoo's log that no test provoked", red=True)
            for complaint in self.guard.complaints:
                terminalreporter.line(complaint)
        if self.forbidden_skips:
            terminalreporter.section("skipped, which counts as a failure", red=True)
            for node, reason in self.forbidden_skips.items():
                terminalreporter.line(f"{node}: {reason}")


def pytest_configure(config):
    if config.getoption("--odoo-database", None):
        config.pluginmanager.register(RunWatcher(), "run-watcher")
