#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/vision/golden_heads.h: what NumPy makes of drawn outputs of detectors.

    oracle/bin/python tools/oracle/gen_heads.py        (needs numpy)

Everything is in doubles and by definition: all scores, all boxes, a sort, and a comparison of each with each. Outputs are
noise which tests/vision/heads.c draws as `stored` does here: a byte for each element, of which type, scale and role make
the number.
"""
import pathlib

import numpy as np

from gen_vision import noise

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests" / "vision" / "golden_heads.h"
HEIGHT, WIDTH = 64, 96  # of the input
CELLS = [(8, 12, 8), (4, 6, 16), (2, 3, 32)]  # rows, columns, stride
G = sum(rows * columns for rows, columns, _ in CELLS)
FRAME = (240.0, 160.0, 200, 160)  # width and height of the whole input in pixels of the picture, and the picture


class Output:
    """channels: along `axis` are anchors, along the other 'b' box, 'o' objectness, 's' score, 'c' class."""

    def __init__(self, kind, anchors, channels, axis, scale, zero, box_times=1.0, rare=253):
        self.kind, self.anchors, self.channels, self.axis = kind, anchors, channels, axis
        self.scale, self.zero, self.box_times, self.rare = np.float32(scale), zero, np.float32(box_times), rare

    @property
    def shape(self):
        return (1, self.anchors, len(self.channels)) if self.axis == 1 else (1, len(self.channels), self.anchors)

    def draw(self, seed, corners):
        """The stored bytes 0..255, [anchors, channels]."""
        q = noise(self.anchors * len(self.channels), seed).astype(np.int64)
        q = q.reshape(self.anchors, -1) if self.axis == 1 else q.reshape(-1, self.anchors).T
        q = q.copy()
        for c, role in enumerate(self.channels):
            if role in "os":
                q[:, c] = np.where(q[:, c] >= self.rare, q[:, c], q[:, c] // 8)
            elif role == "c":
                q[:, c] %= 7
            elif corners:
                q[:, c] = q[:, c] // 2 + (128 if c >= 2 else 0)
        return q

    def numbers(self, seed, corners):
        q = self.draw(seed, corners).astype(np.float64)
        if self.kind == "INT8":
            q -= 128
        if self.kind == "INT16":
            q = (q - 128) * 256
        if self.kind == "FLOAT32":
            # As C does it: in float, the class as it is.
            v = (np.float32(1) * self.scale * (q - self.zero).astype(np.float32)).astype(np.float32)
            for c, role in enumerate(self.channels):
                if role == "b":
                    v[:, c] = v[:, c] * self.box_times
                elif role == "c":
                    v[:, c] = q[:, c]
            return v.astype(np.float64)
        return np.float64(self.scale) * (q - self.zero)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def centres(cells):
    """x, y of each cell's corner and its stride, in cells."""
    return np.array([(x, y, s) for rows, columns, s in cells for y in range(rows) for x in range(columns)], np.float64)


def around(x, y, w, h):
    return np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], -1)


def anchors(n):
    v = noise(4 * n, 77).astype(np.float32).reshape(n, 4)
    return np.concatenate([v[:, :2] / np.float32(255), (v[:, 2:] + np.float32(16)) / np.float32(512)], 1).astype(np.float64)


def boxes_of(head, unit, b, table, size=(WIDTH, HEIGHT), cells=CELLS):
    """[n, 4] corners as fractions of an input of that size; `table` are the anchors of an SSD."""
    size = np.array([*size, *size], np.float64)
    if head == "YOLO_SPLIT":
        e = np.exp(b.reshape(-1, 4, 16))
        d = (e / e.sum(-1, keepdims=True) * np.arange(16)).sum(-1)
        x, y, s = centres(cells).T
        x, y = x + 0.5, y + 0.5
        return np.stack([x - d[:, 0], y - d[:, 1], x + d[:, 2], y + d[:, 3]], -1) * s[:, None] / size
    if head == "SSD_RAW":
        a = table
        return around(b[:, 1] / 10 * a[:, 2] + a[:, 0], b[:, 0] / 10 * a[:, 3] + a[:, 1], np.exp(b[:, 3] / 5) * a[:, 2],
                      np.exp(b[:, 2] / 5) * a[:, 3])
    if unit == "CELLS":
        x, y, s = centres(cells).T
        return around(b[:, 0] + x, b[:, 1] + y, np.exp(b[:, 2]), np.exp(b[:, 3])) * s[:, None] / size
    if head not in ("YOLO_CORNERS", "YOLO_CHOSEN"):
        b = around(*b.T)
    return b / size if unit == "PIXELS" else b


