/* SPDX-License-Identifier: Apache-2.0 */
/* UNIQUE: the different elements of a list, each where it comes first, and for every element the place that its like has
 * among them.
 *
 * The reference looks elements up in a sorted tree, so 0 is -0, and NaN is whatever is least by then; when a list begins
 * with NaN, all of it is NaN. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ops/shapes.h"
#include "ops/work.h"

typedef struct params {
    int32_t n;
    int32_t *place;  /* [number of elements] among the different ones */
    int32_t *first;  /* [n] index of the first one of each */
} params;

/* An element and where it stands. Floats have keys in the order of their values. */
typedef struct entry {
    int64_t key;
    int32_t index;
} entry;

static int by_key(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int64_t key_of(const crl_tensor *t, size_t i)
{
    if (t->type != CRL_FLOAT32) return crl_tensor_int(t, i);
    const float x = ((const float *)t->data)[i];
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if (x == 0) return 0;
    return bits < 0 ? -(int64_t)(bits & INT32_MAX) : bits;
}

static bool is_nan(const crl_tensor *t, size_t i)
{
    return t->type == CRL_FLOAT32 && isnan(((const float *)t->data)[i]);
}

/* like[i] is the first element that equals element i. */
static void find_likes(const crl_tensor *in, int32_t n, entry *sorted, int32_t *like)
{
    int32_t numbers = 0;
    for (int32_t i = 0; i < n; i++)
        if (!is_nan(in, (size_t)i)) sorted[numbers++] = (entry){ key_of(in, (size_t)i), i };
    qsort(sorted, (size_t)numbers, sizeof *sorted, by_key);
    for (int32_t i = 0, head = 0; i < numbers; i++) {
        if (sorted[i].key != sorted[head].key) head = i;
        like[sorted[i].index] = sorted[head].index;
    }
    if (n > 0 && is_nan(in, 0)) {
        memset(like, 0, (size_t)n * sizeof *like);
        return;
    }
    for (int32_t i = 1, least = 0; i < n; i++) {
        if (is_nan(in, (size_t)i))
            like[i] = like[least];
        else if (key_of(in, (size_t)i) < key_of(in, (size_t)least))
            least = i;
    }
}

static crl_status number(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    params *p = node->params;
    const int32_t n = in->shape.dim[0];
    entry *sorted = crl_node_alloc(node, (size_t)n, sizeof *sorted, err);
    p->place = sorted ? crl_node_alloc(node, (size_t)n, sizeof *p->place, err) : NULL;
    p->first = p->place ? crl_node_alloc(node, (size_t)n, sizeof *p->first, err) : NULL;
    if (!p->first) return CRL_ERR_MEMORY;
    find_likes(in, n, sorted, p->place);
    for (int32_t i = 0; i < n; i++) {
        const int32_t like = p->place[i]; /* an element before this one has its number already */
        p->place[i] = like < i ? p->place[like] : p->n;
        if (like == i) p->first[p->n++] = i;
    }
    return CRL_OK;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *places = node->out[1];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (!s) s = crl_node_accept(node, places, CRL_TYPE_INDEX, err);
    if (s) return s;
    const int32_t type = crl_node_int(node, "idx_out_type");
    if (type != (int32_t)places->type)
        return crl_node_bad(node, CRL_ERR_FORMAT, places, err, "%s, but idx_out_type says %s", crl_type_name(places->type),
                            crl_type_name((crl_type)type));
    if (in->shape.rank != 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "%d dimensions, one is needed", in->shape.rank);
    s = crl_node_check_const(node, in, err); /* they tell how many different ones there are */
    enum { SORTED = 200 };
    if (!s) s = crl_host_spend(node->host, crl_work_mul((uint64_t)in->shape.dim[0], SORTED), err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (!s && in->shape.dim[0] > 0) s = number(node, err);
    if (s) return s;
    s = crl_node_shape(node, 0, &(crl_shape){ .rank = 1, .dim = { ((params *)node->params)->n } }, err);
    return s ? s : crl_node_same_shape(node, 1, 0, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const params *p = node->params;
    const crl_tensor *in = node->in[0], *out = node->out[0], *places = node->out[1];
    const size_t bytes = crl_type_bytes(in->type);
    for (int32_t i = 0; i < p->n; i++)
        memcpy((uint8_t *)out->data + (size_t)i * bytes, (const uint8_t *)in->data + (size_t)p->first[i] * bytes, bytes);
    for (int32_t i = 0; i < in->shape.dim[0]; i++) {
        if (places->type == CRL_INT32)
            ((int32_t *)places->data)[i] = p->place[i];
        else
            ((int64_t *)places->data)[i] = p->place[i];
    }
    return CRL_OK;
}

const crl_op_type crl_op_unique = {
    .name = "UNIQUE", .code = CRL_OP_UNIQUE, .in_min = 1, .in_max = 1, .out_min = 2, .out_max = 2, .prepare = prepare, .invoke = invoke,
};
