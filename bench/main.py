"""The command line of the benchmark; bench/README.md explains it."""

import argparse
import datetime
import json
import os
import platform
import signal
import subprocess
import sys

import chart
import contenders
import extras
import growth
import guards
import instructions
import report
import rounds
import works
from place import TOP, Missing, Place

CLIENTS = (16, 64, 256)


def full_plan():
    """(work, way, clients) of a whole run: W1 at each load, others at one."""
    plan = [("W1", way, clients) for way in works.WAYS for clients in CLIENTS]
    for work in ("W1a", "W1n", "W5n", "W5b"):
        plan += [(work, way, 64) for way in works.WAYS]
    for work in ("W2", "W3", "W4"):
        plan += [(work, way, 64) for way in ("kept", "nginx-kept")]
    return plan


QUICK_PLAN = [("W1", "kept", 256), ("W1", "lighttpd", 64),
              ("W1", "nginx-kept", 64), ("W1a", "lighttpd", 64)]


def words(text):
    return tuple(text.split(","))


def parse(argv):
    parser = argparse.ArgumentParser(
        prog="bench/run", description="What sessgate costs, beside others.")
    add = parser.add_argument
    add("--quick", action="store_true", help="under a minute: W1 and the gate")
    add("--instructions", action="store_true",
        help="user instructions a request, by callgrind; nothing else")
    add("--growth", action="store_true",
        help="many sessions, connections, processes; nothing else")
    add("--apache", action="store_true",
        help="guards on Apache, a static and a PHP page; nothing else")
    add("--check", action="store_true",
        help="ask everybody once for everything, and measure nothing")
    add("--sessions", type=int, default=1000000,
        help="the most that are made, for growth (1000000)")
    add("--day", type=float, default=480,
        help="seconds of a day, for growth (480)")
    add("--rounds", type=int, help="rounds a point")
    add("--seconds", type=float, help="seconds a round")
    add("--works", type=words, default=tuple(works.WORKS),
        help="of " + ",".join(works.WORKS))
    add("--ways", type=words, default=tuple(works.WAYS),
        help="of " + ",".join(works.WAYS))
    add("--clients", type=lambda text: tuple(map(int, words(text))),
        help="instead of the plan's, e.g. 16,64,256")
    add("--against", type=words, default=rounds.ALL,
        help="of " + ",".join(rounds.ALL))
    add("--no-extras", action="store_true",
        help="only the rounds: no storm, no far Redis, no start, no Apache")
    add("--out", default=os.path.join(TOP, "build", "bench"),
        help="where results go (build/bench)")
    add("--record", action="store_true",
        help="also into doc/: bench.jsonl, bench.md, bench.svg")
    options = parser.parse_args(argv)
    options.rounds = options.rounds or (3 if options.quick else 5)
    options.seconds = options.seconds or (0.5 if options.quick else 2.0)
    for given, known in ((options.works, works.WORKS),
                         (options.ways, works.WAYS),
                         (options.against, rounds.ALL)):
        for name in given:
            if name not in known:
                parser.error(f"{name} is none of {', '.join(known)}")
    return options


def load_average():
    return " ".join(f"{n:.1f}" for n in os.getloadavg())


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def commit():
    if "SESSGATE" in os.environ:
        return "the program that SESSGATE names"
    told = subprocess.run(
        ["git", "-C", TOP, "describe", "--always", "--dirty"],
        capture_output=True, text=True, check=False)
    return told.stdout.strip() or "no checkout"


