#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# builtin.sh OUT.S FILE...: an assembler file that lays the files into read-only data, each between
# cli_<name>_begin and cli_<name>_end, where <name> is the file's without its suffix: see builtin.h.
set -e
out=$1
shift
{
    echo '.section .rodata'
    for file; do
        name=$(basename "$file")
        name=cli_${name%.*}
        printf '.balign 64\n.global %s_begin, %s_end\n.hidden %s_begin, %s_end\n' "$name" "$name" "$name" "$name"
        printf '%s_begin:\n.incbin "%s"\n%s_end:\n.byte 0\n' "$name" "$(realpath "$file")" "$name"
    done
    echo '.section .note.GNU-stack,"",%progbits'
} >"$out"
