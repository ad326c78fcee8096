# SPDX-License-Identifier: Apache-2.0
"""Changes to a finished .tflite file: the SSD post-process appended, the labels put inside.

The file's schema is read and written with the object classes that come with ai_edge_litert;
the metadata table, for which there are none, is built slot by slot.
"""
import io
import zipfile

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

FILE_ID, METADATA_ID = b"TFL3", b"M001"
LABEL_FILE = "labels.txt"


class _AlignedBuffer(schema.BufferT):
    """BufferT whose data begins at a multiple of 16, as the schema asks and its Python forgets."""

    def Pack(self, builder):
        vector = None
        if self.data is not None and len(self.data):
            data = bytes(bytearray(self.data))
            builder.StartVector(1, len(data), 16)
            builder.head -= len(data)
            builder.Bytes[builder.head:builder.head + len(data)] = data
            vector = builder.EndVector()
        schema.BufferStart(builder)
        if vector is not None:
            schema.BufferAddData(builder, vector)
        return schema.BufferEnd(builder)


def _buffer(data=None):
    b = _AlignedBuffer()
    b.data = None if data is None else np.frombuffer(bytes(data), np.uint8)
    return b


def _read(data):
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    model.buffers = [_buffer(b.data if b.data is not None and len(b.data) else None) for b in model.buffers]
    return model


def _write(model):
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), FILE_ID)
    return bytes(builder.Output())


def _tensor(model, name, shape, data=None):
    """Add a float32 tensor to the one subgraph and return its index."""
    t = schema.TensorT()
    t.name, t.shape, t.type, t.buffer = name, np.array(shape, np.int32), schema.TensorType.FLOAT32, 0
    t.quantization = schema.QuantizationParametersT()
    if data is not None:
        t.buffer = len(model.buffers)
        model.buffers.append(_buffer(np.ascontiguousarray(data).tobytes()))
    model.subgraphs[0].tensors.append(t)
    return len(model.subgraphs[0].tensors) - 1


def append_postprocess(data, anchors, options):
    """Turn outputs (encoded boxes [1,n,4], scores [1,n,c]) into boxes, classes, scores, count.

    `anchors` float32 [n,4]; `options` go into the operator's flexbuffer as they are."""
    model = _read(data)
    graph = model.subgraphs[0]
    boxes, scores = sorted(graph.outputs, key=lambda i: graph.tensors[i].shape[2] != 4)
    if list(graph.tensors[boxes].shape) != [1, len(anchors), 4] or graph.tensors[scores].shape[1] != len(anchors):
        raise ValueError("outputs are %s, not one encoded box and one row of scores for each of %d anchors"
                         % ([list(graph.tensors[i].shape) for i in graph.outputs], len(anchors)))
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode, code.version = "TFLite_Detection_PostProcess", 1
    model.operatorCodes.append(code)
    op = schema.OperatorT()
    op.opcodeIndex = len(model.operatorCodes) - 1
    op.inputs = [boxes, scores, _tensor(model, "anchors", anchors.shape, anchors)]
    n = options["max_detections"]
    op.outputs = [_tensor(model, name, shape) for name, shape in
                  (("boxes", [1, n, 4]), ("classes", [1, n]), ("scores", [1, n]), ("count", [1]))]
    op.customOptions = list(flexbuffers.Dumps(options))
    graph.operators.append(op)
    graph.outputs = op.outputs
    model.signatureDefs = None  # named the old outputs
    return _write(model)


def _table(builder, slots, fields):
    """A flatbuffer table; fields {slot: offset, or ("byte", value)}."""
    builder.StartObject(slots)
    for slot, value in fields.items():
        if isinstance(value, tuple):
            builder.PrependInt8Slot(slot, value[1], 0)
        else:
            builder.PrependUOffsetTRelativeSlot(slot, value, 0)
    return builder.EndObject()


def _offsets(builder, offsets):
    builder.StartVector(4, len(offsets), 4)
    for o in reversed(offsets):
        builder.PrependUOffsetTRelative(o)
    return builder.EndVector()


def _metadata(name, description, inputs, outputs, labelled, per_value):
    """A ModelMetadata table that ties LABEL_FILE to the output called `labelled`.

    Slots as in the public metadata schema: AssociatedFile 0 name, 2 type (2 labels of an
    axis, 3 labels of values); TensorMetadata 0 name, 6 files; SubGraphMetadata 2 inputs,
    3 outputs; ModelMetadata 0 name, 1 description, 3 subgraphs, 5 licence, 7 parser."""
    b = flatbuffers.Builder(1024)

    def tensor(t):
        fields = {}
        if t == labelled:
            file = _table(b, 5, {0: b.CreateString(LABEL_FILE), 2: ("byte", 3 if per_value else 2)})
            fields[6] = _offsets(b, [file])
        fields[0] = b.CreateString(t)
        return _table(b, 7, fields)

    graph = _table(b, 10, {2: _offsets(b, [tensor(t) for t in inputs]), 3: _offsets(b, [tensor(t) for t in outputs])})
    fields = {0: b.CreateString(name), 1: b.CreateString(description), 3: _offsets(b, [graph]),
              5: b.CreateString("Apache-2.0"), 7: b.CreateString("1.0.0")}
    b.Finish(_table(b, 8, fields), METADATA_ID)
    return bytes(b.Output())


def embed_labels(data, labels, name, description, output, per_value):
    """Add TFLite metadata: a table in the model, and LABEL_FILE in a zip archive behind it.

    `output` is the tensor that the labels belong to: they name its values (`per_value`, a
    detector's classes) or its last axis (a classifier's scores)."""
    model = _read(data)
    graph = model.subgraphs[0]
    inputs = [_text(graph.tensors[i].name) for i in graph.inputs]
    outputs = [_text(graph.tensors[i].name) for i in graph.outputs]
    if output not in outputs:
        raise ValueError("no output %r among %s" % (output, outputs))
    entry = schema.MetadataT()
    entry.name, entry.buffer = "TFLITE_METADATA", len(model.buffers)
    model.metadata = (model.metadata or []) + [entry]
    model.buffers.append(_buffer(_metadata(name, description, inputs, outputs, output, per_value)))
    archive = io.BytesIO(_write(model))
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_STORED) as z:
        z.writestr(zipfile.ZipInfo(LABEL_FILE, (1980, 1, 1, 0, 0, 0)), labels)
    return archive.getvalue()


def _text(name):
    return name.decode("utf-8") if isinstance(name, bytes) else name


def rename(data, inputs, outputs):
    """Give the model's inputs and outputs plain names, and every other tensor a short one.

    Converters name tensors after every scope they went through; that is up to a fifth of a
    small file and tells a reader nothing."""
    model = _read(data)
    graph = model.subgraphs[0]
    for i, t in enumerate(graph.tensors):
        t.name = "t%d" % i
    for indices, names in ((graph.inputs, inputs), (graph.outputs, outputs)):
        for i, name in zip(indices, names):
            graph.tensors[i].name = name
    model.signatureDefs = None
    return _write(model)
