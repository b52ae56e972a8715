# SPDX-License-Identifier: GPL-2.0-or-later
"""Foreign hands at wgrd's rules and routes, and a kernel that says more than wgrd can hear.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
              ip(8) as the    |
              foreign hand   hub

- What somebody deletes or replaces is put back when the kernel has told of it. Lost is at most what is
  sent between the two, and only if it was what the pings need.
- Somebody who does it in a loop is told of at a limited rate, and counted in full.
- When wgrd's main thread cannot listen and the kernel's messages run over (ENOBUFS, provoked for real:
  the thread is stopped while thousands are announced), everything is compared afterwards and what
  differs is put back. Packets are other threads' business: nothing may be lost.
"""

from __future__ import annotations

import ctypes
import os
from types import TracebackType

from lib.lab import Lab
from lib.report import Report
from lib.sites import TABLE, Sites, host_addresses, site_prefixes
from lib.traffic import Outage

LOOP = 200
MESSAGES = 12000  # of about a kilobyte and a half; the buffer has eight megabytes
LOGGED_MOST = 5  # in ten seconds, of a kind


class Frozen:
    """The main thread of a process stands still, its other threads go on (ptrace(2))."""

    SEIZE, INTERRUPT, DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.libc = ctypes.CDLL(None, use_errno=True)

    def _ptrace(self, request: int) -> None:
        if self.libc.ptrace(request, self.pid, None, None) < 0:
            raise OSError(ctypes.get_errno(), f"ptrace {request:#x} of {self.pid}")

    def __enter__(self) -> None:
        self._ptrace(self.SEIZE)
        self._ptrace(self.INTERRUPT)
        os.waitpid(self.pid, self.WALL)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._ptrace(self.DETACH)


def put_back(s: Sites) -> int:
    return int(s.spoke1.wgrd.show("tenants")["fib"]["put-back"])


def log(s: Sites) -> str:
    assert s.spoke1.wgrd.process
    return s.spoke1.wgrd.process.output()


def ip(s: Sites, *words: str) -> None:
    s.spoke1.node.run("ip", *words)


def one_of_each(t: Report, s: Sites) -> None:
    t.step("somebody deletes and replaces")
    four, six = site_prefixes(2)
    table = ["table", str(TABLE)]
    hands = {
        "deletes a route": ["-4", "route", "del", four, *table],
        "deletes an IPv6 route": ["-6", "route", "del", six, *table],
        "replaces a route": ["-4", "route", "replace", four, "dev", "lan", "metric", "20", "proto", "static", *table],
        "replaces an IPv6 route": ["-6", "route", "replace", six, "dev", "lan", "metric", "20", "proto", "static", *table],
        "replaces the guard": ["-4", "route", "replace", "default", "via", "203.0.113.254", "metric", "4294967295",
                               "proto", "static", *table],
        "deletes a rule": ["-4", "rule", "del", "iif", "lan", *table],
        "deletes an IPv6 rule": ["-6", "rule", "del", "iif", "lan", *table],
    }
    for what, words in hands.items():
        before = put_back(s)
        outage = Outage(t, s.lan1, host_addresses(2))
        ip(s, *words)
        t.wait(f"somebody {what}: counted as put back", lambda: put_back(s), lambda n, b=before: n == b + 1)
        t.wait("everything is as the oracle says", s.spoke1.oracle.differences, lambda d: not d)
        outage.over()
        outage.lost_only_meanwhile(what, "before it was put back")
    t.wait("everything in the log", lambda: log(s),
           lambda text: text.count("somebody else deleted it, putting it back") == 4
           and text.count("somebody else replaced it, putting it back") == 3, 5)


def everything(t: Report, s: Sites) -> None:
    t.step("somebody flushes it all")
    outage = Outage(t, s.lan1, host_addresses(2))
    for family in ("-4", "-6"):
        ip(s, family, "rule", "flush", "protocol", "157")
        ip(s, family, "route", "flush", "table", str(TABLE))
    t.wait("everything is as the oracle says", s.differences, lambda d: not d)
    outage.over()
    outage.lost_only_meanwhile("everything flushed", "before it was put back")


def in_a_loop(t: Report, s: Sites) -> None:
    t.step(f"somebody deletes the same route {LOOP} times, as fast as it comes back")
    before, said = put_back(s), log(s).count("putting it back")
    prefix = site_prefixes(2)[0]
    s.spoke1.node.sh(f"""
        n=0
        while [ $n -lt {LOOP} ]; do
            ip route del {prefix} table {TABLE} 2>/dev/null && n=$((n + 1)) || true
        done""")
    t.wait("everything is as the oracle says", s.differences, lambda d: not d)
    # None at all if the step before has used up what the limit allows.
    lines = log(s).count("putting it back") - said
    took = put_back(s) - before
    t.check(f"{LOOP} deletions, {lines} lines in the log", lines <= 4 * LOGGED_MOST, log(s)[-3000:])
    t.check(f"{took} of them were counted, which is all but those that came while ours was on its way",
            took > 10, took)


def overrun(t: Report, s: Sites) -> None:
    t.step(f"{MESSAGES} messages of the kernel while the main thread stands still")
    w = s.spoke1.wgrd
    view = w.show("tenants")["fib"]
    outage = Outage(t, s.lan1, host_addresses(2))
    with Frozen(w.pid()):
        lines = "".join(f"link set dev lan alias {n:0200}\n" for n in range(MESSAGES))
        s.spoke1.node.run("ip", "-batch", "-", stdin=lines, seconds=60)
        # What the pings do not need: it stays away for as long as nobody listens.
        for words in (["route", "del", "10.99.0.1", "table", str(TABLE)],
                      ["route", "del", "fd99::1", "table", str(TABLE)]):
            ip(s, *words)
        t.check("what was deleted meanwhile is away", not s.spoke1.node.succeeds(
            "sh", "-c", f"ip route show table {TABLE} | grep -q '^10.99.0.1 '"))
    t.wait("it was noticed, and everything compared once", lambda: w.show("tenants")["fib"]["resyncs"],
           lambda n: n == view["resyncs"] + 1)
    t.wait("everything is as the oracle says", s.differences, lambda d: not d)
    t.equal("what was put back is counted", put_back(s), view["put-back"] + 2)
    t.contains("the log says so", log(s), "announcements were lost, comparing everything")
    t.contains("and show", w.cli("show wireguard tenants"), "2 put back" if not view["put-back"] else "put back",
               f"{view['resyncs'] + 1} resyncs")
    outage.over()
    outage.none_lost("overrun")


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    s.start()
    one_of_each(t, s)
    everything(t, s)
    in_a_loop(t, s)
    overrun(t, s)
