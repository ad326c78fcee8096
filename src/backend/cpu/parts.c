/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions that are several matrix products, each over part of the channels or part of the pixels of one picture:
 *
 *   CONV_2D with groups       a product for each group, which reads and writes its channels of every pixel
 *   DEPTHWISE_CONV_2D         likewise, a group being a channel and its outputs: where there are several of those
 *   TRANSPOSE_CONV            a product for each phase: the outputs (y, x) with y = py, x = px modulo the strides see
 * the same taps, those of every stride_h-th row and stride_w-th column of the filter, upside down
 *
 * of 8 bits, with activations of 16 bits, or of floats, whose sums have the definition's order in a phase, too. */
#include <string.h>

#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "kernels/gemm.h"
#include "kernels/gemm_f32.h"
#include "kernels/gemm_s16.h"

enum { MOST_PARTS = 256 };

/* Outputs lie in lines, batch by batch; where they end, more may be added to the place of the next one. */
typedef struct part {
    const crl_gemm *gemm;
    crl_gemm_f32 *f32;             /* or this, */
    crl_gemm_s16 *s16;             /* or this, and the others are NULL */
    size_t in_offset, out_offset;  /* bytes: of the first pixel's first channel */
    size_t line_gap, batch_gap;    /* bytes more from line to line, from picture to picture */
    int32_t lines, lines_of_batch, line; /* line: pixels in one */
} part;

typedef struct parts_step {
    part *parts;
    int32_t n, tasks; /* tasks: of each part */
    bool alone;       /* too little work for two threads */
    const crl_tensor *in;
    crl_tensor *out;
    size_t scratch_bytes; /* of one thread */
} parts_step;

typedef struct job {
    const parts_step *p;
    const uint8_t *in;
    uint8_t *out, *scratch;
} job;

static void run_task(void *ctx, int i, int thread)
{
    const job *j = ctx;
    const part *p = &j->p->parts[i / j->p->tasks];
    const int32_t task = i % j->p->tasks, end = crl_lower_task_start(task + 1, j->p->tasks, p->lines);
    int32_t y = crl_lower_task_start(task, j->p->tasks, p->lines);
    const uint8_t *in = j->in + p->in_offset;
    uint8_t *out = j->out + p->out_offset;
    uint8_t *scratch = j->scratch + (size_t)thread * j->p->scratch_bytes;
    while (y < end) {
        /* Lines at even distances go in one call. */
        const int32_t next = p->line_gap || p->batch_gap ? y + 1 : end;
        const size_t gap = (size_t)y * p->line_gap + (size_t)(y / p->lines_of_batch) * p->batch_gap;
        if (p->f32)
            crl_gemm_f32_run(p->f32, (float *)(void *)(out + gap), (const float *)(const void *)in, y * p->line, next * p->line, 0,
                             crl_gemm_f32_panels(p->f32), scratch);
        else if (p->s16)
            crl_gemm_s16_run(p->s16, (int16_t *)(void *)(out + gap), (const int16_t *)(const void *)in, y * p->line, next * p->line, 0,
                             crl_gemm_s16_panels(p->s16), scratch);
        else
            crl_gemm_run(p->gemm, out + gap, in, y * p->line, next * p->line, 0, crl_gemm_panels(p->gemm), scratch);
        y = next;
    }
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const parts_step *p = step->params;
    job j = { p, p->in->data, p->out->data, work->scratch };
    crl_pool_run(p->alone ? NULL : work->pool, p->n * p->tasks, run_task, &j);
    return CRL_OK;
}

static void free_gemm(void *gemm)
{
    crl_gemm_free(gemm);
}

static void keep_part(parts_step *p, part what, const crl_window *w, size_t scratch_bytes)
{
    what.lines_of_batch = w->out_h;
    what.lines = w->batch * w->out_h;
    what.line = w->out_w;
    p->parts[p->n++] = what;
    const size_t bytes = crl_size_align(scratch_bytes, 64);
    if (bytes > p->scratch_bytes) p->scratch_bytes = bytes;
}

