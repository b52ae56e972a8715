# SPDX-License-Identifier: GPL-2.0-or-later
"""Under load each end gives out cookies, and the other end shows them and is let in.

    wgrd 198.51.100.1 ---- switch ---- 198.51.100.2 kernel WireGuard      10.70.0.1 -- 10.70.0.2
                             |
                           flood     initiations with a good mac1 and nothing else

Each is flooded in turn while the other one begins a session: the first initiation is answered by a cookie
and the next one, which shows it, by a response.
"""

from __future__ import annotations

from pathlib import Path

from lib.lab import Lab
from lib.report import Report
from lib.traffic import ping
from lib.wgrd import PeerConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import StockPeer, generate_keys, stock

SHOOT = str(Path(__file__).resolve().parents[2] / "flood" / "shoot.py")
OUTSIDE = ["198.51.100.1", "198.51.100.2"]
INSIDE = ["10.70.0.1", "10.70.0.2"]
COUNT = "1000000000"  # until it is stopped


def run(lab: Lab, t: Report) -> None:
    node, other, flood = (lab.node(n) for n in ("wgrd", "kernel", "flood"))
    lab.switch("switch", (node, "wan"), (other, "wan"), (flood, "wan"))
    for n, address in zip((node, other, flood), [*OUTSIDE, "198.51.100.3"]):
        n.address("wan", f"{address}/24")
    keys, other_keys = generate_keys(), generate_keys()
    peer = PeerConf("kernel", other_keys.public, overlay=[INSIDE[1]], endpoint=f"{OUTSIDE[1]}:51820")
    wgrd = Wgrd(node, WgrdConf([WireguardConf(keys.private, [f"{INSIDE[0]}/24"], [peer])], []))
    end = stock(other, other_keys, [StockPeer(keys.public, [f"{INSIDE[0]}/32"], f"{OUTSIDE[0]}:51820")])
    wgrd.start()
    end.start(f"{INSIDE[1]}/24")
    t.wait("a session", lambda: ping(node, INSIDE[1]))

    t.step("wgrd is flooded, and the kernel begins")
    fire = flood.start("flood-wgrd", "python3", SHOOT, OUTSIDE[0], "51820", COUNT, keys.public)
    t.wait("wgrd gives out cookies", lambda: wgrd.counters()["tx-cookies"], lambda n: n > 100)
    other.run("wg", "set", "wg0", "peer", keys.public, "remove")
    other.run("wg", "set", "wg0", "peer", keys.public, "allowed-ips", f"{INSIDE[0]}/32",
              "endpoint", f"{OUTSIDE[0]}:51820")
    before = wgrd.peers()["kernel"]["handshakes"]
    t.wait("the kernel's handshake is completed", lambda: (ping(other, INSIDE[0]), wgrd.peers()["kernel"]["handshakes"])[1],
           lambda n: n > before, 60)
    t.wait("and pings pass", lambda: ping(other, INSIDE[0]))
    fire.kill()

    t.step("the kernel is flooded, and wgrd begins")
    before, cookies = wgrd.peers()["kernel"]["handshakes"], wgrd.counters()["rx-cookies"]
    fire = flood.start("flood-kernel", "python3", SHOOT, OUTSIDE[1], "51820", COUNT, other_keys.public)

    def again() -> int:
        """A handshake each time, until one was answered by a cookie."""
        wgrd.wgrctl("clear wireguard peer kernel")
        return int(wgrd.counters()["rx-cookies"])

    t.wait("wgrd is given a cookie", again, lambda n: n > cookies, 60)
    t.wait("its handshake is completed", lambda: wgrd.peers()["kernel"]["handshakes"], lambda n: n > before, 60)
    t.wait("and pings pass", lambda: ping(node, INSIDE[1]))
    fire.kill()
