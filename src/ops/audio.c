/* SPDX-License-Identifier: Apache-2.0 */
/* Custom operators for sound. AudioSpectrogram: [samples,channels] -> [channels,rows,frequencies]; Mfcc: such a spectrogram
 * and samples a second -> [channels,rows,coefficients]. FLOAT32; the rate is INT32. */
#include "kernels/spectrogram.h"
#include "model/flex.h"
#include "ops/shapes.h"
#include "ops/work.h"

enum { MOST_OPTION = 1 << 24 }; /* of window_size and others that sizes of tables follow */

static crl_status read_size(const crl_node *node, const char *key, int32_t least, int32_t *out, crl_error *err)
{
    const crl_flex options = crl_flex_root(node->def->custom_options, node->def->custom_bytes);
    const int64_t v = crl_flex_int(crl_flex_get(options, key), 0);
    if (v < least || v > MOST_OPTION)
        return crl_fail(err, CRL_ERR_FORMAT, "option %s is %lld, from %d to %d are supported", key, (long long)v, least,
                        MOST_OPTION);
    *out = (int32_t)v;
    return CRL_OK;
}

static crl_status check_float(const crl_node *node, int32_t rank, const char *shape, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (!s && in->shape.rank != rank)
        s = crl_node_bad(node, CRL_ERR_FORMAT, in, err, "%d dimensions, it has to be %s", in->shape.rank, shape);
    return s;
}

/* --- AudioSpectrogram --------------------------------------------------------------------------------- */

static crl_status prepare_spectrogram(crl_node *node, crl_error *err)
{
    int32_t window = 0, stride = 0;
    crl_status s = check_float(node, 2, "[samples,channels]", err);
    if (!s) s = read_size(node, "window_size", 2, &window, err);
    if (!s) s = read_size(node, "stride", 1, &stride, err);
    if (!s) s = crl_node_params(node, sizeof(crl_spectrogram), err);
    if (s) return s;
    const int32_t samples = node->in[0]->shape.dim[0], channels = node->in[0]->shape.dim[1];
    const int32_t rows = samples < window ? 0 : 1 + (samples - window) / stride;
    const crl_flex options = crl_flex_root(node->def->custom_options, node->def->custom_bytes);
    crl_spectrogram *p = node->params;
    *p = (crl_spectrogram){ .samples = (size_t)samples, .channels = (size_t)channels, .window = (size_t)window,
                            .stride = (size_t)stride, .rows = (size_t)rows,
                            .squared = crl_flex_bool(crl_flex_get(options, "magnitude_squared"), false) };
    size_t n = 2;
    while (n < p->window) n *= 2;
    s = crl_node_shape(node, 0, &(crl_shape){ 3, { channels, rows, (int32_t)(n / 2) + 1 } }, err);
    if (s || !node->out[0]->bytes) return s;
    enum { TABLE = 60, TURN = 100 }; /* units for an element */
    node->more_work = crl_work_mul(crl_shape_count(&node->out[0]->shape), TURN);
    s = crl_host_spend(node->host, crl_work_mul(n, TABLE), err);
    if (s) return s;
    void *tables = crl_node_alloc(node, crl_rfft_bytes(n) + 1, 1, err);
    p->weights = tables ? crl_node_alloc(node, p->window, sizeof *p->weights, err) : NULL;
    if (!p->weights) return CRL_ERR_MEMORY;
    crl_rfft_make(&p->fft, n, tables);
    crl_spectrogram_make(p);
    node->scratch_bytes = n * sizeof(double);
    return CRL_OK;
}

static crl_status invoke_spectrogram(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    if (node->out[0]->bytes) crl_spectrogram_ref(node->out[0]->data, node->in[0]->data, node->params, work->scratch);
    return CRL_OK;
}

/* --- Mfcc --------------------------------------------------------------------------------------------- */

