# SPDX-License-Identifier: Apache-2.0
"""The built-in detector: an SSD on a small MobileNetV2, from random weights to .tflite.

  detector.py train   --data CACHE/train --weights W.weights.h5 --steps N
  detector.py convert --data CACHE/train --weights W.weights.h5 --out signs_detector.tflite --labels LABELS

Input 256 x 256, whatever the picture's shape was: pictures are squeezed, so the anchors come
in two shapes. Four maps: 32 x 32 for small signs, 16, 8 and 4 for ever larger ones.
"""
import argparse
import os

import keras
import numpy as np
import tensorflow as tf
from keras import layers as kl

import layers
import tflite_file
from signs import SIGNS

SIDE = 256
# (cells of a side, anchor sizes); sizes are fractions of the picture, every one in each shape
MAPS = [(32, (0.085, 0.125)), (16, (0.17, 0.25)), (8, (0.36, 0.52)), (4, (0.72,))]
SHAPES = (0.66, 1.0)  # width / height in the squeezed picture: 4:3 and wider, square and upright
SCALES = {"y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0}
# The customary background column in front: always 0 here, and skipped by the post-process.
COLUMNS = len(SIGNS) + 1
IGNORE = -2


def anchors():
    """[n,4] float32: y centre, x centre, height, width, in the order of the network's rows."""
    rows = []
    for cells, sizes in MAPS:
        for y in range(cells):
            for x in range(cells):
                rows += [((y + 0.5) / cells, (x + 0.5) / cells, size, size * shape)
                         for size in sizes for shape in SHAPES]
    return np.array(rows, np.float32)


def build():
    """Network with outputs boxes [b,n,4] (encoded y,x,h,w) and logits [b,n,COLUMNS]."""
    image = keras.Input((SIDE, SIDE, 3))
    x = layers.conv(image, 16, 3, 2)                       # 128
    x, _ = layers.inverted_residual(x, 16, 1, 2)           # 64
    x, _ = layers.inverted_residual(x, 24, 4, 2)           # 32
    x, _ = layers.inverted_residual(x, 24, 4)
    x, _ = layers.inverted_residual(x, 24, 4)
    x, small = layers.inverted_residual(x, 40, 6, 2)       # 16; `small` is 32 x 32 x 144
    for _ in range(3):
        x, _ = layers.inverted_residual(x, 40, 4)
    x, medium = layers.inverted_residual(x, 80, 6, 2)      # 8; `medium` is 16 x 16 x 240
    x, _ = layers.inverted_residual(x, 80, 4)
    x, _ = layers.inverted_residual(x, 80, 4)
    large = layers.conv(x, 192)
    huge = layers.conv(layers.depthwise(layers.conv(large, 64), 2), 128)  # 4
    boxes, logits = [], []
    rare = keras.initializers.Constant(-np.log(99.0))  # at first every anchor is 1 % sure of anything
    for features, (cells, sizes) in zip((small, medium, large, huge), MAPS):
        per_cell = len(sizes) * len(SHAPES)
        b = kl.Conv2D(per_cell * 4, 1, kernel_initializer=keras.initializers.RandomNormal(0, 0.01))(
            layers.depthwise(features))
        c = kl.Conv2D(per_cell * COLUMNS, 1, bias_initializer=rare,
                      kernel_initializer=keras.initializers.RandomNormal(0, 0.01))(layers.depthwise(features))
        boxes.append(kl.Reshape((cells * cells * per_cell, 4))(b))
        logits.append(kl.Reshape((cells * cells * per_cell, COLUMNS))(c))
    return keras.Model(image, [kl.Concatenate(1)(boxes), kl.Concatenate(1)(logits)])


# ---- training ----------------------------------------------------------------------------

def _corners(a):
    y, x, h, w = tf.unstack(a, axis=-1)
    return tf.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], -1)


def _iou(a, b):
    """a [n,4], b [batch,m,4] corners -> [batch,n,m]."""
    a, b = a[None, :, None], b[:, None]
    size = tf.maximum(0.0, tf.minimum(a[..., 2:], b[..., 2:]) - tf.maximum(a[..., :2], b[..., :2]))
    inter = size[..., 0] * size[..., 1]
    area = lambda t: (t[..., 2] - t[..., 0]) * (t[..., 3] - t[..., 1])
    return inter / tf.maximum(area(a) + area(b) - inter, 1e-9)


def assign(priors, boxes, classes):
    """For every anchor its class (-1 none, IGNORE no opinion) and the encoded box it should say.

    An anchor belongs to the box it overlaps most, from 0.5 on; every box gets its best anchor."""
    real = classes >= 0
    iou = tf.where((classes != -1)[:, None], _iou(_corners(priors), boxes), -1.0)
    best, owner = tf.reduce_max(iou, 2), tf.argmax(iou, 2, tf.int32)
    n = tf.shape(priors)[0]
    favourite = tf.one_hot(tf.argmax(iou, 1, tf.int32), n, on_value=True, off_value=False, axis=1, dtype=tf.bool)
    favourite = favourite & real[:, None]
    forced = tf.reduce_any(favourite, 2)
    owner = tf.where(forced, tf.argmax(tf.cast(favourite, tf.int32), 2, tf.int32), owner)
    owned = tf.gather(classes, owner, batch_dims=1)
    label = tf.where(forced | (best >= 0.5), owned, tf.where(best >= 0.4, IGNORE, -1))
    target = tf.gather(boxes, owner, batch_dims=1)
    y, x, h, w = tf.unstack(priors, axis=-1)
    tw = tf.maximum(target[..., 2] - target[..., 0], 1e-3)
    th = tf.maximum(target[..., 3] - target[..., 1], 1e-3)
    coded = tf.stack([((target[..., 1] + target[..., 3]) / 2 - y) / h * SCALES["y_scale"],
                      ((target[..., 0] + target[..., 2]) / 2 - x) / w * SCALES["x_scale"],
                      tf.math.log(th / h) * SCALES["h_scale"], tf.math.log(tw / w) * SCALES["w_scale"]], -1)
    return label, coded


