/* SPDX-License-Identifier: Apache-2.0 */
/* Laying out a model: the tables of the schema. */
#include "model/flat_read.h"

#include <math.h>
#include <stdio.h>

#include "base/half.h"
#include "model/schema.h"
#include "model/sparse.h"

enum { SCHEMA_VERSION = 3, BLOCK = 1 << 14 };

typedef struct buffer {
    const uint8_t *data; /* NULL: empty */
    size_t bytes;
    const void *aligned; /* a copy, once some tensor could not use the data where they are */
} buffer;

typedef struct opcode {
    const char *name;
    int32_t code;
    int32_t version;
} opcode;

typedef struct loader {
    crl_reader r;
    crl_model *model;
    buffer *buffers;
    opcode *opcodes;
    int32_t n_opcodes;
    size_t copied; /* bytes of constants that were moved to be aligned */
} loader;

/* --- memory and simple fields -------------------------------------------------------------------- */

void *crl_reader_take(crl_reader *r, size_t n, size_t size)
{
    size_t bytes;
    if (!crl_size_mul(n, size, &bytes) || bytes > r->flat.budget) bytes = r->flat.budget + 1;
    if (!crl_flat_pay(&r->flat, bytes)) return NULL;
    bytes = crl_size_align(bytes, 16);
    if (bytes > r->left || !r->block) {
        const size_t block = bytes > BLOCK ? bytes : BLOCK;
        r->block = crl_pile_alloc(r->pile, block);
        r->left = r->block ? block : 0;
        if (!r->block) {
            crl_flat_fail(&r->flat, CRL_ERR_MEMORY, "no memory for the model's structure");
            return NULL;
        }
    }
    void *p = r->block;
    r->block += bytes;
    r->left -= bytes;
    return p;
}

const int32_t *crl_reader_ints(crl_reader *r, const crl_flat_table *t, int field, int32_t *n)
{
    const crl_flat_vector v = crl_flat_list(t, field);
    int32_t *list = crl_reader_take(r, v.n, sizeof *list);
    *n = list ? (int32_t)v.n : 0; /* paid for, so it is far below INT32_MAX */
    for (int32_t i = 0; i < *n; i++) list[i] = (int32_t)crl_load_u32(r->flat.bytes + v.at + 4 * (size_t)i);
    return list;
}

const float *crl_reader_floats(crl_reader *r, const crl_flat_table *t, int field, int32_t *n)
{
    const crl_flat_vector v = crl_flat_list(t, field);
    float *list = crl_reader_take(r, v.n, sizeof *list);
    *n = list ? (int32_t)v.n : 0;
    for (int32_t i = 0; i < *n; i++) list[i] = crl_load_f32(r->flat.bytes + v.at + 4 * (size_t)i);
    return list;
}

/* Bytes of the UTF-8 character at s, 0 when it is none. Source: RFC 3629. */
static size_t utf8_length(const uint8_t *s, size_t bytes)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (s[0] < 0x80) return 1;
    if (s[0] < 0xc2 || s[0] >= 0xf8) return 0;
    const size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (n > bytes) return 0;
    uint32_t c = s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : n;
}

const char *crl_reader_text(crl_reader *r, const crl_flat_table *t, int field)
{
    size_t bytes;
    const char *text = crl_flat_text(t, field, &bytes);
    if (!text) return "";
    size_t at = 0, step;
    while (at < bytes && (step = utf8_length((const uint8_t *)text + at, bytes - at))) at += step;
    if (at == bytes) return text;
    char *copy = crl_reader_take(r, bytes + 1, 1);
    if (!copy) return "";
    memcpy(copy, text, bytes);
    for (; at < bytes; at += step) {
        step = utf8_length((const uint8_t *)text + at, bytes - at);
        if (!step) {
            copy[at] = '?';
            step = 1;
        }
    }
    return copy;
}

