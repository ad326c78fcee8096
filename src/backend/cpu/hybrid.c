/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED of float activations with weights of 8 bits ("dynamic range"). Pictures, or
 * the rows of a fully connected layer, are quantised while running, products are those of the packed 8-bit kernels, and
 * their sums become floats where they lie.
 *
 * A depthwise layer is one of floats that hold whole numbers: its few products and sums are exact. */
#include <math.h>

#include "backend/cpu/division.h"
#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "kernels/dw_f32.h"
#include "kernels/fully_connected.h"

typedef struct hybrid_step {
    crl_hybrid_kernels k;
    crl_gemm *gemm; /* of a picture; of all rows where the layer is fully connected */
    const crl_tensor *in, *bias; /* bias NULL: zeros */
    crl_tensor *out;
    const float *none;           /* [columns] zeros */
    const float *narrow_bias;    /* [wide], where that is more than `columns` */
    int32_t pictures;            /* with a scale each: rows of a fully connected layer */
    bool asymmetric, fully;
    size_t in_n, columns;        /* of a picture; of an output row */
    size_t wide;                 /* columns of `finish`: of a few that fit a vector, as many rows as fill it make one */
    crl_hybrid_finish finish;    /* but for what a picture brings */
    crl_division division;       /* of the product */
    size_t scratch_bytes;        /* of one thread */
    size_t quantised_bytes;      /* of scratch, in front: bytes of the product's input, */
    size_t scale_bytes;          /* and scales of the pictures */
} hybrid_step;

typedef struct job {
    const hybrid_step *p;
    const uint8_t *in;
    float *out;
    const crl_hybrid_scale *scale; /* of the picture, or of all rows */
    uint8_t *scratch;
} job;

/* Rows of few columns with one scale: some together, then the rest of them. */
static void finish_narrow(const job *j, int32_t first, int32_t end, crl_hybrid_finish *f)
{
    const hybrid_step *p = j->p;
    const size_t n = (size_t)(end - first) * p->columns, whole = n / p->wide;
    float *out = j->out + (size_t)first * p->columns;
    f->zero = j->scale->zero;
    f->in_scale = j->scale->scale;
    f->bias = p->narrow_bias;
    p->k.finish(out, whole, p->wide, f);
    if (n % p->wide) p->k.finish(out + whole * p->wide, 1, n % p->wide, f);
}

static void finish_rows(const job *j, int32_t first, int32_t end)
{
    const hybrid_step *p = j->p;
    crl_hybrid_finish f = p->finish;
    if (p->wide > p->columns) {
        finish_narrow(j, first, end, &f);
        return;
    }
    f.bias = p->bias ? p->bias->data : p->none;
    const int32_t each = p->fully ? 1 : end - first; /* rows with one scale */
    for (int32_t row = first; row < end; row += each) {
        const crl_hybrid_scale *s = p->fully ? &j->scale[row] : j->scale;
        f.zero = s->zero;
        f.in_scale = s->scale;
        p->k.finish(j->out + (size_t)row * p->columns, (size_t)each, p->columns, &f);
    }
}

static void run_task(void *ctx, int i, int thread)
{
    const job *j = ctx;
    const hybrid_step *p = j->p;
    uint8_t *scratch = j->scratch + (size_t)thread * p->scratch_bytes;
    const crl_division *d = &p->division;
    const crl_division_task t = crl_division_at(d, i);
    if (d->by_panels) {
        crl_gemm_run(p->gemm, (uint8_t *)j->out, j->in, t.row0, t.row1, t.panel0, t.panel1, scratch);
        return;
    }
    /* Sums become floats while they are in the cache. */
    enum { CHUNK_BYTES = 1 << 15 };
    const int32_t fit = (int32_t)(CHUNK_BYTES / (p->columns * sizeof(float))) / d->row_step * d->row_step;
    const int32_t chunk = fit > d->row_step ? fit : d->row_step;
    for (int32_t row = t.row0; row < t.row1; row += chunk) {
        const int32_t stop = row + chunk < t.row1 ? row + chunk : t.row1;
        crl_gemm_run(p->gemm, (uint8_t *)j->out, j->in, row, stop, t.panel0, t.panel1, scratch);
        finish_rows(j, row, stop);
    }
}

static void multiply(const hybrid_step *p, job *j, crl_pool *pool)
{
    crl_pool_run(pool, p->division.tasks, run_task, j);
    if (p->division.by_panels) finish_rows(j, 0, p->division.rows);
}

