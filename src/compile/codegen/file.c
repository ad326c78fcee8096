/* SPDX-License-Identifier: Apache-2.0 */
/* The package of programs, and the model around it, as tables (docs/formats/edgetpu-package.md). Fields that are present are those that
 * the compiler's last release writes; numbers that it writes although they are 0 are present, too. */
#include "compile/codegen/codegen.h"

#include <string.h>

#include "base/error.h"
#include "package/back.h"
#include "package/write.h"

enum { RUNTIME = 14, CHIP_VERSION = 18, SCHEMA_VERSION = 3, CUSTOM = 32, TYPE_CACHING = 1, TYPE_RUNNING = 2, SIGNED_BYTES = 8 };

/* Tables are made in a pile; without memory all goes into one that nobody writes. */
typedef struct builder {
    crl_pile pile;
    bool failed;
    const crl_code *code;
    const crl_form *form;
    const crl_tensor_def *in, *out;
    uint64_t token;
    crl_tree_text texts[CRL_EXECUTABLES_MOST];
} builder;

static void *take(builder *b, size_t n, size_t size)
{
    void *p = b->failed ? NULL : crl_pile_array(&b->pile, n, size);
    b->failed |= !p;
    return p;
}

static crl_tree *new_table(builder *b, int kind)
{
    crl_tree *t = b->failed ? NULL : crl_tree_new(&b->pile, kind);
    b->failed |= !t;
    return t;
}

static void set_number(crl_tree *t, int field, int64_t v)
{
    if (t) *crl_tree_at(t, field) = (crl_tree_value){ .i = v, .present = true };
}

/* Where it is not what the schema presets, 0. */
static void set_other(crl_tree *t, int field, int64_t v)
{
    if (v) set_number(t, field, v);
}

static void set_list(crl_tree *t, int field, const void *list, size_t n)
{
    if (t) *crl_tree_at(t, field) = (crl_tree_value){ .list = list, .n = (uint32_t)n, .present = true };
}

static void set_text(crl_tree *t, int field, const char *text)
{
    set_list(t, field, text, strlen(text));
}

static void set_table(crl_tree *t, int field, crl_tree *child)
{
    if (t && child) *crl_tree_at(t, field) = (crl_tree_value){ .table = child, .present = true };
}

static void set_tables(builder *b, crl_tree *t, int field, size_t n, crl_tree *const *children)
{
    crl_tree **list = take(b, n, sizeof *list);
    if (!list || !t) return;
    memcpy(list, children, n * sizeof *list);
    *crl_tree_at(t, field) = (crl_tree_value){ .tables = list, .n = (uint32_t)n, .present = true };
}

/* ---- programs -------------------------------------------------------------------------------------- */

static const char *name_of(const builder *b, crl_package_base base)
{
    return base == CRL_BASE_INPUT ? b->in->name : base == CRL_BASE_OUTPUT ? b->out->name : "";
}

static crl_tree *meta_of(builder *b, crl_package_base base, bool upper)
{
    crl_tree *t = new_table(b, CRL_TABLE_META);
    set_other(t, CRL_FIELD_META_DESC, base);
    set_text(t, CRL_FIELD_META_NAME, name_of(b, base));
    set_other(t, CRL_FIELD_META_POSITION, upper);
    return t;
}

static void set_program(builder *b, crl_tree *executable, const crl_program *p)
{
    crl_tree *chunk = new_table(b, CRL_TABLE_INSTRUCTION_BITSTREAM), *places[CRL_PLACES_MOST];
    set_list(chunk, CRL_FIELD_INSTRUCTION_BITSTREAM_BITSTREAM, p->bytes, p->n);
    for (int32_t i = 0; i < p->n_places; i++) {
        places[i] = new_table(b, CRL_TABLE_FIELD_OFFSET);
        set_table(places[i], CRL_FIELD_FIELD_OFFSET_META, meta_of(b, p->places[i].base, p->places[i].upper));
        set_number(places[i], CRL_FIELD_FIELD_OFFSET_OFFSET_BIT, p->places[i].bit);
    }
    set_tables(b, chunk, CRL_FIELD_INSTRUCTION_BITSTREAM_FIELD_OFFSETS, (size_t)p->n_places, places);
    set_tables(b, executable, CRL_FIELD_EXECUTABLE_INSTRUCTION_BITSTREAMS, 1, &chunk);
}

