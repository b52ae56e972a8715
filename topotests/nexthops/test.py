# SPDX-License-Identifier: GPL-2.0-or-later
"""Next hops of every kind: global and link-local IPv6, IPv4 over IPv6 (RFC 8950), and recursive ones.

    lan0 ---- hub ======= wg0 ======= spoke1 ---- lan1        lib/sites.py with a host at the hub
              10.99.0.1           10.99.0.2
              fd99::1 fe80::1     fd99::2 fe80::2             loopback 10.255.0.2 at spoke1

bgpd puts the link-local address of a neighbour first, unless a route-map prefers the global one, and wgrd
has to be told whose it is. spoke1 is reached in each way with pings between the LANs running.
"""

from __future__ import annotations

from functools import partial

from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.sites import TENANT, Router, Sites, host_addresses, host_at_hub, site_prefixes
from lib.traffic import Ping, ping

FOUR, SIX = site_prefixes(1)
LOOPBACK, BEHIND = "10.255.0.2", "192.168.99.0/24"


def next_hops(s: Sites, prefix: str) -> list[str]:
    """Of a prefix in the RIB of the hub's zebra, as the oracle takes them."""
    routes = [r for r in s.hub.oracle.expected().routes["default"] if r.prefix == prefix]
    return [hop.address for r in routes for hop in r.hops]


def verdict(s: Sites, prefix: str) -> dict[str, str]:
    route = s.hub.wgrd.routes().get(prefix, {})
    return {key: route.get(key, "") for key in ("verdict", "reason")}


def accepted(t: Report, s: Sites, prefix: str) -> None:
    t.wait(f"{prefix} is spoke1's", lambda: s.hub.wgrd.permissions().get(prefix),
           lambda p: p == {"egress": ["spoke1"], "ingress": ["spoke1"]})
    t.wait("all is as the oracle says", s.hub.oracle.differences, lambda d: not d)


def give_overlay(router: Router, peer: str, address: str) -> None:
    router.wgrd.edit("wireguard wg0", f"peer {peer}", f"overlay-address {address}")
    next(p for p in router.wgrd.conf.wireguards[0].peers if p.name == peer).overlay.append(address)


def link_local(t: Report, s: Sites, host: Node) -> None:
    t.step("global, by `set ipv6 next-hop prefer-global`")
    t.equal(f"zebra has {SIX} over it", next_hops(s, SIX), ["fd99::2"])
    accepted(t, s, SIX)

    t.step("link-local")
    s.hub.frr.edit("router bgp 65000", "address-family ipv6 unicast", "no neighbor fd99::2 route-map PREFER-GLOBAL in")
    t.wait(f"zebra has {SIX} over it", lambda: next_hops(s, SIX), lambda h: h == ["fe80::2"])
    t.wait("it is nobody's, and that is said", lambda: verdict(s, SIX),
           lambda v: v["verdict"] == "no-peer" and "fe80::2" in v["reason"])
    t.wait("all is as the oracle says", s.hub.oracle.differences, lambda d: not d)
    give_overlay(s.hub, "spoke1", "fe80::2")
    accepted(t, s, SIX)
    t.check("and there is traffic", ping(host, host_addresses(1)[1], 3))


def prefer_again(t: Report, s: Sites, host: Node) -> None:
    t.step("from one to the other, with traffic")
    p = Ping(host, host_addresses(1)[1])
    s.hub.frr.edit("router bgp 65000", "address-family ipv6 unicast", "neighbor fd99::2 route-map PREFER-GLOBAL in")
    t.wait(f"zebra has {SIX} over the global address", lambda: next_hops(s, SIX), lambda h: h == ["fd99::2"])
    accepted(t, s, SIX)
    s.hub.frr.edit("router bgp 65000", "address-family ipv6 unicast", "no neighbor fd99::2 route-map PREFER-GLOBAL in")
    t.wait("and over the link-local one", lambda: next_hops(s, SIX), lambda h: h == ["fe80::2"])
    accepted(t, s, SIX)
    loss = p.stop()
    t.check(f"ping {p.address}: {loss.sent} sent, none lost", not loss.lost, str(loss))


def over_ipv6(t: Report, s: Sites, host: Node) -> None:
    t.step("IPv4 over IPv6, RFC 8950")
    for router, four, six in ((s.hub, "10.99.0.2", "fd99::2"), (s.spoke1, "10.99.0.1", "fd99::1")):
        router.frr.edit("router bgp 65000", f"neighbor {six} capability extended-nexthop",
                        "address-family ipv4 unicast", f"no neighbor {four} activate", f"neighbor {six} activate")
    t.wait(f"zebra has {FOUR} over IPv6", lambda: next_hops(s, FOUR),
           lambda h: h in (["fe80::2"], ["fd99::2"]), 40)
    accepted(t, s, FOUR)
    give_overlay(s.spoke1, "hub", "fe80::1")
    t.wait("and spoke1 what is behind the hub",
           lambda: s.spoke1.wgrd.permissions().get("192.168.100.0/24", {}).get("egress"), lambda p: p == ["hub"])
    t.wait("spoke1 is as the oracle says", s.spoke1.oracle.differences, lambda d: not d)
    for address in host_addresses(1):
        t.wait(f"LAN to LAN works, {address}", partial(ping, host, address, 3))


def recursive(t: Report, s: Sites) -> None:
    t.step("recursive: a loopback that a static route leads to")
    s.spoke1.frr.edit("route-map LOOPBACK permit 10", f"set ip next-hop {LOOPBACK}", "exit",
                      "router bgp 65000", "address-family ipv4 unicast", f"network {BEHIND} route-map LOOPBACK",
                      "neighbor 10.99.0.1 activate", "no neighbor fd99::1 activate")
    s.hub.frr.edit("router bgp 65000", "address-family ipv4 unicast",
                   "neighbor 10.99.0.2 activate", "no neighbor fd99::2 activate")
    s.hub.node.run("ip", "route", "add", f"{LOOPBACK}/32", "via", "10.99.0.2", "dev", "wg0")
    t.wait("zebra has it unresolved", lambda: next_hops(s, BEHIND), lambda h: h == [LOOPBACK], 40)
    t.wait("which is no peer's address", lambda: verdict(s, BEHIND)["verdict"] or "not-ours",
           lambda v: v == "not-ours")
    t.wait("all is as the oracle says", s.hub.oracle.differences, lambda d: not d)
    s.hub.wgrd.edit("wireguard wg0", "peer spoke1", f"allowed-ip {LOOPBACK}/32")
    next(p for p in s.hub.wgrd.conf.wireguards[0].peers if p.name == "spoke1").allowed_ips.append(f"{LOOPBACK}/32")
    accepted(t, s, BEHIND)
    t.equal(f"{TENANT} has it installed", s.hub.wgrd.routes(TENANT)[BEHIND]["state"], "installed")


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    host = host_at_hub(lab, s)
    s.start()
    s.hub.frr.edit("router bgp 65000", "address-family ipv4 unicast", "network 192.168.100.0/24", "exit-address-family",
                   "address-family ipv6 unicast", "network fd00:192:100::/64")
    for router in (s.hub, s.spoke1):
        router.frr.edit("bgp route-map delay-timer 1")
    link_local(t, s, host)
    prefer_again(t, s, host)
    over_ipv6(t, s, host)
    recursive(t, s)
