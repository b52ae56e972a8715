#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Drives wgrctl as a person and as a script would, against tests/wgrd/ctl/vty_daemon.

The environment says where things are: WGRD_SRCDIR, WGRD_BUILDDIR, and WGRD_YANG_DIR for the
daemon. WGRCTL and VTY_DAEMON name the programs, if they lie elsewhere.
"""

import os
import pty
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import time
import unittest

BUILD = os.environ.get("WGRD_BUILDDIR", ".")
WGRCTL = os.environ.get("WGRCTL", BUILD + "/wgrd/wgrctl")
VTY_DAEMON = os.environ.get("VTY_DAEMON", BUILD + "/tests/wgrd/ctl/vty_daemon")
PATIENCE_S = 20


class Daemon:
    def __init__(self, directory):
        self.socket = directory + "/wgrd.vty"
        self.config = directory + "/wgrd.conf"
        self.start()

    def start(self):
        self.process = subprocess.Popen([VTY_DAEMON, self.socket, self.config],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = self.process.stdout.readline()
        if said != b"ready\n":
            raise AssertionError(f"the daemon said {said}: {self.process.stderr.read()}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate()
        if self.process.returncode != 0:
            raise AssertionError(f"the daemon ended with {self.process.returncode}")


class Terminal:
    """wgrctl behind a pseudo-terminal; what it printed since the last expect() is kept."""

    def __init__(self, sock, home):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            environment = dict(os.environ, TERM="dumb", HOME=home, INPUTRC="/dev/null")
            os.execve(WGRCTL, [WGRCTL, "--socket", sock], environment)

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def _more(self, deadline):
        if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
            return False
        try:
            part = os.read(self.fd, 65536)
        except OSError:  # the other end is closed
            part = b""
        self.text += part.decode(errors="replace").replace("\r", "").replace("\a", "")
        return bool(part)

    def expect(self, wanted):
        """Waits until the text ends with what is wanted, and returns all of it."""
        deadline = time.monotonic() + PATIENCE_S
        while not self.text.endswith(wanted):
            if not self._more(deadline):
                raise AssertionError(f"expected ...{wanted!r}, saw {self.text!r}")
        text, self.text = self.text, ""
        return text

    def end(self):
        """What is printed until the end, and the exit status."""
        deadline = time.monotonic() + PATIENCE_S
        while self._more(deadline):
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return self.text, os.waitstatus_to_exitcode(status)


class WithDaemon(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="wgrctl-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.daemon = Daemon(self.dir)
        self.addCleanup(self.daemon.stop)

    def wgrctl(self, *args, text=None):
        return subprocess.run([WGRCTL, "--socket", self.daemon.socket, *args], input=text,
                              capture_output=True, text=True, timeout=PATIENCE_S,
                              check=False)


class CommandsOnTheCommandLine(WithDaemon):
    def test_a_daemon_that_hangs_is_given_up(self):
        self.daemon.process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.daemon.process.send_signal, signal.SIGCONT)
        r = subprocess.run([WGRCTL, "--socket", self.daemon.socket, "-c", "show version"],
                           capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((r.returncode, r.stdout), (1, ""))
        self.assertIn("wgrctl: wgrd does not answer", r.stderr)

    def test_are_run_in_one_session(self):
        r = self.wgrctl("-c", "configure terminal", "-c", "tenant red", "-c", "end",
                        "-c", "show running-config")
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        self.assertEqual(r.stdout, "!\ntenant red\nexit-tenant\n!\n")

    def test_stop_at_the_first_that_fails(self):
        r = self.wgrctl("-c", "show version", "-c", "shwo", "-c", "show version")
        self.assertEqual(r.returncode, 1)
        self.assertEqual(r.stdout.count("wgrd 0.1.0"), 1)
        self.assertTrue(r.stderr.startswith('% Unknown command: shwo\n  "shwo" is not known here; expected: '),
                        r.stderr)

    def test_fail_when_there_is_no_such_peer(self):
        r = self.wgrctl("-c", "show wireguard peer nobody")
        self.assertEqual((r.returncode, r.stdout), (1, ""))
        self.assertEqual(r.stderr, "% There is no peer nobody; `show wireguard peers` has all.\n")

    def test_end_at_exit(self):
        r = self.wgrctl("-c", "exit", "-c", "show version")
        self.assertEqual((r.returncode, r.stdout), (0, ""))

    def test_say_that_a_full_disk_took_no_output(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            r = subprocess.run([WGRCTL, "--socket", self.daemon.socket, "-c", "show version"],
                               stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(r.returncode, 1)
        self.assertIn("cannot write the output", r.stderr)


class CommandsOnStandardInput(WithDaemon):
    def test_are_run_and_comments_left_out(self):
        r = self.wgrctl(text="! hello\n\nconfigure terminal\n  tenant red\n# bye\nend\n"
                             "show running-config")
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        self.assertEqual(r.stdout, "!\ntenant red\nexit-tenant\n!\n")

    def test_stop_at_the_first_error_and_name_its_line(self):
        r = self.wgrctl(text="configure terminal\n\nwireguard wg0\n listen-port 70000\n"
                             " mtu 1400\n")
        self.assertEqual(r.returncode, 1)
        self.assertEqual(r.stderr, 'line 4: % listen-port: "70000" is not a number from 0 '
                                   "to 65535\n")
        self.assertNotIn("mtu", self.wgrctl("-c", "show running-config").stdout)

    def test_may_end_with_exit(self):
        r = self.wgrctl(text="configure terminal\nexit\nexit\nnonsense\n")
        self.assertEqual((r.returncode, r.stderr), (0, ""))


class TheProgram(unittest.TestCase):
    def run_it(self, *args):
        return subprocess.run([WGRCTL, *args], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=PATIENCE_S, check=False)

    def test_says_what_to_do_when_the_daemon_is_down(self):
        r = self.run_it("--socket", "/nonexistent/wgrd.vty", "-c", "show version")
        self.assertEqual((r.returncode, r.stdout), (2, ""))
        self.assertEqual(r.stderr, "wgrctl: wgrd does not answer at /nonexistent/wgrd.vty: "
                         'start it with "systemctl start wgrd", or name its socket with '
                         "--socket\n")

    def test_explains_its_options(self):
        self.assertEqual(self.run_it("--help").returncode, 0)
        self.assertIn("--socket PATH", self.run_it("--help").stdout)
        self.assertRegex(self.run_it("--version").stdout, r"^wgrctl \d")
        self.assertEqual(self.run_it("--nonsense").returncode, 2)
        self.assertIn("given with -c", self.run_it("show").stderr)

    def test_survives_a_daemon_that_hangs_up(self):
        directory = tempfile.mkdtemp(prefix="wgrctl-")
        self.addCleanup(shutil.rmtree, directory)
        server = socket.socket(socket.AF_UNIX)
        server.bind(directory + "/s")
        server.listen()
        self.addCleanup(server.close)

        def hang_up():
            client, _ = server.accept()
            client.recv(100)
            client.sendall(b"half an ans")
            client.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        r = self.run_it("--socket", directory + "/s", "-c", "show version")
        thread.join()
        self.assertEqual((r.returncode, r.stdout), (1, ""))
        self.assertIn("wgrd closed the connection", r.stderr)

    def test_takes_an_answer_in_pieces(self):
        directory = tempfile.mkdtemp(prefix="wgrctl-")
        self.addCleanup(shutil.rmtree, directory)
        server = socket.socket(socket.AF_UNIX)
        server.bind(directory + "/s")
        server.listen()
        self.addCleanup(server.close)

        def drip():
            client, _ = server.accept()
            for answer in (b"one\ntwo\n\0\0\0\0", b"\0\0\0\0"):
                client.recv(100)
                for octet in answer:
                    client.sendall(bytes([octet]))
            client.recv(100)
            client.close()

        thread = threading.Thread(target=drip)
        thread.start()
        r = self.run_it("--socket", directory + "/s", "-c", "show version")
        thread.join()
        self.assertEqual((r.returncode, r.stdout, r.stderr), (0, "one\ntwo\n", ""))


class AtATerminal(WithDaemon):
    def setUp(self):
        super().setUp()
        self.terminal = Terminal(self.daemon.socket, self.dir)
        self.terminal.expect("wgrd# ")

    def enter(self, line, prompt):
        self.terminal.type(line + "\r")
        return self.terminal.expect(prompt)

    def leave(self):
        self.terminal.type("exit\r")
        text, status = self.terminal.end()
        self.assertEqual(status, 0, text)
        return text

    def test_the_prompt_shows_the_node(self):
        self.enter("configure terminal", "\nwgrd(config)# ")
        self.enter("wireguard wg0", "\nwgrd(config-wireguard)# ")
        self.enter("peer a", "\nwgrd(config-peer)# ")
        self.enter("exit-wireguard", "\nwgrd(config)# ")
        self.enter("tenant red", "\nwgrd(config-tenant)# ")
        self.enter("end", "\nwgrd# ")
        self.leave()

    def test_an_answer_stands_between_two_prompts(self):
        text = self.enter("show version", "\nwgrd# ")
        self.assertRegex(text, r"show version\nwgrd 0\.1\.0, up for \d+s\nwgrd# $")
        self.assertIn("% Unknown command: nonsense", self.enter("nonsense", "\nwgrd# "))
        self.leave()

    def test_tab_completes_words_and_names(self):
        self.terminal.type("sh\t")
        self.terminal.expect("show ")
        self.terminal.type("wi\tperm\t")
        self.terminal.expect("wireguard permissions ")
        self.terminal.type("\r")
        self.terminal.expect("\nwgrd# ")
        self.enter("configure terminal", "\nwgrd(config)# ")
        self.enter("wireguard wg0", "\nwgrd(config-wireguard)# ")
        self.enter("peer spoke-two", "\nwgrd(config-peer)# ")
        self.terminal.type("do show wireguard peer sp\t")
        self.terminal.expect("peer spoke-two ")
        self.enter("", "\nwgrd(config-peer)# ")
        self.enter("end", "\nwgrd# ")
        self.leave()

    def test_tab_twice_lists_what_is_possible(self):
        self.terminal.type("show wireguard p\t")
        self.terminal.expect("show wireguard pe")
        self.terminal.type("\t\t")
        text = self.terminal.expect("wgrd# show wireguard pe")
        self.assertEqual(re.findall(r"\S+", text)[:3], ["peer", "peers", "permissions"])
        self.terminal.type("ers\r")
        self.terminal.expect("\nwgrd# ")
        self.leave()

    def test_no_file_name_is_offered(self):
        self.terminal.type("echo \t\tx\r")
        text = self.terminal.expect("\nwgrd# ")
        self.assertIn("\nx\n", text)
        self.leave()

    def test_a_question_mark_helps(self):
        self.terminal.type("show ?")
        text = self.terminal.expect("wgrd# show ")
        self.assertIn("\n  running-config       The configuration in use, without secrets\n",
                      text)
        self.terminal.type("version\r")
        self.assertIn("wgrd 0.1.0", self.terminal.expect("\nwgrd# "))
        self.leave()

    def test_control_c_gives_up_the_line(self):
        self.terminal.type("show nonsense\x03")
        self.terminal.expect("\nwgrd# ")
        self.assertIn("\nwgrd 0.1.0", self.enter("show version", "\nwgrd# "))
        self.leave()

    def test_control_d_leaves(self):
        self.terminal.type("\x04")
        _, status = self.terminal.end()
        self.assertEqual(status, 0)

    def test_history_is_kept_without_keys(self):
        self.enter("show version", "\nwgrd# ")
        self.enter("configure terminal", "\nwgrd(config)# ")
        self.enter("wireguard wg0", "\nwgrd(config-wireguard)# ")
        self.enter("private-key QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
                   "\nwgrd(config-wireguard)# ")
        self.enter("end", "\nwgrd# ")
        self.leave()
        path = self.dir + "/.wgrctl_history"
        with open(path, encoding="utf-8") as f:
            self.assertEqual(f.read().splitlines(),
                             ["show version", "configure terminal", "wireguard wg0", "end",
                              "exit"])
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)

        self.terminal = Terminal(self.daemon.socket, self.dir)
        self.terminal.expect("wgrd# ")
        self.terminal.type("\x10" * 5 + "\r")  # five lines back
        self.assertIn("\nwgrd 0.1.0", self.terminal.expect("\nwgrd# "))
        self.leave()

    def test_a_restarted_daemon_is_found_again(self):
        self.enter("configure terminal", "\nwgrd(config)# ")
        self.daemon.stop()
        text = self.enter("tenant red", "\nwgrd# ")
        self.assertIn("wgrd closed the connection", text)
        self.assertIn("does not answer at", self.enter("show version", "\nwgrd# "))
        self.daemon.start()
        self.assertIn("\nwgrd 0.1.0", self.enter("show version", "\nwgrd# "))
        self.leave()


class Import(WithDaemon):
    PRIVATE = "6Mk3EA+QDGwTBQmpjSZAUONIoZSzuRmLJPFZ6yeSnVY="
    PSK = "DAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw="
    PEER = "CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo="
    FILE = f"""\
