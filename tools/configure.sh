#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Configures a build folder, and does nothing when that was done with these options, or with these and more.
#
#   tools/configure.sh FOLDER [meson options]
#
# A folder that was configured by hand keeps all that the options do not mention. The options and the compiler ($CC) that
# were used last are kept in FOLDER/front-door; another compiler begins anew.
set -eu

folder=$1
shift
note=$folder/front-door

give_up()
{
    echo "configure: $1; build elsewhere: make BUILD=/tmp/corallite" >&2
    exit 1
}

place=$folder
while [ ! -e "$place" ]; do place=$(dirname "$place"); done
[ -d "$place" ] || give_up "$place is no folder"
[ -w "$place" ] || give_up "no right to write in $(cd "$place" && pwd)"

now=$(printf '%s\n' "CC=${CC-}" "$@")
before=
[ ! -f "$note" ] || before=$(cat "$note")
missing=$(printf '%s\n' "$now" | grep -vxF -e "$before" || true)
[ -n "$missing" ] || [ ! -f "$folder/build.ninja" ] || exit 0

compiler=$(printf '%s\n' "$before" | sed -n '1s/^CC=//p')
if [ ! -f "$folder/build.ninja" ]; then
    meson setup "$folder" "$@"
elif { [ "${before%%=*}" != CC ] || [ "$compiler" = "${CC-}" ]; } && ! printf '%s\n' "$missing" | grep -q '^-Dc_args='; then
    meson setup --reconfigure "$folder" "$@"
else
    # Meson takes neither another compiler nor other arguments for it where there is a folder already. All but the note of what was installed from here goes.
    kept=$(mktemp)
    [ ! -f "$folder/installed" ] || cp "$folder/installed" "$kept"
    meson setup --wipe "$folder" "$@"
    [ ! -s "$kept" ] || cp "$kept" "$folder/installed"
    rm "$kept"
fi
printf '%s\n' "$now" >"$note"
