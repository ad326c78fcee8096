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

# The first bytes of programs of an architecture, and a mask for them, as the kernel wants to know them; and the name that qemu has for it.
magic_of()
{
    case $1 in
    arm64) echo ':\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff' ;;
    armhf) echo ':\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x28\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff' ;;
    esac
}

# emulator_of ARCHITECTURE: prints the path of one that needs nothing of the system that it runs in. It is fetched, and not installed.
emulator_of()
{
    local cpu=arm name
    [ "$1" != arm64 ] || cpu=aarch64
    if [ ! -d "$work/emulators" ]; then
        mkdir -p "$work/emulators" && chmod 777 "$work/emulators" || return
        ( cd "$work/emulators" && apt-get download -q qemu-user qemu-user-static && for deb in *.deb; do dpkg-deb -x "$deb" .; done ) >&2 || return
    fi
    for name in qemu-$cpu-static qemu-$cpu; do
        [ ! -x "$work/emulators/usr/bin/$name" ] || { echo "$work/emulators/usr/bin/$name"; return; }
    done
    return 1
}

# inside_foreign ARCHITECTURE ROOT COMMAND...: in a system of another architecture. The kernel is told of the emulator in a user namespace, which has
# its own list of such programs (Linux 6.7), so that nobody else's programs are touched.
inside_foreign()
{
    local magic emulator child status
    magic=$(magic_of "$1") && emulator=$(emulator_of "$1") || return
    shift
    mkdir -p "$work/formats" && rm -f "$work/gate" && mkfifo "$work/gate" || return
    unshare --user sh -c 'read -r _ <"$0" && exec unshare --mount --pid --fork --kill-child "$@"' "$work/gate" \
        sh -c 'mount -t binfmt_misc none "$1" && printf %s "$2" >"$1/register" && mount -t proc proc "$3/proc" && mount --rbind /dev "$3/dev" || exit 1
        root=$3; shift 3; exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb HOME=/root container=lxc \
            chroot "$root" "$@"' sh "$work/formats" ":corallite:M:$magic:$emulator:FP" "$@" </dev/null &
    child=$!
    while [ "$(readlink /proc/$child/ns/user)" = "$(readlink /proc/self/ns/user)" ]; do sleep 0.05; done
    echo '0 0 65536' >/proc/$child/uid_map && echo '0 0 65536' >/proc/$child/gid_map && echo >"$work/gate"
    wait $child
    status=$?
    rm -f "$work/gate"
    return $status
}

# worked: seconds that the processors were at work for what this script has run.
worked()
{
    local fields
    read -ra fields <"/proc/$$/stat"
    echo $(((fields[15] + fields[16]) / $(getconf CLK_TCK)))
}

# said WHAT STATUS LOG: counts; what failed shows its last lines, and is false.
said()
{
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok   $1"
    else
        failed=$((failed + 1))
        echo "FAIL $1"
        tail -n 40 "$3"
        return 1
    fi
}

# configure_apt ROOT: as this machine's.
configure_apt()
{
    apt-config dump | grep -E '^Acquire::(http|https|ftp)::[^ ]*Proxy' >"$1/etc/apt/apt.conf.d/90proxy"
    cp /etc/resolv.conf /etc/hosts "$1/etc/"
}

# make_foreign_system RELEASE ARCHITECTURE ROOT: one that inside_foreign() runs.
make_foreign_system()
{
    mkdir -p "$work/debs-$2"
    debootstrap --foreign --variant=minbase --arch="$2" --include=ca-certificates --cache-dir="$work/debs-$2" "$1" "$3" "$mirror" || return
    inside_foreign "$2" "$3" /debootstrap/debootstrap --second-stage || { tail -n 20 "$3/debootstrap/debootstrap.log"; return 1; }
    [ -s "$3/etc/apt/sources.list" ] || echo "deb $mirror $1 main" >"$3/etc/apt/sources.list"
    configure_apt "$3"
}

# make_system RELEASE ARCHITECTURE ROOT
make_system()
{
    mkdir -p "$work/debs"
    debootstrap --variant=minbase --arch="$2" --include=git,make,sudo,ca-certificates --cache-dir="$work/debs" "$1" "$3" "$mirror" || return
    configure_apt "$3" && inside "$3" useradd --create-home --shell /bin/sh user &&
        echo 'user ALL=(ALL) NOPASSWD: ALL' >"$3/etc/sudoers.d/user"
}