[Interface]
PrivateKey = {PRIVATE}
ListenPort = 51820
Address = 10.0.0.1/24
DNS = 1.1.1.1
Table = off

# Anna's phone
[Peer]
PublicKey = {PEER}
PresharedKey = {PSK}
AllowedIPs = 10.0.0.2/32, fd00::2/128
Endpoint = 192.0.2.1:51820
"""
    RUNNING = """\
!
wireguard office
 private-key-file DIR/office.key
 listen-port 51820
 address 10.0.0.1/24
 !
 peer Anna-s-phone
  description Anna's phone
  public-key CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=
  preshared-key-file DIR/office-Anna-s-phone.psk
  endpoint 192.0.2.1:51820
  allowed-ip 10.0.0.2/32
  allowed-ip fd00::2/128
 exit-peer
 !
exit-wireguard
!
"""

    def do(self, text, *options):
        self.file = self.dir + "/office.conf"
        with open(self.file, "w", encoding="utf-8") as f:
            f.write(text)
        r = self.wgrctl("import", self.file, "--key-dir", self.dir, *options)
        self.assertNotIn(self.PRIVATE, r.stdout + r.stderr)
        self.assertNotIn(self.PSK, r.stdout + r.stderr)
        return r

    def running(self):
        return self.wgrctl("-c", "show running-config").stdout

    def keys(self):
        return sorted(f for f in os.listdir(self.dir) if f.endswith((".key", ".psk")))

    def assert_refused(self, r, *said):
        self.assertEqual((r.returncode, r.stdout), (1, ""))
        self.assertEqual(r.stderr, "".join(f"{line}\n" for line in said) + "wgrctl: nothing was changed\n")
        self.assertEqual(self.running(), "!\n")
        self.assertEqual(self.keys(), [])

    def test_a_file_becomes_the_configuration_and_keys_get_files(self):
        r = self.do(self.FILE)
        self.assertEqual(r.stderr, f'{self.file}:5: "DNS": wgrd sets no name servers; give them to '
                                   "resolvectl(1) or resolv.conf(5)\n")
        self.assertEqual((r.returncode, r.stdout), (0, (
            "wireguard office is in force (peers: 1, prefixes: 2)\n"
            f"a key was written to {self.dir}/office.key\n"
            f"a key was written to {self.dir}/office-Anna-s-phone.psk\n"
            'nothing is saved before "write memory"\n')))
        self.assertEqual(self.running(), self.RUNNING.replace("DIR", self.dir))
        for name, key in ("office.key", self.PRIVATE), ("office-Anna-s-phone.psk", self.PSK):
            path = f"{self.dir}/{name}"
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            with open(path, encoding="ascii") as f:
                self.assertEqual(f.read(), key + "\n")

    def test_a_dry_run_prints_the_lines_and_changes_nothing(self):
        r = self.do(self.FILE, "--dry-run", "--interface", "office")
        lines = [line for line in self.RUNNING.replace("DIR", self.dir).splitlines() if line.strip() != "!"]
        self.assertEqual((r.returncode, sorted(r.stdout.splitlines())), (0, sorted(lines)))
        self.assertEqual((self.running(), self.keys()), ("!\n", []))
        self.daemon.stop()
        self.assertEqual(self.do(self.FILE, "--dry-run").returncode, 0)
        self.daemon.start()

    def test_what_was_printed_is_what_the_daemon_takes(self):
        printed = self.do(self.FILE, "--dry-run").stdout
        self.do(self.FILE)
        self.wgrctl("-c", "configure terminal", "-c", "no wireguard office")
        r = self.wgrctl(text="configure terminal\n" + printed)
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        self.assertEqual(self.running(), self.RUNNING.replace("DIR", self.dir))

    def test_what_is_wrong_refuses_everything(self):
        r = self.do(self.FILE.replace("10.0.0.2/32", "10.0.0.2/33").replace("51820\nA", "x\nA"))
        self.assert_refused(
            r, f'{self.file}:3: "ListenPort": "x" is not a number from 0 to 65535',
            f'{self.file}:5: "DNS": wgrd sets no name servers; give them to resolvectl(1) or resolv.conf(5)',
            f'{self.file}:12: "AllowedIPs": "10.0.0.2/33" is not a prefix, such as 192.0.2.0/24')

    def test_what_the_daemon_refuses_has_its_line_too(self):
        text = self.FILE.replace("DNS = 1.1.1.1", "MTU = 100")
        self.assert_refused(self.do(text), f'{self.file}:5: "MTU": mtu: "100" is not a number from 576 to 9200')
        text = self.FILE.replace("DNS = 1.1.1.1\n", "").replace("192.0.2.1:", "0.0.0.0:")
        self.assert_refused(
            self.do(text), f"{self.file}: Nothing was changed: wireguard office, peer Anna-s-phone: endpoint 0.0.0.0 "
            "is the unspecified address; expected a host's global address")

    def test_an_interface_that_is_there_is_left_alone(self):
        self.wgrctl("-c", "configure terminal", "-c", "wireguard office", "-c", "mtu 1300")
        before = self.running()
        r = self.do(self.FILE)
        self.assertEqual(r.returncode, 1)
        self.assertIn("wgrctl: wireguard office is configured already; ", r.stderr)
        self.assertEqual((self.running(), self.keys()), (before, []))
        self.assertEqual(self.do(self.FILE, "--interface", "wg7").returncode, 0)
        self.assertIn("\nwireguard wg7\n", self.running())

    def test_a_key_file_with_another_key_is_left_alone(self):
        path = self.dir + "/office.key"
        with open(path, "w", encoding="ascii") as f:
            f.write(self.PSK + "\n")
        os.chmod(path, 0o600)
        r = self.do(self.FILE)
        self.assertEqual(r.returncode, 1)
        self.assertIn(f"wgrctl: {path} is there already, with something else in it", r.stderr)
        self.assertEqual((self.running(), self.keys()), ("!\n", ["office.key"]))
        with open(path, "w", encoding="ascii") as f:
            f.write(self.PRIVATE + "\n")
        self.assertEqual(self.do(self.FILE).returncode, 0)

    def test_wrong_words_and_nobody_there_are_told_apart(self):
        for words in ("import",), ("import", "a", "b"), ("import", "a", "-c", "exit"), ("--dry-run",):
            self.assertEqual(self.wgrctl(*words).returncode, 2, words)
        self.assert_refused(self.wgrctl("import", self.dir + "/no.conf"),
                            f"{self.dir}/no.conf: it cannot be opened: No such file or directory")
        self.assert_refused(self.wgrctl("import", self.dir + "/name too long for one.conf"),
                            'wgrctl: "name too long for one" cannot be the name of an interface; give one '
                            "with --interface")
        self.daemon.stop()
        self.assertEqual(self.do(self.FILE).returncode, 2)
        self.assertEqual(self.keys(), [])
        self.daemon.start()


if __name__ == "__main__":
    unittest.main()
