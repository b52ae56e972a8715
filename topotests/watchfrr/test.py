# SPDX-License-Identifier: GPL-2.0-or-later
"""wgrd as one of FRR's daemons: started, watched, restarted and stopped by FRR's own scripts.

    r1 ---- r2      r1 has it all from watchfrr: zebra, bgpd, staticd, wgrd; r2 is one more end
                    of its tunnel, a wgrd as it is without FRR
"""

from __future__ import annotations

import re
import shutil

from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.traffic import ping
from lib.vtysh import FRR_VTY, install, make, run_vtysh, vtysh
from lib.wgrd import PeerConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import generate_keys

INIT = "/usr/lib/frr/frrinit.sh"
DAEMONS = """\
bgpd=yes
vtysh_enable=yes
watchfrr_options="--min-restart-interval 1 --interval 1"
zebra_options="-A 127.0.0.1"
bgpd_options="-A 127.0.0.1"
staticd_options="-A 127.0.0.1"
DAEMONS="$DAEMONS wgrd"
wgrd=yes
wgrd_options="--frr -A 127.0.0.1"
"""
NET_ADMIN = 1 << 12


class Daemons:
    """What FRR's scripts start on a node."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.write("daemons", DAEMONS)
        self.write("vtysh.conf", "service integrated-vtysh-config\n")
        node.questions += [["vtysh", "-c", c] for c in ("show watchfrr", "show running-config", "show wireguard")]

    def write(self, name: str, text: str, mode: int = 0o640) -> None:
        path = self.node.folder / "frr" / name
        path.touch(mode=mode)
        path.chmod(mode)
        path.write_text(text, encoding="utf-8")
        shutil.chown(path, "frr", "frr")

    def read(self, name: str) -> str:
        return (self.node.folder / "frr" / name).read_text(encoding="utf-8")

    def script(self, what: str) -> str:
        return self.node.run(INIT, what, seconds=150)

    def pid(self, daemon: str) -> int:
        """As the node counts."""
        return int(self.node.run("cat", f"/run/frr/{daemon}.pid"))

    def status(self) -> dict[str, str]:
        found = re.findall(r"^\s+(\w+)\s+(Up|Down|Init|Unresponsive)", vtysh(self.node, "show watchfrr"), re.M)
        return dict(found)

    def running(self) -> str:
        return self.node.run("vtysh", "-c", "show running-config")


def started(t: Report, d: Daemons) -> None:
    t.step("three lines in /etc/frr/daemons")
    t.contains("frrinit.sh start", d.script("start"), "bgpd staticd wgrd", "Started watchfrr")
    t.wait("watchfrr sees wgrd", d.status, lambda s: s.get("wgrd") == "Up" and len(s) == 4, 30)
    status = d.node.run("cat", f"/proc/{d.pid('wgrd')}/status")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    uid = d.node.run("id", "-u", "frr").strip()
    t.equal("it runs as frr", fields["Uid"].split(), [uid] * 4)
    t.equal("in frr's groups", sorted(fields["Groups"].split()), sorted(d.node.run("id", "-G", "frr").split()))
    t.equal("with CAP_NET_ADMIN alone", {k: int(fields[k], 16) for k in ("CapPrm", "CapEff", "CapBnd", "CapInh")},
            {"CapPrm": NET_ADMIN, "CapEff": NET_ADMIN, "CapBnd": NET_ADMIN, "CapInh": 0})
    t.equal("and no way to more", fields["NoNewPrivs"], "1")
    t.equal("its socket is FRR's", d.node.run("stat", "-c", "%U:%G %a", FRR_VTY).strip(), "frr:frrvty 660")


def configured(t: Report, d: Daemons, lines: list[str], key: str) -> str:
    t.step("configured and saved with vtysh")
    done = run_vtysh(d.node, *[a for line in ["configure terminal", *lines] for a in ("-c", line)])
    t.check("every line is taken", (done.status, done.text) == (0, ""), done.text)
    refused = run_vtysh(d.node, "-c", "configure terminal", "-c", "wireguard wg0", "-c", f"private-key {key}")
    t.check(f"but not a key: {refused.text.strip()}", refused.status and "private-key-file" in refused.text,
            refused.text)
    t.check("which is not repeated", key not in refused.text)
    d.write("other.key", key + "\n", 0o600)
    before = d.running()
    t.check("nor from wg(8)", not d.node.succeeds("wg", "set", "wg0", "private-key", "/etc/frr/other.key"))
    t.equal("which has changed nothing", d.running(), before)
    t.wait("the tunnel works", lambda: ping(d.node, "10.9.0.2"))
    t.contains("zebra is found", vtysh(d.node, "show wireguard zebra"), "8.4")
    t.contains("wgrctl finds it", d.node.run("wgrctl", "-c", "show wireguard"), "Interface wg0")
    t.contains("wg(8), too", d.node.run("wg", "show", "wg0"), "peer:")
    t.contains("write memory, by watchfrr", vtysh(d.node, "write memory"), "[OK]")
    t.contains("frr.conf", d.read("frr.conf"), "wireguard wg0 peer r2 endpoint", "tenant red table 100")
    t.contains("and the safety net", d.read("wgrd.conf"), "peer r2")
    return d.running()


def logged(t: Report, d: Daemons) -> None:
    t.step("FRR's log commands")
    done = run_vtysh(d.node, "-c", "configure terminal", "-c", "log file /run/frr/all.log informational",
                     "-c", "log syslog errors", "-c", "tenant loud table 102", "-c", "no tenant loud")
    t.check("are taken", (done.status, done.text) == (0, ""), done.text)
    shown = vtysh(d.node, "show logging").partition("for wgrd")[2]
    t.contains("show logging", shown, "Syslog logging: level errors", "File logging: level informational",
               "/run/frr/all.log")
    t.contains("show memory", vtysh(d.node, "show memory").partition("for wgrd")[2], "Total heap allocated")
    t.contains("the file has lines of wgrd's", d.node.run("cat", "/run/frr/all.log"),
               " wgrd: conf: notice: configuration: commit ")
    vtysh(d.node, "configure terminal", "no log file", "no log syslog")


def killed(t: Report, d: Daemons, shown: str) -> None:
    t.step("kill -9")
    old = d.pid("wgrd")
    d.node.run("kill", "-9", str(old))
    t.wait("watchfrr starts it again", lambda: d.pid("wgrd"), lambda pid: pid != old, 60)
    t.wait("and gives it its configuration", d.running, lambda text: text == shown, 30)
    t.wait("the tunnel works", lambda: ping(d.node, "10.9.0.2"))
    t.wait("Up", d.status, lambda s: s.get("wgrd") == "Up", 30)


def restarted(t: Report, d: Daemons, shown: str) -> None:
    t.step("all of FRR is restarted")
    old = d.pid("wgrd")
    t.contains("frrinit.sh restart", d.script("restart"), "Stopped wgrd", "Started watchfrr")
    t.check("it is another one", d.pid("wgrd") != old)
    t.wait("with the same configuration", d.running, lambda text: text == shown, 30)
    t.wait("the tunnel works", lambda: ping(d.node, "10.9.0.2"))


def reloaded(t: Report, d: Daemons) -> None:
    t.step("frr.conf is edited, and reloaded")
    d.write("frr.conf", d.read("frr.conf") + "tenant blue table 101\n")
    t.contains("frrinit.sh reload", d.node.run(INIT, "reload", check=False, seconds=150), "Stopped watchfrr")
    t.contains("wgrd has it", d.running(), "tenant blue table 101")
    t.wait("the tunnel works still", lambda: ping(d.node, "10.9.0.2"))


def stock_saved(t: Report, d: Daemons) -> None:
    t.step("a stock vtysh has saved frr.conf, without wgrd's lines")
    saved = d.read("wgrd.conf")
    make(d.node, "uninstall-hook")
    run_vtysh(d.node, "-w", program="/usr/bin/vtysh")
    t.check("they are gone", "wireguard" not in d.read("frr.conf"), d.read("frr.conf"))
    make(d.node, "install-exec")
    t.equal("wgrd.conf is as it was", d.read("wgrd.conf"), saved)
    d.script("restart")
    t.check("after a restart there is nothing", "wireguard" not in d.running(), d.running())
    t.equal("vtysh -f wgrd.conf", run_vtysh(d.node, "-f", "/etc/frr/wgrd.conf").status, 0)
    t.contains("brings it back", d.running(), "wireguard wg0 peer r2 endpoint")
    t.wait("and the tunnel", lambda: ping(d.node, "10.9.0.2"))


def stopped(t: Report, d: Daemons) -> None:
    t.step("the end")
    t.contains("frrinit.sh stop", d.script("stop"), "Stopped wgrd", "Stopped zebra")
    t.check("nothing of it is left in the kernel", not d.node.succeeds("ip", "link", "show", "wg0"))
    t.equal("nor rules", [r for r in d.node.rules() if "proto 157" in r], [])
    t.check("nor its pid file", not d.node.succeeds("test", "-e", "/run/frr/wgrd.pid"))


def run(lab: Lab, t: Report) -> None:
    r1, r2 = lab.node("r1"), lab.node("r2")
    lab.link(r1, "wan", r2, "wan")
    r1.address("wan", "198.51.100.1/24")
    r2.address("wan", "198.51.100.2/24")
    keys = [generate_keys() for _ in range(2)]
    install(r1)
    r1.run("rmdir", "/run/wireguard")  # nobody else's
    # as udev makes it, where there is one
    r1.sh("mknod -m 666 /run/tun c 10 200; mount --bind /run/tun /dev/net/tun")
    d = Daemons(r1)
    d.write("wg0.key", keys[0].private + "\n", 0o600)
    d.write("frr.conf", "hostname r1\n")
    far = WireguardConf(keys[1].private, ["10.9.0.2/24"],
                        [PeerConf("r1", keys[0].public, ["10.9.0.1"], "198.51.100.1:51820")])
    other = Wgrd(r2, WgrdConf([far], [], zebra=False))
    other.start()
    started(t, d)
    shown = configured(t, d, [
        "wireguard wg0", "private-key-file /etc/frr/wg0.key", "listen-port 51820", "address 10.9.0.1/24",
        "tenant red", "peer r2", f"public-key {keys[1].public}", "endpoint 198.51.100.2:51820",
        "overlay-address 10.9.0.2", "exit-peer", "exit-wireguard", "tenant red", "table 100", "exit-tenant"],
        keys[1].private)
    logged(t, d)
    killed(t, d, shown)
    restarted(t, d, shown)
    reloaded(t, d)
    stock_saved(t, d)
    stopped(t, d)
