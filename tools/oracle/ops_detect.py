# SPDX-License-Identifier: Apache-2.0
"""Drawn models of the operators behind a detector: the custom post-processing, and suppression of overlapping boxes."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from drawn import operator


def coarse(d, values):
    """Often only a few different scores, so that some are equal."""
    return np.round(values * 8) / 8 if d.chance(0.5) else values


def in_other_types(d, options):
    """The same options as a careless exporter writes them."""
    for key, value in options.items():
        if d.chance(0.3) and value == int(value):
            options[key] = d.choice(int(value), float(value)) if not isinstance(value, bool) else int(value)
    options["unknown"] = "option"
    if options["nms_score_threshold"] == 0:
        del options["nms_score_threshold"]
    return options


@operator("TFLite_Detection_PostProcess", "fast regular fast_u8 regular_u8 regular_classes mixed")
def detection_postprocess(d, kind):
    """What lies past the number of detections is left as it was by the reference's fast variant: such cases are
    unstable and fall away. So boxes overlap little here, and there is room for few. Its regular variant writes no more rows
    than max_detections, though there are max_classes_per_detection times as many: `classes` cuts the others off. `mixed`:
    numbers of other types than the exporter's, and options left out."""
    regular, quantised = kind.startswith("regular"), kind.endswith("u8")
    boxes, classes = d.int(4, 40), d.int(1, 7)
    most = d.int(2, 3) if kind == "regular_classes" else 1 if regular else d.int(1, min(3, classes))
    columns, length = classes + d.int(0, 1), d.choice(4, 4, 5)
    options = {"max_detections": d.int(1, 30) if regular else d.int(1, 3), "max_classes_per_detection": most,
               "num_classes": classes, "nms_score_threshold": float(d.choice(0, 0.3) if regular else 0),
               "nms_iou_threshold": float(d.choice(0.3, 0.6, 1)), "y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0,
               "w_scale": 5.0}
    if regular or d.chance(0.5):
        options["use_regular_nms"] = regular
    if d.chance(0.5):
        options["detections_per_class"] = d.int(1, 20)
    if quantised:
        encodings = d.input("uint8", [1, boxes, length], 0.05, 120, d.random.integers(60, 180, [1, boxes, length]))
        scores = d.random.integers(0, 255, [1, boxes, columns], endpoint=True)
        scores = d.input("uint8", [1, boxes, columns], 1 / 256, 0, scores // 40 * 40 if d.chance(0.5) else scores)
        anchors = d.const("uint8", [boxes, 4], 0.004, 0, d.random.integers(20, 255, [boxes, 4]))
    else:
        encodings = d.input("float32", [1, boxes, length])
        scores = d.input("float32", [1, boxes, columns], values=coarse(d, d.random.random([1, boxes, columns])))
        anchors = d.const("float32", [boxes, 4], values=d.random.uniform(0.05, 1, [boxes, 4]))
    if kind == "mixed":
        options = in_other_types(d, options)
    rows = options["max_detections"]
    if kind == "regular_classes":
        outputs = [d.tensor("float32", [1, rows * most, 4])] + [d.tensor("float32", [1, rows * most]) for _ in range(2)]
    else:
        outputs = [d.output("float32") for _ in range(3)]
    d.op("TFLite_Detection_PostProcess", [encodings, scores, anchors], outputs + [d.output("float32")],
         custom=bytes(flexbuffers.Dumps(options)))
    for i, last in enumerate([[4], [], []] if kind == "regular_classes" else []):
        shape = [1, rows] + last
        d.op("SLICE", [outputs[i], d.ints([0] * len(shape)), d.ints(shape)], [d.output("float32", shape=shape)],
             schema.SliceOptionsT())


def suppression(d, name, soft):
    n = d.int(1, 30)
    boxes = coarse(d, d.random.random([n, 4]))
    scores = coarse(d, d.random.random([n]))
    scalars = [d.random.uniform(0.1, 0.9), d.choice(0, -1, 0.3)] + ([d.choice(0, 0.3, 0.5)] if soft else [])
    inputs = [d.input("float32", [n, 4], values=boxes), d.input("float32", [n], values=scores),
              d.const("int32", [], values=d.int(1, 20))] + [d.const("float32", [], values=v) for v in scalars]
    d.op(name, inputs, [d.output(t) for t in (["int32", "float32", "int32"] if soft else ["int32", "int32"])])


@operator("NON_MAX_SUPPRESSION_V4", "float32")
def non_max_suppression_v4(d, kind):
    suppression(d, "NON_MAX_SUPPRESSION_V4", False)


@operator("NON_MAX_SUPPRESSION_V5", "float32", ulp=2)
def non_max_suppression_v5(d, kind):
    suppression(d, "NON_MAX_SUPPRESSION_V5", True)
