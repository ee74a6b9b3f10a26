"""Networks of one's own, as network namespaces: hosts, and cables to cut.

The hosts' cables meet at a bridge in a namespace of their own, the hub.  Only
root can make them.  What is started inside `with host:` is on that host; files,
hence sockets with a path, are shared by all.
"""

import contextlib
import ctypes
import os
import subprocess

import process
import stack

CLONE_NEWNET = 0x40000000


def run(*words):
    subprocess.run(words, check=True, capture_output=True)


class Namespace:
    """A network namespace; `with` puts the calling thread into it."""

    libc = ctypes.CDLL(None, use_errno=True)

    def __init__(self):
        self.owner = subprocess.Popen(["unshare", "-n", "sleep", "600"])
        self.former = []
        mine = os.readlink("/proc/self/ns/net")
        assert process.until(lambda: os.readlink(self._path) != mine, 5)
        with self:
            run("ip", "link", "set", "lo", "up")

    @property
    def _path(self):
        return f"/proc/{self.owner.pid}/ns/net"

    def _enter(self, fd):
        if self.libc.setns(fd, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def __enter__(self):
        # of the calling thread: others may be elsewhere
        self.former.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY))
        with open(self._path, "rb") as there:
            self._enter(there.fileno())
        return self

    def __exit__(self, *_):
        fd = self.former.pop()
        self._enter(fd)
        os.close(fd)

    def close(self):
        self.owner.kill()
        self.owner.wait()


class Network:
    """A hub at 10.77.0.1, and hosts at 10.77.0.2 and up."""

    def __init__(self, count):
        if not stack.IS_ROOT:
            process.lacking("root, for network namespaces")
        try:
            self.hub = Namespace()
        except (OSError, AssertionError, subprocess.CalledProcessError) as why:
            process.lacking(f"network namespaces ({why})")
        self.hosts = []
        with self.hub:
            run("ip", "link", "add", "hub", "type", "bridge")
            run("ip", "addr", "add", "10.77.0.1/24", "dev", "hub")
            run("ip", "link", "set", "hub", "up")
        for number in range(count):
            self._add(number)

    def _add(self, number):
        host = Namespace()
        host.address = f"10.77.0.{number + 2}"
        host.cable = f"host{number}"
        with self.hub:
            run("ip", "link", "add", host.cable, "type", "veth", "peer",
                "name", "eth0", "netns", str(host.owner.pid))
            run("ip", "link", "set", host.cable, "master", "hub", "up")
        with host:
            run("ip", "addr", "add", host.address + "/24", "dev", "eth0")
            run("ip", "link", "set", "eth0", "up")
        self.hosts.append(host)

    def cut(self, host, is_cut=True):
        """Takes the cable of a host off the hub, or puts it back."""
        with self.hub:
            run("ip", "link", "set", host.cable, "down" if is_cut else "up")

    def part(self, are_apart=True):
        """The hosts reach the hub, and each other no more; or again."""
        with self.hub:
            for host in self.hosts:
                run("ip", "link", "set", "dev", host.cable, "type",
                    "bridge_slave", "isolated", "on" if are_apart else "off")

    def close(self):
        for one in (*self.hosts, self.hub):
            with contextlib.suppress(OSError):
                one.close()
