"""Processor time and memory of groups of processes."""

import os
import time

TICK_US = 1e6 / os.sysconf("SC_CLK_TCK")
CPUCLOCK_SCHED = 2


def cpu_us(pid):
    """Processor time a process, all its threads, has used so far.

    The kernel's clock of another process has nanoseconds; where it is refused
    /proc/PID/stat has ticks.
    """
    try:
        return time.clock_gettime(((~pid) << 3) | CPUCLOCK_SCHED) * 1e6
    except OSError:
        return stat_us(pid)


def stat_us(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) * TICK_US


def family(pid):
    """A process and its descendants."""
    found = [pid]
    for one in found:
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{task}/children",
                          encoding="ascii") as file:
                    found += map(int, file.read().split())
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def memory_kib(pids):
    """Resident memory; what several share counts once, a part for each.

    Of a program that lets nobody look (sessgate does, to all but root) it is
    what is resident, shared or not.
    """
    return sum(_kib(pid, "smaps_rollup", "Pss:")
               or _kib(pid, "status", "VmRSS:") for pid in pids)


def peak_kib(pids):
    """The most each has had resident; shared pages count for each."""
    return sum(_kib(pid, "status", "VmHWM:") for pid in pids)


def _kib(pid, name, field):
    try:
        with open(f"/proc/{pid}/{name}", encoding="ascii") as file:
            for line in file:
                if line.startswith(field):
                    return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass
    return 0


class Meter:
    """Groups of processes: {"app": [pid, ..], "web": [..]}."""

    def __init__(self, groups):
        self.groups = {name: [p for pid in pids for p in family(pid)]
                       for name, pids in groups.items()}
        self.before = self.cpu()

    def cpu(self):
        return {name: sum(map(cpu_us, pids))
                for name, pids in self.groups.items()}

    def used(self):
        """Microseconds of each group since it was made."""
        return {name: now - self.before[name]
                for name, now in self.cpu().items()}
