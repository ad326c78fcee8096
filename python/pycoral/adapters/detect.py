# SPDX-License-Identifier: Apache-2.0
"""Boxes of a detector."""
import collections

import numpy as np

from pycoral.adapters import common

Object = collections.namedtuple("Object", ["id", "score", "bbox"])
Object.__doc__ = "Something that was found: the number of its class, its score, its :obj:`BBox`."


class BBox(collections.namedtuple("BBox", ["xmin", "ymin", "xmax", "ymax"])):
    """A rectangle; (xmin, ymin) is its upper left corner."""

    __slots__ = ()

    @property
    def width(self):
        """xmax - xmin."""
        return self.xmax - self.xmin

    @property
    def height(self):
        """ymax - ymin."""
        return self.ymax - self.ymin

    @property
    def area(self):
        """width times height, which says nothing of a box that is not valid."""
        return self.width * self.height

    @property
    def valid(self):
        """Whether no corner lies on the wrong side of the other."""
        return self.width >= 0 and self.height >= 0

    def scale(self, sx, sy):
        """The box with its x multiplied by `sx`, its y by `sy`."""
        return BBox(sx * self.xmin, sy * self.ymin, sx * self.xmax, sy * self.ymax)

    def translate(self, dx, dy):
        """The box moved by (dx, dy)."""
        return BBox(dx + self.xmin, dy + self.ymin, dx + self.xmax, dy + self.ymax)

    def map(self, f):
        """The box with `f` applied to each of its four numbers."""
        return BBox(*map(f, self))

    @staticmethod
    def intersect(a, b):
        """What `a` and `b` have in common: a box that is not valid where that is nothing."""
        return BBox(max(a.xmin, b.xmin), max(a.ymin, b.ymin), min(a.xmax, b.xmax), min(a.ymax, b.ymax))

    @staticmethod
    def union(a, b):
        """The least box that holds both."""
        return BBox(min(a.xmin, b.xmin), min(a.ymin, b.ymin), max(a.xmax, b.xmax), max(a.ymax, b.ymax))

    @staticmethod
    def iou(a, b):
        """The area of the intersection divided by that of both together: 1.0 where they are equal, 0.0 where disjoint."""
        both = BBox.intersect(a, b)
        if not both.valid or not both.area:
            return 0.0
        return both.area / (a.area + b.area - both.area)


def _arrays(interpreter):
    """(count, scores, classes, boxes) of the last run. A signature says which output is which; without one the first outputs
    are boxes, or, in the order of newer detectors, scores: the one with a single number is the count."""
    signatures = interpreter._get_full_signature_list()
    if signatures:
        if len(signatures) > 1:
            raise ValueError("Only support model with one signature.")
        (signature,) = signatures.values()
        outputs = [interpreter.tensor(signature["outputs"]["output_%d" % i])() for i in range(4)]
        order = (0, 1, 2, 3)
    else:
        outputs = [common.output_tensor(interpreter, i) for i in range(4)]
        order = (3, 2, 1, 0) if outputs[3].size == 1 else (2, 0, 3, 1)
    count, scores, classes, boxes = (outputs[i] for i in order)
    return int(np.ravel(count)[0]), scores[0], classes[0], boxes[0]


def get_objects(interpreter, score_threshold=-float("inf"), image_scale=(1.0, 1.0)):
    """What a detector found in the last run.

    Args:
        score_threshold: the least score that is kept.
        image_scale: the input's pixels for each of the picture's, as :func:`common.set_resized_input` returns them.

    Returns:
        A list of :obj:`Object` in the model's order, boxes in whole pixels of the picture.

    Slots behind the model's own count are looked at too, as some models set it too low; those that are empty are passed over.
    """
    count, scores, classes, boxes = _arrays(interpreter)
    width, height = common.input_size(interpreter)
    sx, sy = width / image_scale[0], height / image_scale[1]
    objects = []
    for i, score in enumerate(scores):
        ymin, xmin, ymax, xmax = boxes[i]
        if score < score_threshold or i >= count and not (score or ymin or xmin or ymax or xmax):
            continue
        objects.append(Object(int(classes[i]), float(score), BBox(xmin, ymin, xmax, ymax).scale(sx, sy).map(int)))
    return objects
