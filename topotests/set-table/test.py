# SPDX-License-Identifier: GPL-2.0-or-later
"""bgpd sorts prefixes into kernel tables with `set table`, and a tenant learns from such a table.

    spoke2 -- large community 65000:1:200 --> hub --> spoke1: route-map of the neighbour, set table 2002
                                                        zebra, kernel table 2002
                                                      wgrd: tenant blue, learn-table 2002

The sites of lib/sites.py with the second tenant of lib/blue.py. No main table has blue's prefixes, and zebra
tells no client of them: the kernel does. The next hop it has leads over red's tunnel, where BGP runs.
"""

from __future__ import annotations

from functools import partial

from lib.blue import BLUE, BLUE_TABLE, Blue, announce, blue_hosts, blue_prefixes
from lib.lab import Lab
from lib.report import Report
from lib.sites import Router, Sites, host_addresses
from lib.traffic import Ping, ping

LEARN = 2002


def sort_into_table(router: Router, table: int) -> None:
    """What has blue's community goes into @table."""
    lines = ["bgp route-map delay-timer 1", "bgp large-community-list standard BLUE permit 65000:1:200",
             "route-map SORT permit 10", "match large-community BLUE", f"set table {table}",
             "set ipv6 next-hop prefer-global", "exit", "route-map SORT permit 20", "set ipv6 next-hop prefer-global",
             "exit", "router bgp 65000"]
    for family, neighbor in ((4, "10.99.0.1"), (6, "fd99::1")):
        lines += [f"address-family ipv{family} unicast", f"neighbor {neighbor} route-map SORT in", "exit-address-family"]
    router.frr.edit(*lines)


def of_blue(router: Router) -> dict[str, list[str]]:
    return {p: v["egress"] for p, v in router.wgrd.permissions("wg1").items() if p in
            blue_prefixes("spoke1") + blue_prefixes("spoke2")}


def settled(t: Report, s: Sites) -> None:
    for router in (s.spoke1, s.spoke2):
        t.wait(f"{router.name} is as the oracle says", router.oracle.differences, lambda d: not d)


def learned(t: Report, s: Sites, blue: Blue) -> None:
    t.step("a table of their own")
    blue.announce()
    for router, other in ((s.spoke1, "spoke2"), (s.spoke2, "spoke1")):
        t.wait(f"{router.name} has what {other} announces for blue", partial(of_blue, router),
               lambda found, o=other: found == {p: [f"{o}-blue"] for p in blue_prefixes(o)})  # type: ignore[misc]
    settled(t, s)
    route = s.spoke1.wgrd.routes(BLUE)[blue_prefixes("spoke2")[0]]
    t.equal("learned from the kernel, from bgpd's route over red's tunnel, and routed over blue's",
            (route["source"], route["protocol"], route["interface"], route["table"]),
            (f"table {LEARN}", "bgp", "wg1", BLUE_TABLE))
    t.check("no main table has it", not set(blue_prefixes("spoke2")) & set(s.spoke1.frr.selected("bgp")))


def traffic(t: Report, s: Sites, blue: Blue) -> None:
    t.step("traffic of each tenant")
    before = s.spoke1.wgrd.peers()["spoke2-blue"]["tx-packets"]
    for address in blue_hosts("spoke2"):
        t.wait(f"blue's LANs: {address}", partial(ping, blue.hosts[0], address, 3))
    after = s.spoke1.wgrd.peers()["spoke2-blue"]["tx-packets"]
    t.check("it went through blue's tunnel", after - before >= 6, after - before)
    for address in host_addresses(2):
        t.wait(f"red's LANs: {address}", partial(ping, s.lan1, address, 3))


def moved(t: Report, s: Sites, blue: Blue) -> None:
    t.step("another table, with traffic")
    four = blue_prefixes("spoke2")[0]
    p = Ping(blue.hosts[0], blue_hosts("spoke2")[0])
    s.spoke1.frr.edit("route-map SORT permit 10", f"set table {LEARN + 1}")
    t.wait("bgpd has moved it", lambda: (s.spoke1.node.table(LEARN), s.spoke1.node.table(LEARN + 1)),
           lambda found: not found[0] and any(four in line for line in found[1]))
    t.wait("blue has nothing", partial(of_blue, s.spoke1), lambda found: not found)
    settled(t, s)
    s.spoke1.wgrd.edit(f"tenant {BLUE}", f"no learn-table {LEARN}", f"learn-table {LEARN + 1}")
    s.spoke1.wgrd.conf.tenants[1].learn_table = LEARN + 1
    t.wait("until it learns from there", partial(of_blue, s.spoke1), lambda found: four in found)
    settled(t, s)
    answered = p.replies()
    t.wait("and pings are answered again", p.replies, lambda n: n >= answered + 20)
    loss = p.stop()
    t.check("those between had no peer, and no answer", loss.lost, str(loss))


def to_red(t: Report, s: Sites) -> None:
    t.step("another community")
    four = blue_prefixes("spoke2")[0]
    announce(s.spoke2, four, 100)
    t.wait("without blue's it is red's", lambda: s.spoke1.wgrd.permissions("wg0").get(four, {}).get("egress"),
           lambda owners: owners == ["spoke2"])
    t.wait("and no more blue's", partial(of_blue, s.spoke1), lambda found: four not in found)
    settled(t, s)
    announce(s.spoke2, four, 200)
    t.wait("and back", partial(of_blue, s.spoke1), lambda found: found.get(four) == ["spoke2-blue"])
    settled(t, s)


def directly(t: Report, s: Sites) -> None:
    t.step("directly from a zebra that cannot")
    before = of_blue(s.spoke1)
    s.spoke1.wgrd.edit(f"tenant {BLUE}", "learn-direct")
    t.equal("changes nothing", of_blue(s.spoke1), before)
    settled(t, s)
    s.spoke1.wgrd.edit(f"tenant {BLUE}", "no learn-direct")


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    blue = Blue(lab, s, learn_table=LEARN, learn_protocols=["bgp"])
    s.start()
    for router in blue.spokes:
        sort_into_table(router, LEARN)
    learned(t, s, blue)
    traffic(t, s, blue)
    moved(t, s, blue)
    to_red(t, s)
    directly(t, s)
