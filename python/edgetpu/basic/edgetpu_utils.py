# SPDX-License-Identifier: Apache-2.0
"""The runtime and its devices."""
import threading
import weakref

from corallite import _devices
from pycoral.pybind import _pywrap_coral

SUPPORTED_RUNTIME_VERSION = "RuntimeVersion(13)"

EDGE_TPU_STATE_NONE = 0
EDGE_TPU_STATE_ASSIGNED = 1
EDGE_TPU_STATE_UNASSIGNED = 2

_lock = threading.Lock()
_engines = {}  # path of a device: how many engines it has


def GetRuntimeVersion():
    """The runtime's version; SUPPORTED_RUNTIME_VERSION is a part of it."""
    return _pywrap_coral.GetRuntimeVersion()


def ListEdgeTpuPaths(state):
    """Paths of devices, a tuple that is always in the same order.

    Args:
        state: EDGE_TPU_STATE_NONE for all, EDGE_TPU_STATE_ASSIGNED for those that have engines, EDGE_TPU_STATE_UNASSIGNED for those
            that have none.
    """
    if state not in (EDGE_TPU_STATE_NONE, EDGE_TPU_STATE_ASSIGNED, EDGE_TPU_STATE_UNASSIGNED):
        raise ValueError("state {}; EDGE_TPU_STATE_NONE, _ASSIGNED and _UNASSIGNED are 0, 1 and 2".format(state))
    with _lock:
        paths = [d.path for d in _devices.devices()]
        if state == EDGE_TPU_STATE_NONE:
            return tuple(paths)
        return tuple(p for p in paths if bool(_engines.get(p)) == (state == EDGE_TPU_STATE_ASSIGNED))


def assign(engine, path=None):
    """Gives an engine a device, until it is collected: the one that is asked for, which may have others too; else the only one;
    else the first that is free, PCIe before USB.

    Returns:
        (path, number); ("", None) where there is no device, and the engine runs on the CPU.

    Raises:
        RuntimeError: there is no such device, or none is free.
    """
    with _lock:
        devices = _devices.devices()
        paths = [d.path for d in devices]
        if path:
            if path not in paths:
                raise RuntimeError("Path {} does not map to an Edge TPU device.".format(path))
        elif not paths:
            return "", None
        elif len(paths) == 1:
            path = paths[0]
        else:
            free = [d for d in devices if not _engines.get(d.path)]
            if not free:
                raise RuntimeError(
                    "Multiple Edge TPUs detected and all have been mapped to at least one model. If you want to share one Edge TPU "
                    "with multiple models, specify `device_path` name.")
            path = min(free, key=lambda d: d.type != "pci").path
        _engines[path] = _engines.get(path, 0) + 1
    weakref.finalize(engine, _give_back, path)
    return path, paths.index(path)


def _give_back(path):
    with _lock:
        _engines[path] -= 1
