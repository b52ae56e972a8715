# SPDX-License-Identifier: GPL-2.0-or-later
"""The demo's three sites as assertions: a prefix learned by BGP works through the tunnel, end to end.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
                               |
                              hub, route reflector
"""

from __future__ import annotations

from lib.lab import Lab
from lib.report import Report
from lib.sites import HUB, SPOKE2, TABLE, TENANT, Sites, host_addresses, site_prefixes
from lib.traffic import Server, ping, transfer, who_is


def tunnels(t: Report, s: Sites) -> None:
    t.step("tunnels and BGP inside them")
    t.wait("every two sites have a WireGuard session", s.sessions_missing, lambda m: not m)
    t.wait("every BGP session is established, IPv4 and IPv6", s.bgp_established, lambda m: not m, 30)
    t.wait("every router has what the others announce, as the oracle says", s.differences,
           lambda d: not d, 30)
    peers = s.hub.wgrd.peers()
    t.equal("the hub reaches spoke1 over IPv4", peers["spoke1"]["endpoint"], "203.0.113.1:51820")
    t.equal("and spoke2 over IPv6", peers["spoke2"]["endpoint"], "[2001:db8:3::1]:51820")
    t.contains("spoke2 answers it", s.hub.wgrd.wgrctl("ping wireguard peer spoke2"),
               "Peer spoke2 of wg0: [2001:db8:3::1]:51820 answered in")


def learning(t: Report, s: Sites) -> None:
    t.step("spoke 2's prefixes at spoke 1")
    rib = s.spoke1.frr.selected("bgp")
    routes, permissions = s.spoke1.wgrd.routes(TENANT), s.spoke1.wgrd.permissions()
    for prefix, gate in zip(site_prefixes(2), SPOKE2.overlay):
        t.equal(f"zebra has {prefix} with the next hop the route reflector left alone",
                [h["ip"] for h in rib[prefix]["nexthops"]], [gate])
        route = routes[prefix]
        t.equal(f"wgrd heard {prefix} over zserv and accepted it",
                (route["origin"], route["protocol"], route["verdict"], route["state"]),
                ("learned", "bgp", "accepted", "installed"))
        t.equal(f"{prefix} is an egress entry and an ingress permission of the direct peer",
                permissions[prefix], {"egress": ["spoke2"], "ingress": ["spoke2"]})
        t.contains(f"{prefix} is in the tenant's table", "\n".join(s.spoke1.oracle.table_seen(TABLE)),
                   f"{prefix} wg0")
    t.equal("the rules lead the tenant's interfaces to its table", s.spoke1.oracle.rules_seen(),
            s.spoke1.oracle.expected().rules())
    t.check("nothing of the tenant is in another table",
            not [line for line in s.spoke1.node.table(254) if "proto 157" in line])


def advertising(t: Report, s: Sites) -> None:
    t.step("spoke 1's own prefixes")
    rib = s.spoke1.frr.selected("table")
    for neighbor, prefix in zip(HUB.overlay, site_prefixes(1)):
        t.equal(f"zebra has {prefix} from wgrd, with the tenant's tag", rib.get(prefix, {}).get("tag"), 101)
        t.equal(f"bgpd announces {prefix} and nothing else to {neighbor}",
                s.spoke1.frr.advertised(neighbor), [prefix])
    own = {o["prefix"]: o["installed"] for o in s.spoke1.wgrd.zebra()["own-prefixes"]}
    t.equal("wgrd knows that zebra took them", own, dict.fromkeys(site_prefixes(1), True))


def oracle_can_tell(t: Report, s: Sites) -> None:
    t.step("the oracle finds what is wrong")
    node, conf = s.spoke1.node, s.spoke1.wgrd.conf.tenants[0]
    route = ["192.168.2.128/25", "dev", "wg0", "table", str(TABLE), "proto", "157"]
    node.run("ip", "route", "add", *route)
    t.equal("a route too many", s.spoke1.oracle.differences(), {f"table {TABLE}": ["+ 192.168.2.128/25 wg0"]})
    node.run("ip", "route", "del", *route)
    conf.supernets.remove("192.168.0.0/16")
    prefix = site_prefixes(2)[0]
    t.equal("a permission that another configuration would not give", s.spoke1.oracle.differences(),
            {"permissions": [f"+ wg0 {prefix} egress spoke2 ingress spoke2"],
             f"table {TABLE}": [f"+ {prefix} wg0"]})
    conf.supernets.insert(0, "192.168.0.0/16")
    t.equal("and nothing when all is well", s.spoke1.oracle.differences(), {})


def traffic(t: Report, s: Sites) -> None:
    t.step("LAN to LAN")
    for host in (s.lan1, s.lan2):
        Server(host)
    for source, site, there in ((s.lan1, 2, s.lan2), (s.lan2, 1, s.lan1)):
        for address in host_addresses(site):
            t.check(f"{source.name} pings {address}", ping(source, address, 5))
            t.equal(f"{there.name} is who answers at {address}", who_is(source, address), there.name)
            done = transfer(source, address, 5_000_000)
            t.check(f"5 MB from {source.name} to {address} arrive intact", done.intact, str(done))
    drops = s.spoke1.wgrd.drops()
    t.equal("no packet was dropped as spoofed, forged or replayed",
            [drops[d] for d in ("rx-spoofed", "rx-forged", "rx-replayed")], [0, 0, 0])


def isolation(t: Report, s: Sites) -> None:
    t.step("what no route covers")
    answer = ping(s.lan1, "192.168.77.1").output
    t.contains("the tenant's table ends in unreachable, not in the main table", answer, "Host Unreachable")
    s.lan2.run("ip", "address", "add", "192.168.99.1/32", "dev", "lo")
    before = s.spoke1.wgrd.drops()["rx-spoofed"]
    s.spoke2.node.run("ip", "route", "add", "192.168.99.1/32", "via", "192.168.2.10", "table", str(TABLE))
    ping(s.lan2, host_addresses(1)[0], source="192.168.99.1")
    t.wait("a source that was not announced is refused at spoke 1",
           lambda: s.spoke1.wgrd.drops()["rx-spoofed"], lambda n: n > before)
    s.spoke2.node.run("ip", "route", "del", "192.168.99.1/32", "via", "192.168.2.10", "table", str(TABLE))


def end(t: Report, s: Sites) -> None:
    t.step("the end")
    for router in s.routers.values():
        t.equal(f"wgrd of {router.name} ends with status 0", router.wgrd.stop(), 0)
        t.equal("it leaves no rule, route or interface",
                (router.wgrd.own_rules(), router.node.table(TABLE),
                 router.node.succeeds("ip", "link", "show", "wg0")), ([], [], False))
        t.wait("zebra has swept what was injected", lambda: sorted(router.frr.selected("table")),
               lambda found: not found)


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    s.start_wgrd()
    s.start_frr()
    tunnels(t, s)
    learning(t, s)
    oracle_can_tell(t, s)
    advertising(t, s)
    traffic(t, s)
    isolation(t, s)
    end(t, s)
