"""A Redis and a MariaDB of one's own, on unix sockets, without persistence."""

import copy
import os
import shutil
import socket
import subprocess

from place import IS_ROOT, PATH, TOP, can_connect, tool

SECRET = "correct horse"
BCRYPT = "$2y$10$Trrs.mTstifNEgvFp1BT4.bvgBT2G9w7aOBkNk8GjlYGROQSuJEvy"  # demo


class Redis:
    def __init__(self, place, name="redis", port=0):
        self.path = place.path(name + ".sock")
        self.url = "unix://" + self.path
        folder = place.folder_for(name)
        # 777: PHP-FPM and nginx run as another user than root
        self.process = place.start(
            [tool("redis-server"), "--port", str(port),
             "--bind", "127.0.0.1", "--unixsocket", self.path,
             "--unixsocketperm", "777", "--dir", folder, "--save", "",
             "--appendonly", "no"],
            log=name, is_ready=lambda: can_connect(self.path))
        self._connect()

    def _connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)
        self.file = self.sock.makefile("rb")

    def another(self):
        """The same server by a link of its own, for another thread."""
        other = copy.copy(self)
        other._connect()
        return other

    @property
    def pids(self):
        return [self.process.pid]

    def _read(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self.file.read(size + 2)[:-2]
        if kind == b"*":
            return [self._read() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest

    def ask(self, *words):
        return self.ask_all([words])[0]

    def ask_all(self, commands, at_once=1000):
        """Sends commands in batches; the replies."""
        replies = []
        for begin in range(0, len(commands), at_once):
            part = commands[begin:begin + at_once]
            self.sock.sendall(b"".join(map(_encode, part)))
            replies += [self._read() for _ in part]
        return replies

    def info(self, field):
        for line in self.ask("INFO").decode().splitlines():
            name, _, value = line.partition(":")
            if name == field:
                return value
        raise KeyError(field)


def _encode(words):
    out = [b"*%d\r\n" % len(words)]
    for word in words:
        word = word if isinstance(word, bytes) else str(word).encode()
        out.append(b"$%d\r\n%s\r\n" % (len(word), word))
    return b"".join(out)


class MySQL:
    """A mariadbd with the table of etc/schema.sql."""

    USER, PASSWORD, DATABASE = "bench", "bench", "bench"

    def __init__(self, place):
        data = place.folder_for("db")
        self.path = os.path.join(data, "m.sock")
        who = []
        if IS_ROOT:
            shutil.chown(data, "mysql", "mysql")
            who = ["--user=mysql"]
        made = subprocess.run(
            [tool("mariadb-install-db"), "--no-defaults", "--force",
             "--skip-name-resolve", *who, f"--datadir={data}",
             f"--tmpdir={data}", "--auth-root-authentication-method=normal",
             "--skip-test-db", "--innodb-log-file-size=16M",
             "--innodb-doublewrite=0"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={"PATH": PATH, "LANG": "C"}, check=False)
        if made.returncode != 0:
            raise RuntimeError("no data folder:\n" + made.stdout)
        self.process = place.start(
            [tool("mariadbd"), "--no-defaults", *who, f"--datadir={data}",
             f"--tmpdir={data}", f"--socket={self.path}",
             f"--pid-file={data}/m.pid", "--skip-networking",
             "--skip-name-resolve", "--innodb-buffer-pool-size=256M",
             "--innodb-log-file-size=16M", "--innodb-doublewrite=0",
             "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin",
             "--performance-schema=off", "--max-connections=300"],
            log="mariadb", is_ready=lambda: can_connect(self.path))
        with open(os.path.join(TOP, "etc", "schema.sql"),
                  encoding="utf-8") as file:
            schema = file.read()
        self.run(f"CREATE DATABASE {self.DATABASE} CHARACTER SET utf8mb4;"
                 f"USE {self.DATABASE};\n{schema}\n"
                 f"CREATE USER {self.USER}@localhost "
                 f"IDENTIFIED BY '{self.PASSWORD}';"
                 f"GRANT SELECT, UPDATE ON {self.DATABASE}.* "
                 f"TO {self.USER}@localhost;", database=None)

    @property
    def pids(self):
        return [self.process.pid]

    @property
    def url(self):
        return (f"mysql://{self.USER}:{self.PASSWORD}@localhost/"
                f"{self.DATABASE}?socket={self.path}")

    def run(self, statements, database=DATABASE):
        subprocess.run(
            [tool("mariadb"), "--no-defaults", f"--socket={self.path}",
             "--user=root", *([database] if database else [])],
            input=statements, text=True, check=True,
            env={"PATH": PATH, "LANG": "C"}, stdout=subprocess.DEVNULL)

    def fill(self, count):
        """Users 1 to count, all with the password SECRET, at no hash cost.

        The one user after them has a bcrypt hash, of `demo`.
        """
        self.run(
            "TRUNCATE users;"
            "INSERT INTO users (id, email, name, image, password) "
            "SELECT seq, CONCAT('user', seq, '@example.org'), "
            "CONCAT('User Number ', seq), CONCAT('/images/', seq, '.png'), "
            f"SHA2('{SECRET}', 256) FROM seq_1_to_{count};"
            "INSERT INTO users (email, name, password) VALUES "
            f"('slow@example.org', 'Slow', '{BCRYPT}');")
