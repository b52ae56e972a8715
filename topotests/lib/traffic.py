# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets through a lab: one ping, a ping that never stops, TCP transfers that are compared."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from pathlib import Path

from lib.node import Node, Process
from lib.wait import LabError, until

TRANSFER = str(Path(__file__).with_name("transfer.py"))
PORT = 5000


def ping(node: Node, address: str, count: int = 1, source: str = "") -> bool:
    """All of @count answered?"""
    argv = ["ping", "-n", "-q", "-c", str(count), "-i", "0.05", "-W", "1", address]
    if source:
        argv[1:1] = ["-I", source]
    answer = node.run(*argv, check=False)
    return f" {count} received" in answer


def ping_answer(node: Node, address: str) -> str:
    """What one ping says, for conditions like "Destination Net Unreachable"."""
    return node.run("ping", "-n", "-c", "1", "-W", "1", address, check=False)


@dataclass(frozen=True)
class Loss:
    sent: int
    lost: list[int]
    duplicates: int

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
        self._process: Process = node.start(label, "ping", "-n", "-i", str(interval), address)
        self._begin = 0
        self._begin = len(self._replies())
        until(f"answers from {address}", lambda: len(self._replies()), lambda n: n > 5, 10,
              str(self._process.log))

    def _replies(self) -> list[int]:
        """Sequence numbers of all answers of this run, in the order they came."""
        run = self._process.output().rpartition("\nPING ")[2]
        return [int(n) for n in re.findall(r"icmp_seq=(\d+) ttl=", run)]

    def replies(self) -> int:
        return len(self._replies())

    def stop(self) -> Loss:
        if not self._process.alive():
            raise LabError(f"ping {self.address} ended by itself, see {self._process.log}")
        self._process.stop(signal.SIGINT)
        seen = self._replies()
        answered = set(seen)
        last = max(seen, default=0)
        return Loss(last, [n for n in range(1, last) if n not in answered], len(seen) - len(answered))


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
