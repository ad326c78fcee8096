/* SPDX-License-Identifier: Apache-2.0 */
/* Broken models: one fault each and the sentence for it; then any fault at all, without a crash. */
#include <corallite/model.h>

#include <string.h>

#include "areas.h"
#include "check.h"
#include "tiny.h"

static tiny tm;

static void poke(size_t at, uint32_t v)
{
    build_put_u32(&tm.b, at, v);
}

/* --- the file -------------------------------------------------------------------------------------- */

static void identifier(void) { tm.b.bytes[7] = '2'; }
static void root_outside(void) { poke(0, 1 << 20); }
static void version_2(void) { build_i32(&tm.b, tm.model, MODEL_VERSION, 2); }
static void vtable_outside(void) { poke(tm.model, 1u << 30); }
static void vtable_tiny(void) { poke(tm.model, 0); }
static void field_outside_its_table(void)
{
    build_absent(&tm.b, tm.tensor[Y], T_TYPE);
    const size_t vtable = tm.tensor[Y] + 8 + 8 * T_FIELDS;
    tm.b.bytes[vtable + 4 + 2 * T_BUFFER] = 8 + 8 * T_FIELDS - 3;
}
static void vector_too_long(void) { poke(tm.inputs - 4, 1u << 30); }
static void no_subgraphs(void) { build_absent(&tm.b, tm.model, MODEL_SUBGRAPHS); }
static void open_text(void)
{
    build_link(&tm.b, tm.subgraph[0], SUB_NAME);
    const size_t n = build_text(&tm.b, "name");
    tm.b.bytes[n + 4] = '!';
}

/* A vector whose n elements are all the table written next. */
static void vector_of_one(size_t table, int id, int n)
{
    build_link(&tm.b, table, id);
    const size_t v = build_vector(&tm.b, (size_t)n, 4);
    for (int i = 0; i < n; i++) build_link_item(&tm.b, v, i);
}

static void tensors_overlap(void)
{
    vector_of_one(tm.subgraph[0], SUB_TENSORS, 12000);
    build_table(&tm.b, T_FIELDS);
}

/* Work that would grow with the square of the file. */
static void subgraphs_overlap(void)
{
    vector_of_one(tm.model, MODEL_SUBGRAPHS, 6000);
    vector_of_one(build_table(&tm.b, SUB_FIELDS), SUB_TENSORS, 6000);
    build_table(&tm.b, T_FIELDS);
}

/* And all of their inputs. */
static void operators_overlap(void)
{
    vector_of_one(tm.subgraph[0], SUB_OPERATORS, 6000);
    build_link(&tm.b, build_table(&tm.b, OP_FIELDS), OP_INPUTS);
    const size_t v = build_vector(&tm.b, 6000, 4);
    for (int i = 0; i < 6000; i++) poke(v + 4 * (size_t)i, X);
}

/* --- tensors --------------------------------------------------------------------------------------- */

static void buffer_99(void) { build_i32(&tm.b, tm.tensor[W], T_BUFFER, 99); }
static void short_buffer(void) { poke(tm.shape[W] + 4, 4); }
static void type_99(void) { build_u8(&tm.b, tm.tensor[X], T_TYPE, 99); }
static void negative_dim(void) { poke(tm.shape[X] + 4, (uint32_t)-7); }
static void nine_dims(void)
{
    build_link(&tm.b, tm.tensor[X], T_SHAPE);
    build_ints(&tm.b, (const int32_t[]){ 1, 1, 1, 1, 1, 1, 1, 1, 1 }, 9);
}
static void huge_shape(void)
{
    build_link(&tm.b, tm.tensor[X], T_SHAPE);
    build_ints(&tm.b, (const int32_t[]){ INT32_MAX, INT32_MAX, 0, INT32_MAX }, 4);
}
static void other_signature(void)
{
    build_link(&tm.b, tm.tensor[X], T_SIGNATURE);
    build_ints(&tm.b, (const int32_t[]){ -1, 2 }, 2);
}
static void signature_minus_2(void)
{
    build_link(&tm.b, tm.tensor[Y], T_SIGNATURE);
    build_ints(&tm.b, (const int32_t[]){ -2, 2 }, 2);
}
static void sparse_of_nothing(void) { build_link_to(&tm.b, tm.tensor[W], T_SPARSITY, tm.quant[W]); }

