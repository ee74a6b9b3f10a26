"""Paths and methods: what is there, for whom, and what Allow says."""

import pytest

from saying import is_like, says_no


def allowed(answer):
    return set(answer.header("Allow").replace(" ", "").split(","))


@pytest.fixture
def cookie(gate, alice):
    return gate.log_in(alice)


# health

@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_shown_to_the_addresses_of_ops(gate, path):
    is_like(gate.get(path), 200, '{"message":"OK"}')
    says_no(gate.get(path, address="192.0.2.8"), 404, "Not found",
            "not_found")
    says_no(gate.get(path, address=""), 404, "Not found", "not_found")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_shown_to_nobody_by_default(module_gate, redis, path):
    gate = module_gate()
    for address in ("127.0.0.1", "::1", "192.0.2.7"):
        says_no(gate.get(path, address=address), 404, "Not found",
                "not_found")


@pytest.mark.parametrize("address,shown", [
    ("127.0.0.1", True), ("10.1.2.3", True), ("10.2.0.0", False),
    ("2001:db8::1", True), ("2001:db9::1", False), ("::ffff:127.0.0.1", None),
    ("127.0.0.1, 10.1.2.3", False), ("nonsense", False)])
def test_ops_access_takes_addresses_and_networks(
        module_gate, redis, address, shown):
    gate = module_gate(
        {"ops.access": "127.0.0.1, 10.1.0.0/16, 2001:db8::/32"})
    status = gate.get("/healthz", address=address).status
    assert status in ((200, 404) if shown is None else
                      (200,) if shown else (404,))


# methods and paths

@pytest.mark.parametrize("path,method", [
    ("/login", "DELETE"), ("/login", "PATCH"), ("/auth", "POST"),
    ("/auth", "DELETE"), ("/user/42", "POST"), ("/user/me", "DELETE"),
    ("/logout", "PUT"), ("/logout", "BREW"), ("/auth", "get")])
def test_another_method_is_405_and_allow_tells(gate, path, method):
    answer = gate.ask(method, path)
    says_no(answer, 405, "Method not allowed", "method_not_allowed")
    assert method not in allowed(answer)
    assert allowed(answer) == allowed(gate.ask("OPTIONS", path))


@pytest.mark.parametrize("path,methods", [
    ("/login", {"GET", "HEAD", "POST"}), ("/auth", {"GET", "HEAD"}),
    ("/logout", {"GET", "HEAD", "POST"}),
    ("/logout/all", {"POST"}), ("/sessions", {"GET", "HEAD"}),
    ("/sessions/x", {"DELETE"}), ("/sessions/x/end", {"POST"}),
    ("/user/42", {"GET", "HEAD"}), ("/user/me", {"GET", "HEAD"}),
    ("/healthz", {"GET", "HEAD"}), ("/readyz", {"GET", "HEAD"})])
def test_options_is_204_and_allow(gate, path, methods):
    answer = gate.ask("OPTIONS", path)
    assert (answer.status, answer.body) == (204, b"")
    assert methods | {"OPTIONS"} <= allowed(answer)


@pytest.mark.parametrize("path", [
    "/auth", "/user/me", "/healthz", "/nowhere", "/login", "/logout"])
@pytest.mark.parametrize("logged_in", [True, False])
def test_head_is_get_without_its_body(gate, cookie, path, logged_in):
    known = cookie if logged_in else None
    gate.get(path, known)
    full, head = gate.get(path, known), gate.ask("HEAD", path, cookie=known)
    assert head.body == b""
    assert head.status == full.status
    skip = ("content-length",)
    assert [h for h in head.headers if h[0].lower() not in skip] == [
        h for h in full.headers if h[0].lower() not in skip]


@pytest.mark.parametrize("path", [
    "", "/", "/nowhere", "/authx", "/auth/x", "/AUTH", "/loginx", "/userx",
    "/sessgate/auth", "/%61uth", "/auth?x", "/auth;x", "/index.php"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_an_unknown_path_is_404(gate, method, path):
    says_no(gate.ask(method, path), 404, "Not found", "not_found")


@pytest.mark.parametrize("script,info", [
    ("/sessgate/auth", None), ("/sessgate/auth", ""), ("/sessgate", "/auth"),
    ("", "/sessgate/auth"), ("/sess", "gate/auth")])
def test_the_path_is_script_name_and_path_info(gate, script, info):
    """nginx and Apache send the former alone, lighttpd splits it."""
    params = gate.params(SCRIPT_NAME=script, PATH_INFO=info)
    if info is None:
        del params["PATH_INFO"]
    with gate.connect() as line:
        assert line.ask(params).code == "token_missing"


@pytest.mark.parametrize("script", ["/auth", "/sessgatex/auth", "sessgate/auth",
                                    "/Sessgate/auth", "/x/sessgate/auth"])
def test_outside_the_mount_nothing_is_known(gate, script):
    params = gate.params(SCRIPT_NAME=script, PATH_INFO="")
    with gate.connect() as line:
        says_no(line.ask(params), 404, "Not found", "not_found")


@pytest.mark.parametrize("mount,path", [
    ("", "/auth"), ("/a/b", "/a/b/auth")])
def test_the_mount_is_an_option(module_gate, redis, mount, path):
    gate = module_gate({"server.mount": mount})
    params = gate.params(SCRIPT_NAME=path, PATH_INFO="", REQUEST_URI=path)
    with gate.connect() as line:
        assert line.ask(params).code == "token_missing"


def test_the_query_takes_no_part_in_routing(gate):
    answer = gate.get("/auth", QUERY_STRING="x=/../login",
                      REQUEST_URI="/sessgate/auth?x=/../login")
    assert answer.code == "token_missing"
