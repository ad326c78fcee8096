# SPDX-License-Identifier: Apache-2.0
"""An engine for detectors."""
import numpy as np
from PIL import Image

from edgetpu.basic.basic_engine import BasicEngine
from edgetpu.classification.engine import image_to_input
from edgetpu.utils import image_processing


class DetectionCandidate:
    """Something that was found."""

    __slots__ = ["label_id", "score", "bounding_box"]

    def __init__(self, label_id, score, x1, y1, x2, y2):
        self.label_id = label_id  #: the number of its class
        self.score = score  #: how sure that is, a real number
        self.bounding_box = np.array([[x1, y1], [x2, y2]])  #: two corners, [[x1, y1], [x2, y2]]

    def __repr__(self):
        return "DetectionCandidate({}, {}, {})".format(
            self.label_id, self.score, ", ".join(str(v) for v in self.bounding_box.flatten().tolist()))


class DetectionEngine(BasicEngine):
    """Runs a detector that chooses its boxes itself: its outputs are boxes, classes, scores and their count. Arguments as of
    :class:`BasicEngine`.

    Raises:
        ValueError: the model has another number of outputs.
    """

    def __init__(self, model_path, device_path=None):
        super().__init__(model_path, device_path)
        sizes = self.get_all_output_tensors_sizes()
        if len(sizes) != 4:
            raise ValueError("Dectection model should have 4 output tensors!This model has {}.".format(len(sizes)))
        self._starts = [0] + [int(n) for n in np.cumsum(sizes)]

    def detect_with_image(self, img, threshold=0.1, top_k=3, keep_aspect_ratio=False, relative_coord=True, resample=Image.NEAREST):
        """Detects in a picture of any size.

        Args:
            img: a PIL image.
            threshold: scores have to be above it.
            top_k: how many results at most.
            keep_aspect_ratio: the picture keeps its proportions, and black fills the rest; else it is stretched.
            relative_coord: boxes in parts of the picture, 0 to 1; else in pixels, which are not rounded.
            resample: Pillow's filter.

        Returns:
            A list of :obj:`DetectionCandidate`, the best first.
        """
        shape = self.get_input_tensor_shape()
        if len(shape) != 4 or shape[0] != 1:
            raise RuntimeError("Invalid input tensor shape! Expected: [1, height, width, channel]")
        ratio = (1.0, 1.0)
        fitted = img
        if keep_aspect_ratio:
            if img.mode not in ("RGB", "L"):
                fitted = img.convert("RGB")  # black is 0 in these
            fitted, ratio = image_processing.resampling_with_original_ratio(fitted, (int(shape[2]), int(shape[1])), resample)
        objects = self.detect_with_input_tensor(
            image_to_input(shape, fitted, None if keep_aspect_ratio else resample), threshold, top_k)
        for obj in objects:
            box = obj.bounding_box
            if keep_aspect_ratio:
                box = box / ratio
                box[0] = np.maximum(box[0], 0.0)
                box[1] = np.minimum(box[1], 1.0)
            obj.bounding_box = box if relative_coord else box * (img.width, img.height)
        return objects

    def detect_with_input_tensor(self, input_tensor, threshold=0.1, top_k=3):
        """Detects in a picture that is ready for the model: flat, in anything that :meth:`run_inference` takes. Boxes are in parts
        of the input, 0 to 1."""
        if top_k <= 0:
            raise ValueError("top_k must be positive!")
        _, result = self.run_inference(input_tensor)
        boxes, classes, scores, count = (result[a:b] for a, b in zip(self._starts, self._starts[1:]))
        objects = []
        for i in range(max(0, min(int(round(float(count[0]))), len(scores)))):
            if not scores[i] > threshold:
                continue
            y1, x1, y2, x2 = (float(v) for v in boxes[4 * i:4 * i + 4])
            objects.append(DetectionCandidate(int(round(float(classes[i]))), float(scores[i]), max(0.0, x1), max(0.0, y1), min(1.0, x2),
                                              min(1.0, y2)))
        objects.sort(key=lambda obj: -obj.score)
        return objects[:top_k]

    DetectWithImage = detect_with_image
    DetectWithInputTensor = detect_with_input_tensor
