# SPDX-License-Identifier: GPL-2.0-or-later
"""A zebra that wgrd does not understand: what it installs in the kernel is learned instead.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
              zapi-version    |
              of a release   hub, route reflector
              that it is not

The override says 10.7 of Debian's 8.4.4, so that HELLO and CAPABILITIES do not fit, as with a release
of the future. Own prefixes cannot be given to such a zebra: the others lose spoke 1's meanwhile.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.report import Report
from lib.sites import TABLE, TENANT, Sites, host_addresses, site_prefixes
from lib.traffic import ping


def learned(s: Sites) -> dict[str, str]:
    """What spoke 1 has learned and accepted, and from where."""
    return {p: r["source"] for p, r in s.spoke1.wgrd.routes(TENANT).items()
            if r["origin"] == "learned" and r["verdict"] == "accepted"}


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    s.start()
    wgrd = s.spoke1.wgrd
    t.wait("spoke 1 has settled", lambda: wgrd.zebra()["state"], lambda v: v == "up", 60)
    before, permissions = learned(s), wgrd.permissions()
    table = s.spoke1.node.table(TABLE)
    t.check("it has learned spoke 2's prefixes from zebra", set(site_prefixes(2)) <= set(before), before)

    t.step("zebra is not understood any more")
    wgrd.edit("zebra zapi-version 10.7")
    t.wait("wgrd gives it up", lambda: wgrd.zebra()["given-up"], lambda v: v, 60)
    t.wait("what was learned from zebra is learned from the kernel's main table",
           lambda: learned(s), lambda now: now.keys() == before.keys() and now != before, 30)
    t.equal("permissions are as before", wgrd.permissions(), permissions)
    t.equal("and so is the tenant's table", s.spoke1.node.table(TABLE), table)

    t.step("it goes on: spoke 2 withdraws a prefix, and announces it again")
    gone = site_prefixes(2)[0]
    s.spoke2.wgrd.edit("tenant red", f"no advertise {gone}")
    t.wait(f"{gone} leaves", lambda: gone in wgrd.permissions(), lambda there: not there, 30)
    s.spoke2.wgrd.edit("tenant red", f"advertise {gone}")
    t.wait(f"{gone} comes back", lambda: gone in wgrd.permissions(), lambda there: there, 30)

    t.step("zebra is understood again")
    wgrd.edit("zebra zapi-version automatic")
    t.wait("wgrd settles", lambda: wgrd.zebra()["state"], lambda v: v == "up", 90)
    t.wait("everything is learned from zebra again", lambda: learned(s), lambda now: now == before, 30)
    t.equal("permissions are as before", wgrd.permissions(), permissions)
    t.wait("the others have spoke 1's prefixes again", s.differences, lambda d: not d, 60)
    for address in host_addresses(2):
        t.check(f"LAN to LAN works, {address}", ping(s.lan1, address, 3))
