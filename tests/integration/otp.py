"""The second factor, for its tests: a table of secrets, and their codes."""

import base64
import hashlib
import hmac
import time

import process

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # of RFC 6238
TABLE = ("CREATE TABLE factors (user_id BIGINT UNSIGNED PRIMARY KEY, "
         "totp VARCHAR(200) NULL)")
BY_LOGIN = ("SELECT id, email AS login, name, email, image, password AS hash, "
            "totp FROM users LEFT JOIN factors ON user_id = id "
            "WHERE email = :login")
UPDATE = ("UPDATE factors SET totp = :totp WHERE user_id = :id "
          "AND (:totp IS NULL OR COALESCE(totp, '') = '')")
SETTINGS = {"mysql.user_by_login": BY_LOGIN}


def code(step, secret=SECRET):
    """The code of a step, by RFC 6238, without the program's own code."""
    text = secret + "=" * (-len(secret) % 8)
    mac = hmac.digest(base64.b32decode(text), step.to_bytes(8, "big"),
                      hashlib.sha1)
    at = mac[-1] & 15
    number = int.from_bytes(mac[at:at + 4], "big") & 0x7fffffff
    return f"{number % 1000000:06}"


def step_now(spare=4):
    """The current step, with so many seconds left of it."""
    spare *= process.SLACK
    left = 30 - time.time() % 30
    if left < spare:
        time.sleep(left + 0.05)
    return int(time.time() // 30)


class Factors:
    """Gives secrets to users; they are in a table of their own."""

    def __init__(self, mysql):
        self.mysql = mysql
        with mysql.admin() as sql:
            sql.execute(TABLE)

    def give(self, user, secret=SECRET):
        with self.mysql.admin() as sql:
            sql.execute("REPLACE INTO factors VALUES (%s, %s)",
                        (user.id, secret))
        return user

    def of(self, user):
        with self.mysql.admin() as sql:
            sql.execute("SELECT totp FROM factors WHERE user_id = %s",
                        (user.id,))
            row = sql.fetchone()
        return row and row[0]

    def close(self):
        with self.mysql.admin() as sql:
            sql.execute("DROP TABLE factors")


def log_in(gate, user, given=None, **more):
    document = dict(user.login)
    if given is not None:
        document["code"] = given
    return gate.post("/login", {**document, **more})
