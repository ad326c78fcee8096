# SPDX-License-Identifier: Apache-2.0
"""What detector.py and classifier.py share: the blocks, the averaged weights, the conversion.

Only operators that every 8-bit accelerator knows come out of these blocks: convolutions with
"same" padding and ReLU6 folded in, and additions.
"""
import time

import keras
import numpy as np
import tensorflow as tf
from keras import layers as kl
from PIL import Image
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2


class BatchNorm(kl.Layer):
    """Batch normalisation in one operator: Keras spells it out in a dozen, which costs a third of
    the training time on a CPU."""

    def __init__(self, momentum=0.98, epsilon=1e-3):
        super().__init__()
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, shape):
        channels = (shape[-1],)
        self.gamma = self.add_weight(name="gamma", shape=channels, initializer="ones")
        self.beta = self.add_weight(name="beta", shape=channels, initializer="zeros")
        self.mean = self.add_weight(name="mean", shape=channels, initializer="zeros", trainable=False)
        self.variance = self.add_weight(name="variance", shape=channels, initializer="ones", trainable=False)

    def call(self, x, training=False):
        known = ([], []) if training else (self.mean.value, self.variance.value)
        y, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=x, scale=self.gamma.value, offset=self.beta.value, mean=known[0], variance=known[1],
            epsilon=self.epsilon, is_training=training)
        if training:
            self.mean.assign(self.momentum * self.mean + (1 - self.momentum) * mean)
            self.variance.assign(self.momentum * self.variance + (1 - self.momentum) * variance)
        return y


def conv(x, channels, kernel=1, stride=1, act=True):
    x = kl.Conv2D(channels, kernel, stride, "same", use_bias=False, kernel_initializer="he_normal")(x)
    x = BatchNorm()(x)
    return kl.ReLU(6.0)(x) if act else x


def depthwise(x, stride=1):
    x = kl.DepthwiseConv2D(3, stride, "same", use_bias=False, depthwise_initializer="he_normal")(x)
    x = BatchNorm()(x)
    return kl.ReLU(6.0)(x)


def inverted_residual(x, channels, expand, stride=1):
    """MobileNetV2's block. Returns its output and the expanded features before the depthwise step."""
    wide = conv(x, x.shape[-1] * expand) if expand > 1 else x
    y = conv(depthwise(wide, stride), channels, act=False)
    return (kl.Add()([x, y]) if stride == 1 and channels == x.shape[-1] else y), wide


class Average:
    """Exponential moving average of the trainable weights: what is kept at the end."""

    def __init__(self, model, decay=0.998):
        self.model, self.decay = model, decay
        self.shadow = [tf.Variable(w.value, trainable=False) for w in model.trainable_variables]

    @tf.function
    def update(self, step):
        decay = tf.minimum(self.decay, (1.0 + step) / (10.0 + step))
        for s, w in zip(self.shadow, self.model.trainable_variables):
            s.assign(decay * s + (1 - decay) * w.value)

    def save(self, path):
        """Write the averaged weights; the training weights stay as they are."""
        live = [w.numpy() for w in self.model.trainable_variables]
        for s, w in zip(self.shadow, self.model.trainable_variables):
            w.assign(s)
        self.model.save_weights(path)
        for value, w in zip(live, self.model.trainable_variables):
            w.assign(value)


class Schedule:
    """Learning rate: linear warm-up, then half a cosine down to a hundredth of the peak.

    The cosine ends after `steps`, or after `minutes` where that comes first: a busy machine
    trains less, but what it trained is finished."""

    def __init__(self, steps, minutes, peak, warmup=200):
        self.steps, self.seconds, self.peak, self.warmup = steps, minutes * 60, peak, warmup
        self.start = time.time()

    def elapsed(self):
        return time.time() - self.start

    def progress(self, step):
        return max(step / self.steps, self.elapsed() / self.seconds)

    def rate(self, step):
        t = min(1.0, self.progress(step))
        return self.peak * min(1.0, (step + 1) / self.warmup) * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * t)))


