# SPDX-License-Identifier: Apache-2.0
"""The printed signs that the built-in models know, drawn by this file alone.

A sign is a list of layers on a square of 100 x 100 units, y downwards. A layer is a
colour and closed polygons, all filled; later layers paint over earlier ones. Curves are
flattened here, so that the two renderers below need to know nothing but polygons:

  image(sign, px)   a Pillow RGBA image, for the generated scenes and the preview
  pdf(signs)        A4 pages with vector drawings, for the printer

  shapes(signs)     the same polygons as a table for C, for the moving scene of `watch --source test`

  signs.py --pdf signs.pdf --preview signs.png --labels signs_labels.txt --shapes src/stream/signs_shapes.h
"""
import argparse
import math
import zlib
from collections import namedtuple

from PIL import Image, ImageDraw, ImageFont

Sign = namedtuple("Sign", "label layers")

RED, BLUE, GREEN = (200, 16, 30), (0, 82, 165), (0, 122, 70)
YELLOW, WHITE, BLACK = (252, 196, 0), (255, 255, 255), (22, 22, 22)
UNIT = 100.0


# ---- shapes: each returns a list of polygons ---------------------------------------------

def _regular(n, cx, cy, r, turn):
    return [[(cx + r * math.cos(math.radians(turn + 360 * i / n)),
              cy + r * math.sin(math.radians(turn + 360 * i / n))) for i in range(n)]]


def _disc(cx, cy, r):
    return _regular(72, cx, cy, r, 0)


def _arc(cx, cy, rx, ry, start, end, steps=24):
    """Points of an elliptic arc; degrees, clockwise because y points down."""
    return [(cx + rx * math.cos(math.radians(start + (end - start) * i / steps)),
             cy + ry * math.sin(math.radians(start + (end - start) * i / steps)))
            for i in range(steps + 1)]


def _rounded(points, r, steps=10):
    """A convex polygon with its corners rounded by radius r."""
    out = []
    for i, (x, y) in enumerate(points):
        (px, py), (nx, ny) = points[i - 1], points[(i + 1) % len(points)]
        a, b = math.atan2(py - y, px - x), math.atan2(ny - y, nx - x)
        half = abs((a - b + math.pi) % (2 * math.pi) - math.pi) / 2
        mid = math.atan2(math.sin(a) + math.sin(b), math.cos(a) + math.cos(b))
        cx, cy = x + math.cos(mid) * r / math.sin(half), y + math.sin(mid) * r / math.sin(half)
        reach = r / math.tan(half)
        ta = math.atan2(y + math.sin(a) * reach - cy, x + math.cos(a) * reach - cx)
        tb = math.atan2(y + math.sin(b) * reach - cy, x + math.cos(b) * reach - cx)
        sweep = (tb - ta + math.pi) % (2 * math.pi) - math.pi
        out += [(cx + r * math.cos(ta + sweep * k / steps), cy + r * math.sin(ta + sweep * k / steps))
                for k in range(steps + 1)]
    return [out]


def _rect(x0, y0, x1, y1):
    return [[(x0, y0), (x1, y0), (x1, y1), (x0, y1)]]


def _plate(x0, y0, x1, y1, r):
    return _rounded([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], r)


def _stroke(points, width, round_ends=True):
    """A thick polyline with round joints."""
    out = []
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        length = math.hypot(x1 - x0, y1 - y0)
        dx, dy = (y0 - y1) / length * width / 2, (x1 - x0) / length * width / 2
        out.append([(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)])
    for x, y in points if round_ends else points[1:-1]:
        out += _regular(24, x, y, width / 2, 0)
    return out


def _bezier(start, *curves, steps=16):
    """A closed outline of cubic curves; each curve is two control points and an end."""
    out, (x0, y0) = [start], start
    for (x1, y1), (x2, y2), (x3, y3) in curves:
        for i in range(1, steps + 1):
            t, u = i / steps, 1 - i / steps
            out.append((u**3 * x0 + 3 * u * u * t * x1 + 3 * u * t * t * x2 + t**3 * x3,
                        u**3 * y0 + 3 * u * u * t * y1 + 3 * u * t * t * y2 + t**3 * y3))
        x0, y0 = x3, y3
    return [out]


