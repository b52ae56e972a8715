# SPDX-License-Identifier: GPL-2.0-or-later
"""Two tenants of one zebra and one VRF, told apart by a large community.

    spoke2 -- large community 65000:1:200 --> hub --> spoke1: bgpd, table-map: tag 200
                                                        zebra, VRF default
                                                      wgrd: tenant blue learns tag 200

The sites of lib/sites.py, whose tenant red runs over wg0, with the second tenant of lib/blue.py. zebra knows
the peers' overlay addresses over wg0 only: the tag says which tunnel a prefix belongs to.
"""

from __future__ import annotations

from functools import partial

from lib.blue import BLUE, BLUE_TAG, Blue, announce, blue_hosts, blue_prefixes
from lib.lab import Lab
from lib.report import Report
from lib.sites import SPOKE2, TENANT, Router, Sites, host_addresses
from lib.traffic import ping

RED_TAG = 100
FIRST = "192.168.213.0/24"
SECOND, SIX = blue_prefixes("spoke2")
OF_SITE_2 = "192.168.2.0/24"


def map_communities(router: Router) -> None:
    lines: list[str] = []
    for tag in (RED_TAG, BLUE_TAG):
        lines += [f"bgp large-community-list standard T{tag} permit 65000:1:{tag}",
                  f"route-map TENANT permit {tag}", f"match large-community T{tag}", f"set tag {tag}", "exit"]
    lines += ["route-map TENANT permit 900", "exit", "router bgp 65000"]
    for family in (4, 6):
        lines += [f"address-family ipv{family} unicast", "table-map TENANT", "exit-address-family"]
    router.frr.edit(*lines)


def owners(s: Sites) -> dict[str, str]:
    """Learned prefix to its tenant, or to the reason that it has none."""
    return {p: r["tenant"] if r["verdict"] == "accepted" else r["reason"]
            for p, r in s.spoke1.wgrd.routes().items() if r["origin"] == "learned"}


def settled(t: Report, s: Sites, what: str, expected: dict[str, str]) -> None:
    t.wait(what, lambda: owners(s), lambda o: all(o.get(p) == x for p, x in expected.items()))
    for router in (s.spoke1, s.spoke2):
        t.wait(f"both tenants of {router.name} have what zebra's RIB says, and nothing else",
               router.oracle.differences, lambda d: not d)


def sent(s: Sites) -> tuple[int, int]:
    """Packets of spoke1 to spoke2 in red's tunnel and in blue's."""
    peers = s.spoke1.wgrd.peers()
    return peers["spoke2"]["tx-packets"], peers["spoke2-blue"]["tx-packets"]


def traffic(t: Report, s: Sites, blue: Blue) -> None:
    t.step("between the LANs of each")
    for what, host, addresses, tunnel in (("blue", blue.hosts[0], blue_hosts("spoke2"), 1),
                                          ("red", s.lan1, host_addresses(2), 0)):
        for address in addresses:
            t.wait(f"{what} reaches {address}", partial(ping, host, address))
            before = sent(s)[tunnel]
            t.check("again twenty times", ping(host, address, 20))
            t.check(f"in {what}'s tunnel", sent(s)[tunnel] - before >= 20, sent(s)[tunnel] - before)
    for host, address in ((blue.hosts[0], host_addresses(2)[0]), (s.lan1, blue_hosts("spoke2")[0])):
        t.check(f"{host.name} does not reach {address}, the other's", not ping(host, address))


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    blue = Blue(lab, s, learn_tags=[BLUE_TAG])
    s.start()

    t.step("a large community becomes a tag")
    announce(s.spoke2, FIRST, RED_TAG)
    blue.announce()
    settled(t, s, "without a table-map all is red's", dict.fromkeys((FIRST, SECOND, SIX, OF_SITE_2), TENANT))
    for router in blue.spokes:
        map_communities(router)
    t.wait("zebra has the tag", lambda: s.spoke1.frr.selected("bgp").get(SECOND, {}).get("tag"),
           lambda tag: tag == BLUE_TAG)
    settled(t, s, "the tag says whose it is",
            {FIRST: TENANT, SECOND: BLUE, SIX: BLUE, OF_SITE_2: TENANT})
    traffic(t, s, blue)

    t.step("another community")
    announce(s.spoke2, FIRST, BLUE_TAG)
    settled(t, s, "the prefix moves to the other tenant", {FIRST: BLUE, SECOND: BLUE})
    announce(s.spoke2, FIRST, RED_TAG)
    settled(t, s, "and back", {FIRST: TENANT, SECOND: BLUE})

    t.step("the other tenant has a tag too")
    s.spoke1.wgrd.edit(f"tenant {TENANT}", f"learn-tag {RED_TAG}")
    s.spoke1.wgrd.conf.tenants[0].learn_tags.append(RED_TAG)
    settled(t, s, "what has none is nobody's, and that is said",
            {FIRST: TENANT, SECOND: BLUE,
             OF_SITE_2: f"next hop {SPOKE2.overlay[0]} lies on wg0, whose tenant {TENANT} does not learn "
                        "routes without a tag"})
