# SPDX-License-Identifier: GPL-2.0-or-later
"""What a peer announces outside of the tenant's supernets is refused, explained, and never used.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
      knows why it is refused  |               announces 172.16.9.0/24, fd00:bad::/48,
                              hub              0.0.0.0/0, ::/0 and a second prefix of its site
"""

from __future__ import annotations

from lib.lab import Lab
from lib.report import Report
from lib.sites import TENANT, Sites
from lib.traffic import ping

OUTSIDE = ["172.16.9.0/24", "fd00:bad::/48"]
DEFAULTS = ["0.0.0.0/0", "::/0"]
INSIDE = ["192.168.202.0/24", "fd00:192:202::/48"]


def announce(s: Sites, prefixes: list[str]) -> None:
    for six in (False, True):
        lines = [f"network {p}" for p in prefixes if (":" in p) == six]
        s.spoke2.frr.edit("router bgp 65000", f"address-family ipv{6 if six else 4} unicast", *lines)


def verdicts(s: Sites, prefixes: list[str]) -> dict[str, str]:
    routes = s.spoke1.wgrd.routes()
    return {p: routes[p]["verdict"] for p in prefixes if p in routes}


def refused(t: Report, s: Sites) -> None:
    t.step("prefixes outside")
    announce(s, OUTSIDE + INSIDE)
    t.wait("zebra of spoke 1 has them", lambda: sorted(s.spoke1.frr.selected("bgp")),
           lambda found: set(OUTSIDE + INSIDE) <= set(found))
    t.wait("those outside are refused", lambda: verdicts(s, OUTSIDE),
           lambda v: v == dict.fromkeys(OUTSIDE, "outside-supernet"))
    t.wait("those inside are accepted", lambda: verdicts(s, INSIDE),
           lambda v: v == dict.fromkeys(INSIDE, "accepted"))
    text = " ".join(s.spoke1.wgrd.cli("show wireguard routes").split())
    for prefix in OUTSIDE:
        t.contains(f"show says why {prefix} is refused", text,
                   f"{prefix} from peer spoke2 is outside the supernets of tenant {TENANT} "
                   "(192.168.0.0/16, fd00:192::/32)")
    t.wait("they are neither permission nor route", s.spoke1.oracle.differences, lambda d: not d)
    tenant = next(x for x in s.spoke1.wgrd.show("tenants")["tenants"] if x["name"] == TENANT)
    t.equal("the tenant counts them", (tenant["accepted"], tenant["refused"]), (4, 2))
    s.lan2.run("ip", "address", "add", "172.16.9.1/32", "dev", "lo")
    t.check("a host there is not reached", not ping(s.lan1, "172.16.9.1"))


def defaults(t: Report, s: Sites) -> None:
    t.step("default routes")
    for router in s.routers.values():
        # The underlay's own, lest the announced one be better.
        gateway = router.address.underlay4.rpartition(".")[0] + ".254"
        router.node.run("ip", "route", "add", "0.0.0.0/1", "via", gateway)
    announce(s, DEFAULTS)
    s.spoke1.node.run("ip", "route", "del", "default")
    s.spoke1.node.run("ip", "-6", "route", "del", "default")
    t.wait("zebra of spoke 1 has them", lambda: sorted(s.spoke1.frr.selected("bgp")),
           lambda found: set(DEFAULTS) <= set(found))
    t.wait("they are refused although nothing else is", lambda: verdicts(s, DEFAULTS),
           lambda v: v == dict.fromkeys(DEFAULTS, "default-route"))
    t.wait("and not used", s.spoke1.oracle.differences, lambda d: not d)


def allowed_later(t: Report, s: Sites) -> None:
    t.step("the operator allows one of them")
    conf = s.spoke1.wgrd.conf.tenants[0]
    s.spoke1.wgrd.edit(f"tenant {TENANT}", "supernet 172.16.0.0/12")
    conf.supernets.append("172.16.0.0/12")
    t.wait("it is accepted without BGP saying anything", lambda: verdicts(s, OUTSIDE),
           lambda v: v == {OUTSIDE[0]: "accepted", OUTSIDE[1]: "outside-supernet"})
    t.wait("and installed", s.spoke1.oracle.differences, lambda d: not d)
    s.spoke1.wgrd.edit(f"tenant {TENANT}", "no supernet 172.16.0.0/12")
    conf.supernets.remove("172.16.0.0/12")
    t.wait("taken back, it is refused again", lambda: verdicts(s, OUTSIDE),
           lambda v: v == dict.fromkeys(OUTSIDE, "outside-supernet"))
    t.wait("and gone", s.spoke1.oracle.differences, lambda d: not d)


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    s.start()
    refused(t, s)
    allowed_later(t, s)
    defaults(t, s)