/* A list of indices below `limit`; -1 passes where `optional`. */
static const int32_t *read_indices(loader *l, const crl_flat_table *t, int field, int32_t limit, bool optional, int32_t *n)
{
    const int32_t *list = crl_reader_ints(&l->r, t, field, n);
    for (int32_t i = 0; i < *n; i++)
        if (list[i] < (optional ? -1 : 0) || list[i] >= limit)
            crl_flat_fail(&l->r.flat, CRL_ERR_FORMAT, "%s: entry %d is tensor %d, the subgraph has %d",
                          crl_schema_fields[field].name, i, list[i], limit);
    return list;
}

/* A part of the file that lies outside the FlatBuffer, or NULL and a fault. */
static const uint8_t *outside(loader *l, uint64_t offset, uint64_t bytes, const char *what)
{
    const size_t size = l->r.flat.size;
    if (offset <= size && bytes <= size - offset) return l->r.flat.bytes + offset;
    crl_flat_fail(&l->r.flat, CRL_ERR_FORMAT, "%s: %llu bytes at %llu, the file has %zu: is it whole?", what,
                  (unsigned long long)bytes, (unsigned long long)offset, size);
    return NULL;
}

/* --- buffers, operator codes ---------------------------------------------------------------------- */

static crl_status read_buffers(loader *l, const crl_flat_table *root)
{
    crl_flat *f = &l->r.flat;
    const crl_flat_vector v = crl_flat_list(root, CRL_FIELD_MODEL_BUFFERS);
    l->buffers = crl_reader_take(&l->r, v.n, sizeof *l->buffers);
    for (uint32_t i = 0; i < v.n && !f->status; i++) {
        const crl_flat_table t = crl_flat_item(&v, i);
        buffer *b = &l->buffers[i];
        /* Offsets 0 and 1 mean "not outside". */
        const uint64_t offset = crl_flat_u64(&t, CRL_FIELD_BUFFER_OFFSET), bytes = crl_flat_u64(&t, CRL_FIELD_BUFFER_SIZE);
        if (offset > 1) {
            b->data = outside(l, offset, bytes, "data outside the table");
            b->bytes = b->data ? (size_t)bytes : 0;
        } else {
            const crl_flat_vector data = crl_flat_list(&t, CRL_FIELD_BUFFER_DATA);
            b->data = f->bytes + data.at;
            b->bytes = data.n;
        }
        if (!b->bytes) b->data = NULL;
        if (f->status) return crl_within(f->err, f->status, "buffer %u", i);
    }
    l->model->n_buffers = f->status ? 0 : (int32_t)v.n;
    return f->status;
}

static void read_opcode(loader *l, const crl_flat_table *t, opcode *o)
{
    crl_flat *f = &l->r.flat;
    /* Codes of 127 and above did not fit the old field, which then holds 127 (or, from older writers, the new
     * one is absent): the larger of the two is meant. */
    const int32_t old = crl_flat_i8(t, CRL_FIELD_OPERATOR_CODE_DEPRECATED_BUILTIN_CODE);
    const int32_t now = crl_flat_i32(t, CRL_FIELD_OPERATOR_CODE_BUILTIN_CODE);
    o->code = old > now ? old : now;
    o->version = crl_flat_i32(t, CRL_FIELD_OPERATOR_CODE_VERSION);
    const char *custom = crl_reader_text(&l->r, t, CRL_FIELD_OPERATOR_CODE_CUSTOM_CODE);
    if (o->code < 0) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "builtin_code is %d", o->code);
    } else if (o->code == CRL_CUSTOM) {
        o->name = custom;
        if (!*custom) crl_flat_fail(f, CRL_ERR_FORMAT, "a custom operator without a name (custom_code)");
    } else if (o->code < crl_schema_n_operators) {
        o->name = crl_schema_operators[o->code].name;
    } else {
        /* Newer than our schema: readable, and the engine's refusal will name it. */
        char *name = crl_reader_take(&l->r, 24, 1);
        if (name) snprintf(name, 24, "BUILTIN_%d", o->code);
        o->name = name;
    }
}

