"""GET /metrics: who may ask, and what it says."""

import metrics

OPS = {"ops.access": "192.0.2.7"}


def test_metrics_are_for_ops_access_alone(gate):
    answer = gate.get("/metrics")
    assert answer.status == 200
    assert answer.header("Content-Type") == \
        "text/plain; version=0.0.4; charset=utf-8"
    assert gate.get("/metrics", address="192.0.2.8").status == 404


def test_promtool_finds_nothing_to_complain_of(gate, alice):
    cookie = gate.log_in(alice)
    gate.get("/auth", cookie=cookie)
    body = gate.get("/metrics").body
    assert metrics.promtool("check", "metrics", stdin=body) == ""


def test_requests_are_counted_by_role_route_and_status(gate, alice):
    cookie = gate.log_in(alice)

    def ask():
        gate.get("/auth", cookie=cookie)
        gate.get("/auth")
        gate.get("/user/42", cookie=cookie)
        gate.get("/nowhere")
        gate.ask("PUT", "/auth")

    assert metrics.growth(gate, "requests_total", ask) == {
        'role="api",route="/auth",status="200"': 1,
        'role="api",route="/auth",status="401"': 1,
        'role="api",route="/auth",status="405"': 1,
        'role="api",route="/user/{id}",status="200"': 1,
        'role="api",route="other",status="404"': 1,
        'role="api",route="/metrics",status="200"': 1}
