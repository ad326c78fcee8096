# SPDX-License-Identifier: Apache-2.0
"""What is in front of and behind the signs of a generated scene: background, clutter, light, camera.

Everything is drawn with an Rng, and from nothing else, so that a seed means a picture.
"""
import functools
import io
import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

SKINS = ((240, 200, 175), (222, 170, 135), (190, 130, 95), (140, 90, 60), (90, 58, 40))


class Rng:
    """The few draws that the painting below needs, on top of a seeded generator."""

    def __init__(self, seed):
        self.np = np.random.default_rng(seed)

    def real(self, lo=0.0, hi=1.0):
        return float(self.np.uniform(lo, hi))

    def log(self, lo, hi):
        return math.exp(self.real(math.log(lo), math.log(hi)))

    def int(self, lo, hi):
        return int(self.np.integers(lo, hi + 1))

    def chance(self, p):
        return self.np.random() < p

    def pick(self, items, odds=None):
        return items[int(self.np.choice(len(items), p=odds))]

    def colour(self):
        """Mostly muted, as rooms and streets are; sometimes loud."""
        grey = self.np.uniform(20, 245)
        spread = 90 if self.chance(0.25) else 30
        return tuple(int(c) for c in np.clip(grey + self.np.normal(0, spread, 3), 0, 255))

    def near(self, colour, spread=14):
        return tuple(int(c) for c in np.clip(np.add(colour, self.np.normal(0, spread, 3)), 0, 255))


@functools.lru_cache(64)
def font(px):
    return ImageFont.load_default(px)


def words(rng, n):
    return "".join(" " if rng.chance(0.18) else chr(rng.int(97, 122)) for _ in range(n))


# ---- background and clutter ----------------------------------------------------------------

def _noise(rng, w, h, cell):
    """Smooth noise in -1..1; `cell` is the size of its features in pixels."""
    small = rng.np.uniform(-1, 1, (max(2, round(h / cell) + 1), max(2, round(w / cell) + 1)))
    return np.asarray(Image.fromarray(small.astype(np.float32)).resize((w, h), Image.Resampling.BICUBIC))


def _gradient(rng, w, h):
    angle = rng.real(0, 2 * math.pi)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    t = (x / w - 0.5) * math.cos(angle) + (y / h - 0.5) * math.sin(angle) + 0.5
    a, b = np.array(rng.colour(), np.float32), np.array(rng.colour(), np.float32)
    return a + (b - a) * np.clip(t, 0, 1)[..., None]


def background(rng, w, h):
    canvas = _gradient(rng, w, h)
    kind = rng.pick(("plain", "stripes", "room", "patches", "bricks"), (0.3, 0.15, 0.25, 0.2, 0.1))
    img = Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(img)
    if kind == "stripes":
        step, angle = rng.log(0.02, 0.2) * h, rng.real(0, math.pi)
        dx, dy, reach = math.cos(angle), math.sin(angle), w + h
        for i in range(int(-reach / step), int(reach / step) + 1, 2):
            cx, cy = w / 2 - dy * i * step, h / 2 + dx * i * step
            draw.line([(cx - dx * reach, cy - dy * reach), (cx + dx * reach, cy + dy * reach)],
                      rng.near(canvas[0, 0], 25), max(1, int(step)))
    elif kind == "room":
        floor, corner = rng.real(0.55, 0.9) * h, rng.real(-0.2, 1.2) * w
        draw.polygon([(corner, 0), (corner, floor), (w, floor + 0.2 * h), (w, 0)], rng.colour())
        draw.polygon([(0, floor + 0.15 * h), (corner, floor), (w, floor + 0.2 * h), (w, h), (0, h)], rng.colour())
    elif kind == "patches":
        for _ in range(rng.int(8, 30)):
            _blob(rng, draw, w, h, rng.log(0.1, 0.6) * h)
        img = img.filter(ImageFilter.GaussianBlur(rng.real(0, 0.03) * h))
    elif kind == "bricks":
        bh = rng.log(0.04, 0.14) * h
        bw, base, joint = bh * rng.real(1.5, 3), rng.colour(), max(1, int(bh * 0.08))
        for row in range(int(h / bh) + 1):
            for col in range(-1, int(w / bw) + 1):
                x = (col + 0.5 * (row % 2)) * bw
                draw.rectangle([x, row * bh, x + bw - joint, row * bh + bh - joint], rng.near(base))
    out = np.asarray(img).astype(np.float32)
    for cell in (0.25 * h, 0.06 * h, 0.015 * h):
        if rng.chance(0.6):
            out += (_noise(rng, w, h, max(2, cell)) * rng.real(2, 28))[..., None]
    return Image.fromarray(np.clip(out, 0, 255).astype(np.uint8))