static crl_status read_opcodes(loader *l, const crl_flat_table *root)
{
    crl_flat *f = &l->r.flat;
    const crl_flat_vector v = crl_flat_list(root, CRL_FIELD_MODEL_OPERATOR_CODES);
    l->opcodes = crl_reader_take(&l->r, v.n, sizeof *l->opcodes);
    for (uint32_t i = 0; i < v.n && !f->status; i++) {
        const crl_flat_table t = crl_flat_item(&v, i);
        read_opcode(l, &t, &l->opcodes[i]);
        if (f->status) return crl_within(f->err, f->status, "operator code %u", i);
    }
    l->n_opcodes = f->status ? 0 : (int32_t)v.n;
    return f->status;
}

/* --- tensors --------------------------------------------------------------------------------------- */

static void read_shape(loader *l, const crl_flat_table *t, int field, int32_t least, crl_shape *shape)
{
    crl_flat *f = &l->r.flat;
    const char *name = crl_schema_fields[field].name;
    const crl_flat_vector v = crl_flat_list(t, field);
    if (v.n > CRL_MAX_RANK) {
        crl_flat_fail(f, CRL_ERR_UNSUPPORTED, "\"%s\" has rank %u, at most %d is supported", name, v.n, CRL_MAX_RANK);
        return;
    }
    *shape = (crl_shape){ .rank = (int32_t)v.n };
    for (uint32_t i = 0; i < v.n; i++) {
        shape->dim[i] = (int32_t)crl_load_u32(f->bytes + v.at + 4 * i);
        if (shape->dim[i] < least)
            crl_flat_fail(f, CRL_ERR_FORMAT, "\"%s\": dimension %u is %d", name, i, shape->dim[i]);
    }
}

/* Bytes of the tensor's elements. false: too many. Counts and sizes of sound shapes never overflow, whatever the
 * order in which dimensions are multiplied and whatever the type; therefore a zero does not excuse the others. */
static bool tensor_bytes(const crl_tensor_def *d, size_t *bytes)
{
    enum { WIDEST = 16 };
    size_t n = 1, spread = WIDEST;
    for (int32_t i = 0; i < d->shape.rank; i++) {
        const size_t dim = (size_t)d->shape.dim[i];
        n *= dim;
        if (dim && !crl_size_mul(spread, dim, &spread)) return false;
    }
    if (spread > PTRDIFF_MAX / 2) return false;
    *bytes = d->type == CRL_INT4 ? (n + 1) / 2 : n * crl_type_bytes(d->type);
    return true;
}

static void type_range(crl_type type, int64_t *lo, int64_t *hi)
{
    switch (type) {
    case CRL_INT4: *lo = -8, *hi = 7; break;
    case CRL_INT8: *lo = INT8_MIN, *hi = INT8_MAX; break;
    case CRL_UINT8: *lo = 0, *hi = UINT8_MAX; break;
    case CRL_INT16: *lo = INT16_MIN, *hi = INT16_MAX; break;
    case CRL_UINT16: *lo = 0, *hi = UINT16_MAX; break;
    default: *lo = INT32_MIN, *hi = INT32_MAX; break;
    }
}

static bool is_quantised_type(crl_type type)
{
    return type == CRL_INT4 || type == CRL_INT8 || type == CRL_UINT8 || type == CRL_INT16 || type == CRL_UINT16 ||
           type == CRL_INT32;
}

