#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Classifies what a camera sees, over and over.

    python3 classify_capture.py --model mobilenet_v2_1.0_224_quant_edgetpu.tflite --label imagenet_labels.txt

On a Raspberry Pi with picamera the class is written over the preview, elsewhere on the standard output. Ctrl-C ends it.
"""
import argparse
import os
import sys
import time

if __name__ == "__main__" and not __package__:  # run from its folder, in a tree that nobody installed
    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

from edgetpu.classification.engine import ClassificationEngine
from edgetpu.demo import cameras, demo


def main():
    parser = argparse.ArgumentParser(description="Classifies what a camera sees.")
    parser.add_argument("--model", help="the .tflite file of a classifier", required=True)
    parser.add_argument("--label", help="the file with its labels", required=True)
    args = parser.parse_args()

    labels = demo.read_labels(args.label)
    engine = ClassificationEngine(args.model)
    _, height, width, _ = (int(n) for n in engine.get_input_tensor_shape())
    with cameras.open_camera() as camera:
        for frame in camera.frames(width, height):
            start = time.perf_counter()
            results = engine.ClassifyWithInputTensor(frame.reshape(-1), top_k=1)
            elapsed = (time.perf_counter() - start) * 1000
            if results:
                number, score = results[0]
                camera.show("%s %.2f\n%.2fms" % (demo.label_of(labels, number), score, elapsed))


if __name__ == "__main__":
    demo.run(main)
