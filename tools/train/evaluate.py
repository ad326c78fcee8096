# SPDX-License-Identifier: Apache-2.0
"""How good a written .tflite is on a folder of scenes.py: mAP@0.5, or accuracy.

  evaluate.py detector   MODEL FOLDER [--engine litert | --engine corallite --program build/corallite]
  evaluate.py classifier MODEL FOLDER [...]

Average precision is the area under the precision/recall curve at every recall (all points,
precision made monotone), a match is an overlap of 0.5 or more, and each sign can be found
once; the mean goes over the classes. `litert` is LiteRT with its reference kernels;
`corallite` runs the program and reads its JSON.
"""
import argparse
import json
import os
import subprocess

import numpy as np
from PIL import Image

THRESHOLD, TOP_K = 0.05, 25
BATCH = 50  # pictures per run of the program: command lines have an end


# ---- engines: each yields, per picture, a list of (index, score, box in pixels or None) --------

class LiteRT:
    def __init__(self, model):
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
        self.net = Interpreter(model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        self.net.allocate_tensors()
        self.input = self.net.get_input_details()[0]
        self.outputs = self.net.get_output_details()

    def _invoke(self, path):
        img = Image.open(path).convert("RGB")
        height, width = self.input["shape"][1:3]
        self.net.set_tensor(self.input["index"],
                            np.asarray(img.resize((width, height), Image.Resampling.BILINEAR))[None])
        self.net.invoke()
        return img.size, [self.net.get_tensor(o["index"])[0] for o in self.outputs]

    def detect(self, paths):
        for path in paths:
            (w, h), (boxes, classes, scores, count) = self._invoke(path)
            yield [(int(c), float(s), np.clip(b[[1, 0, 3, 2]], 0, 1) * [w, h, w, h])
                   for b, c, s in list(zip(boxes, classes, scores))[:int(count)] if s >= THRESHOLD]

    def classify(self, paths):
        scale, zero = self.outputs[0]["quantization"]
        for path in paths:
            scores = (self._invoke(path)[1][0].astype(np.float32) - zero) * scale
            yield [(int(i), float(scores[i]), None) for i in np.argsort(-scores, kind="stable")[:3]]


class Corallite:
    def __init__(self, model, program, backend):
        self.command = [program], ["--json", "--model", model] + (["--backend", backend] if backend else [])

    def _run(self, verb, options, paths):
        program, common = self.command
        for i in range(0, len(paths), BATCH):
            part = paths[i:i + BATCH]
            done = subprocess.run(program + [verb] + common + options + part, check=True, stdout=subprocess.PIPE)
            answers = json.loads(done.stdout)
            if [a["image"] for a in answers] != part:
                raise ValueError("the program answered for other pictures than it was given")
            for a in answers:
                yield [(r["index"], r["score"], r.get("box")) for r in a["results"]]

    def detect(self, paths):
        return self._run("detect", ["--threshold", str(THRESHOLD), "--top-k", str(TOP_K)], paths)

    def classify(self, paths):
        return self._run("classify", ["--top-k", "3"], paths)


# ---- measures ------------------------------------------------------------------------------------

def iou(a, b):
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    inter = max(0.0, w) * max(0.0, h)
    area = lambda r: (r[2] - r[0]) * (r[3] - r[1])
    return inter / (area(a) + area(b) - inter)


def average_precision(found, truth, overlap=0.5):
    """found [(picture, score, box)], truth {picture: [box]} of one class; None without any truth."""
    total = sum(len(v) for v in truth.values())
    if not total:
        return None
    free = {k: [True] * len(v) for k, v in truth.items()}
    hits = []
    for picture, _, box in sorted(found, key=lambda f: -f[1]):
        overlaps = [iou(box, b) for b in truth.get(picture, [])]
        best = int(np.argmax(overlaps)) if overlaps else -1
        hit = best >= 0 and overlaps[best] >= overlap and free[picture][best]
        if hit:
            free[picture][best] = False
        hits.append(hit)
    tp = np.cumsum(hits)
    precision = tp / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    recall = tp / total
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def detector(engine, folder, labels):
    truth = json.load(open(os.path.join(folder, "truth.json"), encoding="ascii"))
    names = sorted(truth)
    answers = list(engine.detect([os.path.join(folder, n) for n in names]))
    result = {"pictures": len(names), "signs": sum(len(v) for v in truth.values()), "ap": {}}
    for c in sorted({t["index"] for v in truth.values() for t in v}):
        found = [(n, s, b) for n, a in zip(names, answers) for i, s, b in a if i == c]
        result["ap"][labels[c]] = average_precision(
            found, {n: [t["box"] for t in truth[n] if t["index"] == c] for n in names})
    result["map"] = float(np.mean(list(result["ap"].values())))
    # What a user sees at the default threshold.
    right = wrong = 0
    for n, a in zip(names, answers):
        left = list(truth[n])
        for i, s, b in sorted((r for r in a if r[1] >= 0.5), key=lambda r: -r[1]):
            match = next((t for t in left if t["index"] == i and iou(b, t["box"]) >= 0.5), None)
            right, wrong = right + (match is not None), wrong + (match is None)
            if match:
                left.remove(match)
    result["recall_at_0.5"] = right / result["signs"]
    result["precision_at_0.5"] = right / max(1, right + wrong)
    return result


def classifier(engine, folder, labels):
    truth = json.load(open(os.path.join(folder, "truth.json"), encoding="ascii"))
    names = sorted(truth)
    nothing = len(labels) - 1
    want = [truth[n][0]["index"] if truth[n] else nothing for n in names]
    got = [a[0][0] for a in engine.classify([os.path.join(folder, n) for n in names])]
    per = {labels[c]: float(np.mean([g == w for g, w in zip(got, want) if w == c])) for c in sorted(set(want))}
    return {"pictures": len(names), "accuracy": float(np.mean([g == w for g, w in zip(got, want)])), "recall": per}


def main():
    parser = argparse.ArgumentParser(description="Measure a built-in model on generated scenes.")
    parser.add_argument("kind", choices=("detector", "classifier"))
    parser.add_argument("model")
    parser.add_argument("folder", help="written by scenes.py files")
    parser.add_argument("--labels", default="models/signs_labels.txt")
    parser.add_argument("--engine", choices=("litert", "corallite"), default="litert")
    parser.add_argument("--program", default="build/corallite")
    parser.add_argument("--backend", help="corallite only")
    args = parser.parse_args()
    with open(args.labels, encoding="ascii") as f:
        labels = f.read().split("\n")[:-1]
    engine = LiteRT(args.model) if args.engine == "litert" else Corallite(args.model, args.program, args.backend)
    measure = detector if args.kind == "detector" else classifier
    print(json.dumps(measure(engine, args.folder, labels), indent=1))


if __name__ == "__main__":
    main()
