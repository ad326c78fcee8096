#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How good `corallite quantize` is beside TensorFlow's converter, on the networks that tools/train trains.

    PYTHON bench/quantize.py CACHE [--trained] [--program build/corallite] [--networks classifier detector]

PYTHON has tools/train/requirements.txt, and CACHE is a folder that tools/train/recipe.sh has filled, or scenes.py as it does there: pictures of training
and test. The networks are those of models/, their weights as real numbers; with --trained those whose weights are in CACHE. Each is written as floats,
quantised by the converter as the recipe does it, and by this program with each calibration, all by the same 300 pictures; then all of them are
measured on the test pictures, by this program. A row has accuracy or mAP@0.5 in percent, and how often the best class, or for detectors the sign
found with the most confidence, is that of the floats.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
TREE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TREE / "tools" / "train"))

import keras
import numpy as np
import tensorflow as tf
from keras import layers as kl
from PIL import Image
from ai_edge_litert import schema_py_generated as schema
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

import classifier
import detector
import evaluate
import layers
import tflite_file
from signs import SIGNS

CALIBRATIONS = ("min-max", "percentile", "mse")
PICTURES = 300
POSTPROCESS = dict(detector.SCALES, num_classes=len(SIGNS), max_detections=25, max_classes_per_detection=1, detections_per_class=25,
                   use_regular_nms=False, nms_score_threshold=0.05, nms_iou_threshold=0.5)


def trained(kind, cache):
    """The network of the recipe with the weights that it has trained; scores are outputs."""
    model = (classifier if kind == "classifier" else detector).build()
    model.load_weights(cache / ("%s.weights.h5" % kind))
    if kind == "classifier":
        outputs = kl.Softmax()(model.outputs[0])
    else:
        boxes, logits = model.outputs
        outputs = [boxes, kl.Activation("sigmoid")(logits)]
    whole = keras.Model(model.inputs, outputs)
    return lambda x: whole(x, training=False)


def reals(model, tensor):
    """The real numbers of a constant; None where it is none."""
    data = model.buffers[tensor.buffer].data
    if data is None or not len(data):
        return None
    q = tensor.quantization
    kind = {0: np.float32, 2: np.int32, 9: np.int8}[tensor.type]
    values = np.frombuffer(bytes(data), kind).reshape(tensor.shape)
    if q is None or q.scale is None or kind == np.float32:
        return values
    shape = [-1 if i == q.quantizedDimension or len(tensor.shape) == 1 else 1 for i in range(len(tensor.shape))]
    return values.astype(np.float32) * np.asarray(q.scale, np.float32).reshape(shape)


def shipped(kind):
    """The network of models/ in floats: its operators one after the other, weights and biases as the real numbers that they stand for."""
    data = (TREE / "models" / ("signs_%s.tflite" % kind)).read_bytes()
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    graph, codes = model.subgraphs[0], schema.BuiltinOperator
    constants = [reals(model, t) for t in graph.tensors]

    def padding(o):
        return "SAME" if o.padding == schema.Padding.SAME else "VALID"

    def run(x):
        values = {graph.inputs[0]: x}
        act = {0: lambda y: y, 1: tf.nn.relu, 3: tf.nn.relu6}
        for op in graph.operators:
            code, o = model.operatorCodes[op.opcodeIndex].builtinCode, op.builtinOptions
            v = [values.get(i, constants[i]) for i in op.inputs]
            if code == codes.CONV_2D:
                y = act[o.fusedActivationFunction](tf.nn.conv2d(v[0], np.transpose(v[1], (1, 2, 3, 0)), [o.strideH, o.strideW], padding(o)) + v[2])
            elif code == codes.DEPTHWISE_CONV_2D:
                y = tf.nn.depthwise_conv2d(v[0], np.transpose(v[1], (1, 2, 3, 0)), [1, o.strideH, o.strideW, 1], padding(o)) + v[2]
                y = act[o.fusedActivationFunction](y)
            elif code == codes.ADD:
                y = v[0] + v[1]
            elif code == codes.AVERAGE_POOL_2D:
                y = tf.nn.avg_pool2d(v[0], [o.filterHeight, o.filterWidth], [o.strideH, o.strideW], padding(o))
            elif code == codes.RESHAPE:
                y = tf.reshape(v[0], v[1])
            elif code == codes.CONCATENATION:
                y = tf.concat(v, o.axis)
            elif code in (codes.QUANTIZE, codes.DEQUANTIZE):
                y = v[0]
            elif code == codes.LOGISTIC:
                y = tf.sigmoid(v[0])
            elif code == codes.SOFTMAX:
                y = tf.nn.softmax(v[0])
            else:  # TFLite_Detection_PostProcess
                return v[0], v[1]
            values[op.outputs[0]] = y
        return values[graph.outputs[0]]
    return run


