"""The counters of the program, as Prometheus reads them."""

import re
import subprocess

import process

LINE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")


def read(text):
    """{name: {labels: value}}; labels as the text has them, or "" for none."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = LINE.fullmatch(line).groups()
        found.setdefault(name.removeprefix("sessgate_"), {})[
            labels or ""] = float(value)
    return found


def scrape(gate, address="192.0.2.7", **more):
    """The metrics of a gate whose [ops] access names that address."""
    answer = gate.get("/metrics", address=address, **more)
    assert answer.status == 200, answer
    return read(answer.body.decode())


def growth(gate, name, work):
    """The growth of a counter in work(): {labels: by how much}, no zeros."""
    before = scrape(gate).get(name, {})
    work()
    after = scrape(gate).get(name, {})
    return {labels: int(value - before.get(labels, 0))
            for labels, value in after.items()
            if value != before.get(labels, 0)}


def promtool(*args, stdin=None):
    """The complaints of promtool; there should be none ("")."""
    done = subprocess.run(
        [process.tool("promtool"), *args], input=stdin, capture_output=True,
        timeout=60, check=False)
    said = (done.stdout + done.stderr).decode()
    return "" if done.returncode == 0 else said or "it failed"
