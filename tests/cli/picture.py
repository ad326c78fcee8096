#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes and shows pictures with nothing but the standard library, for the transcripts.

    picture.py ppm|png|jpg FILE [WIDTH HEIGHT]   a gradient; the JPEG is always the same one of 24 x 16
    picture.py turned FILE N                     that JPEG with an EXIF tag that asks for orientation N
    picture.py header FILE WIDTH HEIGHT          a PNG that promises so many pixels and has none
    picture.py show FILE.png                     size, kind, how many pixels of each value, where it is grey or a palette
"""
import base64
import collections
import struct
import sys
import zlib

# The gradient of 24 x 16, saved once with quality 60.
JPEG = """
/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpR
Uk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAQABgDASIA
AhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABQYA/8QAHhAAAQQDAAMAAAAAAAAAAAAAAAMFIjEBAgQRElH/xAAWAQEBAQAAAAAAAAAAAAAAAAAE
Agb/xAAgEQABAgUFAAAAAAAAAAAAAAACAAEDBAURIRITQXGx/9oADAMBAAIRAxEAPwCKQbqiIoNtRHeZuqIrzNlRBwj3UeUqVuVPINdRMWKfDqnn
GPXzt8MUZyoFpMs9O/jLSwakTjhf/9k=
"""


def pixels(width, height):
    return [bytes(v for x in range(width) for v in (x * 10 % 256, y * 15 % 256, x * y % 256)) for y in range(height)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, rows):
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def tiff(orientation):
    """EXIF data with nothing but the orientation."""
    return b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0" + bytes([orientation]) + bytes(7)


def segment(data):
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


def make(kind, width, height):
    jpeg = base64.b64decode(JPEG)
    if kind == "jpg":
        return jpeg
    if kind == "turned":
        return jpeg[:2] + segment(b"Exif\0\0" + tiff(width)) + jpeg[2:]
    if kind == "ppm":
        return b"P6\n%d %d\n255\n" % (width, height) + b"".join(pixels(width, height))
    if kind == "header":
        return png(width, height, [])
    return png(width, height, pixels(width, height))


def unfilter(data, width, height, size):
    """Rows of a PNG with whole bytes, `size` to a pixel."""
    rows, above, stride = [], bytes(width * size), width * size
    for y in range(height):
        kind, row = data[y * (stride + 1)], bytearray(data[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride):
            left, up = row[i - size] if i >= size else 0, above[i]
            corner = above[i - size] if i >= size else 0
            guess = left + up - corner
            paeth = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
            row[i] = (row[i] + (0, left, up, (left + up) // 2, paeth)[kind]) % 256
        rows.append(bytes(row))
        above = rows[-1]
    return rows


def show(path):
    with open(path, "rb") as f:
        data = f.read()
    at, parts = 8, collections.defaultdict(bytes)
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        parts[kind] += data[at + 8:at + 8 + size]
        at += 12 + size
    width, height, depth, colour = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    print(width, height, {0: "grey", 2: "RGB", 3: "palette"}[colour], depth)
    if colour in (0, 3) and depth == 8:
        values = collections.Counter(b"".join(unfilter(zlib.decompress(parts[b"IDAT"]), width, height, 1)))
        print(*("%d:%d" % (v, values[v]) for v in sorted(values)))


if __name__ == "__main__":
    if sys.argv[1] == "show":
        show(sys.argv[2])
    else:
        size = ([int(a) for a in sys.argv[3:5]] or [24]) + [16]
        with open(sys.argv[2], "wb") as out:
            out.write(make(sys.argv[1], *size[:2]))
