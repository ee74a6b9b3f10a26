"""sessgatectl, run to its end as an operator does."""

import json
import os
import pty
import select
import subprocess

import gate as gates
import process


def binary():
    """The tool beside the program, from the build or where it is installed."""
    path = os.path.join(os.path.dirname(gates.binary()), "sessgatectl")
    if not os.access(path, os.X_OK):
        process.lacking("sessgatectl")
    return path


class Said:
    """What a run printed, and its exit status."""

    def __init__(self, status, out, err=""):
        self.status, self.out, self.err = status, out, err

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def objects(self):
        """The JSON objects, one a line."""
        return [json.loads(line) for line in self.lines]

    def __repr__(self):
        return f"status {self.status}\nout: {self.out}\nerr: {self.err}"


class Ctl:
    """The tool with the settings of one configuration."""

    def __init__(self, settings):
        self.settings = settings

    def with_settings(self, settings):
        return Ctl({**self.settings, **settings})

    def __call__(self, *args, stdin=None, timeout=20, **env):
        done = subprocess.run(
            [binary(), *map(str, args)],
            env=gates.environment(self.settings, **env),
            input=(stdin if stdin is None or isinstance(stdin, bytes)
                   else stdin.encode()),
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True, timeout=timeout * process.SLACK, check=False)
        said = Said(done.returncode, done.stdout.decode(errors="replace"),
                    done.stderr.decode(errors="replace"))
        assert not gates.SANITIZER_SAYS.search(said.err), said.err
        return said

    def on_terminal(self, *args, typed=None, columns=100, **env):
        """Run on a terminal of so many columns; typed after its first words."""
        pid, master = pty.fork()
        if pid == 0:
            os.execve(binary(), ["sessgatectl", *map(str, args)],
                      gates.environment(self.settings, **env))
        import fcntl
        import struct
        import termios
        fcntl.ioctl(master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 50, columns, 0, 0))
        out, typed = b"", list(typed or [])
        while True:
            ready, _, _ = select.select([master], [], [], 10 * process.SLACK)
            if not ready:
                break
            try:
                more = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not more:
                break
            out += more
            if typed and out.rstrip(b" ").endswith(b":"):
                os.write(master, typed.pop(0).encode() + b"\n")
        _, status = os.waitpid(pid, 0)
        os.close(master)
        return Said(os.waitstatus_to_exitcode(status),
                    out.decode(errors="replace").replace("\r\n", "\n"))
