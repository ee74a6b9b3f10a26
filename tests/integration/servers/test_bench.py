"""The benchmark runs, everybody in it answers as they should, and a request
costs no more instructions than bench/ceiling says."""

import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree

import pytest

import gate as gates
import process
import stack

pytestmark = pytest.mark.plain_build  # it counts, and measures no time

MAIN = os.path.join(stack.TOP, "bench", "main.py")
SKIPPED = 77
# how many ways of asking each contender has
CONTENDERS = {"sessgate": 27, "null": 21, "php": 24, "express": 17, "lua": 5}


def bench(*options, out):
    """Runs it against the program under test; what it did and said."""
    return subprocess.run(
        ["/usr/bin/python3", "-B", MAIN, "--out", str(out), *options],
        env=os.environ | {"SESSGATE": gates.binary()}, text=True,
        capture_output=True, timeout=300, check=False)


def well(ran):
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_everybody_answers_as_they_should_in_every_way(tmp_path):
    said = well(bench("--check", out=tmp_path))
    missing = re.findall(r"^(.*); skipped$", said, re.M)
    if missing:
        process.lacking("for the benchmark: " + ", ".join(missing))
    counts = re.search(r"^answers as it should: (.*)$", said, re.M)[1]
    assert dict(re.findall(r"(\w+) (\d+) times", counts)) == {
        name: str(count) for name, count in CONTENDERS.items()}


@pytest.fixture(scope="module")
def tiny_run(tmp_path_factory):
    """The shortest run there can be, beside the null program alone."""
    out = tmp_path_factory.mktemp("bench")
    said = well(bench(
        "--quick", "--rounds", "2", "--seconds", "0.2", "--clients", "4",
        "--works", "W1", "--ways", "kept", "--against", "null",
        out=out))
    return said, out


def test_a_round_counts_every_answer_and_every_microsecond(tiny_run):
    _, out = tiny_run
    with open(out / "bench.jsonl", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    rounds = [line for line in lines if line["kind"] == "round"]
    assert [(r["who"], r["round"]) for r in rounds] == [
        ("sessgate", 0), ("null", 0), ("null", 1), ("sessgate", 1)]
    for line in rounds:
        assert line["statuses"] == {"200": line["answers"]}, line
        assert line["answers"] > 50 and line["failures"] == 0, line
        assert 0 < line["p50_us"] <= line["p99_us"] <= 1.05 * line["max_us"]
        assert line["cpu_us"]["app"] > 0.5 and line["memory_kib"] > 100
    assert {line["name"] for line in lines if line["kind"] == "extra"} == {
        "start_ms", "unserved_of_1000"}


def test_the_report_has_the_goals_and_the_chart_is_svg(tiny_run):
    said, out = tiny_run
    assert re.search(r"^\| start to first answer, ms +\| +<= 50 \|", said,
                     re.M), said
    assert "| null libfcgi |" in said
    chart = xml.etree.ElementTree.parse(out / "bench.svg").getroot()
    assert chart.tag.endswith("svg")


def test_each_guard_on_apache_guards_and_has_a_row(tiny_run, tmp_path):
    _, before = tiny_run
    shutil.copy(before / "bench.jsonl", tmp_path)
    said = well(bench("--apache", "--rounds", "1", "--seconds", "0.1",
                      "--clients", "2", out=tmp_path))
    missing = [what for what in re.findall(r"^(.*): .*; skipped$", said, re.M)
               if not what.startswith("mod_auth_openidc")]  # not in CI
    if missing:
        process.lacking("for the benchmark: " + ", ".join(missing))
    with open(tmp_path / "bench.md", encoding="utf-8") as file:
        page = file.read()
    table = page.partition("## Guards on Apache")[2].partition("## ")[0]
    for name in ("mod_sessgate", "mod_authnz_fcgi", "mod_auth_form, crypto"):
        assert re.search(rf"^\| {name} +(\| +[\d.]+ \([+-][\d.]+\) ){{2}}\| +\|$",
                         table, re.M), page
    assert "| null libfcgi |" in page  # what was there of the others


def test_a_request_costs_no_more_instructions_than_the_ceiling(tmp_path):
    ran = bench("--instructions", out=tmp_path)
    if ran.returncode == SKIPPED and "sanitizers" in ran.stdout:
        pytest.skip(ran.stdout.strip())
    if ran.returncode == SKIPPED:
        process.lacking("valgrind")
    said = well(ran)
    for kind in ("W1", "W1n", "W1-asked"):
        assert re.search(kind + r" on new connections: \d+ \(ceiling "
                         r"(\d+|none for [a-z]+(-\d+)?)\)", said), said


def test_the_ceiling_is_of_the_release_that_is_developed_on():
    said = subprocess.run(
        ["/usr/bin/python3", "-B", "-c", "import instructions as i; print("
         "i.ceiling('W1', 'debian-12'), i.ceiling('W1', 'debian-13'), "
         "i.release())"], cwd=os.path.dirname(MAIN), text=True,
        stdout=subprocess.PIPE, check=True).stdout
    assert re.fullmatch(r"\d{5} None [a-z]+(-[\d.]+)?\n", said), said
