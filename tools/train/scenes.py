# SPDX-License-Identifier: Apache-2.0
"""Generated pictures of printed signs, with their boxes. One seed makes one scene, always.

A scene is painted back to front:

  background   a wall, a room, noise, stripes, patches
  clutter      shapes, lines, text, shelves, people without faces
  distractors  what a hasty detector would take for a sign: the same plates with other
               symbols, symbols without plates, empty plates
  signs        bare or printed on white paper, turned in space, held by fingers, partly
               covered; each with the box of what is inside the picture
  light        shadows, a lamp, glare, white balance
  camera       defocus or motion, noise, JPEG

Seeds: the sets below never meet. Nothing was trained, stopped or chosen by looking at `test`.

  scenes.py cache CACHE/train --set train --count 10000 --side 288  arrays for training
  scenes.py files FOLDER --set test --count 300                     JPEG files and truth.json
  scenes.py one scene.jpg --set example --count 65                  the scene of one number
"""
import argparse
import functools
import io
import json
import math
import multiprocessing
import os

import numpy as np
from PIL import Image, ImageDraw

from paint import SKINS, Rng, background, camera, clutter, font, light, words
from signs import SIGNS, UNIT, image

FIRST_SEED = {"train": 1_000_000, "val": 2_000_000, "test": 3_000_000,
              "single-train": 4_000_000, "single-val": 5_000_000, "single-test": 6_000_000,
              "example": 7_000_000}
ASPECTS, ASPECT_ODDS = (4 / 3, 16 / 9, 1.0, 3 / 4), (0.55, 0.2, 0.15, 0.1)  # width / height
MIN_SIGN, MAX_SIGN = 0.08, 0.80  # of the picture's height
MIN_VISIBLE = 0.65               # of a sign's box, what covers it left out
PLATES = ((200, 16, 30), (0, 82, 165), (0, 122, 70), (252, 196, 0), (240, 240, 240), (30, 30, 30),
          (235, 110, 20), (110, 40, 130))
SQUARE = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
LETTERS = "ABCDEFGHJKLMNQRTUVWXYZ0123456789"  # no lone P: that would be a parking sign


# ---- plates: signs, distractors, paper -------------------------------------------------------

@functools.lru_cache(128)
def _sign_image(index, px):
    return image(SIGNS[index], px)


@functools.lru_cache(None)
def _outline(index):
    """All corner points of a sign, 0..1: their hull is the sign's extent under any homography."""
    return np.array([p for _, polygons in SIGNS[index].layers for q in polygons for p in q]) / UNIT


