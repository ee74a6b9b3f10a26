"""What the rounds say: a table a point, and each goal with what was measured."""

import dataclasses
import statistics
import typing

import guards
import works
from contenders import Express, Lua, Null, Php, Sessgate

LABELS = {c.name: c.label for c in (Sessgate, Null, Php, Express, Lua)}
GROUPS = {"app": "app", "web": "web", "php": "PHP", "redis": "Redis",
          "db": "db"}
NOISE = 0.15


def rounds_of(records, who, work, way, clients):
    """This contender's rounds at a point, by number."""
    return {r["round"]: r for r in records
            if r["kind"] == "round" and (r["who"], r["work"], r["way"],
                                         r["clients"])
            == (who, work, way, clients)}


def points(records):
    """(work, way, clients) in the order they were measured."""
    return list(dict.fromkeys((r["work"], r["way"], r["clients"])
                              for r in records if r["kind"] == "round"))


def box_us(record):
    return sum(record["cpu_us"].values())


def app_us(record):
    return record["cpu_us"]["app"]


def spread(values):
    """(highest - lowest) / median"""
    middle = statistics.median(values)
    return (max(values) - min(values)) / middle if middle else 0.0


def noise(records, point):
    """The null program's own spread at a point; ours where it was not run,
    and that of a page without a guard."""
    for who, of in (("null", app_us), ("sessgate", app_us),
                    ("open", box_us)):
        found = rounds_of(records, who, *point).values()
        if found:
            return spread([of(r) for r in found])
    return 0.0


