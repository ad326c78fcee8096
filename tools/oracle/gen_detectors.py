#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/data/detector_*.tflite, small networks with the heads of well-known detectors and drawn weights, and what is
found with them: tests/session/golden_detectors.h.

    oracle/bin/python tools/oracle/gen_detectors.py        (needs ai-edge-litert, flatbuffers, numpy, pillow)

    yolov8_s8   [1,7,84] int8: distances as distributions, boxes as fractions, scores, as the exporter of YOLOv8 puts them together
    split_u8    [1,84,3] and [1,84,64] uint8: logits, and distributions as they are
    yolov5_f32  [1,252,8]: three anchors for each cell, in float
    yolox_f32   [1,84,8]: boxes in cells, in float
    ssd_u8      [1,84,4] and [1,84,4] uint8, a table of anchors in the metadata, the first class of none

Each is asked twice: with the picture as its makers put it into the input, and with one that is stretched, red first.

The backbone is five convolutions. The picture is of blocks that tests/session/check_detectors.c draws too. LiteRT's reference
kernels run the models, and the functions of gen_heads.py read their outputs.
"""
import pathlib
import sys

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image

from gen_heads import around, boxes_of, centres, choose, sigmoid
from gen_vision import noise

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
from topologies import NONE, RELU6, Net  # noqa: E402

SIDE, CLASSES, FIRST_SEED = 64, 3, 9  # the seed of weights with which all find something
CELLS = [(8, 8, 8), (4, 4, 16), (2, 2, 32)]
N = sum(rows * columns for rows, columns, _ in CELLS)
WIDTH, HEIGHT = 96, 60  # of the picture
OUT = ROOT / "tests" / "session" / "golden_detectors.h"


def picture():
    """Blocks of 12 x 12."""
    blocks = noise(8 * 5 * 3, 5).reshape(5, 8, 3)
    return blocks.repeat(12, 0).repeat(12, 1)


# ---- networks ----------------------------------------------------------------------------------------------------


class Small(Net):
    """A Net with what heads take: constants, and outputs of chosen ranges."""

    def constant(self, values, low, high):
        if self.float:
            return self.tensor("float32", values.shape, values.astype(np.float32))
        least = -128 if self.kind == "int8" else 0
        scale = (high - low) / 255
        zero = int(round(-low / scale)) + least
        stored = np.clip(np.round(values / scale) + zero, least, least + 255).astype(self.kind)
        return self.tensor(self.type, values.shape, stored, scale=scale, zero=zero)

    def pair(self, name, a, b, low, high):
        options = {"ADD": schema.AddOptionsT, "SUB": schema.SubOptionsT, "MUL": schema.MulOptionsT}[name]()
        return self.op(name, [a, b], [self.activation(np.broadcast_shapes(a.shape, b.shape), low, high)], options)

    def join(self, parts, axis, low, high):
        """Along any axis, in one range."""
        shape = list(parts[0].shape)
        shape[axis] = sum(p.shape[axis] for p in parts)
        y = self.activation(shape, low, high)
        if not self.float:
            parts = [self.op("QUANTIZE", [p], [self.like(y, p.shape)], schema.QuantizeOptionsT()) for p in parts]
        return self.op("CONCATENATION", list(parts), [y], schema.ConcatenationOptionsT(), axis=axis)

    def part(self, x, axis, first, n):
        shape = list(x.shape)
        begin, size = [0] * len(shape), list(shape)
        begin[axis], size[axis] = first, n
        return self.op("SLICE", [x, self.ints(begin), self.ints(size)], [self.like(x, size)], schema.SliceOptionsT())

    def weights(self, shape, fan_in, axis):
        return super().weights(shape, fan_in / self.gain ** 2, axis)

    def bias(self, x, w, n):
        b = self.random.normal(0, 0.3, n) + self.shift
        self.shift = 0
        if self.float:
            return self.tensor("float32", [n], b.astype(np.float32))
        scale = np.float64(np.float32(x.scale)) * np.float64(np.atleast_1d(np.float32(w.scale)))
        return self.tensor("int32", [n], np.round(b / scale).astype(np.int32), scale=scale.astype(np.float32))

    def backbone(self):
        self.shift, self.gain = 0, 1
        x = self.conv(self.conv(self.input([1, SIDE, SIDE, 3]), 8, 3, 2), 8, 3, 2)
        maps = []
        for channels in (8, 12, 12):
            x = self.conv(x, channels, 3, 2)
            maps.append(x)
        return maps

    def rows(self, maps, channels, each=1, shift=0.0):
        """[1, n, channels]: a convolution of each map, its cells one under the other."""
        parts, self.gain = [], 2  # what the last convolution says should differ from cell to cell
        for x in maps:
            self.shift = shift
            y = self.conv(x, channels * each, act=NONE)
            parts.append(self.reshape(y, 1, y.shape[1] * y.shape[2] * each, channels))
        return self.join(parts, 1, -5, 5)


def fields(values):
    """x, y of each cell's middle and its stride, as fractions of the input: [1, 2, n], [1, 1, n]."""
    x, y, s = centres(CELLS).T
    return np.stack([(x + 0.5) * s, (y + 0.5) * s])[None] / SIDE, s[None, None] / SIDE