static crl_tree *hint_of(builder *b, crl_tree *what, bool outfeed)
{
    crl_tree *t = new_table(b, CRL_TABLE_DMA_HINT);
    set_table(t, CRL_FIELD_DMA_HINT_ANY_HINT, what);
    set_other(t, CRL_FIELD_DMA_HINT_DIRECTION, outfeed);
    return t;
}

static crl_tree *transfer_of(builder *b, crl_package_base base, size_t bytes)
{
    crl_tree *t = new_table(b, CRL_TABLE_DMA_DESCRIPTOR_HINT);
    set_table(t, CRL_FIELD_DMA_DESCRIPTOR_HINT_META, meta_of(b, base, false));
    set_number(t, CRL_FIELD_DMA_DESCRIPTOR_HINT_SIZE_IN_BYTES, (int64_t)bytes);
    return hint_of(b, t, base == CRL_BASE_OUTPUT);
}

static size_t bytes_of(const crl_tensor_def *t)
{
    size_t n = 1;
    for (int32_t i = 0; i < t->shape.rank; i++) n *= (size_t)t->shape.dim[i];
    return n;
}

static void set_hints(builder *b, crl_tree *executable, bool caching)
{
    crl_tree *hints[4], *t = new_table(b, CRL_TABLE_DMA_HINTS);
    size_t n = 0;
    hints[n++] = hint_of(b, new_table(b, CRL_TABLE_INSTRUCTION_HINT), false);
    if (caching)
        hints[n++] = transfer_of(b, CRL_BASE_PARAMETERS, b->code->parameter_bytes);
    else {
        hints[n++] = transfer_of(b, CRL_BASE_INPUT, bytes_of(b->in));
        hints[n++] = transfer_of(b, CRL_BASE_OUTPUT, b->code->output_bytes);
    }
    hints[n++] = hint_of(b, new_table(b, CRL_TABLE_INTERRUPT_HINT), true);
    set_tables(b, t, CRL_FIELD_DMA_HINTS_HINTS, n, hints);
    set_number(t, CRL_FIELD_DMA_HINTS_FULLY_DETERMINISTIC, 1);
    set_table(executable, CRL_FIELD_EXECUTABLE_DMA_HINTS, t);
}

/* ---- layers ------------------------------------------------------------------------------------------ */

/* Height, width and channels; a flat tensor has only the last. */
static int32_t dim_of(const crl_tensor_def *t, int32_t back)
{
    return back < t->shape.rank ? t->shape.dim[t->shape.rank - 1 - back] : 1;
}

static crl_tree *layer_of(builder *b, const crl_tensor_def *d, size_t bytes)
{
    crl_tree *t = new_table(b, CRL_TABLE_LAYER), *numbers = new_table(b, CRL_TABLE_NUMERICS_CONSTANTS);
    set_text(t, CRL_FIELD_LAYER_NAME, d->name);
    set_number(t, CRL_FIELD_LAYER_SIZE_BYTES, (int64_t)bytes);
    const bool flat = d->shape.rank < 4;
    set_number(t, CRL_FIELD_LAYER_Y_DIM, flat ? 1 : dim_of(d, 2));
    set_number(t, CRL_FIELD_LAYER_X_DIM, flat ? 1 : dim_of(d, 1));
    set_number(t, CRL_FIELD_LAYER_Z_DIM, dim_of(d, 0));
    set_other(numbers, CRL_FIELD_NUMERICS_CONSTANTS_ZERO_POINT, crl_stored_zero(d));
    if (numbers)
        *crl_tree_at(numbers, CRL_FIELD_NUMERICS_CONSTANTS_DEQUANTIZATION_FACTOR) = (crl_tree_value){ .f = crl_stored_scale(d), .present = true };
    set_table(t, CRL_FIELD_LAYER_NUMERICS, numbers);
    if (d->type == CRL_INT8) set_number(t, CRL_FIELD_LAYER_DATA_TYPE, SIGNED_BYTES);
    return t;
}

