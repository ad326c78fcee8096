/* SPDX-License-Identifier: Apache-2.0 */
/* What operators share: options, shapes, sentences. */
#include "ops/op.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

crl_status crl_node_params(crl_node *node, size_t bytes, crl_error *err)
{
    node->params = crl_pile_alloc(&node->pile, bytes);
    return node->params ? CRL_OK : crl_fail_memory(err, "an operator's parameters");
}

void *crl_node_alloc(crl_node *node, size_t n, size_t size, crl_error *err)
{
    void *p = crl_pile_array(&node->pile, n, size);
    if (!p) crl_fail(err, CRL_ERR_MEMORY, "no memory for %zu elements of %zu bytes", n, size);
    return p;
}

static const crl_option *option(const crl_node *node, const char *name)
{
    const crl_option *o = crl_operator_option(node->def, name);
    assert(o && "no such option in this operator's schema");
    return o;
}

int32_t crl_node_int(const crl_node *node, const char *name)
{
    const int64_t i = option(node, name)->i;
    return i < INT32_MIN ? INT32_MIN : i > INT32_MAX ? INT32_MAX : (int32_t)i;
}

bool crl_node_bool(const crl_node *node, const char *name)
{
    return option(node, name)->i != 0;
}

float crl_node_float(const crl_node *node, const char *name)
{
    return option(node, name)->f;
}

/* A handle of a variable is its number. */
static size_t element_bytes(crl_type type)
{
    return type == CRL_RESOURCE ? sizeof(int32_t) : crl_type_bytes(type);
}

static crl_status set_shape(const crl_node *node, int32_t i, const crl_shape *shape, crl_error *err)
{
    crl_tensor *t = node->out[i];
    if (shape->rank < 0 || shape->rank > CRL_MAX_RANK)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, t, err, "rank %d, at most %d is supported", shape->rank,
                            CRL_MAX_RANK);
    crl_shape s = { .rank = shape->rank };
    /* As in a file (flat_read.c): steps and sizes of sound shapes never overflow; a zero does not excuse the others. */
    enum { WIDEST = 16 };
    size_t spread = WIDEST;
    for (int32_t d = 0; d < s.rank; d++) {
        s.dim[d] = shape->dim[d];
        if (s.dim[d] < 0)
            return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "dimension %d would be %d", d, s.dim[d]);
        if ((s.dim[d] && !crl_size_mul(spread, (size_t)s.dim[d], &spread)) || spread > PTRDIFF_MAX)
            return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "its shape has more bytes than memory can hold");
    }
    t->shape = s;
    t->bytes = crl_shape_count(&s) * element_bytes(t->type);
    return CRL_OK;
}

crl_status crl_node_shape(crl_node *node, int32_t i, const crl_shape *shape, crl_error *err)
{
    return set_shape(node, i, shape, err);
}

void crl_given_release(crl_given *g, crl_host *host)
{
    crl_host_drop(host, g->bytes);
    crl_free(g->data);
    *g = (crl_given){ 0 };
}

crl_status crl_given_enlarge(crl_given *g, size_t bytes, crl_host *host, const char *what, crl_error *err)
{
    crl_given_release(g, host); /* first: the two need not live at once */
    crl_status s = crl_host_hold(host, bytes, what, err);
    if (s) return s;
    g->data = crl_alloc_aligned(bytes);
    if (!g->data) {
        crl_host_drop(host, bytes);
        return crl_fail(err, CRL_ERR_MEMORY, "no memory for %zu bytes", bytes);
    }
    g->bytes = bytes;
    return CRL_OK;
}

crl_status crl_node_give(const crl_node *node, int32_t i, const crl_shape *shape, crl_error *err)
{
    crl_given *g = &node->given[i];
    crl_tensor *t = node->out[i];
    const crl_tensor before = *t;
    crl_status s = set_shape(node, i, shape, err);
    /* A tensor of no bytes has an address, too. */
    if (!s && (!g->data || t->bytes > g->bytes)) s = crl_given_enlarge(g, t->bytes, node->host, "the activations", err);
    if (s) *t = before;
    t->data = g->data;
    return s;
}