/* W [2,3] with all its values: rows are dense, columns of them listed. */
static void sparse(int32_t axis, int32_t rows, int32_t end, int32_t column)
{
    const int32_t order[] = { 0, axis }, segments[] = { 0, 3, end }, indices[] = { 0, 1, 2, 0, 1, column };
    build_link(&tm.b, tm.tensor[W], T_SPARSITY);
    const size_t t = build_table(&tm.b, 3);
    build_link(&tm.b, t, 0);
    build_ints(&tm.b, order, 2);
    build_link(&tm.b, t, 2);
    const size_t levels = build_vector(&tm.b, 2, 4);
    build_link_item(&tm.b, levels, 0);
    build_i32(&tm.b, build_table(&tm.b, 6), 1, rows);
    build_link_item(&tm.b, levels, 1);
    const size_t m = build_table(&tm.b, 6);
    build_u8(&tm.b, m, 0, 1);
    for (int i = 0; i < 2; i++) {
        build_u8(&tm.b, m, 2 + 2 * i, 1);
        build_link(&tm.b, m, 3 + 2 * i);
        const size_t list = build_table(&tm.b, 1);
        build_link(&tm.b, list, 0);
        build_ints(&tm.b, i ? indices : segments, i ? 6 : 3);
    }
}
static void sparse_axis_twice(void) { sparse(0, 2, 6, 2); }
static void sparse_too_many_rows(void) { sparse(1, 3, 6, 2); }
static void sparse_segment_past_the_end(void) { sparse(1, 2, 7, 2); }
static void sparse_segment_back(void) { sparse(1, 2, 2, 2); }
static void sparse_index_past_the_end(void) { sparse(1, 2, 6, 3); }
static void sparse_index_negative(void) { sparse(1, 2, 6, -1); }
static void external(void) { build_i32(&tm.b, tm.tensor[W], T_EXTERNAL, 1); }
static void variable_with_data(void) { build_u8(&tm.b, tm.tensor[W], T_VARIABLE, 1); }
static void scales_differ(void) { poke(tm.zero[W] - 4, 1); }
static void scales_on_no_axis(void) { build_i32(&tm.b, tm.quant[W], Q_AXIS, 2); }
static void scales_on_another_axis(void) { build_i32(&tm.b, tm.quant[W], Q_AXIS, 1); }
static void scales_on_axis_minus_1(void) { build_i32(&tm.b, tm.quant[W], Q_AXIS, -1); }
static void scale_nan(void) { poke(tm.scale[Y], 0x7fc00000); }
static void scale_minus_nan(void) { poke(tm.scale[Y], 0xffc00000); }
static void scale_negative(void) { poke(tm.scale[W] + 4, 0xbf800000); }
static void zero_point_200(void) { poke(tm.zero[X], 200), poke(tm.zero[X] + 4, 0); }
static void zero_point_64_bits(void) { poke(tm.zero[B] + 4, 1); }
static void blockwise(void) { build_u8(&tm.b, tm.quant[W], Q_DETAILS_TYPE, 2); }
static void data_outside(void)
{
    build_i64(&tm.b, tm.buffer[1], BUF_OFFSET, (int64_t)tm.b.n - 2);
    build_i64(&tm.b, tm.buffer[1], BUF_SIZE, 6);
}
static void data_far_outside(void)
{
    build_i64(&tm.b, tm.buffer[1], BUF_OFFSET, INT64_MAX);
    build_i64(&tm.b, tm.buffer[1], BUF_SIZE, -1);
}

/* --- operators ------------------------------------------------------------------------------------- */

