"""Requests as bytes, for FastCGI and for HTTP, and a client for single ones."""

import re
import socket
import struct

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
RESPONDER, AUTHORIZER = 1, 2

# What a browser sends, beside its cookie.
HEADERS = {
    "Host": "www.example.org",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 "
                  "Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}


def record(kind, content):
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def _length(n):
    return bytes([n]) if n < 128 else struct.pack(">I", n | 1 << 31)


def pairs(params):
    out = []
    for name, value in params.items():
        name, value = name.encode(), value.encode()
        out += [_length(len(name)), _length(len(value)), name, value]
    return b"".join(out)


def fcgi(params, body=b"", *, role=RESPONDER, is_kept=False):
    """A request as lighttpd frames it, but for its flag to keep."""
    out = record(BEGIN, struct.pack(">HB5x", role, is_kept))
    out += record(PARAMS, pairs(params)) + record(PARAMS, b"")
    if role == RESPONDER:
        out += (record(STDIN, body) if body else b"") + record(STDIN, b"")
    return out


def params(method, path, cookie, *, mount="", root="/srv/www", headers=None,
           body=b"", address="192.0.2.7", role=RESPONDER):
    """The parameters lighttpd sends for a request, in its order."""
    found = {"CONTENT_LENGTH": str(len(body))} if role == RESPONDER else {}
    found |= {"QUERY_STRING": "", "REQUEST_URI": mount + path,
              "REDIRECT_STATUS": "200"}
    if role == RESPONDER:
        found |= {"SCRIPT_NAME": mount, "PATH_INFO": path,
                  "PATH_TRANSLATED": root + path}
    found |= {
        "SCRIPT_FILENAME": root + (mount or path), "DOCUMENT_ROOT": root,
        "REQUEST_METHOD": method, "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "lighttpd/1.4.69", "GATEWAY_INTERFACE": "CGI/1.1",
        "REQUEST_SCHEME": "http", "SERVER_PORT": "80",
        "SERVER_ADDR": "192.0.2.1", "SERVER_NAME": "www.example.org",
        "REMOTE_ADDR": address, "REMOTE_PORT": "50000",
    }
    for name, value in {**HEADERS, **(headers or {})}.items():
        key = name.upper().replace("-", "_")
        found[key if key == "CONTENT_TYPE" else "HTTP_" + key] = value
    if cookie:
        found["HTTP_COOKIE"] = cookie
    return found


def http(method, path, cookie, *, headers=None, body=b""):
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{n}: {v}" for n, v in {**HEADERS, **(headers or {})}.items()]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def write_requests(path, requests):
    """The file that load.c reads."""
    with open(path, "wb") as file:
        for request in requests:
            file.write(struct.pack(">I", len(request)) + request)
    return path


def _open(address):
    is_tcp = isinstance(address, tuple)
    sock = socket.socket(socket.AF_INET if is_tcp else socket.AF_UNIX)
    sock.settimeout(20)
    sock.connect(address)
    return sock


def ask_fcgi(address, request):
    """What one request is answered: the bytes of its output stream."""
    with _open(address) as sock, sock.makefile("rb") as file:
        sock.sendall(request)
        out = b""
        while True:
            head = file.read(8)
            if len(head) < 8:
                raise RuntimeError(f"no answer, but {out!r}")
            _, kind, _, length, padding, _ = struct.unpack(">BBHHBB", head)
            content = file.read(length + padding)[:length]
            if kind == STDOUT:
                out += content
            elif kind == END:
                return out


def ask_http(address, request):
    """The bytes of one answer; asks for the connection to be closed."""
    request = request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    with _open(address) as sock, sock.makefile("rb") as file:
        sock.sendall(request)
        return file.read()


def status_of(answer):
    """The status of an answer of either kind."""
    found = re.match(rb"HTTP/1\.\d (\d+)|Status: (\d+)", answer)
    return int(found[1] or found[2]) if found else 200