void crl_node_give_back(crl_node *node)
{
    for (int32_t i = 0; node->given && i < node->n_out; i++) crl_given_release(&node->given[i], node->host);
}

crl_status crl_host_hold(crl_host *host, size_t bytes, const char *what, crl_error *err)
{
    const size_t mib = 1u << 20;
    crl_account *a = crl_host_account(host);
    if (crl_account_hold(a, bytes)) return CRL_OK;
    const size_t counts = a->held > a->spare ? a->held - a->spare : 0;
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "%s need %zu MiB, at most %zu are allowed: give the model smaller inputs", what,
                    counts / mib + bytes / mib, a->most / mib);
}

void crl_host_drop(crl_host *host, size_t bytes)
{
    crl_account_drop(crl_host_account(host), bytes);
}

crl_status crl_host_spend(crl_host *host, uint64_t units, crl_error *err)
{
    if (!host) return CRL_OK;
    host->spent = units > UINT64_MAX - host->spent ? UINT64_MAX : host->spent + units;
    if (host->spent <= host->work_limit) return CRL_OK;
    const uint64_t million = 1000000;
    return crl_fail(err, CRL_ERR_TIMEOUT,
                    "the model needs %llu million units of work up to here, %llu million are allowed: "
                    "raise the limit (work_limit, of commands --work-limit) to run it",
                    (unsigned long long)(host->spent / million + 1), (unsigned long long)(host->work_limit / million));
}

crl_status crl_node_same_shape(crl_node *node, int32_t out, int32_t in, crl_error *err)
{
    return crl_node_shape(node, out, &node->in[in]->shape, err);
}

static int32_t tensor_index(const crl_node *node, const crl_tensor *t)
{
    for (int32_t i = 0; i < node->n_in; i++)
        if (node->in[i] == t) return node->def->inputs[i];
    for (int32_t i = 0; i < node->n_out; i++)
        if (node->out[i] == t) return node->def->outputs[i];
    for (int32_t i = 0; i < node->n_intermediates; i++)
        if (node->intermediates[i] == t) return node->def->intermediates[i];
    return -1;
}

crl_status crl_node_bad(const crl_node *node, crl_status status, const crl_tensor *t, crl_error *err, const char *fmt,
                        ...)
{
    char text[160];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return crl_fail(err, status, "tensor %d \"%.60s\": %s", tensor_index(node, t), t->name, text);
}

crl_status crl_node_bad_type(const crl_node *node, const crl_tensor *t, const char *accepted, crl_error *err)
{
    return crl_node_bad(node, CRL_ERR_UNSUPPORTED, t, err, "%s is not supported here, accepted: %s",
                        crl_type_name(t->type), accepted);
}

crl_status crl_node_check_quant(const crl_node *node, const crl_tensor *t, crl_error *err)
{
    crl_status s = crl_node_check_quant_in(node, t, err);
    if (!s && !(t->quant.scale[0] > 0))
        s = crl_node_bad(node, CRL_ERR_FORMAT, t, err, "scale %g, it has to be positive", (double)t->quant.scale[0]);
    return s;
}

crl_status crl_node_check_quant_in(const crl_node *node, const crl_tensor *t, crl_error *err)
{
    if (t->quant.n != 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "%d scales, the operator needs exactly one", t->quant.n);
    const float scale = t->quant.scale[0];
    if (!(scale >= 0) || !isfinite(scale))
        return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "scale %g, it has to be positive", (double)scale);
    const int32_t zero = t->quant.zero_point[0];
    const int32_t min = t->type == CRL_INT8 ? INT8_MIN : t->type == CRL_INT16 ? INT16_MIN : 0;
    const int32_t max = t->type == CRL_INT8 ? INT8_MAX : t->type == CRL_INT16 ? INT16_MAX : UINT8_MAX;
    if ((t->type == CRL_UINT8 || t->type == CRL_INT8 || t->type == CRL_INT16) && (zero < min || zero > max))
        return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "zero point %d, it has to lie in %d..%d", zero, min, max);
    return CRL_OK;
}