def _turned(polygons, degrees):
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [[(50 + (x - 50) * c - (y - 50) * s, 50 + (x - 50) * s + (y - 50) * c) for x, y in p]
            for p in polygons]


# ---- the signs ---------------------------------------------------------------------------

def _stop():
    s = _arc(27, 44, 5.6, 5, -20, -270, 16) + _arc(27, 55, 5.6, 5.5, -90, 160, 16)
    o = _arc(59.5, 49.7, 5.6, 10.8, 0, 360, 32)
    p = [(72, 60.5), (72, 39)] + _arc(74.5, 44.9, 5.4, 5.9, -90, 90, 14) + [(72, 50.8)]
    letters = (_stroke(s, 4.6, False) + _stroke([(36, 39), (49, 39)], 4.6, False)
               + _stroke([(42.5, 38), (42.5, 62.6)], 4.6, False) + _stroke(o, 4.6)
               + _stroke([(72, 62.6)] + p[1:], 4.6, False))
    return [(WHITE, _regular(8, 50, 50, 50, 22.5)), (RED, _regular(8, 50, 50, 46, 22.5)),
            (WHITE, letters)]


def _yield():
    outer = [(2, 9), (98, 9), (50, 93)]
    return [(RED, _rounded(outer, 5)), (WHITE, _rounded([(21, 20), (79, 20), (50, 71)], 3))]


def _no_entry():
    return [(WHITE, _disc(50, 50, 49)), (RED, _disc(50, 50, 46)), (WHITE, _rect(19, 41, 81, 59))]


def _warning():
    outer, inner = [(50, 6), (98, 91), (2, 91)], [(50, 20), (86, 84), (14, 84)]
    mark = _bezier((44.5, 39), ((45, 34.5), (55, 34.5), (55.5, 39)), ((55.2, 47), (53.5, 56), (52.7, 64)),
                   ((52.2, 66), (47.8, 66), (47.3, 64)), ((46.5, 56), (44.8, 47), (44.5, 39)))
    return [(BLACK, _rounded(outer, 6)), (YELLOW, _rounded(inner, 3)), (BLACK, mark + _disc(50, 74, 5))]


def _arrow(degrees):
    shaft = _rect(43, 44, 57, 82)
    head = [[(50, 15), (76, 45), (67, 53), (50, 34), (33, 53), (24, 45)]]
    return [(WHITE, _disc(50, 50, 49)), (BLUE, _disc(50, 50, 46)),
            (WHITE, _turned(shaft + head + _rect(43, 30, 57, 50), degrees))]


def _first_aid():
    return [(WHITE, _plate(2, 2, 98, 98, 9)), (GREEN, _plate(5, 5, 95, 95, 7)),
            (WHITE, _rect(39, 17, 61, 83) + _rect(17, 39, 83, 61))]


def _fire():
    flame = _bezier((54, 10), ((58, 26), (80, 38), (80, 62)), ((80, 80), (67, 90), (50, 90)),
                    ((33, 90), (20, 79), (20, 62)), ((20, 50), (26, 42), (33, 33)),
                    ((33, 42), (36, 47), (41, 49)), ((40, 35), (46, 24), (54, 10)))
    core = _bezier((52, 50), ((55, 60), (65, 63), (65, 73)), ((65, 81), (58, 86), (50, 86)),
                   ((42, 86), (36, 81), (36, 73)), ((36, 66), (40, 62), (43, 58)),
                   ((45, 62), (46, 63), (49, 64)), ((48, 59), (49, 54), (52, 50)))
    return [(WHITE, _plate(2, 2, 98, 98, 9)), (RED, _plate(5, 5, 95, 95, 7)),
            (WHITE, flame), (RED, core)]


