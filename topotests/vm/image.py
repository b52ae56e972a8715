# SPDX-License-Identifier: GPL-2.0-or-later
"""The initramfs: what is installed here, at the paths where it is here, without a copy on disk of each.

An initramfs is a chain of cpio archives (Documentation/driver-api/early-userspace/buffer-format.rst of
Linux). The first has what Debian's packages brought and is kept as long as none of these files changes;
the second has what this tree builds and is made every time.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

from vm.kernel import Kernel, Unavailable

TOP = Path(__file__).resolve().parents[2]
# busybox is for init alone: its env and its shell run its own applets rather than what is installed.
PROGRAMS = ["busybox", "dash", "ip", "ping", "wg", "iperf3", "vtysh", "mount", "umount", "unshare", "nsenter", "sysctl",
            "cat", "chmod", "chown", "cp", "date", "dmesg", "env", "grep", "head", "hostname", "ls", "mkdir", "ps", "rm",
            "sed", "sleep", "sort", "tail", "test", "timeout", "touch", "true", "wc",
            "/usr/bin/python3", "/usr/lib/frr/zebra", "/usr/lib/frr/bgpd"]
FILES = ["/etc/nsswitch.conf", "/etc/protocols", "/etc/iproute2"]
# vtysh asks PAM whether root may use it.
PAM_FRR = b"auth sufficient pam_permit.so\naccount sufficient pam_permit.so\n"
PAM_MODULES = ["pam_permit.so"]
USERS = {"root", "nobody", "frr"}
GROUPS = {"root", "nogroup", "frr", "frrvty"}
NOT_OF_PYTHON = {"test", "idlelib", "tkinter", "lib2to3", "ensurepip", "pydoc_data", "turtledemo", "distutils",
                 "sqlite3", "dbm", "xmlrpc", "wsgiref", "site-packages", "dist-packages"}
TEST_PROGRAMS = ["tests/wgrd/kernel/test_kwg"]
MERGED = ["bin", "sbin", "lib", "lib64"]  # of the root: links into /usr
EMPTY = ["proc", "sys", "dev", "run", "tmp", "var/tmp", "root", "etc/frr", "logs"]


class Archive:
    """A cpio of the "newc" form. Folders come by themselves before what is in them."""

    def __init__(self, path: Path) -> None:
        self._out = open(path, "wb")  # pylint: disable=consider-using-with
        self._inode = 0
        self._have: set[str] = set()

    def _entry(self, name: str, mode: int, data: bytes) -> None:
        self._inode += 1
        fields = [self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        head = b"070701" + "".join(f"{f:08x}" for f in fields).encode() + name.encode() + b"\0"
        self._out.write(head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4))

    def folder(self, name: str) -> None:
        name = name.strip("/")
        if not name or name in self._have:
            return
        self.folder(os.path.dirname(name))
        self._have.add(name)
        self._entry(name, stat.S_IFDIR | (0o1777 if name.endswith("tmp") else 0o755), b"")

    def text(self, name: str, data: bytes, mode: int = 0o644) -> None:
        name = name.strip("/")
        if name in self._have:
            return
        self.folder(os.path.dirname(name))
        self._have.add(name)
        self._entry(name, stat.S_IFREG | mode, data)

    def link(self, name: str, target: str) -> None:
        name = name.strip("/")
        if name in self._have:
            return
        self.folder(os.path.dirname(name))
        self._have.add(name)
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def file(self, path: Path) -> None:
        """@path where it is on the host, links followed."""
        self.text(merged(str(path)), path.read_bytes(), path.stat().st_mode & 0o777)

    def close(self) -> None:
        self._entry("TRAILER!!!", 0, b"")
        self._out.write(bytes(-self._out.tell() % 512))
        self._out.close()


def merged(path: str) -> str:
    """/lib/x is /usr/lib/x, as everywhere on Debian since 12."""
    top = path.strip("/").split("/")[0]
    return "/usr/" + path.strip("/") if top in MERGED else path


def program(name: str) -> Path:
    path = shutil.which(name)
    if not path:
        raise Unavailable(f"{name} is missing: tools/install-deps build lab test vm")
    return Path(path)


def libraries(files: list[Path]) -> list[Path]:
    """What these load at start, by ldd(1)."""
    done = subprocess.run(["ldd", *map(str, files)], capture_output=True, text=True, check=False)
    missing = re.findall(r"(\S+) => not found", done.stdout)
    if missing:
        raise Unavailable(f"no library {', '.join(sorted(set(missing)))}, which ldd names")
    return sorted({Path(p) for p in re.findall(r"(?:=> |^\s)(/\S+) \(0x", done.stdout, re.M)})


def tree(root: Path, without: set[str] = frozenset()) -> list[Path]:  # type: ignore[assignment]
    """All files below @root, but for what is in folders named in @without."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in without]
        found += [Path(folder, n) for n in names if Path(folder, n).is_file()]
    return sorted(found)


