#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Detects what is in a picture, and outlines it in red.

    python3 object_detection.py --model mobilenet_ssd_v2_face_quant_postprocess_edgetpu.tflite \\
        --input face.jpg --output detection_results.jpg
"""
import argparse
import os
import sys

if __name__ == "__main__" and not __package__:  # run from its folder, in a tree that nobody installed
    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

from PIL import Image, ImageDraw

from edgetpu.demo import demo
from edgetpu.detection.engine import DetectionEngine


def main():
    parser = argparse.ArgumentParser(description="Detects what is in a picture, and outlines it in red.")
    parser.add_argument("--model", help="the .tflite file of a detector", required=True)
    parser.add_argument("--label", help="the file with its labels")
    parser.add_argument("--input", help="the picture", required=True)
    parser.add_argument("--output", help="the picture to write", default="object_detection_result.jpg")
    args = parser.parse_args()
    if os.path.exists(args.output) and os.path.samefile(args.input, args.output):
        parser.error("--output {}: that is the picture itself; name another file".format(args.output))

    labels = demo.read_labels(args.label) if args.label else None
    engine = DetectionEngine(args.model)
    with Image.open(args.input) as image:
        image = image.convert("RGB")
    objects = engine.DetectWithImage(image, threshold=0.05, keep_aspect_ratio=True, relative_coord=False, top_k=10)
    if not objects:
        print("No object detected!")
        return

    draw = ImageDraw.Draw(image)
    width = max(1, min(image.size) // 200)
    for obj in objects:
        box = obj.bounding_box.flatten().tolist()
        print("-----------------------------------------")
        if labels is not None:
            print(demo.label_of(labels, obj.label_id))
        print("score = ", demo.number(obj.score))
        print("box = ", box)
        (x0, x1), (y0, y1) = sorted(box[0::2]), sorted(box[1::2])  # of a box that lies outside the corners may have changed places
        draw.rectangle([x0, y0, x1, y1], outline="red", width=width)
    image.save(args.output)
    print("Please check ", args.output)
    demo.show(args.output)


if __name__ == "__main__":
    demo.run(main)
