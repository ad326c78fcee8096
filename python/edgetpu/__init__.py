# SPDX-License-Identifier: Apache-2.0
"""The Edge TPU Python API as it was before pycoral, on Corallite. It serves programs of release 1.9 (names in CamelCase) and of 2.x
(lower_case) alike, with or without an Edge TPU."""

__version__ = "2.15.0"
