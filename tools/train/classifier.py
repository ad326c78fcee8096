# SPDX-License-Identifier: Apache-2.0
"""The built-in classifier: which sign is held up, or none. From random weights to .tflite.

  classifier.py train   --data CACHE/single --weights W.weights.h5 --steps N
  classifier.py convert --data CACHE/single --weights W.weights.h5 --out signs_classifier.tflite --labels LABELS

Input 128 x 128 of a whole picture; one sign of at least a third of its height, or no sign.
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

SIDE = 128
CLASSES = len(SIGNS) + 1  # the last one is "no sign"


def build():
    """Network with one output: logits [b,CLASSES]."""
    image = keras.Input((SIDE, SIDE, 3))
    x = layers.conv(image, 16, 3, 2)                       # 64
    x, _ = layers.inverted_residual(x, 16, 1, 2)           # 32
    x, _ = layers.inverted_residual(x, 24, 4, 2)           # 16
    x, _ = layers.inverted_residual(x, 24, 4)
    x, _ = layers.inverted_residual(x, 40, 4, 2)           # 8
    x, _ = layers.inverted_residual(x, 40, 4)
    x, _ = layers.inverted_residual(x, 64, 4, 2)           # 4
    x, _ = layers.inverted_residual(x, 64, 4)
    x = kl.AveragePooling2D(4)(layers.conv(x, 192))
    x = kl.Dropout(0.2)(x)
    return keras.Model(image, kl.Reshape((CLASSES,))(kl.Conv2D(CLASSES, 1)(x)))


def augment(pixels):
    n = tf.shape(pixels)[0]
    size = tf.random.uniform([n, 2], 0.85, 1.0)
    corner = tf.random.uniform([n, 2]) * (1 - size)
    x = tf.image.crop_and_resize(tf.cast(pixels, tf.float32), tf.concat([corner, corner + size], 1),
                                 tf.range(n), [SIDE, SIDE])
    return layers.jitter(x)


def train(args):
    layers.seed(2)
    images = np.load(args.data + ".images.npy", mmap_mode="r")
    classes = np.load(args.data + ".classes.npy")[:, 0]
    classes = np.where(classes < 0, CLASSES - 1, classes).astype(np.int32)
    model = build()
    print("%d pictures, %d weights, %.1f million MACs"
          % (len(images), model.count_params(), layers.macs(model) / 1e6), flush=True)
    optimizer = keras.optimizers.AdamW(args.rate, weight_decay=0.02, global_clipnorm=5.0)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])

    @tf.function
    def step(pixels, c):
        x = augment(pixels)
        with tf.GradientTape() as tape:
            logits = model(x / 127.5 - 1.0, training=True)
            wanted = tf.one_hot(c, CLASSES) * 0.95 + 0.05 / CLASSES
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, logits))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))
        return loss, tf.reduce_mean(tf.cast(tf.argmax(logits, 1, tf.int32) == c, tf.float32))

    rows = layers.batches(len(images), args.batch, np.random.default_rng(1))
    schedule = layers.Schedule(args.steps, args.minutes, args.rate)
    layers.loop(model, lambda r: step(images[r], classes[r]), rows, schedule, optimizer, ("loss", "right"), args.weights)


def convert(args):
    model = build()
    model.load_weights(args.weights)
    scored = keras.Model(model.inputs, kl.Softmax()(model.outputs[0]))
    images = np.load(args.data + ".images.npy", mmap_mode="r")[:300]
    data = layers.quantise(scored, SIDE, layers.resized(images, SIDE), float_output=False)
    data = tflite_file.rename(data, ["image"], ["scores"])
    with open(args.labels, encoding="ascii") as f:
        labels = f.read()
    data = tflite_file.embed_labels(data, labels, name="Printed signs, classifier",
                                    description="Names the printed sign, drawn by tools/train/signs.py, in a picture.",
                                    output="scores", per_value=False)
    with open(args.out, "wb") as f:
        f.write(data)
    print("%s: %d bytes" % (args.out, len(data)))


def main():
    parser = argparse.ArgumentParser(description="Train and convert the built-in classifier.")
    args = layers.options(parser, steps=2000, batch=64, rate=3e-3)
    train(args) if args.verb == "train" else convert(args)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