def _distractor(rng, px):
    """A plate in a sign's colours that is no sign of ours, or a bare symbol."""
    img = Image.new("RGBA", (px, px), (0, 0, 0, 0))
    draw = ImageDraw.Draw(img)
    shape = rng.pick(("disc", "square", "triangle", "octagon", "diamond", "none"), (0.27, 0.27, 0.13, 0.1, 0.11, 0.12))
    fill, rim = rng.near(rng.pick(PLATES)), rng.near(rng.pick(PLATES))
    width = rng.pick((0.0, 0.04, 0.1)) * px
    for inset, colour in ((0, rim), (width, fill)):
        a, b, c = inset + 1, px - inset - 1, px / 2
        if shape == "disc":
            draw.ellipse([a, a, b, b], colour)
        elif shape == "square":
            draw.rounded_rectangle([a, a, b, b], px * 0.08, colour)
        elif shape == "triangle":
            draw.regular_polygon((c, c, c - inset * 1.7), 3, 0, colour)
        elif shape == "octagon":
            draw.regular_polygon((c, c, c - inset), 8, 22.5, colour)
        elif shape == "diamond":
            draw.regular_polygon((c, c, c - inset * 1.3), 4, 45, colour)
    ink = rng.near(rng.pick([p for p in PLATES if np.abs(np.subtract(p, fill)).sum() > 150]))
    symbol = rng.pick(("empty", "letters", "bars", "shape", "ring", "chevron", "down"),
                      (0.11, 0.3, 0.14, 0.15, 0.1, 0.1, 0.1))
    c, s = px / 2, px * rng.real(0.2, 0.32)
    if symbol == "letters":
        text = "".join(rng.pick(LETTERS) for _ in range(rng.int(1, 3)))
        draw.text((c, c), text, ink, font(int(px * (0.62, 0.5, 0.36)[len(text) - 1])), "mm",
                  stroke_width=int(px * rng.real(0, 0.02)))
    elif symbol == "bars":
        for k in range(rng.int(1, 3)):  # upright or slanted, never the one level bar of "no entry"
            x = px * (0.32 + 0.18 * k)
            draw.line([(x, px * 0.25), (x + px * rng.real(-0.15, 0.15), px * 0.75)], ink, max(1, int(px * 0.1)))
    elif symbol == "shape":
        draw.regular_polygon((c, c, s), rng.pick((3, 4, 5, 6)), rng.real(0, 90), ink)
    elif symbol == "ring":
        draw.ellipse([c - s, c - s, c + s, c + s], None, ink, max(1, int(px * 0.08)))
    elif symbol == "chevron":
        draw.line([(c - s, c + s / 2), (c, c - s / 2), (c + s, c + s / 2)], ink, max(1, int(px * 0.1)))
    elif symbol == "down":  # an arrow that points to none of our three directions
        turn = math.radians(rng.real(-50, 50))
        point = lambda x, y: (c + x * math.cos(turn) - y * math.sin(turn), c + x * math.sin(turn) + y * math.cos(turn))
        thick = max(1, int(px * 0.12))
        draw.line([point(0, -s), point(0, s * 0.8)], ink, thick)
        draw.line([point(-s * 0.75, s * 0.2), point(0, s), point(s * 0.75, s * 0.2)], ink, thick)
    return img


def _pose(rng, side, steep):
    """Where the unit square lands when turned in space: a 3x3 homography to pixels around 0,0."""
    roll = math.radians(float(np.clip(rng.np.normal(0, 9), -25, 25)))
    yaw, pitch = math.radians(rng.real(-steep, steep)), math.radians(rng.real(-steep, steep) * 0.7)
    cr, sr, cy, sy, cp, sp = (f(a) for a in (roll, yaw, pitch) for f in (math.cos, math.sin))
    turn = (np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]]) @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
            @ np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]]))
    distance = rng.real(2.2, 5)  # of the camera, in sides of the sign
    centred = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
    lens = np.column_stack([turn[:, 0], turn[:, 1], [0, 0, distance]])
    return np.diag([side * distance, side * distance, 1]) @ lens @ centred


def _project(m, points):
    q = np.column_stack([points, np.ones(len(points))]) @ m.T
    return q[:, :2] / q[:, 2:]


def _shift(m, dx, dy):
    return np.array([[1, 0, dx], [0, 1, dy], [0, 0, 1]]) @ m


def _box(points):
    return np.concatenate([points.min(0), points.max(0)])


def _paste(img, patch, m):
    """Put an RGBA patch, whose unit square m maps to pixels, onto the picture."""
    w, h = img.size
    x0, y0, x1, y1 = _box(_project(m, SQUARE))
    x0, y0, x1, y1 = max(0, math.floor(x0)), max(0, math.floor(y0)), min(w, math.ceil(x1)), min(h, math.ceil(y1))
    if x1 <= x0 or y1 <= y0:
        return
    back = np.linalg.inv(_shift(m, -x0, -y0))
    back = np.diag([patch.width, patch.height, 1]) @ back
    tile = patch.transform((x1 - x0, y1 - y0), Image.Transform.PERSPECTIVE, (back / back[2, 2]).ravel()[:8],
                           Image.Resampling.BICUBIC)
    img.paste(tile, (x0, y0), tile)


def _texture_px(side):
    """Source resolution for a plate of `side` pixels: the next size up, so sampling stays clean."""
    return next((px for px in (24, 32, 48, 64, 96, 128, 192, 256, 384) if px >= side * 1.05), 512)


