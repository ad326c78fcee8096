# SPDX-License-Identifier: Apache-2.0
"""Bytes that pass for the firmware of a stick: its size and its checksum, and nothing of it."""
import zlib

BYTES, CHECKSUM = 10783, 0x0394D8D3


def forged():
    """Zeros with four bytes behind them that bring the checksum to what it has to be."""
    table = []
    for i in range(256):
        for _ in range(8):
            i = i >> 1 ^ (0xEDB88320 if i & 1 else 0)
        table.append(i)
    head = bytes(BYTES - 4)
    state, end = zlib.crc32(head) ^ 0xFFFFFFFF, CHECKSUM ^ 0xFFFFFFFF
    used = []
    for _ in range(4):  # backwards: which entries of the table lead there
        used.append(next(k for k in range(256) if table[k] >> 24 == end >> 24))
        end = (end ^ table[used[-1]]) << 8 & 0xFFFFFFFF
    tail = bytearray()
    for k in reversed(used):  # and forwards: which bytes take them
        tail.append((state ^ k) & 0xFF)
        state = state >> 8 ^ table[k]
    data = head + bytes(tail)
    assert zlib.crc32(data) == CHECKSUM
    return data