def grid(head, rows):
    """A Markdown table whose columns are aligned for a terminal as well."""
    rows = [head, *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["| " + " | ".join(
        cell.ljust(width) if i == 0 or i == len(head) - 1
        else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(row, widths))) + " |"
        for row in rows]
    rule = "|" + "|".join("-" * (w + 1) + ("-" if i in (0, len(head) - 1)
                                           else ":")
                          for i, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def remarks(found, work):
    """What is wrong with a contender's rounds, in words."""
    said = []
    starved = max(r["starved"] for r in found)
    if starved:
        said.append(f"{starved} clients never answered")
    wrong = sum(n for r in found for status, n in r["statuses"].items()
                if int(status) not in works.find(work).statuses)
    if wrong:
        said.append(f"{wrong} wrong answers")
    failures = sum(r["failures"] for r in found)
    if failures:
        said.append(f"{failures} failures")
    return ", ".join(said)


def measured(records, point):
    """(label, rounds) of each that was measured at a point."""
    for who, label in (LABELS | guards.LABELS).items():
        found = list(rounds_of(records, who, *point).values())
        if found:
            yield label, found


def point_table(records, point):
    rows, groups = [], []
    for label, found in measured(records, point):
        groups = [g for g in GROUPS if g in found[0]["cpu_us"]]
        middle = lambda of: statistics.median(map(of, found))
        rows.append([
            label,
            *(f"{middle(lambda r, g=g: r['cpu_us'][g]):.1f}" for g in groups),
            f"{middle(box_us):.1f}", f"{middle(lambda r: r['rps']):.0f}",
            f"{middle(lambda r: r['p50_us']) / 1000:.2f}",
            f"{middle(lambda r: r['p99_us']) / 1000:.2f}",
            f"{max(r['peak_kib'] for r in found) / 1024:.1f}",
            remarks(found, point[0])])
    return grid(["", *(GROUPS[g] for g in groups), "box", "req/s", "p50 ms",
                 "p99 ms", "peak MiB", ""], rows)


def title(records, point):
    work, way, clients = point
    text = f"{works.title(work, way)}, {clients} clients"
    noisy = noise(records, point)
    return text + (f" (noisy: {noisy:.0%})" if noisy > NOISE else "")


# --- goals -------------------------------------------------------------------


@dataclasses.dataclass
class Goal:
    text: str
    is_low: bool                # the goal is a ceiling, else a floor
    bound: float
    values: typing.Callable     # records -> a value for each round
    form: str = "{:.2f}"


def ratio(above, below, point, of):
    """A round's value of one contender to that of another, in that round."""
    def values(records):
        first = rounds_of(records, above, *point)
        second = rounds_of(records, below, *point)
        return [of(first[n]) / of(second[n]) for n in sorted(first)
                if n in second and of(second[n])]
    return values


def own(point, of, who="sessgate"):
    return lambda records: [
        of(r) for r in rounds_of(records, who, *point).values()]


def extra(name):
    return lambda records: [r["value"] for r in records
                            if r["kind"] == "extra" and r["name"] == name]


def bad_answers(records):
    """Of sessgate, in all rounds: 5xx and connections that failed."""
    names = {Sessgate.name, *(g.name for g in guards.ALL if g.has_gate)}
    ours = [r for r in records
            if r["kind"] == "round" and r["who"] in names]
    return [float(sum(
        r["failures"] + sum(n for s, n in r["statuses"].items()
                            if int(s) >= 500) for r in ours))] if ours else []


LIGHTTPD = ("W1", "lighttpd", 64)
KEPT = ("W1", "nginx-kept", 64)
GOALS = (
    Goal("W1 / null libfcgi, behind lighttpd (aim 0.9)", True, 1.0,
         ratio("sessgate", "null", LIGHTTPD, app_us)),
    Goal("PHP-FPM / W1, behind lighttpd", False, 5,
         ratio("php", "sessgate", LIGHTTPD, app_us)),
    Goal("PHP-FPM / W1, behind nginx, kept", False, 8,
         ratio("php", "sessgate", KEPT, app_us)),
    Goal("Express / W1, behind nginx, kept", False, 12,
         ratio("express", "sessgate", KEPT, app_us)),
    Goal("whole box: W1 / nginx+Lua, behind nginx, kept", True, 1.0,
         ratio("sessgate", "lua", KEPT, box_us)),
    *(Goal(f"whole box: {title}, mod_sessgate, {clients} clients, us", True,
           bound, own((page, works.APACHE, clients), box_us, "module"),
           "{:.1f}")
      for page, title, bound in (("static", "a static page", 85),
                                 ("php", "a PHP page", 200))
      for clients in guards.CLIENTS),
    Goal("user instructions of W1", True, 20000, extra("instructions"),
         "{:.0f}"),
    Goal("user instructions of W1n, the gate", True, 22000,
         extra("gate_instructions"), "{:.0f}"),
    Goal("p99 / p50 at 256 kept connections, on the socket", True, 2,
         own(("W1", "kept", 256), lambda r: r["p99_us"] / r["p50_us"])),
    Goal("p99 / p50 at 256 clients, behind nginx, kept", True, 2,
         own(("W1", "nginx-kept", 256), lambda r: r["p99_us"] / r["p50_us"])),
    Goal("answers 5xx and failures, all rounds", True, 0, bad_answers,
         "{:.0f}"),
    Goal("kept connections of 1000 that are not served", True, 0,
         extra("unserved_of_1000"), "{:.0f}"),
    Goal("rate of checks during 8 bcrypt logins / quiet", False, 0.3,
         extra("storm_rate")),
    Goal("p99 of checks meanwhile, ms", True, 25, extra("storm_p99_ms"),
         "{:.1f}"),
    Goal("Redis 1 ms away: rate of hits / local", False, 0.9,
         extra("far_hits")),
    Goal("Redis 1 ms away: rate of misses at 256 clients / local", False, 0.6,
         extra("far_misses")),
    Goal("memory after load / PHP-FPM with 8 children", True, 0.3,
         ratio("sessgate", "php", LIGHTTPD, lambda r: r["memory_kib"])),
    Goal("start to first answer, ms", True, 50, extra("start_ms"), "{:.0f}"),
    Goal("a hit where Redis has 10^6 sessions / 10^3", True, 1.25,
         extra("growth_hot")),
    Goal("a miss where Redis has 10^6 sessions / 10^3", True, 1.25,
         extra("growth_once")),
)


def verdict(goal, value):
    if value <= goal.bound if goal.is_low else value >= goal.bound:
        return "met"
    return f"missed by {abs(value / goal.bound - 1):.0%}" if goal.bound \
        else "missed"


def goals_table(records):
    rows = []
    for goal in GOALS:
        bound = ("<= " if goal.is_low else ">= ") + f"{goal.bound:g}"
        values = goal.values(records)
        if not values:
            rows.append([goal.text, bound, "", "", "not measured"])
            continue
        middle = statistics.median(values)
        rows.append([goal.text, bound, goal.form.format(middle),
                     f"{goal.form.format(min(values))} to "
                     f"{goal.form.format(max(values))}",
                     verdict(goal, middle)])
    return grid(["", "goal", "median", "of rounds", ""], rows)


def machine_text(machine):
    versions = ", ".join(f"{n} {v}" for n, v in machine["versions"].items())
    return (f"{machine['date']}, {machine['commit']}: {machine['cores']} cores "
            f"({machine['cpu']}), Linux {machine['kernel']}, load "
            f"{machine['load']} before and {machine['load_after']} after.\n"
            f"{versions}.")


def guards_cell(records, who, point):
    """What a page costs, and in the same rounds more than without a guard."""
    found = rounds_of(records, who, *point)
    if not found:
        return ""
    said = f"{statistics.median(map(box_us, found.values())):.1f}"
    free = rounds_of(records, "open", *point)
    more = [box_us(found[n]) - box_us(free[n]) for n in found if n in free]
    if who == "open" or not more:
        return said
    return f"{said} ({statistics.median(more):+.1f})"


def guards_table(records):
    shown = [p for p in points(records) if p[1] == works.APACHE]
    rows = []
    for who, label in guards.LABELS.items():
        found = [r for p in shown
                 for r in rounds_of(records, who, *p).values()]
        if found:
            rows.append([label,
                         *(guards_cell(records, who, p) for p in shown),
                         remarks(found, shown[0][0])])
    return grid(["", *(f"{work}, {clients}" for work, _, clients in shown),
                 ""], rows)


def guards_text(records):
    """The part of the guards on Apache; empty where none was measured."""
    if not any(p[1] == works.APACHE for p in points(records)):
        return []
    machine = next(r for r in records if r["kind"] == "guards")
    return ["## Guards on Apache",
            "Microseconds of processor time of the whole box a request: "
            "Apache, the guard and its stores, PHP-FPM; in parentheses the "
            "difference to the page without a guard in the same round. A "
            "static page and a PHP page, by clients; medians over the rounds.",
            machine_text(machine),
            *(f"{what}: {why}; skipped."
              for what, why in machine["missing"].items()),
            guards_table(records)]


def render(records):
    """The whole report as Markdown."""
    machine = next(r for r in records if r["kind"] == "machine")
    parts = ["# What sessgate costs", machine_text(machine)]
    parts += [f"{what}: {why}; skipped."
              for what, why in machine["missing"].items()]
    noisy = [p for p in points(records) if noise(records, p) > NOISE]
    if noisy:
        parts.append(
            f"**noisy**: at {len(noisy)} of {len(points(records))} points the "
            f"null program's own cost differs by more than {NOISE:.0%} "
            "between rounds; other work ran on this machine.")
    parts += ["## Goals", "Ratios are of processor time a request, of the "
              "same round; median over the rounds.", goals_table(records),
              *guards_text(records), "## Points", "Microseconds of processor time a request, of the "
              "program, the web server, Redis, the database, and their sum; "
              "medians over the rounds."]
    for point in points(records):
        parts += [f"### {title(records, point)}", point_table(records, point)]
    return "\n\n".join(parts) + "\n"
