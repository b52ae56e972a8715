# SPDX-License-Identifier: GPL-2.0-or-later
"""What a routing daemon has learned, as routes with next hops: from zebra's RIB, or from a kernel table.
For the oracle. Nothing of wgrd's is asked.
"""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from typing import Any

from lib.frr import Frr
from lib.node import Node


@dataclass(frozen=True)
class Hop:
    address: str  # "" when it has none
    interface: str  # "" when it is recursive
    weight: int


@dataclass(frozen=True)
class Route:
    prefix: str
    tag: int
    hops: tuple[Hop, ...]


# ---- zebra ----

def zebra_hop(hop: dict[str, Any]) -> Hop:
    interface = "" if hop.get("recursive") else hop.get("interfaceName", "")
    return Hop(hop.get("ip", ""), interface, hop.get("weight", 1))


def zebra_route(prefix: str, entry: dict[str, Any]) -> Route:
    """Its next hops as the protocol has them: what zebra resolved them to is left out."""
    hops = [zebra_hop(h) for h in entry["nexthops"] if h.get("active") and not h.get("resolver")]
    return Route(prefix, entry.get("tag", 0), tuple(hops))


def of_zebra(frr: Frr, vrf: str = "default", protocol: str = "bgp") -> list[Route]:
    """The routes of @protocol that are selected in @vrf."""
    return [zebra_route(prefix, entry) for prefix, entry in frr.selected(protocol, vrf).items()]


# ---- the kernel ----

def gateway(hop: dict[str, Any]) -> str:
    """Also that of an IPv4 route over IPv6, which ip(8) calls "via"."""
    return str(hop.get("gateway") or hop.get("via", {}).get("host", ""))


def kernel_route(entry: dict[str, Any], six: bool) -> Route:
    prefix = entry["dst"] if entry["dst"] != "default" else "::/0" if six else "0.0.0.0/0"
    hops = entry.get("nexthops") or [entry]
    return Route(str(ipaddress.ip_network(prefix)), 0,
                 tuple(Hop(gateway(h), h.get("dev", ""), h.get("weight", 1)) for h in hops))


def kernel_entries(node: Node, table: int, six: bool) -> list[dict[str, Any]]:
    """A table that was never used is empty."""
    text = node.run("ip", "-j", "-6" if six else "-4", "route", "show", "table", str(table), check=False)
    return json.loads(text) if text.startswith("[") else []


def of_kernel(node: Node, table: int, protocols: list[str]) -> list[Route]:
    """For each prefix the route of lowest metric among those of @protocols."""
    best: dict[tuple[bool, str], dict[str, Any]] = {}
    for six in (False, True):
        for entry in kernel_entries(node, table, six):
            key = (six, entry["dst"])
            if entry.get("protocol") not in protocols or entry.get("type", "unicast") != "unicast":
                continue
            if key not in best or entry.get("metric", 0) < best[key].get("metric", 0):
                best[key] = entry
    return [kernel_route(entry, six) for (six, _), entry in best.items()]
