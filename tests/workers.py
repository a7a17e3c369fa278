"""A real mail server, and other processes with Odoo that can be stopped or killed at a chosen moment."""

import os
import re
import signal
import socketserver
import subprocess
import sys
import threading
import time

from conftest import ROOT

# in a worker: print HERE and wait when a method is called for the nth time
MOMENT = """
import time
def stop_at(model, name, nth, before=True, seconds=60):
    cls = type(env[model])
    original, calls = getattr(cls, name), []
    def method(self, *args, **kwargs):
        result = None if before else original(self, *args, **kwargs)
        calls.append(1)
        if len(calls) == nth:
            print("HERE", flush=True)
            time.sleep(seconds)
        return original(self, *args, **kwargs) if before else result
    setattr(cls, name, method)
"""
# in a worker: begin at the same moment as the others
TOGETHER = """
env.cr.execute("SELECT pg_advisory_lock_shared(4711)")
env.cr.commit()
"""


class MailSession(socketserver.StreamRequestHandler):
    """As much of SMTP as Odoo speaks."""

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("220 here")
        recipient = ""
        while line := self.rfile.readline().decode(errors="replace").strip():
            verb = line[:4].upper()
            if verb in ("EHLO", "HELO"):
                self.say("250 here")
            elif verb == "RCPT":
                recipient = re.search("<(.*)>", line)[1]
                self.say("550 no such person" if recipient.startswith("nobody") else "250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                lines = []
                while (data := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(data)
                self.server.received.append((recipient, b"".join(lines)))
                if recipient.startswith("lost"):
                    return  # taken, but the answer never arrives
                if recipient.startswith("stall"):
                    self.server.stalled.set()
                    time.sleep(60)
                time.sleep(0.02)
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), MailSession)
        self.received = []
        self.stalled = threading.Event()

    def count(self, prefix):
        return len([recipient for recipient, _data in self.received if recipient.startswith(prefix)])


def start_worker(database, server, script):
    """Start another process with Odoo that runs a script and sends to our mail server."""
    command = ["shell", "-d", database, "--no-http", "--log-level=critical"]
    if server:
        command += ["--smtp", "127.0.0.1", "--smtp-port", str(server.server_address[1])]
    process = subprocess.Popen(
        [sys.executable, "-m", "odoo", *command],
        cwd=ROOT,
        env=os.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    process.stdin.write(script)
    process.stdin.close()
    return process


def finish(process):
    output = process.stdout.read()
    assert process.wait(timeout=120) == 0, output
    assert "Traceback" not in output, output
    return output


def wait_for_word(process, word="HERE"):
    """Read what a worker says until that word comes."""
    said = []
    for line in process.stdout:
        said.append(line)
        if word in line:
            return
    raise AssertionError("".join(said))


def kill_at_word(process, word="HERE"):
    """Kill a worker as a power cut would, at the moment it says that word."""
    wait_for_word(process, word)
    kill(process)


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    process.stdout.close()