def _paper(rng, plate, margin):
    """The plate printed on a sheet, faded as printers do, perhaps with its name or a ruler line."""
    px = plate.width
    m = int(px * margin)
    below = int(px * rng.real(0, 0.5))
    sheet = Image.new("RGBA", (px + 2 * m, px + 2 * m + below), rng.near((240, 240, 236), 6) + (255,))
    sheet.paste(plate, (m, m), plate)
    draw = ImageDraw.Draw(sheet)
    if below > px * 0.2 and px >= 64 and rng.chance(0.6):
        draw.text((sheet.width / 2, m + px + m / 2 + below / 2), words(rng, rng.int(4, 10)), (60, 60, 60),
                  font(max(6, int(px * 0.1))), "mm")
    return sheet, m


def _page(rng, px):
    """Several signs on one sheet with their names, as docs/signs.pdf has them or in another grid.

    Returns the sheet and [(class, left, top)] of its signs, each px wide."""
    if rng.chance(0.5):
        columns, rows, first = 2, 3, 6 * rng.int(0, 1)
        indices = range(first, first + 6)
    else:
        columns, rows = rng.pick(((1, 2), (2, 1), (2, 2), (2, 3), (3, 2)))
        indices = rng.np.permutation(len(SIGNS))[:columns * rows]
    step_x, step_y = int(px * rng.real(1.12, 1.4)), int(px * rng.real(1.12, 1.3))
    sheet = Image.new("RGBA", (columns * step_x, rows * step_y), rng.near((240, 240, 236), 6) + (255,))
    draw, items = ImageDraw.Draw(sheet), []
    for i, index in enumerate(int(k) for k in indices):
        left, top = i % columns * step_x + (step_x - px) // 2, i // columns * step_y + (step_y - px) // 4
        plate = _sign_image(index, px)
        sheet.paste(plate, (left, top), plate)
        draw.text((left + px / 2, top + px * 1.06), SIGNS[index].label, (90, 90, 90), font(max(5, int(px * 0.05))), "mm")
        items.append((index, left, top))
    return sheet, items


def _fade(rng, patch):
    """Ink that is not the screen's colour, and a sheet that is not evenly lit."""
    a = np.asarray(patch).astype(np.float32)
    rgb = a[..., :3]
    grey = rgb.mean(-1, keepdims=True)
    rgb = grey + (rgb - grey) * (0 if rng.chance(0.06) else rng.real(0.7, 1.1))  # some printers have no colour
    rgb = rng.real(0, 35) + rgb * rng.real(0.75, 1.0) * rng.np.uniform(0.93, 1.07, 3)
    t = np.linspace(-1, 1, a.shape[1])[None, :, None] * rng.real(-0.18, 0.18)
    t = t + np.linspace(-1, 1, a.shape[0])[:, None, None] * rng.real(-0.18, 0.18)
    a[..., :3] = rgb * (1 + t)
    return Image.fromarray(np.clip(a, 0, 255).astype(np.uint8))


def _hand(rng, img, m, corners):
    """An arm from below, and after the sheet is pasted, fingers on its edge (returned as strokes)."""
    skin = rng.near(rng.pick(SKINS), 8)
    side = np.linalg.norm(corners[1] - corners[0])
    thick = float(np.clip(side * rng.real(0.1, 0.22), 0.03 * img.height, 0.13 * img.height))
    fingers = []
    for u, inward in rng.pick(([(0.0, 1), (1.0, -1)], [(0.0, 1)], [(1.0, -1)], [(0.5, 0)])):
        v = rng.real(0.5, 0.95) if inward else 1.0
        tip = (u + inward * rng.real(0.03, 0.1), v) if inward else (u, 1 - rng.real(0.03, 0.08))
        root = (u - inward * 0.12, v + 0.1)
        (tx, ty), (rx, ry) = _project(m, np.array([tip, root]))
        draw = ImageDraw.Draw(img)
        elbow = (rx - inward * rng.real(0, 0.3) * side + rng.real(-0.1, 0.1) * side, img.height * 1.05)
        draw.line([(rx, ry), elbow], rng.near(skin, 6) if rng.chance(0.5) else rng.colour(), int(thick * 2.2))
        draw.ellipse([rx - thick * 1.3, ry - thick * 1.3, rx + thick * 1.3, ry + thick * 1.3], skin)
        fingers.append(((rx, ry), (tx, ty), skin, thick))
    return fingers


