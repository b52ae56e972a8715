# SPDX-License-Identifier: GPL-2.0-or-later
"""zebra dies and comes back: nothing is removed meanwhile, and what is no longer true leaves after. Before
that, everything is compared with a zebra that is there.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
              zebra killed    |              withdraws one prefix
                             hub             while zebra is away

bgpd 8.4 comes back to a new zebra after ten seconds and, left alone, tells it nothing of what it knew:
setting a table-map makes it say everything again (a restart of bgpd would too, but would withdraw
spoke 1's prefixes from the others). wgrd's settle time is longer than that.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.report import Report
from lib.sites import TABLE, Sites, host_addresses, site_prefixes
from lib.traffic import Outage, Ping

SETTLE_SECONDS = 15


def bgpd_says_everything_again(s: Sites) -> None:
    s.spoke1.frr.edit("route-map EVERYTHING permit 10", "exit", "router bgp 65000",
                      "address-family ipv4 unicast", "table-map EVERYTHING", "exit-address-family",
                      "address-family ipv6 unicast", "table-map EVERYTHING", "exit-address-family")


def asked(t: Report, s: Sites) -> None:
    t.step("somebody has everything compared")
    wgrd = s.spoke1.wgrd
    before = (wgrd.permissions(), s.spoke1.node.table(TABLE), s.spoke1.node.rules())
    told = wgrd.zebra()["routes-added"]
    t.equal("nothing is to be said", wgrd.cli("wireguard resync"), "")
    t.equal("zebra is asked, in the session that there is", wgrd.zebra()["state"], "syncing")
    t.wait("and has told all", lambda: wgrd.zebra()["state"], lambda v: v == "up", 60)
    t.check("once more", wgrd.zebra()["routes-added"] >= told + len(site_prefixes(2)), wgrd.zebra())
    t.equal("permissions, table and rules are as before",
            (wgrd.permissions(), s.spoke1.node.table(TABLE), s.spoke1.node.rules()), before)
    t.check("for others the session has not ended", "has ended" not in wgrd.cli("show wireguard events"))


def away(t: Report, s: Sites) -> None:
    t.step("zebra is killed")
    wgrd = s.spoke1.wgrd
    before = (wgrd.permissions(), s.spoke1.node.table(TABLE), s.spoke1.node.rules())
    assert s.spoke1.frr.zebra
    s.spoke1.frr.zebra.kill()
    t.wait("wgrd notices and shows that it waits", lambda: wgrd.zebra()["state"], lambda v: v == "waiting")
    t.equal("permissions, table and rules are as before",
            (wgrd.permissions(), s.spoke1.node.table(TABLE), s.spoke1.node.rules()), before)
    s.spoke2.wgrd.edit("tenant red", f"no advertise {site_prefixes(2)[1]}")
    t.wait("meanwhile spoke 2 withdraws a prefix, which bgpd of spoke 1 hears",
           lambda: s.spoke1.frr.json("show bgp ipv6 unicast")["routes"],
           lambda routes: site_prefixes(2)[1] not in routes)
    t.equal("but wgrd of spoke 1 cannot know", wgrd.permissions(), before[0])


def back(t: Report, s: Sites) -> None:
    t.step("zebra is back")
    wgrd = s.spoke1.wgrd
    s.spoke1.frr.start_zebra()
    t.wait("wgrd is in session again", lambda: wgrd.zebra()["state"], lambda v: v in ("syncing", "up"))
    t.wait("its own prefixes are in zebra again", lambda: sorted(s.spoke1.frr.selected("table")),
           lambda found: found == sorted(site_prefixes(1)))
    t.wait("bgpd is back at zebra", lambda: s.spoke1.frr.vtysh("show zebra client summary"),
           lambda text: "\nbgp " in text, 30)
    bgpd_says_everything_again(s)
    t.wait("wgrd has settled", lambda: wgrd.zebra()["state"], lambda v: v == "up", 60)
    t.wait("the withdrawn prefix has left, everything else is as the oracle says",
           lambda: {**s.spoke1.oracle.differences(), **(
               {"still there": True} if site_prefixes(2)[1] in wgrd.permissions() else {})},
           lambda d: not d)
    t.check("the other one stayed", site_prefixes(2)[0] in wgrd.permissions())


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    s.spoke1.wgrd.conf.settle_seconds = SETTLE_SECONDS
    s.start()
    t.wait("wgrd has settled", lambda: s.spoke1.wgrd.zebra()["state"], lambda v: v == "up", 60)
    pings = [Ping(s.lan1, host_addresses(2)[0]), Ping(s.lan2, host_addresses(1)[0]),
             Ping(s.lan1, "192.168.1.1", label="ping-gateway")]
    asked(t, s)
    away(t, s)
    back(t, s)
    for p in pings:
        loss = p.stop()
        t.check(f"ping {p.address}: {loss.sent} sent, none lost", not loss.lost, str(loss))
    t.check("the neighbours never lost spoke 1's prefixes",
            all(p in s.spoke2.wgrd.permissions() for p in site_prefixes(1)), s.spoke2.wgrd.permissions())
    view = s.spoke1.wgrd.zebra()
    t.equal("two connects and one disconnect were counted", (view["connects"], view["disconnects"]), (2, 1))

    t.step("and again, now that nothing changes")
    assert s.spoke1.frr.zebra
    outage = Outage(t, s.lan1, host_addresses(2)[:1])
    s.spoke1.frr.zebra.stop()
    s.spoke1.frr.start_zebra()
    t.wait("wgrd is in session again", lambda: s.spoke1.wgrd.zebra()["connects"], lambda n: n == 3)
    outage.over()
    outage.none_lost("zebra stopped and started")