/* Where all inputs of a fully connected layer are 0, the reference adds no products: a bias of -0 stays what it is. */
static bool adds_nothing(const hybrid_step *p)
{
    const float *in = p->in->data;
    const size_t n = (size_t)p->pictures * p->in_n;
    size_t i = 0;
    while (p->fully && i < n && in[i] == 0) i++;
    return p->fully && i == n;
}

static void give_bias(const hybrid_step *p)
{
    const float *bias = p->bias ? p->bias->data : p->none;
    float *out = p->out->data;
    for (int32_t row = 0; row < p->division.rows; row++, out += p->columns)
        for (size_t c = 0; c < p->columns; c++)
            out[c] = crl_hybrid_clamp(bias[c], p->finish.min, p->finish.max, p->finish.min_wins);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const hybrid_step *p = step->params;
    if (adds_nothing(p)) {
        give_bias(p);
        return CRL_OK;
    }
    uint8_t *quantised = work->scratch;
    crl_hybrid_scale *scales = (crl_hybrid_scale *)(void *)(quantised + p->quantised_bytes);
    job j = { p, quantised, p->out->data, scales, quantised + p->quantised_bytes + p->scale_bytes };
    const float *in = p->in->data;
    for (int32_t i = 0; i < p->pictures; i++, in += p->in_n) {
        crl_hybrid_scale *s = p->fully ? &scales[i] : scales;
        *s = crl_hybrid_find_scale(&p->k, in, p->in_n, p->asymmetric);
        p->k.bytes(p->fully ? quantised + (size_t)i * p->in_n : quantised, in, p->in_n, s);
        if (p->fully) continue;
        crl_gemm_set_outside(p->gemm, (uint8_t)(s->zero + 128));
        multiply(p, &j, work->pool);
        j.out += (size_t)p->division.rows * p->columns;
    }
    if (p->fully) multiply(p, &j, work->pool);
    return CRL_OK;
}

static void free_gemm(void *gemm)
{
    crl_gemm_free(gemm);
}

/* What the weights of each output add up to, and the scales of all. */
static crl_status digest(crl_lower *l, hybrid_step *p, const crl_hybrid_matrix *m, size_t each, crl_error *err)
{
    enum { VECTOR = 16 };
    const bool known = !p->bias || p->bias->flags & CRL_TENSOR_CONST;
    const bool is_narrow = !p->fully && known && p->columns < VECTOR && VECTOR % p->columns == 0;
    p->wide = is_narrow ? VECTOR : p->columns;
    int32_t *sums = crl_pile_array(&l->schedule->pile, p->wide, sizeof *sums);
    float *scale = crl_pile_array(&l->schedule->pile, p->wide, sizeof *scale);
    float *none = crl_pile_array(&l->schedule->pile, p->wide, sizeof *none);
    float *narrow_bias = crl_pile_array(&l->schedule->pile, p->wide, sizeof *narrow_bias);
    if (!sums || !scale || !none || !narrow_bias) return crl_fail_memory(err, "packed weights");
    for (size_t c = 0; c < p->wide; c++) {
        const size_t at = c % p->columns;
        uint32_t sum = 0;
        for (size_t i = 0; i < each; i++) sum += (uint32_t)(int32_t)m->weights[at * each + i];
        sums[c] = (int32_t)sum;
        scale[c] = m->row_scale ? m->row_scale[at] : m->scale;
        if (is_narrow && p->bias) narrow_bias[c] = ((const float *)p->bias->data)[at];
    }
    p->narrow_bias = narrow_bias;
    p->finish.weights = sums;
    p->finish.scale = scale;
    p->none = none;
    return CRL_OK;
}