def batches(count, size, generator):
    """Sorted row numbers of one batch after another, every row once before any comes again."""
    if count < size:
        raise ValueError("%d pictures make no batch of %d" % (count, size))
    while True:
        order = generator.permutation(count)
        for i in range(0, count - size + 1, size):
            yield np.sort(order[i:i + size])


def loop(model, step, rows, schedule, optimizer, names, weights):
    """Train until the schedule is over; step(rows) returns the numbers called `names`.

    Prints their means every 100 steps, and writes the averaged weights every 500 and at the end."""
    average, sums, i = Average(model), np.zeros(len(names)), 0
    while schedule.progress(i) < 1:
        optimizer.learning_rate = schedule.rate(i)
        sums += [float(v) for v in step(next(rows))]
        average.update(tf.constant(i, tf.float32))
        i += 1
        if i % 100 == 0:
            print("%6d  %s  %.0f s" % (i, "  ".join("%s %.4f" % n for n in zip(names, sums / 100)),
                                       schedule.elapsed()), flush=True)
            sums[:] = 0
        if i % 500 == 0:
            average.save(weights)
    average.save(weights)
    print("%d steps in %.0f s, %.0f s of CPU time" % (i, schedule.elapsed(), time.process_time()))


def options(parser, steps, batch, rate):
    """The arguments that both networks take."""
    parser.add_argument("verb", choices=("train", "convert"))
    parser.add_argument("--data", required=True, help="cache of scenes.py, without .images.npy")
    parser.add_argument("--weights", required=True, help="NAME.weights.h5")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--minutes", type=float, default=240, help="train no longer than this")
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--out", help="convert: the .tflite to write")
    parser.add_argument("--labels", help="convert: the label file to put inside")
    return parser.parse_args()


def normalise(pixels):
    """uint8 0..255 to -1..1; conversion turns this into the input's scale and zero point."""
    return tf.cast(pixels, tf.float32) / 127.5 - 1.0


def jitter(x):
    """Per picture: brightness, contrast and white balance. x is 0..255."""
    n = tf.shape(x)[0]
    mean = tf.reduce_mean(x, [1, 2, 3], keepdims=True)
    x = mean + (x - mean) * tf.random.uniform([n, 1, 1, 1], 0.75, 1.25)
    x = x * tf.random.uniform([n, 1, 1, 3], 0.93, 1.07) * tf.random.uniform([n, 1, 1, 1], 0.8, 1.2)
    return tf.clip_by_value(x + tf.random.uniform([n, 1, 1, 1], -15.0, 15.0), 0.0, 255.0)


def resized(pictures, side):
    """uint8 [n,*,*,3] to uint8 [n,side,side,3], one at a time: the cache need not fit in memory."""
    size = (side, side)
    return np.stack([np.asarray(Image.fromarray(p).resize(size, Image.Resampling.BILINEAR)) for p in pictures])


def quantise(model, side, pictures, float_output):
    """The .tflite bytes: int8 inside, uint8 input, outputs float32 (dequantised) or uint8.

    `pictures` uint8 [n,side,side,3] set the ranges of the activations."""
    def samples():
        # The first two make sure that the input's range is exactly 0..255.
        for flat in (0, 255):
            yield [normalise(np.full((1, side, side, 3), flat, np.uint8)).numpy()]
        for p in pictures:
            yield [normalise(p[None]).numpy()]

    fixed = tf.function(lambda x: model(x, training=False))
    concrete = fixed.get_concrete_function(tf.TensorSpec([1, side, side, 3], tf.float32, name="image"))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(concrete)])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.float32 if float_output else tf.uint8
    return converter.convert()


def macs(model):
    """Multiply-accumulates of one run, convolutions and dense layers alone."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, kl.DepthwiseConv2D):
            total += int(np.prod(layer.output.shape[1:])) * 9
        elif isinstance(layer, kl.Conv2D):
            total += int(np.prod(layer.output.shape[1:3])) * int(np.prod(layer.kernel.shape))
        elif isinstance(layer, kl.Dense):
            total += int(np.prod(layer.kernel.shape))
    return total


def seed(value):
    keras.utils.set_random_seed(value)
