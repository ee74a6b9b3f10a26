"""What grows with sessions, connections, processes and logins.

Each size is measured beside the smallest one, in turn, so that a ratio is of
one moment.  doc/scale.md carries the figures further.
"""

import json
import os
import re
import socket
import statistics
import subprocess
import threading
import time

import contenders
import day
import meter
import report
import rounds
import seed
import stores
import wire
import works
from place import TOP, Place, can_connect

W1 = works.WORKS["W1"]
SIZES = (1000, 10000, 100000, 1000000)
ONCE = 1000             # sessions that nobody has asked for, a round
HOT = 256
CLIENTS = 64
WRONG = 0.01            # of the answers: a busy machine may time out
ACTIVES = (100, 1000, 10000, 30000, 100000)
CONNECTIONS = (1, 10, 100, 1000)
PROCESSES = (1, 2, 4, 8)
TOLD = 1000            # logins a second, for many processes to hear of
LOGINS = (0, 100, 1000, 10000)  # a second
MARKS = re.compile(r"(<!-- growth -->\n).*?(<!-- end -->)", re.S)


class Site:
    """A Redis with so many sessions, and sessgate in front of it."""

    def __init__(self, place, mysql, name, binary):
        self.place, self.name, self.binary = place, name, binary
        self.redis = stores.Redis(place, "redis-" + name)
        self.gate = contenders.Sessgate(place, self.redis, mysql, name)
        self.pids = self.gate.pids
        self.seed = seed.Seed(self.redis, self.gate.socket)
        self.hot = self.seed.sessions(range(1, HOT + 1), plain=False)
        self.seed.cache_users(range(1, HOT + 1))
        self.count = HOT

    def grow(self, count):
        """Up to so many sessions, each of a user of its own."""
        for begin in range(self.count, count, 50000):
            self.seed.sessions(
                range(begin + 1, min(begin + 50000, count) + 1), plain=False)
        self.count = count

    def fresh(self, count):
        """Sessions of users far apart, which only Redis has."""
        step = max(self.count // count, 1)
        uids = [1 + i * step % self.count for i in range(count)]
        self.seed.cache_users(set(uids))
        return self.seed.sessions(uids, plain=False)

    def start(self, work, users, clients, seconds, *flags):
        """The client that asks for these users in turn."""
        way = "kept" if "--kept" in flags else "new"
        path = wire.write_requests(
            self.place.path(f"{self.name}-{work.name}.requests"),
            (self.gate.request(work, way, user, serial, "/srv/www")
             for serial, user in enumerate(users)))
        return subprocess.Popen(
            [self.binary, "--to", "unix:" + self.gate.socket, "--speak",
             "fcgi", "--requests", path, "--clients", str(clients),
             "--seconds", str(seconds), *flags], stdout=subprocess.PIPE)

    def round(self, users, clients, seconds, *, is_once=False):
        clock = meter.Meter({"app": self.pids, "redis": self.redis.pids})
        load = self.start(W1, users, clients, seconds, "--kept",
                          *(["--once"] if is_once else []))
        told = rounds.finish(load)
        used = clock.used()
        wrong = told["answers"] - told["statuses"].get("200", 0)
        if told["answers"] < 1 or wrong + told["failures"] > WRONG * told[
                "answers"]:
            raise RuntimeError(f"not what was to be measured: {told}")
        return {"app_us": used["app"] / told["answers"],
                "redis_us": used["redis"] / told["answers"],
                "answers": told["answers"],
                "rps": told["answers"] / told["seconds"],
                "p50_us": told["p50_us"], "p99_us": told["p99_us"],
                "starved": told["starved"]}


def middle(found, what):
    return statistics.median(r[what] for r in found)


class Growth:
    def __init__(self, place, options):
        self.place, self.options = place, options
        self.mysql = stores.MySQL(place)
        self.mysql.fill(options.sessions)
        self.binary = rounds.build_load(place)
        self.records, self.tables = [], []

    def site(self, name):
        return Site(self.place, self.mysql, name, self.binary)

    def keep(self, part, size, found):
        self.records += [{"kind": "growth", "part": part, "size": size,
                          "round": n, **r} for n, r in enumerate(found)]

    def table(self, title, head, rows):
        self.tables += [f"### {title}", report.grid(head, rows)]
        print("\n" + "\n\n".join(self.tables[-2:]), flush=True)

    # sessions and users

    def sessions(self, sizes=SIZES):
        """The ratios of the largest size: {"hot": [..], "once": [..]}."""
        small, big = self.site("small"), self.site("big")
        small.grow(1000)
        empty = int(big.redis.info("used_memory"))
        rows, ratios = [], {}
        for size in (n for n in sizes if n <= self.options.sessions):
            big.grow(size)
            used = int(big.redis.info("used_memory")) - empty
            found = {}
            for kind in ("hot", "once"):
                small_, big_ = self._pair(small, big, kind)
                ratios[kind] = [b["app_us"] / s["app_us"]
                                for s, b in zip(small_, big_)]
                found[kind] = (
                    f"{middle(big_, 'app_us'):.1f}",
                    f"{statistics.median(ratios[kind]):.2f}",
                    f"{middle(big_, 'redis_us'):.1f}")
                self.keep("sessions-" + kind, size, big_)
                self.keep("sessions-" + kind + "-beside", 1000, small_)
            rows.append([
                f"{size}", *found["hot"], *found["once"], f"{used / size:.0f}",
                f"{meter.memory_kib(big.pids) / 1024:.1f}"])
        self.table(
            "Sessions in Redis, each of its own user",
            ["sessions", "hit µs", "/ 10^3", "Redis µs", "miss µs", "/ 10^3",
             "Redis µs", "Redis bytes each", "our MiB"], rows)
        return ratios

    def _pair(self, small, big, kind):
        found = ([], [])
        for site in (small, big):
            site.round(site.hot, CLIENTS, self.options.seconds / 4)
        for _ in range(self.options.rounds):
            for site, into in zip((small, big), found):
                if kind == "hot":
                    into.append(site.round(
                        site.hot, CLIENTS, self.options.seconds))
                else:
                    users = site.fresh(ONCE)
                    into.append(site.round(users, CLIENTS, 30, is_once=True))
                    site.seed.end(users)
        return found

    # users at the same time

    def actives(self):
        """So many users in turn, again and again: what the cache holds."""
        site, rows = self.site("actives"), []
        empty = meter.memory_kib(site.pids)
        for count in (c for c in ACTIVES if c <= self.options.sessions):
            site.grow(count)
            users = site.fresh(count)
            for _ in range(2):  # what SQL says of them takes a second look
                site.round(users, CLIENTS, 60, is_once=True)
            found = [site.round(users, CLIENTS, self.options.seconds)
                     for _ in range(self.options.rounds)]
            self.keep("actives", count, found)
            rows.append([
                f"{count}", f"{middle(found, 'app_us'):.1f}",
                f"{middle(found, 'redis_us'):.1f}",
                f"{(meter.memory_kib(site.pids) - empty) / 1024:.1f}"])
            site.seed.end(users)
        self.table("Users at the same time, each with a session, in turn",
                   ["users", "a check, µs", "Redis µs", "our MiB more"], rows)

    # kept connections

    def connections(self):
        site, rows = self.site("connections"), []
        for count in CONNECTIONS:
            site.round(site.hot, count, self.options.seconds / 4)
            found = [site.round(site.hot, count, self.options.seconds)
                     for _ in range(self.options.rounds)]
            self.keep("connections", count, found)
            rows.append([
                f"{count}", f"{middle(found, 'app_us'):.1f}",
                f"{middle(found, 'rps'):.0f}",
                f"{middle(found, 'p50_us') / 1000:.2f}",
                f"{middle(found, 'p99_us') / 1000:.2f}",
                f"{max(r['starved'] for r in found)}",
                f"{meter.memory_kib(site.pids) / 1024:.1f}"])
        self.table("Kept connections, all hits",
                   ["connections", "µs", "req/s", "p50 ms", "p99 ms",
                    "never answered", "our MiB"], rows)

    # processes on one Redis

    def processes(self):
        rows = []
        for count in PROCESSES:
            site = self.site(f"of{count}")
            self.place.stop(site.gate.process)
            started = self.siblings(site, count)
            site.pids = [p.pid for p in started]
            site.round(site.hot, CLIENTS, 2 * self.options.seconds)
            found = [site.round(site.hot, CLIENTS, self.options.seconds)
                     for _ in range(self.options.rounds)]
            idle, told = self._still(site, 0), self._still(site, TOLD)
            self.keep("processes", count, found)
            self.keep("processes-idle", count, [idle])
            self.keep("processes-told", count, [told])
            rows.append([
                f"{count}", f"{middle(found, 'app_us'):.1f}",
                f"{middle(found, 'redis_us'):.1f}",
                f"{middle(found, 'rps'):.0f}",
                f"{idle['redis_us']:.0f}", f"{idle['app_us']:.0f}",
                f"{told['redis_us']:.0f}", f"{told['app_us']:.0f}",
                f"{idle['links']}",
                f"{meter.memory_kib(site.pids) / 1024:.1f}"])
            for process in started:
                self.place.stop(process)
        self.table("Processes on one socket and one Redis, all hits",
                   ["processes", "a hit, µs", "Redis µs", "req/s",
                    "idle: Redis µs/s", "our µs/s",
                    f"{TOLD} logins/s elsewhere: Redis µs/s", "our µs/s",
                    "links to Redis", "our MiB"], rows)

    def siblings(self, site, count, **settings):
        """So many processes that share one listening socket, as fd 0."""
        with socket.socket(socket.AF_UNIX) as listener:
            os.unlink(site.gate.socket)
            listener.bind(site.gate.socket)
            listener.listen(1024)
            return [self.place.start(
                [contenders.sessgate_binary()], log=site.name, stdin=listener,
                is_ready=lambda: can_connect(site.gate.socket),
                env=contenders.sessgate_environment(
                    site.redis, self.mysql, **settings))
                for _ in range(count)]

    def _still(self, site, rate):
        """What they cost a second when nobody asks them."""
        time.sleep(1)
        with Writer(site, rate):
            clock = meter.Meter({"app": site.pids, "redis": site.redis.pids})
            begin = time.monotonic()
            time.sleep(3)
            used, took = clock.used(), time.monotonic() - begin
        return {"redis_us": used["redis"] / took, "app_us": used["app"] / took,
                "links": int(site.redis.info("connected_clients")) - 1}

    # logins elsewhere

    def logins(self):
        site, rows = self.site("logins"), []
        for rate in LOGINS:
            site.round(site.hot, CLIENTS, self.options.seconds / 4)
            idle, found, told = [], [], 0
            for _ in range(self.options.rounds):
                with Writer(site, rate) as writer:
                    clock = meter.Meter({"app": site.pids})
                    begin = time.monotonic()
                    time.sleep(1)
                    idle.append({"us": clock.used()["app"]
                                 / (time.monotonic() - begin)})
                    found.append(site.round(
                        site.hot, CLIENTS, self.options.seconds))
                told = max(told, writer.rate())
            self.keep("logins", rate, found)
            self.keep("logins-idle", rate, idle)
            rows.append([
                f"{told:.0f}", f"{middle(idle, 'us'):.0f}",
                f"{middle(found, 'app_us'):.1f}",
                f"{middle(found, 'rps'):.0f}",
                f"{middle(found, 'p99_us') / 1000:.2f}"])
        self.table("Logins by other processes, two keys written by each",
                   ["logins/s", "ours when idle, µs/s", "a hit, µs", "req/s",
                    "p99 ms"], rows)

    # a day

    def day(self):
        day.Day(self).run()


class Writer(threading.Thread):
    """Writes to Redis what logins of other processes write, at a rate."""

    TICK_S = 0.01

    def __init__(self, site, rate):
        super().__init__(daemon=True)
        self.site, self.per_second = site, rate
        self.is_over = threading.Event()
        self.written, self.took = 0, 1.0
        self.link = site.redis.another()
        self.generation = site.seed.generation
        self.record = site.seed.record

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_why):
        self.is_over.set()
        self.join()

    def rate(self):
        return self.written / self.took

    def run(self):
        begin = time.monotonic()
        while self.per_second and not self.is_over.is_set():
            due = int((time.monotonic() - begin) * self.per_second)
            commands = []
            for number in range(self.written, due):
                uid = HOT + 1 + number % 100000
                commands += [
                    ("SET", "sess:" + seed.new_token(), self.record, "EX", 60),
                    ("SET", f"ugen:{{{uid}}}", self.generation, "EX", 60)]
            self.link.ask_all(commands)
            self.written = max(due, self.written)
            self.is_over.wait(self.TICK_S)
        self.took = time.monotonic() - begin


def run(options):
    print(report.machine_text(options.machine | {"load_after": "?"}))
    with Place() as place:
        growth = Growth(place, options)
        for part in (growth.actives, growth.connections, growth.processes,
                     growth.logins, growth.day, growth.sessions):
            part()
    text = "\n\n".join(
        ["Measured by `bench/run --growth` on "
         + report.machine_text(options.machine | {
             "load_after": " ".join(f"{n:.1f}" for n in os.getloadavg())}),
         *growth.tables]) + "\n"
    with open(os.path.join(options.out, "growth.jsonl"), "w",
              encoding="utf-8") as file:
        file.writelines(json.dumps(r) + "\n" for r in growth.records)
    with open(os.path.join(options.out, "growth.md"), "w",
              encoding="utf-8") as file:
        file.write(text)
    if options.record:
        record(text)
    return 0


def record(text):
    """Puts the tables between the marks of doc/scale.md."""
    path = os.path.join(TOP, "doc", "scale.md")
    with open(path, encoding="utf-8") as file:
        page = file.read()
    page, count = MARKS.subn(lambda m: m[1] + text + m[2], page)
    if count != 1:
        raise RuntimeError(f"{path}: no place for the tables")
    with open(path, "w", encoding="utf-8") as file:
        file.write(page)
