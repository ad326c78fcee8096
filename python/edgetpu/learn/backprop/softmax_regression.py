# SPDX-License-Identifier: Apache-2.0
"""A last layer trained from embeddings, in numpy."""
import os
import pickle

import numpy as np

from corallite import _softmax
from edgetpu.learn.utils import AppendFullyConnectedAndSoftmaxLayerToModel


class SoftmaxRegression:
    """A fully connected layer and a softmax, trained by stochastic gradient descent.

    Args:
        feature_dim: how many numbers an embedding has.
        num_classes: how many classes there are.
        weight_scale: how far the first weights are from 0.
        reg: how much large weights are punished.
    """

    def __init__(self, feature_dim=None, num_classes=None, weight_scale=0.01, reg=0.0):
        self.feature_dim = feature_dim
        self.num_classes = num_classes
        self.reg = reg
        self.label_map = None
        self.min_score = 0.0
        self.max_score = 0.0
        self.params = {}
        if feature_dim and num_classes:
            self.params["mat_w"] = weight_scale * np.random.randn(feature_dim, num_classes).astype(np.float32)
            self.params["vec_b"] = np.zeros(num_classes, np.float32)

    def _scores(self, mat_x):
        return np.asarray(mat_x).dot(self.params["mat_w"]) + self.params["vec_b"]

    def _get_loss(self, mat_x, labels):
        loss, dw, db = _softmax.loss_and_gradients(np.asarray(mat_x), np.asarray(labels), self.params["mat_w"], self.params["vec_b"],
                                                   self.reg)
        return loss, {"mat_w": dw, "vec_b": db}

    def run_inference(self, mat_x):
        """The class of an embedding, or of each row of a matrix of them."""
        return np.argmax(self._scores(mat_x), axis=-1)

    def save_as_tflite_model(self, in_model_path, out_model_path):
        """Writes a classifier: the model that gave the embeddings, with this layer behind it."""
        AppendFullyConnectedAndSoftmaxLayerToModel(in_model_path, out_model_path, self.params["mat_w"].T.flatten(), self.params["vec_b"],
                                                   float(self.min_score), float(self.max_score))

    def get_accuracy(self, mat_x, labels):
        """The part of the rows that is given the class it should."""
        return np.mean(self.run_inference(mat_x) == np.asarray(labels))

    def train_with_sgd(self, data, num_iter, learning_rate, batch_size=100, print_every=100):
        """Trains.

        Args:
            data: a dictionary: data_train and data_val, embeddings a row each, labels_train and labels_val, their classes.
            num_iter: steps.
            learning_rate: how far each goes.
            batch_size: embeddings of a step.
            print_every: steps after which the loss is printed.
        """
        _softmax.train(self.params["mat_w"], self.params["vec_b"], self.reg, data, num_iter, learning_rate, batch_size, print_every,
                       self.get_accuracy)
        scores = self._scores(data["data_train"])
        self.min_score, self.max_score = float(np.min(scores)), float(np.max(scores))

    def _set_label_map(self, label_map):
        self.label_map = label_map

    def _get_label_map(self):
        return self.label_map

    def _save_ckpt(self, ckpt_dir):
        os.makedirs(ckpt_dir, exist_ok=True)
        for name, value in (("weights.pickle", self.params), ("label_map.pickle", self.label_map)):
            with open(os.path.join(ckpt_dir, name), "wb") as f:
                pickle.dump(value, f)

    def _load_ckpt(self, ckpt_dir):
        """Reads what _save_ckpt wrote: only from those one trusts, as with all pickles."""
        with open(os.path.join(ckpt_dir, "weights.pickle"), "rb") as f:
            self.params = pickle.load(f)
        with open(os.path.join(ckpt_dir, "label_map.pickle"), "rb") as f:
            self.label_map = pickle.load(f)
