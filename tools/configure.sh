#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Configures a build folder, and does nothing when that was done with the same options.
#
#   tools/configure.sh FOLDER [meson options]
#
# A folder that was configured by hand keeps all that the options do not mention. The options that
# were used last are kept in FOLDER/front-door.
set -eu

folder=$1
shift
note=$folder/front-door

if [ ! -f "$folder/build.ninja" ]; then
    meson setup "$folder" "$@"
elif [ ! -f "$note" ] || [ "$(cat "$note")" != "$*" ]; then
    meson setup --reconfigure "$folder" "$@"
fi
printf '%s\n' "$*" >"$note"
