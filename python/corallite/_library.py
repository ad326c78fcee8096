# SPDX-License-Identifier: Apache-2.0
"""Finds libcorallite and opens it.

In this order: the file that $CRL_LIBRARY names; the one inside this package, as a wheel has it; the one in the folder `build` of the
source tree that this package lies in; whatever the system's loader finds.
"""
from __future__ import annotations

import ctypes
import os

NAME = "libcorallite.so.0"  # its number is CRL_ABI of include/corallite/version.h
HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))


def candidates() -> list[str]:
    """Names for the loader, the best first."""
    named = os.environ.get("CRL_LIBRARY")
    if named:
        return [named]
    inside = os.path.join(HERE, "lib", NAME)
    built = os.path.join(TREE, "build", "src", NAME)
    there = [path for path in (inside, built) if os.path.exists(path)]
    return there[:1] or [NAME]


def load() -> ctypes.CDLL:
    """The library, through which calls release Python's lock. Raises ImportError, which says what to do."""
    for name in candidates():
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            why = str(error)
    raise ImportError(
        f"{why}. The package corallite needs the library {NAME}: build it with `make` in the source tree, install it with "
        "`make install` or as the wheel from PyPI, or name the file with CRL_LIBRARY"
    )
