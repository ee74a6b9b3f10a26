"""A FastCGI client of the tests' own: it may lie, dawdle and hang up.

Bytes are built by pure functions (record, pairs, request), so that a test can
bend any of them; a Connection sends them as they are and reads what comes
back.  Written from the FastCGI 1.0 specification, not from libfcgi: what the
program and its codec agree on by mistake must show here.
"""

import json
import socket
import struct
import time

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR = 1, 2, 3, 4, 5, 6, 7
DATA, GET_VALUES, GET_VALUES_RESULT, UNKNOWN_TYPE = 8, 9, 10, 11

RESPONDER, AUTHORIZER, FILTER = 1, 2, 3
REQUEST_COMPLETE, CANT_MPX_CONN, OVERLOADED, UNKNOWN_ROLE = 0, 1, 2, 3
KEEP_CONN = 1

HEADER = struct.Struct("!BBHHBx")
CONTENT_MAX = 65535


class Closed(Exception):
    """The server closed the connection where a record was expected."""


def record(kind, content=b"", *, rid=1, padding=0, version=1, length=None):
    """One record; a length other than the content's is a lie."""
    if length is None:
        length = len(content)
    head = HEADER.pack(version, kind, rid, length, padding)
    return head + content + b"\xa5" * padding


def length_of(size):
    """The length of a name or a value as it stands before them."""
    if size < 128:
        return bytes([size])
    return struct.pack("!I", size | 0x80000000)


def as_bytes(text):
    return text if isinstance(text, bytes) else str(text).encode()


def pairs(params):
    """Name-value pairs of a dict, or of a list where a name comes twice."""
    items = params.items() if isinstance(params, dict) else params
    out = bytearray()
    for name, value in items:
        name, value = as_bytes(name), as_bytes(value)
        out += length_of(len(name)) + length_of(len(value)) + name + value
    return bytes(out)


def parse_pairs(data):
    """The pairs of a GET_VALUES_RESULT, in order."""

    def size(at):
        if data[at] < 128:
            return data[at], at + 1
        return struct.unpack_from("!I", data, at)[0] & 0x7FFFFFFF, at + 4

    found, at = [], 0
    while at < len(data):
        name_size, at = size(at)
        value_size, at = size(at)
        end = at + name_size + value_size
        if end > len(data):
            raise ValueError("a pair reaches past its record")
        found.append((data[at:at + name_size].decode(),
                      data[at + name_size:end].decode()))
        at = end
    return found


def begin(role=RESPONDER, *, keep=False, rid=1, padding=0):
    body = struct.pack("!HB5x", role, KEEP_CONN if keep else 0)
    return record(BEGIN, body, rid=rid, padding=padding)


def stream(kind, data, *, rid=1, chunk=CONTENT_MAX, padding=0, end=True):
    """A stream cut into records of chunk bytes, and its empty last one."""
    out = bytearray()
    for at in range(0, len(data), chunk):
        out += record(kind, data[at:at + chunk], rid=rid, padding=padding)
    if end:
        out += record(kind, rid=rid, padding=padding)
    return bytes(out)


def request(params, body=b"", *, role=RESPONDER, keep=False, rid=1,
            chunk=CONTENT_MAX, padding=0, stdin=True):
    """A whole request; stdin=False leaves its STDIN stream out."""
    out = begin(role, keep=keep, rid=rid, padding=padding)
    out += stream(PARAMS, pairs(params), rid=rid, chunk=chunk, padding=padding)
    if stdin:
        out += stream(STDIN, body, rid=rid, chunk=chunk, padding=padding)
    return out


def get_values(*names, padding=0):
    content = pairs([(name, "") for name in names])
    return record(GET_VALUES, content, rid=0, padding=padding)


class Record:
    """A record that was read."""

    def __init__(self, version, kind, rid, content):
        self.version, self.kind, self.rid = version, kind, rid
        self.content = content

    def __repr__(self):
        return f"Record({self.kind}, rid={self.rid}, {self.content[:60]!r})"


