"""Shared by the tests of the user cache: programs behind taps, the key."""

import json
import os
import re

import pytest

import taps

KEY = "user:42"
LEASE = re.compile(r"0e\d+")


@pytest.fixture(scope="module")
def sql_tap(mysql_server, place):
    with taps.Tap(mysql_server.path,
                  os.path.join(place("p"), "p.sock")) as tap:
        yield tap


@pytest.fixture
def gate(module_gate, sql_tap, changer, redis):
    """A program whose profiles can be changed, behind sql_tap."""
    gate = module_gate({"mysql.url": changer.url(sql_tap.address),
                        "user.access": "public"})
    sql_tap.be_plain()
    yield gate
    sql_tap.be_plain()


@pytest.fixture
def cookie(gate, alice):
    """Alice's; her row is not cached."""
    return gate.log_in(alice)


@pytest.fixture
def redis_tap(own_redis, place):
    with taps.Tap(own_redis.path, os.path.join(place("p"), "p.sock")) as tap:
        yield tap


@pytest.fixture
def shaky(start_gate, redis_tap, changer, alice):
    """One whose Redis is behind redis_tap."""
    return start_gate({"redis.url": "unix://" + redis_tap.address,
                       "mysql.url": changer.url(), "user.access": "public"})


def patch(gate, cookie, uid="me", **document):
    return gate.ask("PATCH", f"/user/{uid}", cookie=cookie, document=document)


def name_in_table(mysql, uid=42):
    with mysql.admin() as sql:
        sql.execute("SELECT name FROM users WHERE id = %s", (uid,))
        return sql.fetchone()[0]


def name_cached(redis, uid=42):
    """The name in the cached row; None where no row is cached."""
    value = redis.client.get(f"user:{uid}")
    if value is None or LEASE.fullmatch(value):
        return None
    return json.loads(value)["name"]


def holds_lease(redis):
    return LEASE.fullmatch(redis.client.get(KEY) or "") is not None
