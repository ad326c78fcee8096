#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Teaches a model new classes, from a folder of pictures for each, and examines it on those that it was not taught.

    python3 classification_transfer_learning.py --extractor mobilenet_v1_1.0_224_quant_embedding_extractor_edgetpu.tflite \\
        --data flower_photos --output flower_model.tflite --test_ratio 0.95

flower_model.txt, beside the model, gets its labels.
"""
import argparse
import os
import sys

if __name__ == "__main__" and not __package__:  # run from its folder, in a tree that nobody installed
    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

import numpy as np
from PIL import Image

from edgetpu.basic.basic_engine import BasicEngine
from edgetpu.classification.engine import ClassificationEngine
from edgetpu.demo import demo
from edgetpu.learn.imprinting.engine import ImprintingEngine

MOST_K = 5


def split(path, ratio):
    """({class: pictures to learn from}, {class: pictures to be examined on}), in the order of the file system."""
    training, testing = {}, {}
    for category in os.listdir(path):
        folder = os.path.join(path, category)
        if not os.path.isdir(folder):
            continue
        images = [f for f in os.listdir(folder) if os.path.isfile(os.path.join(folder, f))]
        if not images:
            continue
        k = int(ratio * len(images))
        testing[category], training[category] = images[:k], images[k:]
        assert testing[category], "No images to test [{}]".format(category)
        assert training[category], "No images to train [{}]".format(category)
    return training, testing


def prepare(folder, images, size):
    """A picture a row."""
    rows = []
    for name in images:
        with Image.open(os.path.join(folder, name)) as image:
            rows.append(np.asarray(image.convert("RGB").resize(size, Image.NEAREST)).flatten())
    return np.array(rows)


def evaluate(model, labels, data, testing):
    """How many of all pictures are among the k best, for k from 1 to MOST_K: a list of parts."""
    engine = ClassificationEngine(model)
    hits, total = [0] * MOST_K, 0
    for category, images in testing.items():
        print("Evaluating category [", category, "]")
        for name in images:
            with Image.open(os.path.join(data, category, name)) as image:
                results = engine.ClassifyWithImage(image, threshold=0.1, top_k=MOST_K)
            found = [labels[number] for number, _ in results]
            total += 1
            if category in found:
                for k in range(found.index(category), MOST_K):
                    hits[k] += 1
    return [n / total for n in hits]


def write_labels(path, labels):
    with open(path, "w", encoding="utf-8") as f:
        for number, name in sorted(labels.items()):
            f.write("{}  {}\n".format(number, name))


def main():
    parser = argparse.ArgumentParser(description="Teaches a model new classes, from a folder of pictures for each.")
    parser.add_argument("--extractor", help="the .tflite file of an embedding extractor", required=True)
    parser.add_argument("--data", help="the folder with a folder of pictures for each class", required=True)
    parser.add_argument("--output", help="the model to write")
    parser.add_argument("--test_ratio", type=float, default=0.25, help="the part of the pictures to be examined on")
    args = parser.parse_args()
    if not 0 < args.test_ratio < 1:
        parser.error("--test_ratio {}: more than 0 and less than 1 is accepted".format(args.test_ratio))
    output = args.output or os.path.basename(args.extractor).replace(".tflite", "_retrained.tflite")
    if os.path.exists(output) and os.path.samefile(output, args.extractor):
        parser.error("--output {}: that is the extractor itself; name another file".format(output))

    print("----------------------      Args    ----------------------")
    print("Output path : {}".format(output))
    print("Ratio of test images: {:.0%}".format(args.test_ratio))

    print("---------------      Parsing data set    -----------------")
    print("Dataset path:", args.data)
    training, testing = split(args.data, args.test_ratio)
    print("Image list successfully parsed! Category Num = ", len(training))
    if not training:
        raise RuntimeError("{} has no folders with pictures".format(args.data))

    print("---------------- Processing training data ----------------")
    print("This process may take more than 30 seconds.")
    shape = BasicEngine(args.extractor).get_input_tensor_shape()
    rows = {}
    for category, images in training.items():
        print("Processing category:", category)
        rows[category] = prepare(os.path.join(args.data, category), images, (int(shape[2]), int(shape[1])))

    print("----------------      Start training     -----------------")
    engine = ImprintingEngine(args.extractor)
    labels = engine.TrainAll(rows)
    print("----------------     Training finished!  -----------------")

    engine.SaveModel(output)
    print("Model saved as : ", output)
    labels_path = output.replace(".tflite", ".txt") if output.endswith(".tflite") else output + ".txt"
    write_labels(labels_path, labels)
    print("Labels file saved as :", labels_path)

    print("------------------   Start evaluating   ------------------")
    parts = evaluate(output, labels, args.data, testing)
    print("----------------     Evaluation result   -----------------")
    for k, part in enumerate(parts):
        print("Top {} : {:.0%}".format(k + 1, part))


if __name__ == "__main__":
    demo.run(main)