/* Which part of four or fewer an index lies in. */
static int32_t part_of(const int32_t *begins, int32_t i)
{
    int32_t k = 0;
    while (k < 3 && begins[k + 1] <= i && begins[k + 1] > begins[k]) k++;
    return k;
}

static void set_layout(builder *b, crl_tree *layer)
{
    const crl_layout *l = &b->code->layout;
    crl_tree *t = new_table(b, CRL_TABLE_OUTPUT_LAYER), *layout = new_table(b, CRL_TABLE_OUTPUT_LAYOUT);
    const size_t rows = (size_t)l->rows, columns = (size_t)l->columns;
    int32_t *maps = take(b, 2 * rows + 3 * columns, sizeof *maps);
    if (!maps) return;
    int32_t *y_tile = maps, *y_row = y_tile + rows, *x_tile = y_row + rows, *x_byte = x_tile + columns, *x_pitch = x_byte + columns;
    for (int32_t y = 0; y < l->rows; y++) {
        const int32_t part = part_of(l->row_of, y);
        y_tile[y] = 4 * part;
        y_row[y] = y - l->row_of[part];
    }
    for (int32_t x = 0; x < l->columns; x++) {
        const int32_t part = part_of(l->column_of, x);
        x_tile[x] = part;
        x_byte[x] = (x - l->column_of[part]) * l->depth;
        x_pitch[x] = (l->column_of[part + 1] - l->column_of[part]) * l->depth;
    }
    set_list(layout, CRL_FIELD_OUTPUT_LAYOUT_Y_COORDINATE_TO_LINEAR_TILE_ID_MAP, y_tile, rows);
    set_list(layout, CRL_FIELD_OUTPUT_LAYOUT_X_COORDINATE_TO_LINEAR_TILE_ID_MAP, x_tile, columns);
    set_list(layout, CRL_FIELD_OUTPUT_LAYOUT_LINEARIZED_TILE_BYTE_OFFSET, l->offset, CRL_TILES);
    set_list(layout, CRL_FIELD_OUTPUT_LAYOUT_X_COORDINATE_TO_LOCAL_BYTE_OFFSET, x_byte, columns);
    set_list(layout, CRL_FIELD_OUTPUT_LAYOUT_Y_COORDINATE_TO_LOCAL_Y_OFFSET, y_row, rows);
    set_list(layout, CRL_FIELD_OUTPUT_LAYOUT_X_COORDINATE_TO_LOCAL_Y_ROW_SIZE, x_pitch, columns);
    set_table(t, CRL_FIELD_OUTPUT_LAYER_LAYOUT, layout);
    set_table(layer, CRL_FIELD_LAYER_ANY_LAYER, t);
}

/* Ranges of all dimensions: the first and the last index of each, in 8 bytes. */
static void set_shape(builder *b, crl_tree *layer, const crl_tensor_def *d)
{
    crl_tree *t = new_table(b, CRL_TABLE_TENSOR_SHAPE);
    int64_t *ranges = take(b, (size_t)d->shape.rank, sizeof *ranges);
    for (int32_t i = 0; ranges && i < d->shape.rank; i++) ranges[i] = (int64_t)(d->shape.dim[i] - 1) << 32;
    set_list(t, CRL_FIELD_TENSOR_SHAPE_DIMENSION, ranges, (size_t)d->shape.rank);
    set_table(layer, CRL_FIELD_LAYER_SHAPE, t);
}

