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
    add("--check", action="store_true",
        help="ask everybody once for everything, and measure nothing")
    add("--sessions", type=int, default=1000000,
        help="the most that are made, for growth (1000000)")
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
        help="only the rounds: no storm, no far Redis, no start")
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
        os.makedirs(self.folder, exist_ok=True)
        self.records = []

    def add(self, record):
        self.records.append(record)

    def write(self):
        report_text = report.render(self.records)
        lines = "".join(json.dumps(r, separators=(",", ":")) + "\n"
                        for r in self.records)
        folders = [self.folder]
        if self.is_recorded:
            folders.append(os.path.join(TOP, "doc"))
        for folder in folders:
            for ending, text in (("jsonl", lines), ("md", report_text),
                                 ("svg", chart.render(self.records))):
                write(os.path.join(folder, "bench." + ending), text)
        return report_text


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


def run_rounds(options, results):
    plan = plan_of(options)
    with Place() as place:
        bench = rounds.Bench(place, options.against)
        results.records[0]["missing"] = bench.missing
        for what, why in bench.missing.items():
            print(f"{what}: {why}; skipped", flush=True)
        check_all(bench, plan)
        if options.check:
            return
        for work, way, clients in plan:
            for record in bench.point(
                    works.WORKS[work], way, clients, options.rounds,
                    options.seconds, options.seconds / 4):
                results.add(record)
            point = (work, way, clients)
            if report.points(results.records)[-1:] == [point]:
                print("\n" + report.title(results.records, point))
                print(report.point_table(results.records, point), flush=True)
        if not options.no_extras:
            for record in extras.measure(bench, options):
                results.add(record)


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
        run_rounds(options, results)
    finally:  # of a run that was ended early, what there is
        results.records[0]["load_after"] = load_average()
        if report.points(results.records):
            text = results.write()
    if not text:
        return 0
    print("\n" + text.partition("## Points")[0])
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
