# SPDX-License-Identifier: Apache-2.0
"""Label files."""
from pycoral.utils import dataset


def read_label_file(file_path):
    """Reads labels, one a line: ``ID NAME``, ``ID:NAME``, or ``NAME``, whose number is that of its line, from 0.

    Of a name without a number the first word counts, as it always did here; :func:`pycoral.utils.dataset.read_label_file` takes
    the whole line.

    Returns:
        A dictionary of names by number.
    """
    return dataset.read_labels(file_path, whole_lines=False)


ReadLabelFile = read_label_file
