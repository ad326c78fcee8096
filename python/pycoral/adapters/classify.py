# SPDX-License-Identifier: Apache-2.0
"""Scores of a classifier."""
import collections

import numpy as np

Class = collections.namedtuple("Class", ["id", "score"])
Class.__doc__ = "A class: its number, and its score."
Class.id.__doc__ = "The number of the class, a line of the label file."
Class.score.__doc__ = "Its score, a real number."


def num_classes(interpreter):
    """How many classes the first output has scores of."""
    return np.prod(interpreter.get_output_details()[0]["shape"])


def get_scores(interpreter):
    """The scores of the first output as real numbers, a flat array that is the caller's.

    float64 where the model has integers, which the output's scale and zero point make real; else as they are.
    """
    details = interpreter.get_output_details()[0]
    data = interpreter.tensor(details["index"])()
    if not np.issubdtype(data.dtype, np.integer):
        return data.flatten()
    scale, zero_point = details["quantization"]
    values = data.flatten().astype(np.int64)
    return scale * (values - zero_point) if scale else values.astype(np.float64)


def get_classes_from_scores(scores, top_k=float("inf"), score_threshold=-float("inf")):
    """The best classes of a flat array of scores.

    Args:
        top_k: how many at most.
        score_threshold: the least score that is kept.

    Returns:
        A list of :obj:`Class`, the best first; of equal ones the one with the lower number.
    """
    scores = np.asarray(scores)
    n = max(0, int(min(top_k, len(scores))))
    order = np.argsort(-scores.astype(np.float64), kind="stable")[:n]
    return [Class(i, scores[i]) for i in order if scores[i] >= score_threshold]


def get_classes(interpreter, top_k=float("inf"), score_threshold=-float("inf")):
    """The best classes of the last run: :func:`get_classes_from_scores` of :func:`get_scores`."""
    return get_classes_from_scores(get_scores(interpreter), top_k, score_threshold)
