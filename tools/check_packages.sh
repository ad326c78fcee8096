#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian packages, from the tree to a picture with boxes: builds them in a fresh system (twice, with the same bytes), looks at them with lintian,
# installs them in another fresh system as a user does, runs debian/tests by autopkgtest, upgrades and removes them, after which nothing is left, and has
# piuparts do the same its way. Then they are cross-built, installed in systems of other architectures under qemu-user, and find the same there.
# The last line is "N passed, N failed".
#
#   tools/check_packages.sh [RELEASE...]      default: bookworm trixie
#
# ARCHITECTURES are those that are cross-built: arm64 and armhf, unless it says otherwise. Needs root, debootstrap, unshare, Linux 6.7 for these
# architectures, and some 8 GiB below $TMPDIR. What is committed is what is tried. PACKAGES=FOLDER keeps what was built, and SYSTEMS=FOLDER the systems
# in which it is, for the next time.
set -u
cd "$(dirname "$0")/.." || exit 1
. tools/fresh_systems.sh

architecture=$(dpkg --print-architecture)
scene=/usr/share/doc/corallite/examples/scene_1.jpg

# The build, in a system that has what debian/control asks for. What a debugger would read is not made: it would be half of the compiler's work, and be
# taken away again.
build='
set -eu
export DEBIAN_FRONTEND=noninteractive DEB_BUILD_OPTIONS="nocheck noautodbgsym" SOURCE_DATE_EPOCH DEB_CFLAGS_STRIP=-g
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l /src/corallite/debian/changelog -S Timestamp)
for place in first second; do
    mkdir -p /$place && cp -a /src/corallite /$place/corallite
    ( cd /$place/corallite && dpkg-buildpackage --no-sign --build=binary )
done
'
same='
set -eu
for deb in /first/*.deb; do
    cmp "$deb" "/second/${deb##*/}"
done
'
# The same for another architecture: prepare_cross ARCHITECTURE, then cross ARCHITECTURE.
prepare_cross='
set -eu
export DEBIAN_FRONTEND=noninteractive
dpkg --add-architecture "$1" && apt-get update -q && cd /src/corallite
apt-get install -y --no-install-recommends dpkg-dev "crossbuild-essential-$1"
apt-get build-dep -y --no-install-recommends --arch-only --host-architecture "$1" --build-profiles cross,nocheck .
'
cross='
set -eu
export DEBIAN_FRONTEND=noninteractive DEB_BUILD_OPTIONS="nocheck noautodbgsym" SOURCE_DATE_EPOCH DEB_CFLAGS_STRIP=-g
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l /src/corallite/debian/changelog -S Timestamp)
mkdir /cross && cp -a /src/corallite /cross/corallite && cd /cross/corallite
dpkg-buildpackage --no-sign --build=any --host-arch "$1" --build-profiles=cross,nocheck
'
# A later version of the packages, by which they are upgraded: what is in it is the same.
later='
set -eu
mkdir -p /later && cd /later
for deb in /packages/*.deb; do
    dpkg-deb --raw-extract "$deb" tree
    version=$(sed -n "s/^Version: //p" tree/DEBIAN/control)
    sed -i "s/^Version: .*/&+later/; s/(= $version)/(= $version+later)/g" tree/DEBIAN/control
    dpkg-deb --build --root-owner-group -Znone tree "${deb##*/}"
    rm -rf tree
done
'
# Every file, but for what the system keeps of its own work.
files='find / -xdev \( -path /proc -o -path /dev -o -path /sys -o -path /tmp -o -path /root -o -path /packages -o -path /later -o -path /var/log -o -path /var/cache -o -path /var/lib/apt \
    -o -path /var/lib/dpkg -o -name "files.*" \) -prune -o -print | sort'