/* Makes the product of a part, whose places are set. */
static crl_status add_part(crl_lower *l, parts_step *p, part what, const crl_gemm_spec *spec, crl_error *err)
{
    crl_gemm *gemm;
    crl_status s = crl_gemm_new(&gemm, spec, l->cpu, err);
    if (!s) s = crl_schedule_own(l->schedule, gemm, free_gemm, err);
    if (s) return s;
    what.gemm = gemm;
    keep_part(p, what, &spec->window, crl_gemm_scratch_bytes(gemm));
    return CRL_OK;
}

static crl_status add_part_f32(crl_lower *l, parts_step *p, part what, const crl_gemm_f32_spec *spec, crl_error *err)
{
    crl_gemm_f32 *gemm;
    crl_gemm_f32_spec of_mode = *spec;
    if (l->fused) of_mode.mode = CRL_GEMM_F32_FUSED;
    const crl_status s = crl_gemm_f32_new(&gemm, &of_mode, l->cpu, err);
    if (s) return s;
    what.f32 = gemm;
    keep_part(p, what, &spec->window, crl_gemm_f32_scratch_bytes(gemm));
    return CRL_OK;
}

static crl_status add_part_s16(crl_lower *l, parts_step *p, part what, const crl_gemm_s16_spec *spec, crl_error *err)
{
    crl_gemm_s16 *gemm;
    const crl_status s = crl_gemm_s16_new(&gemm, spec, l->cpu, err);
    if (s) return s;
    what.s16 = gemm;
    keep_part(p, what, &spec->window, crl_gemm_s16_scratch_bytes(gemm));
    return CRL_OK;
}

/* In multiply-accumulates of bytes: a product of floats takes as long as eight of those, one of 16 bits as long as two. */
static uint64_t work_of(const part *p)
{
    return p->f32 ? 8 * crl_gemm_f32_macs(p->f32) : p->s16 ? 2 * crl_gemm_s16_macs(p->s16) : crl_gemm_macs(p->gemm);
}

static size_t packed_bytes(const part *p)
{
    return p->f32 ? crl_gemm_f32_packed_bytes(p->f32) : p->s16 ? crl_gemm_s16_packed_bytes(p->s16) : crl_gemm_packed_bytes(p->gemm);
}

static const char *name_of(const part *p)
{
    return p->f32 ? crl_gemm_f32_name(p->f32) : p->s16 ? crl_gemm_s16_name(p->s16) : crl_gemm_name(p->gemm);
}

static parts_step *make(crl_lower *l, int32_t n, crl_error *err)
{
    parts_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    if (p) p->parts = crl_pile_array(&l->schedule->pile, (size_t)n, sizeof *p->parts);
    if (!p || !p->parts) return crl_fail_memory(err, "the schedule"), NULL;
    return p;
}

static crl_status emit(crl_lower *l, const crl_node *node, const crl_tensor *in, parts_step *p, crl_error *err)
{
    const crl_form form = p->parts[0].gemm ? CRL_FORM_KERNEL : CRL_FORM_RAW;
    const int32_t from = crl_lower_read(l, in, form, err), to = crl_lower_write(l, node->out[0], form, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!step) return CRL_ERR_MEMORY;
    p->in = crl_lower_tensor_of(l, from);
    p->out = crl_lower_tensor_of(l, to);
    uint64_t macs = 0, most = 0;
    for (int32_t i = 0; i < p->n; i++) {
        const part *one = &p->parts[i];
        const uint64_t m = work_of(one);
        macs += m;
        if (m > most) most = m;
        step->weight_bytes += packed_bytes(one);
    }
    p->alone = crl_lower_tasks(l, macs, l->threads) == 1;
    p->tasks = p->n >= 2 * l->threads ? 1 : crl_lower_tasks(l, most, p->parts[0].lines);
    l->schedule->packed_bytes += step->weight_bytes;
    step->run = run;
    step->params = p;
    step->kernel = name_of(&p->parts[0]);
    step->macs = node->macs;
    step->scratch_bytes = p->scratch_bytes * (size_t)l->threads;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}

/* What the parts of a layer have in common. */
typedef struct parted {
    const crl_layer *layer; /* of 8 bits; NULL: */
    bool is_s16;            /* activations of 16 bits, by: */
    crl_gemm_s16_spec s16;  /* else floats, by: */
    crl_gemm_f32_spec f32;  /* each but for window, filter and strides */
    crl_window window;      /* of all of it */
    const void *filter;
} parted;

