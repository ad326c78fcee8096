#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian packages, from the tree to a picture with boxes: builds them in a fresh system (twice, with the same bytes), looks at them with lintian,
# installs them in another fresh system as a user does, runs debian/tests there, and removes them again, after which nothing is left.
# The last line is "N passed, N failed".
#
#   tools/check_packages.sh [RELEASE...]      default: bookworm trixie
#
# Needs root, debootstrap, unshare, and some 6 GiB below $TMPDIR. What is committed is what is tried. PACKAGES=FOLDER keeps what was built.
set -u
cd "$(dirname "$0")/.." || exit 1
. tools/fresh_systems.sh

# The build, in a system that has what debian/control asks for.
build='
set -eu
export DEBIAN_FRONTEND=noninteractive DEB_BUILD_OPTIONS=nocheck SOURCE_DATE_EPOCH
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l /src/corallite/debian/changelog -S Timestamp)
for place in first second; do
    mkdir -p /$place && cp -a /src/corallite /$place/corallite
    ( cd /$place/corallite && dpkg-buildpackage --no-sign --build=binary )
done
'
same='
set -eu
for deb in /first/*.deb; do
    case $deb in *-dbgsym_*) continue ;; esac
    cmp "$deb" "/second/${deb##*/}"
done
'

# try_release RELEASE
try_release()
{
    local release=$1 root=$work/build architecture status
    architecture=$(dpkg --print-architecture)
    make_system "$release" "$architecture" "$work/fresh" >"$work/log" 2>&1
    status=$?
    said "$release: a fresh system" $status "$work/log"
    [ $status -eq 0 ] || return
    cp -a "$work/fresh" "$root"
    mkdir -p "$root/src" && git clone -q --no-hardlinks . "$root/src/corallite"
    inside "$root" sh -c 'export DEBIAN_FRONTEND=noninteractive; apt-get update && apt-get install -y --no-install-recommends dpkg-dev lintian &&
        cd /src/corallite && apt-get build-dep -y --no-install-recommends .' >"$work/log" 2>&1
    said "$release: what a build takes" $? "$work/log"
    inside "$root" sh -c "$build" >"$work/log" 2>&1
    said "$release: packages are built" $? "$work/log"
    inside "$root" sh -c "$same" >"$work/log" 2>&1
    said "$release: a second build has the same bytes" $? "$work/log"
    inside "$root" sh -c 'lintian --allow-root --fail-on error,warning /first/*.changes' >"$work/log" 2>&1
    said "$release: lintian" $? "$work/log"
    use "$release" "$root/first"
    [ -z "${PACKAGES-}" ] || { mkdir -p "$PACKAGES/$release" && cp "$root"/first/*.deb "$PACKAGES/$release"; }
    rm -rf --one-file-system "$root" "$work/fresh"
}

# use RELEASE FOLDER: in a system that has never seen the tree.
use()
{
    local release=$1 root=$work/use name
    cp -a "$work/fresh" "$root"
    mkdir -p "$root/packages" && cp "$2"/*.deb "$root/packages" && rm -f "$root"/packages/*-dbgsym_*
    cp -a debian/tests "$root/packages/tests"
    inside "$root" sh -c 'apt-get update -q && dpkg-query -W >/before && find /etc /usr /var/lib -xdev | sort >/before.files' >"$work/log" 2>&1
    inside "$root" sh -c 'DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends /packages/corallite_*.deb &&
        corallite detect --output /tmp/out.jpg /usr/share/doc/corallite/examples/scene_1.jpg && test -s /tmp/out.jpg' >"$work/log" 2>&1
    said "$release: apt install ./corallite*.deb, and a picture" $? "$work/log"
    inside "$root" sh -c 'DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends /packages/*.deb gcc libc6-dev pkgconf' >"$work/log" 2>&1
    said "$release: all packages together" $? "$work/log"
    for name in picture library python; do
        inside "$root" sh -c "AUTOPKGTEST_TMP=\$(mktemp -d) && export AUTOPKGTEST_TMP && sh /packages/tests/$name" >"$work/log" 2>&1
        said "$release: debian/tests/$name" $? "$work/log"
    done
    inside "$root" sh -c 'DEBIAN_FRONTEND=noninteractive apt-get purge -y $(dpkg-query -W -f "\${Package}\n" | grep corallite) && ! find /etc /usr /var/lib -xdev -path /var/lib/apt -prune -o -print | grep -i corallite' \
        >"$work/log" 2>&1
    said "$release: purged, nothing of it is left" $? "$work/log"
    rm -rf --one-file-system "$root"
}

[ $# -gt 0 ] || set -- bookworm trixie
for release in "$@"; do try_release "$release"; done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