def _exit():
    door = _rect(58, 17, 88, 86)
    runner = (_disc(46, 24, 7.2)
              + _stroke([(44, 38), (37, 56)], 13)
              + _stroke([(46, 38), (57, 49), (67, 45)], 6)
              + _stroke([(41, 37), (28, 38), (20, 48)], 6)
              + _stroke([(39, 57), (52, 66), (50, 83)], 7.5)
              + _stroke([(36, 58), (30, 73), (14, 75)], 7.5))
    return [(WHITE, _plate(2, 2, 98, 98, 9)), (GREEN, _plate(5, 5, 95, 95, 7)),
            (WHITE, door), (GREEN, _rect(67, 24, 82, 86)), (WHITE, runner)]


def _radiation():
    blades = [_arc(50, 50, 37, 37, a, a + 60) + _arc(50, 50, 12.5, 12.5, a + 60, a)
              for a in (60, 180, 300)]
    return [(BLACK, _plate(2, 2, 98, 98, 9)), (YELLOW, _plate(7, 7, 93, 93, 6)),
            (BLACK, blades + _disc(50, 50, 7.5))]


def _parking():
    bowl = [(40, 20), (53, 20)] + _arc(53, 38, 20, 18, -90, 90) + [(40, 56)]
    hole = [(45, 30), (53, 30)] + _arc(53, 38, 8.5, 8, -90, 90) + [(45, 46)]
    return [(WHITE, _plate(2, 2, 98, 98, 9)), (BLUE, _plate(5, 5, 95, 95, 7)),
            (WHITE, _rect(31, 20, 44, 81) + [bowl]), (BLUE, [hole])]


# The order is the class index of both models; append only.
SIGNS = [
    Sign("stop", _stop()),
    Sign("yield", _yield()),
    Sign("no entry", _no_entry()),
    Sign("warning", _warning()),
    Sign("turn left", _arrow(-90)),
    Sign("turn right", _arrow(90)),
    Sign("straight ahead", _arrow(0)),
    Sign("first aid", _first_aid()),
    Sign("fire", _fire()),
    Sign("exit", _exit()),
    Sign("radiation", _radiation()),
    Sign("parking", _parking()),
]
NO_SIGN = "no sign"  # the classifier's last class; the detector has no use for it


# ---- renderers ---------------------------------------------------------------------------

def image(sign, px, oversample=4):
    """The sign as an RGBA image of px x px, transparent around its outline."""
    big = px * oversample
    colour = Image.new("RGB", (big, big), WHITE)
    mask = Image.new("L", (big, big), 0)
    draw, cover = ImageDraw.Draw(colour), ImageDraw.Draw(mask)
    for fill, polygons in sign.layers:
        for p in polygons:
            points = [(x * big / UNIT, y * big / UNIT) for x, y in p]
            draw.polygon(points, fill=fill)
            cover.polygon(points, fill=255)
    colour.putalpha(mask)
    return colour.resize((px, px), Image.Resampling.BOX)


