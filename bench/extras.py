"""What a round of one load cannot show: starting, a storm, a Redis far away."""

import subprocess
import time

import contenders
import growth
import instructions
import rounds
import wire
import works
from place import Place, can_connect, compile_c

W1, CHECKS = works.WORKS["W1"], 16
STORM = 8               # logins at once
MISSES = 256            # clients whose sessions nobody has cached
FAR_US = 1000           # each way


def value(name, number, what):
    return {"kind": "extra", "name": name, "round": number,
            "value": round(float(what), 4)}


def start(bench, rounds_):
    """From the start of the process to the first answer, by the clock."""
    request = bench.sessgate.request(W1, "new", bench.hot[0], 0, bench.www)
    for number in range(rounds_):
        begin = time.monotonic()
        fresh = contenders.Sessgate(
            bench.place, bench.redis, bench.mysql, "fresh")
        answer = wire.ask_fcgi(fresh.socket, request)
        took_ms = (time.monotonic() - begin) * 1000
        bench.place.stop(fresh.process)
        if wire.status_of(answer) != 200:
            raise RuntimeError(f"a fresh sessgate answers {answer!r}")
        yield value("start_ms", number, took_ms)


def thousand(bench, seconds):
    """1,000 kept connections at the same time: how many are not served."""
    told = bench.round(bench.sessgate, W1, "kept", 1000, max(seconds, 1))
    yield told | {"kind": "thousand"}
    yield value("unserved_of_1000", 0, told["starved"] + told["failures"])


def slow_login(bench):
    """The requests of logins that cost a bcrypt hash each."""
    body = b'{"email":"slow@example.org","password":"demo"}'
    return wire.write_requests(
        bench.place.path("slow.requests"),
        (wire.fcgi(wire.params(
            "POST", "/login", None, mount="/sessgate", body=body,
            address=f"198.51.100.{serial + 1}",
            headers={"Content-Type": "application/json"}), body, is_kept=True)
         for serial in range(200)))


def storm(bench, rounds_, seconds):
    """Checks, quiet and beside so many logins at once, in turn."""
    requests = slow_login(bench)
    checks = lambda: bench.round(bench.sessgate, W1, "kept", CHECKS, seconds)
    checks()
    for number in range(rounds_):
        quiet = checks()
        logins = subprocess.Popen(
            [bench.load_binary, "--to", "unix:" + bench.sessgate.socket,
             "--speak", "fcgi", "--requests", requests, "--kept",
             "--clients", str(STORM), "--seconds", str(seconds + 0.6)],
            stdout=subprocess.PIPE)
        time.sleep(0.3)
        busy = checks()
        told = rounds.finish(logins)
        if set(told["statuses"]) - {"200"}:
            raise RuntimeError(f"the logins of the storm: {told}")
        yield told | {"kind": "storm_logins", "round": number}
        yield value("storm_rate", number, busy["rps"] / quiet["rps"])
        yield value("storm_p99_ms", number, busy["p99_us"] / 1000)


def start_far(bench):
    """sessgate whose Redis is behind a proxy that delays."""
    proxy = bench.place.path("far-redis.sock")
    bench.place.start(
        [compile_c(bench.place, "delay", ["delay.c"]), proxy,
         bench.redis.path, str(FAR_US)],
        log="delay", is_ready=lambda: can_connect(proxy))
    return contenders.Sessgate(
        bench.place, bench.redis, bench.mysql, "far",
        redis_url="unix://" + proxy)


def far(bench, rounds_, seconds):
    """Hits and misses of a gate whose Redis is far, and of the one here."""
    away = start_far(bench)
    miss = works.Work("W1", "sessions nobody has cached", is_once=True)
    for contender in (bench.sessgate, away):
        bench.round(contender, W1, "kept", 64, seconds)
    for number in range(rounds_):
        for name, work, clients in (("far_hits", W1, 64),
                                    ("far_misses", miss, MISSES)):
            near, distant = (
                bench.round(c, work, "kept", clients, seconds)
                for c in (bench.sessgate, away))
            yield value(name, number, distant["rps"] / near["rps"])


def count(bench, options):
    why = instructions.why_not()
    if why:
        print(f"instructions: {why}; skipped")
        return
    found = instructions.measure(options.out)
    for name, kind in (("instructions", "W1"), ("gate_instructions", "W1n"),
                       ("asked_instructions", "W1-asked"),
                       ("null_instructions", "null")):
        yield value(name, 0, found[kind])


def many_sessions(options):
    """What a check costs where Redis has so many, beside 1,000."""
    with Place() as place:
        ratios = growth.Growth(place, options).sessions((options.sessions,))
    if options.sessions < max(growth.SIZES):
        return  # the goal is of that many
    for kind, found in ratios.items():
        for number, ratio in enumerate(found):
            yield value("growth_" + kind, number, ratio)


def measure(bench, options):
    """All of them as lines of the results; --quick has time for two."""
    rounds_, seconds = options.rounds, options.seconds
    parts = [start(bench, rounds_), thousand(bench, seconds)]
    if not options.quick:
        parts += [storm(bench, rounds_, seconds), far(bench, rounds_, seconds),
                  many_sessions(options), count(bench, options)]
    for part in parts:
        try:
            yield from part
        except RuntimeError as why:  # the others are still of use
            print(f"{part.__name__}: {why}; not measured", flush=True)
