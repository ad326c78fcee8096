# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Fresh Debian systems in folders, and counting of what works in them: to be sourced by the scripts that try the tree from nothing. They need root,
# debootstrap and unshare. Packages come from $MIRROR, or from where this machine's own come from. Sets $work, a folder that goes at the end.

give_up()
{
    echo "${0##*/}: $1" >&2
    exit 1
}

[ "$(id -u)" -eq 0 ] || give_up "root is needed, to make a system in a folder"
for tool in debootstrap unshare git; do
    command -v $tool >/dev/null || give_up "$tool is missing; Debian's packages debootstrap, util-linux and git have what is needed"
done
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' 'Label: Debian' 'Origin: Debian' 2>/dev/null |
    head -n 1)}
[ -n "$mirror" ] || give_up "no Debian mirror is known here; name one: MIRROR=http://... $0"

passed=0 failed=0
work=$(mktemp -d)
chmod 755 "$work"
# The systems go with the script, unless BARE_KEEP is set.
finish()
{
    if [ -n "${BARE_KEEP-}" ]; then echo "kept: $work"; else rm -rf --one-file-system "$work"; fi
}
trap finish EXIT

# inside ROOT COMMAND...: in the system, which has /proc and /dev for as long as the command runs.
inside()
{
    unshare --mount --pid --fork sh -c 'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" || exit 1
        root=$1; shift; exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb HOME=/root chroot "$root" "$@"' sh "$@" </dev/null
}

# said WHAT STATUS LOG: counts; what failed shows its last lines.
said()
{
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok   $1"
    else
        failed=$((failed + 1))
        echo "FAIL $1"
        tail -n 40 "$3"
    fi
}

# make_system RELEASE ARCHITECTURE ROOT
make_system()
{
    mkdir -p "$work/debs"
    debootstrap --variant=minbase --arch="$2" --include=git,make,sudo,ca-certificates --cache-dir="$work/debs" "$1" "$3" "$mirror" || return
    apt-config dump | grep -E '^Acquire::(http|https|ftp)::[^ ]*Proxy' >"$3/etc/apt/apt.conf.d/90proxy"
    cp /etc/resolv.conf /etc/hosts "$3/etc/"
    inside "$3" useradd --create-home --shell /bin/sh user &&
        echo 'user ALL=(ALL) NOPASSWD: ALL' >"$3/etc/sudoers.d/user"
}
