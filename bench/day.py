"""A day in minutes: logins, touches, ends and checks by several processes.

[session] idle is as much shorter as the day is, so that sessions are extended
and end as often as in a day.  What must stay the same, once every user has been
seen, is memory.
"""

import random

import meter
import rounds
import works

HOURS, IDLE_HOURS = 24, 12
PROCESSES, CONNECTIONS = 8, 4000
ACTIVE = 100000         # asked for in turn
CHECKS, LOGINS = 8000, 100  # a second; as many logouts as logins
SHOWN = (1, 2, 4, 8, 12, 16, 20, 24)
SETTLED = 16            # the hour from which memory is compared


class Day:
    def __init__(self, growth):
        self.growth, self.options = growth, growth.options
        self.hour_s = self.options.day / HOURS
        self.site = growth.site("day")
        growth.place.stop(self.site.gate.process)
        self.site.pids = [process.pid for process in growth.siblings(
            self.site, PROCESSES,
            session_idle=round(IDLE_HOURS * self.hour_s))]
        self.site.grow(self.options.sessions)
        self.active = self.site.fresh(min(ACTIVE, self.options.sessions))

    def run(self):
        rounds.finish(self.site.start(  # each user is read once, in peace
            works.WORKS["W1"], self.active, 64, 600, "--kept", "--once",
            f"--rate={CHECKS / 3}"))
        rows, memory = [], []
        for hour in range(1, HOURS + 1):
            found = self._hour()
            memory.append(found["kib"])
            self.growth.keep("day", hour, [found])
            if hour in SHOWN:
                rows.append([
                    f"{hour}", f"{found['checks']}", f"{found['logins']}",
                    f"{found['logouts']}", f"{found['failures']}",
                    f"{found['sessions']}", f"{found['kib'] / 1024:.1f}",
                    f"{found['redis_kib'] / 1024:.0f}"])
        settled = memory[SETTLED - 1:]
        self.growth.table(
            f"A day in {self.options.day:.0f} s, {PROCESSES} processes, "
            f"{CONNECTIONS} kept connections, {len(self.active)} active users "
            f"(most memory / least from hour {SETTLED} on: "
            f"{max(settled) / min(settled):.2f})",
            ["hour", "checks", "logins", "logouts", "failures", "keys of Redis",
             "our MiB", "Redis MiB"], rows)

    def _hour(self):
        site = self.site
        count = round(LOGINS * self.hour_s)
        leaving = site.fresh(count)
        names = [(random.randrange(1, self.options.sessions + 1), None)
                 for _ in range(count)]
        loads = {
            "checks": site.start(works.WORKS["W1"], self.active, CONNECTIONS,
                                 self.hour_s, "--kept", f"--rate={CHECKS}"),
            "logins": site.start(works.WORKS["W4"], names, 8, self.hour_s,
                                 f"--rate={LOGINS}"),
            "logouts": site.start(works.WORKS["W3"], leaving, 8, self.hour_s,
                                  "--once", f"--rate={LOGINS}"),
        }
        told = {name: rounds.finish(load) for name, load in loads.items()}
        return {name: one["answers"] for name, one in told.items()} | {
            "failures": sum(
                one["failures"] + one["answers"] - one["statuses"].get("200", 0)
                for one in told.values()),
            "p99_us": told["checks"]["p99_us"],
            "sessions": int(site.redis.ask("DBSIZE")),
            "kib": meter.memory_kib(site.pids),
            "redis_kib": int(site.redis.info("used_memory")) // 1024,
        }
