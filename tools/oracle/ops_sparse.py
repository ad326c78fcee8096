# SPDX-License-Identifier: Apache-2.0
"""Drawn models with sparse constants."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from drawn import operator

INT32, UINT16, UINT8 = (schema.SparseIndexVector.Int32Vector, schema.SparseIndexVector.Uint16Vector,
                        schema.SparseIndexVector.Uint8Vector)
VECTORS = {INT32: schema.Int32VectorT, UINT16: schema.Uint16VectorT, UINT8: schema.Uint8VectorT}


def vector(d, numbers):
    """The numbers in one of the three widths that hold them."""
    most = max([0, *numbers])
    kind = d.choice(*[k for k, end in ((INT32, 1 << 31), (UINT16, 1 << 16), (UINT8, 1 << 8)) if most < end])
    v = VECTORS[kind]()
    v.values = [int(n) for n in numbers]
    return kind, v


def pack(d, values, order, blocks, sparse):
    """SparsityParameters of an array, and its values in their order. `blocks`: {dimension: size}; `sparse`: a flag for each level."""
    rank, block_map = values.ndim, sorted(blocks)
    sizes = [n // blocks.get(i, 1) for i, n in enumerate(values.shape)] + [blocks[i] for i in block_map]
    shape, axes = [], []
    for i, n in enumerate(values.shape):
        shape += [n // blocks[i], blocks[i]] if i in blocks else [n]
        axes.append(len(shape) - (2 if i in blocks else 1))
    axes += [axes[i] + 1 for i in block_map]
    walked = values.reshape(shape).transpose([axes[i] for i in order])
    places, levels = [()], []
    for level, at in enumerate(order):
        m = schema.DimensionMetadataT()
        m.format = schema.DimensionType.SPARSE_CSR if sparse[level] else schema.DimensionType.DENSE
        m.denseSize = 0 if sparse[level] else sizes[at]
        below, segments, indices = [], [0], []
        for place in places:
            for i in range(sizes[at]):
                if not sparse[level] or np.any(walked[place + (i,)]):
                    below.append(place + (i,))
                    indices.append(i)
            segments.append(len(indices))
        if sparse[level]:
            m.arraySegmentsType, m.arraySegments = vector(d, segments)
            m.arrayIndicesType, m.arrayIndices = vector(d, indices)
        places = below
        levels.append(m)
    s = schema.SparsityParametersT()
    s.traversalOrder, s.dimMetadata = [int(i) for i in order], levels
    if block_map:
        s.blockMap = block_map
    return s, np.array([walked[p] for p in places], values.dtype)


def sparse_const(d, kind, shape, scale=None):
    values = d.numbers(kind, shape) if kind != "float16" else d.random.normal(0, 3, shape).astype("float16")
    values = np.where(d.random.random(shape) < d.choice(0.2, 0.5, 0.9), values, np.zeros([], kind)).astype(kind)
    blocks = {i: d.choice(*[b for b in range(2, n + 1) if n % b == 0]) for i, n in enumerate(shape) if n > 1 and d.chance(0.3)}
    rank = len(shape)
    order = [int(i) for i in d.random.permutation(rank)] if d.chance(0.5) else list(range(rank))
    order += list(range(rank, rank + len(blocks)))
    flags = [i < rank and d.chance(0.6) for i in range(len(order))]
    index = d.const(kind, shape, scale, 0, values)
    s, kept = pack(d, values, order, blocks, flags)
    t = d.graph.tensors[index]
    t.sparsity = s
    d.model.buffers[t.buffer].data = np.frombuffer(kept.tobytes(), np.uint8)
    return index


@operator("DENSIFY", "float32 float16 int8 float32_layer int8_layer")
def densify(d, kind):
    """`layer`: for the filter of a FULLY_CONNECTED."""
    kind, _, layer = kind.partition("_")
    if not layer:
        w = sparse_const(d, kind, d.shape(d.int(1, 4)), 0)
        d.op("DENSIFY", [w], [d.output(kind, 0)], schema.DensifyOptionsT())
        return
    depth, n = d.int(1, 24), d.int(1, 9)
    x = d.input(kind, [d.int(1, 3), depth])
    w = sparse_const(d, kind, [n, depth], None if kind == "float32" else d.scale(-9, -4))
    dense = d.tensor(kind, [n, depth], *(() if kind == "float32" else (d.scale_of(w), 0)))
    d.op("DENSIFY", [w], [dense], schema.DensifyOptionsT())
    y = d.output(kind, None if kind == "float32" else d.scale_of(x) * d.scale_of(w) * 128)
    d.op("FULLY_CONNECTED", [x, dense, -1], [y], schema.FullyConnectedOptionsT(), 4)
