/* SPDX-License-Identifier: Apache-2.0 */
/* PRELU with a constant slope for each channel: of 8 bits it is a table of 256 for each, made by asking the definition, or two
 * products in float that say the same; of floats it goes by whole pixels. */
#include <string.h>

#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/lut.h"
#include "kernels/prelu8.h"
#include "ops/binary.h"

enum { MOST_CHANNELS = 1024 }; /* tables of 256 KiB */

typedef struct prelu_step {
    crl_spread spread; /* of pixels */
    size_t channels;
    const uint8_t *tables; /* [channels][256], kernel form; NULL: floats */
    const float *slopes;   /* [channels] */
    crl_prelu8 product;    /* where `run` is not NULL, of `wide` pixels side by side */
    crl_prelu8_fn *run;
    size_t wide;
    size_t *odd, n_odd;    /* channels of one pixel that have no constants: these look their tables up */
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

static void table_units(const void *params, size_t first, size_t end)
{
    const prelu_step *p = params;
    const size_t at = first * p->channels;
    crl_lut_channels_u8((uint8_t *)p->spread.out->data + at, (const uint8_t *)p->spread.in->data + at, end - first, p->channels,
                        p->tables);
}

static void product_units(const void *params, size_t first, size_t end)
{
    const prelu_step *p = params;
    const size_t at = first * p->product.channels, pixels = (end - first) * p->wide;
    uint8_t *out = (uint8_t *)p->spread.out->data + at;
    const uint8_t *in = (const uint8_t *)p->spread.in->data + at;
    p->run(out, in, end - first, &p->product);
    for (size_t i = 0; i < p->n_odd; i++) {
        const uint8_t *table = p->tables + 256 * p->odd[i];
        for (size_t k = 0, c = p->odd[i]; k < pixels; k++, c += p->channels) out[c] = table[in[c]];
    }
}

static void float_units(const void *params, size_t first, size_t end)
{
    const prelu_step *p = params;
    const size_t at = first * p->channels;
    slope_pixels((float *)p->spread.out->data + at, (const float *)p->spread.in->data + at, end - first, p->channels, p->slopes);
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

/* The slope of a channel, without its zero point. */
static int32_t slope_of(const crl_node *node, size_t c)
{
    const void *slopes = node->in[1]->data;
    const int32_t alpha = node->in[1]->type == CRL_INT8 ? ((const int8_t *)slopes)[c] : ((const uint8_t *)slopes)[c];
    return alpha - ((const crl_binary *)node->params)->p.leaky.alpha_zero;
}

/* Pixels of few channels are seen as one of more, so that these are whole vectors, if the picture has a multiple of them. */
static size_t width_of(size_t channels, size_t pixels)
{
    enum { VECTOR = 16 };
    size_t wide = 1;
    while (wide * channels % VECTOR) wide *= 2;
    return channels < 2 * VECTOR && pixels % wide == 0 ? wide : 1;
}

/* Constants of each channel, and the channels that have none. */
static void fit_channels(prelu_step *p, const crl_node *node, float *a, float *b)
{
    const crl_scale scale = ((const crl_binary *)node->params)->p.leaky.negative;
    for (size_t c = 0; c < p->channels; c++) {
        if (!crl_prelu8_fit(&a[c], &b[c], slope_of(node, c), scale, p->tables + 256 * c, p->product.in_zero, p->product.out_zero, false)) {
            a[c] = b[c] = 0;
            p->odd[p->n_odd++] = c;
        }
    }
    for (size_t c = p->channels; c < p->product.channels; c++) {
        a[c] = a[c - p->channels];
        b[c] = b[c - p->channels];
    }
}

/* Fills p->product where constants say what the tables say, for most channels. Gives the kernel's name, NULL: the tables serve. */
static const char *make_product(prelu_step *p, crl_lower *l, const crl_node *node, crl_error *err, crl_status *s)
{
    const size_t wide = width_of(p->channels, crl_shape_count(&node->out[0]->shape) / p->channels), channels = wide * p->channels;
    crl_prelu8_kernels k;
    crl_prelu8_kernels_init(&k, l->cpu, channels);
    *s = CRL_OK;
    if (!k.name) return NULL;
    float *a = crl_pile_array(&l->schedule->pile, channels, sizeof *a), *b = crl_pile_array(&l->schedule->pile, channels, sizeof *b);
    p->odd = crl_pile_array(&l->schedule->pile, p->channels, sizeof *p->odd);
    if (!a || !b || !p->odd) return *s = crl_fail_memory(err, "slopes"), NULL;
    crl_prelu8 *q = &p->product;
    *q = (crl_prelu8){ .in_zero = crl_lower_zero(node->in[0]), .out_zero = crl_lower_zero(node->out[0]), .a = a, .b = b,
                       .channels = channels, .tables = p->tables };
    p->wide = wide;
    if (!crl_prelu8_fit(&q->above_a, &q->above_b, 1, ((const crl_binary *)node->params)->p.leaky.scale, p->tables, q->in_zero,
                        q->out_zero, true))
        return NULL;
    fit_channels(p, node, a, b);
    if (p->n_odd > p->channels / 4) return NULL;
    p->run = k.run;
    return k.name;
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
    crl_step *step;
    prelu_step *p = crl_spread_add(l, node, node->in[0], NULL, form, form, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    const size_t n = crl_shape_count(&node->out[0]->shape);
    p->channels = channels;
    p->slopes = floats ? node->in[1]->data : NULL;
    p->tables = floats ? NULL : make_tables(l, node, channels, err);
    if (!floats && !p->tables) return CRL_ERR_MEMORY;
    crl_status s = CRL_OK;
    const char *product = floats ? NULL : make_product(p, l, node, err, &s);
    /* An element costs about as much as 64 multiplications of a matrix product; those of products take a fourth of that. */
    crl_spread_share(&p->spread, l, floats ? float_units : product ? product_units : table_units,
                     n / (product ? p->product.channels : channels), 1, (uint64_t)n * (product ? 16 : 64));
    step->kernel = floats ? "prelu_f32" : product ? product : "lut_channels";
    return s;
}