def python_files() -> list[Path]:
    """The standard library of Debian's Python, which need not be the one that runs this."""
    ask = "import sysconfig; print(sysconfig.get_path('stdlib'))"
    done = subprocess.run([program("/usr/bin/python3"), "-c", ask], capture_output=True, text=True, check=True)
    return [p for p in tree(Path(done.stdout.strip()), NOT_OF_PYTHON) if not p.suffix == ".a"]


def host_files() -> list[Path]:
    """Everything from Debian's packages, for the first part."""
    found = [program(p) for p in PROGRAMS] + python_files()
    pam = program("vtysh")
    security = next((p.parent / "security" for p in libraries([pam]) if p.name.startswith("libpam.so")), None)
    if security:
        found += [security / name for name in PAM_MODULES]
    for name in FILES:
        path = Path(name)
        found += tree(path) if path.is_dir() else [path] if path.exists() else []
    binaries = [p for p in found if p.suffix == ".so" or p.stat().st_mode & 0o111]
    return sorted({*found, *libraries(binaries)})


def lines_of(path: str, names: set[str]) -> bytes:
    """The entries of passwd(5) or group(5) for @names."""
    text = Path(path).read_text(encoding="utf-8")
    return "".join(line for line in text.splitlines(True) if line.split(":")[0] in names).encode()


def write_base(path: Path, files: list[Path], kernel: Kernel) -> None:
    archive = Archive(path)
    archive.folder("usr")
    for name in MERGED:
        archive.folder(f"usr/{name}")
        archive.link(name, f"usr/{name}")
    for name in EMPTY:
        archive.folder(name)
    archive.link("var/run", "/run")
    archive.text("etc/passwd", lines_of("/etc/passwd", USERS))
    archive.text("etc/group", lines_of("/etc/group", GROUPS))
    archive.text("etc/pam.d/frr", PAM_FRR)
    for f in files:
        archive.file(f)
    archive.link("usr/bin/sh", "dash")
    for i, module in enumerate(kernel.modules):
        archive.text(f"modules/{i:02}-{module.name}", module.read_bytes())
    archive.close()


def base(folder: Path, kernel: Kernel) -> Path:
    """The first part, from @folder if it is there for exactly these files."""
    files = host_files()
    key = hashlib.sha256(Path(__file__).read_bytes())
    for f in files + kernel.modules:
        s = f.stat()
        key.update(f"{f} {s.st_size} {s.st_mtime_ns}\n".encode())
    path = folder / f"base-{key.hexdigest()[:16]}.cpio"
    if not path.exists():
        for old in folder.glob("base-*.cpio"):
            old.unlink()
        temporary = path.with_suffix(".new")
        write_base(temporary, files, kernel)
        temporary.rename(path)
    return path


def write_ours(path: Path, build: Path, settings: dict[str, str]) -> None:
    """The second part: the tests, what they test, and what to run."""
    wgrd, wgrctl = build / "wgrd" / "wgrd", build / "wgrd" / "wgrctl"
    for f in (wgrd, wgrctl):
        if not f.exists():
            raise Unavailable(f"there is no {f}: make")
    archive = Archive(path)
    ours = [wgrd, wgrctl, *(build / name for name in TEST_PROGRAMS if (build / name).exists())]
    for f in [*ours, *libraries(ours), *tree(TOP / "yang"),
              *tree(TOP / "topotests", {"__pycache__"})]:
        archive.file(f)
    archive.text("init", (TOP / "topotests/vm/init").read_bytes(), 0o755)
    archive.text("settings", "".join(f"{k}='{v}'\n" for k, v in settings.items()).encode())
    archive.close()


def build_image(folder: Path, build: Path, kernel: Kernel, settings: dict[str, str], path: Path) -> None:
    """Writes the whole initramfs to @path."""
    first = base(folder, kernel)
    write_ours(path.with_suffix(".part"), build, settings)
    with open(path, "wb") as out:
        for part in (first, path.with_suffix(".part")):
            with open(part, "rb") as f:
                shutil.copyfileobj(f, out)
    path.with_suffix(".part").unlink()
