# SPDX-License-Identifier: GPL-2.0-or-later
"""Two tenants with the same prefixes in two VRF devices, and one wgrd with one UDP port for both.

    red-user  172.16.0.10 --- lan-red  .------ VRF red,  table 10 ------ wg-red  ==== red-site  --- 10.0.0.10
                                       hub, zebra and bgpd
    blue-user 172.16.0.10 --- lan-blue '------ VRF blue, table 11 ------ wg-blue ==== blue-site --- 10.0.0.10

The WireGuard interfaces are put into the VRFs when wgrd has made them. The kernel's own rule for VRFs has
priority 1000, and their own addresses are found by it alone, so the tenants' rules come after it. A zebra that
is not understood is read in its VRFs' tables. Own prefixes go there too, for `redistribute kernel`.
"""

from __future__ import annotations

from functools import partial

from lib.frr import Bgp, Frr
from lib.lab import Lab
from lib.node import Node
from lib.oracle import Oracle
from lib.report import Report
from lib.traffic import Server
from lib.vrfs import OWN, SITE, host_behind, lan_addresses, reaches_its_own
from lib.wgrd import PeerConf, TenantConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import generate_keys

COLOURS = {"red": 98, "blue": 97}
PRIORITY = 1100


class Site:
    """One tenant: its VRF at the hub, and its site."""

    def __init__(self, lab: Lab, hub: Node, colour: str, n: int) -> None:
        self.colour, self.hub, self.net = colour, hub, COLOURS[colour]
        self.node = lab.node(f"{colour}-site", forward=True)
        hub.run("ip", "link", "add", colour, "type", "vrf", "table", str(9 + n))
        hub.run("ip", "link", "set", colour, "up")
        self.user = host_behind(lab, hub, f"lan-{colour}", f"{colour}-user", OWN)
        hub.run("ip", "link", "set", f"lan-{colour}", "master", colour)
        hub.address(f"lan-{colour}", *lan_addresses(OWN, 1))
        self.host = host_behind(lab, self.node, "lan", f"{colour}-host", SITE)
        self.node.address("lan", *lan_addresses(SITE, 1))
        mine, theirs = generate_keys(), generate_keys()
        self.hub_wireguard = WireguardConf(
            mine.private, self.addresses(1), name=f"wg-{colour}", tenant=colour,
            peers=[PeerConf("site", theirs.public, overlay=self.overlay(2))])
        self.hub_tenant = TenantConf(colour, 1000 + n, [f"lan-{colour}"], advertise=list(OWN), vrf=colour,
                                     priority=PRIORITY)
        self.bgp = Bgp(self.overlay(1)[0], self.overlay(2), redistribute=["table"], vrf=colour)
        self.wgrd = Wgrd(self.node, WgrdConf(
            [WireguardConf(theirs.private, self.addresses(2), tenant=colour, peers=[
                PeerConf("hub", mine.public, overlay=self.overlay(1), endpoint="198.51.100.1:51820", keepalive=5)])],
            [TenantConf(colour, 1001, ["lan"], advertise=list(SITE))]))
        self.frr = Frr(self.node)
        self.frr.configure(Bgp(self.overlay(2)[0], self.overlay(1), redistribute=["table"]))

    def overlay(self, n: int) -> list[str]:
        return [f"10.{self.net}.0.{n}", f"fd{self.net}::{n}"]

    def addresses(self, n: int) -> list[str]:
        return [f"{self.overlay(n)[0]}/24", f"{self.overlay(n)[1]}/64", f"fe80::{n}/64"]

    def start(self) -> None:
        self.hub.run("ip", "link", "set", f"wg-{self.colour}", "master", self.colour)
        self.wgrd.start()
        self.frr.start()
        Server(self.host)