def _fingers(img, fingers):
    draw = ImageDraw.Draw(img)
    for (x0, y0), (x1, y1), skin, t in fingers:
        dark = tuple(int(c * 0.72) for c in skin)
        for colour, r, off in ((dark, t * 0.5, t * 0.08), (skin, t * 0.45, 0)):
            draw.line([(x0, y0 + off), (x1, y1 + off)], colour, max(1, int(2 * r)))
            draw.ellipse([x1 - r, y1 + off - r, x1 + r, y1 + off + r], colour)


class Found:
    """A painted sign, with the pixels it had when it was new: what differs later is covered."""

    def __init__(self, img, index, box):
        self.index, self.box = index, box
        x0, y0, x1, y1 = (int(round(v)) for v in box)
        self.crop = (x0, y0, max(x1, x0 + 1), max(y1, y0 + 1))
        self.pixels = np.asarray(img.crop(self.crop))

    def visible(self, img):
        return (np.asarray(img.crop(self.crop)) == self.pixels).all(-1).mean()


def _overlap(a, b):
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return 0.0 if w <= 0 or h <= 0 else w * h / min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))


def _place(rng, img, m, extent, taken, whole=0.7):
    """A shift that brings a plate into the picture without covering what is there, or None.

    `extent` is the plate's box around 0,0. With probability `whole` none of it leaves the
    picture if it can be helped, else up to a fifth may."""
    w, h = img.size
    ew, eh = extent[2] - extent[0], extent[3] - extent[1]
    for _ in range(12):
        left, top = rng.real(-0.2 * ew, w - 0.8 * ew), rng.real(-0.2 * eh, h - 0.8 * eh)
        if rng.chance(whole):
            left, top = float(np.clip(left, 0, max(0, w - ew))), float(np.clip(top, 0, max(0, h - eh)))
        box = np.array([left, top, left + ew, top + eh])
        inside = np.clip(box, 0, [w, h, w, h])
        visible = (inside[2] - inside[0]) * (inside[3] - inside[1]) / (ew * eh)
        if visible >= 0.75 and all(_overlap(box, t) < 0.04 for t in taken):
            return _shift(m, left - extent[0], top - extent[1]), box, inside
    return None


def _add_distractor(rng, img, taken):
    side = rng.log(MIN_SIGN, 0.5) * img.height
    m = _pose(rng, side, 45)
    found = _place(rng, img, m, _box(_project(m, SQUARE)), taken)
    if found:
        patch = _distractor(rng, _texture_px(side))
        if rng.chance(0.3):
            patch, _ = _paper(rng, patch, 0.15)
        _paste(img, _fade(rng, patch), found[0])
        taken.append(found[1])


def _strike_through(rng, img, box, side):
    """Something thin in front of a sign."""
    cx, cy = rng.real(box[0], box[2]), rng.real(box[1], box[3])
    angle, thick, reach = rng.real(0, math.pi), max(2, int(side * rng.real(0.04, 0.22))), side * rng.real(0.3, 2)
    ImageDraw.Draw(img).line([(cx + reach * math.cos(angle), cy + reach * math.sin(angle)),
                              (cx - reach * 0.1, cy - reach * 0.1)], rng.colour(), thick)


