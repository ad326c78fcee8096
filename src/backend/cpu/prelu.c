/* SPDX-License-Identifier: Apache-2.0 */
/* PRELU with a constant slope for each channel: of 8 bits it is a table of 256 for each, made by asking the definition; of
 * floats it goes by whole pixels. */
#include <string.h>

#include "backend/cpu/rules.h"
#include "kernels/lut.h"
#include "ops/binary.h"

enum { MOST_CHANNELS = 1024 }; /* tables of 256 KiB */

typedef struct prelu_step {
    const crl_tensor *in;
    crl_tensor *out;
    size_t channels, pixels, per_task;
    int32_t tasks;
    const uint8_t *tables; /* [channels][256], kernel form; NULL: floats */
    const float *slopes;   /* [channels] */
} prelu_step;

static void slope_pixels(float *out, const float *in, size_t pixels, size_t channels, const float *slopes)
{
    for (size_t p = 0; p < pixels; p++, in += channels, out += channels)
        for (size_t c = 0; c < channels; c++) { /* by masks: signs are anything, and branches on them are missed */
            const float x = in[c], y = x * slopes[c];
            const uint32_t mask = 0u - (uint32_t)(x >= 0.0f);
            uint32_t a, b;
            memcpy(&a, &x, sizeof a);
            memcpy(&b, &y, sizeof b);
            a = (a & mask) | (b & ~mask);
            memcpy(out + c, &a, sizeof a);
        }
}

static void run_task(void *ctx, int i, int thread)
{
    (void)thread;
    const prelu_step *p = ctx;
    const size_t first = (size_t)i * p->per_task, left = p->pixels - first, n = left < p->per_task ? left : p->per_task;
    const size_t at = first * p->channels;
    if (p->tables)
        crl_lut_channels_u8((uint8_t *)p->out->data + at, (const uint8_t *)p->in->data + at, n, p->channels, p->tables);
    else
        slope_pixels((float *)p->out->data + at, (const float *)p->in->data + at, n, p->channels, p->slopes);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_pool_run(work->pool, ((const prelu_step *)step->params)->tasks, run_task, (void *)(uintptr_t)step->params);
    return CRL_OK;
}

/* What the definition makes of every byte, channel by channel. */
static uint8_t *make_tables(crl_lower *l, const crl_node *node, size_t channels, crl_error *err)
{
    const crl_binary *b = node->params;
    const uint8_t flip = crl_lower_flips(node->in[0]) ? 0x80 : 0, *slopes = node->in[1]->data;
    uint8_t *tables = crl_pile_array(&l->schedule->pile, channels, 256), raw[256], made[256];
    if (!tables) return crl_fail_memory(err, "tables"), NULL;
    for (int i = 0; i < 256; i++) raw[i] = (uint8_t)(i ^ flip);
    for (size_t c = 0; c < channels; c++) {
        b->row(made, raw, 1, slopes + c, 0, 256, &b->p);
        for (int i = 0; i < 256; i++) tables[256 * c + (size_t)i] = made[i] ^ flip;
    }
    return tables;
}

/* The channels whose slopes these are, in whole pixels; 0: they repeat in another way, or are not known. */
static size_t channels_of(const crl_node *node)
{
    const crl_shape *in = &node->in[0]->shape, *alpha = &node->in[1]->shape;
    const size_t n = crl_shape_count(alpha);
    if (!(node->in[1]->flags & CRL_TENSOR_CONST) || in->rank < 1 || !n || n > MOST_CHANNELS || !node->out[0]->bytes) return 0;
    if (n > 1 && (in->dim[in->rank - 1] != (int32_t)n || alpha->dim[alpha->rank - 1] != (int32_t)n)) return 0;
    return n;
}

crl_status crl_lower_prelu(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const size_t channels = channels_of(node);
    const bool floats = node->in[0]->type == CRL_FLOAT32;
    if (!channels || (!floats && !crl_lower_is_8bit(node->in[0]))) return CRL_OK;
    *taken = true;
    const crl_form form = floats ? CRL_FORM_RAW : CRL_FORM_KERNEL;
    const int32_t from = crl_lower_read(l, node->in[0], form, err), to = crl_lower_write(l, node->out[0], form, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    prelu_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    const size_t n = crl_shape_count(&node->out[0]->shape);
    *p = (prelu_step){ .in = crl_lower_tensor_of(l, from), .out = crl_lower_tensor_of(l, to), .channels = channels,
                       .pixels = n / channels, .slopes = floats ? node->in[1]->data : NULL };
    if (!floats) {
        p->tables = make_tables(l, node, channels, err);
        if (!p->tables) return CRL_ERR_MEMORY;
    }
    /* An element costs about as much as 64 multiplications of a matrix product. */
    p->tasks = crl_lower_share(l, (uint64_t)n * 64, p->pixels, &p->per_task);
    step->run = run;
    step->params = p;
    step->kernel = floats ? "prelu_f32" : "lut_channels";
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}
