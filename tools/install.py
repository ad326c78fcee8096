#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs what a build folder made, or removes what was installed from it.

    tools/install.py install FOLDER       below $DESTDIR, where that is set
    tools/install.py uninstall FOLDER

Looks first whether it may write where it has to, and says so in one sentence when it may not. What was installed is
noted in FOLDER/installed, for all installs from this folder. Exit status: 1 when nothing was done.
"""
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys


def give_up(sentence):
    sys.exit(f"install: {sentence}")


def existing(path):
    """The path, or the nearest folder above it that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def read_note(folder):
    note = folder / "installed"
    return [pathlib.Path(line) for line in note.read_text().splitlines()] if note.is_file() else []


def destinations(folder, root):
    """Every path that an install from the folder would write."""
    told = subprocess.run(["meson", "introspect", "--installed", folder], capture_output=True, text=True)
    if told.returncode:
        give_up(f"{folder} is no build folder; `make` makes one")
    for source, target in json.loads(told.stdout).items():
        target = pathlib.Path(root + target)
        yield target
        if pathlib.Path(source).is_dir():
            yield from (target / path.relative_to(source) for path in pathlib.Path(source).rglob("*"))


def refresh_loader():
    """The loader's cache: only root may write it, and ldconfig is not in everybody's PATH."""
    tool = shutil.which("ldconfig", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if tool and os.geteuid() == 0:
        subprocess.run([tool], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def tell_paths(libraries):
    """What has to be set before others find the library, where that is not a place in which they look."""
    asked = subprocess.run(["pkg-config", "--variable", "pc_path", "pkg-config"], capture_output=True, text=True)
    known = (asked.stdout.strip() + ":" + os.environ.get("PKG_CONFIG_PATH", "")).split(":")
    if libraries and not asked.returncode and str(libraries / "pkgconfig") not in known:
        print(f"To build with the library and run with it: export PKG_CONFIG_PATH={shlex.quote(str(libraries / 'pkgconfig'))} "
              f"LD_LIBRARY_PATH={shlex.quote(str(libraries))}")


def install(folder):
    root = os.environ.get("DESTDIR", "").rstrip("/")
    targets = list(destinations(folder, root))
    for place in sorted({existing(target.parent) for target in targets}):
        if not os.access(place, os.W_OK):
            give_up(f"no right to write in {place}; `sudo make install`, or a place of your own: "
                    "make install PREFIX=$HOME/.local")
    made = [parent for target in targets for parent in target.parents if not parent.exists()]
    run = subprocess.run(["meson", "install", "-C", folder, "--no-rebuild", "--quiet"], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    note = sorted({*read_note(folder), *made, *targets})
    (folder / "installed").write_text("".join(f"{path}\n" for path in note if os.path.lexists(path)))
    if os.geteuid() == 0:  # `sudo make install`: the build folder stays its owner's
        owner = folder.stat()
        for path in folder / "installed", *(folder / "meson-logs").iterdir():
            os.chown(path, owner.st_uid, owner.st_gid)
    if run.returncode:
        give_up(f"meson could not install all: {(run.stdout.strip() or 'no reason given').splitlines()[-1]}")
    print(f"Installed below {os.path.commonpath([path.parent for path in targets])}")
    if not root:
        refresh_loader()
        tell_paths(next((path.parent for path in targets if path.name == "libcorallite.so"), None))


def uninstall(folder):
    note = read_note(folder)
    if not note:
        give_up(f"nothing is installed from {folder}")
    there = [path for path in note if os.path.lexists(path)]
    for path in there:
        if not os.access(path.parent, os.W_OK):
            give_up(f"no right to remove {path}; `sudo make uninstall`")
    files = [path for path in there if path.is_symlink() or not path.is_dir()]
    for path in files:
        path.unlink()
    for path in sorted(set(there) - set(files), key=lambda path: -len(path.parts)):
        if not any(path.iterdir()):
            path.rmdir()
    (folder / "installed").unlink()
    refresh_loader()
    print(f"Removed {len(files)} files")


def main():
    verbs = {"install": install, "uninstall": uninstall}
    if len(sys.argv) != 3 or sys.argv[1] not in verbs:
        sys.exit(__doc__.strip())
    verbs[sys.argv[1]](pathlib.Path(sys.argv[2]))


if __name__ == "__main__":
    main()
