# SPDX-License-Identifier: Apache-2.0
"""An engine for classifiers."""
import numpy as np
from PIL import Image

from edgetpu.basic.basic_engine import BasicEngine


def image_to_input(shape, img, resample=None):
    """A PIL image as the flat input of a model: resized where `resample` says how, and grey or in colours as the model wants."""
    if len(shape) != 4 or shape[0] != 1:
        raise RuntimeError("Invalid input tensor shape! Expected: [1, height, width, channel]")
    _, height, width, channels = (int(n) for n in shape)
    if channels not in (1, 3):
        raise ValueError("Invalid input tensor channel! Expected: 1 or 3. Actual: {}".format(channels))
    if resample is not None:
        img = img.resize((width, height), resample)
    return np.asarray(img.convert("L" if channels == 1 else "RGB")).flatten()


def best(scores, threshold, top_k):
    """(id, score) of the `top_k` best that are above the threshold, of equal ones the lower id first."""
    if top_k <= 0:
        raise ValueError("top_k must be positive!")
    order = np.argsort(-scores, kind="stable")[:top_k]
    return [(i, scores[i]) for i in order if scores[i] > threshold]


class ClassificationEngine(BasicEngine):
    """Runs a model whose one output are scores of classes; arguments as of :class:`BasicEngine`.

    Raises:
        ValueError: the model has more outputs.
    """

    def __init__(self, model_path, device_path=None):
        super().__init__(model_path, device_path)
        n = self.get_num_of_output_tensors()
        if n != 1:
            raise ValueError("Classification model should have 1 output tensor only!This model has {}.".format(n))

    def classify_with_image(self, img, threshold=0.1, top_k=3, resample=Image.NEAREST):
        """Classifies a picture of any size.

        Args:
            img: a PIL image. It is stretched to the size of the model's input.
            threshold: scores have to be above it.
            top_k: how many results at most.
            resample: Pillow's filter.

        Returns:
            A list of (id, score), the best first.
        """
        return self.classify_with_input_tensor(image_to_input(self.get_input_tensor_shape(), img, resample), threshold, top_k)

    def classify_with_input_tensor(self, input_tensor, threshold=0.0, top_k=3):
        """Classifies a picture that is ready for the model: flat, in anything that :meth:`run_inference` takes. The threshold's
        default is another one than of :meth:`classify_with_image`."""
        if top_k <= 0:
            raise ValueError("top_k must be positive!")
        _, scores = self.run_inference(input_tensor)
        return best(scores, threshold, top_k)

    ClassifyWithImage = classify_with_image
    ClassifyWithInputTensor = classify_with_input_tensor
