# SPDX-License-Identifier: GPL-2.0-or-later
"""wg(8) on a running wgrd: every command, with pings through what must not be disturbed.

    lan1 ---- spoke1 ---- internet ---- spoke2 ---- lan2       the demo's sites; at the hub
                             | \\                               Debian's wg(8) is used
                            hub  guest                         guest: wireguard-go, a peer of the
                                                               hub by way of wg set
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.sites import HUB, SPOKE1, Sites
from lib.traffic import Ping, ping
from lib.wireguard_go import StockPeer, WireguardGo, generate_keys, generate_psk

GUEST = "10.99.0.77"
MOVED_PORT = 51821


@dataclass
class Tool:
    """wg(8) on a node, for wg0."""

    node: Node

    def dump(self) -> dict[str, list[str]]:
        """`wg show all dump`: public key (the interface's own is "") to the other fields."""
        lines = [line.split("\t") for line in self.node.run("wg", "show", "all", "dump").splitlines()]
        own = {"": line[1:] for line in lines if len(line) == 5}
        return own | {line[1]: line[2:] for line in lines if len(line) == 9}

    def allowed_ips(self, key: str) -> list[str]:
        fields = self.dump().get(key)
        return sorted(fields[2].split(",")) if fields else []

    def showconf(self) -> str:
        return self.node.run("wg", "showconf", "wg0")

    def set(self, *words: str, stdin: str = "") -> None:
        self.node.run("wg", "set", "wg0", *words, stdin=stdin)

    def conf(self, command: str, text: str) -> None:
        """setconf, addconf or syncconf."""
        self.node.run("wg", command, "wg0", "/dev/stdin", stdin=text)


@dataclass
class Guest:
    """A stock peer that calls the hub."""

    sites: Sites
    node: Node
    keys: object = field(default_factory=generate_keys)
    psk: str = field(default_factory=generate_psk)

    def start(self) -> None:
        hub_key = Tool(self.sites.hub.node).dump()[""][1]
        peer = StockPeer(hub_key, ["10.99.0.0/24"], f"{HUB.underlay4}:51820", self.psk, 1)
        WireguardGo(self.node, self.keys, peers=[peer]).start(f"{GUEST}/24")  # type: ignore[arg-type]

    @property
    def public(self) -> str:
        return self.keys.public  # type: ignore[attr-defined, no-any-return]

    @property
    def name(self) -> str:
        """As wgrd calls a peer that it only knows by its key."""
        return "wg-" + self.public[:8].replace("+", "-").replace("/", "_")


def connect_guest(lab: Lab, s: Sites) -> Guest:
    node = lab.node("guest")
    lab.link(s.internet, "guest", node, "wan")
    s.internet.address("guest", "198.18.0.254/24")
    node.address("wan", "198.18.0.1/24")
    node.default_route("198.18.0.254")
    return Guest(s, node)


def running(s: Sites) -> str:
    return s.hub.wgrd.cli("show running-config")


def lines_of_peer(s: Sites, name: str) -> list[str]:
    text = running(s).partition(f" peer {name}\n")[2].partition(" exit-peer")[0]
    return [line.strip() for line in text.splitlines()]


def commits(s: Sites) -> int:
    assert s.hub.wgrd.process
    return s.hub.wgrd.process.output().count(" is in force")


def shown(t: Report, s: Sites, tool: Tool) -> None:
    conf = s.hub.wgrd.conf.wireguards[0]
    own, spoke = tool.dump()[""], conf.peers[0]
    t.equal("wg show interfaces", s.hub.node.run("wg", "show", "interfaces").split(), ["wg0"])
    t.equal("dump: the interface's private key, port and mark", [own[0], *own[2:]],
            [conf.private_key, "51820", "off"])
    fields = tool.dump()[spoke.public_key]
    t.equal("dump: a peer's endpoint", fields[1], SPOKE1.endpoint(False))
    t.check("dump: a recent handshake and octets both ways", all(int(f) > 0 for f in fields[3:6]), fields)
    t.equal("dump: its keepalive", fields[6], "5")
    expected = sorted(p for p, ways in s.hub.wgrd.permissions().items()
                      if "spoke1" in ways["egress"] + ways["ingress"])
    t.equal("dump: its allowed IPs are those of both tables", tool.allowed_ips(spoke.public_key), expected)
    t.check("learned ones among them", "192.168.1.0/24" in expected, expected)


def given_back(t: Report, s: Sites, tool: Tool) -> None:
    before, count, text = running(s), commits(s), tool.showconf()
    for command in ("syncconf", "addconf", "setconf"):
        tool.conf(command, text)
        t.equal(f"showconf given to {command} changes nothing", running(s), before)
    t.equal("and commits nothing", commits(s), count)


def guest_comes(t: Report, s: Sites, tool: Tool, guest: Guest) -> None:
    tool.set("peer", guest.public, "preshared-key", "/dev/stdin", "persistent-keepalive", "7",
             "allowed-ips", f"{GUEST}/32,172.20.0.0/16", stdin=guest.psk)
    t.equal("the new peer is named after its key", lines_of_peer(s, guest.name),
            [f"public-key {guest.public}", "! preshared-key is set (not shown)",
             "persistent-keepalive 7", f"allowed-ip {GUEST}/32", "allowed-ip 172.20.0.0/16"])
    t.equal("wg show has it", tool.allowed_ips(guest.public), [f"{GUEST}/32", "172.20.0.0/16"])
    guest.start()
    t.wait("the guest pings the hub", lambda: ping(guest.node, HUB.overlay[0]))
    t.check("the hub pings the guest", ping(s.hub.node, GUEST, source=HUB.overlay[0]))


def guest_changes(t: Report, s: Sites, tool: Tool, guest: Guest) -> None:
    tool.set("peer", guest.public, "allowed-ips", "172.20.0.0/16")
    t.wait("without its address the guest is not heard", lambda: ping(guest.node, HUB.overlay[0]),
           lambda ok: not ok)
    tool.set("peer", guest.public, "allowed-ips", f"{GUEST}/32", "persistent-keepalive", "0")
    t.wait("with it, it is", lambda: ping(guest.node, HUB.overlay[0]))
    t.equal("the list was replaced", tool.allowed_ips(guest.public), [f"{GUEST}/32"])
    tool.set("peer", guest.public, "allowed-ips", f"{GUEST}/32,192.168.1.0/24")
    t.equal("a prefix that is spoke1's by BGP is the guest's when it is said", lines_of_peer(s, guest.name)[2:],
            [f"allowed-ip {GUEST}/32", "allowed-ip 192.168.1.0/24"])
    t.wait("and in force", lambda: s.hub.wgrd.permissions()["192.168.1.0/24"]["egress"],
           lambda owners: owners == [guest.name])
    tool.set("peer", guest.public, "allowed-ips", f"{GUEST}/32")
    t.wait("taken away, it is spoke1's again",
           lambda: s.hub.wgrd.permissions().get("192.168.1.0/24", {}).get("egress"),
           lambda owners: owners == ["spoke1"])
    tool.set("peer", guest.public, "endpoint", "198.18.0.9:9")
    t.equal("an endpoint is configured", lines_of_peer(s, guest.name)[2], "endpoint 198.18.0.9:9")
    t.wait("and given up when the guest calls from elsewhere",
           lambda: tool.dump()[guest.public][1], lambda e: e.startswith("198.18.0.1:"))
    tool.set("peer", guest.public, "preshared-key", "/dev/null")
    t.check("the preshared key is gone", "preshared" not in running(s))
    tool.set("peer", guest.public, "preshared-key", "/dev/stdin", stdin=guest.psk)
    t.wait("with it again, the guest pings", lambda: ping(guest.node, HUB.overlay[0]), seconds=30)


def files(t: Report, s: Sites, tool: Tool, guest: Guest) -> None:
    other = generate_keys().public
    text, before = tool.showconf(), running(s)
    tool.conf("addconf", f"[Peer]\nPublicKey = {other}\nAllowedIPs = 172.21.0.0/16\n")
    t.equal("addconf adds a peer", tool.allowed_ips(other), ["172.21.0.0/16"])
    tool.conf("syncconf", text)
    t.equal("syncconf with the former file takes it away again", running(s), before)
    without = "\n\n".join(part for part in text.split("\n\n") if guest.public not in part)
    tool.conf("setconf", without)
    t.check("setconf without the guest removes it", guest.public not in running(s))
    t.equal("the others keep their names and overlay addresses", lines_of_peer(s, "spoke1")[-2:],
            [f"overlay-address {a}" for a in SPOKE1.overlay])
    tool.conf("setconf", text)
    t.wait("and with it, it is back", lambda: ping(guest.node, HUB.overlay[0]), seconds=30)


def refused(t: Report, s: Sites, tool: Tool) -> None:
    before = running(s)
    own = tool.dump()[""][1]
    t.check("a peer that is the hub itself is refused",
            not s.hub.node.succeeds("wg", "set", "wg0", "fwmark", "9", "peer", own))
    t.equal("and nothing of that set is done", running(s), before)
    assert s.hub.wgrd.process
    t.contains("the log says why", s.hub.wgrd.process.output(),
               "interface wg0: refused to wg(8): wireguard wg0, peer",
               "public-key is that of the interface itself")


def interface(t: Report, s: Sites, tool: Tool) -> None:
    private, public = tool.dump()[""][:2]
    tool.set("fwmark", "0xca6c")
    t.contains("fwmark", running(s), " fwmark 51820\n")
    t.equal("wg show knows it", tool.dump()[""][3], "0xca6c")
    tool.set("fwmark", "off", "listen-port", str(MOVED_PORT))
    t.contains("listen-port", running(s), f" listen-port {MOVED_PORT}\n")
    t.check("no fwmark any more", "fwmark" not in running(s))
    t.wait("spoke1 follows the hub to its new port", lambda: s.spoke1.wgrd.peers()["hub"]["endpoint"],
           lambda e: e == f"{HUB.underlay4}:{MOVED_PORT}", seconds=30)
    tool.set("listen-port", "51820")
    t.wait("and back", lambda: s.spoke1.wgrd.peers()["hub"]["endpoint"],
           lambda e: e == HUB.endpoint(False), seconds=30)
    tool.set("private-key", "/dev/stdin", stdin=generate_keys().private)
    t.check("another private key, another public key", tool.dump()[""][1] != public)
    t.wait("which nobody knows", lambda: ping(s.hub.node, SPOKE1.overlay[0]), lambda ok: not ok)
    tool.set("private-key", "/dev/stdin", stdin=private)
    t.wait("with the old one the peers return", lambda: ping(s.hub.node, SPOKE1.overlay[0]), seconds=40)


def kept(t: Report, s: Sites, tool: Tool, guest: Guest) -> None:
    wgrd = s.hub.wgrd
    before = running(s)
    t.contains("write memory", wgrd.cli("write memory"), "[OK]")
    text = wgrd.path.read_text(encoding="utf-8")
    t.contains("the file has the peer and its key", text, f"peer {guest.name}", f"preshared-key {guest.psk}")
    assert wgrd.process
    wgrd.process.kill()
    t.check("a killed wgrd leaves its socket", s.hub.node.succeeds("test", "-S", "/run/wireguard/wg0.sock"))
    wgrd.start()
    t.equal("started again it has the same configuration", running(s), before)
    t.equal("and wg(8) finds it", tool.allowed_ips(guest.public), [f"{GUEST}/32"])
    t.wait("the guest is back", lambda: ping(guest.node, HUB.overlay[0]), seconds=40)
    t.equal("no secret is in the log", [k for k in (guest.psk, tool.dump()[""][0])
                                        if k in wgrd.process.log.read_text(errors="replace")], [])
    text = tool.showconf()
    wgrd.edit("no wireguard wg0")
    t.equal("without the interface there is no socket", s.hub.node.run("ls", "/run/wireguard").split(), [])
    imported(t, s, text)


def parts(text: str) -> list[list[str]]:
    """A file of wg(8) as its sections, with lists in order."""
    return sorted([" ".join(sorted(line.replace(",", "").split())) for line in part.splitlines()]
                  for part in text.strip().split("\n\n"))


def imported(t: Report, s: Sites, text: str) -> None:
    """What wg showconf said of wg0, as a file of wg-quick."""
    node = s.hub.node
    path = node.folder / "wg1.conf"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    argv = s.hub.wgrd._wgrctl_argv()
    said = node.run(*argv, "import", str(path), "--key-dir", str(node.folder))
    t.contains("wgrctl import", said, "wireguard wg1 is in force", f"a key was written to {node.folder}/wg1.key")
    t.equal("wg showconf says of it what the file says", parts(node.run("wg", "showconf", "wg1")), parts(text))


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    guest = connect_guest(lab, s)
    tool = Tool(s.hub.node)
    s.start()
    pings = [Ping(s.hub.node, a) for a in SPOKE1.overlay] + [Ping(s.lan1, "192.168.2.10")]
    t.step("wg show")
    shown(t, s, tool)
    t.step("what was shown, given back")
    given_back(t, s, tool)
    t.step("wg set: a peer")
    guest_comes(t, s, tool, guest)
    guest_changes(t, s, tool, guest)
    t.step("wg addconf, syncconf, setconf")
    files(t, s, tool, guest)
    refused(t, s, tool)
    for p in pings:
        loss = p.stop()
        t.check(f"all the while {loss.sent} pings to {p.address}, none lost", not loss.lost, str(loss))
    t.step("wg set: the interface")
    interface(t, s, tool)
    t.step("what is kept")
    kept(t, s, tool, guest)
