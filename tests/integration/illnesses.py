"""What can be ill about Redis, MySQL and a host: one function each.

A function seeds its fault in a Patient; its text is a pattern of what
sessgatectl doctor says of it.
"""

import json
import os
import re
import resource
import socket
import subprocess
import time

import pytest

import ctl as ctl_module
import faults
import gate as gates
import process
import stack

SCHEMA = """
CREATE TABLE users (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(190) NOT NULL, name VARCHAR(100), image VARCHAR(100),
  password VARCHAR(255){}) CHARACTER SET utf8mb4"""


class Patient:
    """What a fault is seeded in, and the settings that the tool is given."""

    def __init__(self, redis, mysql, place, stack_of):
        self.redis, self.mysql, self.place = redis, mysql, place
        self.settings = {"redis.url": redis.url, "mysql.url": mysql.url}
        self.args, self.undo = [], stack_of
        self.limit, self.before = None, []

    def config(self, name, value):
        former = self.redis.client.config_get(name)[name]
        self.redis.client.config_set(name, value)
        self.undo.callback(self.redis.client.config_set, name, former)

    def acl(self, *words):
        self.redis.client.execute_command(
            "ACL", "SETUSER", "ill", "reset", "on", ">pw", "~*", "&*", "+@all",
            *words)
        self.undo.callback(self.redis.client.acl_deluser, "ill")
        self.settings["redis.url"] = self.redis.url.replace(
            "unix://", "unix://ill:pw@")

    def sql(self, *statements, undo=()):
        with self.mysql.admin() as sql:
            for statement in statements:
                sql.execute(statement)
        for statement in undo:
            self.undo.callback(self.sql, statement)

    def table(self, more="", rows=0):
        """Another users table in place of the healthy one."""
        self.sql("CREATE DATABASE ill", undo=["DROP DATABASE ill"])
        with self.mysql.admin("ill") as sql:
            sql.execute(SCHEMA.format(more))
            if rows:
                sql.execute("INSERT INTO users (email, name, password) SELECT "
                            "CONCAT('u', seq), 'A', 'x' FROM seq_1_to_"
                            f"{rows}")
                sql.execute("ANALYZE TABLE users")
        self.sql("GRANT SELECT, UPDATE ON ill.users TO sessgate@localhost",
                 undo=["REVOKE ALL ON ill.users FROM sessgate@localhost"])
        self.settings["mysql.url"] = self.mysql.url.replace("/sg?", "/ill?")

    def file(self, text="", mode=0o644, name="f"):
        path = os.path.join(self.place(), name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def listen(self, mode):
        path = os.path.join(self.place(), "s.sock")
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(path)
        os.chmod(path, mode)
        sock.listen(8)
        self.undo.callback(sock.close)
        self.args = ["--socket", path]
        return sock, path

    def run(self, *args):
        limit = self.limit

        def before():
            if limit:
                resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

        done = subprocess.run(
            [*self.before, ctl_module.binary(), *args, "doctor", *self.args],
            env=gates.environment(self.settings), capture_output=True,
            text=True, timeout=60, check=False, preexec_fn=before)
        return ctl_module.Said(done.returncode, done.stdout, done.stderr)


def session(patient, number=0, **more):
    now = int(time.time() * 1000)
    patient.redis.client.set(
        f"sess:{number:043}", json.dumps({
            "userId": "1", "createdAt": now, "v": 1, "gen": "g", **more}),
        ex=1000)


# Redis: each function seeds one fault; its text is what doctor says of it

def redis_is_away(p):
    """BAD redis .*No such file"""
    p.settings["redis.url"] = "unix:///no/such/socket"


def redis_password_is_wrong(p):
    """BAD redis .*WRONGPASS"""
    p.settings["redis.url"] = p.redis.url.replace("unix://", "unix://x:y@")


def redis_wants_a_password(p):
    """BAD redis .*NOAUTH"""
    p.redis.client.config_set("requirepass", "secret")
    p.undo.callback(_without_password, p.redis)


def _without_password(server):
    stack.redis_py.Redis(unix_socket_path=server.path,
                         password="secret").config_set("requirepass", "")


def redis_is_a_replica(p):
    """BAD redis .*it is a replica"""
    p.redis.client.execute_command("REPLICAOF", "127.0.0.1", "1")
    p.undo.callback(p.redis.client.execute_command, "REPLICAOF", "NO", "ONE")


def redis_lacks_a_command(p):
    """BAD redis .*ZREMRANGEBYSCORE usess:\\*: NOPERM"""
    p.acl("-zremrangebyscore")


def redis_lacks_a_pattern(p):
    """BAD redis .*uauth:\\*: NOPERM"""
    p.acl("resetkeys", "~sess:*", "~user:*", "~ugen:*", "~usess:*", "~rate:*", "~reset:*",
          "~probe:*")


def redis_lacks_scripts(p):
    """warn redis .*scripts are refused"""
    p.acl("-eval", "-evalsha")


def redis_lacks_tracking(p):
    """warn redis .*CLIENT TRACKING does not work"""
    p.acl("-client|tracking")


def redis_lacks_info(p):
    """warn redis .*INFO is refused.*\\+info"""
    p.acl("-info")


def redis_lacks_scan(p):
    """warn redis .*SCAN is refused.*\\+scan"""
    p.acl("-scan")


def redis_evicts(p):
    """BAD redis maxmemory-policy is allkeys-lru"""
    p.config("maxmemory-policy", "allkeys-lru")
    p.config("maxmemory", "1gb")


def redis_would_evict(p):
    """warn redis maxmemory-policy is volatile-ttl"""
    p.config("maxmemory-policy", "volatile-ttl")


def redis_has_evicted(p):
    """warn redis \\d+ keys have been evicted"""
    p.config("maxmemory-policy", "allkeys-lru")
    for number in range(200):
        p.redis.client.set(f"big{number}", "x" * 10000)
    used = p.redis.client.info("memory")["used_memory"]
    p.config("maxmemory", used - 500_000)
    p.redis.client.set("one-more", "x" * 10000)
    p.redis.client.config_set("maxmemory", "0")
    p.undo.callback(p.redis.client.config_resetstat)


def redis_is_full(p):
    """BAD redis .*OOM"""
    p.redis.client.set("big", "x" * 100000)
    p.config("maxmemory", "100kb")


def redis_is_nearly_full(p):
    """warn redis \\d+ of \\d+ MiB are used"""
    p.redis.client.setrange("big", 20_000_000, "x")  # no large buffers beside
    used = p.redis.client.info("memory")["used_memory"]
    p.config("maxmemory", int(used * 1.15))


def redis_keeps_nothing(p):
    """warn redis there is no append-only file"""
    p.config("appendonly", "no")


def redis_cannot_dump(p):
    """BAD redis the last dump \\(BGSAVE\\) failed"""
    p.config("appendonly", "no")
    p.config("dbfilename", "no-such.rdb")
    former = p.redis.client.config_get("dir")["dir"]
    folder = p.place()
    os.mkdir(os.path.join(folder, "no-such.rdb"))
    p.redis.client.config_set("dir", folder)
    p.undo.callback(p.redis.client.config_set, "dir", former)
    p.redis.client.bgsave()
    process.until(lambda: p.redis.client.info("persistence")[
        "rdb_last_bgsave_status"] == "err")
    p.undo.callback(_dump_well, p.redis, former)


def _dump_well(server, folder):
    server.client.config_set("dir", folder)
    server.client.config_set("dbfilename", "dump.rdb")
    server.client.bgsave()
    process.until(lambda: server.client.info("persistence")[
        "rdb_last_bgsave_status"] == "ok")


def redis_takes_few_clients(p):
    """BAD redis maxclients is 24, and a process"""
    p.config("maxclients", "24")


def redis_is_crowded(p):
    """warn redis \\d+ of 41 clients are connected"""
    p.config("maxclients", "41")
    for client in [p.redis.one_more_client() for _ in range(34)]:
        client.ping()
        p.undo.callback(client.close)


def redis_is_slow(p):
    """warn redis half of its answers take longer than \\d+ ms"""
    proxy = faults.FaultProxy(p.redis.path, os.path.join(p.place(), "p.sock"))
    proxy.delay(0.02)
    p.undo.callback(proxy.refuse)
    p.settings["redis.url"] = "unix://" + proxy.path
    p.settings["redis.command_timeout"] = "2s"
    p.settings["cache.proof"] = "5s"


def redis_clock_differs(p):
    """warn redis its clock is \\d+ s behind"""
    if any(name in os.environ for name in gates.SANITIZERS):
        pytest.skip("a sanitizer does not go with faketime")
    p.before = ["env", "LD_PRELOAD=" + process.faketime(), "FAKETIME=+1h"]


def redis_keys_never_expire(p):
    """warn redis 3 of \\d+ keys never expire, as usess:"""
    for number in range(3):
        p.redis.client.zadd(f"usess:{{{number}}}", {"x": 1})


def redis_keys_of_others(p):
    """warn redis 1 of \\d+ keys of sessions are another program's"""
    p.redis.client.set("sess:php", "user|s:1", ex=100)


def redis_has_plain_sessions(p):
    """warn redis|warn conf .*key = sha256 reads none of them"""
    p.redis.client.set("sess:" + "p" * 43, '{"userId":"1"}', ex=100)


def sessions_come_from_the_proxy(p):
    """warn host all sessions come from this host itself"""
    for number in range(6):
        session(p, number, addr="127.0.0.1")


def redis_across_a_network(p):
    """warn redis sessions go to .* without encryption"""
    host = _address_of_this_host()
    server = stack.Redis(p.place("r"), "--appendonly", "yes", "--bind",
                         "127.0.0.1", host, "--protected-mode", "no", tcp=True)
    p.undo.callback(server.kill)
    p.settings["redis.url"] = f"redis://{host}:{server.port}"


def _address_of_this_host():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("no network address")
        return sock.getsockname()[0]


# SQL

def mysql_is_away(p):
    """BAD sql .*Can't connect"""
    p.settings["mysql.url"] = "mysql://x@localhost/x?socket=/no/such"


def mysql_password_is_wrong(p):
    """BAD sql .*Access denied"""
    p.settings["mysql.url"] = p.mysql.url.replace("sql-secret", "wrong")


def mysql_table_is_missing(p):
    """BAD sql .*user_by_login: .*(doesn't exist|denied .*`nothing`)"""
    p.settings["mysql.user_by_login"] = (
        "SELECT id, a AS login, a AS name, a AS email, a AS image, a AS hash "
        "FROM nothing WHERE a = :login")


def mysql_column_is_missing(p):
    """BAD sql .*user_by_id: column image is missing"""
    p.settings["mysql.user_by_id"] = (
        "SELECT id, email AS login, name, email FROM users WHERE id = :id")


def mysql_grant_is_missing(p):
    """BAD sql .*command denied"""
    p.sql("CREATE USER thin@localhost IDENTIFIED BY 'pw'",
          "GRANT SELECT (id) ON sg.users TO thin@localhost",
          undo=["DROP USER thin@localhost"])
    p.settings["mysql.url"] = p.mysql.url.replace(
        "sessgate:sql-secret@", "thin:pw@")


def mysql_update_is_denied(p):
    """(warn|BAD) sql .*password_update.*denied"""
    p.settings["mysql.password_update"] = (
        "UPDATE users SET password = :hash WHERE id = :id")


def mysql_active_is_text(p):
    """(warn|BAD) sql .*active"""
    p.settings["mysql.user_state"] = (
        "SELECT 'Y' AS active, email AS login, '' AS roles, "
        "password AS hash FROM users WHERE id = :id")


def mysql_reads_the_whole_table(p):
    """BAD sql user_by_login reads all of users, \\d{4} rows"""
    p.table(rows=5000)


def mysql_reads_a_small_table(p):
    """warn sql user_by_login reads all of users"""
    p.table(rows=20)


def mysql_compares_a_function(p):
    """warn sql user_by_login reads all of users"""
    p.settings["mysql.user_by_login"] = (
        "SELECT id, email AS login, name, email, image, password AS hash "
        "FROM users WHERE LOWER(email) = LOWER(:login)")


def mysql_login_is_not_unique(p):
    """warn sql nothing keeps two rows of users from having one login"""
    p.table(", KEY (email)", rows=2000)


def mysql_hash_is_narrow(p):
    """BAD sql the column of the hash takes 32 characters"""
    p.table(", UNIQUE (email)", rows=20)
    p.sql("ALTER TABLE ill.users MODIFY password VARCHAR(32)")


def mysql_grants_are_wide(p):
    """warn sql its account may do more than it needs: ALL PRIVILEGES"""
    p.sql("GRANT ALL ON sg.* TO sessgate@localhost",
          undo=["REVOKE ALL ON sg.* FROM sessgate@localhost"])


def mysql_grants_are_for_all_databases(p):
    """warn sql its account has rights on all databases"""
    p.sql("GRANT SELECT ON *.* TO sessgate@localhost",
          undo=["REVOKE SELECT ON *.* FROM sessgate@localhost"])


def mysql_takes_few_connections(p):
    """BAD sql max_connections is 10, and one process opens up to 12"""
    p.sql("SET GLOBAL max_connections = 10",
          undo=["SET GLOBAL max_connections = 151"])
    p.settings["mysql.connections"] = "12"


def mysql_is_read_only(p):
    """warn sql the server is read-only"""
    p.sql("SET GLOBAL read_only = 1", undo=["SET GLOBAL read_only = 0"])


# the host

def configuration_is_open(p):
    """BAD host everybody can read or write .*the configuration, mode 0644"""
    p.settings_file = p.file("[server]\nmount = /x\n", 0o644)


def configuration_can_be_changed(p):
    """warn host the group of .* can change it"""
    p.settings_file = p.file("[server]\nmount = /x\n", 0o660)


def url_file_is_open(p):
    """BAD host everybody can read or write .*\\[mysql\\] url_file"""
    p.settings["mysql.url_file"] = p.file(p.settings.pop("mysql.url"), 0o604)


def redis_url_file_is_open(p):
    """BAD host everybody can read or write .*\\[redis\\] url_file"""
    p.settings["redis.url_file"] = p.file(p.settings.pop("redis.url"), 0o644)


def secret_file_is_open(p):
    """BAD host everybody can read or write .*secret_file"""
    p.settings["session.secret_file"] = p.file("s" * 40 + "\n", 0o644)


def log_cannot_be_written(p):
    """BAD host \\[log\\] target: .* cannot be written"""
    p.settings["log.target"] = "file:/no/such/folder/sessgate.log"


def log_disk_is_full(p):
    """warn host the disk of /proc.* is nearly full|BAD host \\[log\\] target"""
    p.settings["log.target"] = "file:/dev/full/x"


def socket_is_open_to_everybody(p):
    """BAD host everybody on this host can connect to"""
    p.listen(0o666)[0].close()


def socket_is_closed_to_the_web_server(p):
    """warn host only the owner of .* can connect"""
    p.listen(0o600)[0].close()


def socket_is_missing(p):
    """BAD host there is no socket /no/such"""
    p.args = ["--socket", "/no/such"]


def socket_is_none(p):
    """BAD host .* is no socket"""
    p.args = ["--socket", p.file()]


def process_is_gone(p):
    """BAD host the process at .*Connection refused"""
    p.listen(0o660)[0].close()


def descriptors_are_few(p):
    """warn host 256 descriptors are allowed here"""
    p.limit = 256


def cookie_is_dropped(p):
    """BAD conf \\[server\\] origins has http://"""
    p.settings["server.origins"] = "http://www.example.org"


def proxies_are_everybody(p):
    """warn conf .*trusted_proxies names everybody"""
    p.settings["server.trusted_proxies"] = "0.0.0.0/0"


def limit_has_no_effect(p):
    """warn conf .*limit_account has no effect"""
    p.settings["login.limit_account"] = "10/60"


def variable_is_no_option(p):
    """warn conf SESSGATE_REDDIS_URL is no option"""
    p.settings["reddis.url"] = "x"


def page_is_broken(p):
    """BAD conf .*page"""
    p.settings["login.page"] = p.file("{{#nothing}}", 0o644, "page.html")


FAULTS = [fault for _, fault in sorted(globals().items()) if callable(fault)
          and re.match(r"\(?(BAD|warn)", getattr(fault, "__doc__", "") or "")]