static void opcode_9(void) { build_i32(&tm.b, tm.op[1], OP_CODE, 9); }
static void nameless_custom(void) { build_absent(&tm.b, tm.code[2], CODE_CUSTOM); }
static void negative_code(void)
{
    build_u8(&tm.b, tm.code[0], CODE_OLD, 0x80);
    build_i32(&tm.b, tm.code[0], CODE_NEW, -5);
}
static void input_99(void) { poke(tm.op_inputs[0] + 4, 99); }
static void input_minus_2(void) { poke(tm.op_inputs[0] + 8, (uint32_t)-2); }
static void output_left_out(void) { poke(tm.op_outputs[0], (uint32_t)-1); }
static void subgraph_input_99(void) { poke(tm.inputs, 99); }
static void subgraph_output_99(void) { poke(tm.outputs, N_TENSORS); }
static void wrong_options(void) { build_u8(&tm.b, tm.op[0], OP_OPTIONS_TYPE, 1); }
static void unknown_options(void) { build_u8(&tm.b, tm.op[0], OP_OPTIONS_TYPE, 240); }
static void activation_99(void) { build_u8(&tm.b, tm.fc_options, 0, 99); }
static void cycle(void) { poke(tm.op_inputs[0], Z); }
static void reads_itself(void) { poke(tm.op_inputs[0], Y); }
static void two_writers(void) { poke(tm.op_outputs[1], Y), poke(tm.outputs, Y); }
static void writes_constant(void) { poke(tm.op_outputs[0], W); }
static void writes_input(void) { poke(tm.op_outputs[1], X); }
static void input_is_constant(void) { poke(tm.inputs, SHAPE); }
static void nobody_writes(void) { build_link(&tm.b, tm.subgraph[0], SUB_INPUTS), build_ints(&tm.b, NULL, 0); }
static void output_nobody_writes(void)
{
    build_i32(&tm.b, tm.tensor[SHAPE], T_BUFFER, 0);
    poke(tm.op_inputs[1] + 4, (uint32_t)-1);
    poke(tm.op_outputs[1], SHAPE);
}
static void options_outside(void)
{
    build_i64(&tm.b, tm.op[2], OP_LARGE_OFFSET, 1 << 20);
    build_i64(&tm.b, tm.op[2], OP_LARGE_SIZE, 1);
}

/* The second operator becomes IF: 0 calls `then`, and so does the custom operator of subgraph 1. */
static void calls(int32_t then, int32_t from_body)
{
    build_i32(&tm.b, tm.code[1], CODE_NEW, 118);
    build_u8(&tm.b, tm.op[1], OP_OPTIONS_TYPE, 92);
    build_link(&tm.b, tm.op[1], OP_OPTIONS);
    const size_t t = build_table(&tm.b, 2);
    build_i32(&tm.b, t, 0, then);
    build_i32(&tm.b, t, 1, 1);
    if (from_body < 0) return;
    build_i32(&tm.b, tm.op[2], OP_CODE, 1);
    build_u8(&tm.b, tm.op[2], OP_OPTIONS_TYPE, 92);
    build_link(&tm.b, tm.op[2], OP_OPTIONS);
    build_i32(&tm.b, build_table(&tm.b, 2), 0, from_body);
}
static void calls_9(void) { calls(9, -1); }
static void calls_itself(void) { calls(0, -1); }
static void calls_in_a_circle(void) { calls(1, 0); }

/* --- signatures, metadata -------------------------------------------------------------------------- */

static void signature_of_9(void) { build_i32(&tm.b, tm.signature, 4, 9); }
static void signature_input_99(void) { build_i32(&tm.b, tm.map_in, 1, 99); }
static void metadata_99(void) { build_i32(&tm.b, tm.metadata, 1, 99); }
static void metadata_broken(void) { build_i32(&tm.b, tm.metadata, 1, 1); }

