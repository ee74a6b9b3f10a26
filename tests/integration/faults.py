"""A proxy between the program and a store, that fails on request.

FaultProxy(target) listens on a unix path or on a free loopback port and
passes bytes to the target, a path or a (host, port).  What it does to the
*replies* is changed at any time, also for connections that are open:

    proxy.deliver()         as they come (the start)
    proxy.delay(0.3)        each piece so much later
    proxy.black_hole()      they are read and thrown away
    proxy.drip(0.05)        one byte every so often
    proxy.cut(10)           10 more bytes a connection, then both ends close
    came, go = proxy.halve(5, ports)
                            5 bytes of a piece, the rest when go is set; on the
                            connections from these ports of the proxy alone
    proxy.garbage(b"...")   these bytes instead
    proxy.refuse()          nobody listens; what is open is closed
    proxy.drop()            closes what is open, goes on listening
"""

import contextlib
import os
import socket
import threading
import time


def dial(address):
    if isinstance(address, tuple):
        return socket.create_connection(address, 2)
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(str(address))
    return sock


def hang_up(sock):
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()


class FaultProxy:
    def __init__(self, target, path=None):
        self.target, self.path = target, path
        self.address = None
        self.listener = None
        self.lock = threading.Lock()
        self.open = set()
        self.ports = {}  # of a client, by which the server knows it
        self.accepted = 0
        self.treat = self._deliver
        self.listen()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.refuse()

    # what a test orders

    def deliver(self):
        self.treat = self._deliver
        if self.listener is None:
            self.listen()

    def delay(self, seconds):
        def late(client, data):
            time.sleep(seconds)
            client.sendall(data)
        self.treat = late

    def black_hole(self):
        self.treat = lambda client, data: None

    def drip(self, seconds):
        def drops(client, data):
            for byte in data:
                client.sendall(bytes([byte]))
                time.sleep(seconds)
        self.treat = drops

    def cut(self, after):
        left = {}

        def part(client, data):
            rest = left.setdefault(client, after)
            client.sendall(data[:rest])
            left[client] = rest - len(data)
            if left[client] <= 0:
                raise ConnectionError("cut")
        self.treat = part

    def halve(self, count, ports):
        came, go = threading.Event(), threading.Event()

        def half(client, data):
            if self.ports.get(client) in ports:
                client.sendall(data[:count])
                came.set()
                go.wait(10)
                data = data[count:]
            client.sendall(data)
        self.treat = half
        return came, go

    def garbage(self, data):
        self.treat = lambda client, _: client.sendall(data)

    def refuse(self):
        listener, self.listener = self.listener, None
        if listener is not None:
            hang_up(listener)
            if self.path:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self.path)
        self.drop()

    def drop(self):
        with self.lock:
            doomed, self.open = self.open, set()
        for sock in doomed:
            hang_up(sock)

    # how it is done

    @staticmethod
    def _deliver(client, data):
        client.sendall(data)

    def listen(self):
        if self.path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(self.path)
            os.chmod(self.path, 0o777)
            self.address = self.path
        else:
            self.listener = socket.socket(socket.AF_INET)
            self.listener.setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.bind(self.address or ("127.0.0.1", 0))
            self.address = self.listener.getsockname()
        self.listener.listen(128)
        self._thread(self._accept, self.listener)

    @staticmethod
    def _thread(work, *args):
        threading.Thread(target=work, args=args, daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            try:
                server = dial(self.target)
            except OSError:
                hang_up(client)
                continue
            with self.lock:
                self.open |= {client, server}
                if isinstance(self.target, tuple):
                    self.ports[client] = server.getsockname()[1]
            self._thread(self._forward, client, server)
            self._thread(self._reply, server, client)

    def _forward(self, client, server):
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                server.sendall(data)
        self._end(client, server)

    def _reply(self, server, client):
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                self.treat(client, data)
        self._end(client, server)

    def _end(self, *pair):
        with self.lock:
            self.open -= set(pair)
            for sock in pair:
                self.ports.pop(sock, None)
        for sock in pair:
            hang_up(sock)
