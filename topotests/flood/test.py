# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad initiations, as many as one sender can make, while pings run: none of those is lost.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
                 ^             |
                 '--------- the flood
"""

from __future__ import annotations

from pathlib import Path

from lib.lab import Lab
from lib.report import Report
from lib.sites import SPOKE1, Sites, host_addresses
from lib.traffic import Ping

SHOOT = str(Path(__file__).with_name("shoot.py"))
COUNT = 400_000


def resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def under_fire(t: Report, s: Sites, what: str, *key: str) -> None:
    t.step(f"{COUNT} initiations {what}")
    w = s.spoke1.wgrd
    assert w.process
    before = w.peers()
    pings = [Ping(s.lan1, host_addresses(2)[0], label=f"out-{len(key)}"),
             Ping(s.lan2, host_addresses(1)[0], label=f"in-{len(key)}")]
    memory = resident_kib(w.process.pid)
    dropped = sum(w.drops().values())
    rate = s.internet.run("python3", SHOOT, SPOKE1.underlay4, "51820", str(COUNT), *key, seconds=120)
    t.note(f"{int(rate)} a second")
    for p in pings:
        loss = p.stop()
        t.check(f"{loss.sent} pings to {p.address} meanwhile, none lost", not loss.lost, str(loss))
    after = w.peers()
    t.equal("every session is as it was", {n: p["session"] for n, p in after.items()},
            {n: p["session"] for n, p in before.items()})
    t.equal("and every endpoint", {n: p["endpoint"] for n, p in after.items()},
            {n: p["endpoint"] for n, p in before.items()})
    grown = resident_kib(w.process.pid) - memory
    t.check(f"wgrd takes {grown} KiB more than before", grown < 4096, grown)
    t.check("many of them reached it", sum(w.drops().values()) - dropped > COUNT / 10, w.drops())
    t.note("dropped: " + ", ".join(f"{name} {n}" for name, n in w.drops().items() if n))


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    s.start()
    key = s.spoke1.wgrd.show("")["interfaces"][0]["public-key"]
    under_fire(t, s, "for nobody")
    under_fire(t, s, "with the right mac1", key)
