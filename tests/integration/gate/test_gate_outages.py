"""The gate while the program is restarted, killed, away or frozen.

In doubt it is shut: 5xx, never a page, on each kind of web server; the whole
host of one is no different from a folder here.
"""

import os
import threading
import time

import pytest

import process
import servers
import sites
from sites import FOLDER, NAVIGATION, PAGE

pytestmark = pytest.mark.plain_build

KINDS = ["lighttpd", "apache", "apache-module", "nginx", "nginx-proxy"]
LONG = os.environ.get("SESSGATE_LONG") == "1"
PAGES = [FOLDER + "page.html", FOLDER + "who.php"]


@pytest.fixture(scope="module", params=KINDS)
def site(request, place, stores, frail_redis):
    made = sites.KINDS[request.param](place("w"), {
        **stores, "log.target": "stderr", "redis.url": frail_redis.url,
        # a machine that is busy with the load is no outage
        "redis.connect_timeout": "1s", "redis.command_timeout": "1s"})
    yield made
    made.close()


@pytest.fixture
def visitor(site, frail_redis, alice):
    frail_redis.restore()
    frail_redis.client.flushall()
    made = sites.Visitor(site.port)
    assert process.until(lambda: is_logged_in(made, alice), 5) is not None
    yield made
    frail_redis.restore()


def is_logged_in(visitor, user):
    return visitor.ask(
        "POST", servers.MOUNT + "/login", user.login).status == 200


def is_down(answer):
    """5xx, no page, and the cookie stays good."""
    assert answer.status >= 500, answer
    assert PAGE not in answer.text
    assert not answer.headers["Set-Cookie"]
    return True


def opens_again(visitor, within=5):
    return process.until(
        lambda: visitor.ask("GET", PAGES[1]).status == 200,
        within * process.SLACK) is not None


class Load:
    """Visitors with and without a session; what they got that was wrong."""

    def __init__(self, site, cookie):
        self.site = site
        self.shown, self.refused, self.lost, self.leaks = 0, 0, [], []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.visit, args=(mine,))
                        for mine in (cookie, cookie, cookie, None, None)]
        for thread in self.threads:
            thread.start()

    def visit(self, cookie):
        visitor = sites.Visitor(self.site.port)
        while not self.stopping.is_set():
            for path in PAGES:
                visitor.cookie = cookie
                try:
                    self.judge(cookie, visitor.ask(
                        "GET", path, headers=NAVIGATION))
                except OSError as why:
                    self.lost.append(repr(why))
            time.sleep(0.01)

    def judge(self, cookie, came):
        if cookie and came.status == 200:
            self.shown += 1
        elif not cookie and came.status == 303:
            self.refused += 1
        elif not cookie and (came.status < 500 or PAGE in came.text):
            self.leaks.append(came)
        else:
            self.lost.append(came)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def test_a_restart_under_load_lets_nobody_in_and_keeps_nobody_out(
        site, visitor, record_property):
    """With sockets that are kept (as systemd does) no request is lost."""
    load = Load(site, visitor.cookie)
    try:
        for _ in range(3):
            time.sleep(0.3)
            site.restart_program()
        time.sleep(0.3)
    finally:
        load.stop()
    record_property("shown", load.shown)
    assert not load.leaks
    assert not load.lost
    assert load.shown > 20 and load.refused > 10


def test_killed_under_load_it_lets_nobody_in(site, visitor):
    load = Load(site, visitor.cookie)
    try:
        for _ in range(3):
            time.sleep(0.2)
            site.kill_program()
        time.sleep(0.2)
    finally:
        load.stop()
    assert not load.leaks
    assert load.shown > 10
    assert opens_again(visitor)


def test_while_it_is_away_no_page_is_shown(site, visitor):
    cookie, ran = visitor.cookie, site.runs()
    site.take_program_away()
    try:
        for visitor.cookie in (cookie, None):
            for path in PAGES:
                for method in ("GET", "POST", "HEAD"):
                    came = visitor.ask(method, path, headers=NAVIGATION)
                    assert is_down(came) and came.status == site.away
        assert site.runs() == ran
        assert visitor.ask("GET", "/page.html").status == 200
    finally:
        site.bring_program_back()
    visitor.cookie = cookie
    assert opens_again(visitor)


def test_while_it_is_frozen_no_page_is_shown(site, visitor):
    """5xx after the five seconds of the configuration; mod_authnz_fcgi
    takes 30, mod_sessgate a half."""
    patience = 35 if LONG or not isinstance(site, sites.Apache) else 3
    answers, ran = [], site.runs()

    def ask(path, cookie):
        asking = sites.Visitor(site.port, timeout=60)
        asking.cookie = cookie
        answers.append(asking.ask("GET", path))

    site.gate.process.freeze()
    threads = [threading.Thread(target=ask, args=(path, cookie))
               for path in PAGES for cookie in (visitor.cookie, None)]
    try:
        for thread in threads:
            thread.start()
        process.until(lambda: len(answers) == len(threads), patience)
        assert all(is_down(answer) for answer in answers)
        assert len(answers) == (len(threads) if patience > 30 else 0)
        assert site.runs() == ran
    finally:
        site.gate.process.thaw()
        for thread in threads:
            thread.join()
    assert opens_again(visitor)


def test_without_redis_no_page_is_shown(site, visitor, frail_redis, alice):
    ran = site.runs()
    frail_redis.stop()
    for path in PAGES:
        for method in ("GET", "POST", "HEAD"):
            came = visitor.ask(method, path, headers=NAVIGATION)
            assert is_down(came) and came.status == site.outage
    assert site.runs() == ran
    frail_redis.start()
    assert process.until(
        lambda: visitor.ask("GET", PAGES[0]).status == 401, 5) is not None
    visitor.log_in(alice)
    assert opens_again(visitor)


def test_while_redis_is_frozen_no_page_is_shown(site, visitor, frail_redis):
    ran = site.runs()
    frail_redis.freeze()
    for path in PAGES * 2:
        came = visitor.ask("GET", path, headers=NAVIGATION)
        assert is_down(came) and came.status == site.outage
    assert site.runs() == ran
    frail_redis.thaw()
    assert opens_again(visitor)
