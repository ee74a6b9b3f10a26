"""The real servers the program stands between, each private to the tests.

Redis and MariaDB listen on unix sockets in a folder of their own, and on a
loopback port where a test asks for one; web servers on a free loopback port.
Nothing reads the machine's own configuration of any of them.
"""

import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess

import pymysql
import redis as redis_py

import certificates
import process

IS_ROOT = os.getuid() == 0
TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def schema():
    """The statements of etc/schema.sql."""
    with open(os.path.join(TOP, "etc", "schema.sql"),
              encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("--")]
    return [s for s in "".join(lines).split(";") if s.strip()]


class Server:
    """A process that can be stopped, started again, frozen and thawed."""

    process = None

    def launch(self):
        """Starts the process and waits until it is of use."""
        raise NotImplementedError

    def start(self):
        if self.process is None:
            self.launch()
        return self

    def stop(self, number=signal.SIGTERM):
        stopped, self.process = self.process, None
        if stopped is not None:
            stopped.stop(number)

    def kill(self):
        stopped, self.process = self.process, None
        if stopped is not None:
            stopped.kill()

    def freeze(self):
        self.process.freeze()

    def thaw(self):
        self.process.thaw()

    def restore(self):
        """Running and awake again, whatever a test did to it."""
        if self.process is not None and not self.process.is_running():
            self.process = None
        self.start()
        self.thaw()


# another server of the kind: valkey-server, mysqld (Oracle's)
REDIS = os.environ.get("SESSGATE_TEST_REDIS", "redis-server")
IS_ORACLES = os.environ.get("SESSGATE_TEST_MYSQL") == "mysqld"


class Client(redis_py.Redis):
    """Returns from a flush when Redis has notified those that track keys.

    It writes to them before it answers who changed a key, but after it answers a
    flush, and on a busy machine it may stop in between; after one more round trip
    it has.
    """

    def execute_command(self, *args, **options):
        reply = super().execute_command(*args, **options)
        if args[0] in ("FLUSHALL", "FLUSHDB"):
            super().execute_command("PING")
        return reply


class Redis(Server):
    """A redis-server without persistence; options as on its command line."""

    def __init__(self, folder, *options, tcp=False, tls=None):
        """tls: (authority, certificate, whether clients need one too)"""
        self.tls = tls or certificates.of_the_run()
        self.folder = folder
        self.path = os.path.join(folder, "r.sock")
        self.options = options
        self.port = process.free_port() if tcp else 0
        self.tls_port = process.free_port() if self.tls else 0
        self.start()

    def tls_options(self):
        if not self.tls:
            return []
        authority, own, needs_clients = self.tls
        return ["--tls-port", str(self.tls_port),
                "--tls-auth-clients", "yes" if needs_clients else "no",
                "--tls-ca-cert-file", authority.ca,
                "--tls-cert-file", own.cert, "--tls-key-file", own.key]

    def launch(self):
        self.process = process.Process(
            [process.tool(REDIS), *self.tls_options(), "--port", str(self.port),
             "--bind", "127.0.0.1", "--unixsocket", self.path,
             "--unixsocketperm", "777", "--dir", self.folder, "--save", "",
             "--appendonly", "no", "--enable-debug-command", "yes",
             *self.options],
            os.path.join(self.folder, "redis.log"))
        self.process.await_ready(self._answers)

    def _answers(self):
        try:
            return self.client.ping()
        except (redis_py.AuthenticationError, redis_py.ResponseError):
            return True  # it asks for a password
        except redis_py.ConnectionError:
            return False

    @functools.cached_property
    def client(self):
        """One for all threads: each has a connection of its own from it."""
        return self.one_more_client()

    def one_more_client(self):
        return Client(
            unix_socket_path=self.path, socket_timeout=5,
            decode_responses=True)

    @property
    def role(self):
        """"master" or "slave"; None: a Sentinel has just ended connections."""
        try:
            return self.client.role()[0]
        except redis_py.ConnectionError:
            return None

    @property
    def target(self):
        """Where a proxy finds it: a path, or with TLS a (host, port)."""
        return ("127.0.0.1", self.tls_port) if self.tls_port else self.path

    @property
    def url(self):
        return self.url_through(self.target)

    @staticmethod
    def url_through(address):
        """REDIS_URL by way of a unix path, or with TLS of a (host, port)."""
        if isinstance(address, tuple):
            return f"rediss://{address[0]}:{address[1]}"
        return "unix://" + address

    @property
    def tcp_url(self):
        return f"redis://127.0.0.1:{self.port}"

    def stop(self, number=signal.SIGTERM):
        super().stop(number)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    @contextlib.contextmanager
    def watch(self):
        """The raw MONITOR lines of what other clients ask in the block.

        A prober asks HELLO and PING once a second, and a tracker writes its
        probe, whatever a test does.
        """
        left_out = (b'"CLIENT"', b'"HELLO"', b'"PING"', b'"ROLE"',
                    b'"SET" "probe:')
        lines = []
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(5)
            sock.connect(self.path)
            sock.sendall(b"MONITOR\r\n")
            file = sock.makefile("rb")
            assert file.readline() == b"+OK\r\n"
            yield lines
            self.client.echo("end-of-watch")
            for line in file:
                if b"end-of-watch" in line:
                    break
                if not any(word in line for word in left_out):
                    lines.append(line.strip())


