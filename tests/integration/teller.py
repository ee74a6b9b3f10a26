"""A FastCGI server in the program's place, which says what a test wants.

A Teller listens on a unix socket and answers each question by what `say` is:
bytes, or a function of the question that returns them.  None closes the
connection without an answer; HANG keeps it open, and says nothing.
"""

import os
import socket
import struct
import threading

import fcgi
import sites

HANG = object()
END = fcgi.record(fcgi.END, bytes(8))


def answer(head, body="", *, end=END):
    """The records of a CGI document; head without its empty line."""
    text = (head + "\n\n").replace("\n", "\r\n") + body
    return fcgi.record(fcgi.STDOUT, text.encode()) + fcgi.record(
        fcgi.STDOUT) + end


def user(name="alice", scope="/", **more):
    """The answer that lets a user in."""
    head = f"Status: 200 OK\nVariable-REMOTE_USER: {name}"
    for key, value in more.items():
        head += f"\nVariable-SESSGATE_{key}: {value}"
    return answer(head + (f"\nX-Sessgate-Scope: {scope}" if scope else ""))


class Question:
    def __init__(self, sock, line, role, keeps, params):
        self.sock, self.line = sock, line  # the connection, its number from 1
        self.role, self.keeps, self.params = role, keeps, params

    @property
    def path(self):
        return self.params["REQUEST_URI"]


class Teller:
    def __init__(self, path, *, backlog=64, accepts=True):
        self.path = path
        self.say = user()
        self.questions, self.lines, self.open = [], 0, []
        self.lock = threading.Lock()
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.bind(path)
        os.chmod(path, 0o666)
        self.sock.listen(backlog)
        self.accepts = accepts
        if accepts:
            threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                line, _ = self.sock.accept()
            except OSError:
                return
            with self.lock:
                self.lines += 1
                self.open.append(line)
                number = self.lines
            threading.Thread(target=self.serve, args=(line, number),
                             daemon=True).start()

    def serve(self, line, number):
        file = line.makefile("rb")
        try:
            while (question := self.read(file, line, number)) is not None:
                with self.lock:
                    self.questions.append(question)
                said = self.say(question) if callable(self.say) else self.say
                if said is HANG:
                    continue
                if said is None:
                    break
                line.sendall(said)
        except OSError:
            pass
        finally:
            file.close()
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            line.close()

    @staticmethod
    def read(file, sock, number):
        """A question; None at the end of the connection."""
        role, keeps, pairs = None, None, b""
        while True:
            head = file.read(8)
            if len(head) < 8:
                return None
            version, kind, rid, size, padding = struct.unpack("!BBHHBx", head)
            assert (version, rid) == (1, 1)
            content = file.read(size)
            file.read(padding)
            if kind == fcgi.BEGIN:
                role, keeps = struct.unpack("!HB", content[:3])
            elif kind == fcgi.PARAMS:
                pairs += content
            elif kind == fcgi.STDIN and not content:
                return Question(sock, number, role, keeps,
                                dict(fcgi.parse_pairs(pairs)))

    def hang_up(self):
        """Closes all connections, as a program does that ends."""
        with self.lock:
            lines, self.open = self.open, []
        for line in lines:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.sock.close()
        self.hang_up()
        if os.path.exists(self.path):
            os.unlink(self.path)


class ToldSite(sites.ApacheModule):
    """Apache with mod_sessgate, and a Teller in the program's place."""

    def open(self):
        self.teller = Teller(self.socket_path)

    def close(self):
        super().close()
        self.teller.close()
