"""Several Redis servers as one store: replicas with Sentinels, and a Cluster.

Beside them the clients that load a program, and what they saw.
"""

import contextlib
import functools
import os
import time

import redis as redis_py

import process
import stack
import taps

NAME = "sg"
DOWN_AFTER = 1.0  # seconds until Sentinels take a server for dead


class Sentinel(stack.Server):
    """A redis-sentinel that watches one primary."""

    def __init__(self, folder, primary, *lines, down_after=DOWN_AFTER,
                 quorum=2, own="127.0.0.1", host="127.0.0.1"):
        """If the primary has TLS so has the Sentinel, at tls_port.

        own is its address, host that of the primary.
        """
        self.own = own
        self.folder = folder
        self.port = process.free_port()
        self.tls_port = process.free_port() if primary.tls else 0
        self.conf = os.path.join(folder, "sentinel.conf")
        with open(self.conf, "w", encoding="ascii") as file:
            file.write("\n".join([
                f"port {self.port}", f"bind {own}", f"dir {folder}",
                *self._tls_lines(primary.tls),
                f"sentinel monitor {NAME} {host} "
                f"{primary.tls_port or primary.port} {quorum}",
                f"sentinel down-after-milliseconds {NAME} "
                f"{int(down_after * 1000)}",
                f"sentinel failover-timeout {NAME} 6000", *lines, ""]))
        self.start()

    def _tls_lines(self, tls):
        if not tls:
            return []
        authority, own, _ = tls
        return [f"tls-port {self.tls_port}", "tls-replication yes",
                "tls-auth-clients no", f"tls-ca-cert-file {authority.ca}",
                f"tls-cert-file {own.cert}", f"tls-key-file {own.key}"]

    def launch(self):
        self.process = process.Process(
            [process.tool("redis-sentinel"), self.conf],
            os.path.join(self.folder, "sentinel.log"))
        self.process.await_ready(
            lambda: process.can_connect((self.own, self.port)))

    @property
    def client(self):
        return redis_py.Redis(host=self.own, port=self.port, socket_timeout=5,
                              decode_responses=True)

    @property
    def state(self):
        """Its words about the primary; versions of redis-py differ."""
        said = self.client.execute_command("SENTINEL", "MASTER", NAME)
        return said if isinstance(said, dict) else dict(
            zip(said[::2], said[1::2]))

    @property
    def primary_port(self):
        return int(self.client.execute_command(
            "SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)[1])


class Group:
    """A primary, its replicas, and Sentinels that know of each other."""

    def __init__(self, place, servers=2, sentinels=3, **options):
        self.servers = [
            stack.Redis(place("r"), "--repl-diskless-sync-delay", "0",
                        "--repl-ping-replica-period", "1", tcp=True)
            for _ in range(servers)]
        for replica in self.servers[1:]:
            replica.client.execute_command(
                "REPLICAOF", "127.0.0.1", self.servers[0].port)
        self.sentinels = [
            Sentinel(place("s"), self.servers[0], **options)
            for _ in range(sentinels)]
        self.form()

    def _is_formed(self):
        """All agree on a primary, and all others are its replicas."""
        states = [s.state for s in self.sentinels]
        roles = [r.client.role() for r in self.servers]
        ports = {role[2] for role in roles if role[0] == "slave"}
        return (
            all(int(state["num-slaves"]) == len(self.servers) - 1 and
                int(state["num-other-sentinels"]) ==
                len(self.sentinels) - 1 and
                state["flags"] == "master" for state in states) and
            {int(state["port"]) for state in states} == ports and
            [role[3] for role in roles if role[0] == "slave"] ==
            ["connected"] * (len(self.servers) - 1))

    def agree_on(self, server):
        assert process.until(lambda: all(
            s.primary_port == server.port for s in self.sentinels),
            60) is not None

    def form(self):
        def is_formed():  # Sentinels end connections of those they change
            with contextlib.suppress(redis_py.RedisError):
                return self._is_formed()
        assert process.until(is_formed, 60) is not None

    @property
    def url(self):
        hosts = ",".join(f"127.0.0.1:{s.port}" for s in self.sentinels)
        return f"redis+sentinel://{hosts}/{NAME}"

    @property
    def primary(self):
        """The one that all Sentinels name."""
        self.form()
        port = self.sentinels[0].primary_port
        return next(s for s in self.servers if s.port == port)

    def successor(self, old, within=15):
        """Waits until another one is the primary; it, and when that was."""
        found = []

        def is_there():
            for server in self.servers:
                if server is not old and server.role == "master":
                    found.append(server)
            return found
        assert process.until(is_there, within, pause=0.005) is not None
        return found[0], time.monotonic()

    def kill(self):
        for one in self.sentinels + self.servers:
            one.kill()


SLOTS = 16384


class Cluster:
    """Masters that share all slots, and one replica of each."""

    def __init__(self, place, masters=3, timeout_ms=1000, tls=None):
        """tls: as for stack.Redis; clients and nodes ask over it then."""
        timeout_ms = int(timeout_ms * process.SLACK)
        over_tls = (["--tls-cluster", "yes", "--tls-replication", "yes"]
                    if tls else [])
        buses = [process.free_port() for _ in range(2 * masters)]
        self.nodes = [
            stack.Redis(place("c"), "--cluster-enabled", "yes",
                        "--cluster-port", str(bus),
                        "--cluster-node-timeout", str(timeout_ms),
                        "--repl-diskless-sync-delay", "0",
                        "--cluster-replica-validity-factor", "0",
                        *over_tls, tcp=True, tls=tls)
            for bus in buses]
        self.masters = self.nodes[:masters]
        ends = [SLOTS * i // masters for i in range(masters + 1)]
        for i, master in enumerate(self.masters):
            master.client.execute_command(
                "CLUSTER", "ADDSLOTSRANGE", ends[i], ends[i + 1] - 1)
        for i, node in enumerate(self.nodes):
            node.client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
        for node in self.nodes[1:]:
            node.client.execute_command(
                "CLUSTER", "MEET", "127.0.0.1", self._port(self.nodes[0]),
                buses[0])
        assert process.until(self._all_met, 20) is not None
        for master, replica in zip(self.masters, self.nodes[masters:]):
            assert process.until(lambda: self._replicate(
                replica, master), 10) is not None
        assert process.until(self._is_whole, 20) is not None

    @staticmethod
    def _port(node):
        return node.tls_port or node.port

    def _all_met(self):
        return all(len(self._lines(node)) == len(self.nodes)
                   for node in self.nodes)

    @staticmethod
    def _lines(node):
        return node.client.execute_command("CLUSTER", "NODES").splitlines()

    @staticmethod
    def id_of(node):
        return node.client.execute_command("CLUSTER", "MYID")

    def _replicate(self, replica, master):
        try:
            return replica.client.execute_command(
                "CLUSTER", "REPLICATE", self.id_of(master))
        except redis_py.ResponseError:
            return False

    def url(self, *nodes):
        hosts = ",".join(
            f"127.0.0.1:{self._port(node)}" for node in nodes or self.nodes)
        scheme = "rediss" if self.nodes[0].tls_port else "redis"
        return f"{scheme}+cluster://{hosts}"

    def slot(self, key):
        return self.nodes[0].client.execute_command(
            "CLUSTER", "KEYSLOT", key)

    def owner(self, key):
        """The node that answers for the key; None while there is none."""
        for node in self.nodes:
            if node.process is None:
                continue
            try:
                node.client.execute_command("GET", key)
                return node
            except redis_py.RedisError:
                continue
        return None

    def replica_of(self, master):
        """A replica of it that hears of it, waited for."""
        found = []

        def is_there():
            for node in self.nodes:
                role = node.client.role()
                if role[0] == "slave" and (
                        role[2], role[3]) == (master.port, "connected"):
                    found.append(node)
            return found
        assert process.until(is_there, 20) is not None
        return found[0]

    def restore(self):
        for node in self.nodes:
            node.restore()
        assert process.until(self._is_whole, 20 * process.SLACK) is not None

    def fail_over(self, key, replica):
        """Until the replica owns the key.

        A master grants no second vote about another one within two node
        time-outs; Redis gives a fail-over without votes up after 5 s.
        """
        def owns():
            if replica.client.role()[0] != "master":
                replica.client.execute_command("CLUSTER", "FAILOVER")
            return process.until(lambda: self.owner(key) is replica, 5.5)
        assert any(owns() is not None for _ in range(4))

    def _is_whole(self):
        return all("cluster_state:ok" in node.client.execute_command(
            "CLUSTER", "INFO") and self._slots_seen(node) == SLOTS
            for node in self.nodes) and all(
                role[0] == "master" or role[3] == "connected" for role in
                (node.client.role() for node in self.nodes)) and len(
            {self._roles_seen(node) for node in self.nodes}) == 1

    def _roles_seen(self, node):
        """Who replicates whom: a master that has not heard grants no vote."""
        return frozenset((name, master) for name, _, _, master, *_ in map(
            str.split, self._lines(node)))

    def _slots_seen(self, node):
        """Slots that masters told the node of: a replica takes over no others."""
        ends = [part.split("-") for line in self._lines(node)
                for part in line.split()[8:] if not part.startswith("[")]
        return sum(int(end[-1]) - int(end[0]) + 1 for end in ends)

    def move(self, key, target):
        """Moves the slot of the key, as redis-cli --cluster reshard does."""
        source, slot = self.owner(key), self.slot(key)
        target.client.execute_command(
            "CLUSTER", "SETSLOT", slot, "IMPORTING", self.id_of(source))
        source.client.execute_command(
            "CLUSTER", "SETSLOT", slot, "MIGRATING", self.id_of(target))
        yield  # both know, and no key has been moved
        while True:
            keys = source.client.execute_command(
                "CLUSTER", "GETKEYSINSLOT", slot, 100)
            if not keys:
                break
            source.client.execute_command(
                "MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS",
                *keys)
        yield  # all keys are there, and the slot is not
        masters = [n for n in self.nodes if n.client.role()[0] == "master"]
        for node in (target, source, *masters):
            node.client.execute_command(
                "CLUSTER", "SETSLOT", slot, "NODE", self.id_of(target))

    def kill(self):
        for node in self.nodes:
            node.kill()


class Load(taps.Clients):
    """Clients that go on asking: when each began, how it went.

    Each is a function that returns a status.  They pause, or they would take
    the processors from the servers that fail over.
    """

    def __init__(self, *acts):
        self.seen = [[] for _ in acts]
        super().__init__(*[functools.partial(self._ask, act, seen)
                           for act, seen in zip(acts, self.seen)])

    @staticmethod
    def _ask(act, seen):
        began = time.monotonic()
        try:
            status = act()
        except OSError as why:
            status = repr(why)
        seen.append((began, time.monotonic(), status))
        time.sleep(0.005 if status == 200 else 0.01)

    def of(self, *numbers):
        """All that these clients saw, in the order of the ends."""
        return sorted((one for number in numbers
                       for one in self.seen[number]), key=lambda one: one[1])


def load_of(gate, alice, cookie):
    """Eight clients: four that check, four that log in."""
    def check():
        return gate.get("/auth", cookie).status

    def write():
        return gate.post("/login", alice.login).status
    return Load(*[check] * 4, *[write] * 4)


def failures(seen):
    return [one for one in seen if one[2] != 200]


def gap(seen):
    """The longest time without a success that ended in one."""
    good = [end for _, end, status in seen if status == 200]
    return max((b - a for a, b in zip(good, good[1:])), default=0)


def first_success(seen, after):
    """The first success that began after that moment: seconds after it."""
    return next(end - after for begin, end, status in seen
                if status == 200 and begin >= after)
