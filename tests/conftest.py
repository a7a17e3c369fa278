"""Tests from outside: they run Odoo and the scripts as people do, each on a database of its own.

Plain functions; `script/test` starts them and says in the environment where things lie.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parent.parent
COMPLAINT = re.compile(r"^[0-9-]{10} [0-9:,]{12} \d+ (?:WARNING|ERROR|CRITICAL) .*", re.MULTILINE)


def connect(database):
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    return connection


def rows(database, query, *args):
    connection = connect(database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query, args or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def run(*command, timeout=300, **environment):
    """Run a program in the working copy; its exit code and all it said."""
    process = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={key: value for key, value in {**os.environ, **environment}.items() if value is not None},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    return process.returncode, process.stdout


def run_odoo(*args, script=None, **environment):
    """Run Odoo's command line in another process: it has to succeed without a complaint in its log."""
    process = subprocess.run(
        [sys.executable, "-m", "odoo", *map(str, args)],
        cwd=ROOT,
        env={**os.environ, **environment},
        input=script or "",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=400,
        check=False,
    )
    assert process.returncode == 0, process.stdout
    complaints = COMPLAINT.findall(process.stdout)
    assert not complaints, "\n".join(complaints)
    return process.stdout


class Databases:
    """Clones of the template databases, dropped after the test."""

    def __init__(self):
        self.names = []

    def drop(self, name):
        subprocess.run(["dropdb", "--if-exists", "--force", name], check=True, stderr=subprocess.DEVNULL)
        shutil.rmtree(Path(os.environ["CA_DATA"], "filestore", name), ignore_errors=True)

    def clone(self, subject, template=None):
        template = template or os.environ["CA_TEMPLATE"]
        name = f"ca_outside_{subject}_{os.getpid()}"
        self.drop(name)
        self.names.append(name)
        subprocess.run(["createdb", "-T", template, name], check=True)
        # script/test drops what a killed run has left
        rows("postgres", f'COMMENT ON DATABASE "{name}" IS %s', f"run {socket.gethostname()}")
        filestore = Path(os.environ["CA_DATA"], "filestore")
        shutil.copytree(filestore / template, filestore / name, copy_function=os.link)
        return name


@pytest.fixture
def databases():
    assert "CA_TEMPLATE" in os.environ, "tests from outside are started by script/test"
    databases = Databases()
    yield databases
    for name in databases.names:
        databases.drop(name)


@pytest.fixture
def mail_server():
    from workers import MailServer  # noqa: PLC0415 - it needs this module

    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="session")
def addons():
    return sorted(path.parent.name for path in ROOT.glob("*/__manifest__.py"))


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.2)
    raise AssertionError("waited in vain")


class Demo:
    """A demo of its own, made by script/demo: the second attempt, since the first one is killed half-way."""

    def __init__(self):
        self.build = ROOT / "build" / "outside"
        shutil.rmtree(self.build, ignore_errors=True)
        self.environment = {"COMMERCIAL_ASSISTANT_BUILD": str(self.build)}
        self.out = self.build / "demo"
        self.database = run("bash", "-c", ". script/lib.sh; echo ca_demo_$CLONE", **self.environment)[1].strip()

    def exists(self):
        return rows("postgres", "select 1 from pg_database where datname = %s", self.database)

    def start(self, *args):
        """Start script/demo and return at once; what it says goes to a file."""
        self.build.mkdir(parents=True, exist_ok=True)
        self.log = self.build / "said.txt"
        with self.log.open("w") as log:
            return subprocess.Popen(
                ["script/demo", *args],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def make(self):
        killed = self.start("--once")
        wait_for(lambda: self.exists() or killed.poll() is not None)
        time.sleep(3)
        killed.kill()
        killed.wait()
        assert self.exists(), self.log.read_text()
        self.code, self.output = run("script/demo", "--once", timeout=600, **self.environment)


@pytest.fixture(scope="session")
def demo():
    demo = Demo()
    demo.make()
    yield demo
    Databases().drop(demo.database)