static crl_status emit(crl_lower *l, crl_node *node, hybrid_step what, const crl_hybrid_matrix *m, const crl_window *w,
                       crl_error *err)
{
    const crl_tensor *bias = crl_conv_tensors_of(node).bias;
    crl_status s = crl_schedule_own(l->schedule, what.gemm, free_gemm, err);
    if (s) return s;
    const int32_t from[2] = { crl_lower_read(l, node->in[0], CRL_FORM_RAW, err), crl_lower_read(l, bias, CRL_FORM_RAW, err) };
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_RAW, err);
    if (from[0] < 0 || from[1] < -1 || to < 0) return CRL_ERR_MEMORY;
    hybrid_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = what;
    crl_hybrid_kernels_init(&p->k, l->cpu);
    p->in = crl_lower_tensor_of(l, from[0]);
    p->bias = bias ? crl_lower_tensor_of(l, from[1]) : NULL;
    p->out = crl_lower_tensor_of(l, to);
    p->in_n = (size_t)w->in_h * (size_t)w->in_w * (size_t)w->in_c;
    p->columns = (size_t)w->out_c;
    p->division = crl_division_of(l, crl_gemm_rows(p->gemm), crl_gemm_panels(p->gemm), crl_gemm_row_step(p->gemm),
                                  crl_gemm_macs(p->gemm));
    p->scratch_bytes = crl_size_align(crl_gemm_scratch_bytes(p->gemm), 64);
    p->quantised_bytes = crl_size_align(p->in_n * (size_t)(p->fully ? p->pictures : 1), 64);
    p->scale_bytes = crl_size_align(sizeof(crl_hybrid_scale) * (size_t)(p->fully ? p->pictures : 1), 64);
    s = digest(l, p, m, (size_t)w->filter_h * (size_t)w->filter_w * (size_t)w->in_c, err);
    if (s) return s;
    l->schedule->packed_bytes += crl_gemm_packed_bytes(p->gemm);
    step->run = run;
    step->params = p;
    step->kernel = crl_gemm_name(p->gemm);
    step->macs = node->macs;
    step->weight_bytes = crl_gemm_packed_bytes(p->gemm);
    step->scratch_bytes = p->quantised_bytes + p->scale_bytes + p->scratch_bytes * (size_t)l->threads;
    return crl_step_touches(l->schedule, step, from, 2, &to, 1, err);
}

static crl_status lower(crl_lower *l, crl_node *node, hybrid_step what, const crl_hybrid_matrix *m, const crl_window *w,
                        bool *taken, crl_error *err)
{
    const crl_gemm_spec spec = { .window = *w, .filter = m->weights, .filter_signed = true, .sums = true,
                                 .pile = &l->schedule->pile, .pool = l->pool };
    crl_status s = crl_gemm_new(&what.gemm, &spec, l->cpu, err);
    if (s == CRL_ERR_UNSUPPORTED) return CRL_OK; /* the definition serves */
    *taken = true;
    return s ? s : emit(l, node, what, m, w, err);
}

crl_status crl_lower_conv_hybrid(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    if (!crl_layer_is_hybrid(&t)) return CRL_OK;
    const crl_conv_hybrid *c = node->params;
    if (c->conv.groups != 1) return CRL_OK;
    crl_window w = c->conv.window;
    w.batch = 1;
    const hybrid_step what = { .pictures = c->conv.window.batch, .asymmetric = c->asymmetric,
                               .finish = { .scales_first = !c->filter.row_scale, .min = c->conv.min_f32, .max = c->conv.max_f32 } };
    return lower(l, node, what, &c->filter, &w, taken, err);
}

crl_status crl_lower_fully_connected_hybrid(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    if (!crl_layer_is_hybrid(&t)) return CRL_OK;
    const crl_fully_hybrid *f = node->params;
    if (f->block) return CRL_OK;
    const crl_window w = crl_window_of_rows(f->fully.batch, f->fully.in_n, f->fully.out_n);
    const hybrid_step what = { .pictures = f->fully.batch, .asymmetric = f->asymmetric, .fully = true,
                               .finish = { .scales_first = true, .min = f->fully.min_f32, .max = f->fully.max_f32,
                                           .min_wins = f->min_wins } };
    return lower(l, node, what, &f->matrix, &w, taken, err);
}

/* --- depthwise ---------------------------------------------------------------------------------------- */

typedef struct depthwise_step {
    crl_hybrid_kernels k;
    crl_dw_f32 layer; /* of one picture */
    crl_dw_f32_fn *run;
    const crl_tensor *in, *bias;
    crl_tensor *out;
    const float *scale; /* [out_c] of the weights */
    int32_t pictures, tasks;
    bool asymmetric;
    size_t in_n, out_n, quantised_bytes;
} depthwise_step;

typedef struct depthwise_job {
    const depthwise_step *p;
    crl_dw_f32 layer;
    const float *in;
    float *out;
} depthwise_job;

static void run_depthwise_task(void *ctx, int i, int thread)
{
    (void)thread;
    const depthwise_job *j = ctx;
    const int32_t rows = j->layer.window.out_h;
    j->p->run(j->out, j->in, &j->layer, crl_lower_task_start(i, j->p->tasks, rows),
              crl_lower_task_start(i + 1, j->p->tasks, rows));
}

