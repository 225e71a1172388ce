#!/usr/bin/python3
"""A stand-in for one of the proprietary programs, behaving like it where the order of things matters.

It is told by NAME.json beside it what to be. At its start it proves what it needs, the store's share (read and write) and
the database through the load balancer, and ends loudly when one is missing. While it runs it holds its database sessions
and uses each of them once a second, because an idle client does not notice that its session was cut.
"""
import hashlib
import http.server
import json
import os
import signal
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time

NAME = sys.argv[1]
with open(f"/usr/local/lib/lab/{NAME}.json", encoding="utf-8") as f:
    CONFIG = json.load(f)
# A break of the lab: while this file exists the program ignores the request to stop.
IGNORES_STOP = f"/run/lab-ignores-stop.{NAME}"
stopping = threading.Event()


def say(text):
    print(f"{NAME}: {text}", flush=True)


def notify(state):
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        return
    if path[0] == "@":
        path = "\0" + path[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.sendto(state.encode(), path)


class Session:
    """One session of the database: just enough of the wire protocol to log in and to ask."""

    def __init__(self, host, port, user, password, schema):
        self.socket = socket.create_connection((host, port), timeout=5)
        self.socket.settimeout(10)
        greeting = self._packet()
        if greeting[0] == 0xFF:
            raise ConnectionError(greeting[3:].decode("utf-8", "replace"))
        at = greeting.index(0, 1) + 1
        self.id = struct.unpack_from("<I", greeting, at)[0]
        salt = greeting[at + 4:at + 12]
        salt += greeting[at + 31:at + 43]
        first = hashlib.sha1(password.encode()).digest()
        second = hashlib.sha1(salt + hashlib.sha1(first).digest()).digest()
        scramble = bytes(a ^ b for a, b in zip(first, second))
        capabilities = 0x1 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x80000
        login = struct.pack("<IIB23x", capabilities, 1 << 24, 33) + user.encode() + b"\0"
        login += bytes([len(scramble)]) + scramble + schema.encode() + b"\0" + b"mysql_native_password\0"
        self._send(login, 1)
        self._check(self._packet())

    def _read(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionError("the server closed the session")
            data += more
        return data

    def _packet(self):
        head = self._read(4)
        return self._read(head[0] | head[1] << 8 | head[2] << 16)

    def _send(self, body, sequence):
        self.socket.sendall(struct.pack("<I", len(body))[:3] + bytes([sequence]) + body)

    @staticmethod
    def _check(packet):
        if packet[0] == 0xFF:
            raise ConnectionError(packet[3:].decode("utf-8", "replace"))
        return packet

    def ask(self, sql):
        self._send(b"\x03" + sql.encode(), 0)
        if self._check(self._packet())[0] == 0:
            return
        ends = 0
        while ends < 2:
            packet = self._check(self._packet())
            if packet[0] == 0xFE and len(packet) < 9:
                ends += 1

    def close(self):
        try:
            self._send(b"\x01", 0)
        except OSError:
            pass
        self.socket.close()


def connect():
    d = CONFIG["database"]
    return Session(d["host"], d["port"], d["user"], d["password"], d["schema"])


def prove_share():
    share = CONFIG.get("share")
    if not share:
        return
    # First the cheap question: twelve machines ask again and again while a store is still starting.
    socket.create_connection((share.split("/")[2], 445), timeout=5).close()
    mine = f"{socket.gethostname()}.{NAME}.proof"
    local = f"/run/{mine}"
    with open(local, "w", encoding="utf-8") as f:
        f.write(f"{time.time()}\n")
    back = local + ".back"
    done = subprocess.run(["smbclient", "-N", "-t", "10", share, "-c", f"put {local} {mine}; get {mine} {back}; del {mine}"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    try:
        with open(local, encoding="utf-8") as a, open(back, encoding="utf-8") as b:
            same = a.read() == b.read()
    except OSError:
        same = False
    for path in (local, back):
        if os.path.exists(path):
            os.unlink(path)
    if done.returncode != 0 or not same:
        raise ConnectionError(f"share {share} cannot be written and read back: {' '.join(done.stdout.split())[:200]}")


class Pool(threading.Thread):
    """Holds one session; when it is cut, says so and tries again, as a connection pool does."""

    def __init__(self, session):
        super().__init__(daemon=True)
        self.session = session
        self.good = True
        self.lock = threading.Lock()

    def ask(self, sql):
        with self.lock:
            if self.session is None:
                raise ConnectionError("no database session")
            try:
                self.session.ask(sql)
            except (OSError, IndexError, ValueError, struct.error):
                # Half an answer may still be on its way: this session is of no more use.
                self.session.close()
                self.session = None
                raise

    def run(self):
        while not stopping.wait(1):
            try:
                if self.session is None:
                    self.session = connect()
                    say(f"database session {self.session.id} opened again")
                self.ask("select 1")
                self.good = True
            except (OSError, IndexError, ValueError, struct.error) as e:
                if self.good:
                    say(f"database session lost: {e}")
                self.good = False


pools = []


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        good = all(p.good for p in pools)
        body = (f"{NAME} on {socket.gethostname()}\n" if good else f"{NAME}: no database\n").encode()
        self.send_response(200 if good else 503)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, *_):
        """A health check that hangs up early is nobody's fault and not worth a line."""


class Call(socketserver.StreamRequestHandler):
    """A caller: sends a number, hears "ok" when the call was written to the database through the balancer."""

    def handle(self):
        self.request.settimeout(5)
        number = self.rfile.readline(32).decode("ascii", "replace").strip()
        if not number.isdigit():
            self.wfile.write(b"error: expected a number\n")
            return
        try:
            pools[0].ask(f"insert into calls(what) values('{number}')")
            self.wfile.write(b"ok\n")
        except (OSError, IndexError, ValueError, struct.error) as e:
            self.wfile.write(f"error: {e}\n".encode())


class Calls(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True


def udp(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("", port))
    while True:
        data, peer = s.recvfrom(2048)
        s.sendto(data, peer)


def asked_to_stop(*_):
    if os.path.exists(IGNORES_STOP):
        say("asked to stop; ignored")
        return
    stopping.set()


def main():
    signal.signal(signal.SIGTERM, asked_to_stop)
    try:
        prove_share()
        for _ in range(CONFIG.get("sessions", 0)):
            pools.append(Pool(connect()))
    except (OSError, IndexError, ValueError, struct.error, subprocess.TimeoutExpired) as e:
        say(f"cannot start: {e}")
        sys.exit(1)
    for p in pools:
        p.start()
    if "http" in CONFIG:
        threading.Thread(target=Server(("", CONFIG["http"]), Answer).serve_forever, daemon=True).start()
    if "udp" in CONFIG:
        threading.Thread(target=udp, args=(CONFIG["udp"],), daemon=True).start()
    if "calls" in CONFIG:
        threading.Thread(target=Calls(("", CONFIG["calls"]), Call).serve_forever, daemon=True).start()
    say(f"started, {len(pools)} database sessions")
    notify("READY=1")
    stopping.wait()
    time.sleep(CONFIG.get("stopSeconds", 0.5))
    for p in pools:
        if p.session is not None:
            p.session.close()
    say("stopped")


main()