/* ---- executables --------------------------------------------------------------------------------------- */

static crl_tree *executable_of(builder *b, bool caching)
{
    crl_tree *t = new_table(b, CRL_TABLE_EXECUTABLE);
    set_text(t, CRL_FIELD_EXECUTABLE_NAME, caching ? "Unknown" : "model");
    set_number(t, CRL_FIELD_EXECUTABLE_BATCH_SIZE, 1);
    set_program(b, t, caching ? &b->code->cache : &b->code->run);
    set_hints(b, t, caching);
    set_text(t, CRL_FIELD_EXECUTABLE_CHIP, "beagle");
    if (b->code->parameters) set_number(t, CRL_FIELD_EXECUTABLE_TYPE, caching ? TYPE_CACHING : TYPE_RUNNING); /* else it stands alone, 0 */
    set_number(t, CRL_FIELD_EXECUTABLE_PARAMETER_CACHING_TOKEN, (int64_t)b->token);
    if (caching) {
        set_list(t, CRL_FIELD_EXECUTABLE_PARAMETERS, b->code->parameters, b->code->parameter_bytes);
        return t;
    }
    set_text(t, CRL_FIELD_EXECUTABLE_SERIALIZED_MODEL, "");
    set_text(t, CRL_FIELD_EXECUTABLE_PARAMETERS, "");
    crl_tree *in = layer_of(b, b->in, bytes_of(b->in)), *out = layer_of(b, b->out, b->code->output_bytes);
    set_table(in, CRL_FIELD_LAYER_ANY_LAYER, new_table(b, CRL_TABLE_INPUT_LAYER));
    set_layout(b, out);
    set_shape(b, out, b->out);
    set_tables(b, t, CRL_FIELD_EXECUTABLE_INPUT_LAYERS, 1, &in);
    set_tables(b, t, CRL_FIELD_EXECUTABLE_OUTPUT_LAYERS, 1, &out);
    set_number(t, CRL_FIELD_EXECUTABLE_USED_NARROW_MEMORY_BYTES_PER_TILE, b->code->narrow_bytes);
    return t;
}

/* ---- the package, and the model around it ------------------------------------------------------------------ */

static crl_status write_options(builder *b, uint8_t **options, size_t *n, crl_error *err)
{
    crl_package_tree tree = { .n_entries = 5, .n_executables = b->code->parameters ? 2 : 1,
                              .entries = { { .key = "1" }, { .key = "4", .is_text = true }, { .key = "5", .numbers = { -1 } },
                                           { .key = "6", .is_list = true, .numbers = { CHIP_VERSION }, .n = 1 }, { .key = "7", .is_list = true } } };
    crl_tree *t = tree.package = new_table(b, CRL_TABLE_PACKAGE);
    set_number(t, CRL_FIELD_PACKAGE_MIN_RUNTIME_VERSION, RUNTIME);
    set_text(t, CRL_FIELD_PACKAGE_SIGNATURE, "");
    set_number(t, CRL_FIELD_PACKAGE_KEYPAIR_VERSION, 0);
    set_text(t, CRL_FIELD_PACKAGE_COMPILER_VERSION, "cl/");
    set_number(t, CRL_FIELD_PACKAGE_VIRTUAL_CHIP_ID, 0);
    set_text(t, CRL_FIELD_PACKAGE_MODEL_IDENTIFIER, "");
    tree.executables[0] = executable_of(b, false);
    if (b->code->parameters) tree.executables[1] = executable_of(b, true);
    if (b->failed) return crl_fail_memory(err, "a package");
    return crl_package_tree_write(&tree, options, n, err);
}

