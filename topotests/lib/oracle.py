# SPDX-License-Identifier: GPL-2.0-or-later
"""What wgrd should have, worked out from what the routing daemons have learned and from the configuration
alone, to be compared with what it says it has and with what is in the kernel. Written from the manual,
not from wgrd's code. Only what is refused for a limit (max-prefix) is asked of wgrd: see limits.py.
"""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass, field, replace
from typing import Iterable

from lib import limits
from lib.frr import Frr
from lib.limits import Limit
from lib.node import Node
from lib.ribs import Hop, Route, kernel_entries, of_kernel, of_zebra
from lib.wgrd import PROTOCOL, PeerConf, TenantConf, Wgrd, WireguardConf

# A source of routes: a VRF of zebra by name, or a kernel table by number.
Source = str | int
NO_TENANT = TenantConf("", 0)  # what an interface without one belongs to
BACKUPS = 4  # of a next hop
MAIN = 254
SHARED_METRIC = 2516582400  # of own prefixes in a table that is zebra's as well
UNREACHABLE = ["0.0.0.0/0 unreachable", "::/0 unreachable"]


def network_of(address: str) -> str:
    return str(ipaddress.ip_interface(address).network)


def holds(cover: str, address: str) -> bool:
    net, inner = ipaddress.ip_network(cover), ipaddress.ip_network(address)
    return net.version == inner.version and inner.subnet_of(net)  # type: ignore[arg-type]


def vrf_table(node: Node, vrf: str) -> int:
    """The kernel's table of a VRF; 0: it is no device here."""
    if vrf == "default":
        return MAIN
    text = node.run("ip", "-j", "-d", "link", "show", vrf, "type", "vrf", check=False)
    links = [link for link in json.loads(text) if link] if text.startswith("[") else []
    return int(links[0]["linkinfo"]["info_data"]["table"]) if links else 0


def same(a: str, b: str) -> bool:
    return ipaddress.ip_address(a) == ipaddress.ip_address(b)


def is_default(prefix: str) -> bool:
    return prefix in ("0.0.0.0/0", "::/0")


def nearness(peer: PeerConf, address: str) -> int:
    """More than any length if the address is the peer's, or that of the longest static prefix that covers it."""
    if any(same(a, address) for a in peer.overlay):
        return 129
    return max(ipaddress.ip_network(p).prefixlen for p in peer.allowed_ips if holds(p, address))


def ways_to(device: WireguardConf, address: str, recursive: bool) -> list[PeerConf]:
    """The peer that has the address, and those whose static prefixes cover it, the longest first."""
    direct = [peer for peer in device.peers if any(same(a, address) for a in peer.overlay)]
    recursive = recursive and not direct
    covers = {peer.name: max((ipaddress.ip_network(p).prefixlen for p in peer.allowed_ips
                              if holds(p, address) and not (recursive and is_default(p))), default=-1)
              for peer in device.peers if peer not in direct}
    behind = sorted((p for p in device.peers if covers.get(p.name, -1) >= 0),
                    key=lambda p: (-covers[p.name], p.name))
    return (direct + behind)[:1 + BACKUPS]


@dataclass(frozen=True)
class Member:
    device: WireguardConf
    peer: PeerConf
    weight: int
    rank: int  # 0: primary


@dataclass(frozen=True)
class Permission:
    """Of one interface, as lines compare: egress with weights and ranks, ingress without."""

    device: str
    prefix: str
    peers: tuple[tuple[str, int, int], ...]

    def __str__(self) -> str:
        egress = " ".join(name + (f"*{weight}" if weight != 1 else "") + (f"/{rank}" if rank else "")
                          for name, weight, rank in sorted(self.peers))
        ingress = " ".join(sorted(name for name, _, _ in self.peers))
        return f"{self.device} {self.prefix} egress {egress} ingress {ingress}"