def overlap(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0
    return w * h / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h)


def choose(head, box, o, s, c, threshold, iou, agnostic, frame):
    """(class, score, box in pixels of the picture, box) of what is left, best first, of arrays [n, ...]."""
    if o.shape[1]:
        s = s * o
    index, score = s.argmax(1), s.max(1)
    if c.shape[1]:
        index = c[:, 0].astype(int)
    width, height, right, bottom, *corner = frame
    left, top = corner or (0, 0)
    kept = []
    for i in sorted(range(len(box)), key=lambda i: (-score[i], index[i], i)):
        if score[i] < threshold or (o.shape[1] and o[i, 0] < threshold):
            continue
        placed = np.clip(box[i] * [width, height, width, height] - [left, top, left, top], 0, [right, bottom, right, bottom])
        if not (box[i][2] > box[i][0] and box[i][3] > box[i][1] and placed[2] > placed[0] and placed[3] > placed[1]):
            continue
        if head != "YOLO_CHOSEN" and any((agnostic or k[0] == index[i]) and overlap(k[3], box[i]) > iou for k in kept):
            continue
        kept.append((index[i], score[i], placed, box[i]))
    return kept


def decode(head, unit, logits, outputs, seed, threshold, iou, agnostic):
    corners = head in ("YOLO_CORNERS", "YOLO_CHOSEN")
    columns = [(o.numbers(seed + i, corners), o.channels) for i, o in enumerate(outputs)]
    pick = lambda role: np.concatenate([v[:, [c for c, r in enumerate(rows) if r == role]] for v, rows in columns], 1)
    b, o, s, c = (pick(role) for role in "bosc")
    if logits:
        o, s = sigmoid(o), sigmoid(s)
    return choose(head, boxes_of(head, unit, b, anchors(len(b))), o, s, c, threshold, iou, agnostic, FRAME)


