# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets through a lab: one ping, a ping that never stops, TCP transfers that are compared."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from pathlib import Path

from lib.node import Node, Process
from lib.report import Report
from lib.wait import LabError, until
from lib.wgrd import Wgrd

TRANSFER = str(Path(__file__).with_name("transfer.py"))
PORT = 5000
PING_SECONDS = 2  # until a ping that was not answered counts as lost


def sequence_numbers(output: str) -> list[int]:
    """The sequence numbers of all answers that ping printed, in the order they came."""
    return [int(n) for n in re.findall(r"icmp_seq=(\d+) ttl=", output)]


@dataclass(frozen=True)
class Pinged:
    """What one ping printed, conditions like "Destination Net Unreachable" too; true when all it had
    to count were answered."""

    complete: bool
    output: str

    def __bool__(self) -> bool:
        return self.complete

    def __str__(self) -> str:
        return self.output


def ping(node: Node, address: str, count: int = 1, source: str = "") -> Pinged:
    """Are the first @count answered?

    Once one is answered, ping -c waits for the others no longer than its interval, whatever -W
    says: on a busy machine the last is then called lost. With a deadline it sends on until as many
    as that are answered, so it matters which.
    """
    argv = ["ping", "-n", "-c", str(count), "-i", "0.05", "-W", str(PING_SECONDS), address]
    if count > 1:
        argv[1:1] = ["-w", str(PING_SECONDS + count // 20)]
    if source:
        argv[1:1] = ["-I", source]
    output = node.run(*argv, check=False)
    return Pinged(set(range(1, count + 1)) <= set(sequence_numbers(output)), output)


def ping_all(node: Node, addresses: list[str], count: int = 1) -> Pinged:
    """Is each of @addresses reached?"""
    each = [ping(node, a, count) for a in addresses]
    return Pinged(all(each), "\n".join(p.output for p in each if not p))


@dataclass(frozen=True)
class Loss:
    sent: int
    lost: list[int]
    duplicates: int

    @property
    def longest(self) -> int:
        """The most that were lost in a row."""
        run = best = before = 0
        for n in self.lost:
            run = run + 1 if n == before + 1 else 1
            best, before = max(best, run), n
        return best

    def __str__(self) -> str:
        which = f": sequence {', '.join(map(str, self.lost[:20]))}" if self.lost else ""
        return f"{self.sent} sent, {len(self.lost)} lost{which}, {self.duplicates} duplicates"


class Ping:
    """A ping that runs until it is stopped, and then says exactly which packets had no answer.

    What was sent in the last moment may still be on its way, so only packets before the last
    answer count.
    """

    def __init__(self, node: Node, address: str, interval: float = 0.01, label: str = "") -> None:
        label = label or "ping-" + address.replace(":", "_")
        self.address = address
        log = node.folder / f"{label}.log"
        self._before = log.stat().st_size if log.exists() else 0  # of an earlier run
        self._process: Process = node.start(label, "ping", "-n", "-i", str(interval), address)
        until(f"answers from {address}", lambda: len(self._replies()), lambda n: n > 5, 10,
              str(self._process.log))

    def _replies(self) -> list[int]:
        """Sequence numbers of all answers of this run, in the order they came."""
        with open(self._process.log, encoding="utf-8", errors="replace") as log:
            log.seek(self._before)
            return sequence_numbers(log.read())

    def replies(self) -> int:
        return len(self._replies())

    def slowest_seconds(self) -> float:
        """The longest way there and back so far."""
        text = self._process.log.read_text(encoding="utf-8", errors="replace")
        return max((float(ms) / 1000 for ms in re.findall(r" time=([0-9.]+) ms", text)), default=0.0)

    def last(self) -> int:
        """The highest sequence number that was answered."""
        return max(self._replies(), default=0)

    def stop(self) -> Loss:
        if not self._process.alive():
            raise LabError(f"ping {self.address} ended by itself, see {self._process.log}")
        self._process.stop(signal.SIGINT)
        seen = self._replies()
        there = set(seen)
        last = max(seen, default=0)
        return Loss(last, [n for n in range(1, last) if n not in there], len(seen) - len(there))


def sent_to(wgrd: Wgrd, *peers: str) -> dict[str, int]:
    """Packets that each has been sent so far."""
    seen = wgrd.peers()
    return {p: seen[p]["tx-packets"] for p in peers}


def carried_by(t: Report, wgrd: Wgrd, pings: list[Ping], peer: str, other: str) -> None:
    """Until all pings are answered and @peer carries them, and not @other, but for some BGP."""
    before, answered = sent_to(wgrd, peer, other), [p.replies() for p in pings]

    def look() -> dict[str, int]:
        nonlocal before, answered
        replies = [p.replies() for p in pings]
        if any(now < then + 20 for now, then in zip(replies, answered)):
            raise LabError(f"{replies} answers, of which {answered} before")
        now = sent_to(wgrd, peer, other)
        found = {name: now[name] - before[name] for name in now}
        before, answered = now, replies
        return found

    t.wait(f"pings are answered, and {peer} carries them", look, lambda n: n[peer] >= 40 > 3 * n[other], 60)


class Outage:
    """Pings that run through something while it is broken. Make it, break, mend, wait until all is as
    it should be, call over(), then one of the two assertions.

    Loss is bounded by when, not by how much: of what was sent before the fault and of what is sent
    once all is well again nothing may be lost, on a machine of any speed. How much it was is printed.
    """

    AFTER = 60  # so many more must be answered, every one
    IN_FLIGHT = 3  # sent before the moment the fault is made, or noticed, and not answered then

    def __init__(self, t: Report, node: Node, addresses: list[str], interval: float = 0.01) -> None:
        self.t = t
        self.interval = interval
        self.pings = [Ping(node, a, interval) for a in addresses]
        self.losses: list[Loss] = []
        self.begun = [p.last() for p in self.pings]
        self.ended = list(self.begun)

    def over(self) -> None:
        """From here on nothing may be lost."""
        for p in self.pings:
            before = p.replies()
            until(f"{p.address} answers again", p.replies, lambda n, b=before: n > b + 1, 20)
        self.ended = [p.last() for p in self.pings]
        for p, end in zip(self.pings, self.ended):
            until(f"{self.AFTER} more answers from {p.address}", p.last,
                  lambda n, e=end: n > e + self.AFTER, 30)
        self.losses = [p.stop() for p in self.pings]

    def none_lost(self, what: str) -> None:
        for p, loss in zip(self.pings, self.losses):
            self.t.check(f"{what}: {loss.sent} pings to {p.address}, none lost", not loss.lost, str(loss))

    def lost_only_meanwhile(self, what: str, why: str) -> None:
        for p, loss, begun, ended in zip(self.pings, self.losses, self.begun, self.ended):
            at_other_times = [n for n in loss.lost if not begun - self.IN_FLIGHT < n <= ended]
            self.t.check(f"{what}: {len(loss.lost)} of {loss.sent} pings to {p.address} lost "
                         f"({len(loss.lost) * self.interval:.2f} s), all of them {why}",
                         not at_other_times, f"{loss}; at other times {at_other_times}, "
                         f"the fault was from {begun} to {ended}")


@dataclass(frozen=True)
class Transfer:
    size: int
    seconds: float
    intact: bool

    def __str__(self) -> str:
        rate = self.size * 8 / self.seconds / 1e6
        return (f"{self.size / 1e6:g} MB in {self.seconds:.2f} s ({rate:.0f} Mb/s), "
                f"{'the same' if self.intact else 'NOT the same'} at the other end")


class Server:
    """Takes TCP transfers on a node until the node is gone, and says its name to who asks."""

    def __init__(self, node: Node, port: int = PORT) -> None:
        self.node = node
        self.port = port
        self.process = node.start(f"server-{port}", "python3", TRANSFER, "serve", str(port), node.name)
        until(f"{node.name} listens on port {port}", self.process.output,
              lambda text: "listening" in text, 10, str(self.process.log))


def transfer(node: Node, address: str, size: int, port: int = PORT) -> Transfer:
    """Sends @size octets from @node to the Server at @address and compares what arrived."""
    answer = node.run("python3", TRANSFER, "send", address, str(port), str(size), seconds=60)
    sent, received, seconds = answer.split()
    return Transfer(size, float(seconds), sent == received)


def who_is(node: Node, address: str, port: int = PORT) -> str:
    """The name of the node that really answers at @address."""
    return node.run("python3", TRANSFER, "who", address, str(port)).strip()