class Vrfs:
    def __init__(self, lab: Lab) -> None:
        self.hub = lab.node("hub", forward=True)
        self.sites = {c: Site(lab, self.hub, c, n) for n, c in enumerate(COLOURS, 1)}
        lab.switch("internet", (self.hub, "wan"), *((s.node, "wan") for s in self.sites.values()))
        for n, node in enumerate((self.hub, *(s.node for s in self.sites.values())), 1):
            node.address("wan", f"198.51.100.{n}/24")
        self.wgrd = Wgrd(self.hub, WgrdConf([s.hub_wireguard for s in self.sites.values()],
                                            [s.hub_tenant for s in self.sites.values()]))
        self.frr = Frr(self.hub)
        self.frr.configure(*(s.bgp for s in self.sites.values()))
        self.understood = True

    def start(self) -> None:
        self.wgrd.start()
        self.frr.start()
        for site in self.sites.values():
            site.start()

    def sources(self, colour: str) -> list[str]:
        routes = self.wgrd.routes(colour)
        return [routes[p]["source"] if p in routes and routes[p]["verdict"] == "accepted" else "" for p in SITE]

    def differences(self) -> dict[str, list[str]]:
        return Oracle(self.frr, self.wgrd, gives=self.understood).differences()


def learned_from(t: Report, x: Vrfs, source: str, seconds: float) -> None:
    for colour in COLOURS:
        t.wait(f"{colour} has its site's prefixes from {source}", partial(x.sources, colour),
               lambda found: found == [source] * 2, seconds)


def settled(t: Report, x: Vrfs) -> None:
    t.wait("all is as the oracle says", x.differences, lambda d: not d, 30)


def to_its_own(t: Report, x: Vrfs) -> None:
    for colour, site in x.sites.items():
        reaches_its_own(t, colour, site.user, site.host)


def in_the_kernel(t: Report, x: Vrfs) -> None:
    t.step("own prefixes in the VRFs' tables")
    for colour, site in x.sites.items():
        site.hub_tenant.advertise_kernel = True
        x.wgrd.edit(f"tenant {colour}", "advertise-kernel")
    settled(t, x)
    for colour, site in x.sites.items():
        selected = x.frr.selected("kernel", colour)
        t.equal(f"zebra has {colour}'s as the kernel's", {p: selected.get(p, {}).get("distance") for p in OWN},
                {p: 150 for p in OWN})
        t.wait(f"{colour}'s site has lost the hub's", lambda s=site: sorted(s.frr.selected("bgp")),  # type: ignore[misc]
               lambda found: found == [], 30)
        for family in (4, 6):
            x.frr.edit(f"router bgp 65000 vrf {colour}", f"address-family ipv{family} unicast", "redistribute kernel")
        t.wait("and has them again by redistribute kernel",
               lambda s=site: sorted(s.frr.selected("bgp")),  # type: ignore[misc]
               lambda found: set(OWN) <= set(found), 30)
    for colour, site in x.sites.items():
        site.hub_tenant.advertise_kernel = False
        x.wgrd.edit(f"tenant {colour}", "no advertise-kernel")
    settled(t, x)


def run(lab: Lab, t: Report) -> None:
    x = Vrfs(lab)
    x.start()
    t.step("the same prefixes in two VRFs")
    learned_from(t, x, "zebra", 60)
    settled(t, x)
    to_its_own(t, x)
    for colour, site in x.sites.items():
        t.wait(f"{colour}'s site has the hub's", lambda s=site: sorted(s.frr.selected("bgp")),  # type: ignore[misc]
               lambda found: found == OWN, 30)

    in_the_kernel(t, x)

    t.step("a zebra that is not understood")
    x.wgrd.edit("zebra zapi-version 10.7")
    x.understood = False
    learned_from(t, x, "kernel", 60)
    settled(t, x)
    for colour, site in x.sites.items():
        site.wgrd.edit(f"tenant {colour}", f"no advertise {SITE[0]}")
        t.wait(f"{colour}'s site withdraws {SITE[0]}", partial(x.sources, colour),
               lambda found: found == ["", "kernel"], 30)
        site.wgrd.edit(f"tenant {colour}", f"advertise {SITE[0]}")
    learned_from(t, x, "kernel", 30)

    t.step("and understood again")
    x.wgrd.edit("zebra zapi-version automatic")
    x.understood = True
    learned_from(t, x, "zebra", 90)
    to_its_own(t, x)
