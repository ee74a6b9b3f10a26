"""Users and sessions to ask for.

One login is made in earnest; its record in Redis is the pattern of all
others, so that whatever the program keeps in a record is right.  The same
tokens open sessions of the Node application's kind, which the other
contenders read.
"""

import base64
import hashlib
import json
import os
import re

import wire
from stores import SECRET

LIFE_S = 604800
TOKEN = re.compile(rb"Set-Cookie: [^=]+=([\w-]+)")


def new_token():
    return base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


def hashed(token):
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def log_in(socket, uid=1, mount="/sessgate"):
    """The token of a login through the API."""
    body = json.dumps({"email": f"user{uid}@example.org",
                       "password": SECRET}).encode()
    answer = wire.ask_fcgi(socket, wire.fcgi(wire.params(
        "POST", "/login", None, mount=mount, body=body,
        headers={"Content-Type": "application/json"}), body))
    found = TOKEN.search(answer)
    if not found:
        raise RuntimeError(f"no login: {answer!r}")
    return found[1].decode()


def row(uid):
    return json.dumps(
        {"id": str(uid), "name": f"User Number {uid}",
         "email": f"user{uid}@example.org", "image": f"/images/{uid}.png"},
        separators=(",", ":"))


class Seed:
    def __init__(self, redis, socket):
        self.redis = redis
        token = log_in(socket)
        self.record = redis.ask("GET", "sess:" + hashed(token)).decode()
        self.generation = redis.ask("GET", "ugen:{1}").decode()

    def record_of(self, uid):
        return (self.record.replace('"userId":"1"', f'"userId":"{uid}"')
                .replace("user1@", f"user{uid}@"))

    def sessions(self, uids, *, plain=True):
        """A session for each of these; a list of (id, token)."""
        made, commands = [], []
        for uid in uids:
            token = new_token()
            made.append((uid, token))
            commands.append(("SET", "sess:" + hashed(token),
                             self.record_of(uid), "EX", LIFE_S))
            if plain:
                commands.append((
                    "SET", "sess:" + token,
                    f'{{"userId":"{uid}","createdAt":1795522292265}}',
                    "EX", LIFE_S))
        commands += [("SET", f"ugen:{{{uid}}}", self.generation, "EX", LIFE_S)
                     for uid in set(uids)]
        self.redis.ask_all(commands)
        return made

    def end(self, sessions):
        """Takes these away again, behind everybody's back."""
        self.redis.ask_all([("UNLINK", "sess:" + hashed(token))
                            for _, token in sessions])

    def cache_users(self, uids):
        """Longer than the five minutes they get: a round may not miss."""
        self.redis.ask_all([("SET", f"user:{uid}", row(uid), "EX", 3600)
                            for uid in uids])

    def forget_users(self, uids):
        keys = [f"user:{uid}" for uid in uids]
        self.redis.ask_all([("UNLINK", *keys[i:i + 500])
                            for i in range(0, len(keys), 500)])
