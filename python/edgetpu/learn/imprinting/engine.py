# SPDX-License-Identifier: Apache-2.0
"""New classes from few pictures: imprinted weights (Qi, Brown and Lowe 2018)."""
import time

import numpy as np
import tflite_runtime.interpreter as tflite

from corallite import _buffers, _learn
from edgetpu.classification.engine import best, image_to_input
from pycoral.pybind import _pywrap_coral

MOST_IMAGES = 200


class ImprintingEngine:
    """Teaches a model new classes.

    Args:
        model_path: a .tflite file that ends in L2_NORMALIZATION, CONV_2D, MUL, RESHAPE and SOFTMAX (release 2), or in a vector
            [1, 1, 1, n], an embedding extractor (release 1.9), or one that was made of either.
        keep_classes: whether the classes that a model of release 2 has stay. Those that were imprinted can be taught more. What was
            made of an embedding extractor keeps them always.

    Raises:
        RuntimeError: there is no such file, or it ends otherwise.
    """

    def __init__(self, model_path, keep_classes=False):
        try:
            model = _learn.open_model(model_path)
        except FileNotFoundError:
            raise RuntimeError("Failed to open file: {}".format(model_path)) from None
        ending = _learn.Ending(model)
        if ending.kind == _learn.NO_NORM:
            raise RuntimeError("Unsupported model architecture. Input model must have an L2Norm layer.")
        if ending.kind == _learn.OTHER:
            raise RuntimeError("The last 5 operators should be L2Norm, Conv2d, Mul, Reshape and Softmax")
        if len(ending.shape_of_logits) != 2 or ending.shape_of_logits[0] != 1:
            raise RuntimeError("Logit output tensor should be [1, x]")
        if len(ending.shape_of_vector) != 4 or ending.shape_of_vector[:3] != (1, 1, 1):
            raise RuntimeError("Embedding extractor's output tensor should be [1, 1, 1, x]")
        self._imprinter = _learn.Imprinter(model, ending, keep_classes or ending.kind == _learn.PLAIN)
        self._normalise = ending.kind == _learn.VECTOR
        self._extractor = _ready(self._imprinter.extractor())
        self._classifier = None
        self._latency = -1.0

    def save_model(self, path):
        """Writes a classifier. RuntimeError: nothing was taught yet."""
        if not self._imprinter.trained:
            raise RuntimeError("Model without training won't be saved!")
        _learn.write_file(path, self._imprinter.content())

    def train(self, input, class_id=None):
        """Teaches a class.

        Args:
            input: a picture a row, each flat and of the model's size: a 2-D array of uint8, or a list of rows. At most 200.
            class_id: a class that was imprinted, or as many as there are for a new one; None: a new one.

        Returns:
            The number of the class where none was given, as in release 1.9; else None.

        Raises:
            RuntimeError: no pictures, too many, or a class that cannot be taught.
        """
        number = self._imprinter.classes if class_id is None else class_id
        if len(input) == 0:
            raise RuntimeError("No images sent for training!")
        if len(input) > MOST_IMAGES:
            raise RuntimeError("Too many training images, max # images per category is 200!")
        self._imprinter.check(number)
        for embedding in [self._embedding(image) for image in input]:
            self._imprinter.train(embedding, number)
        self._classifier = None
        return number if class_id is None else None

    def train_all(self, input_data):
        """Teaches several classes.

        Args:
            input_data: a list with the pictures of each, see :meth:`train`, or a dictionary of them by names. They become new
                classes.

        Returns:
            For a dictionary one of the names by number, as in release 1.9; else None.
        """
        if isinstance(input_data, dict):
            return {self.train(images): name for name, images in input_data.items()}
        for images in input_data:
            self.train(images)
        return None

    def classify_with_resized_image(self, img, threshold=0.1, top_k=3):
        """Classifies a PIL image of the model's size by what was taught so far: a list of (id, score), the best first."""
        return self.classify_with_input_tensor(image_to_input(self._extractor.get_input_details()[0]["shape"], img), threshold, top_k)

    def classify_with_input_tensor(self, input_tensor, threshold=0.0, top_k=3):
        """The same for a picture that is flat already."""
        if top_k <= 0:
            raise ValueError("top_k must be positive!")
        return best(self.scores(input_tensor), threshold, top_k)

    def scores(self, input_tensor):
        """The scores of all classes that were taught so far."""
        if not self._imprinter.trained:
            raise RuntimeError("Model without training couldn't run inference!")
        if self._classifier is None:
            self._classifier = _ready(self._imprinter.content())
        start = time.perf_counter()
        result = _run(self._classifier, input_tensor)
        self._latency = (time.perf_counter() - start) * 1000
        return result

    def get_inference_time(self):
        """Milliseconds of the last classification; -1 before the first."""
        return self._latency

    def _embedding(self, image):
        vector = _run(self._extractor, image)
        if not self._normalise:
            return vector  # the model did
        length = np.linalg.norm(vector)
        return vector / length if length else vector

    SaveModel = save_model
    Train = train
    TrainAll = train_all
    ClassifyWithResizedImage = classify_with_resized_image
    ClassifyWithInputTensor = classify_with_input_tensor


def _ready(content):
    interpreter = tflite.Interpreter(model_content=content)
    interpreter.allocate_tensors()
    return interpreter


def _run(interpreter, image):
    """The output for one picture, in real numbers."""
    values = np.asarray(image).reshape(-1)
    if not values.size:
        raise RuntimeError("Image size is zero!")
    details = interpreter.get_input_details()[0]
    expected = int(np.prod(details["shape"]))
    if values.size < expected:
        raise RuntimeError("Input buffer size {} smaller than model input tensor size {}.".format(values.size, expected))
    _pywrap_coral.invoke(interpreter, _buffers.pixels_for(values[:expected], details["dtype"]))
    output = interpreter.get_output_details()[0]
    return _buffers.real_numbers(interpreter.get_tensor(output["index"]), output["quantization"])
