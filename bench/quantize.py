#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How good `corallite quantize` is beside TensorFlow's converter, on the networks that tools/train trains.

    PYTHON bench/quantize.py CACHE [--program build/corallite] [--networks classifier detector]

PYTHON has tools/train/requirements.txt, and CACHE is what tools/train/recipe.sh has filled: weights, and the pictures of training and test.
Each network is written as floats, quantised by the converter as the recipe does it, and by this program with each calibration, all by
the same 300 pictures; then all of them are measured on the test pictures, by this program. A row has accuracy or mAP@0.5 in percent, and how
often the best class, or for detectors the sign found with the most confidence, is that of the floats.
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


def network(kind, cache):
    """The trained network with scores for outputs, its side, and where its pictures are."""
    module, data = (classifier, "single") if kind == "classifier" else (detector, "train")
    model = module.build()
    model.load_weights(cache / ("%s.weights.h5" % kind))
    if kind == "classifier":
        outputs = kl.Softmax()(model.outputs[0])
    else:
        boxes, logits = model.outputs
        outputs = [boxes, kl.Activation("sigmoid")(logits)]
    return keras.Model(model.inputs, outputs), module.SIDE, cache / data, cache / ("single-test" if kind == "classifier" else "test")


def floats(model, side):
    fixed = tf.function(lambda x: model(x, training=False))
    concrete = fixed.get_concrete_function(tf.TensorSpec([1, side, side, 3], tf.float32, name="image"))
    return tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(concrete)]).convert()


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


def rows(kind, cache, program, folder, labels):
    model, side, data, test = network(kind, cache)
    pictures = np.load(str(data) + ".images.npy", mmap_mode="r")[:PICTURES]
    photos = folder / "pictures"
    photos.mkdir()
    for i, p in enumerate(pictures):
        Image.fromarray(p).save(photos / ("%03d.png" % i))
    plain = folder / "float.tflite"
    plain.write_bytes(finished(kind, floats(model, side)))
    theirs = folder / "theirs.tflite"
    theirs.write_bytes(finished(kind, layers.quantise(model, side, layers.resized(pictures, side), float_output=kind == "detector")))
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
            for name, model, test in rows(kind, args.cache, args.program, folder, labels):
                score, got = measure(kind, model, test, args.program, labels)
                wanted = wanted or got
                same = 100 * np.mean([a == b for a, b in zip(got, wanted)])
                print("%-12s %-24s %7.2f%% %13.2f%% %10d" % ("", name, score, same, model.stat().st_size), flush=True)


if __name__ == "__main__":
    main()