def _blob(rng, draw, w, h, size, colour=None):
    """A random polygon, ellipse or box somewhere."""
    cx, cy = rng.real(0, w), rng.real(0, h)
    colour, rim = (colour, None) if colour else (rng.colour(), rng.colour())
    rx, ry = size / 2, size / 2 * rng.log(0.3, 1)
    kind = rng.int(0, 3)
    if kind == 0:
        draw.ellipse([cx - rx, cy - ry, cx + rx, cy + ry], colour)
    elif kind == 1:
        draw.rectangle([cx - rx, cy - ry, cx + rx, cy + ry], colour, rim, rng.int(0, 3))
    else:
        n = rng.int(3, 8)
        angles = np.sort(rng.np.uniform(0, 2 * math.pi, n))
        draw.polygon([(cx + rx * math.cos(a) * rng.real(0.5, 1), cy + ry * math.sin(a) * rng.real(0.5, 1))
                      for a in angles], colour)


def _text(rng, draw, w, h):
    """A paragraph or a headline in a box of its own or straight on the wall."""
    px = max(6, int(rng.log(0.02, 0.12) * h))
    x, y, lines = rng.real(-0.1, 0.9) * w, rng.real(-0.1, 0.9) * h, rng.int(1, 6)
    ink, length = rng.colour(), rng.int(3, 18)
    if rng.chance(0.5):
        draw.rectangle([x - px, y - px / 2, x + length * px * 0.55, y + lines * px * 1.25 + px / 2], rng.colour())
    for i in range(lines):
        text = words(rng, length)
        draw.text((x, y + i * px * 1.25), text.upper() if rng.chance(0.3) else text, ink, font(px))


def _shelf(rng, draw, w, h):
    """Book backs side by side: many upright edges in many colours."""
    x, y, tall = rng.real(-0.1, 0.8) * w, rng.real(0.1, 1) * h, rng.real(0.1, 0.3) * h
    end = x + rng.real(0.2, 0.7) * w
    draw.rectangle([x, y, end, y + 0.02 * h], rng.colour())
    while x < end:
        thick = rng.real(0.015, 0.05) * h
        draw.rectangle([x, y - tall * rng.real(0.6, 1), x + thick, y], rng.colour())
        x += thick


def _person(rng, draw, w, h):
    x, r, skin, cloth = rng.real(0.1, 0.9) * w, rng.real(0.07, 0.16) * h, rng.pick(SKINS), rng.colour()
    y = rng.real(0.1, 0.5) * h
    draw.rounded_rectangle([x - 2.2 * r, y + 1.25 * r, x + 2.2 * r, y + 9 * r], r, cloth)
    draw.rectangle([x - 0.4 * r, y, x + 0.4 * r, y + 1.5 * r], rng.near(skin))
    draw.ellipse([x - 0.85 * r, y - 1.25 * r, x + 0.85 * r, y + 0.6 * r], rng.colour())
    draw.ellipse([x - 0.8 * r, y - 1.0 * r, x + 0.8 * r, y + 1.15 * r], rng.near(skin))


