/* SPDX-License-Identifier: Apache-2.0 */
/* RANDOM_UNIFORM, RANDOM_STANDARD_NORMAL: numbers of a shape; MULTINOMIAL: classes by the shares that logits give them.
 *
 * The options' seeds begin a row of numbers that goes on from run to run. Without seeds the reference takes others each time;
 * here they are those of the seeds 0, always the same. */
#include "kernels/random.h"
#include "ops/shapes.h"

typedef struct params {
    crl_random random;
    uint32_t resets; /* of the host, when it began */
    crl_draws draws; /* MULTINOMIAL */
} params;

/* The reference has 32 bits of a seed. */
static uint64_t seed(const crl_node *node, const char *name)
{
    return (uint64_t)(int32_t)(uint32_t)crl_operator_option(node->def, name)->i;
}

static void start(const crl_node *node)
{
    params *p = node->params;
    crl_random_seed(&p->random, seed(node, "seed"), seed(node, "seed2"));
    p->resets = node->host ? node->host->resets : 0;
}

static crl_status begin(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    start(node);
    node->stateful = true;
    return CRL_OK;
}

/* Where the row has come to; its beginning after a reset. */
static crl_random *go_on(const crl_node *node)
{
    params *p = node->params;
    if (node->host && node->host->resets != p->resets) start(node);
    return &p->random;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    int64_t dim[CRL_MAX_RANK];
    crl_shape shape = { 0 };
    crl_status s = crl_node_accept(node, node->out[0], CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_const_ints(node, node->in[0], CRL_TYPE(CRL_INT32), dim, CRL_MAX_RANK, &shape.rank, err);
    if (!s && node->in[0]->shape.rank != 1) s = crl_node_bad(node, CRL_ERR_FORMAT, node->in[0], err, "a shape has one dimension");
    for (int32_t d = 0; !s && d < shape.rank; d++) shape.dim[d] = (int32_t)dim[d];
    if (!s) s = begin(node, err);
    return s ? s : crl_node_shape(node, 0, &shape, err);
}

static crl_status invoke_uniform(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    crl_random_uniform_f32(node->out[0]->data, crl_shape_count(&node->out[0]->shape), go_on(node));
    return CRL_OK;
}

static crl_status invoke_normal(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    crl_random_normal_f32(node->out[0]->data, crl_shape_count(&node->out[0]->shape), go_on(node));
    return CRL_OK;
}

static crl_status prepare_multinomial(crl_node *node, crl_error *err)
{
    const crl_tensor *logits = node->in[0];
    int64_t n;
    crl_status s = crl_node_accept(node, logits, CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_accept(node, node->out[0], CRL_TYPE_INDEX, err);
    if (!s) s = crl_node_const_int(node, node->in[1], CRL_TYPE(CRL_INT32), &n, err);
    if (s) return s;
    if (logits->shape.rank != 2 || logits->shape.dim[1] < 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, logits, err, "it has to be [rows,classes], of one class or more");
    if (n < 0) return crl_node_bad(node, CRL_ERR_FORMAT, node->in[1], err, "%lld draws", (long long)n);
    s = begin(node, err);
    if (!s) s = crl_node_shape(node, 0, &(crl_shape){ 2, { logits->shape.dim[0], (int32_t)n } }, err);
    if (s) return s;
    params *p = node->params;
    p->draws = (crl_draws){ .rows = (size_t)logits->shape.dim[0], .n = (size_t)n, .n_classes = (size_t)logits->shape.dim[1] };
    node->scratch_bytes = p->draws.n_classes * sizeof(double);
    return CRL_OK;
}

static crl_status invoke_multinomial(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    params *p = node->params;
    const crl_tensor *out = node->out[0];
    if (!out->bytes) return CRL_OK;
    p->draws.wide = out->type == CRL_INT64 ? out->data : NULL;
    p->draws.narrow = out->type == CRL_INT64 ? NULL : out->data;
    crl_random_classes(&p->draws, node->in[0]->data, go_on(node), work->scratch);
    return CRL_OK;
}

const crl_op_type crl_op_random_uniform = {
    .name = "RANDOM_UNIFORM", .code = CRL_OP_RANDOM_UNIFORM, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1,
    .prepare = prepare, .invoke = invoke_uniform,
};

const crl_op_type crl_op_random_standard_normal = {
    .name = "RANDOM_STANDARD_NORMAL", .code = CRL_OP_RANDOM_STANDARD_NORMAL, .in_min = 1, .in_max = 1, .out_min = 1,
    .out_max = 1, .prepare = prepare, .invoke = invoke_normal,
};

const crl_op_type crl_op_multinomial = {
    .name = "MULTINOMIAL", .code = CRL_OP_MULTINOMIAL, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1,
    .prepare = prepare_multinomial, .invoke = invoke_multinomial,
};
