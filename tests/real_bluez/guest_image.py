"""The tiny machine that runs bluetoothd: kernel and first file system, fetched with apt, kept in a cache.

`python tests/real_bluez/guest_image.py` builds it beforehand; the tests build it where it is missing.
Nothing is installed: the packages are unpacked aside, and only what the machine needs of them is kept.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
INIT = HERE / "guest_init.sh"

CACHE = Path(
    os.environ.get("VIGIL_BLUEZ_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vigil-real-bluez"
)
"""Read when the module is imported: tests are then kept away from the user's own directories."""

ON_THE_HOST = {"qemu-system-x86_64": "qemu-system-x86", "dbus-daemon": "dbus-daemon"}
"""Programs that must be installed -> Debian's package."""

PROGRAMS = ("usr/libexec/bluetooth/bluetoothd", "usr/bin/btattach")

MODULES = (
    *("virtio_pci", "virtio_console", "virtio_net"),
    # What the kernel looks up by name while a device pairs; without them no pairing succeeds.
    *("hmac", "sha512_generic", "ctr", "drbg", "cmac", "ecb", "ecdh_generic", "algif_hash", "algif_skcipher"),
    # The serial line that leads to the virtual controller; uhid is opened by bluetoothd.
    *("hci_uart", "uhid"),
)

PATIENCE_S = 240
"""For one call of apt: 75 MB over a slow line."""


class NotHereError(Exception):
    """This computer cannot run the machine; the text says why and what to do, in one line."""


@dataclass(frozen=True)
class Image:
    """What qemu boots."""

    kernel: Path
    initrd: Path

    @classmethod
    def at(cls, folder: Path) -> Image:
        """The one that lies, or will lie, in `folder`."""
        return cls(folder / "vmlinuz", folder / "initrd.gz")

    @property
    def whole(self) -> bool:
        """Whether it is there."""
        return self.kernel.exists() and self.initrd.exists()


