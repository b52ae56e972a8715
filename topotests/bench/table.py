# SPDX-License-Identifier: GPL-2.0-or-later
"""What was measured, as a table for people and as an object a row for machines.

A number is the median of the rounds, a ratio that of two medians. What could not be measured is
"-", or null.
"""

from __future__ import annotations

import json
import math
import statistics
from dataclasses import dataclass, field

from measure import Numbers

TCP_FLOWS = [1, 8, 64]
UDP_LENGTHS = [64, 512, 1400]
RATIOS = ["nocrypto", "wireguard-go"]


@dataclass(frozen=True)
class Row:
    key: str
    title: str
    unit: str
    more_is_better: bool = False


def rows() -> list[Row]:
    made = [Row(f"tcp-{n}", f"TCP, {n} flow{'s' * (n > 1)}", "Gb/s", True) for n in TCP_FLOWS]
    for n in UDP_LENGTHS:
        made += [Row(f"udp-{n}", f"UDP {n}, delivered", "kpps", True),
                 Row(f"udp-{n}-offered", f"UDP {n}, offered", "kpps", True),
                 Row(f"udp-{n}-loss", f"UDP {n}, loss", "%")]
    for when in ("idle", "loaded"):
        made += [Row(f"ping-{when}-{p}", f"ping {when}, {p}", "ms") for p in ("p50", "p99")]
        made.append(Row(f"ping-{when}-loss", f"ping {when}, loss", "%"))
    for n in TCP_FLOWS:
        flows = f"{n} flow{'s' * (n > 1)}"
        made += [Row(f"cpu-{n}", f"CPU of all, {flows}", "s/GB"),
                 Row(f"cpu-daemons-{n}", f"CPU of daemons, {flows}", "s/GB")]
    return made


@dataclass
class Results:
    """Contender to the numbers of each of its rounds."""

    names: list[str]
    rounds: dict[str, list[Numbers]] = field(default_factory=dict)

    def add(self, name: str, numbers: Numbers) -> None:
        self.rounds.setdefault(name, []).append(numbers)

    def values(self, name: str, key: str) -> list[float]:
        return [n[key] for n in self.rounds.get(name, []) if math.isfinite(n.get(key, math.nan))]

    def median(self, name: str, key: str) -> float | None:
        values = self.values(name, key)
        return statistics.median(values) if values else None

    def ratio(self, key: str, other: str) -> float | None:
        """What the first contender has, divided by what @other has."""
        mine, its = self.median(self.names[0], key), self.median(other, key)
        return mine / its if mine is not None and its else None

    def ratios(self) -> list[str]:
        """To whom the first contender is compared: those it races with, in a fixed order."""
        others = [n for n in self.names[1:] if n not in RATIOS and n != "veth"]
        return others + [n for n in RATIOS if n in self.names[1:]]


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 1000 else f"{value:.1f}" if value >= 100 else f"{value:.3g}"


def text(results: Results) -> str:
    """The table, for a terminal as wide as it takes."""
    ratios = results.ratios()
    first = results.names[0]
    head = ["", "unit", *results.names, *(f"{first}/{n}" for n in ratios)]
    lines = [head]
    for row in rows():
        lines.append([row.title, row.unit,
                      *(_number(results.median(n, row.key)) for n in results.names),
                      *(_number(results.ratio(row.key, n)) for n in ratios)])
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join("  ".join([line[0].ljust(widths[0]), line[1].ljust(widths[1]),
                                *(cell.rjust(w) for cell, w in zip(line[2:], widths[2:]))])
                     for line in lines)


def json_lines(results: Results) -> list[str]:
    made = []
    for row in rows():
        made.append(json.dumps({
            "metric": row.key, "unit": row.unit, "more_is_better": row.more_is_better,
            "median": {n: results.median(n, row.key) for n in results.names},
            "rounds": {n: results.values(n, row.key) for n in results.names},
            "ratio": {n: results.ratio(row.key, n) for n in results.ratios()}}))
    return made
