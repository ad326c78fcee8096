#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the whole program for other architectures with Debian's crossbuild compilers and runs the quick checks: those of arm64
# and armhf under qemu-user, on processors of several instruction levels; those of i386 as they are, on amd64. The last line
# is "N passed, N failed, N skipped".
#
#   tools/check_cross.sh ARCHITECTURE...      arm64, armhf, i386
#
# Counts as one skipped check where the compilers and emulators are missing and cannot be installed.
set -u
cd "$(dirname "$0")/.." || exit 1

work=$(mktemp -d)
log=$work/log
: >"$work/counts"
trap 'rm -rf "$work"' EXIT

# add PASSED FAILED SKIPPED
add()
{
    echo "$@" >>"$work/counts"
}

# total: "N passed, N failed, N skipped" of all so far.
total()
{
    awk '{ p += $1; f += $2; s += $3 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s }' "$work/counts"
}

# counted COMMAND...: adds up what the last line of its output tells; a command without such a line has failed.
counted()
{
    log=$(mktemp "$work/XXXXXX")
    "$@" >"$log" 2>&1
    status=$?
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    p=0 f=0 s=0
    # shellcheck disable=SC2086 # words are meant
    [ -z "$line" ] || { set -- $line; p=$1 f=$3 s=${5:-0}; }
    if { [ -z "$line" ] || [ $status -ne 0 ]; } && [ "$f" -eq 0 ]; then f=1; fi
    [ "$f" -eq 0 ] || grep -E -v '^ok ' "$log"
    add "$p" "$f" "$s"
}

# on_processor PROCESSOR EMULATOR FOLDER AREA...
on_processor()
{
    export QEMU_CPU="$1" CRL_GOLDENS=tree CHECK_SAMPLE=1
    emulator=$2 folder=$3
    shift 3
    for area in "$@"; do
        counted "$emulator" -L "$folder-sysroot" "$folder/tests/check" "$area"
    done
}

# check_architecture NAME TRIPLET EMULATOR HIDDEN [PROCESSOR...]: all quick checks on the processor that has everything, with a
# sample of the random rounds; where there is an emulator, the kernels with all rounds, those of the level that it has but does
# not announce included, and kernels, again a sample, and models on each of the other processors, so that dispatch is seen to fall
# back. These go on while the next architecture is built.
check_architecture()
{
    folder=build-$1 triplet=$2 emulator=$3 hidden=$4
    without_modules=$(sed -n 's/^MODULES = //; T; s/enabled/disabled/gp' Makefile)
    # shellcheck disable=SC2086 # one word per option is meant
    if ! tools/sysroot.sh "$1" "$triplet" "$emulator" "$folder-sysroot" >"$log" 2>&1 ||
        ! tools/configure.sh "$folder" --cross-file "tools/cross/$triplet.ini" --cross-file "$folder-sysroot/cross.ini" \
            -Dauto_features=enabled $without_modules -Doptimization=2 -Ddebug=false -Db_ndebug=false --werror >"$log" 2>&1 ||
        ! ninja -C "$folder" >"$log"; then
        cat "$log"
        add 0 1 0
        return
    fi
    shift 4
    QEMU_CPU=max counted tools/run_tests.py "$folder" --sample --suite quick --no-suite once --timeout-multiplier 10
    echo "$folder: $(total) so far"
    [ "$emulator" != native ] || return
    QEMU_CPU=max counted "$emulator" -L "$folder-sysroot" "$folder/tests/check" kernels ${hidden:+--assume "$hidden"} &
    for processor in "$@"; do
        on_processor "$processor" "$emulator" "$folder" kernels models &
    done
}

for architecture in "$@"; do
    case $architecture in
    arm64 | armhf) group=arm ;;
    i386) group=i386 ;;
    *)
        echo "check_cross: no architecture \"$architecture\": arm64, armhf, i386" >&2
        exit 2
        ;;
    esac
    if ! tools/install_deps.sh build $group >"$log" 2>&1; then
        tail -n 1 "$log"
        echo "skip the checks for $architecture: no cross compiler or no emulator"
        add 0 0 1
        continue
    fi
    case $architecture in
    arm64) check_architecture arm64 aarch64-linux-gnu qemu-aarch64 '' cortex-a72 cortex-a76 ;;
    armhf) check_architecture armhf arm-linux-gnueabihf qemu-arm neondot cortex-a7 ;;
    i386) check_architecture i386 i386-linux-gnu native '' ;;
    esac
done
wait
total
total | grep -q ', 0 failed'
