/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the options of a compiled operator. What is read is looked at in every place. */
#include <corallite/package.h>

#include <string.h>

#include "fuzz.h"
#include "package/write.h"

static uint64_t walk_bytes(const uint8_t *bytes, size_t n)
{
    return n ? (uint64_t)bytes[0] + bytes[n - 1] : 0;
}

static uint64_t walk_layer(const crl_package_layer *l)
{
    const crl_output_layout *o = &l->layout;
    uint64_t sum = strlen(l->name) + l->bytes;
    for (int32_t y = 0; o->n_tiles && y < l->y_dim; y++)
        for (int32_t x = 0; x < l->x_dim; x++) {
            const int64_t at = (int64_t)o->tile_offset[o->y_tile[y] + o->x_tile[x]] + (int64_t)o->y_row[y] * o->x_row_bytes[x] + o->x_offset[x];
            if (at < 0 || (uint64_t)at + (uint64_t)l->z_dim * (uint64_t)crl_package_element(l) > l->bytes) __builtin_trap();
            sum += (uint64_t)at;
        }
    return sum;
}

static uint64_t walk_executable(const crl_executable *e)
{
    uint64_t sum = strlen(e->name) + strlen(e->chip) + walk_bytes(e->parameters, e->parameter_bytes);
    for (int32_t i = 0; i < e->n_inputs; i++) sum += walk_layer(&e->inputs[i]);
    for (int32_t i = 0; i < e->n_outputs; i++) sum += walk_layer(&e->outputs[i]);
    for (int32_t i = 0; i < e->n_hints; i++) sum += strlen(e->hints[i].name) + e->hints[i].size;
    for (int32_t i = 0; i < e->n_chunks; i++) {
        const crl_chunk *c = &e->chunks[i];
        sum += walk_bytes(c->bytes, c->size);
        for (int32_t k = 0; k < c->n_relocations; k++) sum += strlen(c->relocations[k].name) + c->bytes[c->relocations[k].bit / 8 + 3];
    }
    return sum;
}

/* What opens as a package and can be read as tables is written; what was written stays as it is when it is read and written again. */
static void write_again(const uint8_t *bytes, size_t size)
{
    crl_package_tree tree;
    crl_pile pile = { 0 };
    uint8_t *once = NULL, *twice = NULL;
    size_t n = 0, m = 0;
    if (!crl_package_tree_read(&tree, bytes, size, &pile, NULL) && !crl_package_tree_write(&tree, &once, &n, NULL)) {
        crl_pile again = { 0 };
        if (crl_package_tree_read(&tree, once, n, &again, NULL) || crl_package_tree_write(&tree, &twice, &m, NULL)) __builtin_trap();
        if (n != m || memcmp(once, twice, n)) __builtin_trap();
        crl_pile_free(&again);
    }
    crl_free(once);
    crl_free(twice);
    crl_pile_free(&pile);
}

int fuzz_package(const uint8_t *bytes, size_t size)
{
    const crl_operator op = { .name = CRL_EDGETPU_OP, .code = CRL_CUSTOM, .custom_options = bytes, .custom_bytes = size };
    const crl_subgraph graph = { .operators = &op, .n_operators = 1 };
    const crl_model model = { .subgraphs = &graph, .n_subgraphs = 1 };
    crl_package *p;
    crl_error err;
    if (crl_package_open(&p, &model, 0, &err)) return 0;
    volatile uint64_t sum = 0;
    for (int32_t i = 0; i < p->n_executables; i++) sum += walk_executable(&p->executables[i]);
    write_again(bytes, size);
    (void)sum;
    crl_package_close(p);
    return 0;
}
