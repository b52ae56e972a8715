# SPDX-License-Identifier: GPL-2.0-or-later
"""A prefix that is withdrawn leaves no trace, whoever withdraws it and however.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
                               |               ^
                              hub              withdraws
"""

from __future__ import annotations

from lib.lab import Lab
from lib.report import Report
from lib.sites import TABLE, Router, Sites, host_addresses, site_prefixes
from lib.traffic import ping, ping_all


def traces(router: Router, prefix: str) -> list[str]:
    """Where @prefix is still to be found."""
    places = {
        "zebra's RIB": prefix in router.frr.rib(),
        "show wireguard routes": prefix in router.wgrd.routes(),
        "show wireguard permissions": prefix in router.wgrd.permissions(),
        "the tenant's table": f"{prefix} wg0" in router.oracle.table_seen(TABLE),
    }
    return [place for place, there in places.items() if there]


def gone(t: Report, router: Router, prefix: str) -> None:
    t.wait(f"no trace of {prefix} at {router.name}", lambda: traces(router, prefix), lambda found: not found)


def by_configuration(t: Report, s: Sites) -> None:
    t.step("the operator of spoke 2 withdraws one prefix")
    four, six = site_prefixes(2)
    t.equal(f"before, {four} is everywhere at spoke 1", len(traces(s.spoke1, four)), 4)
    s.spoke2.wgrd.edit("tenant red", f"no advertise {four}")
    s.spoke2.wgrd.conf.tenants[0].advertise.remove(four)
    for router in (s.hub, s.spoke1):
        gone(t, router, four)
    t.wait(f"zebra of spoke2 no longer has {four} from wgrd", lambda: sorted(s.spoke2.frr.selected("table")),
           lambda found: found == [six])
    t.contains("a ping is told so", ping(s.lan1, host_addresses(2)[0]).output, "Host Unreachable")
    t.check("the other family works as before", ping(s.lan1, host_addresses(2)[1], 3))
    t.wait("everything is as the oracle says", s.spoke1.oracle.differences, lambda d: not d)

    s.spoke2.wgrd.edit("tenant red", f"advertise {four}")
    s.spoke2.wgrd.conf.tenants[0].advertise.append(four)
    t.wait("announced again it works again", lambda: ping(s.lan1, host_addresses(2)[0]))


def by_death(t: Report, s: Sites) -> None:
    t.step("bgpd of spoke 2 dies")
    assert s.spoke2.frr.bgpd
    s.spoke2.frr.bgpd.kill()
    for prefix in site_prefixes(2):
        for router in (s.hub, s.spoke1):
            gone(t, router, prefix)
    t.check("the tunnel itself stays", ping(s.spoke1.node, "10.99.0.3"))
    s.spoke2.frr.start_bgpd()
    t.wait("bgpd returns and everything with it", s.differences, lambda d: not d, 30)
    t.check("LAN to LAN works", ping_all(s.lan1, host_addresses(2), 3))


def by_interface(t: Report, s: Sites) -> None:
    t.step("the interface at spoke 2 is shut down")
    s.spoke2.wgrd.edit("wireguard wg0", "shutdown")
    for prefix in site_prefixes(2):
        gone(t, s.spoke1, prefix)
    s.spoke2.wgrd.edit("wireguard wg0", "no shutdown")
    t.wait("it calls its peers at once", s.spoke2.wgrd.sessions, lambda seen: set(seen.values()) == {"up"})
    t.wait("it comes up and everything returns", s.differences, lambda d: not d, 30)
    t.check("LAN to LAN works", ping_all(s.lan1, host_addresses(2), 3))


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    s.start()
    by_configuration(t, s)
    by_death(t, s)
    by_interface(t, s)
