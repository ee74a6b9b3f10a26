"""sessgatectl stats and top: the counters of a host, with and without it."""

import re
import time

import pytest

import metrics
import taps


@pytest.fixture
def settings(place):
    return {"ops.counters": f"{place()}/counters", "ops.access": "192.0.2.7"}


@pytest.fixture
def counting(ctl, settings):
    return ctl.with_settings(settings)


def test_without_a_file_it_says_so(counting, settings):
    said = counting("stats")
    assert said.status == 1 and said.out == ""
    assert settings["ops.counters"] in said.err


def test_what_processes_counted_outlives_them(
        start_gate, ended, counting, settings, alice):
    gate = start_gate(settings)
    gate.log_in(alice)
    scraped = metrics.scrape(gate)
    assert metrics.read(counting("stats", "--prometheus").out)[
        "logins_total"] == scraped["logins_total"]
    gate.stop()
    ended(gate)
    said = counting("stats")
    assert said.status == 0
    assert re.search(r"^logins_total +ok +1$", said.out, re.M), said
    assert re.search(r"^processes +0$", said.out, re.M)
    assert re.search(r"^mysql_seconds +\d+, [\d.]+ ms each$", said.out, re.M)
    assert "_bucket" not in said.out


def test_json_is_an_object_for_each_series(
        start_gate, counting, settings, alice):
    start_gate(settings).log_in(alice)
    found = [one for one in counting("--json", "stats").objects
             if one["name"] == "sessgate_requests_total"]
    assert found == [{"name": "sessgate_requests_total", "value": 1,
                      "labels": {"role": "api", "route": "/login",
                                 "status": "200"}}]


def test_the_text_is_what_promtool_wants(start_gate, counting, settings):
    start_gate(settings)
    said = counting("stats", "--prometheus")
    assert metrics.promtool(
        "check", "metrics", stdin=said.out.encode()) == ""


def test_it_watches(start_gate, counting, settings):
    start_gate(settings)
    said = counting("stats", "--watch", "1s", "--times", "2")
    assert said.out.count("METRIC") == 2
    assert "\033" not in said.out  # it is no terminal


def test_top_shows_rates(start_gate, counting, settings):
    gate = start_gate(settings)
    with gate.connect() as connection:
        def ask():
            connection.ask(gate.params(), keep=True)
            time.sleep(0.002)
        with taps.Clients(ask):
            said = counting("--json", "top", "--once")
    assert len(said.objects) == 1, (said.out, said.err)
    row, = said.objects
    assert row["site"] == "-" and row["requests"] > 10
    assert row["denied"] > 10 and row["cachedPercent"] == 100
    said = counting("top", "--once")
    assert "SITE" in said.out and "1 process," in said.out
    assert re.search(r"^redis +up ", said.out, re.M)


def test_a_file_of_another_kind_is_refused(counting, settings):
    with open(settings["ops.counters"], "wb") as file:
        file.write(b"x" * 100000)
    for command in ("stats", "top"):
        said = counting(command)
        assert said.status == 71 and "no file of counters" in said.err
