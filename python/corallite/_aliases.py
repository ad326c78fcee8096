# SPDX-License-Identifier: Apache-2.0
"""Packages that this one stands in for on request: ai_edge_litert, whose module `interpreter` is tflite_runtime's."""
from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from types import ModuleType
from typing import Optional, Sequence

ALIASES = {"ai_edge_litert": None, "ai_edge_litert.interpreter": "tflite_runtime.interpreter"}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """The last that is asked, so that what is installed comes first."""

    def find_spec(self, name: str, path: Optional[Sequence[str]] = None,
                  target: Optional[ModuleType] = None) -> Optional[importlib.machinery.ModuleSpec]:
        return importlib.machinery.ModuleSpec(name, self, is_package=ALIASES[name] is None) if name in ALIASES else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Optional[ModuleType]:
        return None

    def exec_module(self, module: ModuleType) -> None:
        source = ALIASES[module.__name__]
        if source:
            real = importlib.import_module(source)
            module.__dict__.update({name: getattr(real, name) for name in real.__all__}, __all__=real.__all__, __doc__=real.__doc__)


_finder = _Finder()


def provide_ai_edge_litert() -> None:
    """From now on `import ai_edge_litert.interpreter` gives tflite_runtime.interpreter, unless the real one is installed."""
    if _finder not in sys.meta_path:
        sys.meta_path.append(_finder)