def loss(label, coded, boxes, logits):
    """Focal loss over all anchors, Huber loss over the owned ones, both per owned anchor."""
    owned = tf.cast(label >= 0, tf.float32)
    count = tf.maximum(tf.reduce_sum(owned), 1.0)
    wanted = tf.one_hot(label + 1, COLUMNS) * owned[..., None]
    p = tf.sigmoid(logits)
    right = wanted * p + (1 - wanted) * (1 - p)
    weight = (0.25 * wanted + 0.75 * (1 - wanted)) * (1 - right) ** 2
    focal = weight * tf.nn.sigmoid_cross_entropy_with_logits(wanted, logits)
    focal = tf.reduce_sum(focal * tf.cast(label != IGNORE, tf.float32)[..., None]) / count
    error = tf.abs(coded - boxes)
    huber = tf.where(error < 1, 0.5 * error * error, error - 0.5)
    return focal, tf.reduce_sum(huber * owned[..., None]) / count / 4


def augment(pixels, boxes, classes):
    """A random window of each picture, resized to the input; signs cut in half are ignored."""
    n = tf.shape(pixels)[0]
    size = tf.random.uniform([n, 2], 0.78, 1.0)
    corner = tf.random.uniform([n, 2]) * (1 - size)
    window = tf.concat([corner, corner + size], 1)  # x0,y0,x1,y1
    x = tf.image.crop_and_resize(tf.cast(pixels, tf.float32), tf.gather(window, [1, 0, 3, 2], axis=1),
                                 tf.range(n), [SIDE, SIDE])
    moved = (boxes - tf.tile(corner, [1, 2])[:, None]) / tf.tile(size, [1, 2])[:, None]
    clipped = tf.clip_by_value(moved, 0.0, 1.0)
    area = lambda t: (t[..., 2] - t[..., 0]) * (t[..., 3] - t[..., 1])
    seen = area(clipped) / tf.maximum(area(moved), 1e-9)
    classes = tf.where(seen >= 0.7, classes, tf.where((seen > 0.05) & (classes >= 0), IGNORE, -1))
    return layers.jitter(x), clipped, classes


def train(args):
    layers.seed(1)
    images = np.load(args.data + ".images.npy", mmap_mode="r")
    boxes, classes = np.load(args.data + ".boxes.npy"), np.load(args.data + ".classes.npy")
    model, priors = build(), tf.constant(anchors())
    print("%d pictures, %d anchors, %d weights, %.1f million MACs"
          % (len(images), len(priors), model.count_params(), layers.macs(model) / 1e6), flush=True)
    optimizer = keras.optimizers.AdamW(args.rate, weight_decay=0.01, global_clipnorm=5.0)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])

    @tf.function
    def step(pixels, b, c):
        x, b, c = augment(pixels, b, c)
        label, coded = assign(priors, b, c)
        with tf.GradientTape() as tape:
            out_boxes, logits = model(x / 127.5 - 1.0, training=True)
            focal, huber = loss(label, coded, out_boxes, logits)
            total = focal + 0.5 * huber
        grads = tape.gradient(total, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))
        return focal, huber

    rows = layers.batches(len(images), args.batch, np.random.default_rng(1))
    schedule = layers.Schedule(args.steps, args.minutes, args.rate)
    layers.loop(model, lambda r: step(images[r], boxes[r], classes[r]), rows, schedule, optimizer, ("class", "box"), args.weights)


# ---- conversion --------------------------------------------------------------------------

def convert(args):
    model = build()
    model.load_weights(args.weights)
    boxes, logits = model.outputs
    scored = keras.Model(model.inputs, [boxes, kl.Activation("sigmoid")(logits)])
    images = np.load(args.data + ".images.npy", mmap_mode="r")[:300]
    data = layers.quantise(scored, SIDE, layers.resized(images, SIDE), float_output=True)
    data = tflite_file.rename(data, ["image"], [])
    data = tflite_file.append_postprocess(data, anchors(), dict(
        SCALES, num_classes=len(SIGNS), max_detections=25, max_classes_per_detection=1,
        detections_per_class=25, use_regular_nms=False, nms_score_threshold=0.05, nms_iou_threshold=0.5))
    with open(args.labels, encoding="ascii") as f:
        labels = f.read()
    data = tflite_file.embed_labels(data, labels, name="Printed signs, detector",
                                    description="Finds printed signs drawn by tools/train/signs.py.",
                                    output="classes", per_value=True)
    with open(args.out, "wb") as f:
        f.write(data)
    print("%s: %d bytes" % (args.out, len(data)))


def main():
    parser = argparse.ArgumentParser(description="Train and convert the built-in detector.")
    args = layers.options(parser, steps=3000, batch=16, rate=2e-3)
    train(args) if args.verb == "train" else convert(args)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