def clutter(rng, img):
    w, h = img.size
    draw = ImageDraw.Draw(img)
    for _ in range(rng.int(0, 14)):
        kind = rng.pick(("blob", "line", "text", "shelf", "person"), (0.4, 0.2, 0.22, 0.08, 0.1))
        if kind == "blob":
            _blob(rng, draw, w, h, rng.log(0.03, 0.5) * h)
        elif kind == "line":
            draw.line([(rng.real(0, w), rng.real(0, h)) for _ in range(rng.int(2, 4))], rng.colour(),
                      max(1, int(rng.log(0.004, 0.04) * h)))
        elif kind == "text":
            _text(rng, draw, w, h)
        elif kind == "shelf":
            _shelf(rng, draw, w, h)
        else:
            _person(rng, draw, w, h)


# ---- light and camera ------------------------------------------------------------------------

def light(rng, a):
    h, w = a.shape[:2]
    if rng.chance(0.6):  # uneven room light
        a *= (1 + _noise(rng, w, h, 0.7 * h) * rng.real(0.05, 0.3))[..., None]
    if rng.chance(0.35):  # a cast shadow
        shade = Image.new("L", (w // 4 + 1, h // 4 + 1), 255)
        draw = ImageDraw.Draw(shade)
        for _ in range(rng.int(1, 2)):
            _blob(rng, draw, *shade.size, rng.real(0.4, 1.6) * shade.height, rng.int(90, 190))
        shade = shade.filter(ImageFilter.GaussianBlur(rng.real(0, 0.06) * shade.height)).resize((w, h), Image.Resampling.BILINEAR)
        a *= np.asarray(shade).astype(np.float32)[..., None] / 255
    if rng.chance(0.2):  # glare
        y, x = np.mgrid[0:h, 0:w].astype(np.float32)
        d = ((x - rng.real(0, w)) ** 2 + ((y - rng.real(0, h)) * rng.log(0.5, 2)) ** 2) / (rng.real(0.05, 0.3) * h) ** 2
        a += (rng.real(30, 130) * np.exp(-d))[..., None]
    a *= rng.np.uniform(0.88, 1.12, 3) * rng.log(0.55, 1.45)
    mean = a.mean()
    a = mean + (a - mean) * rng.real(0.75, 1.15) + rng.real(-15, 15)
    return 255 * (np.clip(a, 0, 255) / 255) ** rng.log(0.75, 1.3)


def camera(rng, a, smallest):
    """Blur no more than the smallest sign can bear: a sign nobody can read teaches nothing."""
    img = Image.fromarray(np.clip(a, 0, 255).astype(np.uint8))
    bearable = 0.045 * smallest
    kind = rng.int(0, 3)
    if kind == 1:
        img = img.filter(ImageFilter.GaussianBlur(rng.real(0, bearable)))
    elif kind == 2:  # motion: the mean of shifted copies
        length, angle, n = rng.real(0, 3 * bearable), rng.real(0, math.pi), 5
        total = np.zeros(a.shape, np.float32)
        for i in range(n):
            t = (i / (n - 1) - 0.5) * length
            total += np.asarray(ImageChops.offset(img, round(t * math.cos(angle)), round(t * math.sin(angle))))
        img = Image.fromarray((total / n).astype(np.uint8))
    if rng.chance(0.6):
        a = np.asarray(img).astype(np.float32)
        level = rng.log(1, 14)
        grain = rng.np.standard_normal(a.shape[:2], np.float32)[..., None] * level
        if rng.chance(0.5):
            grain = grain + rng.np.standard_normal(a.shape, np.float32) * (level * 0.6)
        img = Image.fromarray(np.clip(a + grain, 0, 255).astype(np.uint8))
    buffer = io.BytesIO()
    img.save(buffer, "JPEG", quality=rng.int(35, 95))
    return buffer.getvalue()
