"""Everything that is measured, in one place, and one round of it."""

import json
import os
import subprocess

import contenders
import meter
import seed
import stores
import webs
import wire
import works
from place import Missing, compile_c

HOT_USERS = 256         # each with a session; all of it fits into any cache
COLD_USERS = 20000      # for W2: more than a round can ask for
ALL = ("sessgate", "null", "php", "express", "lua")
PAGE = b"<!doctype html><title>a page</title><p>" + b"x" * 400 + b"</p>\n"


def build_load(place):
    return compile_c(place, "load", ["load.c", "answer.c", "latency.c"])


class Rounds:
    """Rounds of contenders.  A subclass says which of them can, and starts
    the load."""

    load_binary = ""
    contenders = {}

    def can(self, contender, work, way):
        raise NotImplementedError

    def start_load(self, contender, work, way, clients, seconds):
        """The meter of its processes, and the client that asks it."""
        raise NotImplementedError

    def load(self, requests, address, clients, seconds, *flags):
        return subprocess.Popen(
            [self.load_binary, "--requests", requests, "--to", address,
             "--clients", str(clients), "--seconds", str(seconds), *flags],
            stdout=subprocess.PIPE)

    def round(self, contender, work, way, clients, seconds, number=0):
        """One contender under load for so long: a line of the results."""
        clock, load = self.start_load(contender, work, way, clients, seconds)
        told = finish(load)
        used = clock.used()
        return {
            "kind": "round", "who": contender.name, "work": work.name,
            "way": way, "clients": clients, "round": number,
            "cpu_us": {name: round(us / max(told["answers"], 1), 3)
                       for name, us in used.items()},
            "rps": round(told["answers"] / max(told["seconds"], 1e-3), 1),
            "memory_kib": meter.memory_kib(clock.groups["app"]),
            "peak_kib": meter.peak_kib(clock.groups["app"]),
            **told,
        }

    def point(self, work, way, clients, rounds, seconds, warm_s):
        """Rounds of all who can, A B A B, every other one backwards."""
        able = [c for c in self.contenders.values()
                if self.can(c, work, way)]
        for contender in able:
            self.round(contender, work, way, clients, warm_s)
        for number in range(rounds):
            for contender in able if number % 2 == 0 else reversed(able):
                yield self.round(
                    contender, work, way, clients, seconds, number)


