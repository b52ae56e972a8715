# SPDX-License-Identifier: GPL-2.0-or-later
"""A peer announces more than it may: with a hold all of its prefixes leave, and return when they fit.

    lan1 ---- spoke1 ---- hub ---- spoke2 ---- lan2       spoke2 has four prefixes at the hub,
                                                          and its bgpd announces a fifth

Nobody else is touched: a ping between spoke1's LAN and the hub loses nothing.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.report import Report
from lib.sites import TENANT, Sites, host_addresses, host_at_hub, site_prefixes
from lib.traffic import Ping, ping

EXTRA = [f"192.168.{n}.0/24" for n in (61, 62, 63)]
LIMIT = len(site_prefixes(2)) + 2
LONG = 3600


def announce(s: Sites, prefix: str, yes: bool = True) -> None:
    s.spoke2.frr.edit("router bgp 65000", "address-family ipv4 unicast",
                      f"{'' if yes else 'no '}network {prefix}")


def limit(s: Sites, hold: int) -> None:
    """As typed, and for the oracle."""
    spoke2 = next(p for p in s.hub.wgrd.conf.wireguards[0].peers if p.name == "spoke2")
    spoke2.max_prefix, spoke2.max_prefix_hold = LIMIT, hold
    s.hub.wgrd.edit("wireguard wg0", "peer spoke2", f"max-prefix {LIMIT}",
                    f"max-prefix-hold {hold}" if hold else "no max-prefix-hold")


def as_the_oracle_says(t: Report, s: Sites) -> None:
    t.wait("everything is as the oracle says", s.hub.oracle.differences, lambda d: not d)


def verdicts(s: Sites, peer: str) -> dict[str, str]:
    """Of what BGP says with this peer as next hop."""
    return {p: r["verdict"] for p, r in s.hub.wgrd.routes(TENANT).items()
            if r["origin"] == "learned" and r["peers"] == [peer]}


def all_are(s: Sites, verdict: str, prefixes: list[str]) -> bool:
    return verdicts(s, "spoke2") == {p: verdict for p in prefixes}


def warnings(s: Sites, text: str) -> list[str]:
    assert s.hub.wgrd.process
    return [line for line in s.hub.wgrd.process.output().splitlines() if "spoke2" in line and text in line]


def near(t: Report, s: Sites) -> None:
    t.step("near the limit")
    announce(s, EXTRA[0])
    t.wait("three prefixes are there", lambda: all_are(s, "accepted", site_prefixes(2) + EXTRA[:1]))
    t.wait("it is logged", lambda: warnings(s, f"3 of at most {LIMIT} prefixes"), lambda w: len(w) == 1)
    announce(s, EXTRA[1])
    t.wait("four fit", lambda: all_are(s, "accepted", site_prefixes(2) + EXTRA[:2]))
    t.equal("and nothing more is logged", len(warnings(s, "of at most")), 1)
    as_the_oracle_says(t, s)


def too_many(t: Report, s: Sites) -> None:
    t.step("one too many")
    announce(s, EXTRA[2])
    mine = site_prefixes(2) + EXTRA
    t.wait("none is accepted", lambda: all_are(s, "peer-held", mine))
    permissions = s.hub.wgrd.permissions()
    t.equal("none has a permission", [p for p in mine if p in permissions], [])
    t.equal("none has a route", [line for line in s.hub.node.table(1001) if line.split()[0] in mine], [])
    t.equal("what spoke1 announces is there", set(verdicts(s, "spoke1").values()), {"accepted"})
    peer = s.hub.wgrd.peers()["spoke2"]
    t.check("show says for how long", 0 < peer["held-seconds"] <= LONG, peer["held-seconds"])
    t.equal("how many wait", (peer["prefixes"], peer["prefixes-waiting"]), (0, LIMIT + 1))
    t.contains("and what to do", s.hub.wgrd.routes(TENANT)[EXTRA[0]]["reason"],
               f"peer spoke2 had more than the {LIMIT} prefixes it may have",
               "clear wireguard peer spoke2 ends that")
    t.equal("it is logged", len(warnings(s, f"more than {LIMIT} prefixes")), 1)
    t.check("the BGP session with the peer stays", not s.bgp_established(), s.bgp_established())
    as_the_oracle_says(t, s)


def first_come(t: Report, s: Sites) -> None:
    t.step("without a hold, who comes first keeps")
    limit(s, 0)
    announce(s, EXTRA[2])
    t.wait("the last one waits", lambda: verdicts(s, "spoke2").get(EXTRA[2]) == "peer-limit")
    t.equal("the others stay", {p: v for p, v in verdicts(s, "spoke2").items() if p != EXTRA[2]},
            {p: "accepted" for p in site_prefixes(2) + EXTRA[:2]})
    as_the_oracle_says(t, s)
    announce(s, EXTRA[0], False)
    t.wait("until there is room", lambda: all_are(s, "accepted", site_prefixes(2) + EXTRA[1:]))
    as_the_oracle_says(t, s)


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    host = host_at_hub(lab, s)
    s.start()
    s.hub.frr.edit("router bgp 65000", "address-family ipv4 unicast", "network 192.168.100.0/24")
    limit(s, LONG)
    t.wait("site 1 can be reached", lambda: ping(host, host_addresses(1)[0]))
    other = Ping(host, host_addresses(1)[0], 0.05)
    near(t, s)
    t.check("site 2 can be reached", ping(host, host_addresses(2)[0]))
    too_many(t, s)
    t.check("site 2 cannot be reached", not ping(host, host_addresses(2)[0]))

    t.step("it is put right, and cleared")
    announce(s, EXTRA[2], False)
    t.wait("what is left waits", lambda: all_are(s, "peer-held", site_prefixes(2) + EXTRA[:2]))
    s.hub.wgrd.cli("clear wireguard peer spoke2")
    t.wait("all are back", lambda: all_are(s, "accepted", site_prefixes(2) + EXTRA[:2]))
    as_the_oracle_says(t, s)
    t.wait("site 2 can be reached", lambda: ping(host, host_addresses(2)[0]))

    t.step("it is put right by itself")
    limit(s, 3)
    announce(s, EXTRA[2])
    t.wait("none is accepted", lambda: all_are(s, "peer-held", site_prefixes(2) + EXTRA))
    t.wait("the time over, they do not fit and are held again",
           lambda: len(warnings(s, f"more than {LIMIT} prefixes")), lambda n: n >= 3)
    t.check("none is accepted", all_are(s, "peer-held", site_prefixes(2) + EXTRA))
    announce(s, EXTRA[2], False)
    t.wait("after that time all are back", lambda: all_are(s, "accepted", site_prefixes(2) + EXTRA[:2]))
    as_the_oracle_says(t, s)
    first_come(t, s)
    loss = other.stop()
    t.check(f"spoke1 lost none of {loss.sent}", not loss.lost, str(loss))
