# SPDX-License-Identifier: Apache-2.0
"""Edge TPUs that programs can ask for.

$CRL_VIRTUAL_TPUS=N lists N virtual ones in the place of those on the USB, on which models run by their twins: for programs that insist on
devices. Where there are none at all, what asks for the first one of a kind gets the processor.
"""
from __future__ import annotations

import ctypes
import os
import re
from typing import NamedTuple, Optional, Tuple

from corallite import _c
from corallite._model import PROCESSOR


class Device(NamedTuple):
    type: str
    path: str


_REQUEST = re.compile(r"(usb|pci)?(?::(\d+))?")
_MOST = 64


def _virtual() -> Optional[int]:
    """How many virtual ones there are, None: real ones count."""
    text = os.environ.get("CRL_VIRTUAL_TPUS", "").strip()
    if not text:
        return None
    if not text.isdecimal() or int(text) > _MOST:
        raise ValueError(f"CRL_VIRTUAL_TPUS={text}: a number from 0 to {_MOST} is accepted")
    return int(text)


def devices() -> Tuple[Device, ...]:
    """A tuple of Device, in stable order. Paths of real ones are those that the original gives."""
    virtual = _virtual()
    if virtual is not None:
        return tuple(Device("usb", f"virtual:{i}") for i in range(virtual))
    found, n, err = (_c.device * _MOST)(), ctypes.c_int32(), _c.error()
    if _c.library.crl_devices_list(found, _MOST, n, err):
        return ()  # no libusb, no bus
    return tuple(Device("pci", f"/dev/{d.place.decode()}") if d.vendor == _c.DEVICE_PCI_VENDOR
                 else Device("usb", f"/sys/bus/usb/devices/{d.place.decode()}") for d in found[:min(n.value, _MOST)])


def choose(request: str) -> str:
    """What a program means by "", ":N", "usb", "usb:N", "pci", "pci:N", for Model: "usb:N" and "pci:N" by the library's count, "usb", "pci" and "" any, PROCESSOR none.
    Raises ValueError where there is no such device."""
    found = _REQUEST.fullmatch(request)
    if not found:
        raise ValueError(f'device "{request}": usb, pci, :N, usb:N and pci:N are accepted, where N counts from 0')
    kind, number = found[1], int(found[2] or 0)
    there = devices()
    fitting = [i for i, device in enumerate(there) if kind in (None, device.type)]
    # The processor stands in for one device where there is none at all.
    if number >= len(fitting) and (there or number):
        raise ValueError(f'device "{request}": there is none; {len(there)} Edge TPUs are listed')
    if not there or _virtual() is not None:
        return PROCESSOR
    if not found[2]:
        return kind or ""
    chosen = there[fitting[number]].type
    return f"{chosen}:{sum(device.type == chosen for device in there[:fitting[number]])}"


def default() -> str:
    """For models that nobody chose a device for."""
    return PROCESSOR if _virtual() is not None else ""
