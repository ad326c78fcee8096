#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the pictures of tests/data/images and what Pillow makes of them and of drawn pictures.

    oracle/bin/python tools/oracle/gen_vision.py        (needs pillow 13 and numpy)

Pictures are small, drawn by a formula, and written in every variant of their format that readers have to know;
those that Pillow cannot write are put together here. Goldens are CRC-32 sums of pixels:

    tests/vision/golden_images.h   convert('RGB') and convert('L') of each file, with and without EXIF orientation; JPEGs after draft()
    tests/vision/golden_resize.h   resize() of pictures that tests/vision/drawn.h draws as `drawn` does here
"""
import io
import pathlib
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGES = ROOT / "tests" / "data" / "images"
VISION = ROOT / "tests" / "vision"
HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n/* Written by tools/oracle/gen_vision.py with Pillow %s. */\n" % PIL.__version__

FILTERS = {"BILINEAR": Image.Resampling.BILINEAR, "NEAREST": Image.Resampling.NEAREST,
           "BICUBIC": Image.Resampling.BICUBIC, "LANCZOS": Image.Resampling.LANCZOS}


def noise(n, seed):
    """n bytes; tests/vision/drawn.h has the same."""
    v = np.arange(n, dtype=np.uint64) + np.uint64(seed) * np.uint64(0x9E3779B1)
    v = (v * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    v ^= v >> np.uint64(15)
    v = (v * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    v ^= v >> np.uint64(13)
    return (v >> np.uint64(16) & np.uint64(255)).astype(np.uint8)


def drawn(width, height, channels, seed):
    """Noise, or for every third seed black and white, which drives sums to their ends."""
    pixels = noise(width * height * channels, seed)
    if seed % 3 == 0:
        pixels = np.where(pixels >= 128, 255, 0).astype(np.uint8)
    return pixels.reshape((height, width, 3) if channels == 3 else (height, width))


def scene(width=37, height=29):
    """Slopes, discs and a little noise: something that a JPEG encoder meets in life."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    rgb = np.stack([x * 255 / width, y * 255 / height, 255 - (x + y) * 255 / (width + height)], -1)
    for cx, cy, r, colour in ((10, 9, 7, (230, 40, 30)), (26, 17, 9, (20, 60, 220)), (17, 24, 5, (250, 240, 20))):
        rgb[(x - cx) ** 2 + (y - cy) ** 2 < r * r] = colour
    rgb += (noise(width * height * 3, 5).reshape(height, width, 3) / 16.0) - 8
    return np.clip(rgb, 0, 255).astype(np.uint8)


