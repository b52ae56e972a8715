# SPDX-License-Identifier: GPL-2.0-or-later
"""More specific prefixes come and go, default routes are refused and allowed, prefix-lists change.

                      spoke1  192.168.60.0/24   fd00:192:60::/48
    lan0 ---- hub --<
                      spoke2  192.168.60.128/25 fd00:192:60:8000::/49, and default routes

lan0 is a host of the tenant at the hub. Every address of both prefixes is there at either spoke, so pings go
on whoever has them: not one may be lost while part of a prefix moves to the other peer and back.
"""

from __future__ import annotations

from functools import partial

from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.sites import TENANT, Router, Sites, host_at_hub, site_prefixes
from lib.traffic import Ping, ping
from lib.wait import until
from lib.wgrd import PrefixList

WHOLE, PART = ["192.168.60.0/24", "fd00:192:60::/48"], ["192.168.60.128/25", "fd00:192:60:8000::/49"]
IN_WHOLE, IN_PART = ["192.168.60.1", "fd00:192:60::1"], ["192.168.60.129", "fd00:192:60:8000::1"]
DEFAULTS = ["0.0.0.0/0", "::/0"]
MOVES = 15  # of the part, there and back
FAR = ["203.0.113.77", "2001:db8:77::1"]  # at spoke2, covered by a default route only


def announce(router: Router, prefixes: list[str], yes: bool = True) -> None:
    lines = ["router bgp 65000"]
    for p in prefixes:
        lines += [f"address-family ipv{6 if ':' in p else 4} unicast", f"{'' if yes else 'no '}network {p}",
                  "exit-address-family"]
    router.frr.edit(*lines)


def prepare(s: Sites) -> None:
    for router in (s.spoke1, s.spoke2):
        for prefix in WHOLE:
            router.node.run("ip", "-6" if ":" in prefix else "-4", "route", "add", "local", prefix, "dev", "lo")
    for address in FAR:
        s.spoke2.node.run("ip", "address", "add", address, "dev", "lo")
    announce(s.hub, ["192.168.100.0/24", "fd00:192:100::/64"])


def owners(s: Sites, prefixes: list[str]) -> list[list[str]]:
    permissions = s.hub.wgrd.permissions()
    return [permissions.get(p, {}).get("egress", []) for p in prefixes]


def verdicts(s: Sites, prefixes: list[str]) -> list[str]:
    routes = s.hub.wgrd.routes()
    return [routes.get(p, {}).get("verdict", "none") for p in prefixes]


def settled(t: Report, s: Sites, what: str, prefixes: list[str], expected: list[str]) -> None:
    t.wait(what, lambda: owners(s, prefixes), lambda o: o == [expected] * len(prefixes))
    t.wait("all is as the oracle says", s.hub.oracle.differences, lambda d: not d)


def sent_to(s: Sites, host: Node, address: str) -> str:
    """The peer that most packets of ten pings went to."""
    before = s.hub.wgrd.peers()
    ping(host, address, 10)
    after = s.hub.wgrd.peers()
    return max(after, key=lambda name: after[name]["tx-packets"] - before[name]["tx-packets"])


def covered(t: Report, s: Sites, host: Node) -> None:
    t.step("a part of a prefix moves")
    announce(s.spoke1, WHOLE)
    settled(t, s, "spoke1 has the whole", WHOLE, ["spoke1"])
    pings = [Ping(host, a) for a in IN_WHOLE + IN_PART]
    for _ in range(MOVES):
        announce(s.spoke2, PART)
        until("spoke2 has the part", lambda: owners(s, PART), lambda o: o == [["spoke2"]] * 2)
        announce(s.spoke2, PART, False)
        until("it has not", lambda: owners(s, PART), lambda o: ["spoke2"] not in o)
    for p in pings:
        answered = p.last()
        t.wait(f"ping {p.address} goes on", p.last, lambda n, answered=answered: n > answered + 10)
    # Until then the part is there for spoke2, whose answers may be on their way, and goes to spoke1.
    settled(t, s, "the part is spoke1's again, as part of the whole", PART, [])
    announce(s.spoke2, PART)
    settled(t, s, "spoke2 has the part", PART, ["spoke2"])
    for p in pings:
        loss = p.stop()
        t.check(f"ping {p.address}: {loss.sent} sent, none lost", not loss.lost, str(loss))
    for address, peer in zip(IN_WHOLE + IN_PART, ["spoke1", "spoke1", "spoke2", "spoke2"]):
        t.equal(f"{address} is reached through {peer}", sent_to(s, host, address), peer)


def uncovered(t: Report, s: Sites, host: Node) -> None:
    t.step("what covers it goes")
    pings = [Ping(host, a, label=f"uncovered-{n}") for n, a in enumerate(IN_PART)]
    announce(s.spoke1, WHOLE, False)
    settled(t, s, "nobody has the whole", WHOLE, [])
    t.equal("the part stays", owners(s, PART), [["spoke2"]] * 2)
    for address in IN_WHOLE:
        t.check(f"{address} is not reached", not ping(host, address))
    announce(s.spoke1, WHOLE)
    settled(t, s, "spoke1 has it again", WHOLE, ["spoke1"])
    for p in pings:
        loss = p.stop()
        t.check(f"ping {p.address}: {loss.sent} sent, none lost", not loss.lost, str(loss))