# What else they need comes first and stays, so that all that comes and goes later is theirs.
whole_life='
set -eu
export DEBIAN_FRONTEND=noninteractive
others=$(apt-get install -s --no-install-recommends /packages/*.deb | sed -n "s/^Inst \([^ ]*\) .*/\1/p" | grep -v corallite || :)
[ -z "$others" ] || apt-get install -y --no-install-recommends $others
mkdir -p /etc/udev/rules.d
'"$files"' >/files.before
apt-get install -y --no-install-recommends /packages/*.deb
'"$files"' >/files.installed
apt-get install -y --no-install-recommends /later/*.deb
dpkg-query -W -f "\${Package} \${Version}\n" "*corallite*" | grep -v "+later$" && exit 1
'"$files"' >/files.upgraded
diff /files.installed /files.upgraded
corallite detect --output /tmp/later.jpg '"$scene"'
corallite setup --clock high
apt-get purge -y $(dpkg-query -W -f "\${Package}\n" "*corallite*")
'"$files"' >/files.purged
diff /files.before /files.purged
'
# Another way to the same, and one that knows more of what a package may do. The archive has no older version to upgrade from.
piuparts='
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get install -y --no-install-recommends piuparts
tar -C /testbed --exclude=./proc/\* --exclude=./dev/\* --exclude=./sys/\* -czf /testbed.tar.gz .
piuparts --basetgz=/testbed.tar.gz --distribution="$1" --mirror="$2 main" --no-upgrade-test --fail-on-broken-symlinks --warn-on-leftovers-after-purge \
    --log-level=error /first/*.deb
'
autopkgtest='
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get install -y --no-install-recommends autopkgtest
autopkgtest --no-built-binaries /first/*.deb /src/corallite/ -- chroot /testbed
'

# prepare RELEASE: makes $work/fresh, and $work/build, which has what a build takes, or takes those of the last time.
prepare()
{
    local release=$1 root=$work/build kept=${SYSTEMS:+$SYSTEMS/$1}
    if [ -n "$kept" ] && [ -d "$kept" ]; then
        cp -a "$kept/fresh" "$kept/build" "$work"
    else
        make_system "$release" "$architecture" "$work/fresh" && cp -a "$work/fresh" "$root"
    fi >"$work/log" 2>&1
    said "$release: a fresh system" $? "$work/log" || return
    mkdir -p "$root/src" && git clone -q --no-hardlinks . "$root/src/corallite"
    inside "$root" sh -c 'export DEBIAN_FRONTEND=noninteractive; apt-get update && apt-get install -y --no-install-recommends dpkg-dev lintian appstream &&
        cd /src/corallite && apt-get build-dep -y --no-install-recommends .' >"$work/log" 2>&1
    said "$release: what a build takes" $? "$work/log" || return
    [ -z "$kept" ] || [ -d "$kept" ] || { mkdir -p "$kept" && cp -a "$work/fresh" "$root" "$kept" && rm -rf "$kept/build/src"; }
}

# try_release RELEASE
try_release()
{
    local release=$1 root=$work/build other
    prepare "$release" || return
    inside "$root" sh -c "$build" >"$work/log" 2>&1
    said "$release: packages are built" $? "$work/log" || return
    inside "$root" sh -c "$same" >"$work/log" 2>&1
    said "$release: a second build has the same bytes" $? "$work/log"
    inside "$root" sh -c 'lintian --allow-root --fail-on error,warning /first/*.changes && appstreamcli validate --no-net /src/corallite/debian/*.metainfo.xml' >"$work/log" 2>&1
    said "$release: lintian" $? "$work/log"
    use "$release" "$root/first"
    cp -a "$work/fresh" "$root/testbed"
    inside "$root" sh -c "$autopkgtest" >"$work/log" 2>&1
    said "$release: debian/tests, by autopkgtest" $? "$work/log"
    rm -rf --one-file-system "$root/testbed" && cp -a "$work/fresh" "$root/testbed"
    inside "$root" sh -c "$piuparts" sh "$release" "$mirror" >"$work/log" 2>&1
    said "$release: piuparts" $? "$work/log"
    rm -rf --one-file-system "$root/testbed"
    for other in ${ARCHITECTURES-arm64 armhf}; do
        try_architecture "$release" "$other"
        rm -rf --one-file-system "$work/cross" "$work/foreign"
    done
    [ -z "${PACKAGES-}" ] || { mkdir -p "$PACKAGES/$release" && cp "$root"/first/*.deb "$PACKAGES/$release"; }
}

# use RELEASE FOLDER: in a system that has never seen the tree.
use()
{
    local release=$1 root=$work/use
    cp -a "$work/fresh" "$root"
    mkdir -p "$root/packages" && cp "$2"/*.deb "$root/packages"
    inside "$root" sh -c "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends /packages/corallite*.deb &&
        corallite detect --output /tmp/out.jpg $scene && test -s /tmp/out.jpg && corallite detect --json $scene >/found" >"$work/log" 2>&1
    said "$release: apt install ./corallite*.deb, and a picture" $? "$work/log"
    cp "$root/found" "$work/found.$release" || :
    [ -z "${PACKAGES-}" ] || { mkdir -p "$PACKAGES/$release" && cp "$root/tmp/out.jpg" "$PACKAGES/$release"; }
    inside "$root" apt-get purge -y 'corallite*' >>"$work/log" 2>&1
    inside "$root" sh -c "$later$whole_life" >"$work/log" 2>&1
    said "$release: all of them are installed, upgraded and purged, and nothing is left" $? "$work/log"
    rm -rf --one-file-system "$root"
}

# cross_build RELEASE ARCHITECTURE: in a system that has the libraries of the other architecture alone, for not all of them can lie beside this machine's.
cross_build()
{
    local release=$1 other=$2 root=$work/cross kept=${SYSTEMS:+$SYSTEMS/$1/cross-$2}
    if [ -n "$kept" ] && [ -d "$kept" ]; then cp -a "$kept" "$root"; else cp -a "$work/fresh" "$root"; fi
    mkdir -p "$root/src" && git clone -q --no-hardlinks . "$root/src/corallite"
    inside "$root" sh -c "$prepare_cross" sh "$other" >"$work/log" 2>&1
    said "$release: what a build for $other takes" $? "$work/log" || return
    [ -z "$kept" ] || [ -d "$kept" ] || { cp -a "$root" "$kept" && rm -rf "$kept/src"; }
    inside "$root" sh -c "$cross" sh "$other" >"$work/log" 2>&1
    said "$release: packages for $other are cross-built" $? "$work/log"
}

# try_architecture RELEASE ARCHITECTURE
try_architecture()
{
    local release=$1 other=$2 root=$work/foreign
    cross_build "$release" "$other" || return
    make_foreign_system "$release" "$other" "$root" >"$work/log" 2>&1
    said "$release: a fresh system of $other" $? "$work/log" || return
    mkdir -p "$root/packages" && cp "$work/cross/cross"/*.deb "$work/build/first"/*_all.deb "$root/packages"
    inside_foreign "$other" "$root" sh -c "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends /packages/*.deb &&
        corallite detect --json $scene >/found && corallite --version && corallite watch test --frames 3 --mode sync --json &&
        python3 -c 'import corallite, pycoral.utils.edgetpu, tflite_runtime.interpreter'" >"$work/log" 2>&1
    said "$release: apt install on $other" $? "$work/log"
    diff "$work/found.$release" "$root/found" >"$work/log" 2>&1
    said "$release: $other finds the same, to the last digit" $? "$work/log"
    [ -z "${PACKAGES-}" ] || { mkdir -p "$PACKAGES/$release" && cp "$work/cross/cross"/*.deb "$PACKAGES/$release"; }
}

[ $# -gt 0 ] || set -- bookworm trixie
for release in "$@"; do
    start=$SECONDS work_before=$(worked)
    try_release "$release"
    echo "$release: $((SECONDS - start)) s, of processors $(($(worked) - work_before)) s"
    rm -rf --one-file-system "$work/build" "$work/fresh" "$work/use"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