def _add_sign(rng, img, taken, side, held):
    """Paint one sign, bare or on a sheet of its own. Returns [Found], empty when there is no room."""
    index = rng.int(0, len(SIGNS) - 1)
    px = _texture_px(side)
    plate = _sign_image(index, px)
    on_paper = rng.chance(0.6)
    m = _pose(rng, side, 40 if rng.chance(0.7) else 55)
    place = _place(rng, img, m, _box(_project(m, _outline(index))), taken)
    if not place:
        return []
    m, whole, inside = place
    fingers = []
    if on_paper:
        patch, pad = _paper(rng, plate, rng.real(0.04, 0.35))
        sheet_w, sheet_h = patch.width / px, patch.height / px
        m_sheet = m @ np.array([[sheet_w, 0, -pad / px], [0, sheet_h, -pad / px], [0, 0, 1]])
        if held:
            fingers = _hand(rng, img, m_sheet, _project(m_sheet, SQUARE))
    else:
        patch, m_sheet = plate, m
        if rng.chance(0.3):  # a post
            bottom, thick = _project(m, SQUARE)[2:].mean(0), max(1, int(side * 0.07))
            ImageDraw.Draw(img).line([tuple(bottom - (0, side * 0.3)), (bottom[0], img.height)],
                                     rng.near((130, 130, 130)), thick)
    _paste(img, _fade(rng, patch), m_sheet)
    found = [Found(img, index, inside)]
    _fingers(img, fingers)
    if not fingers and rng.chance(0.18):
        _strike_through(rng, img, inside, side)
    taken.append(whole)
    return found


def _add_page(rng, img, taken, side, held):
    """Paint a page of signs whose longer edge is `side`. Returns [Found], empty when it does not fit."""
    w, h = img.size
    patch, items = _page(rng, _texture_px(side / 3))
    px, longer = _texture_px(side / 3), max(patch.size)
    m = _pose(rng, side, 40) @ np.array([[patch.width / longer, 0, 0.5 - patch.width / longer / 2],
                                         [0, patch.height / longer, 0.5 - patch.height / longer / 2], [0, 0, 1]])
    place = _place(rng, img, m, _box(_project(m, SQUARE)), taken, whole=1)
    if not place:
        return []
    m, whole, _ = place
    boxes = []
    for index, left, top in items:
        local = np.array([[px / patch.width, 0, left / patch.width], [0, px / patch.height, top / patch.height], [0, 0, 1]])
        box = _box(_project(m @ local, _outline(index)))
        inside = np.clip(box, 0, [w, h, w, h])
        if np.prod(inside[2:] - inside[:2]) < 0.75 * np.prod(box[2:] - box[:2]):
            return []
        boxes.append((index, inside))
    fingers = _hand(rng, img, m, _project(m, SQUARE)) if held else []
    _paste(img, _fade(rng, patch), m)
    found = [Found(img, index, inside) for index, inside in boxes]
    _fingers(img, fingers)
    taken.append(whole)
    return found


# ---- scenes ------------------------------------------------------------------------------------

def scene(seed, height=480, single=False):
    """One scene: (JPEG bytes, boxes [n,4] as x0,y0,x1,y1 fractions of the picture, classes [n]).

    `single`: at most one sign, large, as the classifier sees it; a third of these have none."""
    rng = Rng(seed)
    h, w = height, round(height * rng.pick(ASPECTS, ASPECT_ODDS))
    img = background(rng, w, h)
    clutter(rng, img)
    taken, found = [], []
    if single:
        sizes = [] if rng.chance(0.2) else [rng.real(0.3, 0.95)]
    else:
        sizes = sorted((rng.log(MIN_SIGN, MAX_SIGN) for _ in range(rng.int(1, 6))), reverse=True)
        sizes = [] if rng.chance(0.04) else sizes
    for _ in range(rng.pick((0, 1, 2, 3, 5))):
        _add_distractor(rng, img, taken)
    if single and sizes:
        taken = []  # the one sign may cover anything
    adders = [(_add_sign, size * min(h, w / 0.9)) for size in sizes]
    if not single and rng.chance(0.18):
        adders = [(_add_page, rng.log(0.45, 1.05) * h)] + adders[-3:]
    held = rng.int(0, 3)  # the largest sheet, every sheet, or none
    for i, (add, side) in enumerate(adders):
        before = img.copy()
        new = add(rng, img, taken, side, i == 0 and held > 0 or held == 3)
        if new and all(f.visible(img) >= MIN_VISIBLE for f in found + new):
            found += new
        elif new:  # its sheet, its post or the hand hides too much
            img = before
            taken.pop()
    a = light(rng, np.asarray(img).astype(np.float32))
    boxes = np.array([f.box for f in found], np.float32).reshape(-1, 4)
    smallest = min((min(b[2] - b[0], b[3] - b[1]) for b in boxes), default=0.3 * h)
    jpeg = camera(rng, a, smallest)
    return jpeg, boxes / np.array([w, h, w, h], np.float32), np.array([f.index for f in found], np.int32)