static void read_quant(loader *l, const crl_flat_table *tensor, crl_tensor_def *d)
{
    crl_flat *f = &l->r.flat;
    const crl_flat_table t = crl_flat_child(tensor, CRL_FIELD_TENSOR_QUANTIZATION);
    if (!t.flat) return;
    const int details = crl_flat_union(&t, CRL_FIELD_QUANTIZATION_PARAMETERS_DETAILS);
    if (details == CRL_TABLE_BLOCKWISE_QUANTIZATION) return; /* read when all tensors are there: scales are one */
    int32_t n;
    const float *scale = crl_reader_floats(&l->r, &t, CRL_FIELD_QUANTIZATION_PARAMETERS_SCALE, &n);
    const crl_flat_vector zero = crl_flat_list(&t, CRL_FIELD_QUANTIZATION_PARAMETERS_ZERO_POINT);
    const int32_t axis = crl_flat_i32(&t, CRL_FIELD_QUANTIZATION_PARAMETERS_QUANTIZED_DIMENSION);
    /* Min and max alone, or a scale without zero points: not quantised, as in the reference. */
    if (f->status || !n || !zero.n) return;
    if ((uint32_t)n != zero.n) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "%d scales, but %u zero points", n, zero.n);
        return;
    }
    if (n > 1 && (axis < 0 || axis >= d->shape.rank || d->shape.dim[axis] != n)) {
        char text[CRL_SHAPE_TEXT];
        crl_flat_fail(f, CRL_ERR_FORMAT, "%d scales on axis %d of shape %s; there has to be one, or one for each index",
                      n, axis, crl_shape_text(&d->shape, text, sizeof text));
        return;
    }
    int64_t lo, hi;
    type_range(d->type, &lo, &hi);
    int32_t *zero_point = crl_reader_take(&l->r, (size_t)n, sizeof *zero_point);
    for (int32_t i = 0; i < n && !f->status; i++) {
        const int64_t z = (int64_t)crl_load_u64(f->bytes + zero.at + 8 * (size_t)i);
        if (z < lo || z > hi)
            crl_flat_fail(f, CRL_ERR_FORMAT, "zero point %d is %lld, %s holds %lld to %lld", i, (long long)z,
                          crl_type_name(d->type), (long long)lo, (long long)hi);
        else if (is_quantised_type(d->type) && !(isfinite(scale[i]) && scale[i] >= 0))
            crl_flat_fail(f, CRL_ERR_FORMAT, "scale %d is %g", i, isnan(scale[i]) ? (double)NAN : (double)scale[i]); /* without its sign */
        else
            zero_point[i] = (int32_t)z;
    }
    d->quant = (crl_quant){ .scale = scale, .zero_point = zero_point, .n = n, .axis = n > 1 ? axis : 0 };
}

/* Constant data of a tensor: in place where its address suits the type, else from an aligned copy. */
static void attach_data(loader *l, crl_tensor_def *d, size_t bytes)
{
    crl_flat *f = &l->r.flat;
    buffer *b = &l->buffers[d->buffer];
    const size_t element = crl_type_bytes(d->type);
    if (d->sparsity && d->type == CRL_INT4) {
        crl_flat_fail(f, CRL_ERR_UNSUPPORTED, "it is sparse and of INT4; convert the model without sparsity");
        return;
    }
    if (d->type != CRL_STRING && b->bytes != bytes) {
        char text[CRL_SHAPE_TEXT];
        crl_flat_fail(f, CRL_ERR_FORMAT, "buffer %d has %zu bytes, shape %s of %s needs %zu", d->buffer, b->bytes,
                      crl_shape_text(&d->shape, text, sizeof text), crl_type_name(d->type), bytes);
        return;
    }
    if (d->is_variable) {
        crl_flat_fail(f, CRL_ERR_UNSUPPORTED, "it is variable and has initial data (buffer %d)", d->buffer);
        return;
    }
    const void *data = b->data;
    if (element > 1 && (uintptr_t)data % (element > 8 ? 8 : element)) {
        if (!b->aligned) {
            /* Sound buffers do not overlap, so all copies together are no larger than the file. */
            if (b->bytes > f->size - l->copied) {
                crl_flat_fail(f, CRL_ERR_FORMAT, "buffer %d overlaps others", d->buffer);
                return;
            }
            l->copied += b->bytes;
            void *copy = crl_pile_alloc(l->r.pile, b->bytes);
            if (!copy) {
                crl_flat_fail(f, CRL_ERR_MEMORY, "no memory for a copy of buffer %d, %zu bytes", d->buffer, b->bytes);
                return;
            }
            b->aligned = memcpy(copy, data, b->bytes);
        }
        data = b->aligned;
    }
    d->data = data;
    d->bytes = b->bytes;
}