class Expected:
    """What there should be on one router, for one answer of the routing daemons."""

    def __init__(self, wgrd: Wgrd, frr: Frr | None, silent: set[str], gives: bool) -> None:
        self.wgrd = wgrd
        self.silent = silent
        self.gives = gives
        self.devices = wgrd.conf.wireguards
        self.tenants = {t.name: t for t in wgrd.conf.tenants}
        self.refused = limits.refused(wgrd.show("routes")["routes"])
        self.routes: dict[Source, list[Route]] = {}
        for t in [NO_TENANT, *wgrd.conf.tenants]:
            if t.learn_table:
                self.routes[t.learn_table] = of_kernel(wgrd.node, t.learn_table, t.learn_protocols or ["bird"])
            elif frr and t.vrf not in self.routes:
                self.routes[t.vrf] = of_zebra(frr, t.vrf)

    # ---- who learns what ----

    def tenant_of(self, device: WireguardConf) -> TenantConf:
        return self.tenants.get(device.tenant, NO_TENANT)

    @staticmethod
    def source_of(tenant: TenantConf) -> Source:
        return tenant.learn_table or tenant.vrf

    def takes(self, tenant: TenantConf, tag: int) -> bool:
        """Whether the tag is its own, or nobody's when it has none. Nobody else of the same source counts."""
        if tenant.learn_tags:
            return tag in tenant.learn_tags
        return not any(tag in other.learn_tags for other in self.tenants.values()
                       if self.source_of(other) == self.source_of(tenant))

    def devices_for(self, source: Source, tag: int) -> list[WireguardConf]:
        return [d for d in self.devices
                if self.source_of(self.tenant_of(d)) == source and self.takes(self.tenant_of(d), tag)]

    # ---- next hops ----

    def ways_at(self, source: Source, tag: int, hop: Hop) -> list[Member]:
        """Whom a next hop may go by, the best first."""
        asked, recursive = self.devices_for(source, tag), True
        if hop.interface:
            over = next((d for d in self.devices if d.name == hop.interface), None)
            is_table = isinstance(source, int)
            if not over or (self.source_of(self.tenant_of(over)) != source and not is_table):
                return []
            if over in asked:
                asked, recursive = [over], False
            elif hop.address and ipaddress.ip_address(hop.address).is_link_local:
                return []
        if not hop.address:
            return []
        own = any(same(a.partition("/")[0], hop.address) for d in asked for a in d.addresses)
        found = [(d, ways) for d in asked if (ways := ways_to(d, hop.address, recursive))]
        # An address of a peer comes before what static prefixes cover, and the longest of these first, on
        # whichever interface.
        found.sort(key=lambda f: -nearness(f[1][0], hop.address))
        if own or not found:
            return []
        return [Member(found[0][0], peer, hop.weight, rank) for rank, peer in enumerate(found[0][1])]

    def members(self, source: Source, route: Route) -> list[Member]:
        """Each peer once, with its best rank: all of the tenant that the first next hop belongs to."""
        by_hop = [ways for hop in route.hops if (ways := self.ways_at(source, route.tag, hop))]
        found: dict[str, Member] = {}
        for rank in range(1 + BACKUPS):
            for m in (ways[rank] for ways in by_hop if rank < len(ways)):
                if m.device.tenant != by_hop[0][0].device.tenant:
                    continue
                known = found.setdefault(f"{m.device.name} {m.peer.name}", replace(m, weight=0))
                if known.rank == rank:
                    found[f"{m.device.name} {m.peer.name}"] = replace(known, weight=known.weight + m.weight)
        return list(found.values())

    # ---- policy ----

    def permits(self, list_name: str, prefix: str) -> bool:
        """A list that is demanded and not there permits nothing."""
        if not list_name:
            return True
        lists = [pl for pl in self.wgrd.conf.prefix_lists if pl.name == list_name]
        return bool(lists) and lists[0].permits(prefix)

    def accepted(self, tenant: TenantConf, prefix: str, members: list[Member]) -> bool:
        if prefix in tenant.advertise or prefix in self.local_routes(tenant):
            return False
        if is_default(prefix):
            inside = prefix in tenant.supernets
        else:
            inside = not tenant.supernets or any(holds(s, prefix) for s in tenant.supernets)
        names = [tenant.prefix_list] + [m.peer.prefix_list for m in members]
        return inside and all(self.permits(n, prefix) for n in names)

    # ---- what needs no routing daemon ----

    @staticmethod
    def claims(device: WireguardConf) -> list[tuple[str, str]]:
        """Prefix and peer, those that come first first: overlay addresses, then static ones."""
        overlay = [(network_of(a), p.name) for p in device.peers for a in p.overlay]
        return overlay + [(a, p.name) for p in device.peers for a in p.allowed_ips]

    def connected(self, tenant: TenantConf) -> dict[str, str]:
        """Prefix to interface."""
        found = {network_of(a): d.name for d in self.devices if d.tenant == tenant.name
                 for a in d.addresses if not ipaddress.ip_interface(a).is_link_local}
        for interface in tenant.interfaces:
            text = self.wgrd.node.run("ip", "-o", "address", "show", "dev", interface, "scope", "global",
                                      check=False)
            found.update((network_of(line.split()[3]), interface) for line in text.splitlines()
                         if " inet" in line)
        return found

    def local_routes(self, tenant: TenantConf) -> dict[str, str]:
        """Prefix to interface, of what the tenant has by itself. Link-local ones are not routed."""
        found = self.connected(tenant)
        for device in self.devices:
            if device.tenant == tenant.name:
                for prefix, _ in self.claims(device):
                    if not ipaddress.ip_network(prefix).is_link_local:
                        found.setdefault(prefix, device.name)
        return found

    # ---- all of it ----

    def candidates(self) -> Iterable[tuple[TenantConf, Route, list[Member]]]:
        """What only a limit can refuse."""
        for source, routes in self.routes.items():
            for route in routes:
                members = self.members(source, route)
                tenant = self.tenant_of(members[0].device) if members else NO_TENANT
                if members and self.accepted(tenant, route.prefix, members):
                    yield tenant, route, members

    def learned(self) -> Iterable[tuple[TenantConf, Route, list[Member]]]:
        return (c for c in self.candidates() if (c[0].name, c[1].prefix) not in self.refused)

    def limits(self) -> list[str]:
        """What limits refuse without a reason, and what they should."""
        peers = {f"{d.name} {p.name}": Limit(p.max_prefix, p.max_prefix_hold) for d in self.devices for p in d.peers}
        tenants = {t.name: Limit(t.max_prefix, t.max_prefix_hold) for t in [NO_TENANT, *self.wgrd.conf.tenants]}
        return limits.violations([(t.name, route.prefix, [f"{m.device.name} {m.peer.name}" for m in members
                                                          if not m.rank])
                                  for t, route, members in self.candidates()], self.refused, peers, tenants)

    def permissions(self) -> list[str]:
        found: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
        for device in self.devices:
            for peer in device.peers:
                for address in peer.overlay:
                    behind = [] if ipaddress.ip_address(address).is_link_local else \
                        ways_to(device, address, False)[1:]
                    found[device.name, network_of(address)] = [(peer.name, 1, 0)] + \
                        [(p.name, 1, rank) for rank, p in enumerate(behind, 1)]
            for prefix, name in self.claims(device):
                found.setdefault((device.name, prefix), [(name, 1, 0)])
        for _, route, members in self.learned():
            for m in members:
                found.setdefault((m.device.name, route.prefix), []).append((m.peer.name, m.weight, m.rank))
        return sorted(str(Permission(*key, tuple(peers))) for key, peers in found.items())

    def table(self, tenant: TenantConf) -> list[str]:
        routes = self.local_routes(tenant)
        routes.update((route.prefix, members[0].device.name) for owner, route, members in self.learned()
                      if owner is tenant)
        return sorted([f"{prefix} {device}" for prefix, device in routes.items()] + UNREACHABLE)

    def held_back(self, tenant: TenantConf, prefix: str) -> bool:
        """Whether it is a peer's that does not answer."""
        if prefix in self.connected(tenant):
            return False
        owners = [(p, kind, d.name, p.name) for d in self.devices if d.tenant == tenant.name for p in d.peers
                  for kind, has in enumerate(([network_of(a) for a in p.overlay], p.allowed_ips)) if prefix in has]
        if not owners:
            return False
        owner = min(owners, key=lambda o: o[1:])[0]
        return owner.name in self.silent and not owner.advertise_always

    def adverts(self) -> list[str]:
        """Own prefixes and where they are: "zebra VRF PREFIX DEVICE tag N instance N", "table N PREFIX DEVICE"."""
        lines = []
        for t in self.tenants.values():
            device = min((d.name for d in self.devices if d.tenant == t.name), default="")
            for prefix in t.advertise if device else []:
                instance = 0 if ":" in prefix else t.advertise_instance
                table = t.advertise_table or (vrf_table(self.wgrd.node, t.vrf) if t.advertise_kernel else 0)
                if self.held_back(t, prefix):
                    continue
                if table:
                    lines.append(f"table {table} {prefix} {device}")
                elif self.gives:
                    lines.append(f"zebra {t.vrf} {prefix} {device} tag {t.tag} instance {instance}")
        return sorted(lines)

    def rules(self) -> list[str]:
        return sorted(
            f"{family} {t.priority}: from all iif {interface} lookup {t.table} proto {PROTOCOL}"
            for t in self.tenants.values() if t.table for family in (4, 6)
            for interface in [*(d.name for d in self.devices if d.tenant == t.name), *t.interfaces])