static parted parted_f32(const crl_conv *c, const crl_conv_tensors *t)
{
    return (parted){ .window = c->window, .filter = t->filter->data,
                     .f32 = { .bias = t->bias ? t->bias->data : NULL, .min = c->min_f32, .max = c->max_f32 } };
}

static parted parted_s16(const crl_conv *c, const crl_conv_tensors *t, bool narrow)
{
    return (parted){ .window = c->window, .filter = t->filter->data, .is_s16 = true,
                     .s16 = { .out = crl_layer_unit16(&c->out, t->bias, narrow) } };
}

/* Bytes of an activation, and of a weight. */
static size_t activation_bytes(const parted *all)
{
    return all->layer ? 1 : all->is_s16 ? sizeof(int16_t) : sizeof(float);
}

static size_t weight_bytes(const parted *all)
{
    return all->layer || all->is_s16 ? 1 : sizeof(float);
}

/* A product of outputs `first` and following. The gaps and offsets of `what` are in elements. */
static crl_status add_product(crl_lower *l, parts_step *p, const parted *all, part what, const crl_window *w, const void *filter,
                              size_t first, size_t out_stride, crl_error *err)
{
    const size_t bytes = activation_bytes(all), in_stride = (size_t)all->window.in_c;
    what.in_offset *= bytes;
    what.out_offset *= bytes;
    what.line_gap *= bytes;
    what.batch_gap *= bytes;
    if (all->layer) {
        crl_gemm_spec spec = crl_layer_gemm(all->layer, l);
        spec.window = *w;
        spec.filter = filter;
        spec.in_stride = in_stride;
        spec.out_stride = out_stride;
        spec.bias = all->layer->bias ? all->layer->bias + first : NULL;
        spec.requant = crl_requant_from(all->layer->requant, first);
        return add_part(l, p, what, &spec, err);
    }
    if (all->is_s16) {
        crl_gemm_s16_spec spec = all->s16;
        spec.window = *w;
        spec.filter = filter;
        spec.pile = &l->schedule->pile;
        spec.in_stride = in_stride;
        spec.out_stride = out_stride;
        spec.out.requant = crl_requant_from(spec.out.requant, first);
        if (spec.out.narrow_bias) spec.out.narrow_bias += first;
        if (spec.out.wide_bias) spec.out.wide_bias += first;
        return add_part_s16(l, p, what, &spec, err);
    }
    crl_gemm_f32_spec spec = all->f32;
    spec.window = *w;
    spec.filter = filter;
    spec.pile = &l->schedule->pile;
    spec.in_stride = in_stride;
    spec.out_stride = out_stride;
    if (spec.bias) spec.bias += first;
    return add_part_f32(l, p, what, &spec, err);
}

/* Filters of group g are the out_c / groups rows of all->filter from g * out_c / groups on. */
static crl_status lower_groups(crl_lower *l, const crl_node *node, const parted *all, int32_t groups, bool *taken, crl_error *err)
{
    crl_window w = all->window;
    w.in_c /= groups;
    w.out_c /= groups;
    const size_t ins = (size_t)w.in_c, outs = (size_t)w.out_c, taps = (size_t)w.filter_h * (size_t)w.filter_w * ins;
    parts_step *p = make(l, groups, err);
    crl_status s = p ? CRL_OK : CRL_ERR_MEMORY;
    for (size_t g = 0; !s && g < (size_t)groups; g++) {
        const uint8_t *filter = (const uint8_t *)all->filter + g * outs * taps * weight_bytes(all);
        s = add_product(l, p, all, (part){ .in_offset = g * ins, .out_offset = g * outs }, &w, filter, g * outs,
                        (size_t)all->window.out_c, err);
    }
    if (s == CRL_ERR_UNSUPPORTED) return CRL_OK; /* the plain kernel serves; what was packed stays unused */
    *taken = true;
    return s ? s : emit(l, node, node->in[0], p, err);
}

static bool has_groups(const crl_conv *c)
{
    return c->groups >= 2 && c->groups <= MOST_PARTS;
}