def yolov8(net):
    maps = net.backbone()
    boxes = net.transpose(net.rows(maps, 64), 0, 2, 1)
    scores = net.logistic(net.transpose(net.rows(maps, CLASSES, shift=-1.0), 0, 2, 1))
    shares = net.softmax(net.transpose(net.reshape(boxes, 1, 4, 16, N), 0, 1, 3, 2))
    bins = net.constant(np.arange(16.0).reshape(1, 1, 1, 16), 0, 15)
    weighed = net.pair("MUL", shares, bins, 0, 15)
    distances = net.reshape(net.op("SUM", [weighed, net.ints([3])], [net.activation([1, 4, N], 0, 15)], schema.ReducerOptionsT()), 1, 4, N)
    middles, strides = fields(net)
    distances = net.pair("MUL", distances, net.constant(strides, 0, 0.5), 0, 6)
    middles = net.constant(middles, 0, 1)
    low = net.pair("SUB", middles, net.part(distances, 1, 0, 2), -5, 1)
    high = net.pair("ADD", middles, net.part(distances, 1, 2, 2), 0, 6)
    half = net.constant(np.full((1, 1, 1), 0.5), 0, 1)
    centre = net.pair("MUL", net.pair("ADD", low, high, -4, 6), half, -2, 3)
    size = net.pair("SUB", high, low, 0, 9)
    net.output(net.join([centre, size, scores], 1, -0.05, 1.5))


def split(net):
    maps = net.backbone()
    net.output(net.rows(maps, CLASSES, shift=-1.0), net.rows(maps, 64))


def yolov5(net):
    """Boxes: twice the sigmoid, less a half, from the cell; the square of twice the sigmoid times an anchor."""
    rows = net.logistic(net.rows(net.backbone(), 5 + CLASSES, each=3))
    x, y, s = (v.repeat(3) for v in centres(CELLS).T)
    sides = np.tile([[10, 13], [16, 30], [33, 23]], (N, 1)) * (s / 8)[:, None] / SIDE
    two = net.constant(np.full((1, 1, 1), 2.0), 0, 2)
    doubled = net.pair("MUL", net.part(rows, 2, 0, 4), two, 0, 2)
    place = net.pair("MUL", net.part(doubled, 2, 0, 2), net.constant((s / SIDE)[None, :, None], 0, 1), 0, 1)
    place = net.pair("ADD", place, net.constant((np.stack([x - 0.5, y - 0.5], -1) * s[:, None] / SIDE)[None], -1, 1), -1, 1)
    size = net.part(doubled, 2, 2, 2)
    size = net.pair("MUL", net.pair("MUL", size, size, 0, 4), net.constant(sides[None], 0, 1), 0, 1)
    net.output(net.join([place, size, net.part(rows, 2, 4, 1 + CLASSES)], 2, 0, 1))


def yolox(net):
    maps = net.backbone()
    net.output(net.join([net.rows(maps, 4), net.logistic(net.rows(maps, 1, shift=1.0)), net.logistic(net.rows(maps, CLASSES))], 2, -5, 5))