class MySQL(Server):
    """A mariadbd with the table of etc/schema.sql and a reader of it.

    The data folder is copied from a template that is made once a run.
    """

    USER, PASSWORD, DATABASE = "sessgate", "sql-secret", "sg"

    def __init__(self, folder, template, *options, tcp=False):
        self.options = options
        self.folder = folder
        self.data = os.path.join(folder, "d")
        self.path = os.path.join(self.data, "m.sock")
        self.port = process.free_port() if tcp else 0
        subprocess.run(["cp", "-a", template, self.data], check=True)
        self.start()
        self._load()

    @staticmethod
    def make_template(folder):
        """A fresh data folder, owned by whom the server will run as."""
        data = os.path.join(folder, "template")
        os.mkdir(data)
        user = []
        if IS_ROOT:
            shutil.chown(data, "mysql", "mysql")
            user = ["--user=mysql"]
        command = [
            process.tool("mariadb-install-db"), "--no-defaults", "--force",
            "--skip-name-resolve", *user, f"--datadir={data}",
            f"--tmpdir={data}", "--auth-root-authentication-method=normal",
            "--skip-test-db", "--innodb-log-file-size=4M",
            "--innodb-doublewrite=0"] if not IS_ORACLES else [
            process.tool("mysqld"), "--no-defaults", "--initialize-insecure",
            *user, f"--datadir={data}"]
        made = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={"PATH": process.PATH, "LANG": "C"}, check=False)
        if made.returncode != 0:
            raise RuntimeError("no data folder:\n" + made.stdout)
        return data

    def launch(self):
        net = ["--skip-networking"]
        if self.port:
            net = [f"--port={self.port}", "--bind-address=127.0.0.1"]
        small = (["--mysqlx=OFF", "--innodb-redo-log-capacity=8M",
                  "--secure-file-priv=NULL"]
                 if IS_ORACLES else
                 ["--innodb-log-file-size=4M", "--innodb-doublewrite=0"])
        self.process = process.Process(
            [process.tool("mysqld" if IS_ORACLES else "mariadbd"),
             "--no-defaults",
             f"--datadir={self.data}", f"--tmpdir={self.data}",
             f"--socket={self.path}", f"--pid-file={self.data}/m.pid",
             *net, *small, "--skip-name-resolve",
             "--innodb-buffer-pool-size=16M",
             "--innodb-flush-log-at-trx-commit=0", "--performance-schema=off",
             "--skip-log-bin", *self.options],
            os.path.join(self.folder, "mariadb.log"),
            user="mysql" if IS_ROOT else None)
        self.process.await_ready(lambda: process.can_connect(self.path), 20)

    def _load(self):
        with self.admin(database=None) as sql:
            sql.execute(f"CREATE DATABASE {self.DATABASE} "
                        "CHARACTER SET utf8mb4")
        with self.admin() as sql:
            for statement in schema():
                sql.execute(statement)
            for host in ("localhost", "127.0.0.1"):
                who = f"'{self.USER}'@'{host}'"
                sql.execute(f"CREATE USER {who} "
                            f"IDENTIFIED BY '{self.PASSWORD}'")
                sql.execute(f"GRANT SELECT ON {self.DATABASE}.* TO {who}")

    @contextlib.contextmanager
    def admin(self, database=DATABASE):
        connection = pymysql.connect(
            unix_socket=self.path, user="root", database=database,
            charset="utf8mb4", autocommit=True, read_timeout=10)
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    @property
    def url(self):
        return self.url_through(self.path)

    def url_through(self, address, password=PASSWORD):
        """DATABASE_URL by way of a unix path or of a (host, port)."""
        who = f"mysql://{self.USER}:{password}@"
        if isinstance(address, tuple):
            return f"{who}{address[0]}:{address[1]}/{self.DATABASE}"
        return f"{who}localhost/{self.DATABASE}?socket={address}"

    def executed(self):
        """How many prepared statements have been executed so far."""
        with self.admin() as sql:
            sql.execute("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")
            return int(sql.fetchone()[1])

    def links(self):
        """The ids of the program's connections."""
        with self.admin() as sql:
            sql.execute("SELECT id FROM information_schema.processlist "
                        "WHERE user = %s", (self.USER,))
            return [row[0] for row in sql.fetchall()]

    def kill_links(self):
        doomed = self.links()
        with self.admin() as sql:
            for link in doomed:
                sql.execute(f"KILL {link}")
        return len(doomed)


