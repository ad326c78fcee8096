#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From nothing: clones the tree into fresh Debian systems that have git, make and a network, in a path with a blank, and does
# there what a newcomer does: make demo, make test, make install, a program of his own, make uninstall. Once as root, once as
# a user with sudo. The last line is "N passed, N failed".
#
#   tools/check_bare.sh [RELEASE[/ARCHITECTURE]...]      default: bookworm trixie, of this machine's architecture
#
# Needs root, debootstrap, unshare, and some 4 GiB below $TMPDIR. Packages come from $MIRROR, or from where this machine's
# own come from. What is committed is what is tried. BARE_USERS="root user" chooses who; BARE_KEEP=1 keeps the systems.
set -u
cd "$(dirname "$0")/.." || exit 1

. tools/fresh_systems.sh

# What a newcomer does; $1 is empty or sudo. Each step prints its name first; the steps are the functions.
newcomer='
set -u
as_root=$1
tree="$HOME/my tree"
cd "$tree"
step_demo() { make demo && test -s build/demo.jpg; }
step_no_warnings() { ! grep -n "warning:" "$HOME/demo.log"; }
step_test() { make test; }
step_skips_explained() { tail -n 1 "$HOME/test.log" | grep -q " 0 failed" && { ! tail -n 1 "$HOME/test.log" | grep -q skipped || grep -q "^skipped:" "$HOME/test.log"; }; }
step_install_without_rights() {
    [ -n "$as_root" ] || return 0
    make install >"$HOME/refused" 2>&1 && return 1
    cat "$HOME/refused"
    ! grep -q Traceback "$HOME/refused" && grep -q "no right to write" "$HOME/refused"
}
step_install() { find /usr/local /etc -print | sort >"$HOME/before"; $as_root make install; }
step_program() { cd / && corallite --version && corallite detect "$tree/examples/scene_1.jpg" && corallite detect --output "$HOME/out.png" "$tree/examples/scene_1.jpg"; }
step_shared_library() {
    cc "$tree/examples/run.c" -o "$HOME/with shared" $(pkg-config --cflags --libs corallite) &&
        "$HOME/with shared" "$tree/tests/data/tiny_u8.tflite" && ldd "$HOME/with shared" | grep libcorallite
}
step_static_library() {
    cc "$tree/examples/run.c" -o "$HOME/with static" $(pkg-config --cflags corallite) \
        "$(pkg-config --variable=libdir corallite)/libcorallite.a" -Wl,--as-needed $(pkg-config --static --libs corallite) &&
        "$HOME/with static" "$tree/tests/data/tiny_u8.tflite" && ! ldd "$HOME/with static" | grep libcorallite
}
step_uninstall() { $as_root make uninstall; }
step_nothing_is_left() { find /usr/local /etc -print | sort | grep -v "^/etc/ld.so.cache$" >"$HOME/after"; grep -v "^/etc/ld.so.cache$" "$HOME/before" | diff - "$HOME/after"; }
step_second_uninstall() { $as_root make uninstall >"$HOME/refused" 2>&1 && return 1; cat "$HOME/refused"; grep -q "nothing is installed" "$HOME/refused" && ! grep -q Traceback "$HOME/refused"; }
step_clang() { tools/install_deps.sh build clang && make CC=clang BUILD="build clang" && ! grep "warning:" "$HOME/clang.log"; }
step_own_prefix() { make PREFIX="$HOME/a place" install && "$HOME/a place/bin/corallite" --version && make uninstall && ! test -e "$HOME/a place"; }
for step in demo no_warnings test skips_explained install_without_rights install program shared_library static_library uninstall \
    nothing_is_left second_uninstall; do
    ( cd "$tree"; step_$step ) >"$HOME/$step.log" 2>&1
    echo "$step $?" >>"$HOME/steps"
done
if [ -z "$as_root" ]; then more=clang; else more=own_prefix; fi
step_$more >"$HOME/$more.log" 2>&1
echo "$more $?" >>"$HOME/steps"
'

# try_as USER RELEASE ROOT
try_as()
{
    local home=$3/root as start
    as=(env)
    [ "$1" = root ] || { home=$3/home/$1 as=(setpriv --reuid="$1" --regid="$1" --init-groups env "HOME=/home/$1"); }
    git clone -q --no-hardlinks . "$home/my tree"
    inside "$3" chown -R "$1:" "${home#"$3"}/my tree"
    start=$SECONDS
    inside "$3" "${as[@]}" sh -c "$newcomer" newcomer "$([ "$1" = root ] || echo sudo)"
    local step result
    while read -r step result; do
        said "$2, $1: $step" "$result" "$home/$step.log"
    done <"$home/steps"
    echo "$2, $1: $((SECONDS - start)) s, the last lines of make test:"
    sed -n '/^skipped:/,$p' "$home/test.log" | sed 's/^/    /'
}

[ $# -gt 0 ] || set -- bookworm trixie
for which in "$@"; do
    release=${which%/*} architecture=$(dpkg --print-architecture)
    [ "$release" = "$which" ] || architecture=${which#*/}
    make_system "$release" "$architecture" "$work/fresh" >"$work/log" 2>&1
    status=$?
    said "$which: a fresh system" $status "$work/log"
    for user in ${BARE_USERS:-root user}; do
        [ $status -eq 0 ] || break
        cp -a "$work/fresh" "$work/system"
        try_as "$user" "$which" "$work/system"
        # The next one need not fetch the same packages again.
        cp "$work/system"/var/cache/apt/archives/*.deb "$work/fresh/var/cache/apt/archives/" 2>/dev/null
        [ -n "${BARE_KEEP-}" ] && mv "$work/system" "$work/$release-${architecture}-$user"
        rm -rf --one-file-system "$work/system"
    done
    rm -rf --one-file-system "$work/fresh"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