def preview(signs, px=96, columns=6):
    """All signs with their names on one small sheet."""
    cell_w, cell_h = px + 24, px + 34
    rows = -(-len(signs) // columns)
    sheet = Image.new("RGB", (cell_w * columns, cell_h * rows), WHITE)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for i, sign in enumerate(signs):
        x, y = i % columns * cell_w, i // columns * cell_h
        tile = image(sign, px)
        sheet.paste(tile, (x + 12, y + 8), tile)
        draw.text((x + cell_w / 2, y + px + 20), sign.label, BLACK, font, "mm")
    return sheet


MM = 72 / 25.4
A4 = (210, 297)


def pdf(signs, columns=2, rows=3, side=82):
    """A4 pages as PDF bytes: columns x rows signs, each `side` millimetres wide.

    Written by hand because it is short that way: a catalogue, the pages, one standard
    font, and per page one compressed stream of filled paths.
    """
    width, height = A4[0] * MM, A4[1] * MM
    per_page = columns * rows
    pages = [signs[i:i + per_page] for i in range(0, len(signs), per_page)]
    objects = {1: b"<< /Type /Catalog /Pages 2 0 R >>",
               3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
    kids = []
    for number, page in enumerate(pages):
        ops = []
        for i, sign in enumerate(page):
            cell_w, cell_h = A4[0] / columns, (A4[1] - 12) / rows
            left = cell_w * (i % columns) + (cell_w - side) / 2
            top = 6 + cell_h * (i // columns) + (cell_h - side - 8) / 2
            for fill, polygons in sign.layers:
                ops.append("%.3f %.3f %.3f rg" % tuple(c / 255 for c in fill))
                for p in polygons:
                    points = [((left + x * side / UNIT) * MM, height - (top + y * side / UNIT) * MM)
                              for x, y in p]
                    ops.append("%.2f %.2f m " % points[0]
                               + " ".join("%.2f %.2f l" % q for q in points[1:]) + " f")
            centre = (left + side / 2) * MM - len(sign.label) * 11 * 0.25
            ops.append("0.35 g BT /F 11 Tf %.2f %.2f Td (%s) Tj ET"
                       % (centre, height - (top + side + 7) * MM, sign.label))
        stream = zlib.compress("\n".join(ops).encode("ascii"), 9)
        body = 4 + 2 * number
        kids.append("%d 0 R" % body)
        objects[body] = ("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R "
                         "/Resources << /Font << /F 3 0 R >> >> >>" % (width, height, body + 1)).encode()
        objects[body + 1] = (b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(stream)
                             + stream + b"\nendstream")
    objects[2] = ("<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), " ".join(kids))).encode()

    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number in sorted(objects):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + objects[number] + b"\nendobj\n"
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, xref)
    return bytes(out)


def _fewer(points, tolerance):
    """The corners of a polyline that matter: others are within `tolerance` units of a line between two of them."""
    if len(points) < 3:
        return points
    (x0, y0), (x1, y1) = points[0], points[-1]
    length = math.hypot(x1 - x0, y1 - y0)
    away = [abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / length if length > 1e-9 else math.hypot(x - x0, y - y0)
            for x, y in points]
    k = max(range(len(points)), key=away.__getitem__)
    if away[k] <= tolerance:
        return [points[0], points[-1]]
    return _fewer(points[:k + 1], tolerance)[:-1] + _fewer(points[k:], tolerance)


def shapes(signs):
    """The text of a C header: layers, polygons, and their corners in hundredths of a unit."""
    layers, polygons, corners = [], [], []
    for i, sign in enumerate(signs):
        for fill, shape in sign.layers:
            for p in shape:
                outline = _fewer(p + p[:1], 0.2)[:-1]
                polygons.append(len(outline))
                corners += [(round(100 * x), round(100 * y)) for x, y in outline]
            layers.append("{ %d, { %d, %d, %d }, %d }" % (i, *fill, len(shape)))

    def table(cells, per_line):
        return "".join("    " + ", ".join(cells[k:k + per_line]) + ",\n" for k in range(0, len(cells), per_line))
    return ("/* SPDX-License-Identifier: Apache-2.0 */\n"
            "/* The printed signs as polygons: made by tools/train/signs.py --shapes, included by signs.c alone. */\n"
            "static const layer layers[] = {\n" + table(layers, 4) + "};\n"
            "/* Corners of each polygon, */\n"
            "static const uint8_t polygons[] = {\n" + table([str(n) for n in polygons], 32) + "};\n"
            "/* and where they are, in hundredths of a unit: x, y. */\n"
            "static const int16_t corners[][2] = {\n" + table(["{ %d, %d }" % c for c in corners], 9) + "};\n")


def main():
    parser = argparse.ArgumentParser(description="Draw the signs of the built-in models.")
    parser.add_argument("--pdf", help="write the pages to print")
    parser.add_argument("--preview", help="write one small picture of all signs")
    parser.add_argument("--labels", help="write the label file, one label per line")
    parser.add_argument("--shapes", help="write the polygons as a table for C")
    args = parser.parse_args()
    if args.shapes:
        with open(args.shapes, "w", encoding="ascii") as f:
            f.write(shapes(SIGNS))
    if args.pdf:
        with open(args.pdf, "wb") as f:
            f.write(pdf(SIGNS))
    if args.preview:
        preview(SIGNS).quantize(64).save(args.preview, optimize=True)
    if args.labels:
        with open(args.labels, "w", encoding="ascii") as f:
            f.write("".join(label + "\n" for label in [s.label for s in SIGNS] + [NO_SIGN]))


if __name__ == "__main__":
    main()
