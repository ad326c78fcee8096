#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small machine with Debian's own kernel, for tests that need devices: a command of this system runs in it.

    tools/vm.py kernel FOLDER                                  fetches Debian's kernel package and unpacks it there, once
    tools/vm.py run --kernel FOLDER [--module NAME:OPTION=VALUE:..]... [--scratch FOLDER] [--udev] [--systemd] [--limit SECONDS]
                       -- COMMAND...

qemu emulates it, so that neither KVM nor root is needed. Its root is this system's own, read-only by 9p, under a layer in memory: whatever the
command writes is forgotten, but for what it puts into /scratch. There is no network but its own loopback. Exit status, standard output and
standard error are the command's; 124: it took too long, 125: the machine itself failed, and the end of its console is printed.
With --systemd this system's systemd is what starts first, and the command is a service that wants no more than its basic target.
Needs: qemu-system-x86 busybox-static kmod; udev for --udev.
"""
import argparse
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

OUT_OF_TIME, FAILED = 124, 125
# What the machine is made of, in the order in which it is loaded.
BASE = ["virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_rng"]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# First of all, from the initramfs: modules, and the root.
INIT = r"""#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mkdir -p /proc /sys /dev /lower /upper /root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
fail() { echo "vm: $*" >/dev/console; sync; poweroff -f; }
while read -r file options; do
    insmod /modules/$file $options || fail "module $file $options"
done </modules/list
share=trans=virtio,version=9p2000.L,msize=262144
mount -t 9p -o ro,cache=loose,$share root /lower || fail "no root"
mount -t tmpfs upper /upper
mkdir /upper/changes /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/changes,workdir=/upper/work overlay /root || fail "no overlay"
mkdir -p /root/proc /root/sys /root/dev /root/run /root/scratch /root/tmp
mount -t 9p -o rw,cache=mmap,$share scratch /root/scratch || fail "no scratch"
mount -t tmpfs run /root/run
mount -t tmpfs tmp /root/tmp
chmod 1777 /root/tmp
cp /bin/busybox /second /root/run/
mount --move /proc /root/proc
mount --move /sys /root/sys
mount --move /dev /root/dev
exec switch_root /root /run/busybox sh /run/second
"""

# Then, in the root: what a system has, and the command.
SECOND = r"""
b=/run/busybox
$b mkdir -p /dev/pts /dev/shm
$b mount -t devpts devpts /dev/pts
$b mount -t tmpfs shm /dev/shm
$b mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
$b ln -sf /proc/self/fd /dev/fd
$b ip link set lo up
if [ -n "$udev" ]; then
    /lib/systemd/systemd-udevd --daemon
    udevadm trigger --action=add -s usb -s video4linux
    udevadm settle --timeout=60
