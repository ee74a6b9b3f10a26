"""Ends of sessions around an outage and a fail-over of Redis."""

import pytest

import gate as gates

FORM = "application/x-www-form-urlencoded"
STILL_OPEN = {"en": "The server could not end the session yet",
              "de": "Der Server konnte die Sitzung noch nicht beenden"}


@pytest.mark.parametrize("language", STILL_OPEN)
def test_a_form_that_logs_out_in_an_outage_loses_its_cookie_and_is_told(
        start_gate, own_redis, alice, language):
    gate = start_gate({"redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    own_redis.process.kill()
    answer = gate.ask("POST", "/logout", cookie=cookie, content_type=FORM,
                      HTTP_ACCEPT_LANGUAGE=language,
                      HTTP_SEC_FETCH_SITE="same-origin")
    assert (answer.status, answer.code) == (503, "redis_unavailable")
    assert STILL_OPEN[language] in answer.text
    expired = answer.all("Set-Cookie")
    assert [one.split("=")[0] for one in expired] == [gates.SECURE_COOKIE]
    assert "; Max-Age=0;" in expired[0]
