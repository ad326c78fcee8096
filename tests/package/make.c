/* SPDX-License-Identifier: Apache-2.0 */
/* See make.h. */
#include "make.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A caching program: a descriptor of 64 bytes of parameters, one piece of them to tile 0 at unit 64, the interrupt. */
const char made_caching[] = "start bits=2432\n"
                              "fence tiles=0xffff counters=0x7ffff units=0x3ff token=1\n"
                              "alu operation=0x2f to=6\n"
                              "alu operation=0x2f to=7 b=0x40\n"
                              "alu store=0xa store_from=6 operation=0x2f to=8 b=0x2\n"
                              "alu store=0xa store_at=0x2 store_from=7\n"
                              "alu store=0xa store_at=0x3 store_from=8\n"
                              "alu store=0xc\n"
                              "consume tiles=0x1 sequence=1 to=64 levels=0x1\n"
                              "alu operation=0x2f to=9 b=0x4\n"
                              "alu store=0xa store_at=0x3 store_from=9\n"
                              "alu store=0xc\n"
                              "halt code=4\nalu\nalu\nalu\nalu\nend bits=128\n";

/* A program that computes: input 24 bytes, output 24 bytes in two pieces, something to unit 8000 of all tiles. */
const char made_running[] = "start bits=3328\n"
                              "alu operation=0x2f to=7 b=0x18\n"
                              "alu operation=0x2f to=8 b=0x1\n"
                              "alu store=0xa store_at=0x2 store_from=7\n"
                              "alu store=0xa store_at=0x3 store_from=8\n"
                              "alu store=0xc\n"
                              "widen tiles=0xffff to=8000 slots=1 circular=1\n"
                              "alu operation=0x2f to=7 b=0x8\n"
                              "alu operation=0x2f to=8 b=0x3\n"
                              "alu store=0xa store_at=0x2 store_from=7\n"
                              "alu store=0xa store_at=0x3 store_from=8\n"
                              "alu store=0xc operation=0x21 to=7 a=7 b=0x8\n"
                              "alu store=0xa store_at=0x2 store_from=7\n"
                              "alu store=0xc operation=0x2f to=8 b=0x4\n"
                              "alu store=0xa store_at=0x3 store_from=8\n"
                              "alu store=0xc\n"
                              "halt code=4\nalu\nalu\nalu\nalu\nend bits=128\n";


static crl_tree *table(made *m, int kind)
{
    crl_tree *node = crl_tree_new(&m->pile, kind);
    assert(node);
    return node;
}

void made_number(crl_tree *node, int field, int64_t value)
{
    *crl_tree_at(node, field) = (crl_tree_value){ .i = value, .present = true };
}

void made_ints(crl_tree *node, int field, const int32_t *v, uint32_t n)
{
    *crl_tree_at(node, field) = (crl_tree_value){ .list = v, .n = n, .present = true };
}

static void set_text(crl_tree *node, int field, const char *text)
{
    *crl_tree_at(node, field) = (crl_tree_value){ .list = text, .n = (uint32_t)strlen(text), .present = true };
}

static void set_bytes(crl_tree *node, int field, const void *bytes, size_t n)
{
    *crl_tree_at(node, field) = (crl_tree_value){ .list = bytes, .n = (uint32_t)n, .present = true };
}

static crl_tree *child(made *m, crl_tree *node, int field, int kind)
{
    crl_tree *inner = table(m, kind);
    *crl_tree_at(node, field) = (crl_tree_value){ .table = inner, .present = true };
    return inner;
}

/* Room for one more in a vector of tables. */
static crl_tree *item(made *m, crl_tree *node, int field, int kind)
{
    enum { ROOM = 16 };
    crl_tree_value *v = crl_tree_at(node, field);
    if (!v->present) *v = (crl_tree_value){ .tables = crl_pile_array(&m->pile, ROOM, sizeof(crl_tree *)), .present = true };
    assert(v->tables && v->n < ROOM);
    return v->tables[v->n++] = table(m, kind);
}

static void put_bits(uint8_t *word, int bit, int n, uint32_t v)
{
    for (int i = 0; i < n; i++)
        if (v >> i & 1) word[(bit + i) / 8] |= (uint8_t)(1 << (bit + i) % 8);
}

/* Start, halt, four bundles that do nothing, end. */
static void make_program(uint8_t *p)
{
    memset(p, 0, 7 * 16);
    put_bits(p, 6, 6, 0x3e);
    put_bits(p, 19, 32, 128 * 5);
    put_bits(p + 16, 6, 6, 0x21);
    put_bits(p + 16, 14, 5, 4);
    for (int i = 2; i < 6; i++) put_bits(p + 16 * i, 6, 6, 0x20);
    put_bits(p + 16 * 6, 6, 6, 0x3f);
    put_bits(p + 16 * 6, 19, 8, 128);
}

