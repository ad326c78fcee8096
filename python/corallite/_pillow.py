# SPDX-License-Identifier: Apache-2.0
"""Pillow as old programs know it."""
import sys


def restore_names():
    """Pillow 10 took away Image.ANTIALIAS, the older name of LANCZOS, which Coral's examples use: a program that imported Pillow gets it
    back. Pillow is not imported for that."""
    image = sys.modules.get("PIL.Image")
    if image is not None and not hasattr(image, "ANTIALIAS") and hasattr(image, "LANCZOS"):
        image.ANTIALIAS = image.LANCZOS