static void read_tensor(loader *l, const crl_flat_table *t, crl_tensor_def *d)
{
    crl_flat *f = &l->r.flat;
    d->name = crl_reader_text(&l->r, t, CRL_FIELD_TENSOR_NAME);
    const int type = crl_flat_i8(t, CRL_FIELD_TENSOR_TYPE);
    d->type = (crl_type)type;
    if (type < 0 || !strcmp(crl_type_name(d->type), "?"))
        crl_flat_fail(f, CRL_ERR_UNSUPPORTED, "element type %d is not supported", type);
    read_shape(l, t, CRL_FIELD_TENSOR_SHAPE, 0, &d->shape);
    read_shape(l, t, CRL_FIELD_TENSOR_SHAPE_SIGNATURE, -1, &d->shape_signature);
    if (!d->shape_signature.rank) d->shape_signature = d->shape;
    if (d->shape_signature.rank != d->shape.rank)
        crl_flat_fail(f, CRL_ERR_FORMAT, "\"shape_signature\" has rank %d, \"shape\" has %d", d->shape_signature.rank,
                      d->shape.rank);
    d->is_variable = crl_flat_bool(t, CRL_FIELD_TENSOR_IS_VARIABLE);
    if (crl_flat_u32(t, CRL_FIELD_TENSOR_EXTERNAL_BUFFER))
        crl_flat_fail(f, CRL_ERR_UNSUPPORTED, "its data are in another file; convert the model into one file");
    const uint32_t b = crl_flat_u32(t, CRL_FIELD_TENSOR_BUFFER);
    if (b && b >= (uint32_t)l->model->n_buffers)
        crl_flat_fail(f, CRL_ERR_FORMAT, "buffer %u, the file has %d", b, l->model->n_buffers);
    if (f->status) return;
    d->buffer = (int32_t)b;
    size_t bytes;
    if (!tensor_bytes(d, &bytes)) {
        char text[CRL_SHAPE_TEXT];
        crl_flat_fail(f, CRL_ERR_FORMAT, "shape %s has more bytes than memory can hold",
                      crl_shape_text(&d->shape, text, sizeof text));
        return;
    }
    read_quant(l, t, d);
    size_t n_values;
    if (!f->status && crl_flat_has(t, CRL_FIELD_TENSOR_SPARSITY)) {
        d->sparsity = crl_sparsity_read(&l->r, t, &d->shape, &n_values);
        bytes = n_values * crl_type_bytes(d->type);
        if (d->sparsity && b && !bytes) d->data = d->sparsity; /* all zeros: a constant, of which nothing is read */
    }
    if (!f->status && b && l->buffers[b].data) attach_data(l, d, bytes);
}

/* Scales of blocks of a matrix of INT4. Zero points are not read: the reference does not, either. */
static void read_blocks(loader *l, const crl_flat_table *tensor, const crl_tensor_def *tensors, uint32_t n, crl_tensor_def *d)
{
    crl_flat *f = &l->r.flat;
    const crl_flat_table t = crl_flat_child(tensor, CRL_FIELD_TENSOR_QUANTIZATION);
    if (!t.flat || crl_flat_union(&t, CRL_FIELD_QUANTIZATION_PARAMETERS_DETAILS) != CRL_TABLE_BLOCKWISE_QUANTIZATION) return;
    const crl_flat_table details = crl_flat_child(&t, CRL_FIELD_QUANTIZATION_PARAMETERS_DETAILS);
    const int32_t block = crl_flat_i32(&details, CRL_FIELD_BLOCKWISE_QUANTIZATION_BLOCK_SIZE);
    const uint32_t index = (uint32_t)crl_flat_i32(&details, CRL_FIELD_BLOCKWISE_QUANTIZATION_SCALES);
    if (f->status) return;
    if (d->type != CRL_INT4 || d->shape.rank != 2 || !d->data) {
        crl_flat_fail(f, CRL_ERR_UNSUPPORTED, "blockwise quantisation is supported for constant matrices of INT4 only");
        return;
    }
    if (block < 1 || d->shape.dim[1] % block || index >= n) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "blocks of %d elements with scales in tensor %u: rows have %d elements, and there are %u "
                      "tensors", block, index, d->shape.dim[1], n);
        return;
    }
    const crl_tensor_def *scales = &tensors[index];
    const size_t count = (size_t)d->shape.dim[0] * (size_t)(d->shape.dim[1] / block);
    if (scales->type != CRL_FLOAT16 || !scales->data || scales->sparsity || crl_shape_count(&scales->shape) != count) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "tensor %u has to have its %zu scales, constants of FLOAT16", index, count);
        return;
    }
    float *scale = crl_reader_take(&l->r, count, sizeof *scale);
    for (size_t i = 0; scale && i < count; i++) scale[i] = crl_half_to_float(crl_load_u16((const uint8_t *)scales->data + 2 * i));
    d->quant = (crl_quant){ .scale = scale, .block = block };
}