class PhpFpm(Server):
    """PHP-FPM on a unix socket, with what speaks to Redis and MySQL."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.path = os.path.join(folder, "php.sock")
        self.environment = environment
        self.start()

    def write_conf(self):
        conf = os.path.join(self.folder, "php-fpm.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(f"[global]\nerror_log = {self.folder}/php.log\n"
                       f"[www]\nlisten = {self.path}\nlisten.mode = 0666\n"
                       "pm = static\npm.max_children = 2\n")
            for name, value in self.environment.items():
                file.write(f'env[{name}] = "{value}"\n')
        return conf

    def launch(self):
        conf = self.write_conf()
        # php.ini and conf.d are the machine's own
        self.process = process.Process(
            [process.tool_like("php-fpm*"), "-n",
             *(word for name in ("igbinary", "redis", "pdo", "mysqlnd",
                                 "pdo_mysql")
               for word in ("-d", f"extension={name}")), "-F", "-y", conf],
            os.path.join(self.folder, "php-fpm.log"),
            user="www-data" if IS_ROOT else None)
        self.process.await_ready(lambda: process.can_connect(self.path))


class Web(Server):
    """A web server on a free loopback port, in front of one socket."""

    def __init__(self, folder):
        self.folder = folder
        self.port = process.free_port()
        self.root = os.path.join(folder, "www")
        os.makedirs(self.root, exist_ok=True)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run(self, argv, log):
        self.process = process.Process(argv, os.path.join(self.folder, log))
        self.process.await_ready(
            lambda: process.can_connect(("127.0.0.1", self.port)))


class Lighttpd(Web):
    """lighttpd: to a socket, or starting the program itself (bin-path)."""

    def __init__(self, folder, socket_path, *, binary=None, environment=None):
        super().__init__(folder)
        self.socket_path, self.binary = socket_path, binary
        self.environment = environment or {}
        self.start()

    def launch(self):
        how = ""
        if self.binary:
            sets = ", ".join(
                f'"{name}" => "{value}"'
                for name, value in self.environment.items())
            link = os.path.join(self.folder, "sessgate")
            os.symlink(self.binary, link)  # bin-path is split at spaces
            how = (f'"bin-path" => "{link}", "max-procs" => 1, '
                   f'"bin-environment" => ({sets}),')
        conf = self.write("lighttpd.conf", f"""
server.document-root = "{self.root}"
server.bind = "127.0.0.1"
server.port = {self.port}
server.errorlog = "{self.folder}/lighttpd-error.log"
server.breakagelog = "{self.folder}/lighttpd-app.log"
server.modules = ( "mod_fastcgi" )
fastcgi.server = ( "/sessgate" => ((
  "socket" => "{self.socket_path}", {how} "check-local" => "disable" )) )
""")
        self.run([process.tool("lighttpd"), "-D", "-f", conf], "lighttpd.log")


class Apache(Web):
    """Apache with mod_proxy_fcgi, to a socket."""

    MODULES = "/usr/lib/apache2/modules"

    def __init__(self, folder, socket_path):
        super().__init__(folder)
        self.socket_path = socket_path
        self.start()

    def launch(self):
        binary = process.tool("apache2")
        modules = "\n".join(
            f"LoadModule {name}_module {self.MODULES}/mod_{name}.so"
            for name in ("mpm_event", "authz_core", "proxy", "proxy_fcgi"))
        user = "User www-data\nGroup www-data\n" if IS_ROOT else ""
        conf = self.write("apache.conf", f"""
{modules}
ServerName localhost
ServerRoot "{self.folder}"
DocumentRoot "{self.root}"
Listen 127.0.0.1:{self.port}
PidFile "{self.folder}/apache.pid"
ErrorLog "{self.folder}/apache-error.log"
DefaultRuntimeDir "{self.folder}"
{user}StartServers 1
ProxyPass "/sessgate" "unix:{self.socket_path}|fcgi://sessgate/sessgate"
""")
        self.run([binary, "-f", conf, "-DFOREGROUND"], "apache.log")
