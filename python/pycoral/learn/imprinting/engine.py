# SPDX-License-Identifier: Apache-2.0
"""New classes from few embeddings: imprinted weights (Qi, Brown and Lowe 2018)."""
from corallite import _learn

NO_NORM = "Unsupported model architecture. Input model must have an L2Norm layer."


class ImprintingEngine:
    """Teaches a model classes by the vectors that it tells pictures apart by.

    Args:
        model_path: a .tflite file that ends in L2_NORMALIZATION, CONV_2D, MUL, RESHAPE and SOFTMAX.
        keep_classes: whether the classes that it has stay. Those that were imprinted can be taught more.

    Raises:
        ValueError: there is no such file, or it ends otherwise.

    Embeddings come from the model that :meth:`serialize_extractor_model` gives.
    """

    def __init__(self, model_path, keep_classes=False):
        try:
            model = _learn.open_model(model_path)
        except FileNotFoundError:
            raise ValueError("Failed to open file: {}".format(model_path)) from None
        except RuntimeError as e:
            raise ValueError(str(e)) from None
        ending = _learn.Ending(model)
        if ending.kind in (_learn.VECTOR, _learn.NO_NORM):
            raise ValueError(NO_NORM)
        if ending.kind != _learn.SCALED:
            raise ValueError("The last 4 operators must be Conv2d, Mul, Reshape, Softmax")
        self._imprinter = _learn.Imprinter(model, ending, keep_classes)

    @property
    def embedding_dim(self):
        """How many numbers an embedding has."""
        return self._imprinter.ending.size

    @property
    def num_classes(self):
        """How many classes there are so far."""
        return self._imprinter.classes

    def serialize_extractor_model(self):
        """The bytes of the model up to the embedding."""
        return self._imprinter.extractor()

    def serialize_model(self):
        """The bytes of the classifier.

        Raises:
            RuntimeError: nothing was taught yet.
        """
        if not self._imprinter.trained:
            raise RuntimeError("Model is not trained.")
        return self._imprinter.content()

    def train(self, embedding, class_id):
        """Adds an embedding to a class.

        Args:
            embedding: `embedding_dim` real numbers.
            class_id: a class that was imprinted, or `num_classes` for a new one.

        Raises:
            RuntimeError: no such class, or one that the model had without imprinting.
        """
        if len(embedding) != self.embedding_dim:
            raise RuntimeError("Invalid weights array shape.")
        self._imprinter.train(embedding, class_id)
