# SPDX-License-Identifier: Apache-2.0
"""Coral's pycoral, on Corallite: the same names and results, with or without an Edge TPU."""

__version__ = "2.0.0"
