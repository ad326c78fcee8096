# SPDX-License-Identifier: Apache-2.0
"""A last layer trained from embeddings."""
import numpy as np

from corallite import _learn, _softmax


class SoftmaxRegression:
    """A fully connected layer and a softmax, trained by stochastic gradient descent.

    Args:
        feature_dim: how many numbers an embedding has.
        num_classes: how many classes there are.
        weight_scale: how far the first weights are from 0.
        reg: how much large weights are punished.
    """

    def __init__(self, feature_dim=None, num_classes=None, weight_scale=0.01, reg=0.0):
        self.model = _Model(feature_dim or 0, num_classes or 0, weight_scale, reg)

    def serialize_model(self, in_model_path):
        """The bytes of a classifier: the model that gave the embeddings, with this layer behind it.

        Raises:
            ValueError: there is no such file.
            RuntimeError: it does not end in a vector of this size.
        """
        return self.model.append_to(in_model_path)

    def get_accuracy(self, mat_x, labels):
        """The part of the rows of `mat_x`, float32, that is given the class in `labels`."""
        return self.model.accuracy(_embeddings(mat_x), labels)

    def train_with_sgd(self, data, num_iter, learning_rate, batch_size=100, print_every=100):
        """Trains.

        Args:
            data: a dictionary: data_train and data_val, float32 embeddings, a row each, labels_train and labels_val, their classes.
            num_iter: steps.
            learning_rate: how far each goes.
            batch_size: embeddings of a step.
            print_every: steps after which the loss is printed.

        Raises:
            RuntimeError: embeddings of another type or form.
        """
        self.model.train({"data_train": _embeddings(data["data_train"]), "data_val": _embeddings(data["data_val"]),
                          "labels_train": data["labels_train"], "labels_val": data["labels_val"]},
                         num_iter, learning_rate, batch_size, print_every)


def _embeddings(mat_x):
    mat_x = np.asarray(mat_x)
    if mat_x.dtype != np.float32:
        raise RuntimeError("Incompatible format: expected a float array!")
    if mat_x.ndim != 2:
        raise RuntimeError("Incompatible buffer dimension!")
    return mat_x


class _Model:
    """The layer, and the range of its results on what it was trained with."""

    def __init__(self, feature_dim, num_classes, weight_scale, reg):
        self.weights = (weight_scale * np.random.randn(feature_dim, num_classes)).astype(np.float32)
        self.bias = np.zeros(num_classes, np.float32)
        self.reg = reg
        self.low = self.high = 0.0

    def scores(self, mat_x):
        return mat_x.dot(self.weights) + self.bias

    def accuracy(self, mat_x, labels):
        return float(np.mean(np.argmax(self.scores(mat_x), axis=1) == np.asarray(labels)))

    def train(self, data, num_iter, learning_rate, batch_size, print_every):
        _softmax.train(self.weights, self.bias, self.reg, data, num_iter, learning_rate, batch_size, print_every, self.accuracy)
        scores = self.scores(data["data_train"])
        self.low, self.high = float(scores.min()), float(scores.max())

    def append_to(self, path):
        try:
            model = _learn.open_model(path)
        except FileNotFoundError:
            raise ValueError("Failed to open file: {}".format(path)) from None
        return _learn.append_layer(model, self.weights.T, self.bias, self.low, self.high)