static const struct {
    void (*harm)(void);
    crl_status status;
    const char *says;
} faults[] = {
    { identifier, CRL_ERR_FORMAT, "\"TFL3\" are missing at 4" },
    { root_outside, CRL_ERR_FORMAT, "\"the root table\" begins at byte 1048576" },
    { version_2, CRL_ERR_UNSUPPORTED, "schema version 2, only version 3" },
    { vtable_outside, CRL_ERR_FORMAT, "vtable" },
    { vtable_tiny, CRL_ERR_FORMAT, "broken vtable" },
    { field_outside_its_table, CRL_ERR_FORMAT, "subgraph 0: tensor 3 \"y\": \"buffer\" is at 93 of a table of 96 bytes" },
    { vector_too_long, CRL_ERR_FORMAT, "subgraph 0: \"inputs\" has 1073741824 elements of 4 bytes" },
    { no_subgraphs, CRL_ERR_FORMAT, "the model has no subgraph" },
    { open_text, CRL_ERR_FORMAT, "subgraph 0: \"name\" is a text without its closing zero" },
    { operators_overlap, CRL_ERR_FORMAT, "the parts of the file overlap" },
    { subgraphs_overlap, CRL_ERR_FORMAT, "the parts of the file overlap" },
    { tensors_overlap, CRL_ERR_FORMAT, "the parts of the file overlap" },
    { buffer_99, CRL_ERR_FORMAT, "subgraph 0: tensor 1 \"w\": buffer 99, the file has 5" },
    { short_buffer, CRL_ERR_FORMAT, "subgraph 0: tensor 1 \"w\": buffer 1 has 6 bytes, shape [2,4] of INT8 needs 8" },
    { type_99, CRL_ERR_UNSUPPORTED, "tensor 0 \"x\": element type 99" },
    { negative_dim, CRL_ERR_FORMAT, "\"shape\": dimension 1 is -7" },
    { nine_dims, CRL_ERR_UNSUPPORTED, "\"shape\" has rank 9, at most 8" },
    { huge_shape, CRL_ERR_FORMAT, "more bytes than memory can hold" },
    { other_signature, CRL_ERR_FORMAT, "\"shape_signature\" has rank 2, \"shape\" has 4" },
    { signature_minus_2, CRL_ERR_FORMAT, "\"shape_signature\": dimension 0 is -2" },
    { sparse_of_nothing, CRL_ERR_FORMAT, "sparsity: traversal_order has 0 entries and block_map 0, the tensor has rank 2" },
    { sparse_axis_twice, CRL_ERR_FORMAT, "sparsity: traversal_order does not name each dimension once" },
    { sparse_too_many_rows, CRL_ERR_FORMAT, "sparsity: dense_size is 3, dimension 0 has 2" },
    { sparse_segment_past_the_end, CRL_ERR_FORMAT, "sparsity: array_segments and array_indices do not fit" },
    { sparse_segment_back, CRL_ERR_FORMAT, "sparsity: array_segments and array_indices do not fit" },
    { sparse_index_past_the_end, CRL_ERR_FORMAT, "sparsity: array_segments and array_indices do not fit" },
    { sparse_index_negative, CRL_ERR_FORMAT, "sparsity: array_segments and array_indices do not fit" },
    { external, CRL_ERR_UNSUPPORTED, "another file" },
    { variable_with_data, CRL_ERR_UNSUPPORTED, "variable and has initial data (buffer 1)" },
    { scales_differ, CRL_ERR_FORMAT, "2 scales, but 1 zero points" },
    { scales_on_no_axis, CRL_ERR_FORMAT, "2 scales on axis 2 of shape [2,3]" },
    { scales_on_another_axis, CRL_ERR_FORMAT, "2 scales on axis 1 of shape [2,3]" },
    { scales_on_axis_minus_1, CRL_ERR_FORMAT, "2 scales on axis -1 of shape [2,3]" },
    { scale_nan, CRL_ERR_FORMAT, "tensor 3 \"y\": scale 0 is nan" },
    { scale_minus_nan, CRL_ERR_FORMAT, "tensor 3 \"y\": scale 0 is nan" },
    { scale_negative, CRL_ERR_FORMAT, "tensor 1 \"w\": scale 1 is -1" },
    { zero_point_200, CRL_ERR_FORMAT, "zero point 0 is 200, INT8 holds -128 to 127" },
    { zero_point_64_bits, CRL_ERR_FORMAT, "zero point 0 is 4294967296" },
    { blockwise, CRL_ERR_UNSUPPORTED, "blockwise quantisation is supported for constant matrices of INT4 only" },
    { data_outside, CRL_ERR_FORMAT, "buffer 1: data outside the table: 6 bytes at" },
    { data_far_outside, CRL_ERR_FORMAT, "buffer 1: data outside the table" },
    { opcode_9, CRL_ERR_FORMAT, "op 1 : opcode_index is 9, the file has 3 operator codes" },
    { nameless_custom, CRL_ERR_FORMAT, "operator code 2: a custom operator without a name" },
    { negative_code, CRL_ERR_FORMAT, "operator code 0: builtin_code is -5" },
    { input_99, CRL_ERR_FORMAT, "op 0 FULLY_CONNECTED: inputs: entry 1 is tensor 99, the subgraph has 6" },
    { input_minus_2, CRL_ERR_FORMAT, "inputs: entry 2 is tensor -2" },
    { output_left_out, CRL_ERR_FORMAT, "outputs: entry 0 is tensor -1" },
    { subgraph_input_99, CRL_ERR_FORMAT, "subgraph 0: inputs: entry 0 is tensor 99" },
    { subgraph_output_99, CRL_ERR_FORMAT, "subgraph 0: outputs: entry 0 is tensor 6" },
    { wrong_options, CRL_ERR_FORMAT, "options are of type 1 (Conv2DOptions), the operator takes FullyConnectedOptions" },
    { unknown_options, CRL_ERR_FORMAT, "options are of type 240 (unknown)" },
    { activation_99, CRL_ERR_FORMAT, "\"fused_activation_function\" is 99, the schema knows 0 (NONE) to 5 (SIGN_BIT)" },
    { cycle, CRL_ERR_FORMAT, "op 0 FULLY_CONNECTED: input 0: tensor 5 \"z\" is written only by op 1 RESHAPE" },
    { reads_itself, CRL_ERR_FORMAT, "op 0 FULLY_CONNECTED: input 0: tensor 3 \"y\" is written only by op 0" },
    { two_writers, CRL_ERR_FORMAT, "op 1 RESHAPE: output 0: tensor 3 \"y\" is written by op 0 FULLY_CONNECTED already" },
    { writes_constant, CRL_ERR_FORMAT, "tensor 1 \"w\" is a constant (buffer 1)" },
    { writes_input, CRL_ERR_FORMAT, "output 0: tensor 0 \"x\" is an input of the subgraph" },
    { input_is_constant, CRL_ERR_FORMAT, "subgraph 0: input 0: tensor 4 \"shape\" is a constant (buffer 3)" },
    { nobody_writes, CRL_ERR_FORMAT, "tensor 0 \"x\" has no value" },
    { output_nobody_writes, CRL_ERR_FORMAT, "subgraph 0: output 0: no operator writes tensor 5 \"z\"" },
    { options_outside, CRL_ERR_FORMAT, "subgraph 1: op 0 Twist: custom options outside the table: 1 bytes at 1048576" },
    { calls_9, CRL_ERR_FORMAT, "subgraph 0: op 1 IF: \"then_subgraph_index\" is 9, the file has 2" },
    { calls_itself, CRL_ERR_FORMAT, "calls go in a circle" },
    { calls_in_a_circle, CRL_ERR_FORMAT, "calls go in a circle" },
    { signature_of_9, CRL_ERR_FORMAT, "signature 0: subgraph_index is 9, the file has 2" },
    { signature_input_99, CRL_ERR_FORMAT, "signature 0: inputs: entry 0 is tensor 99" },
    { metadata_99, CRL_ERR_FORMAT, "metadata 0: buffer 99, the file has 5" },
    { metadata_broken, CRL_ERR_FORMAT, "metadata 0 \"TFLITE_METADATA\": the bytes \"M001\" are missing at 4" },
};

