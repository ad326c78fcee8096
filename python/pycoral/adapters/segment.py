# SPDX-License-Identifier: Apache-2.0
"""Masks."""
import numpy as np

from pycoral.adapters import common


def get_output(interpreter):
    """The first output without its batch dimension, as uint8 and the caller's: classes of pixels, [height, width], or
    [height, width, classes] scores where the model leaves the choice to its user (``numpy.argmax(result, axis=2)``)."""
    return common.output_tensor(interpreter, 0)[0].astype(np.uint8)
