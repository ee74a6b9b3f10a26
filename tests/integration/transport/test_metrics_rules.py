"""contrib/prometheus and contrib/grafana name metrics that there are."""

import json
import os
import re

import pytest

import metrics
import stack

RULES = os.path.join(stack.TOP, "contrib", "prometheus")
BOARD = os.path.join(stack.TOP, "contrib", "grafana", "sessgate.json")
MANUAL = os.path.join(stack.TOP, "doc", "operations.md")


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def declared():
    """The names in the table of metrics, and what /metrics adds to them."""
    table = text_of(os.path.join(stack.TOP, "src", "base", "counters.def"))
    rows = re.findall(r'^(?:SITE_)?(COUNTER|HISTOGRAM|GAUGE)\(\w+, "(\w+)"',
                      table, re.M)
    names = {"build_info", "processes", "start_time_seconds"}
    for kind, name in rows:
        if kind == "HISTOGRAM":
            names |= {f"{name}_{end}" for end in ("bucket", "sum", "count")}
        else:
            names.add(name)
    return names


def board_queries():
    board = json.loads(text_of(BOARD))
    return [target["expr"] for panel in board["panels"]
            for target in panel["targets"]] + [
                note["expr"] for note in board["annotations"]["list"]]


def test_the_table_is_what_is_shown(gate, alice):
    """But for what is not known: no store is asked over TLS."""
    gate.log_in(alice)
    whole = {re.sub("_(bucket|sum|count)$", "", name) for name in declared()}
    whole.remove("certificate_expiry_time_seconds")
    assert gate.heals(lambda: whole <= set(re.findall(
        r"^# TYPE sessgate_(\w+)", gate.get("/metrics").body.decode(), re.M)))


@pytest.mark.plain_build
def test_the_rules_are_right_and_fire():
    rules = os.path.join(RULES, "rules.yml")
    assert metrics.promtool("check", "rules", rules) == ""
    assert metrics.promtool(
        "test", "rules", os.path.join(RULES, "rules_test.yml")) == ""


@pytest.mark.plain_build
def test_rules_and_dashboard_name_no_metric_that_is_not_there():
    texts = [text_of(os.path.join(RULES, name))
             for name in ("rules.yml", "rules_test.yml")] + board_queries()
    named = set(re.findall(r"\bsessgate_(\w+)", "\n".join(texts)))
    assert named and named <= declared(), named - declared()


@pytest.mark.plain_build
def test_the_dashboard_has_twelve_panels_whose_queries_parse(tmp_path):
    """promtool takes each query as a rule."""
    assert len(json.loads(text_of(BOARD))["panels"]) == 12
    rules = [{"record": f"q:{number}", "expr": query
              .replace("$__rate_interval", "5m").replace("$instance", ".*")}
             for number, query in enumerate(board_queries())]
    file = tmp_path / "board.yml"  # YAML takes JSON
    file.write_text(json.dumps({"groups": [{"name": "b", "rules": rules}]}))
    assert metrics.promtool("check", "rules", str(file)) == ""


@pytest.mark.plain_build
def test_each_alert_is_explained():
    alerts = re.findall(r"alert: (\w+)", text_of(
        os.path.join(RULES, "rules.yml")))
    manual = text_of(MANUAL)
    assert alerts and all(f"| `{alert}` |" in manual for alert in alerts)