static crl_tree *make_layer(made *m, crl_tree *e, int field, const char *name, bool output)
{
    crl_tree *l = item(m, e, field, CRL_TABLE_LAYER);
    set_text(l, CRL_FIELD_LAYER_NAME, name);
    made_number(l, CRL_FIELD_LAYER_SIZE_BYTES, 24);
    made_number(l, CRL_FIELD_LAYER_Y_DIM, 2);
    made_number(l, CRL_FIELD_LAYER_X_DIM, 3);
    made_number(l, CRL_FIELD_LAYER_Z_DIM, 4);
    crl_tree *numerics = child(m, l, CRL_FIELD_LAYER_NUMERICS, CRL_TABLE_NUMERICS_CONSTANTS);
    made_number(numerics, CRL_FIELD_NUMERICS_CONSTANTS_ZERO_POINT, 128);
    crl_tree_at(numerics, CRL_FIELD_NUMERICS_CONSTANTS_DEQUANTIZATION_FACTOR)->f = 0.5f;
    crl_tree_at(numerics, CRL_FIELD_NUMERICS_CONSTANTS_DEQUANTIZATION_FACTOR)->present = true;
    child(m, l, CRL_FIELD_LAYER_ANY_LAYER, output ? CRL_TABLE_OUTPUT_LAYER : CRL_TABLE_INPUT_LAYER);
    return l;
}

/* Row 0 is computed by tile 0, row 1 by tile 1. */
static void make_layout(made *m)
{
    static const int32_t y_tile[] = { 0, 1 }, x_tile[] = { 0, 0, 0 }, tile_offset[] = { 0, 12 }, x_offset[] = { 0, 4, 8 },
                         y_row[] = { 0, 0 }, x_row[] = { 12, 12, 12 };
    crl_tree *output = crl_tree_at(m->output, CRL_FIELD_LAYER_ANY_LAYER)->table;
    m->layout = child(m, output, CRL_FIELD_OUTPUT_LAYER_LAYOUT, CRL_TABLE_OUTPUT_LAYOUT);
    made_ints(m->layout, CRL_FIELD_OUTPUT_LAYOUT_Y_COORDINATE_TO_LINEAR_TILE_ID_MAP, y_tile, 2);
    made_ints(m->layout, CRL_FIELD_OUTPUT_LAYOUT_X_COORDINATE_TO_LINEAR_TILE_ID_MAP, x_tile, 3);
    made_ints(m->layout, CRL_FIELD_OUTPUT_LAYOUT_LINEARIZED_TILE_BYTE_OFFSET, tile_offset, 2);
    made_ints(m->layout, CRL_FIELD_OUTPUT_LAYOUT_X_COORDINATE_TO_LOCAL_BYTE_OFFSET, x_offset, 3);
    made_ints(m->layout, CRL_FIELD_OUTPUT_LAYOUT_Y_COORDINATE_TO_LOCAL_Y_OFFSET, y_row, 2);
    made_ints(m->layout, CRL_FIELD_OUTPUT_LAYOUT_X_COORDINATE_TO_LOCAL_Y_ROW_SIZE, x_row, 3);
}

static crl_tree *make_meta(made *m, crl_tree *node, int field, int base, const char *name)
{
    crl_tree *meta = child(m, node, field, CRL_TABLE_META);
    made_number(meta, CRL_FIELD_META_DESC, base);
    if (*name) set_text(meta, CRL_FIELD_META_NAME, name);
    return meta;
}

static crl_tree *make_hint(made *m, int e, int kind, bool to_host)
{
    crl_tree *hint = item(m, m->hints[e], CRL_FIELD_DMA_HINTS_HINTS, CRL_TABLE_DMA_HINT);
    if (to_host) made_number(hint, CRL_FIELD_DMA_HINT_DIRECTION, 1);
    return child(m, hint, CRL_FIELD_DMA_HINT_ANY_HINT, kind);
}

static void make_transfer(made *m, int e, int base, const char *name, int64_t bytes)
{
    crl_tree *t = make_hint(m, e, CRL_TABLE_DMA_DESCRIPTOR_HINT, base == CRL_BASE_OUTPUT);
    make_meta(m, t, CRL_FIELD_DMA_DESCRIPTOR_HINT_META, base, name);
    made_number(t, CRL_FIELD_DMA_DESCRIPTOR_HINT_SIZE_IN_BYTES, bytes);
}

crl_tree *made_hint(made *m, int e, int i)
{
    return crl_tree_at(crl_tree_at(m->hints[e], CRL_FIELD_DMA_HINTS_HINTS)->tables[i], CRL_FIELD_DMA_HINT_ANY_HINT)->table;
}

