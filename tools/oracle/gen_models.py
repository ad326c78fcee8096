#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the goldens of whole models: what LiteRT's reference kernels compute for inputs that we draw ourselves.

    python3 -m venv oracle && oracle/bin/pip install ai-edge-litert==2.3.0 numpy pillow flatbuffers
    oracle/bin/python tools/oracle/gen_models.py tree
    oracle/bin/python tools/oracle/gen_models.py testdata [FOLDER]     FOLDER: the public Coral test set

`tree` does models/*.tflite and tests/data/tiny_*.tflite and writes tests/models/tree.tsv, outputs in full; `testdata` writes
tests/models/testdata.tsv, outputs as SHA-256. tests/models/check_models.c reads both. Inputs are drawn here
and in tests/models/inputs.c by the same few lines of integer arithmetic: change both or neither.

Lines, fields parted by tabs; each is about the last `model` line before it:

    model PATH SHA256        a file, and the digest of its bytes
    cut N                    only its first N operators, outputs are what operator N would read
    feed OUTPUT INPUT        before a run that follows another one, this output's bytes go into this input
    reset                    a new sequence: variables and fed inputs are back at zero
    run SOURCE               inputs are drawn from SOURCE, see draw(); the model runs once
    out I TYPE SHAPE DIGEST  output I: the SHA-256 of its bytes, or "bytes:" and all of them in hex
    refused PATH SHA256      a file for which making an engine, or running it, has to be an error

A model with runs but without outs has no oracle: the backends are compared with each other.
"""
import hashlib
import pathlib
import struct
import sys

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
TYPES = {"uint8": "UINT8", "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64", "float32": "FLOAT32",
         "bool": "BOOL"}
GRID = 5  # knots of a smooth input along each side

# Sequences of runs. Pictures are paths within the test set, or, with "picture:", within this tree.
NOISE, SMOOTH = ["noise:0"], ["smooth:0"]
PICTURES = {
    "coco_ssd_mobilenet_v1_1.0_quant": "images/cat.bmp",
    "deeplabv3_mnv2_pascal_quant": "images/bird_segmentation.bmp",
    "mobilenet_v1_0.25_128_quant": "images/cat.bmp",
    "mobilenet_v1_0.5_160_quant": "images/cat.bmp",
    "mobilenet_v1_1.0_224_quant_embedding_extractor": "images/sunflower.bmp",
    "mobilenet_v2_1.0_224_inat_bird_quant": "images/bird_segmentation.bmp",
    "mobilenet_v2_1.0_224_inat_bird_quant_2019": "images/bird_segmentation.bmp",
    "mobilenet_v2_1.0_224_quant": "images/grace_hopper.bmp",
    "movenet_single_pose_lightning_ptq": "images/squat.bmp",
    "tf2_mobilenet_v2_1.0_224_ptq": "images/grace_hopper.bmp",
}
SEQUENCES = {
    "traffic_model": [["noise:0", "noise:1"], [f"images/traffic_frames/000{i}.bmp" for i in (1, 2, 3)]],
    "keras_lstm_mnist_ptq": [["noise:0", "noise:1", "noise:2"], ["smooth:0", "smooth:1", "noise:0"]],
    "split_concat": [["noise:0", "noise:1"], ["smooth:0"]],
    "ssd_mobilenet_v1_coco_quant_postprocess_head_layers": [NOISE, ["noise:1"], SMOOTH],
    "mobilenet_quant_v1_224_head_layers": [NOISE, ["noise:1"], SMOOTH],
    "posenet_mobilenet_v1_075_353_481_16_quant_decoder": [NOISE, ["images/test_image.bmp"]],
    "posenet_mobilenet_v1_075_481_641_16_quant_decoder": [NOISE, ["images/test_image.bmp"]],
    "tiny_flow": [["noise:0", "noise:1", "smooth:0", "noise:0"]],  # its variable outlives a reset
    "signs_classifier": [NOISE, SMOOTH, ["picture:examples/scene_1.jpg"], ["picture:examples/scene_2.jpg"]],
    "signs_detector": [NOISE, SMOOTH, ["picture:examples/scene_1.jpg"], ["picture:examples/scene_2.jpg"]],
}
FEEDS = {"traffic_model": [(4, 1), (5, 2)], "split_concat": [(3, 1), (4, 2)]}
NO_ORACLE = "posenet"  # its decoder is not among LiteRT's operators


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def fnv1a(text):
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def numbers(seed, n):
    """The first n numbers of splitmix64, as uint64."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def extent(shape):
    """Height, width, channels: the last two dimensions, and all others together."""
    dims = [1, 1, *shape]
    return int(np.prod(dims[:-2])), int(dims[-2]), int(dims[-1])


def noise(seed, shape, dtype):
    z = numbers(seed, int(np.prod(shape)))
    if dtype == np.float32:
        return ((z >> np.uint64(40)).astype(np.float32) / np.float32(1 << 23) - np.float32(1)).reshape(shape)
    if dtype == np.bool_:
        return (z & np.uint64(1)).astype(np.bool_).reshape(shape)
    low = z.view(np.uint8).reshape(-1, 8)[:, : np.dtype(dtype).itemsize]
    return np.ascontiguousarray(low).view(dtype).reshape(shape)


def levels(values, shape, dtype):
    """Numbers of 0..255, [height, width, channels], as a tensor's elements."""
    v = values.astype(np.int32)
    if dtype == np.int8:
        v = v - 128
    elif dtype == np.int16:
        v = (v - 128) * 256
    elif dtype == np.float32:
        v = (v.astype(np.float32) - np.float32(128)) / np.float32(128)
    elif dtype == np.bool_:
        v = v >= 128
    return v.astype(dtype).reshape(shape)


def knots(n):
    """For each of n positions: the knot before it, and 256ths of the way to the next."""
    at = np.arange(n, dtype=np.int64) * ((GRID - 1) * 256) // max(n - 1, 1)
    first = np.minimum(at >> 8, GRID - 2)
    return first, at - (first << 8)


def smooth(seed, shape, dtype):
    h, w, c = extent(shape)
    grid = (numbers(seed, GRID * GRID * c) & np.uint64(255)).astype(np.int64).reshape(GRID, GRID, c)
    y, ty = knots(h)
    x, tx = knots(w)
    ty, tx = ty[:, None, None], tx[None, :, None]
    top = grid[y][:, x] * (256 - tx) + grid[y][:, x + 1] * tx
    bottom = grid[y + 1][:, x] * (256 - tx) + grid[y + 1][:, x + 1] * tx
    return levels((top * (256 - ty) + bottom * ty + 32768) >> 16, shape, dtype)


def picture(path, shape, dtype):
    """A BMP file of 24 bits, the nearest pixel to the top left of each place."""
    data = path.read_bytes()
    start, = struct.unpack_from("<I", data, 10)
    width, height = struct.unpack_from("<ii", data, 18)
    assert data[:2] == b"BM" and struct.unpack_from("<H", data, 28)[0] == 24 and height > 0, path
    stride = (width * 3 + 3) // 4 * 4
    rows = np.frombuffer(data, np.uint8, stride * height, start).reshape(height, stride)[::-1, : width * 3]
    rgb = rows.reshape(height, width, 3)[:, :, ::-1]
    h, w, c = extent(shape)
    assert c == 3, "pictures are for inputs of three channels"
    return levels(rgb[np.arange(h) * height // h][:, np.arange(w) * width // w], shape, dtype)


def photo(path, shape, dtype):
    """A file of any kind, squeezed by Pillow's bilinear filter."""
    h, w, _ = extent(shape)
    image = Image.open(path).convert("RGB").resize((w, h), Image.Resampling.BILINEAR)
    return levels(np.asarray(image), shape, dtype)


def draw(root, model, source, i, shape, dtype):
    """Input i of a model. A picture goes into input 0; the others get noise."""
    seed = fnv1a(f"{model}/{source}/{i}")
    if source.startswith("smooth:"):
        return smooth(seed, shape, dtype)
    if source.startswith("noise:") or i > 0:
        return noise(seed, shape, dtype)
    if source.startswith("picture:"):
        return photo(root / source.removeprefix("picture:"), shape, dtype)
    return picture(root / source, shape, dtype)


def cut(data, n):
    """The model with its first n operators; its outputs are what operator n reads and another one wrote."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
    graph = model.subgraphs[0]
    written = {t for op in graph.operators[:n] for t in op.outputs}
    graph.outputs = [t for t in graph.operators[n].inputs if t in written]
    graph.operators = graph.operators[:n]
    builder = flatbuffers.Builder(len(data))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def unwritten_rows(interpreter):
    """Outputs of the post-process: the tensors whose rows from `count` on the reference leaves as they were."""
    for op in interpreter._get_ops_details():
        if op["op_name"] == "TFLite_Detection_PostProcess":
            return [int(t) for t in op["outputs"]]
    return []


class Golden:
    def __init__(self, root, path, whole):
        self.root, self.path, self.whole = root, path, whole
        self.name, self.data = path.name, path.read_bytes()
        self.lines = [["model", path.relative_to(root).as_posix(), sha256(self.data)]]

    def open(self):
        interpreter = Interpreter(model_content=self.data, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        interpreter.allocate_tensors()
        return interpreter

    def digest(self, value):
        data = value.tobytes()
        return "bytes:" + data.hex() if self.whole else sha256(data)

    def outputs(self, interpreter):
        values = [interpreter.get_tensor(d["index"]).copy() for d in interpreter.get_output_details()]
        index = [d["index"] for d in interpreter.get_output_details()]
        rows = unwritten_rows(interpreter)
        if rows and set(rows) <= set(index):
            found = int(values[index.index(rows[3])][0])
            for tensor in rows[:3]:
                values[index.index(tensor)][:, found:] = 0
        return values

    def sequence(self, sources, feeds):
        interpreter = self.open()
        self.lines.append(["reset"])
        previous = None
        for source in sources:
            self.lines.append(["run", source])
            fed = {i: o for o, i in feeds}
            for i, d in enumerate(interpreter.get_input_details()):
                if i not in fed:
                    value = draw(self.root, self.name, source, i, d["shape"], d["dtype"])
                elif previous is None:
                    value = np.zeros(d["shape"], d["dtype"])
                else:
                    value = previous[fed[i]]
                interpreter.set_tensor(d["index"], value)
            interpreter.invoke()
            previous = self.outputs(interpreter)
            for i, value in enumerate(previous):
                shape = "[" + ",".join(map(str, value.shape)) + "]"
                self.lines.append(["out", str(i), TYPES[value.dtype.name], shape, self.digest(value)])

    def write(self):
        stem = self.path.stem
        sequences = SEQUENCES.get(stem)
        if not sequences:
            sequences = [NOISE, SMOOTH]
            if stem in PICTURES:
                sequences.append([PICTURES[stem]])
        feeds = FEEDS.get(stem, [])
        if NO_ORACLE in stem:
            for sources in sequences:
                self.lines += [["reset"], *(["run", source] for source in sources)]
            operators = schema.Model.GetRootAsModel(self.data, 0).Subgraphs(0).OperatorsLength()
            self.lines += [self.lines[0], ["cut", str(operators - 1)]]
            self.data = cut(self.data, operators - 1)
        for output, given in feeds:
            self.lines.append(["feed", str(output), str(given)])
        for sources in sequences:
            self.sequence(sources, feeds)
        return ["\t".join(line) for line in self.lines]


def main():
    kind = sys.argv[1] if len(sys.argv) > 1 else ""
    if kind not in ("tree", "testdata"):
        sys.exit(__doc__.strip())
    root = ROOT if kind == "tree" else pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT.parent / "shared/testdata")
    lines = ["# SPDX-License-Identifier: Apache-2.0",
             f"# Written by tools/oracle/gen_models.py {kind}, which explains the format; the oracle is ai-edge-litert 2.3.0."]
    paths = sorted((root / "models").glob("*.tflite"))
    if kind == "tree":
        paths += sorted((root / "tests" / "data").glob("tiny_*.tflite"))
    for path in paths:
        if "_edgetpu" in path.stem:
            continue
        if path.stem == "model_invoking_error":
            lines.append("\t".join(["refused", path.relative_to(root).as_posix(), sha256(path.read_bytes())]))
            continue
        print(path.name, file=sys.stderr)
        lines += Golden(root, path, kind == "tree").write()
    (ROOT / "tests" / "models" / f"{kind}.tsv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