static crl_tree *tensor_of(builder *b, const crl_tensor_def *d)
{
    crl_tree *t = new_table(b, CRL_TABLE_TENSOR), *quant = new_table(b, CRL_TABLE_QUANTIZATION_PARAMETERS);
    int64_t *zero = take(b, 1, sizeof *zero);
    if (zero) *zero = d->quant.zero_point[0];
    set_list(quant, CRL_FIELD_QUANTIZATION_PARAMETERS_SCALE, d->quant.scale, 1);
    set_list(quant, CRL_FIELD_QUANTIZATION_PARAMETERS_ZERO_POINT, zero, 1);
    set_list(t, CRL_FIELD_TENSOR_SHAPE, d->shape.dim, (size_t)d->shape.rank);
    set_number(t, CRL_FIELD_TENSOR_TYPE, d->type == CRL_INT8 ? 9 : 3);
    set_text(t, CRL_FIELD_TENSOR_NAME, d->name);
    set_table(t, CRL_FIELD_TENSOR_QUANTIZATION, quant);
    return t;
}

static crl_tree *model_of(builder *b, const uint8_t *options, size_t n)
{
    static const int32_t first = 0, second = 1;
    crl_tree *tensors[] = { tensor_of(b, b->in), tensor_of(b, b->out) }, *graph = new_table(b, CRL_TABLE_SUB_GRAPH);
    crl_tree *op = new_table(b, CRL_TABLE_OPERATOR), *code = new_table(b, CRL_TABLE_OPERATOR_CODE), *model = new_table(b, CRL_TABLE_MODEL);
    crl_tree *buffer = new_table(b, CRL_TABLE_BUFFER);
    set_list(op, CRL_FIELD_OPERATOR_INPUTS, &first, 1);
    set_list(op, CRL_FIELD_OPERATOR_OUTPUTS, &second, 1);
    set_list(op, CRL_FIELD_OPERATOR_CUSTOM_OPTIONS, options, n);
    set_tables(b, graph, CRL_FIELD_SUB_GRAPH_TENSORS, 2, tensors);
    set_list(graph, CRL_FIELD_SUB_GRAPH_INPUTS, &first, 1);
    set_list(graph, CRL_FIELD_SUB_GRAPH_OUTPUTS, &second, 1);
    set_tables(b, graph, CRL_FIELD_SUB_GRAPH_OPERATORS, 1, &op);
    set_text(graph, CRL_FIELD_SUB_GRAPH_NAME, "main");
    set_number(code, CRL_FIELD_OPERATOR_CODE_DEPRECATED_BUILTIN_CODE, CUSTOM);
    set_text(code, CRL_FIELD_OPERATOR_CODE_CUSTOM_CODE, "edgetpu-custom-op");
    set_number(code, CRL_FIELD_OPERATOR_CODE_BUILTIN_CODE, CUSTOM);
    set_text(buffer, CRL_FIELD_BUFFER_DATA, "");
    set_number(model, CRL_FIELD_MODEL_VERSION, SCHEMA_VERSION);
    set_tables(b, model, CRL_FIELD_MODEL_OPERATOR_CODES, 1, &code);
    set_tables(b, model, CRL_FIELD_MODEL_SUBGRAPHS, 1, &graph);
    set_text(model, CRL_FIELD_MODEL_DESCRIPTION, "Exported from Subgraph.");
    set_tables(b, model, CRL_FIELD_MODEL_BUFFERS, 1, &buffer);
    return model;
}

crl_status crl_code_write(const crl_code *code, const crl_form *form, const crl_subgraph *graph, uint64_t token, uint8_t **bytes, size_t *size,
                          crl_error *err)
{
    builder b = { .code = code, .form = form, .in = &graph->tensors[form->in], .out = &graph->tensors[form->out], .token = token };
    uint8_t *options = NULL;
    size_t n = 0;
    *bytes = NULL;
    *size = 0;
    crl_status s = write_options(&b, &options, &n, err);
    if (!s) {
        const crl_tree *model = model_of(&b, options, n);
        s = b.failed ? crl_fail_memory(err, "a compiled model") : crl_back_write(model, "TFL3", bytes, size, err);
    }
    crl_free(options);
    crl_pile_free(&b.pile);
    return s;
}