/* --- subgraphs ------------------------------------------------------------------------------------- */

static void read_operator(loader *l, const crl_flat_table *t, const crl_subgraph *s, crl_operator *op)
{
    crl_flat *f = &l->r.flat;
    const uint32_t index = crl_flat_u32(t, CRL_FIELD_OPERATOR_OPCODE_INDEX);
    if (index >= (uint32_t)l->n_opcodes) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "opcode_index is %u, the file has %d operator codes", index, l->n_opcodes);
        return;
    }
    const opcode *o = &l->opcodes[index];
    op->name = o->name;
    op->code = o->code;
    op->version = o->version;
    op->inputs = read_indices(l, t, CRL_FIELD_OPERATOR_INPUTS, s->n_tensors, true, &op->n_inputs);
    op->outputs = read_indices(l, t, CRL_FIELD_OPERATOR_OUTPUTS, s->n_tensors, false, &op->n_outputs);
    op->intermediates = read_indices(l, t, CRL_FIELD_OPERATOR_INTERMEDIATES, s->n_tensors, true, &op->n_intermediates);
    const uint64_t offset = crl_flat_u64(t, CRL_FIELD_OPERATOR_LARGE_CUSTOM_OPTIONS_OFFSET);
    const uint64_t bytes = crl_flat_u64(t, CRL_FIELD_OPERATOR_LARGE_CUSTOM_OPTIONS_SIZE);
    if (offset > 1) {
        op->custom_options = outside(l, offset, bytes, "custom options outside the table");
        op->custom_bytes = op->custom_options ? (size_t)bytes : 0;
    } else {
        const crl_flat_vector v = crl_flat_list(t, CRL_FIELD_OPERATOR_CUSTOM_OPTIONS);
        if (v.present) op->custom_options = f->bytes + v.at;
        op->custom_bytes = v.n;
    }
    crl_options_read(&l->r, t, op);
}

static bool is_empty(const crl_tensor_def *d)
{
    return !d->data && !d->is_variable && d->type != CRL_STRING && !crl_shape_count(&d->shape);
}

/* Tensors without elements are constants, too, when nobody writes them: a scalar's shape, for one. Their buffers
 * look just like those of values still to be computed. */
static void find_empty_constants(loader *l, crl_tensor_def *tensors, const crl_subgraph *s)
{
    static const uint64_t nothing[2];
    int32_t n = 0;
    for (int32_t i = 0; i < s->n_tensors; i++) n += is_empty(&tensors[i]);
    bool *written = n ? crl_reader_take(&l->r, (size_t)s->n_tensors, sizeof *written) : NULL;
    if (!written) return;
    for (int32_t i = 0; i < s->n_inputs; i++) written[s->inputs[i]] = true;
    for (int32_t op = 0; op < s->n_operators; op++)
        for (int32_t k = 0; k < s->operators[op].n_outputs; k++) written[s->operators[op].outputs[k]] = true;
    for (int32_t i = 0; i < s->n_tensors; i++)
        if (is_empty(&tensors[i]) && !written[i]) tensors[i].data = nothing;
}

