# SPDX-License-Identifier: GPL-2.0-or-later
"""Garbage at the UDP port and on the zserv socket is counted and survived.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
                 ^             |               ^
                 '---- hub  garbage        a zebra that lies
"""

from __future__ import annotations

import os
import random
from pathlib import Path

from lib.lab import Lab
from lib.report import Report
from lib.sites import SPOKE1, Sites, host_addresses
from lib.traffic import Ping, ping_all

DATAGRAMS = 3000
MEETINGS = 8  # wgrd takes its time between attempts
SENDER = str(Path(__file__).with_name("send_datagrams.py"))
FAKE_ZEBRA = str(Path(__file__).with_name("fake_zebra.py"))


def at_the_port(t: Report, s: Sites, seed: int) -> None:
    t.step(f"{2 * DATAGRAMS} datagrams of garbage, seed {seed}")
    w = s.spoke1.wgrd
    assert w.process
    before, pid = sum(w.drops().values()), w.process.pid
    handshakes = w.peers()["hub"]["handshakes"]
    background = Ping(s.lan1, host_addresses(2)[0])
    for address in (SPOKE1.underlay4, SPOKE1.underlay6):
        s.internet.run("python3", SENDER, address, "51820", str(DATAGRAMS), str(seed), seconds=60)
    t.wait("as many were counted as dropped, by reason", lambda: sum(w.drops().values()) - before,
           lambda n: n >= 2 * DATAGRAMS * 0.98, 30)
    t.note("counted: " + ", ".join(f"{name} {n}" for name, n in w.drops().items() if n))
    t.check("wgrd is the same process", w.process.alive() and w.process.pid == pid)
    loss = background.stop()
    t.check(f"{loss.sent} pings through the tunnel meanwhile, none lost", not loss.lost, str(loss))
    t.equal("no session had to be made anew", w.peers()["hub"]["handshakes"], handshakes)
    t.equal("the peers' endpoints are where they were", w.peers()["hub"]["endpoint"], "198.51.100.1:51820")


def on_zserv(t: Report, s: Sites, seed: int) -> None:
    t.step("a zebra that lies")
    w = s.spoke2.wgrd
    assert w.process and s.spoke2.frr.zebra and s.spoke2.frr.bgpd
    permissions = w.permissions()
    s.spoke2.frr.bgpd.kill()
    s.spoke2.frr.zebra.kill()
    fake = s.spoke2.node.start("fake-zebra", "python3", FAKE_ZEBRA, str(seed))
    t.wait(f"wgrd has met it {MEETINGS} times", fake.output,
           lambda text: text.count("client") >= MEETINGS, 120)
    view = w.zebra()
    t.check("malformed messages were counted", view["malformed"] > 0, view)
    t.check("wgrd lives and answers", w.process.alive() and "wgrd" in w.cli("show version"))
    t.check("nothing it said became a permission", set(w.permissions()) <= set(permissions), w.permissions())
    fake.kill()
    s.spoke2.node.run("rm", "-f", "/run/frr/zserv.api")
    s.spoke2.frr.start()
    t.wait("with the real one back everything is as the oracle says", s.differences, lambda d: not d, 90)
    t.check("LAN to LAN works", ping_all(s.lan1, host_addresses(2), 3))


def run(lab: Lab, t: Report) -> None:
    seed = int(os.environ.get("WGRD_SEED", random.randrange(1 << 32)))
    s = Sites(lab)
    s.start()
    at_the_port(t, s, seed)
    on_zserv(t, s, seed)