def converter(function, side):
    concrete = tf.function(function).get_concrete_function(tf.TensorSpec([1, side, side, 3], tf.float32, name="image"))
    return tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(concrete)])


def finished(kind, data):
    return tflite_file.append_postprocess(data, detector.anchors(), POSTPROCESS) if kind == "detector" else data


def answers(kind, engine, folder):
    paths = sorted(str(p) for p in folder.glob("*.jpg"))
    found = engine.detect(paths) if kind == "detector" else engine.classify(paths)
    return [max(a, key=lambda r: r[1])[0] if a else -1 for a in found]


def measure(kind, model, test, program, labels):
    engine = evaluate.Corallite(str(model), program, None)
    result = getattr(evaluate, kind)(engine, str(test), labels)
    return 100 * result["map" if kind == "detector" else "accuracy"], answers(kind, engine, test)


def rows(kind, function, cache, program, folder):
    side = (classifier if kind == "classifier" else detector).SIDE
    data, test = [cache / name for name in (("single", "single-test") if kind == "classifier" else ("train", "test"))]
    pictures = np.load(str(data) + ".images.npy", mmap_mode="r")[:PICTURES]
    photos = folder / "pictures"
    photos.mkdir()
    for i, p in enumerate(pictures):
        Image.fromarray(p).save(photos / ("%03d.png" % i))
    plain = folder / "float.tflite"
    plain.write_bytes(finished(kind, converter(function, side).convert()))
    theirs = folder / "theirs.tflite"
    theirs.write_bytes(finished(kind, layers.quantise(lambda x, training: function(x), side, layers.resized(pictures, side),
                                                      float_output=kind == "detector")))
    yield "floats", plain, test
    yield "TensorFlow's converter", theirs, test
    for how in CALIBRATIONS:
        ours = folder / ("%s.tflite" % how)
        subprocess.run([program, "quantize", str(plain), "--data", str(photos), "--test-ratio", "0", "--calibration", how, "--input-type", "uint8",
                        "--output-type", "float32" if kind == "detector" else "uint8", "-o", str(ours)], check=True, stdout=subprocess.DEVNULL)
        yield "corallite, " + how, ours, test


def main():
    parser = argparse.ArgumentParser(description="Measure quantisation beside TensorFlow's.")
    parser.add_argument("cache", type=pathlib.Path)
    parser.add_argument("--trained", action="store_true", help="the weights in CACHE instead of those of models/")
    parser.add_argument("--program", default=str(TREE / "build" / "corallite"))
    parser.add_argument("--networks", nargs="+", default=["classifier", "detector"], choices=("classifier", "detector"))
    parser.add_argument("--keep", type=pathlib.Path, help="a folder to leave the models in")
    args = parser.parse_args()
    labels = (TREE / "models" / "signs_labels.txt").read_text(encoding="ascii").split("\n")[:-1]
    for kind in args.networks:
        with tempfile.TemporaryDirectory() as temporary:
            folder = args.keep / kind if args.keep else pathlib.Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            print("%-12s %-24s %8s %14s %10s" % (kind, "", "mAP@0.5" if kind == "detector" else "accuracy", "as the floats", "bytes"))
            wanted = None
            function = trained(kind, args.cache) if args.trained else shipped(kind)
            for name, model, test in rows(kind, function, args.cache, args.program, folder):
                score, got = measure(kind, model, test, args.program, labels)
                wanted = wanted or got
                same = 100 * np.mean([a == b for a, b in zip(got, wanted)])
                print("%-12s %-24s %7.2f%% %13.2f%% %10d" % ("", name, score, same, model.stat().st_size), flush=True)


if __name__ == "__main__":
    main()