static void make_port(made *m, int field, int base, const made_port *p)
{
    crl_tree *l = make_layer(m, m->executable[0], field, p->name, base == CRL_BASE_OUTPUT);
    const int64_t bytes = ((int64_t)p->y * p->x * p->z + 7) / 8 * 8;
    made_number(l, CRL_FIELD_LAYER_SIZE_BYTES, bytes);
    made_number(l, CRL_FIELD_LAYER_Y_DIM, p->y);
    made_number(l, CRL_FIELD_LAYER_X_DIM, p->x);
    made_number(l, CRL_FIELD_LAYER_Z_DIM, p->z);
    if (p->is_signed) made_number(l, CRL_FIELD_LAYER_DATA_TYPE, CRL_LAYER_S8);
    make_transfer(m, 0, base, p->name, bytes);
}

void made_ports(made *m, uint32_t number, const made_port *in, int n_in, const made_port *out, int n_out)
{
    crl_tree *x = m->executable[0];
    *crl_tree_at(x, CRL_FIELD_EXECUTABLE_INPUT_LAYERS) = *crl_tree_at(x, CRL_FIELD_EXECUTABLE_OUTPUT_LAYERS) = (crl_tree_value){ 0 };
    *crl_tree_at(m->hints[0], CRL_FIELD_DMA_HINTS_HINTS) = (crl_tree_value){ 0 };
    make_hint(m, 0, CRL_TABLE_INSTRUCTION_HINT, false);
    for (int i = 0; i < n_in; i++) make_port(m, CRL_FIELD_EXECUTABLE_INPUT_LAYERS, CRL_BASE_INPUT, &in[i]);
    for (int i = 0; i < n_out; i++) make_port(m, CRL_FIELD_EXECUTABLE_OUTPUT_LAYERS, CRL_BASE_OUTPUT, &out[i]);
    make_hint(m, 0, CRL_TABLE_INTERRUPT_HINT, true);
    for (int e = 0; e < 2; e++) {
        put_bits(m->program[e] + 16 * 3, 70, 32, number + (uint32_t)e); /* of a bundle that does nothing */
        made_number(m->executable[e], CRL_FIELD_EXECUTABLE_PARAMETER_CACHING_TOKEN, number);
    }
}

static void make_executable(made *m, int e)
{
    static const uint8_t parameters[64] = { 1, 2, 3 };
    crl_tree *x = m->executable[e] = table(m, CRL_TABLE_EXECUTABLE);
    set_text(x, CRL_FIELD_EXECUTABLE_NAME, e ? "Unknown" : "model");
    set_text(x, CRL_FIELD_EXECUTABLE_CHIP, "beagle");
    made_number(x, CRL_FIELD_EXECUTABLE_BATCH_SIZE, 1);
    made_number(x, CRL_FIELD_EXECUTABLE_TYPE, e ? CRL_EXECUTABLE_CACHING : CRL_EXECUTABLE_RUNNING);
    made_number(x, CRL_FIELD_EXECUTABLE_PARAMETER_CACHING_TOKEN, 0x1234567890abcdef);
    if (e) set_bytes(x, CRL_FIELD_EXECUTABLE_PARAMETERS, parameters, sizeof parameters);
    make_program(m->program[e]);
    m->chunk[e] = item(m, x, CRL_FIELD_EXECUTABLE_INSTRUCTION_BITSTREAMS, CRL_TABLE_INSTRUCTION_BITSTREAM);
    set_bytes(m->chunk[e], CRL_FIELD_INSTRUCTION_BITSTREAM_BITSTREAM, m->program[e], sizeof m->program[e]);
    crl_tree *address = item(m, m->chunk[e], CRL_FIELD_INSTRUCTION_BITSTREAM_FIELD_OFFSETS, CRL_TABLE_FIELD_OFFSET);
    make_meta(m, address, CRL_FIELD_FIELD_OFFSET_META, CRL_BASE_PARAMETERS, "");
    made_number(address, CRL_FIELD_FIELD_OFFSET_OFFSET_BIT, 2 * 128 + 70);
    m->hints[e] = child(m, x, CRL_FIELD_EXECUTABLE_DMA_HINTS, CRL_TABLE_DMA_HINTS);
    made_number(m->hints[e], CRL_FIELD_DMA_HINTS_FULLY_DETERMINISTIC, 1);
    make_hint(m, e, CRL_TABLE_INSTRUCTION_HINT, false);
    if (e) {
        make_transfer(m, e, CRL_BASE_PARAMETERS, "", sizeof parameters);
    } else {
        m->input = make_layer(m, x, CRL_FIELD_EXECUTABLE_INPUT_LAYERS, "in", false);
        m->output = make_layer(m, x, CRL_FIELD_EXECUTABLE_OUTPUT_LAYERS, "out", true);
        make_layout(m);
        make_transfer(m, e, CRL_BASE_INPUT, "in", 24);
        make_transfer(m, e, CRL_BASE_OUTPUT, "out", 24);
    }
    make_hint(m, e, CRL_TABLE_INTERRUPT_HINT, true);
}