def need_programs() -> None:
    """Raises NotHereError unless this computer can run the machine."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise NotHereError("it runs on Linux on x86-64 only")
    if missing := [package for program, package in ON_THE_HOST.items() if not shutil.which(program)]:
        raise NotHereError(f"needs: sudo apt-get install --no-install-recommends {' '.join(missing)}")


def image() -> Image:
    """The machine, from the cache or built now (half a minute). Raises NotHereError."""
    need_programs()
    made = Image.at(CACHE / _recipe())
    if not made.whole:
        try:
            CACHE.mkdir(parents=True, exist_ok=True)
            _make(made)
        except OSError as error:
            raise NotHereError(f"its cache cannot be written: {CACHE} ({error.strerror})") from error
    return made


def _make(made: Image) -> None:
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="making-") as work:
        _build(Path(work))
        try:
            # Whole or not at all: another run may build or read at the same time.
            (Path(work) / "made").replace(made.kernel.parent)
        except OSError:
            if not made.whole:  # else that other run was the first
                raise


def _recipe() -> str:
    """Changes with whatever the image is made from."""
    return hashlib.sha256(Path(__file__).read_bytes() + INIT.read_bytes()).hexdigest()[:16]


# --- packages --------------------------------------------------------------------------------


def _fetch(work: Path) -> Path:
    """Kernel, BlueZ with its libraries, and busybox, unpacked."""
    kernel = _depends(["linux-image-amd64"], "linux-image-")
    if not kernel and os.geteuid() == 0:
        _run("apt-get", "update", "--quiet=2")
        kernel = _depends(["linux-image-amd64"], "linux-image-")
    if not kernel:
        raise NotHereError("apt knows no kernel image; on Debian: sudo apt-get update")
    packages = [*kernel, "bluez", "busybox-static", *_libraries("bluez")]
    debs = work / "debs"
    debs.mkdir()
    # As root apt would fetch as another user, who may not write here.
    _run("apt-get", "--quiet=2", "--option", "APT::Sandbox::User=root", "download", *packages, cwd=debs)
    root = work / "packages"
    for deb in debs.glob("*.deb"):
        _run("dpkg-deb", "--extract", str(deb), str(root))
    return root


def _depends(packages: Iterable[str], wanted: str) -> set[str]:
    """The dependencies of `packages` whose names begin with `wanted`, an expression."""
    try:
        listing = _run("apt-cache", "depends", "--important", *packages)
    except NotHereError:  # it knows none of them
        return set()
    return set(re.findall(rf"Depends: ((?:{wanted})\S+)", listing))


def _libraries(package: str) -> set[str]:
    """Everything `package` links to, by way of other libraries too."""
    found, new = set[str](), {package}
    while new:
        new = _depends(new, "lib|zlib") - found
        found |= new
    return found


def _run(*command: str, cwd: Path | None = None, stdin: bytes = b"") -> str:
    try:
        done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, timeout=PATIENCE_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotHereError(f"{command[0]} cannot be used ({type(error).__name__})") from error
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())
        raise NotHereError(f"{' '.join(command[:2])} failed: {said[:200]}")
    return done.stdout.decode(errors="surrogateescape")


# --- the first file system -------------------------------------------------------------------


def _build(work: Path) -> None:
    packages = _fetch(work)
    root, made = work / "root", work / "made"
    made.mkdir()
    for folder in (
        "bin",
        "dev",
        "etc/bluetooth",
        "lib64",
        "modules",
        "proc",
        "run",
        "sys",
        "tmp",
        "var/lib/bluetooth",
    ):
        (root / folder).mkdir(parents=True)
    busybox = next(path for path in packages.rglob("busybox") if path.is_file() and os.access(path, os.X_OK))
    shutil.copy(busybox, root / "bin")
    for program in PROGRAMS:
        shutil.copy(packages / program, root / "bin")
    for library, place in _linked(packages):
        target = root / place.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)
    for number, (name, data) in enumerate(_modules(packages)):
        (root / "modules" / f"{number:03}-{name}.ko").write_bytes(data)
    shutil.copy(INIT, root / "init")
    (root / "init").chmod(0o755)
    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    archive = subprocess.run(
        [busybox, "cpio", "-o", "-H", "newc"], cwd=root, input=names.encode(), capture_output=True, check=True
    )
    (made / "initrd.gz").write_bytes(gzip.compress(archive.stdout, compresslevel=1))
    (kernel,) = (packages / "boot").glob("vmlinuz-*")
    shutil.copy(kernel, made / "vmlinuz")


def _linked(packages: Path) -> Iterator[tuple[Path, str]]:
    """The libraries that the programs load: where each is, and where the machine expects it."""
    # Beside the loader itself there is a link to where it would be if it were installed.
    (loader,) = (path for path in packages.rglob("ld-linux-x86-64.so.2") if not path.is_symlink())
    folders = {
        str(path.parent) for path in packages.rglob("*.so.*") if path.parent.name == "x86_64-linux-gnu"
    }
    yield loader, "/lib64/ld-linux-x86-64.so.2"
    seen: set[str] = set()
    for program in PROGRAMS:
        listing = _run(
            str(loader), "--library-path", ":".join(sorted(folders)), "--list", str(packages / program)
        )
        for name, path in re.findall(r"(\S+) => (\S+)", listing):
            if name not in seen and Path(path).is_relative_to(packages):
                seen.add(name)
                yield Path(path).resolve(), f"/lib/x86_64-linux-gnu/{name}"


def _modules(packages: Path) -> Iterator[tuple[str, bytes]]:
    """The modules, each after those it needs."""
    files = {_module_name(path): path for path in (packages / "lib/modules").rglob("*.ko*")}
    if not files:  # where /lib is a part of /usr
        files = {_module_name(path): path for path in (packages / "usr/lib/modules").rglob("*.ko*")}
    done: set[str] = set()

    def with_needed(names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for name in names:
            if name in done or name not in files:  # what is no file is built into the kernel
                continue
            done.add(name)
            data = files[name].read_bytes()
            if files[name].suffix == ".xz":
                data = lzma.decompress(data)
            needed = re.search(rb"\0depends=([^\0]*)\0", data)
            yield from with_needed(needed[1].decode().split(",") if needed else ())
            yield name, data

    yield from with_needed(MODULES)


def _module_name(path: Path) -> str:
    return path.name.split(".")[0].replace("-", "_")


if __name__ == "__main__":
    try:
        print(f"The machine for the real Bluetooth host is in {image().initrd.parent}")
    except NotHereError as reason:
        print(f"The real Bluetooth host cannot run here: {reason}", file=sys.stderr)
        sys.exit(1)