crl_status crl_lower_grouped_conv(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    crl_layer layer;
    if (!crl_layer_from_conv(&layer, node) || !has_groups(layer.conv)) return CRL_OK;
    const parted all = { .layer = &layer, .window = layer.conv->window, .filter = layer.filter };
    return lower_groups(l, node, &all, layer.conv->groups, taken, err);
}

crl_status crl_lower_grouped_conv_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    const crl_conv *c = node->params;
    if (!crl_layer_is_f32(&t) || !has_groups(c)) return CRL_OK;
    const parted all = parted_f32(c, &t);
    return lower_groups(l, node, &all, c->groups, taken, err);
}

crl_status crl_lower_grouped_conv_s16(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    const crl_conv *c = node->params;
    if (!crl_layer_is_s16(&t) || !has_groups(c)) return CRL_OK;
    const parted all = parted_s16(c, &t, t.bias && t.bias->type == CRL_INT32);
    return lower_groups(l, node, &all, c->groups, taken, err);
}

crl_status crl_lower_depthwise_groups(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    crl_layer layer;
    if (!crl_layer_from_conv(&layer, node) || layer.conv->groups > MOST_PARTS) return CRL_OK;
    const crl_window *w = &layer.conv->window;
    if (w->in_c == w->out_c) return CRL_OK; /* what depthwise.c leaves of these is not for a matrix product either */
    /* The file has [fh][fw][out_c]; a group's filters are wanted one after the other. */
    const size_t taps = (size_t)w->filter_h * (size_t)w->filter_w, outs = (size_t)w->out_c;
    const uint8_t *file = layer.filter;
    crl_pile pile = crl_pile_beside(&l->schedule->pile);
    uint8_t *filter = crl_pile_array(&pile, taps, outs);
    if (!filter) return crl_fail_memory(err, "packed weights");
    for (size_t o = 0; o < outs; o++)
        for (size_t t = 0; t < taps; t++) filter[o * taps + t] = file[t * outs + o];
    const parted all = { .layer = &layer, .window = layer.conv->window, .filter = filter };
    const crl_status s = lower_groups(l, node, &all, layer.conv->groups, taken, err);
    crl_pile_free(&pile);
    return s;
}

/* One axis of a phase of a transposed convolution. */
typedef struct phase {
    int32_t first;     /* tap of the filter; others follow `stride` apart */
    int32_t taps, out; /* taps; outputs */
    int32_t pad;       /* of the convolution over these taps, upside down */
} phase;

/* Output o = stride * i + p sees input i + q - j by tap first + stride * j, where p + pad = first + stride * q. */
static phase phase_of(int32_t p, int32_t stride, int32_t pad, int32_t filter, int32_t out)
{
    phase f = { .first = (p + pad) % stride, .out = p < out ? (out - p - 1) / stride + 1 : 0 };
    f.taps = f.first < filter ? (filter - f.first - 1) / stride + 1 : 0;
    f.pad = f.taps - 1 - (p + pad) / stride;
    return f;
}

/* [out_c][taps_h][taps_w][in_c] of one phase, in elements of `bytes`. NULL: no memory. */
static void *phase_filter(crl_pile *pile, const void *filter, const crl_window *w, const phase *y, const phase *x, size_t bytes)
{
    const size_t c = (size_t)w->in_c * bytes;
    uint8_t *filters = crl_pile_array(pile, (size_t)w->out_c * (size_t)y->taps * (size_t)x->taps, c), *to = filters;
    for (int32_t o = 0; filters && o < w->out_c; o++)
        for (int32_t i = y->taps - 1; i >= 0; i--)
            for (int32_t k = x->taps - 1; k >= 0; k--, to += c) {
                const int32_t fy = y->first + i * w->stride_h, fx = x->first + k * w->stride_w;
                const size_t tap = ((size_t)o * (size_t)w->filter_h + (size_t)fy) * (size_t)w->filter_w + (size_t)fx;
                memcpy(to, (const uint8_t *)filter + tap * c, c);
            }
    return filters;
}

/* Where a phase lies, and the window that it is. */
typedef struct phase_place {
    phase y, x;
    part what; /* gaps and offsets, in elements */
    crl_window window;
} phase_place;

