"""The printed locations for Prometheus: open to it, closed to others."""

import http.client

import pytest

import metrics
import servers

pytestmark = pytest.mark.plain_build

SCRAPER, OTHER = "127.0.0.1", "127.0.0.2"


class Lighttpd(servers.Lighttpd):
    names = ("lighttpd", "lighttpd-metrics")

    def frame(self):
        return super().frame() + "\n@lighttpd-metrics@"


class Apache(servers.Apache):
    names = ("apache", "apache-metrics")

    def frame(self):
        return super().frame() + "\n@apache-metrics@"


class Nginx(servers.Nginx):
    names = ("nginx", "nginx-metrics")

    def frame(self):
        return super().frame() + "\n@nginx-metrics@"


def get(port, path, source):
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=5, source_address=(source, 0))
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.mark.parametrize("kind", [Lighttpd, Apache, Nginx])
def test_the_location_is_for_the_scraper_alone(
        place, stores, mysql_server, redis, kind):
    """The location is closed, whomever [ops] access admits."""
    front = kind(place("w"), {**stores, "log.target": "stderr",
                              "ops.access": "127.0.0.0/8"})
    try:
        status, text = get(front.port, "/sessgate/metrics", SCRAPER)
        assert status == 200
        assert metrics.read(text)["processes"] == {"": 1}
        for path in ("/sessgate/metrics", "/sessgate/metrics?site=x",
                     "/sessgate/%6detrics", "/sessgate/./metrics"):
            status, text = get(front.port, path, OTHER)
            assert status in (400, 403, 404) and "sessgate_" not in text, path
        for source in (SCRAPER, OTHER):
            assert get(front.port, "/sessgate/auth", source)[0] == 401
    finally:
        front.close()
