#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fits what a run on an Edge TPU takes, by what kind of host it hangs, and writes the constants of src/compile/latency.c.

    tools/fit_latency.py            the fit, and how far it is off for each published figure
    tools/fit_latency.py --c        the rows of the table in latency.c

    ms = fixed(host) + (bytes in and out + streamed parameters) / rate(host) + cycles * scale + operators * each

Two numbers for each host, and two that hosts share, for the chip is the same. A third for each host is how much a million bytes of
output may take more, at most: what a detector takes beyond the estimate, choosing its boxes included. Needs numpy; nobody needs this for building.

Figures  MEASURED: reference files of google-coral/pycoral, benchmarks/reference/inference_reference_*.csv (one invoke, mean of 200).
         RECALLED: the benchmark table of Coral's documentation, from memory: not fitted, only compared.
Networks are written out here as layers: their compiled files are not at hand. Sizes and work come from the formulas that
src/compile/cost.c has. Detectors are compared only: their figures include choosing boxes on the host's processor.
"""
import math
import sys

import numpy

CACHE = 7 * 1024 * 1024

# Host of the library: rows of the reference files that are of its kind, and the words for it.
HOSTS = {
    "usb3": (["x86_64"], "a desktop's USB 3"),
    "usb3_pi4": (["rp4b"], "Raspberry Pi 4, USB 3"),
    "usb2": (["rp3b", "rp3b+"], "Raspberry Pi 3, USB 2"),
    "pcie": (["aarch64"], "PCIe, as on the Dev Board"),
}
MEASURED = {
    "mobilenet_v1": {"x86_64": 2.17, "rp3b": 9.22, "rp3b+": 9.00, "aarch64": 2.22, "rp4b": 4.20},
    "mobilenet_v2": {"x86_64": 2.29, "rp3b": 10.77, "rp3b+": 10.61, "aarch64": 2.56, "rp4b": 4.55},
    "inception_v1": {"x86_64": 3.06, "rp3b": 19.21, "rp3b+": 18.94, "aarch64": 4.00, "rp4b": 6.21},
    "inception_v4": {"x86_64": 84.25, "rp3b": 1060.16, "rp3b+": 1054.94, "aarch64": 100.33, "rp4b": 141.20},
}
WITH_BOXES = {"ssd_v1": {"x86_64": 10.02, "rp3b": 62.60, "rp3b+": 57.68, "aarch64": 14.83, "rp4b": 15.09}}
RECALLED = {
    "squeezenet": {"x86_64": 2.1, "aarch64": 2.0},
    "resnet50_299": {"x86_64": 49, "aarch64": 56},
    "resnet152_299": {"x86_64": 128, "aarch64": 151},
    "vgg16": {"x86_64": 296, "aarch64": 343},
    "vgg19": {"x86_64": 308, "aarch64": 357},
}


def up(n, to):
    return -(-n // to) * to


def pad(c):
    return 4 if c <= 4 else up(c, 16 if c <= 64 else 64)


class Net:
    """Layers one after the other; what matters is summed up."""

    out = 1008

    def __init__(self, size, channels=3):
        self.h = self.w = size
        self.c = channels
        self.io = size * size * channels
        self.blocks, self.cycles, self.ops = [], 0.0, 0
        self.known_streamed = None

    def at(self):
        return self.h, self.w, self.c

    def go(self, place):
        self.h, self.w, self.c = place
        return self

    def conv(self, out, k=1, s=1, same=True):
        kh, kw = k if isinstance(k, tuple) else (k, k)
        self.h = -(-self.h // s) if same else (self.h - kh) // s + 1
        self.w = -(-self.w // s) if same else (self.w - kw) // s + 1
        tiles = math.ceil(self.h / 4) * math.ceil(self.w / 4)
        work = kh * kw * math.ceil(self.c / 4) * pad(out) / 16
        self.cycles += 1.08 * work / 16 if self.h == self.w == 1 else 0.80 * tiles * work
        self.blocks.append((self.h == 1 and self.w == 1, up(pad(out) * (4 + kh * kw * up(self.c, 4)), 64)))
        self.c, self.ops = out, self.ops + 1
        return self

    def depthwise(self, k=3, s=1):
        self.h, self.w = -(-self.h // s), -(-self.w // s)
        self.cycles += 0.47 * math.ceil(self.h / 4) * math.ceil(self.w / 4) * k * k * math.ceil(self.c / 4)
        self.blocks.append((True, up(up(self.c, 4) * (4 + 4 * k * k), 64)))
        self.ops += 1
        return self

    def pool(self, k, s, same=True):
        self.h = -(-self.h // s) if same else (self.h - k) // s + 1
        self.w = -(-self.w // s) if same else (self.w - k) // s + 1
        self.ops += 1
        return self

    def other(self, n=1):
        self.ops += n
        return self

    def branches(self, *branches):
        place, channels = self.at(), 0
        for branch in branches:
            self.go(place)
            branch(self)
            channels += self.c
        self.c, self.ops = channels, self.ops + 1
        return self

    def top(self, classes=1001):
        self.h = self.w = 1
        self.ops += 1
        self.conv(classes).other(2)
        self.io += up(classes, 8)
        return self

    def streamed(self):
        if self.known_streamed is not None:
            return self.known_streamed
        left = CACHE
        for _, size in sorted(self.blocks, key=lambda b: (not b[0], -b[1])):
            if size <= left:
                left -= size
        return sum(size for _, size in self.blocks) - (CACHE - left)

    def features(self):
        return self.io, self.streamed(), self.cycles, self.ops


def mobilenet_v1(size=224):
    n = Net(size).conv(32, 3, 2)
    for out, s in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]:
        n.depthwise(3, s).conv(out)
    return n


def mobilenet_v2(size=224):
    n = Net(size).conv(32, 3, 2).depthwise().conv(16)
    for t, out, repeat, s in [(6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
        for i in range(repeat):
            n.conv(n.c * t).depthwise(3, s if i == 0 else 1).conv(out).other(i > 0)
    return n.conv(1280)


def inception_v1():
    n = Net(224).conv(64, 7, 2).pool(3, 2).conv(64).conv(192, 3).pool(3, 2)
    for a, b, c, d, e, f, last in [(64, 96, 128, 16, 32, 32, 0), (128, 128, 192, 32, 96, 64, 2), (192, 96, 208, 16, 48, 64, 0),
                                   (160, 112, 224, 24, 64, 64, 0), (128, 128, 256, 24, 64, 64, 0), (112, 144, 288, 32, 64, 64, 0),
                                   (256, 160, 320, 32, 128, 128, 2), (256, 160, 320, 32, 128, 128, 0), (384, 192, 384, 48, 128, 128, 0)]:
        n.branches(lambda m: m.conv(a), lambda m: m.conv(b).conv(c, 3), lambda m: m.conv(d).conv(e, 3),
                   lambda m: m.pool(3, 1).conv(f))
        if last:
            n.pool(3, 2)
    return n


def inception_v4():
    n = Net(299).conv(32, 3, 2, False).conv(32, 3, 1, False).conv(64, 3)
    n.branches(lambda m: m.pool(3, 2, False), lambda m: m.conv(96, 3, 2, False))
    n.branches(lambda m: m.conv(64).conv(96, 3, 1, False),
               lambda m: m.conv(64).conv(64, (1, 7)).conv(64, (7, 1)).conv(96, 3, 1, False))
    n.branches(lambda m: m.conv(192, 3, 2, False), lambda m: m.pool(3, 2, False))
    for _ in range(4):
        n.branches(lambda m: m.conv(96), lambda m: m.conv(64).conv(96, 3), lambda m: m.conv(64).conv(96, 3).conv(96, 3),
                   lambda m: m.pool(3, 1).conv(96))
    n.branches(lambda m: m.conv(384, 3, 2, False), lambda m: m.conv(192).conv(224, 3).conv(256, 3, 2, False),
               lambda m: m.pool(3, 2, False))
    for _ in range(7):
        n.branches(lambda m: m.conv(384), lambda m: m.conv(192).conv(224, (1, 7)).conv(256, (7, 1)),
                   lambda m: m.conv(192).conv(192, (7, 1)).conv(224, (1, 7)).conv(224, (7, 1)).conv(256, (1, 7)),
                   lambda m: m.pool(3, 1).conv(128))
    n.branches(lambda m: m.conv(192).conv(192, 3, 2, False),
               lambda m: m.conv(256).conv(256, (1, 7)).conv(320, (7, 1)).conv(320, 3, 2, False), lambda m: m.pool(3, 2, False))
    for _ in range(3):
        n.branches(lambda m: m.conv(256),
                   lambda m: m.conv(384).branches(lambda k: k.conv(256, (1, 3)), lambda k: k.conv(256, (3, 1))),
                   lambda m: m.conv(384).conv(448, (1, 3)).conv(512, (3, 1)).branches(lambda k: k.conv(256, (3, 1)),
                                                                                    lambda k: k.conv(256, (1, 3))),
                   lambda m: m.pool(3, 1).conv(256))
    return n


def resnet(size, depths):
    n = Net(size).conv(64, 7, 2).pool(3, 2)
    for i, (width, depth) in enumerate(zip((64, 128, 256, 512), depths)):
        for k in range(depth):
            s, place = (2 if i and not k else 1), n.at()
            if not k:
                n.conv(4 * width, 1, s)
            n.go(place).conv(width).conv(width, 3, s).conv(4 * width).other()
    return n


def vgg(repeats):
    n = Net(224)
    for width, repeat in zip((64, 128, 256, 512, 512), repeats):
        for _ in range(repeat):
            n.conv(width, 3)
        n.pool(2, 2)
    n.h, n.w, n.c = 1, 1, 7 * 7 * 512
    return n.conv(4096).conv(4096)


def squeezenet():
    n = Net(224).conv(64, 3, 2).pool(3, 2)
    for squeeze, expand, last in [(16, 64, 0), (16, 64, 1), (32, 128, 0), (32, 128, 1), (48, 192, 0), (48, 192, 0), (64, 256, 0), (64, 256, 0)]:
        n.conv(squeeze).branches(lambda m: m.conv(expand), lambda m: m.conv(expand, 3))
        if last:
            n.pool(3, 2)
    n.conv(1001)
    n.h = n.w = 1
    n.io += 1008
    return n.other(2)


def ssd_v1():
    n = Net(300).conv(32, 3, 2)
    heads = []
    for out, s in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5:
        n.depthwise(3, s).conv(out)
    heads.append((n.at(), 3))
    n.depthwise(3, 2).conv(1024).depthwise().conv(1024)
    heads.append((n.at(), 6))
    for squeeze, out in ((256, 512), (128, 256), (128, 256), (64, 128)):
        n.conv(squeeze).conv(out, 3, 2)
        heads.append((n.at(), 6))
    for place, boxes in heads:
        n.go(place).conv(up(4, 4) * boxes).other()
        n.go(place).conv(up(91, 4) * boxes).other()
        n.io += place[0] * place[1] * boxes * (4 + 92)
    n.out = n.io - 300 * 300 * 3
    return n.other(3)


NETS = {
    "mobilenet_v1": mobilenet_v1().top(), "mobilenet_v2": mobilenet_v2().top(), "inception_v1": inception_v1().top(),
    "inception_v4": inception_v4().top(), "squeezenet": squeezenet(), "resnet50_299": resnet(299, (3, 4, 6, 3)).top(),
    "resnet152_299": resnet(299, (3, 8, 36, 3)).top(), "vgg16": vgg((2, 2, 3, 3, 3)).top(), "vgg19": vgg((2, 2, 4, 4, 4)).top(),
    "ssd_v1": ssd_v1(),
}


# Seen in its compiled file: though its parameters are less than what others have cached, not all are.
NETS["inception_v1"].known_streamed = 393664


def row_of(host, features):
    """Coefficients: fixed and time for a million bytes of each host, for a million cycles and for an operator."""
    names = list(HOSTS)
    io, streamed, cycles, ops = features
    row = [0.0] * (2 * len(names) + 2)
    row[2 * names.index(host)] = 1
    row[2 * names.index(host) + 1] = (io + streamed) / 1e6
    row[-2], row[-1] = cycles / 1e6, ops
    return row


def least_squares(a, b):
    """The x >= 0 with the least |a x - b|, by one coordinate after the other."""
    x = numpy.zeros(a.shape[1])
    for _ in range(20000):
        for k in range(len(x)):
            column = a[:, k]
            x[k] = max(0, x[k] + column @ (b - a @ x) / (column @ column))
    return x


def fit(measured):
    rows, want = [], []
    for net, figures in measured.items():
        for host, (sources, _) in HOSTS.items():
            for source in sources:
                rows.append(numpy.array(row_of(host, NETS[net].features())) / figures[source])
                want.append(1.0)
    return least_squares(numpy.array(rows), numpy.array(want))


def estimate(constants, host, features):
    return float(numpy.dot(row_of(host, features), constants))


def main():
    constants = fit(MEASURED)
    if sys.argv[1:] == ["--c"]:
        ssd = NETS["ssd_v1"]
        for i, (host, (sources, words)) in enumerate(HOSTS.items()):
            more = max(WITH_BOXES["ssd_v1"][s] for s in sources) - estimate(constants, host, ssd.features())
            print(f'    {{ "{host}", "{words}", {constants[2 * i]:.3f}, {constants[2 * i + 1]:.3f}, {more / ssd.out * 1e6:.0f} }},')
        print(f"MS_PER_MEGACYCLE {constants[-2]:.3f} MS_PER_OPERATOR {constants[-1]:.4f}")
        return
    for name, net in NETS.items():
        io, streamed, cycles, ops = net.features()
        print(f"{name:16} in and out {io:9,}  parameters {sum(b for _, b in net.blocks):12,}  streamed {streamed:12,}  cycles {cycles:13,.0f}  operators {ops}")
    ratios = []
    print("constants", [round(c, 4) for c in constants])
    for title, table in (("measured with choosing boxes, compared", WITH_BOXES), ("measured, fitted", MEASURED),
                         ("measured, left out of the fit of the others", None), ("recalled, compared", RECALLED)):
        print(title)
        if table is MEASURED:
            ratios = []
        for net, figures in (table or MEASURED).items():
            if not table and net == "inception_v4":
                continue  # alone in telling what streaming takes
            used = constants if table else fit({k: v for k, v in MEASURED.items() if k != net})
            for host, (sources, _) in HOSTS.items():
                for source in sources:
                    if source in figures:
                        ms = estimate(used, host, NETS[net].features())
                        ratios.append(figures[source] / ms)
                        print(f"  {net:16} {source:8} {figures[source]:8.2f} ms, estimate {ms:8.2f}, ratio {ms / figures[source]:.2f}")

    ratios.sort()
    low, high = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
    print(f"published / estimate: four in five of {len(ratios)} between {low:.2f} and {high:.2f}")


if __name__ == "__main__":
    main()
