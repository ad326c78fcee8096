# SPDX-License-Identifier: Apache-2.0
"""A last layer trained by gradient descent: softmax regression, for pycoral and edgetpu."""
import numpy as np


def fc_forward(mat_x, mat_w, vec_b):
    """A fully connected layer: x [n, in] times w [in, out], plus b [out]. Returns (out, what fc_backward needs)."""
    return mat_x.dot(mat_w) + vec_b, (mat_x, mat_w, vec_b)


def fc_backward(dout, cached):
    """Gradients of x, w and b from that of the layer's output."""
    mat_x, mat_w, _ = cached
    return dout.dot(mat_w.T), mat_x.T.dot(dout), dout.sum(axis=0)


def softmax_cross_entropy_loss(logits, labels):
    """The mean loss of logits [n, classes] that should have given `labels` [n], and its gradient."""
    n = len(logits)
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    exp = np.exp(shifted)
    sums = exp.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(sums[:, 0]) - shifted[np.arange(n), labels])
    gradient = exp / sums
    gradient[np.arange(n), labels] -= 1
    return loss, gradient / n


def loss_and_gradients(mat_x, labels, mat_w, vec_b, reg):
    """(loss, dw, db); `reg` punishes large weights."""
    logits, cached = fc_forward(mat_x, mat_w, vec_b)
    loss, dlogits = softmax_cross_entropy_loss(logits, labels)
    _, dw, db = fc_backward(dlogits, cached)
    return loss + 0.5 * reg * np.sum(mat_w * mat_w), dw + reg * mat_w, db


def train(mat_w, vec_b, reg, data, num_iter, learning_rate, batch_size, print_every, accuracy):
    """Stochastic gradient descent, in place. `data` has data_train, labels_train, data_val, labels_val; `accuracy` is a function of data
    and labels, for what is printed. Batches are drawn by numpy's own generator, so that numpy.random.seed() makes it repeatable."""
    x, labels = np.asarray(data["data_train"]), np.asarray(data["labels_train"])
    for i in range(num_iter):
        drawn = np.random.choice(len(x), batch_size)
        loss, dw, db = loss_and_gradients(x[drawn], labels[drawn], mat_w, vec_b, reg)
        mat_w -= (learning_rate * dw).astype(mat_w.dtype)
        vec_b -= (learning_rate * db).astype(vec_b.dtype)
        if print_every > 0 and i % print_every == 0:
            print("Loss %.2f, train acc %.2f%%, val acc %.2f%%" % (
                loss, 100 * accuracy(x, labels), 100 * accuracy(data["data_val"], data["labels_val"])))
