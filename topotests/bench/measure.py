# SPDX-License-Identifier: GPL-2.0-or-later
"""The measurements, each between two nodes over a path that is up, and what the processors did meanwhile.

Each returns numbers by the key of a row of table.py.
"""

from __future__ import annotations

import json
import os
import re
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.node import Node
from lib.wait import LabError, until
from lib.wgrd import build_dir

TICK = 1 / os.sysconf("SC_CLK_TCK")
IPERF_PORT = 5201
SINK_PORT = 5202
PING_INTERVAL_S = 0.01
GRACE_S = 30  # for a program to end after its time

Numbers = dict[str, float]


# ---- processors ----

@dataclass(frozen=True)
class Cpu:
    """Seconds used since the machine, or the process, began."""

    machine: float
    daemons: float

    def __sub__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.machine - other.machine, self.daemons - other.daemons)


def cpu(pids: list[int]) -> Cpu:
    """Of the whole machine, kernel and interrupts included; and of the processes @pids."""
    user, nice, system, _idle, _iowait, irq, softirq = map(
        int, Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:8])
    daemons = 0
    for pid in pids:
        stat = Path("/proc", str(pid), "stat").read_text(encoding="ascii", errors="replace")
        daemons += sum(map(int, stat.rpartition(")")[2].split()[11:13]))
    return Cpu((user + nice + system + irq + softirq) * TICK, daemons * TICK)


# ---- TCP ----

def start_iperf(node: Node) -> None:
    """A server until the node is gone."""
    node.start("iperf3", "iperf3", "-s", "-p", str(IPERF_PORT))
    until(f"iperf3 listens in {node.name}", lambda: node.run("ss", "-Htln"),
          lambda text: f":{IPERF_PORT} " in text, 10, str(node.folder))


def iperf(node: Node, address: str, flows: int, seconds: float) -> dict[str, Any]:
    text = node.run("iperf3", "-c", address, "-p", str(IPERF_PORT), "-P", str(flows), "-t",
                    f"{seconds:g}", "-J", seconds=seconds + GRACE_S, check=False)
    answer = json.loads(text)
    if "error" in answer:
        raise LabError(f"iperf3 with {flows} flows: {answer['error']}")
    return answer["end"]["sum_received"]


def tcp(node: Node, address: str, flows: int, seconds: float, pids: list[int]) -> Numbers:
    before = cpu(pids)
    received = iperf(node, address, flows, seconds)
    used = cpu(pids) - before
    gigabytes = max(received["bytes"], 1) / 1e9
    return {f"tcp-{flows}": received["bits_per_second"] / 1e9,
            f"cpu-{flows}": used.machine / gigabytes,
            f"cpu-daemons-{flows}": used.daemons / gigabytes}


# ---- UDP ----

def udp(a: Node, b: Node, address: str, length: int, seconds: float, offered_pps: float) -> Numbers:
    """Packets of @length from @a to @b, as many as can be when @offered_pps is 0."""
    program = str(build_dir() / "tests" / "bench" / "udp_load")
    sink = b.start("udp-sink", program, "sink", address, str(SINK_PORT))
    begun = sink.output().count("\n{")
    until("the sink is ready", sink.output, lambda text: text.endswith("ready\n"), 10, str(sink.log))
    sent = json.loads(a.run(program, "send", address, str(SINK_PORT), str(length), f"{seconds:g}",
                            f"{offered_pps:g}", seconds=seconds + GRACE_S))
    if sink.wait(2 * GRACE_S):
        raise LabError(f"the sink failed, see {sink.log}")
    lines = [line for line in sink.output().splitlines() if line.startswith("{")]
    assert len(lines) == begun + 1
    arrived = json.loads(lines[-1])
    return {f"udp-{length}": arrived["packets"] / max(arrived["seconds"], seconds) / 1e3,
            f"udp-{length}-offered": sent["packets"] / sent["seconds"] / 1e3,
            f"udp-{length}-loss": 100 * (1 - arrived["packets"] / sent["packets"])}


# ---- latency ----

def percentile(sorted_values: list[float], percent: float) -> float:
    """The nearest rank; of nothing, not a number."""
    if not sorted_values:
        return float("nan")
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * percent / 100))]


class Latency:
    """A ping every 10 ms that runs beside something else until stop()."""

    def __init__(self, node: Node, address: str, key: str, seconds: float) -> None:
        self.key = key
        self.process = node.start(key, "ping", "-n", "-i", str(PING_INTERVAL_S), "-w",
                                  str(max(1, round(seconds))), address)
        self.limit = seconds + GRACE_S

    def stop(self) -> Numbers:
        self.process.wait(self.limit)
        text = self.process.output().rpartition("\nPING ")[2]
        times = sorted(float(t) for t in re.findall(r"time=([\d.]+) ms", text))
        sent = re.search(r"(\d+) packets transmitted", text)
        if not sent:
            raise LabError(f"ping says nothing, see {self.process.log}")
        return {f"{self.key}-p50": statistics.median(times) if times else float("nan"),
                f"{self.key}-p99": percentile(times, 99),
                f"{self.key}-loss": 100 * (1 - len(times) / int(sent[1]))}