def unlike(expected: list[str], seen: list[str]) -> list[str]:
    """As diff(1) has it: "-" was expected and is not there, "+" is there and was not expected."""
    return [f"- {line}" for line in expected if line not in seen] + \
        [f"+ {line}" for line in seen if line not in expected]


@dataclass
class Oracle:
    """One router: what wgrd makes of what the routing daemons have. Without zebra, of kernel tables."""

    frr: Frr | None
    wgrd: Wgrd
    silent: set[str] = field(default_factory=set)  # names of peers that do not answer
    gives: bool = True  # zebra is understood, so wgrd gives own prefixes to it

    def expected(self) -> Expected:
        return Expected(self.wgrd, self.frr, self.silent, self.gives)

    def permissions_seen(self) -> list[str]:
        lines = []
        for interface in self.wgrd.show("permissions")["interfaces"]:
            for p in interface["permissions"]:
                line = Permission(interface["name"], p["prefix"],
                                  tuple((m["peer"], m["weight"], m["rank"]) for m in p["egress"]))
                ingress = " ".join(sorted(m["peer"] for m in p["ingress"]))
                lines.append(f"{str(line).partition(' ingress ')[0]} ingress {ingress}")
        return sorted(lines)

    def table_seen(self, table: int) -> list[str]:
        """What is wgrd's in a table of the kernel, as "PREFIX DEVICE"."""
        lines = []
        for six in (False, True):
            for entry in kernel_entries(self.wgrd.node, table, six):
                if entry.get("protocol") != PROTOCOL:
                    continue
                prefix = entry["dst"] if entry["dst"] != "default" else "::/0" if six else "0.0.0.0/0"
                device = entry["dev"] if entry.get("type", "unicast") == "unicast" else entry["type"]
                lines.append(f"{network_of(prefix)} {device}")
        return sorted(lines)

    def given_seen(self, vrf: str) -> list[str]:
        """What zebra has of type TABLE, whoever gave it."""
        entries = [(prefix, e) for prefix, found in (self.frr.rib(vrf) if self.frr else {}).items() for e in found
                   if e.get("protocol") == "table"]
        return [f"zebra {vrf} {prefix} {e['nexthops'][0].get('interfaceName', '-')} tag {e.get('tag', 0)} "
                f"instance {e.get('instance', 0)}" for prefix, e in entries]

    def adverts_seen(self) -> list[str]:
        tenants = self.wgrd.conf.tenants
        vrfs = {t.vrf for t in tenants}
        shared = {vrf_table(self.wgrd.node, vrf) for vrf in vrfs} | {MAIN}
        lines = [line for vrf in vrfs for line in self.given_seen(vrf)]
        for table in {t.advertise_table for t in tenants if t.advertise_table} | shared:
            for six in (False, True):
                lines += [f"table {table} {network_of(e['dst'])} {e['dev']}"
                          for e in kernel_entries(self.wgrd.node, table, six) if table and
                          e.get("protocol") == PROTOCOL and (table not in shared or e.get("metric") == SHARED_METRIC)]
        return sorted(lines)

    def rules_seen(self) -> list[str]:
        return sorted(self.wgrd.own_rules())

    def differences(self) -> dict[str, list[str]]:
        """Empty when wgrd and the kernel have exactly what they should."""
        expected = self.expected()
        found = {"limits": expected.limits(),
                 "permissions": unlike(expected.permissions(), self.permissions_seen()),
                 "rules": unlike(expected.rules(), self.rules_seen()),
                 "own prefixes": unlike(expected.adverts(), self.adverts_seen())}
        for tenant in self.wgrd.conf.tenants:
            found[f"table {tenant.table}"] = unlike(expected.table(tenant), self.table_seen(tenant.table))
        return {what: lines for what, lines in found.items() if lines}