static void names_every_fault(check *t, unsigned cpu)
{
    (void)cpu;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        tiny_build(&tm);
        faults[i].harm();
        crl_model *m = (crl_model *)&tm;
        crl_error err = { 0 };
        const crl_status s = crl_model_open(&m, tm.b.bytes, tm.b.n, &err);
        check_that(t, s == faults[i].status && s == err.status, "\"%s\": status %s", faults[i].says, crl_status_name(s));
        check_that(t, strstr(err.text, faults[i].says) != NULL, "\"%s\" does not say \"%s\"", err.text, faults[i].says);
        check_that(t, !m, "something is left");
        check_that(t, crl_model_open(&m, tm.b.bytes, tm.b.n, NULL) == s, "without err");
    }
}

/* As of Vela, whose operator works in tensors that nobody writes: what it is has to be said by whoever wants to run it. */
static void takes_custom_operators_with_room_to_work_in(check *t, unsigned cpu)
{
    (void)cpu;
    tiny_build(&tm);
    build_link(&tm.b, tm.subgraph[1], SUB_INPUTS);
    build_ints(&tm.b, NULL, 0);
    crl_model *m;
    crl_error err = { 0 };
    if (!check_that(t, !crl_model_open(&m, tm.b.bytes, tm.b.n, &err), "%s", err.text)) return;
    check_that(t, m->subgraphs[1].operators[0].inputs[0] == 0 && !m->subgraphs[1].n_inputs, "another subgraph");
    crl_model_close(m);
}

/* A tensor without elements is a constant when nobody writes it. */
static void takes_empty_tensors(check *t, unsigned cpu)
{
    (void)cpu;
    tiny_build(&tm);
    poke(tm.shape[SHAPE], 0);
    build_absent(&tm.b, tm.buffer[3], BUF_DATA);
    poke(tm.shape[Y], 0);
    crl_model *m;
    crl_error err = { 0 };
    check_that(t, !crl_model_open(&m, tm.b.bytes, tm.b.n, &err), "%s", err.text);
    if (!m) return;
    const crl_tensor_def *shape = &m->subgraphs[0].tensors[SHAPE], *y = &m->subgraphs[0].tensors[Y];
    check_that(t, shape->data && !shape->bytes, "an empty constant");
    check_that(t, !y->data, "an empty value that an operator writes");
    crl_model_close(m);
}