static crl_status read_subgraph(loader *l, const crl_flat_table *t, crl_subgraph *s)
{
    crl_flat *f = &l->r.flat;
    s->name = crl_reader_text(&l->r, t, CRL_FIELD_SUB_GRAPH_NAME);
    crl_flat_vector v = crl_flat_list(t, CRL_FIELD_SUB_GRAPH_TENSORS);
    crl_tensor_def *tensors = crl_reader_take(&l->r, v.n, sizeof *tensors);
    for (uint32_t i = 0; i < v.n && !f->status; i++) {
        const crl_flat_table item = crl_flat_item(&v, i);
        tensors[i].name = "";
        read_tensor(l, &item, &tensors[i]);
        if (f->status) return crl_within(f->err, f->status, "tensor %u \"%.60s\"", i, tensors[i].name);
    }
    for (uint32_t i = 0; i < v.n && !f->status; i++) {
        const crl_flat_table item = crl_flat_item(&v, i);
        read_blocks(l, &item, tensors, v.n, &tensors[i]);
        if (f->status) return crl_within(f->err, f->status, "tensor %u \"%.60s\"", i, tensors[i].name);
    }
    if (f->status) return f->status;
    s->tensors = tensors;
    s->n_tensors = (int32_t)v.n;
    s->inputs = read_indices(l, t, CRL_FIELD_SUB_GRAPH_INPUTS, s->n_tensors, false, &s->n_inputs);
    s->outputs = read_indices(l, t, CRL_FIELD_SUB_GRAPH_OUTPUTS, s->n_tensors, false, &s->n_outputs);
    v = crl_flat_list(t, CRL_FIELD_SUB_GRAPH_OPERATORS);
    crl_operator *operators = crl_reader_take(&l->r, v.n, sizeof *operators);
    for (uint32_t i = 0; i < v.n && !f->status; i++) {
        const crl_flat_table item = crl_flat_item(&v, i);
        operators[i].name = "";
        read_operator(l, &item, s, &operators[i]);
        if (f->status) return crl_within(f->err, f->status, "op %u %.60s", i, operators[i].name);
    }
    s->operators = operators;
    s->n_operators = f->status ? 0 : (int32_t)v.n;
    if (!f->status) find_empty_constants(l, tensors, s);
    return f->status;
}

static crl_status read_subgraphs(loader *l, const crl_flat_table *root)
{
    crl_flat *f = &l->r.flat;
    const crl_flat_vector v = crl_flat_list(root, CRL_FIELD_MODEL_SUBGRAPHS);
    if (!v.n) crl_flat_fail(f, CRL_ERR_FORMAT, "the model has no subgraph");
    crl_subgraph *subgraphs = crl_reader_take(&l->r, v.n, sizeof *subgraphs);
    for (uint32_t i = 0; i < v.n && !f->status; i++) {
        const crl_flat_table t = crl_flat_item(&v, i);
        crl_status s = read_subgraph(l, &t, &subgraphs[i]);
        if (s) return crl_within(f->err, s, "subgraph %u", i);
    }
    l->model->subgraphs = subgraphs;
    l->model->n_subgraphs = f->status ? 0 : (int32_t)v.n;
    return f->status;
}

/* --- signatures, metadata ------------------------------------------------------------------------- */

static void read_tensor_map(loader *l, const crl_flat_table *t, int field, int32_t n_tensors,
                            const char *const **names, const int32_t **indices, int32_t *n)
{
    crl_flat *f = &l->r.flat;
    const crl_flat_vector v = crl_flat_list(t, field);
    const char **name = crl_reader_take(&l->r, v.n, sizeof *name);
    int32_t *index = crl_reader_take(&l->r, v.n, sizeof *index);
    for (uint32_t i = 0; i < v.n && !f->status; i++) {
        const crl_flat_table item = crl_flat_item(&v, i);
        const uint32_t tensor = crl_flat_u32(&item, CRL_FIELD_TENSOR_MAP_TENSOR_INDEX);
        if (tensor >= (uint32_t)n_tensors)
            crl_flat_fail(f, CRL_ERR_FORMAT, "%s: entry %u is tensor %u, the subgraph has %d",
                          crl_schema_fields[field].name, i, tensor, n_tensors);
        name[i] = crl_reader_text(&l->r, &item, CRL_FIELD_TENSOR_MAP_NAME);
        index[i] = (int32_t)tensor;
    }
    *names = name;
    *indices = index;
    *n = (int32_t)v.n;
}

