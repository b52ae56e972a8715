# SPDX-License-Identifier: GPL-2.0-or-later
"""IPv4 prefixes for a routing daemon to announce: the Internet's, or made up."""

from __future__ import annotations

import gzip
import ipaddress
import os
import random
from pathlib import Path

TABLE = "full-table-20151101.dat.gz"
# Shares of the Internet's table, in per mille.
LENGTHS = {24: 560, 23: 100, 22: 110, 21: 60, 20: 65, 19: 45, 18: 60}
# What no peer may announce: our own networks in the lab are in these, and zebra redistributes
# nothing of 127.0.0.0/8 and 169.254.0.0/16.
RESERVED = [ipaddress.IPv4Network(n) for n in
            ("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16",
             "198.18.0.0/15", "198.51.100.0/24", "224.0.0.0/3")]


def full_table_path(top: Path) -> Path:
    """Where the full table lies, whether or not it is there."""
    return Path(os.environ.get("WGRD_TEST_DATA", top.parent / "shared" / "data")) / TABLE


def _usable(prefix: ipaddress.IPv4Network) -> bool:
    return prefix.prefixlen > 0 and not any(prefix.overlaps(r) for r in RESERVED)


def internet(path: Path, count: int) -> list[str]:
    """The first @count of the table; all of it if @count is 0."""
    found: dict[str, None] = {}
    with gzip.open(path, "rt", encoding="ascii") as lines:
        for line in lines:
            text = line.split("\t")[0].strip()
            if not text or text.startswith(";") or ":" in text:
                continue
            prefix = ipaddress.IPv4Network(text, strict=False)
            if _usable(prefix):
                found[str(prefix)] = None
            if count and len(found) == count:
                break
    return list(found)


def made_up(count: int) -> list[str]:
    """One block after another from 11.0.0.0 on, one in four with half of itself beside it."""
    draw = random.Random(1)
    lengths = draw.choices(list(LENGTHS), weights=list(LENGTHS.values()), k=count)
    found: list[str] = []
    at = int(ipaddress.IPv4Address("11.0.0.0"))
    for length in lengths:
        size = 1 << (32 - length)
        at = (at + size - 1) & -size
        prefix = ipaddress.IPv4Network((at, length))
        if not _usable(prefix):
            at += size
            continue
        found.append(str(prefix))
        if draw.random() < 0.25:
            found.append(f"{prefix.network_address}/{length + 1}")
        if len(found) >= count:
            return found[:count]
        at += size
    return found[:count]
