# SPDX-License-Identifier: GPL-2.0-or-later
"""The real vtysh of Debian, extended by `make install`: what an operator types, saves and breaks.

    r1      zebra, wgrd and vtysh on one node; two interfaces that nobody else uses: lan0, lan1
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

from lib.frr import Frr
from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.vtysh import FRR_VTY, STOCK, Terminal, install, make, run_vtysh, vtysh
from lib.wait import LabError
from lib.wgrd import Wgrd, WgrdConf, build_dir
from lib.wireguard_go import generate_keys

HERE = Path(__file__).resolve().parent
FAKE = "/run/fake_frr.so"

# As vtysh 8.4 sends them to all daemons; found by looking at its table of commands.
TO_ALL = [
    "debug memstats-at-exit", "no debug memstats-at-exit", "debug northbound callbacks", "no debug northbound",
    "log commands", "no log commands", "log error-category", "log filter-text x", "no log filter-text x",
    "log immediate-mode", "no log immediate-mode", "log unique-id", "service cputime-stats",
    "service cputime-warning 5000", "service walltime-warning 5000", "no service cputime-warning",
    "allow-reserved-ranges", "no allow-reserved-ranges", "enable password x", "no enable password",
    "frr defaults traditional", "frr version 8.4.4", "log facility daemon", "no log facility",
    "log file /run/frr/all.log informational", "no log file", "log filtered-file /run/frr/some.log",
    "no log filtered-file", "log monitor", "no log monitor", "log record-priority", "no log record-priority",
    "log stdout", "no log stdout", "log syslog informational", "no log syslog", "log timestamp precision 3",
    "no log timestamp precision", "password x", "no password", "service advanced-vty", "no service advanced-vty",
    "service password-encryption", "no service password-encryption", "clear log filter-text",
    "line vty", "exec-timeout 5", "no exec-timeout", "login", "no login", "access-class a",
    "ipv6 access-class a", "no access-class a", "no ipv6 access-class a", "exit",
    "nexthop-group n", "nexthop 10.0.0.1", "no nexthop 10.0.0.1", "backup-group b", "no backup-group b", "exit",
    "no nexthop-group n", "end", "show memory", "show logging", "show thread cpu", "show debugging",
    "clear thread cpu", "clear log cmdline-targets", "show logging filter-text", "show version", "disable", "enable"]

SETTINGS = [
    "zebra settle-time 3", "prefix-list x seq 5 permit 10.0.0.0/8 le 24", "wireguard wg0",
    "private-key-file {key}", "listen-port 51820", "address 10.99.0.1/24", "tenant red", "fwmark 0x10",
    "peer a", "description to no other site", "public-key {public}", "endpoint 192.0.2.1:51820",
    "overlay-address 10.99.0.2", "additional-key next", "public-key {other}", "exit", "exit",
    "peer empty", "exit-peer", "exit-wireguard", "tenant red", "description of red", "table 1001",
    "interface lan0", "supernet 10.0.0.0/8", "exit-tenant", "tenant blue", "description of blue", "table 1002",
    "interface lan1", "exit-tenant", "tenant none", "end"]


def load_walk() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vtysh_walk", HERE / "walk.py")
    assert spec and spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def digest(node: Node, path: str) -> str:
    return node.run("sha256sum", path).split()[0]


class Router:
    def __init__(self, lab: Lab, t: Report) -> None:
        self.t = t
        self.node = lab.node("r1")
        lab.link(self.node, "lan0", self.node, "lan1")
        self.frr = Frr(self.node)
        self.write("vtysh.conf", "service integrated-vtysh-config\n")
        self.write("frr.conf", "hostname r1\n")
        self.wgrd = Wgrd(self.node, WgrdConf([], []))
        self.node.run("ln", "-s", self.wgrd.vty, FRR_VTY)  # as the systemd unit does
        self.keys = [generate_keys() for _ in range(3)]
        key = self.node.folder / "wg0.key"
        key.touch(mode=0o600)
        key.write_text(self.keys[0].private + "\n", encoding="utf-8")
        self.settings = [s.format(key=key, public=self.keys[1].public, other=self.keys[2].public)
                         for s in SETTINGS]

    def write(self, name: str, text: str) -> None:
        path = self.node.folder / "frr" / name
        path.write_text(text, encoding="utf-8")
        shutil.chown(path, "frr", "frr")

    def read(self, name: str) -> str:
        return (self.node.folder / "frr" / name).read_text(encoding="utf-8")

    def start(self) -> None:
        self.frr.start_zebra()
        self.wgrd.start()

    def running(self) -> str:
        return self.wgrd.cli("show running-config")


def installed(r: Router) -> None:
    t, node = r.t, r.node
    t.step("make install")
    before = hashlib.sha256(Path("/usr/bin/vtysh").read_bytes()).hexdigest()
    t.contains("says what it did to vtysh", install(node), "/usr/bin/vtysh knows wgrd now")
    t.equal("dpkg knows", node.run("dpkg-divert", "--truename", "/usr/bin/vtysh").strip(), STOCK)
    t.equal("FRR's own is kept", digest(node, STOCK), before)
    t.contains("again it is the same", make(node, "install-exec"), "knows wgrd now")
    t.equal("and FRR's own still kept", digest(node, STOCK), before)


def typed(r: Router) -> None:
    t = r.t
    t.step("a configuration is typed")
    terminal = Terminal(r.node)
    terminal.line("configure terminal")
    said = {s: a for s in r.settings if (a := terminal.line(s).strip())}
    t.equal("every line is taken in silence", said, {})
    t.equal("the last leads back", terminal.node, "")
    running = r.running()
    t.contains("wgrd has it", running, "tenant red", " table 1001", "  additional-key next", " fwmark 16",
               "  description to no other site")
    t.step("moving about")
    for line, prompt in (
            ("conf t", "(config)"), ("wi wg0", "(config-wireguard)"), ("pe a", "(config-peer)"),
            ("interface lo", "(config-if)"), ("tenant red", "(config-tenant)"), ("wireguard wg0", "(config-wireguard)"),
            ("peer a", "(config-peer)"), ("additional-key next", "(config-additional-key)"),
            ("exit-additional-key", "(config-peer)"), ("quit", "(config-wireguard)"), ("exit", "(config)"),
            ("wireguard wg0 peer a", "(config-peer)"), ("exit-wireguard", "(config)"),
            ("wireguard wg0 peer a endpoint 192.0.2.1:51820", "(config)"), ("wireguard wg0", "(config-wireguard)"),
            ("no tenant xyz", "(config-wireguard)"), ("tenant red", "(config-wireguard)"),
            ("end", "")):
        answer = terminal.line(line)
        t.check(f"{line} -> {prompt or 'exec'}", terminal.node == prompt and "Unknown" not in answer,
                f"{terminal.node}: {answer}")
    t.equal("none of that changed anything", r.running(), running)
    terminal.line("configure terminal")
    terminal.line("wireguard wg0")
    t.contains("do show wireguard in a node", terminal.line("do show wireguard"), "Interface wg0")
    t.contains("an abbreviated one", terminal.line("do sh wireg peer a"), "Peer a")
    t.contains("a number out of range is refused as FRR does it", terminal.line("mtu 99999"), "% Unknown command")
    t.contains("another value with wgrd's sentence", terminal.line("address 10.0.0.300/8"), "10.0.0.300/8")
    terminal.line("mtu 1300")
    t.contains("a setting", r.running(), " mtu 1300")
    terminal.line("no mtu")
    t.equal("and taken back", r.running(), running)
    t.equal("Tab knows the peers", terminal.complete("peer e"), "peer empty ")
    t.equal("and the tenants", terminal.complete("no tenant r"), "no tenant red ")
    terminal.line("exit")
    t.equal("from above too", terminal.complete("wireguard wg0 peer e"), "wireguard wg0 peer empty ")
    t.equal("and the interfaces of the system", terminal.complete("tenant blue interface lan1"),
            "tenant blue interface lan1 ")
    t.contains("do wireguard commit confirm", terminal.line("do wireguard commit confirm"), "trial")
    terminal.line("end")
    t.equal("and in exec", terminal.complete("show wireguard peer e"), "show wireguard peer empty ")
    terminal.close()


def walked(r: Router) -> None:
    r.t.step("every command's help and completion")
    module = load_walk()
    terminal = Terminal(r.node)
    module.walk(r.t, r.wgrd, terminal)
    module.complete(r.t, r.wgrd, terminal)
    terminal.close()


def options(r: Router) -> None:
    t, node = r.t, r.node
    t.step("options of vtysh")
    shown = vtysh(node, "show running-config")
    t.contains("show running-config has it, spelt out", shown, "zebra settle-time 3",
               "wireguard wg0 peer a endpoint 192.0.2.1:51820", "tenant blue interface lan1",
               "wireguard wg0 peer a additional-key next public-key")
    t.check("beside FRR's", "frr version" in shown and shown.rstrip().endswith("end"), shown)
    t.equal("write terminal is the same", vtysh(node, "write terminal"), shown)
    t.contains("-d wgrd", vtysh(node, "show wireguard", options=("-d", "wgrd")), "Interface wg0")
    t.contains("-u may look", vtysh(node, "show wireguard tenants", options=("-u",)), "red")
    for words in ("10.0.0.0/8 longer-prefixes", "tenant red state refused", "t red 10.0.0.0/8 lon", "st inst"):
        t.contains(f"show wireguard routes {words}", vtysh(node, f"show wireguard routes {words}"), " refused")
    t.check("-u may not configure",
            run_vtysh(node, "-u", "-c", "configure terminal").status != 0)
    t.contains("show daemons", vtysh(node, "show daemons"), "zebra wgrd")
    t.contains("-E shows prompts", vtysh(node, "conf t", "wireguard wg0", options=("-E",)),
               "r1(config)# wireguard wg0")
    bad = run_vtysh(node, "-c", "configure terminal", "-c", "wireguard wg0", "-c", "listen-prot 1")
    t.check("-c of an unknown line fails", bad.status == 1 and "Unknown command" in bad.text, bad.text)
    good = node.folder / "good.conf"
    good.write_text("wireguard wg0\n peer a\n  max-prefix 7\n exit-peer\nexit-wireguard\n"
                    "interface lan0\n description untouched\nexit\n", encoding="utf-8")
    t.equal("-C -f of a right file", run_vtysh(node, "-C", "-f", str(good)).status, 0)
    wrong = node.folder / "wrong.conf"
    wrong.write_text("wireguard wg0\n listen-prot 1\n", encoding="utf-8")
    answer = run_vtysh(node, "-C", "-f", str(wrong))
    t.check("-C -f of a wrong one", answer.status and "line 2" in answer.text, answer.text)
    before = r.running()
    t.equal("-f", run_vtysh(node, "-f", str(good)).status, 0)
    t.contains("reads blocks", r.running(), "  max-prefix 7")
    t.contains("and FRR's lines after them", vtysh(node, "show running-config"), "description untouched")
    r.wgrd.edit("wireguard wg0", "peer a", "no max-prefix")
    vtysh(node, "configure terminal", "interface lan0", "no description")
    t.equal("as before", r.running(), before)


def told_all(r: Router) -> None:
    t = r.t
    t.step("what vtysh tells all daemons")
    terminal = Terminal(r.node, "-d", "wgrd")
    terminal.line("configure terminal")
    bad = {}
    for line in TO_ALL:
        answer = terminal.line(line)
        if "Unknown" in answer or "%" in answer:
            bad[line] = answer
    t.equal(f"{len(TO_ALL)} lines are accepted", bad, {})
    terminal.close()


def saved(r: Router) -> None:
    t, node = r.t, r.node
    t.step("write memory")
    running, shown = r.running(), vtysh(node, "show running-config")
    t.contains("says OK", vtysh(node, "write memory"), "[OK]")
    text = r.read("frr.conf")
    t.contains("frr.conf has it", text, "wireguard wg0 peer a", "tenant blue interface lan1")
    t.check("but no key", r.keys[0].private not in text)
    t.contains("wgrd's own file has it as well", r.wgrd.path.read_text(encoding="utf-8"), "  description to no other site",
               "tenant blue")
    t.step("all restarted")
    for process in (r.wgrd.process, r.frr.zebra):
        assert process
        process.stop()
    own = r.wgrd.path.read_text(encoding="utf-8")
    r.wgrd.path.write_text("", encoding="utf-8")  # frr.conf alone
    r.start()
    t.check("nothing is there", "wireguard" not in r.running(), r.running())
    answer = run_vtysh(node, "-b")
    t.equal("vtysh -b is content", (answer.status, answer.text), (0, ""))
    t.equal("the same configuration in wgrd", r.running(), running)
    t.equal("and in vtysh", vtysh(node, "show running-config"), shown)
    answer = run_vtysh(node, "-b", "-d", "wgrd")
    t.equal("-b -d wgrd, once more", (answer.status, answer.text), (0, ""))
    t.equal("changes nothing", r.running(), running)
    r.wgrd.path.write_text(own, encoding="utf-8")
    t.step("files for each daemon")
    r.write("vtysh.conf", "no service integrated-vtysh-config\n")
    r.wgrd.path.write_text("", encoding="utf-8")
    t.contains("write memory goes to the daemons", vtysh(node, "write memory"), f"saved to {r.wgrd.path}")
    t.contains("and wgrd saves", r.wgrd.path.read_text(encoding="utf-8"), "tenant blue")
    r.write("vtysh.conf", "service integrated-vtysh-config\n")


def reloaded(r: Router) -> None:
    t, node = r.t, r.node
    t.step("frr-reload.py, as Debian has it")
    reload = ["python3", "/usr/lib/frr/frr-reload.py"]
    if not node.succeeds("test", "-e", reload[1]):
        raise LabError("frr-pythontools is missing: tools/install-deps test")
    path = node.folder / "frr" / "new.conf"
    text = r.read("frr.conf")
    r.write("new.conf", text)
    same = node.run(*reload, "--test", "--stdout", "/etc/frr/new.conf")
    t.check("finds nothing to do", "Lines To" not in same, same)
    changed = text.replace("endpoint 192.0.2.1:51820", "endpoint 192.0.2.9:51820")
    changed = "\n".join(line for line in changed.splitlines() if "peer empty" not in line and " blue" not in line)
    r.write("new.conf", changed + "\nwireguard wg0 peer new max-prefix 5\ntenant green table 1003\n")
    before = r.running()
    done = run_vtysh(node, "--reload", "/etc/frr/new.conf", program="/usr/lib/frr/frr-reload.py")
    t.check("makes the difference", done.status == 0, done.text)
    running = r.running()
    t.contains("what was changed and added", running, "  endpoint 192.0.2.9:51820", " peer new", "tenant green")
    t.check("what was taken away", " peer empty" not in running and "tenant blue" not in running, running)
    t.contains("and the rest is there", running, "  description to no other site", "tenant red", " listen-port 51820")
    t.contains("frr-reload.py has saved that", r.read("frr.conf"), "wireguard wg0 peer new max-prefix 5")
    r.write("new.conf", text)
    done = run_vtysh(node, "--reload", "/etc/frr/new.conf", program="/usr/lib/frr/frr-reload.py")
    t.check("and back", done.status == 0, done.text)
    t.equal("to where it was", r.running(), before)
    path.unlink()


def stock(r: Router) -> None:
    t, node = r.t, r.node
    t.step("a stock vtysh reads our frr.conf")
    text = r.read("frr.conf")
    t.contains("our lines are in it", text, "tenant blue interface lan1")
    r.write("frr.conf", text.replace("!\nend", "!\n") +
            "interface lan1\n description of FRR\nexit\nip route 203.0.113.0/24 Null0\n")
    assert r.frr.zebra
    r.frr.zebra.stop()
    r.frr.start_zebra()
    answer = run_vtysh(node, "-b", program=STOCK)
    t.check("complains of lines it does not know", "Unknown command" in answer.text, answer.text)
    shown = run_vtysh(node, "-c", "show running-config", program=STOCK).text
    t.contains("the rest is loaded", shown, "interface lan1\n description of FRR")
    t.check("nothing of ours became FRR's", "of blue" not in shown and "interface lan0" not in shown, shown)
    t.equal("by hand, blocks: the rest is loaded, too", stock_and_blocks(r), "description of blocks")
    r.write("frr.conf", text)


def stock_and_blocks(r: Router) -> str:
    r.write("blocks.conf", "wireguard wg0\n peer a\n  max-prefix 7\n exit-peer\nexit-wireguard\n"
                           "interface lan1\n description of blocks\nexit\n")
    run_vtysh(r.node, "-f", "/etc/frr/blocks.conf", program=STOCK)
    shown = run_vtysh(r.node, "-c", "show running-config", program=STOCK).text
    return "description of blocks" if "description of blocks" in shown else shown


def wgrd_away(r: Router) -> None:
    t, node = r.t, r.node
    t.step("wgrd is away")
    terminal = Terminal(node)
    t.contains("an open vtysh", terminal.line("show wireguard"), "Interface wg0")
    r.wgrd.stop()
    terminal.line("show wireguard")  # vtysh notices
    t.contains("says so", terminal.line("show wireguard"), "wgrd is not running")
    t.contains("and FRR goes on", terminal.line("show version"), "FRRouting")
    answer = run_vtysh(node, "-c", "show wireguard")
    t.check("a new one, too", answer.status == 1 and "wgrd is not running" in answer.text, answer.text)
    t.contains("show running-config works", vtysh(node, "show running-config"), "frr version")
    r.wgrd.start()
    t.contains("it is back: so is the open vtysh", terminal.line("show wireguard"), "Interface wg0")
    terminal.line("configure terminal")
    terminal.line("wireguard wg0")
    t.contains("with nodes", terminal.line("do show wireguard"), "Interface wg0")
    terminal.close()


def guards(r: Router) -> None:
    t, node = r.t, r.node
    t.step("a vtysh that is not known is left alone")
    node.run("cc", "-shared", "-fPIC", "-o", FAKE, str(HERE / "fake_frr.c"))
    stock = run_vtysh(node, "-c", "show version", program=STOCK)
    for what, env, part in (
            ("a release of the future", "FAKE_RELEASE=11.0", "FRR 11.0 is not known"),
            ("a release of the past", "FAKE_RELEASE=7.5.1", "FRR 7.5.1 is not known"),
            ("no release", "FAKE_MISSING=frr_defaults_version", "does not tell its release"),
            ("a missing function", "FAKE_MISSING=install_node", '"install_node"'),
            ("a missing table", "FAKE_MISSING=vtysh_client", "no place for another daemon"),
            ("state kept elsewhere", "FAKE_STATE=1", "keeps its state in another way")):
        answer = run_vtysh(node, "-c", "show version", env=(env, f"LD_PRELOAD={FAKE}"))
        t.check(f"{what}: {answer.stderr.strip()}", part in answer.stderr and answer.stderr.count("\n") == 1,
                answer.text)
        t.equal("vtysh is as it was", (answer.status, answer.stdout), (stock.status, stock.stdout))
        none = run_vtysh(node, "-c", "show wireguard", env=(env, f"LD_PRELOAD={FAKE}"))
        t.contains("without our commands", none.stdout, "Unknown command: show wireguard")
    node.sh("touch /run/frr/sharpd.vty")
    answer = run_vtysh(node, "-c", "show version")
    said = [line for line in answer.stderr.splitlines() if "wgrd" in line]
    t.check(f"sharpd runs: {said}", len(said) == 1 and "sharpd runs here" in said[0], answer.text)
    node.sh("rm /run/frr/sharpd.vty")
    t.step("the wrapper")
    script = ("import os, pty; pty.spawn(['vtysh', '-c', 'show version'])")
    t.contains("on a terminal", node.run("python3", "-c", script), "FRRouting")
    shell = run_vtysh(node, "-C", "-c", "show version", env=("LD_PRELOAD=/nothing.so",))
    t.contains("somebody else's LD_PRELOAD is kept", shell.stderr, "/nothing.so")
    node.sh("mv /usr/lib/wgrd/wgrd_vtysh.so /run/")
    answer = run_vtysh(node, "-c", "show version")
    t.equal("without the extension, vtysh as it was", (answer.status, answer.stdout, answer.stderr),
            (stock.status, stock.stdout, stock.stderr))
    node.sh("mv /run/wgrd_vtysh.so /usr/lib/wgrd/")


def uninstalled(r: Router) -> None:
    t, node = r.t, r.node
    t.step("make uninstall")
    kept = digest(node, STOCK)
    t.contains("says what it did", make(node, "uninstall"), "/usr/bin/vtysh is FRR's own again")
    t.equal("it is", digest(node, "/usr/bin/vtysh"), kept)
    t.equal("dpkg knows", node.run("dpkg-divert", "--truename", "/usr/bin/vtysh").strip(), "/usr/bin/vtysh")
    t.check("nothing is left", not node.succeeds("test", "-e", STOCK))
    t.step("vtysh-divert does nothing where it must not")
    divert = str(build_dir() / "vtysh-ext" / "vtysh-divert")
    other = ("--local", "--no-rename", "--divert", "/usr/bin/vtysh.other")
    node.run("dpkg-divert", *other, "--add", "/usr/bin/vtysh")
    t.contains("somebody else diverts vtysh", node.run("sh", divert, "add", check=False), "somebody else", "nothing done")
    t.equal("and has it still", node.run("dpkg-divert", "--truename", "/usr/bin/vtysh").strip(),
            "/usr/bin/vtysh.other")
    t.equal("remove does not touch it", node.run("sh", divert, "remove"), "")
    node.run("dpkg-divert", *other, "--remove", "/usr/bin/vtysh")
    node.run("mv", "/usr/bin/vtysh", "/usr/bin/vtysh.away")
    t.contains("there is no FRR", node.run("sh", divert, "add"), "install FRR")
    t.check("and no wrapper then", not node.succeeds("test", "-e", "/usr/bin/vtysh"))


def run(lab: Lab, t: Report) -> None:
    r = Router(lab, t)
    installed(r)
    r.start()
    typed(r)
    walked(r)
    options(r)
    told_all(r)
    saved(r)
    reloaded(r)
    stock(r)
    wgrd_away(r)
    guards(r)
    uninstalled(r)
