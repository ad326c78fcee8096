# SPDX-License-Identifier: Apache-2.0
"""What the demos share."""
import os
import shutil
import subprocess
import sys

from pycoral.utils import dataset

read_labels = dataset.read_label_file


def label_of(labels, number):
    """The name of a class; its number where the file has none for it."""
    return labels.get(int(number), str(number))


def number(value):
    """A score as the demos have always written it: six digits."""
    return "%g" % value


def run(main):
    """Runs a demo. What goes wrong is one line on stderr, and exit status 1."""
    try:
        main()
    except (OSError, RuntimeError, ValueError, AssertionError) as e:
        text = "".join(c if c.isprintable() else "?" for c in "; ".join(str(e).splitlines()))
        print("{}: error: {}".format(os.path.basename(sys.argv[0]), text), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def show(path):
    """Starts a viewer on a picture, where there are a display and a viewer."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    for viewer in ("feh", "xdg-open", "display"):
        if shutil.which(viewer):
            subprocess.Popen([viewer, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            return