/* Converters turn one operator into another and leave its options, as deeplabv3's DequantizeOptions at a QUANTIZE. */
static void takes_any_options_where_none_are_read(check *t, unsigned cpu)
{
    (void)cpu;
    enum { QUANTIZE = 114 };
    tiny_build(&tm);
    build_u8(&tm.b, tm.code[0], CODE_OLD, QUANTIZE);
    build_i32(&tm.b, tm.code[0], CODE_NEW, QUANTIZE);
    crl_model *m;
    crl_error err = { 0 };
    check_that(t, !crl_model_open(&m, tm.b.bytes, tm.b.n, &err), "%s", err.text);
    if (!m) return;
    check_that(t, !m->subgraphs[0].operators[0].n_options, "options of FULLY_CONNECTED at a QUANTIZE");
    crl_model_close(m);
}

/* Reads whatever a model hands out; says whether it was opened. */
static bool open_and_walk(const uint8_t *bytes, size_t size, crl_error *err)
{
    crl_model *m;
    if (crl_model_open(&m, bytes, size, err)) return false;
    volatile size_t sum = strlen(m->description);
    for (int32_t g = 0; g < m->n_subgraphs; g++) {
        const crl_subgraph *s = &m->subgraphs[g];
        for (int32_t i = 0; i < s->n_tensors; i++) {
            const crl_tensor_def *d = &s->tensors[i];
            sum += strlen(d->name) + crl_shape_count(&d->shape);
            for (size_t k = 0; k < d->bytes; k++) sum += ((const uint8_t *)d->data)[k];
            for (int32_t k = 0; k < d->quant.n; k++) sum += (d->quant.scale[k] > 1) + (size_t)d->quant.zero_point[k];
        }
        for (int32_t i = 0; i < s->n_operators; i++) {
            const crl_operator *op = &s->operators[i];
            sum += strlen(op->name);
            for (size_t k = 0; k < op->custom_bytes; k++) sum += op->custom_options[k];
        }
    }
    (void)sum; /* read, so that nobody calls it unused */
    crl_model_close(m);
    return true;
}

/* An error has one line of text, and the status that was returned. */
static void check_one_error(check *t, const uint8_t *bytes, size_t size, const char *what, size_t where)
{
    crl_error err = { 0 };
    if (open_and_walk(bytes, size, &err)) return;
    const bool sound = err.status == CRL_ERR_FORMAT || err.status == CRL_ERR_UNSUPPORTED;
    check_that(t, sound && err.text[0] && !strchr(err.text, '\n'), "%s %zu: status %s, \"%s\"", what, where,
               crl_status_name(err.status), err.text);
}

/* The model ends at an unmapped page. */
static void survives_cuts_and_flips(check *t, unsigned cpu)
{
    (void)cpu;
    tiny_build(&tm);
    const size_t n = tm.model_bytes;
    uint8_t *p = check_guarded(t, n);
    const int step = 12 / check_rounds(t, 12); /* 1, or in samples 12, from somewhere on */
    for (size_t size = (size_t)check_range(t, 0, step - 1); size <= n; size += (size_t)step) {
        memcpy(p + n - size, tm.b.bytes, size);
        check_one_error(t, p + n - size, size, "cut at", size);
    }
    memcpy(p, tm.b.bytes, n);
    for (size_t bit = (size_t)check_range(t, 0, step - 1); bit < 8 * n; bit += (size_t)step) {
        p[bit / 8] ^= (uint8_t)(1 << bit % 8);
        check_one_error(t, p, n, "bit", bit);
        p[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (int round = 0; round < check_rounds(t, 20000); round++) {
        memcpy(p, tm.b.bytes, n);
        for (int k = check_range(t, 1, 8); k--;) p[check_range(t, 0, (int)n - 1)] = (uint8_t)check_edgy(t, 0, 255);
        check_one_error(t, p, n, "round", (size_t)round);
    }
}

int area_model_broken(int argc, char **argv)
{
    static const check_case cases[] = {
        { "names_every_fault", names_every_fault, false },
        { "takes_custom_operators_with_room_to_work_in", takes_custom_operators_with_room_to_work_in, false },
        { "takes_empty_tensors", takes_empty_tensors, false },
        { "takes_any_options_where_none_are_read", takes_any_options_where_none_are_read, false },
        { "survives_cuts_and_flips", survives_cuts_and_flips, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
