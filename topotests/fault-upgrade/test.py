# SPDX-License-Identifier: GPL-2.0-or-later
"""FRR at spoke 1 is replaced by other releases while wgrd runs, with pings running and none lost.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
              8.4 -> 10.2     |             knows site 1 without BGP
              -> 9.1 -> ?    hub
              -> 8.4

No other release is installed here, so the others are the fake zebra of the unit tests, which speaks
their dialects, with the routes that the real one had. The one that nobody knows speaks none: what the
real zebra left in the kernel's main table is learned instead, and handed back when the real one returns
(with -K, so that it keeps those routes until bgpd has said everything again).

bgpd is away meanwhile, so BGP's part in it is fixed: spoke 2 is told site 1 by allowed-ip lines. What
is left is what wgrd makes of it, and wgrd removes nothing before something else is there: none lost.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.node import Process
from lib.report import Report
from lib.sites import SPOKE2, TABLE, TENANT, Sites, host_addresses, site_prefixes
from lib.traffic import Outage
from lib.wgrd import build_dir

ROUTES = [word for prefix, gate in zip(site_prefixes(2), SPOKE2.overlay) for word in (prefix, gate)]


def another(s: Sites, release: str, dialect: str) -> Process:
    return s.spoke1.node.start(f"zebra-{release}", str(build_dir() / "tests" / "lib" / "fake_zebra_alone"),
                               "/run/frr", release, dialect, "wg0", *ROUTES)


def learned(s: Sites) -> dict[str, str]:
    return {p: r["source"] for p, r in s.spoke1.wgrd.routes(TENANT).items()
            if r["origin"] == "learned" and r["verdict"] == "accepted"}


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    peer = next(p for p in s.spoke2.wgrd.conf.wireguards[0].peers if p.name == "spoke1")
    peer.allowed_ips = site_prefixes(1)
    s.start()
    w, frr = s.spoke1.wgrd, s.spoke1.frr
    t.wait("spoke 1 has settled", lambda: w.zebra()["state"], lambda v: v == "up", 30)
    before = (w.permissions(), s.spoke1.node.table(TABLE), s.spoke1.node.rules())
    from_zebra = learned(s)
    outage = Outage(t, s.lan1, host_addresses(2))
    assert frr.bgpd and frr.zebra
    # Killed, and zebra first, so that the kernel keeps the routes, as it does through a restart with -K.
    frr.zebra.kill()
    frr.bgpd.kill()

    for release, dialect in (("10.2.6", "10.2"), ("9.1.3", "9.1")):
        t.step(f"zebra of {release}")
        zebra = another(s, release, dialect)
        t.wait("wgrd understands it", lambda: w.zebra()["state"], lambda v: v == "up", 40)
        t.equal("it was recognised", (w.zebra()["release"], w.zebra()["dialect"]), (release, dialect))
        t.wait("it has spoke 1's own prefixes", zebra.output, lambda text: text.endswith("given 2\n"))
        t.equal("permissions, table and rules are as before",
                (w.permissions(), s.spoke1.node.table(TABLE), s.spoke1.node.rules()), before)
        zebra.kill()
        t.wait("it is gone", lambda: w.zebra()["state"], lambda v: v == "waiting")

    t.step("a zebra that nobody knows")
    zebra = another(s, "99.0", "none")
    t.wait("wgrd gives it up", lambda: w.zebra()["given-up"], bool, 60)
    t.wait("what the kernel's main table has is learned instead", lambda: learned(s),
           lambda now: now.keys() == from_zebra.keys() and now != from_zebra, 30)
    t.equal("permissions, table and rules are as before",
            (w.permissions(), s.spoke1.node.table(TABLE), s.spoke1.node.rules()), before)
    zebra.kill()

    t.step("the real one again")
    s.spoke1.node.run("rm", "-f", "/run/frr/zserv.api", "/run/frr/zebra.vty")
    frr.start_zebra("-K", "8")
    frr.start_bgpd()
    t.wait("bgpd has said everything again", lambda: sorted(frr.selected("bgp")),
           lambda found: set(site_prefixes(2)) <= set(found), 30)
    # It is looked at once a minute; an operator who cannot wait says so.
    w.edit("zebra zapi-version 8.4")
    t.wait("wgrd settles", lambda: w.zebra()["state"], lambda v: v == "up", 40)
    t.wait("everything is learned from zebra again", lambda: learned(s), lambda now: now == from_zebra, 30)
    t.wait("all three sites are as the oracle says", s.differences, lambda d: not d, 30)
    outage.over()
    outage.none_lost("all the time")
