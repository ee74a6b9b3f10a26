"""User instructions a request, counted by callgrind.

Unlike times, they hardly differ between runs and machines, so CI compares
them with a committed ceiling.  Two runs of one program differ only in how many
requests they serve; the difference of their totals is the requests' alone.
"""

import os
import platform
import re
import shutil
import subprocess

import contenders
import rounds
import seed
import stores
import wire
import works
from place import HERE, Place, can_connect, compile_c, find, tool

CEILING = os.path.join(HERE, "ceiling")
# the name in the ceiling: the work that is counted, and settings
KINDS = {
    "W1": ("W1", {}),
    "W1n": ("W1n", {}),
    "W1-asked": ("W1", {"cache_memory": 0}),  # Redis is asked each time
}
FEW, MANY = 500, 2500
USERS = 64
SKIPPED = 77
# valgrind is so much slower that no time may be the usual one; and what is
# asked again after a time would be asked more often by the longer run
SLOW = {"redis_command_timeout": "30s", "redis_connect_timeout": "30s",
        "mysql_timeout": "30s", "server_deadline": "1m",
        "cache_proof": "1m", "user_recheck": "5m"}


def release():
    """This system, as debian-12; what has no version is debian."""
    about = platform.freedesktop_os_release()
    return "-".join(about[name] for name in ("ID", "VERSION_ID")
                    if name in about)


def ceiling(work, system):
    """The most instructions a request may cost there; None: not known."""
    with open(CEILING, encoding="ascii") as file:
        rows = [line.split() for line in file if line[0] not in "#\n"]
    return {(name, on): int(most) for name, on, most in rows}.get(
        (work, system))


def why_not():
    """Why nothing can be counted, or an empty string."""
    if find("valgrind") is None:
        return "valgrind is not installed"
    with open(contenders.sessgate_binary(), "rb") as file:
        if b"__asan_init" in file.read():
            return "the program has sanitizers in it"
    return ""


class Asker(contenders.Sessgate):
    """Its requests alone: the process is started here."""

    def __init__(self):
        pass


class Count:
    """A place in which programs are counted."""

    def __init__(self, place, out):
        self.place, self.out = place, out
        self.load_binary = rounds.build_load(place)
        self.null_binary = compile_c(
            place, "null", ["null.c"], packages=["fcgi"], flags=["-pthread"])
        self.redis = stores.Redis(place)
        self.mysql = stores.MySQL(place)
        self.mysql.fill(USERS)
        self.users = self.answer = None
        self._seed()

    def _seed(self):
        """Not by a program that is counted: each run must find the same."""
        gate = contenders.Sessgate(
            self.place, self.redis, self.mysql, "pattern")
        pattern = seed.Seed(self.redis, gate.socket)
        self.users = pattern.sessions(range(1, USERS + 1), plain=False)
        pattern.cache_users(range(1, USERS + 1))
        for serial in range(USERS):  # Redis then has what SQL says of all
            answer = wire.ask_fcgi(gate.socket, self._request("W1", serial))
        self.answer = self.place.write("answer", answer)
        self.place.stop(gate.process)

    def _request(self, work, serial):
        return Asker().request(works.WORKS[work], "new",
                               self.users[serial % USERS], serial, "/srv/www")

    def _load(self, work, socket, count):
        requests = wire.write_requests(
            self.place.path("count.requests"),
            (self._request(work, serial) for serial in range(count)))
        argv = [self.load_binary, "--to", "unix:" + socket, "--speak", "fcgi",
                "--requests", requests, "--clients", "1", "--seconds", "300",
                "--once"]
        told = rounds.finish(subprocess.Popen(argv, stdout=subprocess.PIPE))
        if told["statuses"] != {"200": count}:
            raise RuntimeError(f"not what was to be counted: {told}")

    def total(self, name, work, argv, socket, count, env=None):
        """All instructions of a run that serves so many requests."""
        file = self.place.path(f"callgrind.{name}")
        process = self.place.start(
            [tool("valgrind"), "--tool=callgrind", "--fair-sched=yes",
             f"--callgrind-out-file={file}", *argv],
            log=name, env=env, within=60, is_ready=lambda: can_connect(socket))
        self._load(work, socket, count)
        self.place.stop(process, within=120)
        os.unlink(socket)
        shutil.copy(file, os.path.join(self.out, f"callgrind.{name}"))
        with open(file, encoding="utf-8") as out:
            return int(re.search(r"^(?:totals|summary): (\d+)", out.read(),
                                 re.M)[1])

    def each(self, name, work, argv, socket, env=None):
        few, many = (self.total(name, work, argv, socket, count, env)
                     for count in (FEW, MANY))
        return (many - few) / (MANY - FEW)

    def sessgate(self, kind):
        socket = self.place.path("counted.sock")
        work, settings = KINDS[kind]
        return self.each(
            kind, work, [contenders.sessgate_binary(), "--listen",
                         f"unix:{socket},mode=0600"], socket,
            contenders.sessgate_environment(
                self.redis, self.mysql, **(SLOW | settings)))

    def null(self):
        socket = self.place.path("counted-null.sock")
        return self.each(
            "null", "W1", [self.null_binary, socket, self.answer], socket)


def measure(out):
    """Instructions a request, of each kind and of the null program's W1."""
    os.makedirs(out, exist_ok=True)
    with Place() as place:
        count = Count(place, out)
        found = {kind: count.sessgate(kind) for kind in KINDS}
        return found | {"null": count.null()}


def run(options):
    why = why_not()
    if why:
        print(f"skipped: {why}")
        return SKIPPED
    found = measure(options.out)
    worst = 0
    for kind in KINDS:
        most = ceiling(kind, release())
        told = most or f"none for {release()}"
        print(f"user instructions a request, {kind} on new connections: "
              f"{found[kind]:.0f} (ceiling {told})")
        if most and found[kind] > most:
            print(f"above the ceiling of {os.path.relpath(CEILING)}")
            worst = 1
    print(f"null libfcgi: {found['null']:.0f}")
    print("where they go: callgrind_annotate "
          f"{os.path.relpath(options.out)}/callgrind.W1")
    return worst