/* UNSUPPORTED: it is no convolution. An `n` of 0 outputs: there is nothing to do. */
static crl_status place_phase(phase_place *p, const crl_window *w, int32_t py, int32_t px)
{
    p->y = phase_of(py, w->stride_h, w->pad_top, w->filter_h, w->out_h);
    p->x = phase_of(px, w->stride_w, w->pad_left, w->filter_w, w->out_w);
    p->window = *w;
    p->window.out_h = p->y.out;
    p->window.out_w = p->x.out;
    if (!p->y.out || !p->x.out) return CRL_OK;
    /* In units of pixels; a line of the phase advances by its pixels, stride_w apart. */
    const int64_t line = (int64_t)p->x.out * w->stride_w, line_gap = (int64_t)w->stride_h * w->out_w - line;
    const int64_t batch_gap = (int64_t)w->out_h * w->out_w - p->y.out * (line + line_gap);
    if (!p->y.taps || !p->x.taps || p->y.pad < 0 || p->x.pad < 0 || line_gap < 0 || (w->batch > 1 && batch_gap < 0))
        return CRL_ERR_UNSUPPORTED;
    p->window.filter_h = p->y.taps;
    p->window.filter_w = p->x.taps;
    p->window.pad_top = p->y.pad;
    p->window.pad_left = p->x.pad;
    p->window.stride_h = p->window.stride_w = 1;
    p->what = (part){ .out_offset = ((size_t)py * (size_t)w->out_w + (size_t)px) * (size_t)w->out_c,
                      .line_gap = (size_t)line_gap * (size_t)w->out_c,
                      .batch_gap = w->batch > 1 ? (size_t)batch_gap * (size_t)w->out_c : 0 };
    return CRL_OK;
}

static crl_status add_phase(crl_lower *l, parts_step *p, const parted *all, int32_t py, int32_t px, crl_error *err)
{
    const crl_window *w = &all->window;
    phase_place place;
    crl_status s = place_phase(&place, w, py, px);
    if (s || !place.window.out_h || !place.window.out_w) return s;
    crl_pile pile = crl_pile_beside(&l->schedule->pile);
    void *taps = phase_filter(&pile, all->filter, w, &place.y, &place.x, weight_bytes(all));
    if (!taps) return crl_fail_memory(err, "packed weights");
    s = add_product(l, p, all, place.what, &place.window, taps, 0, (size_t)w->stride_w * (size_t)w->out_c, err);
    crl_pile_free(&pile);
    return s;
}

static crl_status lower_phases(crl_lower *l, crl_node *node, const parted *all, bool *taken, crl_error *err)
{
    const crl_window *w = &all->window;
    if ((int64_t)w->stride_h * w->stride_w > MOST_PARTS) return CRL_OK;
    parts_step *p = make(l, w->stride_h * w->stride_w, err);
    crl_status s = p ? CRL_OK : CRL_ERR_MEMORY;
    for (int32_t py = 0; !s && py < w->stride_h; py++)
        for (int32_t px = 0; !s && px < w->stride_w; px++) s = add_phase(l, p, all, py, px, err);
    if (s == CRL_ERR_UNSUPPORTED) return CRL_OK; /* they are no convolutions, or no kernel serves */
    *taken = true;
    return s ? s : emit(l, node, crl_transpose_conv_tensors_of(node).in, p, err);
}

crl_status crl_lower_transpose_conv(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    crl_layer layer;
    if (!crl_layer_from_transpose_conv(&layer, node)) return CRL_OK;
    return lower_phases(l, node, &(parted){ .layer = &layer, .window = layer.conv->window, .filter = layer.filter }, taken, err);
}

crl_status crl_lower_transpose_conv_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_conv_tensors t = crl_transpose_conv_tensors_of(node);
    if (!crl_layer_is_f32(&t)) return CRL_OK;
    const parted all = parted_f32(node->params, &t);
    return lower_phases(l, node, &all, taken, err);
}

crl_status crl_lower_transpose_conv_s16(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_conv_tensors t = crl_transpose_conv_tensors_of(node);
    if (!crl_layer_is_s16(&t)) return CRL_OK;
    const parted all = parted_s16(node->params, &t, crl_conv_is_narrow(node, t.bias));
    return lower_phases(l, node, &all, taken, err);
}
