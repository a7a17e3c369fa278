"""A mail server that keeps every mail as a file instead of delivering it: what the demo company sends never leaves.

python mail_sink.py FOLDER    says on which port of this machine it listens, then keeps mails until it is stopped
"""

import re
import socketserver
import sys
import threading
from contextlib import contextmanager
from pathlib import Path


class _Session(socketserver.StreamRequestHandler):
    def answer(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        recipients = []
        self.answer("220 mail sink")
        for line in self.rfile:
            command = line.strip().upper()
            if command.startswith(b"EHLO"):
                self.answer("250-mail sink")
                self.answer("250-8BITMIME")
                self.answer("250 SMTPUTF8")
            elif command == b"DATA":
                self.answer("354 go on")
                self.server.keep(recipients, self.read_data())
                recipients = []
                self.answer("250 kept")
            elif command == b"QUIT":
                self.answer("221 bye")
                return
            else:
                if command.startswith(b"RCPT"):
                    recipients.append(line.partition(b"<")[2].partition(b">")[0].decode(errors="replace"))
                self.answer("250 ok")

    def read_data(self):
        lines = []
        for line in self.rfile:
            if line in (b".\r\n", b".\n"):
                break
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)


class _Sink(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), _Session)
        self.folder = folder
        self.lock = threading.Lock()

    def keep(self, recipients, data):
        with self.lock:
            number = 1 + sum(1 for _path in self.folder.glob("*.eml"))
            to = re.sub(r"[^\w.@-]+", "_", recipients[0] if recipients else "nobody")
            (self.folder / f"{number:04d}_{to}.eml").write_bytes(data)


@contextmanager
def mail_sink(folder):
    """Keep the mails sent to the yielded port of this machine in the folder, one file each."""
    folder.mkdir(parents=True, exist_ok=True)
    with _Sink(folder) as sink:
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        try:
            yield sink.server_address[1]
        finally:
            sink.shutdown()


if __name__ == "__main__":
    with mail_sink(Path(sys.argv[1])) as listening:
        sys.stdout.write(f"{listening}\n")
        sys.stdout.flush()
        threading.Event().wait()
