# SPDX-License-Identifier: Apache-2.0
"""Label files."""
import re

_NUMBERED = re.compile(r"\s*(\d+)[:\s]+(.*)")


def read_label_file(file_path):
    """Reads labels, one a line: ``ID NAME``, ``ID:NAME``, or ``NAME``, whose number is that of its line, from 0.

    Returns:
        A dictionary of names by number.
    """
    return read_labels(file_path)


def read_labels(file_path, whole_lines=True):
    """The same, and what counts of a name without a number: all of it, or its first word, up to a blank or colon."""
    labels = {}
    with open(file_path, "r", encoding="utf-8-sig") as f:
        for row, line in enumerate(f):
            line = line.strip()
            numbered = _NUMBERED.match(line)
            if numbered:
                labels[int(numbered.group(1))] = numbered.group(2)
            else:
                labels[row] = line if whole_lines else re.split(r"[:\s]", line, maxsplit=1)[0]
    return labels