def machine():
    return {"kind": "machine", "cores": len(os.sched_getaffinity(0)),
            "cpu": cpu_model(), "kernel": platform.release(),
            "load": load_average(), "versions": contenders.versions(),
            "date": datetime.date.today().isoformat(), "commit": commit(),
            "missing": {}}


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class Results:
    """Lines of JSON, written as they come."""

    def __init__(self, options):
        self.folder = options.out
        self.is_recorded = options.record
        self.is_of_guards = options.apache
        os.makedirs(self.folder, exist_ok=True)
        self.records = []

    def add(self, record):
        self.records.append(record)

    def end(self):
        for record in self.records:
            if record["kind"] in ("machine", "guards"):
                record["load_after"] = load_average()

    def _with_others(self, folder):
        """The records; --apache keeps the others that a folder has."""
        path = os.path.join(folder, "bench.jsonl")
        if not self.is_of_guards or not os.path.exists(path):
            return self.records
        with open(path, encoding="utf-8") as file:
            others = [json.loads(line) for line in file]
        return [r for r in others if not guards.is_ours(r)] + [
            r for r in self.records if guards.is_ours(r)]

    def write(self):
        """Writes the files; what of them is to be printed."""
        folders = [self.folder]
        if self.is_recorded:
            folders.append(os.path.join(TOP, "doc"))
        for folder in folders:
            records = self._with_others(folder)
            lines = "".join(json.dumps(r, separators=(",", ":")) + "\n"
                            for r in records)
            for ending, text in (("jsonl", lines),
                                 ("md", report.render(records)),
                                 ("svg", chart.render(records))):
                write(os.path.join(folder, "bench." + ending), text)
        if self.is_of_guards:
            return "\n\n".join(report.guards_text(self.records))
        return report.render(self.records).partition("## Points")[0]


def plan_of(options):
    plan = QUICK_PLAN if options.quick else full_plan()
    if options.clients:
        plan = list(dict.fromkeys(
            (work, way, clients) for work, way, _ in plan
            for clients in options.clients))
    return [p for p in plan
            if p[0] in options.works and p[1] in options.ways]


def check_all(bench, plan):
    """Each contender answers as it should, before it is measured."""
    asked = {name: 0 for name in bench.contenders}
    for work, way in dict.fromkeys(p[:2] for p in plan):
        for contender in bench.contenders.values():
            if bench.can(contender, works.WORKS[work], way):
                wrong = bench.check(contender, works.WORKS[work], way)
                if wrong is not None:
                    raise RuntimeError(
                        f"{contender.name} answers {work}, {way}: {wrong!r}")
                asked[contender.name] += 1
    print("answers as it should: " + ", ".join(
        f"{name} {count} times" for name, count in asked.items()), flush=True)


def tell_missing(missing):
    for what, why in missing.items():
        print(f"{what}: {why}; skipped", flush=True)


def run_plan(bench, plan, options, results):
    """Measures each point, and prints its table."""
    for point in plan:
        work, way, clients = point
        for record in bench.point(
                works.find(work), way, clients, options.rounds,
                options.seconds, options.seconds / 4):
            results.add(record)
        if report.points(results.records)[-1:] == [point]:
            print("\n" + report.title(results.records, point))
            print(report.point_table(results.records, point), flush=True)


def run_rounds(options, results):
    plan = plan_of(options)
    with Place() as place:
        bench = rounds.Bench(place, options.against)
        results.records[0]["missing"] = bench.missing
        tell_missing(bench.missing)
        check_all(bench, plan)
        if options.check:
            return
        run_plan(bench, plan, options, results)
        if not options.no_extras:
            for record in extras.measure(bench, options):
                results.add(record)


def run_guards(options, results):
    with Place() as place:
        bench = guards.Guards(place)
        tell_missing(bench.missing)
        bench.check()
        print("guards as it should: " + "; ".join(
            guard.label for guard in bench.contenders.values()), flush=True)
        if options.check:
            return
        results.add(options.machine | {
            "kind": "guards", "missing": bench.missing,
            "versions": options.machine["versions"] | guards.openid_version()})
        run_plan(bench, guards.plan(options.clients), options, results)


def run(options, results):
    if options.apache:
        run_guards(options, results)
        return
    run_rounds(options, results)
    if options.quick or options.check or options.no_extras:
        return
    try:
        run_guards(options, results)
    except (Missing, RuntimeError) as why:  # the rest is still of use
        print(f"guards on Apache: {why}; not measured", flush=True)


def main(argv):
    options = parse(argv)
    results = Results(options)
    if options.instructions:
        return instructions.run(options)
    results.add(machine())
    options.machine = results.records[0]
    if options.growth:
        return growth.run(options)
    print(report.machine_text(options.machine | {"load_after": "?"}))
    text = ""
    try:
        run(options, results)
    finally:  # of a run that was ended early, what there is
        results.end()
        if report.points(results.records):
            text = results.write()
    if not text:
        return 0
    print("\n" + text.rstrip() + "\n")
    print(f"results: {os.path.relpath(results.folder)}/bench.jsonl, "
          "bench.md, bench.svg")
    return 0


if __name__ == "__main__":
    # so that what was started is stopped
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except Missing as why:
        sys.exit(f"bench: {why}")
