# SPDX-License-Identifier: GPL-2.0-or-later
"""Ten minutes of traffic between two wgrd: keys are renewed every two, and nothing is lost by it.

    a ---- wan ---- b        TCP both ways at a rate that fills no queue, pings both ways
     \\____ wg0 ____/

Every packet that is lost has a reason: here there is none, so none may be. What a's peer has sent, b's
has received. Memory does not grow. WGRD_SOAK_SECONDS says how long, if not ten minutes; it should be
more than 130, or no key is renewed.
"""

from __future__ import annotations

import os
import re
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from lib.lab import Lab
from lib.report import Report
from lib.traffic import Ping, Server, transfer
from lib.wgrd import Wgrd, build_dir

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

from contenders import OVERLAY, Ends, Ours  # noqa: E402
from measure import IPERF_PORT, start_iperf  # noqa: E402

SLOW = True
SECONDS = int(os.environ.get("WGRD_SOAK_SECONDS", "600"))
REKEY_SECONDS = 120
SETTLED_SECONDS = 30  # from then on memory is compared
GROWTH_KIB = 2048
LOAD = "50M"          # bits a second, each way


def memory_kib(wgrd: Wgrd) -> int:
    assert wgrd.process and wgrd.process.pid
    status = Path("/proc", str(wgrd.process.pid), "status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1])


def peer(wgrd: Wgrd) -> dict[str, Any]:
    return wgrd.peers()["peer"]


def difference(sender: Wgrd, receiver: Wgrd) -> int:
    """Packets that one end has sent and the other not received."""
    return int(peer(sender)["tx-packets"]) - int(peer(receiver)["rx-packets"])


def soak(t: Report, ends: Ends, ours: Ours) -> None:
    load = ends.a.start("load", "iperf3", "-c", OVERLAY[1], "-p", str(IPERF_PORT), "--bidir", "-b", LOAD,
                        "-t", str(SECONDS))
    pings = [Ping(ends.a, OVERLAY[1], 0.05), Ping(ends.b, OVERLAY[0], 0.05)]
    begun = time.monotonic()
    t.wait(f"{SETTLED_SECONDS} s pass", lambda: time.monotonic() - begun,
           lambda elapsed: elapsed > SETTLED_SECONDS, SETTLED_SECONDS + 10)
    before = [memory_kib(w) for w in ours.wgrds]
    t.wait("the load comes to its end", load.alive, lambda alive: not alive, SECONDS + 60)
    t.equal("and it ends well", load.status(), 0)
    after = [memory_kib(w) for w in ours.wgrds]
    for node, p in zip(ends.nodes, pings):
        loss = p.stop()
        t.check(f"{loss.sent} pings from {node.name}, none lost", not loss.lost and not loss.duplicates,
                str(loss))
    t.check(f"memory has grown by less than {GROWTH_KIB} KiB",
            all(b - a < GROWTH_KIB for a, b in zip(before, after)), {"before": before, "after": after})


def counters(t: Report, ours: Ours) -> None:
    for sender, receiver in (ours.wgrds, ours.wgrds[::-1]):
        name = sender.node.name
        handshakes = int(peer(sender)["handshakes"])
        t.check(f"{name} has renewed its keys: {handshakes} handshakes",
                handshakes >= 1 + SECONDS // (REKEY_SECONDS + 10), handshakes)
        t.wait(f"what {name} has sent, {receiver.node.name} has received",
               partial(difference, sender, receiver), lambda n: n == 0)
        drops = {k: v for k, v in sender.drops().items() if v and k.startswith("rx-")}
        t.equal(f"{name} has dropped nothing that it received", drops, {})


def run(lab: Lab, t: Report) -> None:
    ends = Ends(lab)
    ours = Ours("ours", ends, build_dir(), [])
    start_iperf(ends.b)
    ours.begin()
    t.step(f"{SECONDS} s of traffic")
    soak(t, ends, ours)
    t.step("what was counted")
    counters(t, ours)
    t.step("at full speed")
    Server(ends.b)
    done = transfer(ends.a, OVERLAY[1], 100_000_000)
    t.check("100 MB arrive intact", done.intact, str(done))
