#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fills a folder with the libraries of another architecture that the whole program needs, as Debian packages have them: for
# cross compilers (--sysroot) and emulators (-L). Needs apt, but neither root nor a change to this system. Silent when done
# already.
#
#   tools/sysroot.sh ARCHITECTURE TRIPLET EMULATOR FOLDER      as in: arm64 aarch64-linux-gnu qemu-aarch64 build-arm64-sysroot
#
# The folder also gets cross.ini, a cross file for meson that goes after the one in tools/cross/.
set -eu
cd "$(dirname "$0")/.."

architecture=$1 triplet=$2 emulator=$3 folder=$4
# The libraries of tools/install_deps.sh, under the same names, but for those of modules, which are not cross-built.
packages=$(sed -n '/-cross /d; /^ *modules)/,/;;/d; s/^ *need \(lib[^ ]*\) .*/\1/p' tools/install_deps.sh)
[ "$(cat "$folder/packages" 2>/dev/null)" != "$packages" ] || exit 0

rm -rf "$folder" "$folder.apt"
mkdir -p "$folder" "$folder.apt/lists/partial" "$folder.apt/archives/partial"
state=$(cd "$folder.apt" && pwd) root=$(cd "$folder" && pwd)
trap 'rm -rf "$folder.apt"' EXIT
: >"$state/status"

# An apt of its own: another architecture, and nothing installed.
apt()
{
    DEBIAN_FRONTEND=noninteractive apt-get -q=2 -y -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Dir::State="$state" -o Dir::State::lists="$state/lists" \
        -o Dir::State::status="$state/status" -o Dir::Cache="$state" -o Dir::Cache::archives="$state/archives" \
        -o Debug::NoLocking=true "$@"
}
apt update || echo "sysroot: not all package lists could be had; trying with those that could" >&2
# shellcheck disable=SC2086 # one word per package is meant
apt install --no-install-recommends --download-only $packages

# As a Debian system has it, whichever of both places a package names.
mkdir -p "$folder/usr/lib"
ln -s usr/lib "$folder/lib"
for package in "$state"/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x --no-same-owner --keep-directory-symlink -C "$folder" --exclude='./usr/share/doc' \
        --exclude='./usr/share/locale' --exclude='./usr/share/man' --exclude='./usr/bin' --exclude='./bin' --exclude='./sbin'
done
# What of it is named by an absolute path has to stay inside.
find "$folder" -type l -lname '/*' | while read -r link; do ln -sfn "$root$(readlink "$link")" "$link"; done

# The processors of this machine may know the other architecture: then the loader in the folder is emulator enough.
case $emulator in
native) wrapper="'$root/lib/ld-linux.so.2', '--library-path', '$root/lib/$triplet'" ;;
*) wrapper="'$emulator', '-L', '$root'" ;;
esac
cat >"$folder/cross.ini" <<END
[binaries]
exe_wrapper = [$wrapper]

[built-in options]
c_args = ['--sysroot=$root']
c_link_args = ['--sysroot=$root']

[properties]
sys_root = '$root'
pkg_config_libdir = ['$root/usr/lib/$triplet/pkgconfig', '$root/usr/share/pkgconfig']
END
printf '%s\n' "$packages" >"$folder/packages"
