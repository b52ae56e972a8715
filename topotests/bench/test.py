# SPDX-License-Identifier: GPL-2.0-or-later
"""What measures: topotests/bench/tunnel, one short round, wgrctl bench across a tunnel of wgrd, and
topotests/bench/converge with a small table.

What they say has a shape and makes sense. No number fails this test for being small; it runs beside
others and would only measure them.

    a ---- wan ---- b        see tunnel
     \\____ wg0 ____/
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from lib.lab import Lab
from lib.report import Report
from lib.wgrd import build_dir

sys.path.insert(0, str(Path(__file__).parent))

from contenders import MTU, OVERLAY, Ends, Ours  # noqa: E402

TUNNEL = Path(__file__).with_name("tunnel")
CONVERGE = Path(__file__).with_name("converge")
PREFIXES = 2000
NAMES = ["ours", "wireguard-go"]
METRICS = {
    *(f"{what}-{flows}" for what in ("tcp", "cpu", "cpu-daemons") for flows in (1, 8, 64)),
    *(f"udp-{length}{what}" for length in (64, 512, 1400) for what in ("", "-offered", "-loss")),
    *(f"ping-{when}-{what}" for when in ("idle", "loaded") for what in ("p50", "p99", "loss"))}
OFFERED_KPPS = 5  # little, for the sake of the tests beside


def run_tunnel(*options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(TUNNEL), "--build", os.environ["WGRD_BUILD"], *options],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)


def one_round(lab: Lab, t: Report) -> dict[str, Any]:
    done = run_tunnel("--rounds", "1", "--seconds", "1", "--only", ",".join(NAMES), "--json",
                      "--offered", str(OFFERED_KPPS), "--logs", str(lab.folder / "tunnel"))
    t.equal("a round ends well", done.returncode, 0)
    t.equal("and nothing was left out", done.stderr, "")
    rows = {row["metric"]: row for row in map(json.loads, done.stdout.splitlines())}
    if not t.equal("one row for each metric", sorted(rows), sorted(METRICS)):
        t.note(done.stdout)
    return rows


def numbers(t: Report, rows: dict[str, Any]) -> None:
    missing = [f"{m} of {n}" for m, row in rows.items() for n in NAMES if row["median"][n] is None]
    t.equal("everything was measured", missing, [])
    wrong = {m: row for m, row in rows.items() for n in NAMES
             if row["rounds"][n] != [row["median"][n]]}
    t.equal("the median of one round is that round", wrong, {})
    nothing = {m: row for m, row in rows.items()
               if not m.endswith("-loss") and min(row["median"].values()) <= 0}
    t.equal("nothing takes no time or carries nothing", nothing, {})
    losses = {m: row["median"] for m, row in rows.items() if m.endswith("-loss")}
    t.check("losses are between 0 and 100 %",
            all(0 <= v <= 100 for medians in losses.values() for v in medians.values()), losses)
    offered = [rows[f"udp-{n}-offered"]["median"][name] for n in (64, 512, 1400) for name in NAMES]
    t.check(f"{OFFERED_KPPS} kpps were offered, not more",
            all(v < 1.1 * OFFERED_KPPS for v in offered), offered)
    ratio, median = rows["tcp-1"]["ratio"], rows["tcp-1"]["median"]
    t.equal("a ratio is that of the medians", ratio,
            {"wireguard-go": median["ours"] / median["wireguard-go"]})


def wgrctl_bench(lab: Lab, t: Report) -> None:
    """Both ways: what is counted at the ends passed the tunnel, and has its MTU."""
    ends = Ends(lab)
    ours = Ours("ours", ends, build_dir(), [])
    ours.begin()
    wgrctl = str(build_dir() / "wgrd" / "wgrctl")
    server = ends.b.start("bench-server", wgrctl, "bench", "server", OVERLAY[1])
    t.wait("the server is there", server.output, lambda text: "bench server at" in text)
    for options in ([], ["--reverse"]):
        before = ours.wgrds[0].peers()["peer"]
        report = json.loads(ends.a.run(wgrctl, "bench", "--seconds", "0.2", "--rate", "20", "--json",
                                       *options, OVERLAY[1], seconds=60))
        after = ours.wgrds[0].peers()["peer"]
        way = "from b to a" if options else "from a to b"
        t.equal(f"{way}: the MTU is the tunnel's", report["mtu"], MTU)
        t.equal(f"{way}: everything was measured",
                [r for r in report["tests"][1:] if r["error"] or not r["received"]["bytes"]], [])
        t.check(f"{way}: probes are answered", report["tests"][0]["latency"]["answered"], report["tests"][0])
        count = "rx-bytes" if options else "tx-bytes"
        received = sum(r["received"]["bytes"] for r in report["tests"])
        t.check(f"{way}: the peer's {count} say that it passed the tunnel",
                after[count] - before[count] >= received,
                {"before": before[count], "after": after[count], "received": received})
    ours.end()


def converge(lab: Lab, t: Report) -> None:
    """A small table through BIRD, bgpd, zebra and wgrd, with and without the latter."""
    done = subprocess.run([str(CONVERGE), "--build", os.environ["WGRD_BUILD"], "--prefixes", str(PREFIXES),
                           "--peers", "10", "--limit", "60", "--json", "--logs", str(lab.folder / "converge")],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200, check=False)
    if not t.equal("converge ends well", (done.returncode, done.stderr), (0, "")):
        return
    rows = {row["metric"]: row["value"] for row in map(json.loads, done.stdout.splitlines())}
    t.equal("all prefixes were installed", (rows["prefixes"], rows["missing"]), (PREFIXES, 0))
    times = {key: rows[key] for key in ("zebra-alone", "zebra", "wgrd")}
    t.check("everybody took some time for it", all(0 < s < 60 for s in times.values()), times)
    t.equal("how much later wgrd was is said", rows["wgrd-after-zebra"],
            100 * (rows["wgrd"] / rows["zebra"] - 1))
    t.check("memory was used", min(rows["memory-zebra"], rows["memory-wgrd"]) > 0, rows)


def run(lab: Lab, t: Report) -> None:
    t.step("one round as JSON")
    rows = one_round(lab, t)
    if not t.failed:
        numbers(t, rows)
    t.step("options")
    done = run_tunnel("--only", "ours,theirs")
    t.contains("a contender that is not known is named", done.stderr, "no such name: theirs", "wireguard-go")
    t.equal("and nothing runs", (done.returncode, done.stdout), (2, ""))
    t.step("wgrctl bench across a tunnel")
    wgrctl_bench(lab, t)
    t.step("a small full table")
    converge(lab, t)
