# SPDX-License-Identifier: GPL-2.0-or-later
"""What wgrd should have, worked out from zebra's own RIB and the configuration alone, to be compared
with what it says it has and with what is in the kernel. Written from the manual, not from wgrd's code.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from lib.frr import Frr
from lib.wgrd import PROTOCOL, TenantConf, Wgrd, WireguardConf

Permissions = dict[str, dict[str, list[str]]]


def host_prefix(address: str) -> str:
    return str(ipaddress.ip_network(address))


def network_of(address: str) -> str:
    return str(ipaddress.ip_interface(address).network)


def covered(prefix: str, covers: list[str]) -> bool:
    net = ipaddress.ip_network(prefix)
    same_family = [c for c in map(ipaddress.ip_network, covers) if c.version == net.version]
    return any(net.subnet_of(c) for c in same_family)  # type: ignore[arg-type]


@dataclass
class Oracle:
    """One WireGuard interface and its tenant on a router."""

    frr: Frr
    wgrd: Wgrd
    wireguard: WireguardConf
    tenant: TenantConf

    # ---- what should be ----

    def _peer_at(self, address: str) -> str | None:
        for peer in self.wireguard.peers:
            if ipaddress.ip_address(address) in map(ipaddress.ip_address, peer.overlay):
                return peer.name
        return None

    def _peers_of(self, entry: dict[str, Any]) -> list[str]:
        """The peers a RIB entry's next hops are; none when one of them is nobody's."""
        found = []
        for hop in entry["nexthops"]:
            if hop.get("interfaceName") == self.wireguard.name and hop.get("active"):
                peer = self._peer_at(hop["ip"])
                if peer:
                    found.append(peer)
        return sorted(found)

    def _local(self) -> Permissions:
        """Permissions that no routing daemon gives."""
        found: Permissions = {}
        for peer in self.wireguard.peers:
            for prefix in [host_prefix(a) for a in peer.overlay] + peer.allowed_ips:
                found[prefix] = {"egress": [peer.name], "ingress": [peer.name]}
        return found

    def _connected(self) -> dict[str, str]:
        """Connected prefix of the tenant's interfaces to interface."""
        found = {network_of(a): self.wireguard.name for a in self.wireguard.addresses
                 if not ipaddress.ip_interface(a).is_link_local}
        for interface in self.tenant.interfaces:
            text = self.wgrd.node.run("ip", "-o", "address", "show", "dev", interface, "scope", "global")
            for line in text.splitlines():
                found[network_of(line.split()[3])] = interface
        return found

    def learned(self) -> dict[str, list[str]]:
        """What zebra learned by BGP and should be accepted: prefix to peers."""
        found = {}
        for prefix, entry in self.frr.selected("bgp").items():
            peers = self._peers_of(entry)
            if not peers or prefix in self.tenant.advertise or prefix in self._connected():
                continue
            if prefix in ("0.0.0.0/0", "::/0"):
                allowed = prefix in self.tenant.supernets
            else:
                allowed = not self.tenant.supernets or covered(prefix, self.tenant.supernets)
            if allowed:
                found[prefix] = peers
        return found

    def permissions(self) -> Permissions:
        learned = {p: {"egress": peers, "ingress": peers} for p, peers in self.learned().items()}
        return {**learned, **self._local()}

    def table(self) -> list[str]:
        """The tenant's table as "PREFIX DEVICE"."""
        routes = {p: self.wireguard.name for p in self.permissions()}
        routes.update(self._connected())
        return sorted([f"{p} {d}" for p, d in routes.items()]
                      + ["0.0.0.0/0 unreachable", "::/0 unreachable"])

    def rules(self) -> list[str]:
        return sorted(f"{family} 1000: from all iif {interface} lookup {self.tenant.table} proto {PROTOCOL}"
                      for family in (4, 6)
                      for interface in [self.wireguard.name, *self.tenant.interfaces])

    # ---- what is ----

    def table_seen(self) -> list[str]:
        """The same from the kernel, everything in the table that is wgrd's."""
        return sorted(parse_route(line) for line in self.wgrd.node.table(self.tenant.table)
                      if f"proto {PROTOCOL}" in line)

    def rules_seen(self) -> list[str]:
        return sorted(r for r in self.wgrd.own_rules() if f"lookup {self.tenant.table} " in r)

    # ---- the comparison ----

    def differences(self) -> dict[str, Any]:
        """Empty when wgrd and the kernel have exactly what they should."""
        pairs: dict[str, tuple[Any, Any]] = {
            "permissions": (self.permissions(), self.wgrd.permissions(self.wireguard.name)),
            "table": (self.table(), self.table_seen()),
            "rules": (self.rules(), self.rules_seen()),
        }
        return {what: {"expected": expected, "seen": seen}
                for what, (expected, seen) in pairs.items() if expected != seen}


def parse_route(line: str) -> str:
    """`ip route show` to "PREFIX DEVICE", with unreachable as a device."""
    words = line.split()
    family = 6 if " pref " in f"{line} " or ":" in words[0] else 4
    if words[0] == "unreachable":
        return f"{'::/0' if family == 6 else '0.0.0.0/0'} unreachable" if words[1] == "default" else \
            f"{network_of(words[1])} unreachable"
    return f"{network_of(words[0])} {words[words.index('dev') + 1]}"