fi
cat >/run/command <<END
cd "$folder" || cd /
$b sh /scratch/.vm/command </dev/null >/scratch/.vm/out 2>/scratch/.vm/err
echo \$? >/scratch/.vm/code
$b sync
$b poweroff -f
END
[ -n "$systemd" ] || exec $b sh /run/command
$b mkdir -p /run/systemd/system
cat >/run/systemd/system/command.service <<END
[Unit]
Requires=basic.target
After=basic.target
[Service]
Environment=HOME=/root
ExecStart=$b sh /run/command
END
exec /lib/systemd/systemd --unit=command.service
"""


def give_up(sentence):
    print(f"vm: {sentence}", file=sys.stderr)
    sys.exit(FAILED)


# ---- the kernel ----

def fetch_kernel(folder):
    if list(folder.glob("boot/vmlinuz-*")) and list(folder.glob("lib/modules/*/modules.dep")):
        return
    depends = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True).stdout
    names = [line.split("Depends:")[1].strip() for line in depends.splitlines() if "Depends: linux-image" in line]
    if not names:
        give_up("apt knows no linux-image-amd64: apt-get update")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as download:
        if subprocess.run(["apt-get", "-qq", "download", names[0]], cwd=download, stdout=subprocess.DEVNULL).returncode:
            give_up(f"{names[0]} cannot be fetched")
        subprocess.run(["dpkg-deb", "-x", *os.listdir(download), folder.resolve()], cwd=download, check=True)
    version = next(folder.glob("lib/modules/*")).name
    subprocess.run([tool("depmod"), "-b", folder, version], check=True)


def tool(name):
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    return found or give_up(f"there is no {name} here")


# ---- the initramfs: "newc" of cpio, see Documentation/driver-api/early-userspace/buffer-format.rst of the kernel ----

class Archive:
    def __init__(self):
        self.parts, self.n, self.folders = [], 0, set()

    def add(self, name, mode, data=b""):
        self.n += 1
        fields = [self.n, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        head = b"070701" + b"".join(b"%08x" % f for f in fields) + name.encode() + b"\0"
        for part in (head, data):
            self.parts.append(part + bytes(-len(part) % 4))

    def add_file(self, name, data, mode=0o100755):
        folder = os.path.dirname(name)
        if folder and folder not in self.folders:
            self.folders.add(folder)
            self.add(folder, 0o40755)
        self.add(name, mode, data)

    def bytes(self):
        self.add("TRAILER!!!", 0)
        return b"".join(self.parts)


def modules_of(kernel, version, wanted):
    """(file, options) in the order in which they are loaded."""
    loaded = {}
    for spec in BASE + wanted:
        name, *options = spec.split(":")
        shown = subprocess.run([tool("modprobe"), "-d", kernel, "-S", version, "--show-depends", name], capture_output=True, text=True)
        if shown.returncode:
            give_up(f"this kernel has no module {name}: {shown.stderr.strip()}")
        files = [pathlib.Path(line.split()[1]) for line in shown.stdout.splitlines() if line.startswith("insmod")]
        for file in files:
            loaded.setdefault(file, [])
        if options and files:
            loaded[files[-1]] = options
    return loaded.items()


def make_initramfs(kernel, version, wanted, settings):
    archive = Archive()
    archive.add_file("bin/busybox", pathlib.Path(tool("busybox")).read_bytes())
    lines = []
    for file, options in modules_of(kernel, version, wanted):
        archive.add_file("modules/" + file.name, file.read_bytes(), 0o100644)
        lines.append(" ".join([file.name, *options]) + "\n")
    archive.add_file("modules/list", "".join(lines).encode(), 0o100644)
    settings = f"export PATH={PATH} HOME=/root {settings} folder={shlex.quote(os.getcwd())}\n"
    archive.add_file("second", (settings + SECOND).encode())
    archive.add_file("init", INIT.encode())
    return archive.bytes()


# ---- the machine ----

# no_timer_check: whether timer interrupts come in time tells nothing where others take the processor.
def qemu(kernel, initramfs, scratch, console):
    share = lambda name, path, more: ["-fsdev", f"local,id={name},path={path},security_model=none,multidevs=remap{more}",
                                      "-device", f"virtio-9p-pci,fsdev={name},mount_tag={name}"]
    return [tool("qemu-system-x86_64"), "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "2G",
            "-nodefaults", "-no-user-config", "-nic", "none", "-display", "none", "-no-reboot", "-kernel", str(kernel), "-initrd", str(initramfs),
            "-append", "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off nokaslr no_timer_check", "-serial", f"file:{console}", "-device", "virtio-rng-pci",
            *share("root", "/", ",readonly=on"), *share("scratch", scratch, "")]


def run(args):
    kernel = next(iter(sorted(args.kernel.glob("boot/vmlinuz-*"))), None)
    if not kernel:
        give_up(f"no kernel in {args.kernel}; tools/vm.py kernel {args.kernel} fetches one")
    version = kernel.name.split("-", 1)[1]
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        scratch = (args.scratch or work / "scratch").resolve()
        ours = scratch / ".vm"
        shutil.rmtree(ours, ignore_errors=True)
        ours.mkdir(parents=True)
        (ours / "command").write_text(f"cd {shlex.quote(os.getcwd())}\nexec {shlex.join(args.command)}\n")
        settings = f"udev={'1' if args.udev else ''} systemd={'1' if args.systemd else ''}"
        (work / "initramfs").write_bytes(make_initramfs(args.kernel, version, args.module, settings))
        console = work / "console"
        try:
            subprocess.run(qemu(kernel, work / "initramfs", scratch, console), stdin=subprocess.DEVNULL, timeout=args.limit, check=False)
            late = False
        except subprocess.TimeoutExpired:
            late = True
        for name, stream in (("out", sys.stdout), ("err", sys.stderr)):
            if (ours / name).exists():
                stream.write((ours / name).read_text(errors="replace"))
                stream.flush()
        if (ours / "code").exists():
            return int((ours / "code").read_text())
        print(console.read_text(errors="replace")[-3000:] if console.exists() else "", file=sys.stderr)
        print(f"vm: out of time ({args.limit} s)" if late else "vm: the machine ended without a result", file=sys.stderr)
        return OUT_OF_TIME if late else FAILED


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="what", required=True)
    fetch = parts.add_parser("kernel")
    fetch.add_argument("folder", type=pathlib.Path)
    start = parts.add_parser("run")
    start.add_argument("--kernel", type=pathlib.Path, required=True)
    start.add_argument("--module", action="append", default=[])
    start.add_argument("--scratch", type=pathlib.Path)
    start.add_argument("--udev", action="store_true")
    start.add_argument("--systemd", action="store_true")
    start.add_argument("--limit", type=float, default=300)
    start.add_argument("command", nargs="+")
    args = parser.parse_args()
    if args.what == "kernel":
        fetch_kernel(args.folder)
        return 0
    return run(args)


if __name__ == "__main__":
    sys.exit(main())
