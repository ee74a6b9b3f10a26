"""An application of the tests' own: headers, WebSocket, Server-Sent Events.

python3 application.py PORT.  /who tells the request's headers; /events sends
one event at once and another one after two seconds; /socket is a WebSocket
(RFC 6455) that says who it is and sends each text back, and ends when the
session does (X-Sessgate-Expires-In); /own401 is a refusal of its own.
"""

import base64
import hashlib
import json
import socketserver
import struct
import sys
import time
from http.server import BaseHTTPRequestHandler

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        name = self.path.partition("?")[0].rpartition("/")[2]
        {"events": self.events, "socket": self.websocket,
         "own401": lambda: self.answer(401, "text/plain", b"own")}.get(
             name, self.who)()

    def who(self):
        self.answer(200, "application/json",
                    json.dumps(self.headers.items()).encode())

    def events(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for text in ("first", "second"):
            self.wfile.write(f"data: {text}\n\n".encode())
            self.wfile.flush()
            time.sleep(2)
        self.close_connection = True

    def websocket(self):
        if self.headers.get("Upgrade", "").lower() != "websocket":
            self.answer(426, "text/plain", b"WebSocket only")
            return
        key = self.headers["Sec-WebSocket-Key"] + MAGIC
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(
            hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.close_connection = True
        left = self.headers.get("X-Sessgate-Expires-In")
        if left:
            self.connection.settimeout(float(left))
        self.say(self.headers.get("X-Sessgate-User", ""))
        try:
            while (text := self.hear()) is not None:
                self.say(text)
        except TimeoutError:
            self.wfile.write(b"\x88\x02\x03\xf0")  # 1008, policy

    def say(self, text):
        text = text.encode()
        self.wfile.write(bytes([0x81, len(text)]) + text)

    def hear(self):
        head = self.rfile.read(2)
        if len(head) < 2 or head[0] & 15 == 8:
            return None
        mask = self.rfile.read(4)
        data = self.rfile.read(head[1] & 127)
        return bytes(b ^ mask[i % 4] for i, b in enumerate(data)).decode()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
