#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Classifies a picture.

    python3 classify_image.py --model mobilenet_v2_1.0_224_inat_bird_quant_edgetpu.tflite \\
        --label inat_bird_labels.txt --image parrot.jpg
"""
import argparse
import os
import sys

if __name__ == "__main__" and not __package__:  # run from its folder, in a tree that nobody installed
    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

from PIL import Image

from edgetpu.classification.engine import ClassificationEngine
from edgetpu.demo import demo


def main():
    parser = argparse.ArgumentParser(description="Classifies a picture.")
    parser.add_argument("--model", help="the .tflite file of a classifier", required=True)
    parser.add_argument("--label", help="the file with its labels", required=True)
    parser.add_argument("--image", help="the picture", required=True)
    args = parser.parse_args()

    labels = demo.read_labels(args.label)
    engine = ClassificationEngine(args.model)
    with Image.open(args.image) as image:
        results = engine.ClassifyWithImage(image, top_k=3)
    for number, score in results:
        print("---------------------------")
        print(demo.label_of(labels, number))
        print("Score : ", demo.number(score))


if __name__ == "__main__":
    demo.run(main)