static crl_status run_depthwise(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const depthwise_step *p = step->params;
    float *quantised = work->scratch, *scale = quantised + p->quantised_bytes / sizeof *quantised;
    depthwise_job j = { p, p->layer, quantised, p->out->data };
    if (p->bias) j.layer.bias = p->bias->data;
    j.layer.scale = scale;
    const float *in = p->in->data;
    for (int32_t i = 0; i < p->pictures; i++, in += p->in_n, j.out += p->out_n) {
        const crl_hybrid_scale s = crl_hybrid_find_scale(&p->k, in, p->in_n, p->asymmetric);
        p->k.whole(quantised, in, p->in_n, &s);
        for (int32_t c = 0; c < p->layer.window.out_c; c++) scale[c] = p->scale[c] * s.scale;
        crl_pool_run(work->pool, p->tasks, run_depthwise_task, &j);
    }
    return CRL_OK;
}

/* Weights as floats, and scales of all channels. */
static crl_status fill_depthwise(crl_lower *l, depthwise_step *p, const crl_conv_hybrid *c, crl_error *err)
{
    const crl_window *w = &p->layer.window;
    const size_t channels = (size_t)w->out_c, n = (size_t)w->filter_h * (size_t)w->filter_w * channels;
    float *weights = crl_pile_array(&l->schedule->pile, n, sizeof *weights);
    float *scale = crl_pile_array(&l->schedule->pile, channels, sizeof *scale);
    if (!weights || !scale) return crl_fail_memory(err, "packed weights");
    for (size_t i = 0; i < n; i++) weights[i] = c->filter.weights[i];
    for (size_t i = 0; i < channels; i++) scale[i] = c->filter.row_scale ? c->filter.row_scale[i] : c->filter.scale;
    p->layer.filter = weights;
    p->scale = scale;
    return CRL_OK;
}

static crl_status emit_depthwise(crl_lower *l, crl_node *node, const crl_dw_f32_kernels *k, crl_error *err)
{
    const crl_conv_hybrid *c = node->params;
    const crl_tensor *bias = crl_conv_tensors_of(node).bias;
    const int32_t from[2] = { crl_lower_read(l, node->in[0], CRL_FORM_RAW, err), crl_lower_read(l, bias, CRL_FORM_RAW, err) };
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_RAW, err);
    if (from[0] < 0 || from[1] < -1 || to < 0) return CRL_ERR_MEMORY;
    depthwise_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = (depthwise_step){ .layer = { .window = c->conv.window, .min = c->conv.min_f32, .max = c->conv.max_f32, .finite = true },
                           .run = k->run,
                           .in = crl_lower_tensor_of(l, from[0]), .bias = bias ? crl_lower_tensor_of(l, from[1]) : NULL,
                           .out = crl_lower_tensor_of(l, to), .pictures = c->conv.window.batch, .asymmetric = c->asymmetric,
                           .in_n = crl_window_in(&c->conv.window, 1, 0, 0), .out_n = crl_window_out(&c->conv.window, 1, 0, 0) };
    p->layer.window.batch = 1;
    p->quantised_bytes = crl_size_align(p->in_n * sizeof(float), 64);
    crl_hybrid_kernels_init(&p->k, l->cpu);
    const crl_status s = fill_depthwise(l, p, c, err);
    if (s) return s;
    p->tasks = crl_lower_tasks(l, node->macs * 8, c->conv.window.out_h);
    step->run = run_depthwise;
    step->params = p;
    step->kernel = k->name;
    step->macs = node->macs;
    step->weight_bytes = node->in[1]->bytes * sizeof(float);
    l->schedule->packed_bytes += step->weight_bytes;
    step->scratch_bytes = p->quantised_bytes + crl_size_align((size_t)c->conv.window.out_c * sizeof(float), 64);
    return crl_step_touches(l->schedule, step, from, 2, &to, 1, err);
}

crl_status crl_lower_depthwise_hybrid(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    /* Sums of so many products of -255..255 by -128..127 are whole numbers of 24 bits. */
    enum { MOST_TAPS = (1 << 24) / (255 * 128) };
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    if (!crl_layer_is_hybrid(&t)) return CRL_OK;
    const crl_window *w = &((const crl_conv_hybrid *)node->params)->conv.window;
    crl_dw_f32_kernels k;
    crl_dw_f32_kernels_init(&k, l->cpu, w->out_c);
    if (!k.run || (int64_t)w->filter_h * w->filter_w > MOST_TAPS) return CRL_OK;
    *taken = true;
    return emit_depthwise(l, node, &k, err);
}
