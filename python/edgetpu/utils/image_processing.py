# SPDX-License-Identifier: Apache-2.0
"""Pictures made fit for a model."""
from PIL import Image


def resampling_with_original_ratio(img, required_size, sample):
    """Makes a picture fit into a size, its proportions kept: it lies in the upper left corner, the rest is black.

    Args:
        img: a PIL image.
        required_size: (width, height).
        sample: Pillow's filter, such as ``Image.NEAREST``.

    Returns:
        (image, (rx, ry)): the new image, and which part of its width and height the picture takes.
    """
    width, height = required_size
    ratio = min(width / img.width, height / img.height)
    w, h = int(img.width * ratio), int(img.height * ratio)
    result = Image.new(img.mode, (width, height))  # of a palette, too, the first colour
    result.paste(img.resize((w, h), sample))
    return result, (w / width, h / height)


ResamplingWithOriginalRatio = resampling_with_original_ratio