class Answer:
    """The answer to a request: its CGI response and its FastCGI end."""

    def __init__(self, rid, out, err, app_status, protocol_status):
        self.rid, self.stderr = rid, err
        self.app_status, self.protocol_status = app_status, protocol_status
        head, mark, self.body = out.partition(b"\r\n\r\n")
        if out and not mark:
            raise ValueError(f"no end of the headers in {out[:200]!r}")
        self.headers = []
        for line in head.decode("latin-1").split("\r\n") if head else []:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise ValueError(f"not a header line: {line!r}")
            self.headers.append((name, value.strip()))
        if not out:
            self.status = None
        else:
            self.status = int((self.header("Status") or "200 OK").split()[0])

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def header(self, name):
        """The only header of this name, or None."""
        values = self.all(name)
        if len(values) > 1:
            raise ValueError(f"{name} came {len(values)} times")
        return values[0] if values else None

    @property
    def code(self):
        return self.header("X-Sessgate-Code")

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)

    @property
    def message(self):
        return self.json()["message"]

    def __repr__(self):
        return f"Answer({self.status}, {self.headers}, {self.body[:300]!r})"


class Connection:
    """One connection to a FastCGI server at a path or at (host, port)."""

    def __init__(self, address, *, timeout=5.0, source=None):
        if isinstance(address, tuple):
            self.sock = socket.create_connection(
                address, timeout, source_address=source)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(timeout)
            self.sock.connect(str(address))
        self.unread = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)
        return self

    def send_in_pieces(self, data, size=1, pause=0.0):
        for at in range(0, len(data), size):
            self.sock.sendall(data[at:at + size])
            if pause:
                time.sleep(pause)
        return self

    def send_what_fits(self, data):
        """Sends until the server takes no more; how much it took."""
        sent, timeout = 0, self.sock.gettimeout()
        self.sock.settimeout(0.05)
        try:
            while sent < len(data):
                sent += self.sock.send(data[sent:])
        except (socket.timeout, BlockingIOError, ConnectionError):
            pass
        finally:
            self.sock.settimeout(timeout)
        return sent

    def end_writing(self):
        self.sock.shutdown(socket.SHUT_WR)
        return self

    def _take(self, size):
        while len(self.unread) < size:
            try:
                data = self.sock.recv(65536)
            except ConnectionResetError as why:
                raise Closed("reset") from why
            if not data:
                raise Closed(f"end of stream, {len(self.unread)} bytes before")
            self.unread += data
        taken = bytes(self.unread[:size])
        del self.unread[:size]
        return taken

    def read_record(self):
        version, kind, rid, length, padding = HEADER.unpack(self._take(8))
        content = self._take(length)
        self._take(padding)
        if version != 1:
            raise ValueError(f"a record of version {version}")
        return Record(version, kind, rid, content)

    def read_answer(self, rid=1):
        """The answer to a request; records of any other id are an error."""
        out, err = bytearray(), bytearray()
        while True:
            got = self.read_record()
            if got.rid != rid:
                raise ValueError(f"{got} where request {rid} was waited for")
            if got.kind == STDOUT:
                out += got.content
            elif got.kind == STDERR:
                err += got.content
            elif got.kind == END:
                app, protocol = struct.unpack("!IB3x", got.content)
                return Answer(rid, bytes(out), bytes(err), app, protocol)
            else:
                raise ValueError(f"{got} inside an answer")

    def ask(self, params, body=b"", **kind):
        """Sends a whole request and reads its answer."""
        self.send(request(params, body, **kind))
        return self.read_answer(kind.get("rid", 1))

    def is_closed(self, within=2.0):
        """True when the server ends the connection in time, silently."""
        timeout = self.sock.gettimeout()
        self.sock.settimeout(within)
        try:
            return not self.unread and self.sock.recv(1) == b""
        except ConnectionResetError:
            return True
        except socket.timeout:
            return False
        finally:
            self.sock.settimeout(timeout)

    def is_quiet(self, seconds=0.1):
        """True while the server neither says anything nor hangs up."""
        timeout = self.sock.gettimeout()
        self.sock.settimeout(seconds)
        try:
            data = self.sock.recv(65536)
            self.unread += data
            return False
        except socket.timeout:
            return True
        finally:
            self.sock.settimeout(timeout)
