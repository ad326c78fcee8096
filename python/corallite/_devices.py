# SPDX-License-Identifier: Apache-2.0
"""Edge TPUs that programs can ask for.

$CRL_VIRTUAL_TPUS=N lists N virtual ones, on which models run by their twins: for programs that insist on devices. Without it there
are none, and what asks for the first one of a kind gets the processor.
"""
import collections
import os
import re

Device = collections.namedtuple("Device", "type path")

_REQUEST = re.compile(r"(usb|pci)?(?::(\d+))?")


def devices():
    """A tuple of Device, in stable order."""
    text = os.environ.get("CRL_VIRTUAL_TPUS", "").strip()
    if not text:
        return ()
    if not text.isdecimal() or int(text) > 64:
        raise ValueError(f"CRL_VIRTUAL_TPUS={text}: a number from 0 to 64 is accepted")
    return tuple(Device("usb", f"virtual:{i}") for i in range(int(text)))


def check_request(request):
    """Whether there is what a program asks for: "", ":N", "usb", "usb:N", "pci", "pci:N". Raises ValueError."""
    found = _REQUEST.fullmatch(request)
    if not found:
        raise ValueError(f'device "{request}": usb, pci, :N, usb:N and pci:N are accepted, where N counts from 0')
    kind, number = found[1], int(found[2] or 0)
    there = devices()
    fitting = [device for device in there if kind in (None, device.type)]
    # The processor stands in for one device where there is none at all.
    if number >= len(fitting) and (there or number):
        raise ValueError(f'device "{request}": there is none; {len(there)} Edge TPUs are listed')
