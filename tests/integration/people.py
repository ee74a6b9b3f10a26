"""Users: rows of the users table and the hashes in them."""

import functools
import itertools

import libcrypt

PASSWORD = "correct horse"
SALT = "abcdefghijklmnopqrstuu"  # 22 characters, the last one in bcrypt's set

# Of PASSWORD, made with libargon2: as PHP makes them (64 MiB), and cheap ones.
ARGON2ID_OF_PHP = (
    "$argon2id$v=19$m=65536,t=4,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
    "gFMqBp3owLf0mB3dz+ah/boAR60nDVMs1hc0/wDXAr8")
ARGON2ID = (
    "$argon2id$v=19$m=1024,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
    "tCGweEmNNiMdfjqoFl9ZKRl/bO0NJTtJMmax1Il43Gc")
# of cost 12, which takes too long to be made by each process of pytest
BCRYPT_12 = "$2y$12$abcdefghijklmnopqrstuuFDJRuYeKkCzo3Wy7h8SxhBSHBAHiPK2"
ARGON2I = (
    "$argon2i$v=19$m=1024,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
    "0tzN/CQK7ACMYrmtcnQw8jmWdhM6rUlW61wR/4Xl3p4")
ARGON2D = (
    "$argon2d$v=19$m=1024,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
    "t41J9wWj5/k6gPq7BMymRs7JSKlngfi6ZuX51eRVZU8")


@functools.cache
def bcrypt(password=PASSWORD, *, cost=4, kind="2y"):
    hashed = libcrypt.crypt(password, f"${kind}${cost:02}${SALT}")
    assert hashed and hashed.startswith(f"${kind}$"), hashed
    return hashed


class User:
    """A row that a test inserted, and the password that opens it."""

    def __init__(self, uid, email, name, image, password):
        self.id, self.email = str(uid), email
        self.name, self.image = name, image
        self.password = password

    @property
    def shown(self):
        """The row as answers show it: a NULL column is a missing member."""
        members = {"id": self.id, "name": self.name, "email": self.email,
                   "image": self.image}
        return {k: v for k, v in members.items() if v is not None}

    @property
    def login(self):
        return {"email": self.email, "password": self.password}


class Users:
    """Inserts users; `forget` deletes what it inserted."""

    serial = itertools.count(1)

    def __init__(self, mysql):
        self.mysql = mysql
        self.ids = []

    def add(self, *, email=None, name="Alice", image="/a.png",
            password=PASSWORD, hashed=None, uid=None):
        number = next(self.serial)
        email = email or f"user{number}@example.org"
        if hashed is None:
            hashed = bcrypt(password)
        with self.mysql.admin() as sql:
            sql.execute(
                "INSERT INTO users (id, email, name, image, password) "
                "VALUES (%s, %s, %s, %s, %s)",
                (uid, email, name, image, hashed))
            uid = sql.lastrowid
        self.ids.append(uid)
        return User(uid, email, name, image, password)

    def remove(self, user):
        with self.mysql.admin() as sql:
            sql.execute("DELETE FROM users WHERE id = %s", (user.id,))

    def rename(self, user, name):
        with self.mysql.admin() as sql:
            sql.execute("UPDATE users SET name = %s WHERE id = %s",
                        (name, user.id))

    def forget(self):
        with self.mysql.admin() as sql:
            for uid in self.ids:
                sql.execute("DELETE FROM users WHERE id = %s", (uid,))


def stored(mysql, user):
    """The hash in the table."""
    with mysql.admin() as sql:
        sql.execute("SELECT password FROM users WHERE id = %s", (user.id,))
        return sql.fetchone()[0]
