"""Beside faults.py: a proxy that also sees what is asked, and SQL accounts.

Tap(target, path).watch is called with each piece that the program sends,
before it is passed on: it may wait, or raise ConnectionError to cut the
connection.
"""

import concurrent.futures
import contextlib
import os
import random
import threading
import time

import faults

LONG = os.environ.get("SESSGATE_LONG") == "1"

# Settings of a program that many others keep from running: what counts here
# is what it answers, not how soon.
PATIENT = {"redis.command_timeout": "10s", "redis.connect_timeout": "10s",
           "mysql.timeout": "10s", "login.hash_timeout": "15s",
           "server.deadline": "20s"}


class Tap(faults.FaultProxy):
    """A FaultProxy for both directions."""

    def __init__(self, target, path=None):
        self.watch = self._look_away
        super().__init__(target, path)

    @staticmethod
    def _look_away(data):
        """Nothing is done to what is asked."""

    def be_plain(self):
        self.watch = self._look_away
        self.deliver()

    def cut_on(self, words):
        """A connection that asks this ends, unheard."""

        def look(data):
            if words in data:
                raise ConnectionError("cut")
        self.watch = look

    def hold_on(self, words):
        """Holds requests with these words until the returned event is set."""
        go = threading.Event()

        def look(data):
            if words in data:
                go.wait(10)
        self.watch = look
        return go

    def jitter(self, seconds):
        """Each reply comes late, by anything up to so much."""

        def late(client, data):
            time.sleep(random.random() * seconds)
            client.sendall(data)
        self.treat = late

    def _forward(self, client, server):
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                self.watch(data)
                server.sendall(data)
        self._end(client, server)


class Account:
    """An account of a MySQL server with rights of its own."""

    PASSWORD = "tap-secret"

    def __init__(self, mysql, name, rights="SELECT, UPDATE"):
        self.mysql, self.name = mysql, name
        with mysql.admin() as sql:
            sql.execute(f"DROP USER IF EXISTS {name}@localhost")
            sql.execute(f"CREATE USER {name}@localhost "
                        f"IDENTIFIED BY '{self.PASSWORD}'")
            sql.execute(f"GRANT {rights} ON {mysql.DATABASE}.* "
                        f"TO {name}@localhost")

    def url(self, path=None):
        return (f"mysql://{self.name}:{self.PASSWORD}@localhost/"
                f"{self.mysql.DATABASE}?socket={path or self.mysql.path}")

    def drop(self):
        with self.mysql.admin() as sql:
            sql.execute(f"DROP USER {self.name}@localhost")


def status_of(mysql, name):
    """A counter of the server's."""
    with mysql.admin() as sql:
        sql.execute("SHOW GLOBAL STATUS LIKE %s", (name,))
        return int(sql.fetchone()[1])


class Clients:
    """Threads that act again and again while the block runs."""

    def __init__(self, *acts):
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._repeat, args=(act,))
                        for act in acts]

    def _repeat(self, act):
        while not self.over.is_set():
            act()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(20)


def together(count, act):
    """act(0) to act(count - 1), all begun at once; what they returned."""
    start = threading.Barrier(count)

    def begin(number):
        start.wait(10)
        return act(number)
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


@contextlib.contextmanager
def meanwhile(act):
    """Runs act beside the block; its result is in the future it yields."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        yield pool.submit(act)
