"""The second factor, for its tests: a table of secrets, and their codes."""

import base64
import hashlib
import hmac
import secrets
import time

import gate as gates
import process

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # of RFC 6238
TABLE = ("CREATE TABLE factors (user_id BIGINT UNSIGNED PRIMARY KEY, "
         "totp VARCHAR(200) NULL, totp_codes VARCHAR(500) NULL)")
BY_LOGIN = ("SELECT id, email AS login, name, email, image, password AS hash, "
            "totp FROM users LEFT JOIN factors ON user_id = id "
            "WHERE email = :login")
UPDATE = ("UPDATE factors SET totp = :totp WHERE user_id = :id "
          "AND (:totp IS NULL OR COALESCE(totp, '') = '')")
SETTINGS = {"mysql.user_by_login": BY_LOGIN}
RECOVERY = {
    "mysql.user_by_login": BY_LOGIN.replace("totp", "totp, totp_codes", 1),
    "mysql.totp_update": UPDATE.replace(
        ":totp ", ":totp, totp_codes = :codes ", 1),
    "mysql.totp_codes_update":
        "UPDATE factors SET totp_codes = :codes WHERE user_id = :id "
        "AND COALESCE(totp_codes, '') = :old"}
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


def code(step, secret=SECRET):
    """The code of a step, by RFC 6238, without the program's own code."""
    text = secret + "=" * (-len(secret) % 8)
    mac = hmac.digest(base64.b32decode(text), step.to_bytes(8, "big"),
                      hashlib.sha1)
    at = mac[-1] & 15
    number = int.from_bytes(mac[at:at + 4], "big") & 0x7fffffff
    return f"{number % 1000000:06}"


def recovery_codes():
    """Ten, in groups of four."""
    return ["-".join("".join(secrets.choice(LETTERS) for _ in range(4))
                     for _ in range(6)) for _ in range(10)]


def hashed(given):
    """A recovery code as the table has it."""
    digest = hashlib.sha256(given.replace("-", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


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
            sql.execute("REPLACE INTO factors (user_id, totp) VALUES (%s, %s)",
                        (user.id, secret))
        return user

    def give_codes(self, user, codes=None):
        """New recovery codes, or these."""
        codes = recovery_codes() if codes is None else codes
        self.write_codes(user, " ".join(map(hashed, codes)))
        return codes

    def write_codes(self, user, text):
        with self.mysql.admin() as sql:
            sql.execute("UPDATE factors SET totp_codes = %s WHERE user_id = %s",
                        (text, user.id))

    def of(self, user, column="totp"):
        with self.mysql.admin() as sql:
            sql.execute(f"SELECT {column} FROM factors WHERE user_id = %s",
                        (user.id,))
            row = sql.fetchone()
        return row and row[0]

    def codes_of(self, user):
        """The hashes of the recovery codes that are left."""
        return (self.of(user, "totp_codes") or "").split()

    def close(self):
        with self.mysql.admin() as sql:
            sql.execute("DROP TABLE factors")


def take_as_long(kinds, refused):
    """The least times of several kinds of refused logins are alike.

    What else runs makes some longer and none shorter, so the least of many are
    compared, and more are measured while they differ.
    """
    least = dict.fromkeys(kinds, 1e9)
    for turn in range(75):
        for kind, ask in kinds.items():
            began = time.perf_counter()
            assert refused(ask())
            least[kind] = min(least[kind], time.perf_counter() - began)
        spread = max(least.values()) - min(least.values())
        if turn >= 14 and spread < 0.002 * process.SLACK:
            return
    raise AssertionError(least)


def log_in(gate, user, given=None, **more):
    document = dict(user.login)
    if given is not None:
        document["code"] = given
    return gate.post("/login", {**document, **more})


def cookie_of(answer):
    """The session that a login opened, for the Cookie header."""
    assert answer.status == 200, answer
    return gates.Cookie(answer.header("Set-Cookie")).pair