static crl_status read_signatures(loader *l, const crl_flat_table *root)
{
    crl_flat *f = &l->r.flat;
    const crl_flat_vector v = crl_flat_list(root, CRL_FIELD_MODEL_SIGNATURE_DEFS);
    crl_signature *list = crl_reader_take(&l->r, v.n, sizeof *list);
    for (uint32_t i = 0; i < v.n && !f->status; i++) {
        const crl_flat_table t = crl_flat_item(&v, i);
        crl_signature *s = &list[i];
        s->key = crl_reader_text(&l->r, &t, CRL_FIELD_SIGNATURE_DEF_SIGNATURE_KEY);
        const uint32_t subgraph = crl_flat_u32(&t, CRL_FIELD_SIGNATURE_DEF_SUBGRAPH_INDEX);
        if (subgraph < (uint32_t)l->model->n_subgraphs) {
            const int32_t n = l->model->subgraphs[subgraph].n_tensors;
            s->subgraph = (int32_t)subgraph;
            read_tensor_map(l, &t, CRL_FIELD_SIGNATURE_DEF_INPUTS, n, &s->input_names, &s->inputs, &s->n_inputs);
            read_tensor_map(l, &t, CRL_FIELD_SIGNATURE_DEF_OUTPUTS, n, &s->output_names, &s->outputs, &s->n_outputs);
        } else {
            crl_flat_fail(f, CRL_ERR_FORMAT, "subgraph_index is %u, the file has %d", subgraph, l->model->n_subgraphs);
        }
        if (f->status) return crl_within(f->err, f->status, "signature %u", i);
    }
    l->model->signatures = list;
    l->model->n_signatures = f->status ? 0 : (int32_t)v.n;
    return f->status;
}

static crl_status read_metadata(loader *l, const crl_flat_table *root)
{
    crl_flat *f = &l->r.flat;
    const crl_flat_vector v = crl_flat_list(root, CRL_FIELD_MODEL_METADATA);
    crl_metadata *list = crl_reader_take(&l->r, v.n, sizeof *list);
    for (uint32_t i = 0; i < v.n && !f->status; i++) {
        const crl_flat_table t = crl_flat_item(&v, i);
        const uint32_t b = crl_flat_u32(&t, CRL_FIELD_METADATA_BUFFER);
        list[i].name = crl_reader_text(&l->r, &t, CRL_FIELD_METADATA_NAME);
        if (b < (uint32_t)l->model->n_buffers) {
            list[i].data = l->buffers[b].data;
            list[i].bytes = l->buffers[b].bytes;
        } else if (b) {
            crl_flat_fail(f, CRL_ERR_FORMAT, "buffer %u, the file has %d", b, l->model->n_buffers);
        }
        if (f->status) return crl_within(f->err, f->status, "metadata %u", i);
    }
    l->model->metadata = list;
    l->model->n_metadata = f->status ? 0 : (int32_t)v.n;
    return f->status;
}

crl_status crl_flat_read(crl_model *m, crl_pile *pile, crl_error *err)
{
    loader l = { .r = { .flat = crl_flat_init(m->bytes, m->size, err), .pile = pile }, .model = m };
    crl_flat *f = &l.r.flat;
    const crl_flat_table root = crl_flat_root(f, CRL_TABLE_MODEL, "TFL3");
    const uint32_t version = crl_flat_u32(&root, CRL_FIELD_MODEL_VERSION);
    if (version != SCHEMA_VERSION)
        crl_flat_fail(f, CRL_ERR_UNSUPPORTED, "schema version %u, only version %d is supported", version, SCHEMA_VERSION);
    m->version = (int32_t)version;
    m->description = crl_reader_text(&l.r, &root, CRL_FIELD_MODEL_DESCRIPTION);
    crl_status s = read_buffers(&l, &root);
    if (!s) s = read_opcodes(&l, &root);
    if (!s) s = read_subgraphs(&l, &root);
    if (!s) s = read_signatures(&l, &root);
    if (!s) s = read_metadata(&l, &root);
    return s;
}
