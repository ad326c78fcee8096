/* SPDX-License-Identifier: Apache-2.0 */
/* ARG_MAX of an 8-bit tensor: over the last dimension, or over another, down the columns of a table. */
#include <string.h>

#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/argmax8.h"
#include "ops/shapes.h"

enum { LINES = 256 }; /* indices found before they are widened */

typedef struct arg_max_step {
    crl_spread spread; /* of lines */
    crl_argmax8_fn *find;
    crl_argmax8_columns_fn *find_columns;
    size_t n, width; /* n bytes in each line; or each is a table of n rows and `width` columns */
} arg_max_step;

static void put(const crl_tensor *out, size_t at, const int32_t *index, size_t n)
{
    if (out->type == CRL_INT32)
        memcpy((int32_t *)out->data + at, index, n * sizeof *index);
    else
        for (size_t k = 0; k < n; k++) ((int64_t *)out->data)[at + k] = index[k];
}

static void line_units(const void *params, size_t first, size_t end)
{
    const arg_max_step *p = params;
    int32_t index[LINES];
    for (size_t at = first; at < end; at += LINES) {
        const size_t n = end - at < LINES ? end - at : LINES;
        p->find(index, (const uint8_t *)p->spread.in->data + at * p->n, n, p->n);
        put(p->spread.out, at, index, n);
    }
}

/* A table has up to LINES columns, else the rule leaves it. */
static void table_units(const void *params, size_t first, size_t end)
{
    const arg_max_step *p = params;
    int32_t index[LINES];
    for (size_t at = first; at < end; at++) {
        p->find_columns(index, (const uint8_t *)p->spread.in->data + at * p->n * p->width, p->n, p->width);
        put(p->spread.out, at * p->width, index, p->width);
    }
}

crl_status crl_lower_arg_max(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    if (!crl_lower_is_8bit(in) || !in->bytes) return CRL_OK;
    int64_t given;
    int32_t axis;
    crl_status s = crl_node_const_int(node, node->in[1], CRL_TYPE_INDEX, &given, err);
    if (!s) s = crl_node_axis(given, in->shape.rank, &axis, err);
    if (s) return s;
    const size_t n = (size_t)in->shape.dim[axis], width = crl_shape_span(&in->shape, axis + 1, in->shape.rank);
    const size_t lines = in->bytes / n / width;
    if (width > LINES) return CRL_OK;
    *taken = true;
    crl_step *step;
    arg_max_step *p = crl_spread_add(l, node, in, NULL, CRL_FORM_KERNEL, CRL_FORM_RAW, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    crl_argmax8_kernels k;
    crl_argmax8_kernels_init(&k, l->cpu);
    p->find = k.u8;
    p->find_columns = k.columns;
    p->n = n;
    p->width = width;
    crl_spread_share(&p->spread, l, width == 1 ? line_units : table_units, lines, 1, (uint64_t)in->bytes * 16);
    step->kernel = k.name;
    return CRL_OK;
}