def prefix_lists(t: Report, s: Sites) -> None:
    t.step("prefix-lists of the tenant and of a peer")
    conf = s.hub.wgrd.conf
    lists = [PrefixList("TENANT", ["permit 192.168.0.0/16 le 24", "permit fd00:192::/32 le 48"]),
             PrefixList("SPOKE1", ["deny 192.168.60.0/24", "permit 0.0.0.0/0 le 32", "permit ::/0 le 128"])]
    s.hub.wgrd.edit(*(line for x in lists for line in x.lines()))
    conf.prefix_lists += lists
    s.hub.wgrd.edit(f"tenant {TENANT}", "prefix-list TENANT")
    conf.tenants[0].prefix_list = "TENANT"
    settled(t, s, "the tenant's refuses what is longer", PART, [])
    t.equal("and says so", verdicts(s, PART), ["prefix-list"] * 2)
    t.equal("the rest stays", owners(s, WHOLE + site_prefixes(2)), [["spoke1"]] * 2 + [["spoke2"]] * 2)

    s.hub.wgrd.edit("wireguard wg0", "peer spoke1", "prefix-list SPOKE1")
    next(p for p in conf.wireguards[0].peers if p.name == "spoke1").prefix_list = "SPOKE1"
    settled(t, s, "the peer's refuses one more", WHOLE[:1], [])
    t.equal("with the other family untouched", owners(s, WHOLE[1:]), [["spoke1"]])
    t.contains("the reason names list, entry and peer", s.hub.wgrd.routes()[WHOLE[0]]["reason"],
               "prefix-list SPOKE1 seq 5 of peer spoke1")

    s.hub.wgrd.edit("prefix-list TENANT seq 5 permit 192.168.0.0/16 le 25", "no prefix-list SPOKE1 seq 5")
    lists[0].entries[0] = "permit 192.168.0.0/16 le 25"
    lists[1].entries.pop(0)
    settled(t, s, "lists that change decide at once", PART[:1] + site_prefixes(2), ["spoke2"])
    t.equal("for the peer too", owners(s, WHOLE), [["spoke1"]] * 2)

    s.hub.wgrd.edit(f"tenant {TENANT}", "no prefix-list TENANT")
    conf.tenants[0].prefix_list = ""
    settled(t, s, "without a list all is permitted", PART, ["spoke2"])


def own_default(s: Sites) -> None:
    """The hub's way to the internet, lest a default route in the tunnel carry the tunnel."""
    gateway4, gateway6 = "198.51.100.254", "2001:db8:1::fe"
    for half in ("0.0.0.0/1", "128.0.0.0/1"):
        s.hub.node.run("ip", "route", "add", half, "via", gateway4)
    s.hub.node.run("ip", "-6", "route", "add", "2000::/3", "via", gateway6)
    s.hub.node.run("ip", "route", "del", "default")
    s.hub.node.run("ip", "-6", "route", "del", "default")


def default_routes(t: Report, s: Sites, host: Node) -> None:
    t.step("default routes")
    own_default(s)
    announce(s.spoke2, DEFAULTS)
    t.wait("zebra of the hub has them", lambda: sorted(s.hub.frr.selected("bgp")),
           lambda found: set(DEFAULTS) <= set(found))
    t.wait("they are refused", lambda: verdicts(s, DEFAULTS), lambda v: v == ["default-route"] * 2)
    settled(t, s, "and nobody's", DEFAULTS, [])
    for address in FAR:
        t.check(f"{address} is not reached", not ping(host, address))

    s.hub.wgrd.edit(f"tenant {TENANT}", *(f"supernet {p}" for p in DEFAULTS))
    s.hub.wgrd.conf.tenants[0].supernets += DEFAULTS
    settled(t, s, "they are spoke2's when they are permitted by name", DEFAULTS, ["spoke2"])
    for address in FAR:
        t.wait(f"{address} is reached", partial(ping, host, address, 3))
    t.equal("what is more specific goes where it went", sent_to(s, host, IN_WHOLE[0]), "spoke1")

    s.hub.wgrd.edit(f"tenant {TENANT}", "no supernet ::/0")
    s.hub.wgrd.conf.tenants[0].supernets.remove("::/0")
    t.wait("each for itself", lambda: owners(s, DEFAULTS), lambda o: o == [["spoke2"], []])
    announce(s.spoke2, DEFAULTS, False)
    settled(t, s, "withdrawn, they leave", DEFAULTS, [])


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    host = host_at_hub(lab, s)
    s.start()
    prepare(s)
    covered(t, s, host)
    uncovered(t, s, host)
    prefix_lists(t, s)
    default_routes(t, s, host)