void made_begin(made *m)
{
    *m = (made){ .n_executables = 2 };
    for (int e = 0; e < 2; e++) make_executable(m, e);
    m->package = table(m, CRL_TABLE_PACKAGE);
    made_number(m->package, CRL_FIELD_PACKAGE_MIN_RUNTIME_VERSION, 13);
    set_text(m->package, CRL_FIELD_PACKAGE_COMPILER_VERSION, "made");
    m->multi = table(m, CRL_TABLE_MULTI_EXECUTABLE);
}

/* A FlexBuffer map {"1": 0, "4": the package}. */
static void make_options(made *m, const uint8_t *package, size_t n)
{
    uint8_t *o = m->options = crl_pile_alloc(&m->pile, n + 64);
    assert(o);
    size_t at = 0;
    const size_t key1 = at;
    memcpy(o + at, "1", 2), at += 2;
    const size_t key4 = at;
    memcpy(o + at, "4", 2), at += 2;
    const uint32_t length = (uint32_t)n;
    memcpy(o + at, &length, 4), at += 4;
    const size_t text = at;
    memcpy(o + at, package, n), at += crl_size_align(n + 1, 4);
    const uint32_t keys[] = { 2, (uint32_t)(at + 4 - key1), (uint32_t)(at + 8 - key4) };
    memcpy(o + at, keys, sizeof keys);
    const size_t key_list = at + 4;
    at += sizeof keys;
    const uint32_t map[] = { (uint32_t)(at - key_list), 4, 2, 0, (uint32_t)(at + 16 - text) };
    memcpy(o + at, map, sizeof map);
    at += sizeof map;
    o[at++] = 1 << 2 | 2; /* an int, a text of a size of 4 bytes */
    o[at++] = 5 << 2 | 2;
    o[at++] = 10; /* the map, back from here */
    o[at++] = 9 << 2 | 2;
    o[at++] = 1;
    m->options_bytes = at;
}

bool made_program(made *m, int e, const char *text, const char *from, const char *to)
{
    char changed[4096];
    uint8_t *bytes;
    size_t n;
    const char *at = from ? strstr(text, from) : text;
    if (!at || snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, from ? to : "",
                        at + (from ? strlen(from) : 0)) >= (int)sizeof changed)
        return false;
    if (crl_assemble(changed, &bytes, &n, NULL)) return false;
    uint8_t *copy = crl_pile_alloc(&m->pile, n);
    assert(copy);
    memcpy(copy, bytes, n);
    free(bytes);
    set_bytes(m->chunk[e], CRL_FIELD_INSTRUCTION_BITSTREAM_BITSTREAM, copy, n);
    return true;
}

void made_finish(made *m)
{
    crl_tree_text *texts = crl_pile_array(&m->pile, 2, sizeof *texts);
    uint8_t *bytes[2], *multi, *package;
    size_t n;
    assert(texts);
    for (int e = 0; e < m->n_executables; e++) {
        crl_status s = crl_tree_write(m->executable[e], "\0\0\0\0", NULL, &bytes[e], &n, NULL);
        assert(!s);
        (void)s;
        texts[e] = (crl_tree_text){ (char *)bytes[e], n };
    }
    *crl_tree_at(m->multi, CRL_FIELD_MULTI_EXECUTABLE_SERIALIZED_EXECUTABLES) =
        (crl_tree_value){ .texts = texts, .n = (uint32_t)m->n_executables, .present = true };
    crl_tree_write(m->multi, "\0\0\0\0", NULL, &multi, &n, NULL);
    set_bytes(m->package, CRL_FIELD_PACKAGE_SERIALIZED_MULTI_EXECUTABLE, multi, n);
    crl_tree_write(m->package, "DWN1", NULL, &package, &n, NULL);
    make_options(m, package, n);
    for (int e = 0; e < m->n_executables; e++) crl_free(bytes[e]);
    crl_free(multi);
    crl_free(package);
    m->op = (crl_operator){ .name = CRL_EDGETPU_OP, .code = CRL_CUSTOM, .custom_options = m->options, .custom_bytes = m->options_bytes };
    m->graph = (crl_subgraph){ .operators = &m->op, .n_operators = 1 };
    m->model = (crl_model){ .subgraphs = &m->graph, .n_subgraphs = 1 };
}

void made_end(made *m)
{
    crl_pile_free(&m->pile);
}
