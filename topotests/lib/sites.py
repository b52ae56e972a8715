# SPDX-License-Identifier: GPL-2.0-or-later
"""Three sites: a hub that reflects routes and two spokes with a LAN each. ./demo runs on it, and
so do most topotests.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       tunnels: every site to every
               .1      203.0.113/24 | 192.0.2/24  .1               other; BGP: each spoke with the
                                    | 198.51.100/24                hub, inside the tunnel
                                   hub .1

    overlay    hub 10.99.0.1 fd99::1, spoke1 .2 ::2, spoke2 .3 ::3
    site 1     192.168.1.0/24 fd00:192:1::/48; its LAN is 192.168.1.0/25 fd00:192:1:1::/64
    site 2     the same with a 2
    tenant     red, table 1001, supernets 192.168.0.0/16 fd00:192::/32

The spokes advertise their whole site through wgrd, which is more than the LAN that is connected
(zebra announces nothing from wgrd that it also has as connected). spoke2 is reached over IPv6 by
the hub, the other two tunnels run over IPv4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lib.frr import Bgp, Frr
from lib.lab import Lab
from lib.node import Node
from lib.oracle import Oracle
from lib.wait import until
from lib.wgrd import PeerConf, TenantConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import KeyPair, generate_keys

TENANT = "red"
TABLE = 1001
SUPERNETS = ["192.168.0.0/16", "fd00:192::/32"]
KEEPALIVE_SECONDS = 5


@dataclass(frozen=True)
class Address:
    """Where a site is: on the underlay and on the overlay, both families."""

    name: str
    number: int
    underlay4: str
    underlay6: str

    @property
    def overlay(self) -> list[str]:
        return [f"10.99.0.{self.number}", f"fd99::{self.number}"]

    @property
    def addresses(self) -> list[str]:
        """Of wg0. The link-local one is for bgpd 8.4, which resets an IPv6 session ("nexthop_set
        failed") on an interface that has none; nothing is ever sent to it."""
        n = self.number
        return [f"10.99.0.{n}/24", f"fd99::{n}/64", f"fe80::{n}/64"]

    def endpoint(self, six: bool) -> str:
        return f"[{self.underlay6}]:51820" if six else f"{self.underlay4}:51820"


HUB = Address("hub", 1, "198.51.100.1", "2001:db8:1::1")
SPOKE1 = Address("spoke1", 2, "203.0.113.1", "2001:db8:2::1")
SPOKE2 = Address("spoke2", 3, "192.0.2.1", "2001:db8:3::1")
ALL = [HUB, SPOKE1, SPOKE2]


def overlay_runs_over_ipv6(a: Address, b: Address) -> bool:
    return {a.name, b.name} == {"hub", "spoke2"}


def site_prefixes(site: int) -> list[str]:
    return [f"192.168.{site}.0/24", f"fd00:192:{site}::/48"]


def host_addresses(site: int) -> list[str]:
    return [f"192.168.{site}.10", f"fd00:192:{site}:1::10"]


@dataclass
class Router:
    """A site's router: stock FRR and wgrd on one node."""

    address: Address
    node: Node
    frr: Frr
    wgrd: Wgrd

    @property
    def name(self) -> str:
        return self.address.name

    @property
    def oracle(self) -> Oracle:
        return Oracle(self.frr, self.wgrd)


def internet(lab: Lab, *routers: tuple[Node, Address]) -> Node:
    """A router between the sites, each in a subnet of its own; the sites' default route."""
    node = lab.node("internet", forward=True)
    for router, address in routers:
        lab.link(node, router.name, router, "wan")
        net4, net6 = address.underlay4.rpartition(".")[0], address.underlay6.rpartition(":")[0]
        node.address(router.name, f"{net4}.254/24", f"{net6}:fe/64")
        router.address("wan", f"{address.underlay4}/24", f"{address.underlay6}/64")
        router.default_route(f"{net4}.254", f"{net6}:fe")
    return node


def lan(lab: Lab, router: Node, site: int) -> Node:
    """A host behind a router."""
    host = lab.node(f"lan{site}")
    lab.link(router, "lan", host, "eth0")
    router.address("lan", f"192.168.{site}.1/25", f"fd00:192:{site}:1::1/64")
    host.address("eth0", f"192.168.{site}.10/25", f"fd00:192:{site}:1::10/64")
    host.default_route(f"192.168.{site}.1", f"fd00:192:{site}:1::1")
    return host


def wgrd_conf(me: Address, keys: dict[str, KeyPair]) -> WgrdConf:
    peers = [PeerConf(other.name, keys[other.name].public, overlay=other.overlay,
                      endpoint=other.endpoint(overlay_runs_over_ipv6(me, other)),
                      keepalive=KEEPALIVE_SECONDS)
             for other in ALL if other is not me]
    wireguard = WireguardConf(keys[me.name].private, me.addresses, peers, tenant=TENANT)
    tenant = TenantConf(TENANT, TABLE, supernets=list(SUPERNETS))
    if me is not HUB:
        tenant.interfaces = ["lan"]
        tenant.advertise = site_prefixes(me.number - 1)
        tenant.tag = 100 + me.number - 1
    return WgrdConf([wireguard], [tenant])


def bgp_conf(me: Address) -> Bgp:
    if me is HUB:
        return Bgp(me.overlay[0], SPOKE1.overlay + SPOKE2.overlay, reflector=True)
    return Bgp(me.overlay[0], list(HUB.overlay), redistribute=["table"])


class Sites:
    """The nodes, cabled and addressed; nothing runs until start()."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        keys = {a.name: generate_keys() for a in ALL}
        self.routers: dict[str, Router] = {}
        for address in ALL:
            node = lab.node(address.name, forward=True)
            wgrd = Wgrd(node, wgrd_conf(address, keys))
            self.routers[address.name] = Router(address, node, Frr(node), wgrd)
        self.hub, self.spoke1, self.spoke2 = (self.routers[a.name] for a in ALL)
        self.internet = internet(lab, *((r.node, r.address) for r in self.routers.values()))
        self.lan1 = lan(lab, self.spoke1.node, 1)
        self.lan2 = lan(lab, self.spoke2.node, 2)

    def start_frr(self) -> None:
        for router in self.routers.values():
            router.frr.configure(bgp_conf(router.address))
            router.frr.start()

    def start_wgrd(self) -> None:
        for router in self.routers.values():
            router.wgrd.start()

    def start(self) -> None:
        """Everything, until both families of both sites are known everywhere."""
        self.start_wgrd()
        self.start_frr()
        logs = str(self.lab.folder)
        until("a WireGuard session between any two sites", self.sessions_missing, lambda m: not m, 20, logs)
        until("all BGP sessions established", self.bgp_established, lambda m: not m, 30, logs)
        until("each site has what the others announce", self.differences, lambda d: not d, 30, logs)

    def differences(self) -> dict[str, Any]:
        """Router to what it lacks of other sites' prefixes, or has otherwise than the oracle says."""
        found: dict[str, Any] = {}
        for router in self.routers.values():
            others = {p for other in (1, 2) if other != router.address.number - 1
                      for p in site_prefixes(other)}
            lacks = sorted(others - set(router.frr.selected("bgp")))
            if lacks:
                found[router.name] = {"lacks": lacks}
            elif differences := router.oracle.differences():
                found[router.name] = differences
        return found

    def bgp_established(self) -> dict[str, list[str]]:
        """Router to the neighbours that are not (yet) established; empty when all are."""
        missing: dict[str, list[str]] = {}
        for router in self.routers.values():
            expected = bgp_conf(router.address).neighbors
            states = router.frr.sessions()
            down = [f"{n} {states.get(n, 'unknown')}" for n in expected
                    if states.get(n) != "Established"]
            if down:
                missing[router.name] = down
        return missing

    def sessions_missing(self) -> dict[str, list[str]]:
        """Router to the peers without a WireGuard session; empty when all are up."""
        missing: dict[str, list[str]] = {}
        for router in self.routers.values():
            down = [f"{name} {state}" for name, state in router.wgrd.sessions().items() if state != "up"]
            if down:
                missing[router.name] = down
        return missing


def host_at_hub(lab: Lab, s: Sites) -> Node:
    """A host of the tenant at the hub, which has no LAN otherwise. Before wgrd starts."""
    host = lab.node("lan0")
    lab.link(s.hub.node, "lan", host, "eth0")
    s.hub.node.address("lan", "192.168.100.1/24", "fd00:192:100::1/64")
    host.address("eth0", "192.168.100.10/24", "fd00:192:100::10/64")
    host.default_route("192.168.100.1", "fd00:192:100::1")
    s.hub.wgrd.conf.tenants[0].interfaces = ["lan"]
    return host