def _cached(job):
    """A scene as training wants it: square pixels at `side`, from a picture of a camera-like height."""
    seed, side, single = job
    height = int(np.random.default_rng([seed, 1]).integers(int(side * 0.95), int(side * 1.6)))
    jpeg, boxes, classes = scene(seed, height, single)
    img = Image.open(io.BytesIO(jpeg)).resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(img), boxes, classes


MAX_SIGNS = 10  # rows per scene in the cache, unused rows are class -1


def write_cache(path, name, count, side, processes):
    """PATH.images.npy uint8 [n,side,side,3], PATH.boxes.npy [n,10,4], PATH.classes.npy [n,10]."""
    images = np.lib.format.open_memmap(path + ".images.npy", "w+", np.uint8, (count, side, side, 3))
    boxes = np.zeros((count, MAX_SIGNS, 4), np.float32)
    classes = np.full((count, MAX_SIGNS), -1, np.int32)
    jobs = ((FIRST_SEED[name] + i, side, name.startswith("single")) for i in range(count))
    with multiprocessing.Pool(processes) as pool:
        for i, (pixels, b, c) in enumerate(pool.imap(_cached, jobs, 16)):
            images[i], boxes[i, :len(b)], classes[i, :len(c)] = pixels, b, c
    images.flush()
    np.save(path + ".boxes.npy", boxes)
    np.save(path + ".classes.npy", classes)


def _filed(job):
    seed, height, single = job
    return scene(seed, height, single)


def write_files(folder, name, count, height, processes):
    """FOLDER/0000.jpg.. and FOLDER/truth.json: {"0000.jpg": [{"index":n,"box":[x0,y0,x1,y1]},..]}, pixels."""
    os.makedirs(folder, exist_ok=True)
    jobs = [(FIRST_SEED[name] + i, height, name.startswith("single")) for i in range(count)]
    truth = {}
    with multiprocessing.Pool(processes) as pool:
        for i, (jpeg, boxes, classes) in enumerate(pool.imap(_filed, jobs, 8)):
            file = "%04d.jpg" % i
            with open(os.path.join(folder, file), "wb") as f:
                f.write(jpeg)
            w, h = Image.open(io.BytesIO(jpeg)).size
            truth[file] = [{"index": int(c), "box": [round(float(v), 2) for v in b * [w, h, w, h]]}
                           for c, b in zip(classes, boxes)]
    with open(os.path.join(folder, "truth.json"), "w", encoding="ascii") as f:
        json.dump(truth, f, indent=1)


def main():
    parser = argparse.ArgumentParser(description="Generate pictures of printed signs.")
    parser.add_argument("kind", choices=("cache", "files", "one"))
    parser.add_argument("path")
    parser.add_argument("--set", choices=sorted(FIRST_SEED), required=True, dest="name")
    parser.add_argument("--count", type=int, required=True, help="how many; with one: which")
    parser.add_argument("--side", type=int, default=288, help="cache: pixels of a side")
    parser.add_argument("--height", type=int, default=480, help="files: pixels of the height")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    args = parser.parse_args()
    if args.kind == "cache":
        write_cache(args.path, args.name, args.count, args.side, args.processes)
    elif args.kind == "one":
        with open(args.path, "wb") as f:
            f.write(scene(FIRST_SEED[args.name] + args.count, args.height, args.name.startswith("single"))[0])
    else:
        write_files(args.path, args.name, args.count, args.height, args.processes)


if __name__ == "__main__":
    main()
