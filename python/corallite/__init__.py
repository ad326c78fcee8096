# SPDX-License-Identifier: Apache-2.0
"""Corallite: 8-bit vision models at the edge, exact and fast, without TensorFlow.

    from corallite import Session

    for found in Session("birds.tflite", labels="birds.txt").run("parrot.jpg").classes:
        print(found.label, found.score)

The packages tflite_runtime, pycoral and edgetpu beside this one serve programs that were written for those.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

from corallite._aliases import provide_ai_edge_litert
from corallite._c import Error, library_version

if TYPE_CHECKING:
    from corallite.session import Box, Class, Detection, Keypoint, Pose, Results, Segment, Session

__version__: str = library_version()
__all__ = ["Box", "Class", "Detection", "Error", "Keypoint", "Pose", "Results", "Segment", "Session", "__version__",
           "provide_ai_edge_litert"]


def __getattr__(name: str) -> object:
    """What is in corallite.session, once it is asked for: tflite_runtime starts without it."""
    if name in __all__:
        from corallite import session

        return getattr(session, name)
    raise AttributeError(f"module 'corallite' has no attribute '{name}'")