def ssd(net):
    maps = net.backbone()
    net.output(net.rows(maps, 4), net.rows(maps, 1 + CLASSES, shift=-1.0))


# ---- anchors in the metadata -----------------------------------------------------------------------------------------


def anchor_table():
    x, y, s = centres(CELLS).T
    return np.stack([(x + 0.5) * s, (y + 0.5) * s, 2 * s, 3 * s], -1).astype(np.float32) / SIDE


def table(b, slots):
    """A FlatBuffer's table of {slot: (method, value)}."""
    b.StartObject(max(slots) + 1)
    for slot, (method, value) in slots.items():
        getattr(b, f"Prepend{method}Slot")(slot, value, 0)
    return b.EndObject()


def listed(b, offsets):
    b.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        b.PrependUOffsetTRelative(offset)
    return b.EndVector()


def detector_metadata():
    """MediaPipe's ObjectDetectorOptions."""
    b = flatbuffers.Builder(1 << 12)
    rows = [table(b, {i: ("Float32", float(v)) for i, v in enumerate(row)}) for row in anchor_table()]
    schema_ = table(b, {0: ("UOffsetTRelative", listed(b, rows))})
    options = table(b, {0: ("UOffsetTRelative", schema_)})
    decoding = table(b, {0: ("Int32", CLASSES), 1: ("Int32", N), 2: ("Int32", 4), 6: ("Float32", 10.0), 7: ("Float32", 10.0),
                         8: ("Float32", 5.0), 9: ("Float32", 5.0), 10: ("Bool", True), 11: ("Bool", True)})
    b.Finish(table(b, {1: ("UOffsetTRelative", options), 2: ("UOffsetTRelative", decoding)}), b"V001")
    return bytes(b.Output())


def model_metadata():
    b = flatbuffers.Builder(1 << 12)
    data, name = b.CreateByteVector(detector_metadata()), b.CreateString("DETECTOR_METADATA")
    custom = table(b, {0: ("UOffsetTRelative", name), 1: ("UOffsetTRelative", data)})
    subgraph = table(b, {9: ("UOffsetTRelative", listed(b, [custom]))})
    b.Finish(table(b, {3: ("UOffsetTRelative", listed(b, [subgraph]))}), b"M001")
    return bytes(b.Output())


def add_metadata(net, data):
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = np.frombuffer(data, np.uint8)
    net.model.buffers.append(buffer)
    entry.name, entry.buffer = "TFLITE_METADATA", len(net.model.buffers) - 1
    net.model.metadata = [entry]


# ---- goldens ---------------------------------------------------------------------------------------------------------


def fitted(fit, order):
    """The input's pixels, and how its fractions become pixels of the picture: the frame of choose()."""
    image, canvas = Image.fromarray(picture()), np.full((SIDE, SIDE, 3), 114, np.uint8)
    ratio = min(SIDE / WIDTH, SIDE / HEIGHT)
    if fit == "STRETCH":
        canvas, frame = np.array(image.resize((SIDE, SIDE), Image.Resampling.BILINEAR)), (WIDTH, HEIGHT, WIDTH, HEIGHT)
    else:
        cut = int if fit == "CORNER" else round  # as YOLOX and as Ultralytics do it
        width, height = cut(WIDTH * ratio), cut(HEIGHT * ratio)
        left, top = (0, 0) if fit == "CORNER" else (round((SIDE - width) / 2 - 0.1), round((SIDE - height) / 2 - 0.1))
        canvas[top:top + height, left:left + width] = np.array(image.resize((width, height), Image.Resampling.BILINEAR))
        frame = (SIDE / ratio, SIDE / ratio, WIDTH, HEIGHT, left / ratio, top / ratio)
    return canvas[:, :, ::-1] if order == "BGR" else canvas, frame


