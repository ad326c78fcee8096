# SPDX-License-Identifier: Apache-2.0
"""Drawn models of the operators of spectra: Fourier transforms, complex numbers, what is heard in them."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from drawn import operator

UNSEEN = np.nan, np.inf, -np.inf


def waves(d, shape):
    """Noise, or what transforms into zeros of either sign."""
    values = d.numbers("float32", shape)
    how = d.int(0, 7)
    if how == 0:
        values[...] = d.choice(0.0, -0.0, 1.0, -2.5)
    elif how == 1 and values.size:
        values[...] = 0
        values.flat[d.int(0, values.size - 1)] = 1
    elif how == 2:
        values = np.sin(np.arange(values.size) * d.choice(np.pi / 4, np.pi / 8, 0.1)).reshape(shape)
    return values


# Other libraries' cosines make other results where they should be 0: those are waves of their own.
@operator("RFFT2D", "float32 float32_row", ulp=2)
def rfft2d(d, kind):
    """`row`: one row, and as long as speech has them; the other kind has all sizes, one of them 1 now and then."""
    if kind.endswith("row"):
        h, w = 1, d.choice(64, 128, 256, 512, 1024)
        shape = [1, 1, d.choice(w, w, w - d.int(1, 40), w + 3)]
    else:
        h, w = 2 ** d.int(0, 5), 2 ** d.int(0, 5)
        shape = d.shape(d.int(0, 1), limit=3) + [max(1, h + d.choice(0, 0, d.int(-5, 5))), max(1, w + d.choice(0, 0, d.int(-5, 5)))]
    lengths = (d.ints if d.chance(0.7) else lambda v: d.input("int32", [2], values=v))([h, w])
    shape_out = shape[:-2] + [h, w // 2 + 1]  # the reference wants the file to have the shape right
    d.op("RFFT2D", [d.input("float32", shape, values=waves(d, shape)), lengths], [d.output("complex64", shape=shape_out)],
         schema.Rfft2dOptionsT())


def part(d, kind, name):
    shape = d.shape(d.int(0, 4))
    values = d.numbers(kind, shape)
    if values.size and d.chance(0.5):
        values.flat[d.int(0, values.size - 1)] = d.choice(*UNSEEN, 0, 1e30) + 1j * d.choice(*UNSEEN, 0, 1e30)
    d.op(name, [d.input(kind, shape, values=values)], [d.output("float32" if kind == "complex64" else "float64")])


@operator("REAL", "complex64 complex128")
def real(d, kind):
    part(d, kind, "REAL")


@operator("IMAG", "complex64 complex128")
def imag(d, kind):
    part(d, kind, "IMAG")


@operator("COMPLEX_ABS", "complex64 complex128", ulp=2)
def complex_abs(d, kind):
    part(d, kind, "COMPLEX_ABS")


@operator("AudioSpectrogram", "float32", ulp=2)
def audio_spectrogram(d, kind):
    window = d.choice(d.int(2, 40), d.int(2, 300), 256, 480)
    samples, channels = d.choice(window + d.int(0, 3 * window), d.int(1, window + 2)), d.choice(1, 1, 2, 3)
    options = {"window_size": window, "stride": d.int(max(1, window // 4), 2 * window), "magnitude_squared": d.chance(0.6)}
    x = d.input(kind, [samples, channels], values=waves(d, [samples, channels]))
    d.op("AudioSpectrogram", [x], [d.output(kind)], custom=bytes(flexbuffers.Dumps(options)))


@operator("Mfcc", "float32", ulp=2)
def mfcc(d, kind):
    bands, bins = d.int(1, 40), d.choice(d.int(2, 20), 65, 129, 257)
    low = d.choice(20, 0, d.int(0, 3000))
    options = {"upper_frequency_limit": low + d.choice(4000, d.int(1, 9000)), "lower_frequency_limit": low,
               "filterbank_channel_count": bands, "dct_coefficient_count": d.int(1, bands)}
    if d.chance(0.3):
        options = {key: float(value) + d.choice(0, 0.6) for key, value in options.items()}
    shape, one = [d.choice(1, 2), d.int(1, 4), bins], d.choice([], [1])
    x = d.input(kind, shape, values=np.abs(waves(d, shape)) * d.choice(1, 1e-14, 1e6))
    rate = (d.const if d.chance(0.7) else d.input)("int32", one, values=np.reshape(d.choice(16000, 8000, 44100, d.int(100, 50000)), one))
    d.op("Mfcc", [x, rate], [d.output(kind)], custom=bytes(flexbuffers.Dumps(options)))
