#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what it costs that two models share one Edge TPU, in batches, instead of having one each.

    python3 two_models_inference.py --classification_model mobilenet_v2_1.0_224_quant_edgetpu.tflite \\
        --detection_model mobilenet_ssd_v2_coco_quant_postprocess_edgetpu.tflite --image cat.bmp
"""
import argparse
import os
import sys
import threading
import time

if __name__ == "__main__" and not __package__:  # run from its folder, in a tree that nobody installed
    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

from PIL import Image

from edgetpu.basic import edgetpu_utils
from edgetpu.classification.engine import ClassificationEngine
from edgetpu.demo import demo
from edgetpu.detection.engine import DetectionEngine


def classify(engine, image, times):
    for _ in range(times):
        engine.ClassifyWithImage(image, top_k=1)


def detect(engine, image, times):
    for _ in range(times):
        engine.DetectWithImage(image, top_k=1)


def with_one(args, image):
    """Both models on one device, which changes between them after each batch. Returns seconds."""
    print("Running {} and {} with one Edge TPU, # inferences {}, batch_size {}.".format(
        args.classification_model, args.detection_model, args.num_inferences, args.batch_size), flush=True)
    first = ClassificationEngine(args.classification_model)
    second = DetectionEngine(args.detection_model, first.device_path())
    start = time.perf_counter()
    left = args.num_inferences
    while left > 0:
        n = min(left, args.batch_size)
        classify(first, image, n)
        detect(second, image, n)
        left -= n
    return time.perf_counter() - start


def with_two(args, image):
    """Each on a device of its own, at once. Returns seconds."""
    print("Running {} and {} with two Edge TPUs, # inferences {}.".format(
        args.classification_model, args.detection_model, args.num_inferences), flush=True)
    engines = (classify, ClassificationEngine(args.classification_model)), (detect, DetectionEngine(args.detection_model))
    threads = [threading.Thread(target=task, args=(engine, image, args.num_inferences)) for task, engine in engines]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description="Measures what it costs that two models share one Edge TPU.")
    parser.add_argument("--classification_model", help="the .tflite file of a classifier", required=True)
    parser.add_argument("--detection_model", help="the .tflite file of a detector", required=True)
    parser.add_argument("--image", help="the picture for both", required=True)
    parser.add_argument("--num_inferences", help="runs of each model", type=int, default=2000)
    parser.add_argument("--batch_size", help="runs of one model before it is the other's turn", type=int, default=10)
    args = parser.parse_args()
    if args.num_inferences < 1 or args.batch_size < 1:
        parser.error("--num_inferences and --batch_size are at least 1")

    if len(edgetpu_utils.ListEdgeTpuPaths(edgetpu_utils.EDGE_TPU_STATE_NONE)) < 2:
        print("This demo requires at least two Edge TPU available.")
        return
    with Image.open(args.image) as image:
        image.load()
    one = with_one(args, image)
    two = with_two(args, image)
    print("Inference with one Edge TPU costs %.2f seconds." % one)
    print("Inference with two Edge TPUs costs %.2f seconds." % two)


if __name__ == "__main__":
    demo.run(main)
