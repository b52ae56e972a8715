# SPDX-License-Identifier: GPL-2.0-or-later
"""Two tenants with the same prefixes and the same addresses, in VRFs that are network namespaces.

                    netns red:  wg0 10.99.0.1  ==== red-site  10.99.0.2 ---- 10.0.0.10
    172.16.0.10 --- hub, one zebra -n and one bgpd with a VRF for each
                    netns blue: wg0 10.99.0.1  ==== blue-site 10.99.0.2 ---- 10.0.0.10

A wgrd runs in each namespace, where its interface, rules and tables are, and talks to the one zebra in the main
one about the VRF of its tenant. The sites are the same to the last bit, but that each host says its name.
"""

from __future__ import annotations

from functools import partial

from lib.frr import Bgp, Frr
from lib.lab import Lab
from lib.node import Node
from lib.oracle import Oracle
from lib.report import Report
from lib.traffic import Ping, Server
from lib.vrfs import HOST, OWN, SITE, host_behind, lan_addresses, reaches_its_own
from lib.wgrd import PeerConf, TenantConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import KeyPair, generate_keys

COLOURS = ["red", "blue"]
UNDERLAY = {"red": ("198.51.100.1", "198.51.100.2"), "blue": ("203.0.113.1", "203.0.113.2")}
TABLE = 1001


def conf(me: int, keys: tuple[KeyPair, KeyPair], endpoint: str, tenant: TenantConf) -> WgrdConf:
    """Of the end with number @me, 1 or 2, of a tunnel."""
    other = 3 - me
    peer = PeerConf("hub" if other == 1 else "site", keys[other - 1].public, endpoint=f"{endpoint}:51820",
                    overlay=[f"10.99.0.{other}", f"fd99::{other}"], keepalive=5)
    addresses = [f"10.99.0.{me}/24", f"fd99::{me}/64", f"fe80::{me}/64"]
    return WgrdConf([WireguardConf(keys[me - 1].private, addresses, [peer], tenant=tenant.name)], [tenant])


class Tenant:
    """One of the two, from the hub's namespace to the host at the site."""

    def __init__(self, lab: Lab, hub: Node, colour: str) -> None:
        self.netns = lab.netns(hub, colour, forward=True)
        self.site = lab.node(f"{colour}-site", forward=True)
        mine, theirs = UNDERLAY[colour]
        lab.link(hub, f"wan-{colour}", self.site, "wan")
        self.netns.take(f"wan-{colour}")
        self.netns.address(f"wan-{colour}", f"{mine}/24")
        self.site.address("wan", f"{theirs}/24")
        self.user = host_behind(lab, hub, f"lan-{colour}", f"{colour}-user", OWN)
        self.netns.take(f"lan-{colour}")
        self.netns.address(f"lan-{colour}", *lan_addresses(OWN, 1))
        self.host = host_behind(lab, self.site, "lan", f"{colour}-host", SITE)
        self.site.address("lan", *lan_addresses(SITE, 1))
        keys = generate_keys(), generate_keys()
        self.wgrd = Wgrd(self.netns, conf(1, keys, theirs, TenantConf(
            colour, TABLE, [f"lan-{colour}"], advertise=list(OWN), vrf=colour)))
        self.site_wgrd = Wgrd(self.site, conf(2, keys, mine, TenantConf(
            colour, TABLE, ["lan"], advertise=list(SITE))))
        self.site_frr = Frr(self.site)
        self.site_frr.configure(Bgp("10.99.0.2", ["10.99.0.1", "fd99::1"], redistribute=["table"]))
        self.bgp = Bgp("10.99.0.1", ["10.99.0.2", "fd99::2"], redistribute=["table"], vrf=colour)

    def start(self) -> None:
        self.wgrd.start()
        self.site_wgrd.start()
        self.site_frr.start()
        Server(self.host)


class Hub:
    def __init__(self, lab: Lab) -> None:
        self.node = lab.node("hub", forward=True)
        self.tenants = {c: Tenant(lab, self.node, c) for c in COLOURS}
        self.frr = Frr(self.node)
        self.frr.configure(*(x.bgp for x in self.tenants.values()))

    def differences(self) -> dict[str, dict[str, list[str]]]:
        oracles = {f"hub {c}": Oracle(self.frr, x.wgrd) for c, x in self.tenants.items()}
        oracles |= {f"site {c}": Oracle(x.site_frr, x.site_wgrd) for c, x in self.tenants.items()}
        return {name: lines for name, o in oracles.items() if (lines := o.differences())}

    def announced(self, colour: str) -> list[str]:
        """What the site has learned of the hub's."""
        return sorted(self.tenants[colour].site_frr.selected("bgp"))