def run(data, scale, pixels):
    """Outputs as numbers; floats are fed (pixel) * scale."""
    interpreter = Interpreter(model_content=data, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    given = interpreter.get_input_details()[0]
    pixels = pixels[None]
    if given["dtype"] == np.float32:
        pixels = pixels.astype(np.float32) / np.float32(scale)
    elif given["dtype"] == np.int8:
        pixels = (pixels.astype(np.int16) - 128).astype(np.int8)
    interpreter.set_tensor(given["index"], pixels)
    interpreter.invoke()
    outputs = []
    for d in interpreter.get_output_details():
        v, (scale, zero) = interpreter.get_tensor(d["index"]), d["quantization"]
        outputs.append(v[0].astype(np.float64) if v.dtype == np.float32 else np.float64(np.float32(scale)) * (v[0].astype(np.float64) - zero))
    return outputs


def joined(v):
    return v[:, :4], v[:, :0], v[:, 4:]


def with_objectness(v):
    return v[:, :4], v[:, 4:5], v[:, 5:]


DETECTORS = {
    # name: network, kind, head, unit, what floats are divided by, outputs -> boxes, objectness, scores, threshold, fit, order
    "yolov8_s8": (yolov8, "int8", "YOLOV8", "RELATIVE", 1, lambda o: joined(o[0].T), 0.4, "CENTRE", "RGB"),
    "split_u8": (split, "uint8", "YOLO_SPLIT", "CELLS", 1, lambda o: (o[1], o[1][:, :0], sigmoid(o[0])), 0.4, "CENTRE", "RGB"),
    "yolov5_f32": (yolov5, "float32", "YOLOV5", "RELATIVE", 255, lambda o: with_objectness(o[0]), 0.4, "CENTRE", "RGB"),
    "yolox_f32": (yolox, "float32", "YOLOX", "CELLS", 1, lambda o: with_objectness(o[0]), 0.5, "CORNER", "BGR"),
    "ssd_u8": (ssd, "uint8", "SSD_RAW", "RELATIVE", 1, lambda o: (o[0], o[0][:, :0], sigmoid(o[1][:, 1:])), 0.4, "STRETCH", "RGB"),
}


def main():
    lines = ["/* SPDX-License-Identifier: Apache-2.0 */", "/* Written by tools/oracle/gen_detectors.py with LiteRT and NumPy. */",
             "static const golden_detector golden_detectors[] = {"]
    for seed, (name, (network, kind, head, unit, scale, read, threshold, *usual)) in enumerate(DETECTORS.items(), FIRST_SEED):
        net = Small(kind, seed)
        network(net)
        if head == "SSD_RAW":
            add_metadata(net, model_metadata())
        data = net.bytes()
        (ROOT / "tests" / "data" / f"detector_{name}.tflite").write_bytes(data)
        for told in (None, ("STRETCH", "RGB"), ("CENTRE", "BGR")):
            pixels, frame = fitted(*(told or usual))
            b, o, s = read(run(data, scale, pixels))
            box = boxes_of(head, unit, b, anchor_table().astype(np.float64), (SIDE, SIDE), CELLS)
            found = choose(head, box, o, s, s[:, :0], np.float32(threshold), 0.45, False, frame)
            score = (s * o if o.shape[1] else s).max(1)
            print(f"{name} {told}: {len(data)} bytes, {(score >= threshold).sum()} of {len(score)} candidates, scores "
                  f"{score.min():.3f} to {score.max():.3f}, {len(found)} kept")
            gaps = -np.diff([value for _, value, _, _ in found[:11]])
            assert kind != "float32" or not len(gaps) or gaps.min() > 1e-5, gaps  # else rounding decides about the order
            found = found[:10]
            fit, order = (f"CRL_FIT_{told[0]}", f"CRL_CHANNELS_{told[1]}") if told else ("CRL_FIT_AUTO", "CRL_CHANNELS_AUTO")
            lines.append('    { "%s", CRL_HEAD_%s, %s, %s, %#.9gf, %d, {' % (name, head, fit, order, threshold, len(found)))
            lines += ["        { %d, %#.7gf, { %s } }," % (index, value, ", ".join("%#.7gf" % v for v in placed)) for index, value, placed, _ in found]
            lines.append("      } },")
    OUT.write_text("\n".join(lines + ["};", ""]))


if __name__ == "__main__":
    main()