class Bench(Rounds):
    """The servers and the contenders, running; what is missing is named."""

    def __init__(self, place, wanted=ALL, *, has_webs=True):
        self.place = place
        self.missing = {}
        self.load_binary = build_load(place)
        self.www = place.folder_for("www")
        self._write_pages()
        self.redis = stores.Redis(place)
        self.mysql = stores.MySQL(place)
        self.mysql.fill(COLD_USERS)
        self.sessgate = contenders.Sessgate(place, self.redis, self.mysql)
        self.seed = seed.Seed(self.redis, self.sessgate.socket)
        self.hot = self.seed.sessions(range(1, HOT_USERS + 1))
        self.seed.cache_users(range(1, HOT_USERS + 1))
        self.cold = None
        self.contenders = {"sessgate": self.sessgate}
        for name in wanted:
            if name != "sessgate":
                self._try(name, lambda n=name: self._start(n))
        self.webs = []
        if has_webs:
            self._start_webs()
        self.files = {}
        self.rates = {}

    def _write_pages(self):
        for name in ALL:
            folder = self.place.folder_for(f"www/gate-{name}")
            with open(os.path.join(folder, "page.html"), "wb") as file:
                file.write(PAGE)

    def _try(self, what, start):
        try:
            start()
        except Missing as why:
            self.missing[what] = str(why)

    def _start(self, name):
        start = {
            "null": lambda: contenders.Null(self.place, self._answers()),
            "php": lambda: contenders.Php(self.place, self.redis, self.mysql),
            "express": lambda: contenders.Express(
                self.place, self.redis, COLD_USERS),
            "lua": contenders.Lua,
        }[name]
        self.contenders[name] = start()

    def _start_webs(self):
        backends = [b for c in self.contenders.values() for b in c.backends]
        has_lua = "lua" in self.contenders
        self._try("lighttpd", lambda: self.webs.append(
            webs.Lighttpd(self.place, backends, self.redis)))
        self._try("nginx", lambda: self.webs.append(
            webs.Nginx(self.place, backends, self.redis, has_lua=has_lua)))

    def _answers(self):
        """What sessgate says to each kind, for the null program to repeat."""
        found = {}
        for work in works.WORKS.values():
            if not work.null:
                continue
            request = self.sessgate.request(
                work, "new", self.hot[0], 0, self.www)
            found[work.name] = wire.ask_fcgi(self.sessgate.socket, request)
        return found

    # what is asked

    def _requests(self, contender, work, way, seconds):
        key = (contender.name, work.name, way) + ("once",) * work.is_once
        path = self.place.path("-".join(key) + ".requests")
        users = self.hot
        if work.name == "W2":
            if self.cold is None:
                self.cold = self.seed.sessions(range(1, COLD_USERS + 1))
            users = self.cold
            self.seed.forget_users(range(1, COLD_USERS + 1))
        elif work.is_once:
            count = int(self.rates.get(key[:3], 8000) * seconds * 1.3) + 1000
            users = self.seed.sessions(
                [1 + i % HOT_USERS for i in range(min(count, 100000))])
        if key not in self.files or (work.is_once and work.name != "W2"):
            self.files[key] = wire.write_requests(path, (
                contender.request(work, way, user, serial, self.www)
                for serial, user in enumerate(users)))
        return self.files[key]

    def can(self, contender, work, way):
        """Does it do that, and is the web server of this way here?"""
        return contender.can(work, way) and (way in works.STRAIGHT or any(
            way in web.ways for web in self.webs))

    def check(self, contender, work, way):
        """Asks once and looks at the answer; None, or what is wrong."""
        user = self.hot[0] if contender.name == "null" else self.hot[1]
        if work.is_once:  # POST /logout ends it
            user, = self.seed.sessions([user[0]])
        request = contender.request(work, way, user, 1, self.www)
        address = contender.address(work, way, self.webs)
        if address.startswith("unix:"):
            address = address[5:]
        else:
            host, _, port = address.rpartition(":")
            address = (host, int(port))
        ask = (wire.ask_fcgi if contender.protocol(way) == "fcgi"
               else wire.ask_http)
        answer = ask(address, request)
        if work.gate and way not in works.STRAIGHT:
            if PAGE not in answer:
                return answer
        elif work.name == "W1" and b'"id":"%d"' % user[0] not in answer:
            return answer
        return None if wire.status_of(answer) in work.statuses else answer

    # a round

    def start_load(self, contender, work, way, clients, seconds):
        """Makes the requests, then starts the client that sends them."""
        requests = self._requests(contender, work, way, seconds)
        flags = ["--speak", contender.protocol(way)]
        if way != "new":
            flags.append("--kept")  # browsers keep theirs to a web server
        if work.is_once:
            flags.append("--once")
        clock = meter.Meter(self.groups(contender, work, way))
        return clock, self.load(
            requests, contender.address(work, way, self.webs), clients,
            seconds, *flags)

    def groups(self, contender, work, way):
        web = [pid for w in self.webs if way in w.ways for pid in w.pids]
        return {"app": contender.pids_for(work), "web": web,
                "redis": self.redis.pids, "db": self.mysql.pids}

    def round(self, contender, work, way, clients, seconds, number=0):
        record = super().round(
            contender, work, way, clients, seconds, number)
        self.rates[contender.name, work.name, way] = record["rps"]
        return record


def finish(load):
    out, _ = load.communicate()
    if load.returncode != 0:
        raise RuntimeError("the load client failed")
    return json.loads(out)