static crl_status read_options(const crl_node *node, crl_mfcc *p, crl_error *err)
{
    int32_t lowest = 0, highest = 0;
    crl_status s = read_size(node, "filterbank_channel_count", 1, &p->n_bands, err);
    if (!s) s = read_size(node, "dct_coefficient_count", 1, &p->n_coefficients, err);
    if (!s) s = read_size(node, "lower_frequency_limit", 0, &lowest, err);
    if (!s) s = read_size(node, "upper_frequency_limit", 1, &highest, err);
    if (s) return s;
    if (highest <= lowest || p->n_coefficients > p->n_bands)
        return crl_fail(err, CRL_ERR_FORMAT, "options: frequencies from %d to %d, %d coefficients of %d channels",
                        lowest, highest, p->n_coefficients, p->n_bands);
    p->lowest = lowest;
    p->highest = highest;
    return CRL_OK;
}

static crl_status make_tables(crl_node *node, crl_mfcc *p, crl_error *err)
{
    const size_t bands = (size_t)p->n_bands, bins = (size_t)p->n_bins; /* below 2^24 each, and 2^31 */
    p->center = crl_node_alloc(node, bands + 1, sizeof *p->center, err);
    p->weights = p->center ? crl_node_alloc(node, bins, sizeof *p->weights, err) : NULL;
    p->band = p->weights ? crl_node_alloc(node, bins, sizeof *p->band, err) : NULL;
    p->cosines = p->band ? crl_node_alloc(node, bands, (size_t)p->n_coefficients * sizeof *p->cosines, err) : NULL;
    if (!p->cosines) return CRL_ERR_MEMORY;
    crl_mfcc_make(p);
    node->scratch_bytes = bands * sizeof(double);
    return CRL_OK;
}

static crl_status prepare_mfcc(crl_node *node, crl_error *err)
{
    int64_t rate;
    crl_status s = check_float(node, 3, "[channels,rows,frequencies]", err);
    if (!s) s = crl_node_const_int(node, node->in[1], CRL_TYPE(CRL_INT32), &rate, err);
    if (!s) s = crl_node_params(node, sizeof(crl_mfcc), err);
    if (s) return s;
    crl_mfcc *p = node->params;
    s = read_options(node, p, err);
    if (s) return s;
    const crl_shape *in = &node->in[0]->shape;
    if (rate < 1) return crl_node_bad(node, CRL_ERR_FORMAT, node->in[1], err, "%lld samples a second", (long long)rate);
    if (in->dim[2] < 2) return crl_node_bad(node, CRL_ERR_FORMAT, node->in[0], err, "%d frequencies, two are needed", in->dim[2]);
    p->rate = (double)rate;
    p->n_bins = in->dim[2];
    s = crl_node_shape(node, 0, &(crl_shape){ 3, { in->dim[0], in->dim[1], p->n_coefficients } }, err);
    if (s || !node->out[0]->bytes) return s;
    p->n_rows = (size_t)in->dim[0] * (size_t)in->dim[1];
    enum { COSINE = 60, PRODUCT = 2 };
    const uint64_t cosines = (uint64_t)p->n_bands * (uint64_t)p->n_coefficients;
    node->more_work = crl_work_mul(crl_work_mul(p->n_rows, cosines + (uint64_t)p->n_bands * COSINE), PRODUCT);
    s = crl_host_spend(node->host, crl_work_mul(cosines + (uint64_t)p->n_bands + (uint64_t)p->n_bins, COSINE), err);
    if (s) return s;
    return make_tables(node, p, err);
}

static crl_status invoke_mfcc(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    if (node->out[0]->bytes) crl_mfcc_ref(node->out[0]->data, node->in[0]->data, node->params, work->scratch);
    return CRL_OK;
}

const crl_op_type crl_op_audio_spectrogram = {
    .name = "AudioSpectrogram", .code = CRL_CUSTOM, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1,
    .prepare = prepare_spectrogram, .invoke = invoke_spectrogram,
};

const crl_op_type crl_op_mfcc = {
    .name = "Mfcc", .code = CRL_CUSTOM, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_mfcc,
    .invoke = invoke_mfcc,
};