# ---- writers ---------------------------------------------------------------------------------------------------

ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def png_rows(samples, depth):
    """samples [h, w, c] -> filtered rows, filters taken in turn."""
    if samples.size == 0:
        return b""
    height, width, channels = samples.shape
    if depth == 16:
        raw = samples.astype(">u2").tobytes()
    elif depth == 8:
        raw = samples.astype(np.uint8).tobytes()
    else:
        bits = ((samples.reshape(height, -1, 1) >> np.arange(depth - 1, -1, -1)) & 1).reshape(height, -1)
        raw = np.packbits(bits.astype(np.uint8), axis=1).tobytes()
    step = len(raw) // height
    before = max(1, depth * channels // 8)
    out, above = b"", bytes(step)
    for y in range(height):
        row = raw[y * step:(y + 1) * step]
        kind = y % 5
        line = bytearray([kind])
        for i, value in enumerate(row):
            a = row[i - before] if i >= before else 0
            b = above[i]
            c = above[i - before] if i >= before else 0
            nearest = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            line.append((value - (0, a, b, (a + b) // 2, nearest)[kind]) & 255)
        out, above = out + bytes(line), row
    return out


def png(samples, depth, colour, palette=None, trns=None, interlaced=False, exif=None, late_exif=False):
    samples = samples.reshape(samples.shape[0], samples.shape[1], -1)

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = png_rows(samples, depth)
    if interlaced:
        rows = b"".join(png_rows(samples[y::dy, x::dx], depth) for x, y, dx, dy in ADAM7)
    height, width = samples.shape[:2]
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    out += chunk(b"gAMA", struct.pack(">I", 45455))
    if palette is not None:
        out += chunk(b"PLTE", bytes(palette))
    if trns is not None:
        out += chunk(b"tRNS", trns)
    if exif and not late_exif:
        out += chunk(b"eXIf", exif)
    data = zlib.compress(rows, 9)
    out += chunk(b"IDAT", data[:40]) + chunk(b"IDAT", data[40:])
    if exif and late_exif:
        out += chunk(b"eXIf", exif)
    return out + chunk(b"IEND", b"")


def bmp(rows, width, height, bits, header=40, compression=0, palette=None, masks=None, offset=None, colours=None):
    """rows: bytes of the pixels, as they stand in the file."""
    info = struct.pack("<I", header)
    if header == 12:
        info += struct.pack("<HHHH", width, height, 1, bits)
    else:
        info += struct.pack("<IiHHIIIIII", width, height, 1, bits, compression, len(rows), 2835, 2835,
                            len(palette) // 4 if colours is None and palette else colours or 0, 0)
        if header > 40:
            info += struct.pack("<IIII", *(masks or (0, 0, 0, 0)))[:header - 40]
        info += bytes(header - len(info))
        if header == 40 and masks:
            info += struct.pack("<III", *masks[:3])
    body = info + (palette or b"")
    at = 14 + len(body) if offset is None else offset
    return b"BM" + struct.pack("<IHHI", 14 + len(body) + len(rows), 0, 0, at) + body + rows


def bmp_rows(values, bits):
    """values [h, w], top row first -> bottom row first, padded."""
    out = b""
    for row in values[::-1]:
        if bits < 8:
            packed = np.packbits(((row.reshape(-1, 1) >> np.arange(bits - 1, -1, -1)) & 1).astype(np.uint8).ravel()).tobytes()
        else:
            packed = b"".join(int(v).to_bytes(bits // 8, "little") for v in row)
        out += packed + bytes(-len(packed) % 4)
    return out


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def exif(orientation, big_endian=False):
    e = ">" if big_endian else "<"
    entries = [(0x010F, 2, 4, b"abc\0"), (0x0112, 3, 1, struct.pack(e + "HH", orientation, 0))]
    body = struct.pack(e + "H", len(entries))
    for tag, kind, count, value in entries:
        body += struct.pack(e + "HHI", tag, kind, count) + value
    return (b"MM" if big_endian else b"II") + struct.pack(e + "HI", 42, 8) + body + bytes(4)


def png_chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def xmp(orientation, element=False):
    """A packet of XMP, the orientation as an attribute or an element."""
    tag = (b"><tiff:Orientation>%d</tiff:Orientation></rdf:Description>" if element else b" tiff:Orientation=\"%d\"/>") % orientation
    return (b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
            b"<rdf:Description xmlns:tiff='http://ns.adobe.com/tiff/1.0/'" + tag + b"</rdf:RDF></x:xmpmeta>")


def raw_profile(data):
    """EXIF data as ImageMagick puts it into a text chunk."""
    text = data.hex()
    lines = [text[i:i + 72] for i in range(0, len(text), 72)]
    return ("\nexif\n%8d\n" % len(data) + "\n".join(lines) + "\n").encode()


def riff(*chunks):
    body = b"WEBP" + b"".join(name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp(image, **options):
    out = io.BytesIO()
    image.save(out, "WEBP", **options)
    return out.getvalue()


def u24(*values):
    return b"".join(struct.pack("<I", v)[:3] for v in values)


def lzw(values, least, clear_at=None):
    """Codes of GIF in blocks; the table is cleared when full, or never where clear_at is 0."""
    clear, bits, n_bits, out = 1 << least, 0, 0, bytearray()
    size, table = least + 1, {bytes([v]): v for v in range(clear)}
    code_of, following = dict(table), clear + 2

    def put(code):
        nonlocal bits, n_bits
        bits |= code << n_bits
        n_bits += size
        while n_bits >= 8:
            out.append(bits & 255)
            bits >>= 8
            n_bits -= 8

    put(clear)
    text = b""
    for v in values:
        longer = text + bytes([v])
        if longer in code_of:
            text = longer
            continue
        put(code_of[text])
        if following < 4096:
            code_of[longer] = following
            if following == 1 << size and size < 12:
                size += 1
            following += 1
        elif clear_at != 0:
            put(clear)
            code_of, following, size = dict(table), clear + 2, least + 1
        text = bytes([v])
    put(code_of[text])
    if following == 1 << size and size < 12:
        size += 1
    put(clear + 1)
    if n_bits:
        out.append(bits & 255)
    return bytes([least]) + b"".join(bytes([len(out[i:i + 255])]) + bytes(out[i:i + 255]) for i in range(0, len(out), 255)) + b"\0"


def gif_palette(palette):
    return bytes(palette), (len(palette) // 3 - 1).bit_length() - 1


def gif_frame(index, palette=None, x=0, y=0, interlaced=False, transparent=None, **options):
    height, width = index.shape
    out = b""
    if transparent is not None:
        out += b"!\xf9\x04\x05\x0a\0" + bytes([transparent]) + b"\0"
    colours, power = gif_palette(palette) if palette is not None else (b"", 0)
    flags = (0x80 if palette is not None else 0) | (0x40 if interlaced else 0) | power
    out += b"," + struct.pack("<HHHHB", x, y, width, height, flags) + colours
    rows = [r for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for r in range(start, height, step)] if interlaced else range(height)
    values = b"".join(index[r].tobytes() for r in rows)
    return out + lzw(values, max(2, int(index.max()).bit_length()), **options)


def gif(frames, width, height, palette=None, background=0):
    colours, power = gif_palette(palette) if palette is not None else (b"", 0)
    flags = (0x80 if palette is not None else 0) | power
    return (b"GIF89a" + struct.pack("<HHBBB", width, height, flags, background, 0) + colours +
            b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" + b"!\xfe\x04abcd\x02ef\0" + b"".join(frames) + b";")


# ---- pictures --------------------------------------------------------------------------------------------------

def jpegs():
    rgb = Image.fromarray(scene())
    yield "rgb_444.jpg", jpeg(rgb, quality=90, subsampling=0)
    yield "rgb_422.jpg", jpeg(rgb, quality=75, subsampling=1)
    yield "rgb_420.jpg", jpeg(rgb, quality=40, subsampling=2)
    yield "progressive.jpg", jpeg(rgb, quality=80, progressive=True)
    yield "progressive_grey.jpg", jpeg(rgb.convert("L"), quality=80, progressive=True)
    yield "grey.jpg", jpeg(rgb.convert("L"), quality=85)
    yield "not_converted.jpg", jpeg(rgb, quality=85, keep_rgb=True)
    yield "restarts.jpg", jpeg(rgb, quality=60, restart_marker_blocks=2)
    cmyk = jpeg(rgb.convert("CMYK"), quality=85)
    yield "cmyk.jpg", cmyk
    at = cmyk.index(b"Adobe") + 11
    yield "ycck.jpg", cmyk[:at] + b"\x02" + cmyk[at + 1:]
    yield "dot.jpg", jpeg(Image.new("RGB", (1, 1), (200, 100, 50)))
    small = Image.fromarray(scene(11, 7))
    for orientation in range(1, 9):
        tag = b"Exif\0\0" + exif(orientation, big_endian=orientation % 2 == 0)
        yield f"orientation_{orientation}.jpg", jpeg(small, quality=70, exif=tag)
    plain = jpeg(small, quality=70)
    for name, element in (("attribute", False), ("element", True)):
        data = b"http://ns.adobe.com/xap/1.0/\0" + xmp(6, element)
        yield f"orientation_xmp_{name}.jpg", plain[:2] + b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data + plain[2:]
    data = b"http://ns.adobe.com/xap/1.0/\0" + xmp(6)
    tag = b"Exif\0\0" + exif(3)
    yield "orientation_xmp_and_exif.jpg", (plain[:2] + b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data +
                                           b"\xff\xe1" + struct.pack(">H", len(tag) + 2) + tag + plain[2:])


def pngs():
    rgb = scene(21, 17)
    grey = np.asarray(Image.fromarray(rgb).convert("L"))
    alpha = noise(21 * 17, 9).reshape(17, 21, 1)
    wide = grey.astype(np.uint16) * 257 + 3
    low = noise(21 * 17, 11).reshape(17, 21)
    for depth in (1, 2, 4):
        yield f"grey_{depth}.png", png(grey >> (8 - depth), depth, 0)
    yield "grey_8.png", png(grey, 8, 0)
    yield "grey_8_transparent.png", png(grey, 8, 0, trns=struct.pack(">H", int(grey[3, 3])))
    yield "grey_16.png", png(np.where(low < 128, low.astype(np.uint16) * 3, wide), 16, 0)
    yield "grey_alpha_8.png", png(np.concatenate([grey[..., None], alpha], -1), 8, 4)
    yield "grey_alpha_16.png", png(np.concatenate([wide[..., None], alpha.astype(np.uint16) * 250], -1), 16, 4)
    yield "rgb_8.png", png(rgb, 8, 2)
    yield "rgb_8_transparent.png", png(rgb, 8, 2, trns=struct.pack(">HHH", *map(int, rgb[2, 2])))
    yield "rgb_16.png", png(rgb.astype(np.uint16) * 256 + 200, 16, 2)
    yield "rgba_8.png", png(np.concatenate([rgb, alpha], -1), 8, 6)
    yield "rgba_16.png", png(np.concatenate([rgb.astype(np.uint16) * 257, alpha.astype(np.uint16) * 257], -1), 16, 6)
    for depth in (1, 2, 4, 8):
        colours = 1 << depth if depth < 8 else 200
        index = (low.astype(np.uint16) * colours >> 8).astype(np.uint8)
        yield f"palette_{depth}.png", png(index, depth, 3, palette=noise(colours * 3, depth), trns=bytes([0, 128]))
    yield "palette_short.png", png(low >> 4, 4, 3, palette=noise(7 * 3, 20))
    yield "interlaced_rgb_8.png", png(rgb, 8, 2, interlaced=True)
    yield "interlaced_rgba_16.png", png(np.concatenate([rgb.astype(np.uint16) * 257 + 1, alpha.astype(np.uint16) * 99], -1), 16, 6, interlaced=True)
    yield "interlaced_grey_2.png", png(grey >> 6, 2, 0, interlaced=True)
    yield "interlaced_grey_16.png", png(low.astype(np.uint16) * 2, 16, 0, interlaced=True)
    yield "interlaced_palette_4.png", png(low >> 4, 4, 3, palette=noise(48, 21), interlaced=True)
    yield "orientation_6.png", png(rgb[:5, :9], 8, 2, exif=exif(6))
    yield "orientation_8_late.png", png(rgb[:5, :9], 8, 2, exif=exif(8, True), late_exif=True)
    small = png(rgb[:5, :9], 8, 2)
    profile = b"Raw profile type exif\0\0" + zlib.compress(raw_profile(b"Exif\0\0" + exif(6)))
    for name, chunk in (("ztxt", png_chunk(b"zTXt", profile)),
                        ("text", png_chunk(b"tEXt", b"Raw profile type exif\0" + raw_profile(exif(8, True)))),
                        ("xmp", png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(5)))):
        yield f"orientation_{name}.png", small[:33] + chunk + small[33:]
    yield "dot.png", png(rgb[:1, :1], 8, 2)


def rle8(values):
    """Runs, literals of odd and even length, a step, ends of rows."""
    out = b""
    for y, row in enumerate(values[::-1]):
        x = 0
        while x < len(row):
            run = 1
            while x + run < len(row) and row[x + run] == row[x] and run < 255:
                run += 1
            if run >= 2 or len(row) - x < 3:
                out += bytes([run, row[x]])
                x += run
            else:
                n = min(len(row) - x, 3 + y % 4)
                out += bytes([0, n]) + bytes(row[x:x + n]) + bytes(n % 2)
                x += n
        out += b"\0\0"
    return out + b"\0\1"


def rle4(values):
    out = b""
    for y, row in enumerate(values[::-1]):
        x = 0
        while x < len(row):
            if y % 2 and len(row) - x >= 5:
                n = 5 if y % 4 == 1 else 4
                part = list(row[x:x + n]) + [0, 0, 0]
                data = bytes(part[i] << 4 | part[i + 1] for i in range(0, (n + 1) // 2 * 2, 2))
                out += bytes([0, n]) + data + bytes(len(data) % 2)
            else:
                n = min(len(row) - x, 3)
                second = row[x + 1] if n > 1 else 0
                out += bytes([n, row[x] << 4 | second])
                row = row.copy()
                if n > 2:
                    row[x + 2] = row[x]
            x += n
        out += b"\0\0"
    return out + b"\0\1"


def bmps():
    w, h = 19, 13
    rgb = scene(w, h).astype(np.uint32)
    low = noise(w * h, 30).reshape(h, w)
    blocks = np.repeat(np.repeat(low[::3, ::4], 3, 0), 4, 1)[:h, :w]
    word = rgb[..., 2] | rgb[..., 1] << 8 | rgb[..., 0] << 16

    def palette(n, size, seed):
        entries = noise(n * 3, seed).reshape(n, 3)
        return b"".join(bytes(e) + bytes(size - 3) for e in entries)

    for bits in (1, 4, 8):
        rows = bmp_rows(low >> (8 - bits), bits)
        yield f"palette_{bits}.bmp", bmp(rows, w, h, bits, palette=palette(1 << bits, 4, bits))
        yield f"os2_palette_{bits}.bmp", bmp(rows, w, h, bits, header=12, palette=palette(1 << bits, 3, bits + 40))
    grey = b"".join(bytes([i, i, i, 0]) for i in range(256))
    yield "grey_8.bmp", bmp(bmp_rows(low, 8), w, h, 8, palette=grey)
    yield "palette_8_short.bmp", bmp(bmp_rows(low, 8), w, h, 8, palette=palette(90, 4, 44))
    yield "palette_4_no_count.bmp", bmp(bmp_rows(low >> 4, 4), w, h, 4, palette=palette(16, 4, 45), colours=0)
    yield "palette_8_bad_offset.bmp", bmp(bmp_rows(low, 8), w, h, 8, palette=palette(256, 4, 46), offset=54)
    yield "black_white_1.bmp", bmp(bmp_rows(low >> 7, 1), w, h, 1, palette=b"\0\0\0\0\xff\xff\xff\0")
    yield "rle_8.bmp", bmp(rle8(blocks), w, h, 8, compression=1, palette=palette(256, 4, 47))
    step = b"\x04\x07\0\2\x03\x02\x05\x09\0\0\x13\x21\0\0" + b"\x13\x55\0\0" * (h - 4) + b"\0\1"
    yield "rle_8_step.bmp", bmp(step, w, h, 8, compression=1, palette=palette(256, 4, 48))
    yield "rle_4.bmp", bmp(rle4(low >> 4), w, h, 4, compression=2, palette=palette(16, 4, 49))
    yield "rgb_15.bmp", bmp(bmp_rows(low.astype(np.uint32) * 129 & 0x7FFF, 16), w, h, 16)
    yield "rgb_16_565.bmp", bmp(bmp_rows(low.astype(np.uint32) * 257, 16), w, h, 16, compression=3, masks=(0xF800, 0x7E0, 0x1F))
    yield "rgb_24.bmp", bmp(bmp_rows(word, 24), w, h, 24)
    yield "os2_rgb_24.bmp", bmp(bmp_rows(word, 24), w, h, 24, header=12)
    yield "rgb_24_top_down.bmp", bmp(bmp_rows(word[::-1], 24), w, -h, 24)
    yield "rgb_24_v5.bmp", bmp(bmp_rows(word, 24), w, h, 24, header=124)
    yield "rgb_32.bmp", bmp(bmp_rows(word | low.astype(np.uint32) << 24, 32), w, h, 32)
    yield "rgba_32_v4.bmp", bmp(bmp_rows(word | low.astype(np.uint32) << 24, 32), w, h, 32, header=108, compression=3,
                                masks=(0xFF0000, 0xFF00, 0xFF, 0xFF000000))
    yield "rgba_32_reversed.bmp", bmp(bmp_rows(word << 8 | 77, 32), w, h, 32, header=56, compression=3,
                                      masks=(0xFF000000, 0xFF0000, 0xFF00, 0xFF))
    yield "dot.bmp", bmp(bmp_rows(word[:1, :1], 24), 1, 1, 24)


def pnms():
    w, h = 13, 9
    grey = noise(w * h, 50)
    rgb = noise(w * h * 3, 51)
    size = b"%d %d\n" % (w, h)
    yield "plain.pbm", b"P1\n# a comment\n" + size + b"\n".join(
        b"".join(b"%d" % (v >> 7) for v in grey[y * w:(y + 1) * w]) for y in range(h)) + b"\n"
    yield "plain.pgm", b"P2 # here\n" + size + b"15\n" + b" ".join(b"%d" % (v >> 4) for v in grey) + b"\n"
    yield "plain_wide.pgm", b"P2\n" + size + b"1000\n" + b"\t".join(b"%d" % (int(v) * 2) for v in grey)
    yield "plain.ppm", b"P3\n" + size + b"255\n" + b"\n".join(b"%d" % v for v in rgb)
    bits = np.packbits((grey.reshape(h, w) >> 7), axis=1)
    yield "raw.pbm", b"P4\n" + size + bits.tobytes()
    yield "raw.pgm", b"P5\n# one\n# two\n" + size + b"255\n" + grey.tobytes()
    yield "raw_100.pgm", b"P5\n" + size + b"100\n" + (grey // 2).tobytes()
    yield "raw_wide.pgm", b"P5\n" + size + b"65535\n" + (grey.astype(">u2") * 3).tobytes()
    yield "raw_1000.pgm", b"P5\n" + size + b"1000\n" + (grey.astype(">u2") * 4).tobytes()
    yield "raw.ppm", b"P6\n" + size + b"255\n" + rgb.tobytes()
    yield "raw_100.ppm", b"P6\n" + size + b"100\n" + (rgb // 2).tobytes()
    yield "raw_wide.ppm", b"P6\n" + size + b"4095\n" + (rgb.astype(">u2") * 17).tobytes()
    yield "dot.ppm", b"P6 1 1 255\n\1\2\3"


def webps():
    rgb = scene()
    alpha = np.concatenate([rgb, noise(37 * 29, 60).reshape(29, 37, 1)], -1)
    picture, see_through = Image.fromarray(rgb), Image.fromarray(alpha)
    yield "lossy.webp", webp(picture, quality=70)
    yield "lossy_alpha.webp", webp(see_through, quality=60, exact=True)
    yield "lossless.webp", webp(picture, lossless=True)
    yield "lossless_alpha.webp", webp(see_through, lossless=True, exact=True)
    yield "lossless_palette.webp", webp(picture.quantize(7).convert("RGB"), lossless=True)
    yield "animated.webp", webp(picture, save_all=True, append_images=[picture.rotate(180)], quality=50)
    still = webp(Image.fromarray(alpha[:7, :11]), lossless=True, exact=True)
    still = still[12:20 + struct.unpack("<I", still[16:20])[0]] if still[12:16] == b"VP8L" else still[still.index(b"VP8L"):]
    head = (b"VP8X", bytes([0x12, 0, 0, 0]) + u24(19, 12))
    yield "animated_offset.webp", riff(head, (b"ANIM", b"\x10\x20\x30\xff\0\0"),
                                       (b"ANMF", u24(2, 1, 10, 6, 100) + b"\0" + still + bytes(len(still) % 2)))
    small = Image.fromarray(scene(11, 7))
    yield "orientation_6.webp", webp(small, lossless=True, exif=exif(6))
    yield "orientation_8_prefix.webp", webp(small, lossless=True, exif=b"Exif\0\0" + exif(8, True))
    yield "orientation_xmp.webp", webp(small, lossless=True, xmp=xmp(3, True))
    yield "dot.webp", webp(Image.fromarray(rgb[:1, :1]), lossless=True)


def gifs():
    w, h = 23, 19
    low = noise(w * h, 70).reshape(h, w)
    colours = noise(256 * 3, 71)
    slope = (np.add.outer(np.arange(h) * 3, np.arange(w)) % 256).astype(np.uint8)
    yield "palette_256.gif", gif([gif_frame(low)], w, h, colours)
    yield "palette_16.gif", gif([gif_frame(low >> 4)], w, h, colours[:48])
    yield "palette_2.gif", gif([gif_frame(low >> 7)], w, h, colours[:6])
    yield "palette_short.gif", gif([gif_frame(low)], w, h, colours[:48])
    yield "palette_local.gif", gif([gif_frame(low >> 5, colours[30:54])], w, h, colours)
    yield "palette_grey.gif", gif([gif_frame(low)], w, h, np.repeat(np.arange(256), 3).astype(np.uint8))
    yield "palette_none.gif", gif([gif_frame(low)], w, h)
    yield "transparent.gif", gif([gif_frame(low >> 4, transparent=5)], w, h, colours[:48])
    yield "interlaced.gif", gif([gif_frame(slope, interlaced=True)], w, h, colours)
    yield "interlaced_flat.gif", gif([gif_frame(slope[:3], interlaced=True)], w, 3, colours)
    yield "offset.gif", gif([gif_frame(low >> 4, x=3, y=2)], w + 5, h + 4, colours[:48], background=7)
    yield "offset_transparent.gif", gif([gif_frame(low >> 4, x=3, y=2, transparent=9)], w + 5, h + 4, colours[:48])
    yield "offset_outside.gif", gif([gif_frame(low >> 4, x=8, y=2)], 4, 30, colours[:48])
    yield "animated.gif", gif([gif_frame(low >> 4), gif_frame(slope >> 4, colours[60:108], transparent=1)], w, h, colours[:48])
    large = np.tile(noise(97 * 5, 72).reshape(5, 97), (20, 1)) // 3
    yield "table_full.gif", gif([gif_frame(noise(90 * 80, 73).reshape(80, 90))], 90, 80, colours)
    yield "table_full_kept.gif", gif([gif_frame(noise(90 * 80, 74).reshape(80, 90), clear_at=0)], 90, 80, colours)
    yield "repeats.gif", gif([gif_frame(large)], 97, 100, colours)
    out = io.BytesIO()
    Image.fromarray(scene()).quantize(40).save(out, "GIF")
    yield "pillow.gif", out.getvalue()
    yield "dot.gif", gif([gif_frame(low[:1, :1])], 1, 1, colours)


def crc(image):
    return zlib.crc32(np.asarray(image).tobytes())


def write_images():
    IMAGES.mkdir(parents=True, exist_ok=True)
    rows = []
    for kind in (jpegs, pngs, bmps, pnms, webps, gifs):
        for name, data in kind():
            (IMAGES / name).write_bytes(data)
            image = Image.open(io.BytesIO(data))
            turned = ImageOps.exif_transpose(image)
            rows.append('    { "%s", %d, %d, 0x%08x, 0x%08x, %d, %d, 0x%08x },' % (
                name, *image.size, crc(image.convert("RGB")), crc(image.convert("L")), *turned.size,
                crc(turned.convert("RGB"))))
    text = HEAD + """/* Sums of the pixels of tests/data/images; turned: as EXIF orientation asks. */
static const struct {
    const char *name;
    int32_t width, height;
    uint32_t rgb, grey;
    int32_t turned_width, turned_height;
    uint32_t turned_rgb;
} golden_images[] = {
""" + "\n".join(rows) + "\n};\n"
    (VISION / "golden_images.h").write_text(text + small_text())
    return sum(p.stat().st_size for p in IMAGES.iterdir())


def small_text():
    """JPEGs after draft(), with the least sides that give all four sizes."""
    rows = []
    for name in ("rgb_444.jpg", "rgb_422.jpg", "rgb_420.jpg", "progressive.jpg", "grey.jpg", "not_converted.jpg", "cmyk.jpg", "ycck.jpg"):
        for least in (1, 3, 4, 7, 8, 14, 15, 400):
            with Image.open(IMAGES / name) as im:
                im.draft(im.mode, (least, least))
                rgb = im.convert("RGB")
                rows.append('    { "%s", %d, %d, %d, 0x%08x },' % (name, least, rgb.width, rgb.height, zlib.crc32(rgb.tobytes())))
    return """/* And of JPEGs after draft() for a least side. */
static const struct {
    const char *name;
    uint32_t least_side;
    int32_t width, height;
    uint32_t rgb;
} golden_small[] = {
""" + "\n".join(rows) + "\n};\n"


def cases():
    """width, height, channels, output width, output height, box or None"""
    sizes = (1, 2, 3, 5, 8, 16, 17, 33, 64)
    seed = 0
    for i, w in enumerate(sizes):
        for j, h in enumerate(sizes):
            for shape in range(2):
                seed += 1
                out_w, out_h = sizes[(i * 5 + j * 3 + shape * 4) % 9], sizes[(i * 2 + j * 7 + shape) % 9]
                yield w, h, 1 + 2 * ((i + j + shape) % 2), out_w, out_h, None, seed
    # Grown and shrunk by much, one side only, and both orders of the passes: 2 * (width lost) against height lost.
    for w, h, out_w, out_h in ((200, 3, 7, 90), (3, 200, 90, 7), (61, 47, 61, 13), (61, 47, 13, 47), (100, 100, 90, 80),
                               (100, 100, 90, 79), (90, 100, 90, 99), (100, 101, 100, 101), (224, 10, 10, 224),
                               (45, 33, 114, 29), (40, 60, 50, 59), (128, 96, 27, 31)):
        for channels in (1, 3):
            seed += 1
            yield w, h, channels, out_w, out_h, None, seed
    for n in range(24):
        seed += 1
        w, h = 20 + n, 50 - n
        x0, y0 = n * 0.37, n * 0.73
        box = (x0, y0, w - n * 0.125, h - n * 0.21) if n % 3 else (float(n // 3), 1.0, float(n // 3 + 9), 12.0)
        yield w, h, 1 + 2 * (n % 2), 9 if n % 3 == 0 else 5 + n * 2, 11 if n % 6 == 0 else 40 - n, box, seed
    # Sides past 2^15, which have caught others.
    for w, h, out_w, out_h in ((40000, 3, 64, 64), (3, 40000, 64, 64), (65535, 2, 33000, 5), (2, 65535, 5, 33000)):
        for channels in (1, 3):
            seed += 1
            yield w, h, channels, out_w, out_h, None, seed


def write_resize():
    rows = []
    for w, h, channels, out_w, out_h, box, seed in cases():
        image = Image.fromarray(drawn(w, h, channels, seed))
        sums = [crc(image.resize((out_w, out_h), f, box=box)) for f in FILTERS.values()]
        text = "{ %s }" % ", ".join("%sf" % np.float32(v) for v in box) if box else "{ 0 }"
        rows.append("    { %d, %d, %d, %d, %d, %d, %s, { %s } }," % (
            seed, w, h, channels, out_w, out_h, text, ", ".join("0x%08x" % s for s in sums)))
    text = HEAD + """/* Sums of resized drawn pictures, by filter: %s. A box of zeroes: the whole picture. */
static const struct {
    uint32_t seed;
    int32_t width, height, channels, out_width, out_height;
    crl_box box;
    uint32_t sums[4];
} golden_resize[] = {
""" % ", ".join(name.lower() for name in FILTERS) + "\n".join(rows) + "\n};\n"
    (VISION / "golden_resize.h").write_text(text)
    return len(rows) * len(FILTERS)


def main():
    VISION.mkdir(parents=True, exist_ok=True)
    print(write_images(), "bytes of pictures")
    print(write_resize(), "resized pictures")


if __name__ == "__main__":
    main()