crl_status crl_node_check_const(const crl_node *node, const crl_tensor *t, crl_error *err)
{
    if ((t->flags & CRL_TENSOR_CONST) || crl_shape_count(&t->shape) == 0) return CRL_OK; /* no elements: known */
    enum { MOST_ASKED = 64 };
    int32_t i = 0;
    while (i < node->n_in && node->in[i] != t) i++;
    if (!node->asked || i == node->n_in || i >= MOST_ASKED || (t->flags & CRL_TENSOR_VARIABLE))
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, t, err, "it has to be a constant of the model");
    *node->asked |= (uint64_t)1 << i;
    return t->data ? CRL_OK : crl_node_bad(node, CRL_ERR_UNSUPPORTED, t, err, "its values are known only while running");
}

crl_status crl_node_activation_range(const crl_node *node, const crl_tensor *out, int32_t activation, int32_t *min,
                                     int32_t *max, crl_error *err)
{
    int32_t lo, hi;
    switch (out->type) {
    case CRL_UINT8: lo = 0, hi = UINT8_MAX; break;
    case CRL_INT8: lo = INT8_MIN, hi = INT8_MAX; break;
    case CRL_INT16: lo = INT16_MIN, hi = INT16_MAX; break;
    default: return crl_node_bad_type(node, out, "UINT8, INT8, INT16", err);
    }
    double real_lo = -DBL_MAX, real_hi = DBL_MAX;
    switch (activation) {
    case CRL_ACT_NONE: break;
    case CRL_ACT_RELU: real_lo = 0; break;
    case CRL_ACT_RELU_N1_TO_1: real_lo = -1, real_hi = 1; break;
    case CRL_ACT_RELU6: real_lo = 0, real_hi = 6; break;
    default:
        return crl_fail(err, CRL_ERR_UNSUPPORTED,
                        "fused activation %d: NONE, RELU, RELU_N1_TO_1 and RELU6 are supported", activation);
    }
    *min = lo;
    *max = hi;
    if (activation == CRL_ACT_NONE) return CRL_OK;
    crl_status s = crl_node_check_quant(node, out, err);
    if (s) return s;
    /* The quotient is rounded in float, as in the reference, before it is clamped to the type. */
    const float scale = out->quant.scale[0];
    const int32_t zero = out->quant.zero_point[0];
    if (real_lo > -DBL_MAX) {
        const float q = (float)zero + roundf((float)real_lo / scale);
        if (q > (float)lo) *min = q < (float)hi ? (int32_t)q : hi;
    }
    if (real_hi < DBL_MAX) {
        const float q = (float)zero + roundf((float)real_hi / scale);
        if (q < (float)hi) *max = q > (float)lo ? (int32_t)q : lo;
    }
    return CRL_OK;
}

crl_status crl_node_activation_range_f32(const crl_node *node, int32_t activation, float *min, float *max,
                                         crl_error *err)
{
    (void)node;
    *min = -FLT_MAX;
    *max = FLT_MAX;
    switch (activation) {
    case CRL_ACT_NONE: return CRL_OK;
    case CRL_ACT_RELU: *min = 0; return CRL_OK;
    case CRL_ACT_RELU_N1_TO_1: *min = -1, *max = 1; return CRL_OK;
    case CRL_ACT_RELU6: *min = 0, *max = 6; return CRL_OK;
    default:
        return crl_fail(err, CRL_ERR_UNSUPPORTED,
                        "fused activation %d: NONE, RELU, RELU_N1_TO_1 and RELU6 are supported", activation);
    }
}