def settled(t: Report, x: Hub) -> None:
    t.wait("all is as the oracle says", x.differences, lambda d: not d, 30)


def same_prefixes(t: Report, x: Hub) -> None:
    t.step("the same prefixes in two VRFs")
    for colour, tenant in x.tenants.items():
        t.wait(f"zebra has the site's in VRF {colour}", lambda c=colour: sorted(x.frr.selected("bgp", c)),
               lambda found: found == SITE, 30)
        t.wait("and wgrd, in that namespace", tenant.wgrd.permissions,
               lambda p: all(p.get(s) == {"egress": ["site"], "ingress": ["site"]} for s in SITE))
        t.wait("the site has the hub's", partial(x.announced, colour), lambda found: found == OWN, 30)
    settled(t, x)
    t.equal("the namespace of zebra has nothing of it", x.node.table(254), [])


def to_its_own(t: Report, x: Hub) -> None:
    t.step("traffic of each")
    for colour, tenant in x.tenants.items():
        reaches_its_own(t, colour, tenant.user, tenant.host)


def one_goes(t: Report, x: Hub) -> None:
    t.step("one tenant's wgrd ends, and comes back")
    red, blue = x.tenants["red"], x.tenants["blue"]
    pings = [Ping(blue.user, a) for a in HOST]
    red.wgrd.stop()
    t.wait("red's site hears no more of it", partial(x.announced, "red"), lambda found: not found, 30)
    answered = [p.replies() for p in pings]
    t.wait("blue goes on", lambda: [p.replies() for p in pings],
           lambda now: all(n > before + 100 for n, before in zip(now, answered)))
    t.equal("its site still has the hub's", x.announced("blue"), OWN)
    red.wgrd.start()
    t.wait("red is back", partial(x.announced, "red"), lambda found: found == OWN, 30)
    settled(t, x)
    for p in pings:
        loss = p.stop()
        t.check(f"blue, ping {p.address}: {loss.sent} sent, none lost", not loss.lost, str(loss))
    to_its_own(t, x)


def not_understood(t: Report, x: Hub) -> None:
    t.step("a zebra that red's wgrd does not understand")
    red, blue = x.tenants["red"], x.tenants["blue"]
    pings = [Ping(blue.user, a, label=f"not-understood-{n}") for n, a in enumerate(HOST)]
    t.wait("it has settled", lambda: red.wgrd.zebra()["state"], lambda state: state == "up", 60)
    before = red.wgrd.permissions()
    red.wgrd.edit("zebra zapi-version 10.7")
    t.wait("it learns from the main table of its own namespace", lambda: red.wgrd.routes("red"),
           lambda routes: [routes.get(p, {}).get("source") for p in SITE] == ["kernel"] * 2, 60)
    t.equal("the same", red.wgrd.permissions(), before)
    gone = SITE[0]
    red.site_wgrd.edit("tenant red", f"no advertise {gone}")
    t.wait(f"{gone} is withdrawn", lambda: gone in red.wgrd.permissions(), lambda there: not there)
    red.site_wgrd.edit("tenant red", f"advertise {gone}")
    t.wait("and announced again", lambda: gone in red.wgrd.permissions(), lambda there: there)
    red.wgrd.edit("zebra zapi-version automatic")
    t.wait("zebra is understood again", lambda: red.wgrd.routes("red"),
           lambda routes: [routes.get(p, {}).get("source") for p in SITE] == ["zebra"] * 2, 90)
    settled(t, x)
    t.wait("and the site has red's again", partial(x.announced, "red"), lambda found: found == OWN, 30)
    for p in pings:
        loss = p.stop()
        t.check(f"blue, ping {p.address}: {loss.sent} sent, none lost", not loss.lost, str(loss))


def run(lab: Lab, t: Report) -> None:
    x = Hub(lab)
    x.frr.start("-n")
    for tenant in x.tenants.values():
        tenant.start()
    same_prefixes(t, x)
    to_its_own(t, x)
    one_goes(t, x)
    not_understood(t, x)
