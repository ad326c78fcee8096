# SPDX-License-Identifier: Apache-2.0
"""Models that end in a vector, and layers behind it."""
import numpy as np

from corallite import _learn


def AppendFullyConnectedAndSoftmaxLayerToModel(in_model_path, out_model_path, weights, biases, out_tensor_min, out_tensor_max):
    """Writes a model with a fully connected layer and a softmax behind it.

    Args:
        in_model_path: a .tflite file whose output is a vector, [1, n] or [1, 1, 1, n].
        out_model_path: the file to write.
        weights: flat float32, a row of n for each class.
        biases: float32, one for each class.
        out_tensor_min, out_tensor_max: the range of the new layer's results.

    Raises:
        RuntimeError: there is no such file, or it ends otherwise.
    """
    try:
        model = _learn.open_model(in_model_path)
    except FileNotFoundError:
        raise RuntimeError("Failed to open file: {}".format(in_model_path)) from None
    biases = np.asarray(biases, np.float32).reshape(-1)
    weights = np.asarray(weights, np.float32).reshape(-1)
    if not biases.size or weights.size % biases.size:
        raise RuntimeError("{} weights for {} biases; each class has a bias, and as many weights as the others".format(
            weights.size, biases.size))
    _learn.write_file(out_model_path, _learn.append_layer(model, weights.reshape(biases.size, -1), biases, float(out_tensor_min),
                                                          float(out_tensor_max)))