def cases():
    """name, head, auto (found by itself), unit, logits, outputs, threshold, iou, agnostic"""
    join = lambda kind, n, classes, axis, objectness=False, **how: [Output(kind, n, "bbbb" + "o" * objectness + "s" * classes, axis, **how)]
    for kind, scale, zero in (("UINT8", 1 / 255, 0), ("INT8", 1 / 255, -128), ("INT16", 1 / 65280, -32768), ("FLOAT32", 1 / 255, 0)):
        name = kind.lower()
        yield f"yolov8 {name}", "YOLOV8", True, "RELATIVE", False, join(kind, G, 7, 2, scale=scale, zero=zero), 0.9, 0.45, False
        yield f"yolov8 rows {name}", "YOLOV8", False, "RELATIVE", False, join(kind, G, 7, 1, scale=scale, zero=zero), 0.9, 0.45, True
        yield f"yolov5 {name}", "YOLOV5", True, "RELATIVE", False, join(kind, 3 * G, 7, 1, True, scale=scale, zero=zero, rare=230), 0.8, 0.3, False
        yield f"yolov5 planes {name}", "YOLOV5", True, "RELATIVE", False, join(kind, 3 * G, 7, 2, True, scale=scale, zero=zero, rare=230), 0.8, 0.6, False
        middle = {"UINT8": 128, "INT8": 0, "INT16": 0, "FLOAT32": 128}[kind]
        fine = 256 if kind == "INT16" else 1
        apart = [Output(kind, G, "s" * 9, 1, 4 / 128 / fine, middle), Output(kind, G, "b" * 64, 1, 8 / 128 / fine, middle)]
        yield f"split {name}", "YOLO_SPLIT", True, "CELLS", True, apart, 0.95, 0.45, False
        turned = [Output(kind, G, "b" * 64, 2, 8 / 128 / fine, middle), Output(kind, G, "s" * 9, 2, 4 / 128 / fine, middle)]
        yield f"split planes {name}", "YOLO_SPLIT", True, "CELLS", True, turned, 0.95, 0.45, True
        ssd = [Output(kind, 150, "bbbb", 1, 8 / 128 / fine, middle), Output(kind, 150, "sssss", 1, 4 / 128 / fine, middle)]
        yield f"ssd raw {name}", "SSD_RAW", True, "RELATIVE", True, ssd, 0.9, 0.5, False
        corner = [Output(kind, G, "bbbb", 1, scale, zero), Output(kind, G, "sssss", 1, scale, zero)]
        yield f"corners {name}", "YOLO_CORNERS", True, "RELATIVE", False, corner, 0.97, 0.45, False
    yield "yolov8 pixels", "YOLOV8", True, "PIXELS", False, join("FLOAT32", G, 7, 2, scale=1 / 255, zero=0, box_times=96), 0.95, 0.45, False
    yield "yolov8 logits", "YOLOV8", True, "RELATIVE", True, [Output("FLOAT32", G, "bbbbsssss", 2, 1 / 32, 100, box_times=0.2)], 0.98, 0.45, False
    yield "yolox cells", "YOLOX", True, "CELLS", False, join("FLOAT32", G, 7, 1, True, scale=1 / 255, zero=0, box_times=3, rare=200), 0.7, 0.45, False
    yield "yolox pixels", "YOLOX", True, "PIXELS", False, join("FLOAT32", G, 7, 1, True, scale=1 / 255, zero=0, box_times=96, rare=200), 0.7, 0.45, False
    yield "yolox cells uint8", "YOLOX", True, "CELLS", False, [Output("UINT8", G, "bbbbosss", 1, 1 / 200, 8, rare=160)], 0.7, 0.45, False
    yield "chosen", "YOLO_CHOSEN", True, "RELATIVE", False, [Output("FLOAT32", 300, "bbbbsc", 1, 1 / 255, 0, rare=235)], 0.9, 0.45, False
    yield "chosen pixels", "YOLO_CHOSEN", True, "PIXELS", False, [Output("FLOAT32", 100, "bbbbsc", 1, 1 / 255, 0, box_times=96, rare=225)], 0.9, 0.45, False
    mixed = [Output("FLOAT32", G, "sssss", 2, 1 / 255, 0), Output("FLOAT32", G, "bbbb", 1, 1 / 255, 0, box_times=96)]
    yield "corners pixels mixed", "YOLO_CORNERS", True, "PIXELS", False, mixed, 0.97, 0.45, False


def main():
    lines = ["/* SPDX-License-Identifier: Apache-2.0 */", "/* Written by tools/oracle/gen_heads.py with NumPy. */",
             "static const golden_head golden_heads[] = {"]
    for seed, (name, head, auto, unit, logits, outputs, threshold, iou, agnostic) in enumerate(cases(), 1):
        found = decode(head, unit, logits, outputs, 10 * seed, np.float32(threshold), np.float32(iou), agnostic)[:24]
        assert 3 <= len(found), (name, len(found))
        lines.append('    { "%s", %d, CRL_HEAD_%s, %s, %s, CRL_BOXES_%s, %#.9gf, %#.9gf, %s, {' %
                     (name, 10 * seed, head, str(auto).lower(), "CRL_SCORES_LOGITS" if logits else "CRL_SCORES_PROBABILITIES", unit,
                      threshold, iou, str(agnostic).lower()))
        for o in outputs:
            lines.append('        { CRL_%s, %d, "%s", %d, %#.9gf, %d, %#.9gf, %d },' % (o.kind, o.anchors, o.channels, o.axis, o.scale, o.zero,
                                                                                  o.box_times, o.rare))
        lines.append("      }, %d, {" % len(found))
        for index, score, box, _ in found:
            lines.append("        { %d, %#.7gf, { %s } }," % (index, score, ", ".join("%#.7gf" % v for v in box)))
        lines.append("      } },")
        print(name, len(found))
    OUT.write_text("\n".join(lines + ["};", ""]))


if __name__ == "__main__":
    main()
