"""Redis behind TLS: servers with certificates of every kind, a front of our own."""

import contextlib
import ctypes
import select
import socket
import ssl
import threading

import pytest

import certificates
import faults
import stack
from outages import serves

HERE = ("DNS:localhost", "IP:127.0.0.1")


@pytest.fixture(scope="module")
def authority(place):
    return certificates.Authority(place("ca"))


@pytest.fixture(scope="module")
def issued(authority):
    """issued(name, ..): a certificate for these names, made once."""
    made = {}

    def issue(*names, days=300):
        if (names, days) not in made:
            made[names, days] = authority.issue(*names, days=days)
        return made[names, days]
    return issue


@pytest.fixture
def secured(place, authority, issued):
    """secured(): a Redis with TLS; names and days of its certificate."""
    servers = []

    def start(*names, days=300, clients_too=False, options=(), tcp=False):
        server = stack.Redis(
            place("r"), *options, tcp=tcp,
            tls=(authority, issued(*(names or HERE), days=days), clients_too))
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def trusting(start_gate, authority):
    """A program that knows the authority, and where Redis is."""

    def start(address, settings=None, **kind):
        if isinstance(address, stack.Redis):
            address = address.target
        return start_gate({"redis.url": stack.Redis.url_through(address),
                           "redis.tls_ca": authority.ca, **(settings or {})},
                          **kind)
    return start


def works(gate, alice):
    cookie = gate.log_in(alice)
    assert serves(gate, cookie)
    assert gate.post("/logout", cookie=cookie).status == 200
    assert gate.get("/auth", cookie).status == 403
    return True


class Front:
    """Speaks TLS to the program and plain text to Redis.

    It counts full and resumed handshakes, can refuse to resume, and can ask
    for new keys on all its connections.
    """

    libssl = ctypes.CDLL("libssl.so.3")

    def __init__(self, server, certificate):
        self.server = server
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate.cert, certificate.key)
        self.full = self.resumed = 0
        self.refuses_to_resume = False
        self.open = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        faults.hang_up(self.listener)
        self.drop()

    def drop(self):
        doomed, self.open = self.open, []
        for client, _ in doomed:
            faults.hang_up(client)

    def update_keys(self):
        """SSL_key_update, which Python's ssl does not have: its SSL* follows
        the object's head and a reference."""
        for client, lock in self.open:
            with lock, contextlib.suppress(OSError):
                at = id(client._sslobj) + 3 * ctypes.sizeof(ctypes.c_void_p)
                handle = ctypes.c_void_p.from_address(at)
                assert self.libssl.SSL_key_update(handle, 1) == 1
                assert self.libssl.SSL_do_handshake(handle) == 1

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,),
                             daemon=True).start()

    def _serve(self, plain):
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            client = self.context.wrap_socket(plain, server_side=True)
        except (OSError, ssl.SSLError):
            plain.close()
            return
        if client.session_reused:
            self.resumed += 1
        else:
            self.full += 1
        if client.session_reused and self.refuses_to_resume:
            faults.hang_up(client)
            return
        server, lock = faults.dial(self.server.path), threading.Lock()
        self.open.append((client, lock))
        with contextlib.suppress(OSError, ValueError):
            self._pass_on(client, server, lock)
        faults.hang_up(client)
        faults.hang_up(server)

    @staticmethod
    def _pass_on(client, server, lock):
        client.setblocking(False)
        while True:
            ready, _, _ = select.select([client, server], [], [], 10)
            with lock:
                if client in ready:
                    with contextlib.suppress(ssl.SSLWantReadError):
                        while data := client.recv(65536):
                            server.sendall(data)
                        return
                if server in ready:
                    data = server.recv(65536)
                    if not data:
                        return
                    client.sendall(data)
