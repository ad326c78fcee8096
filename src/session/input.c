/* SPDX-License-Identifier: Apache-2.0 */
/* Which input a picture goes into, and how. */
#include <string.h>

#include "base/error.h"
#include "session/session.h"

/* A model that takes pictures of any size is read as one of a single pixel. */
static bool is_open(const crl_tensor_def *t)
{
    const int32_t *d = t->shape_signature.dim;
    return t->shape_signature.rank == 4 && d[1] == -1 && d[2] == -1 && t->shape.dim[1] == 1 && t->shape.dim[2] == 1;
}

static crl_status check_input(const crl_tensor_def *def, crl_error *err)
{
    char shape[CRL_SHAPE_TEXT];
    const crl_tensor t = { .name = def->name, .type = def->type, .shape = def->shape, .quant = def->quant };
    const crl_status s = crl_input_check(&t, err);
    if (s || !is_open(def)) return s;
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "input \"%s\" leaves the size of the picture open: %s", def->name,
                    crl_shape_text(&def->shape_signature, shape, sizeof shape));
}

/* Asked before the model is prepared: what another layout of the picture leads to, no operator can explain. */
crl_status crl_session_find_input(const crl_model *model, int32_t *input, crl_error *err)
{
    const crl_subgraph *g = &model->subgraphs[0];
    for (int32_t i = 0; i < g->n_inputs; i++)
        if (!check_input(&g->tensors[g->inputs[i]], NULL)) {
            *input = i;
            return CRL_OK;
        }
    if (!g->n_inputs) return crl_fail(err, CRL_ERR_UNSUPPORTED, "the model has no input");
    return check_input(&g->tensors[g->inputs[0]], err);
}

/* Value c of n, or the one that stands for all. */
static float of_channel(const float *v, int32_t n, int32_t c)
{
    return v[c < n ? c : n - 1];
}

static crl_head head_of(const crl_session *s)
{
    const crl_head told = s->setup.detector.head;
    return told ? told : crl_recognise(s->outputs, s->n_outputs, crl_engine_input(s->engine, s->input), NULL,
                                       crl_labels_count(s->setup.labels)).head;
}

/* How a picture goes into the input: what is given, else what models with that head are trained with. */
static crl_status set_fit(crl_session *s, const crl_session_options *o, crl_head head, crl_error *err)
{
    crl_input_options *in = &s->setup.input;
    const bool centred = head == CRL_HEAD_YOLOV5 || head == CRL_HEAD_YOLOV8 || head == CRL_HEAD_YOLO_SPLIT || head == CRL_HEAD_YOLO_CHOSEN;
    const bool corner = head == CRL_HEAD_YOLOX, black = head == CRL_HEAD_MEDIAPIPE;
    if ((unsigned)o->fit > CRL_FIT_CENTRE) return crl_fail(err, CRL_ERR_ARGUMENT, "fit %d; 0 to 3 are accepted", (int)o->fit);
    if ((unsigned)o->order > CRL_CHANNELS_BGR)
        return crl_fail(err, CRL_ERR_ARGUMENT, "order %d of channels; 0 to 2 are accepted", (int)o->order);
    if (o->has_padding && (o->padding < 0 || o->padding > 255))
        return crl_fail(err, CRL_ERR_ARGUMENT, "padding %d; 0 to 255 are accepted", o->padding);
    in->keep_aspect_ratio = o->keep_aspect_ratio;
    in->fit = o->fit ? o->fit : centred || black ? CRL_FIT_CENTRE : corner ? CRL_FIT_CORNER : CRL_FIT_AUTO;
    in->order = o->order ? o->order : corner ? CRL_CHANNELS_BGR : CRL_CHANNELS_RGB;
    in->padding = o->has_padding ? o->padding : centred || corner ? 114 : 0;
    return CRL_OK;
}

/* MediaPipe's faces are found in -1 to 1, its palms in 0 to 1. */
static bool has_palms(const crl_session *s)
{
    for (int32_t i = 0; i < s->n_outputs; i++)
        if (s->outputs[i]->shape.rank == 3 && s->outputs[i]->shape.dim[2] == 18) return true;
    return false;
}

/* What numbers a model wants that does not say it: -1 to 1, but those of YOLO's makers 0 to 1, and YOLOX the pixel. */
static void usual_norm(const crl_session *s, crl_head head, float *mean, float *std)
{
    const bool yolo = head == CRL_HEAD_MEDIAPIPE ? has_palms(s) : head && head != CRL_HEAD_SSD && head != CRL_HEAD_SSD_RAW;
    *mean = yolo ? 0 : 127.5f;
    *std = !yolo ? 127.5f : head == CRL_HEAD_YOLOX ? 1 : 255;
}

/* Pixels fill the range of most 8-bit inputs, 0 to 1 or -1 to 1. The exporter of YOLO lets an input have the range of its
 * calibration instead, -2.1 to 2.6 by default, and gives it 0 to 1 as ever. Where it is far wider still, numbers are pixels. */
static bool has_other_range(const crl_session *s, float std)
{
    const crl_tensor *input = crl_engine_input(s->engine, s->input);
    if (std != 255 || (input->type != CRL_UINT8 && input->type != CRL_INT8) || input->quant.n != 1) return false;
    const float range = 255 * input->quant.scale[0];
    return range > 2.5f && range < 16;
}

/* What is given counts, then what the model says, then what is usual. */
static crl_status set_norm(crl_session *s, const crl_session_options *o, crl_head head, crl_error *err)
{
    float usual[2];
    usual_norm(s, head, &usual[0], &usual[1]);
    const float *mean = &usual[0], *std = &usual[1];
    int32_t n_mean = 1, n_std = 1, n;
    if (o->n_mean < 0 || o->n_mean > 3 || o->n_std < 0 || o->n_std > 3)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%d values of mean, %d of std; 0 to 3 are accepted", o->n_mean, o->n_std);
    const bool own = crl_model_input_norm(s->model, s->input, &mean, &std, &n) && n >= 1 && n <= 3;
    if (own)
        n_mean = n_std = n;
    else
        mean = &usual[0], std = &usual[1];
    if (o->n_mean) mean = o->mean, n_mean = o->n_mean;
    if (o->n_std) std = o->std, n_std = o->n_std;
    s->setup.input.normalise = o->n_mean || o->n_std || (!own && has_other_range(s, usual[1]));
    s->setup.input.n_norm = n_mean > n_std ? n_mean : n_std;
    for (int32_t c = 0; c < s->setup.input.n_norm; c++) {
        s->setup.input.mean[c] = of_channel(mean, n_mean, c);
        s->setup.input.std[c] = of_channel(std, n_std, c);
    }
    return CRL_OK;
}

/* Tries it on one pixel: what is wrong with the model as one for pictures is said before there is a picture. */
crl_status crl_session_set_input(crl_session *s, const crl_session_options *o, crl_error *err)
{
    uint8_t pixel[3] = { 0 };
    crl_frame_format format;
    crl_frame frame;
    const crl_image image = { .width = 1, .height = 1, .channels = 3, .stride = 3, .data = pixel };
    if ((unsigned)o->resample > CRL_RESAMPLE_LANCZOS)
        return crl_fail(err, CRL_ERR_ARGUMENT, "resample %d; 0 to %d are accepted", (int)o->resample, CRL_RESAMPLE_LANCZOS);
    s->setup.input.resample = o->resample;
    const crl_head head = head_of(s);
    crl_status status = set_norm(s, o, head, err);
    if (!status) status = set_fit(s, o, head, err);
    if (status) return status;
    status = crl_frame_of_image(&frame, &format, &image, err);
    if (!status) status = crl_session_fill(s, &format, &frame, NULL, err);
    if (!status) return CRL_OK;
    if (status == CRL_ERR_ARGUMENT && !s->setup.input.normalise) { /* the model's own values are no fault of the caller */
        status = CRL_ERR_UNSUPPORTED;
        if (err) err->status = status;
    }
    return crl_session_within(s, err, status);
}

static void zero(crl_tensor *t)
{
    const int32_t value = t->quant.n ? t->quant.zero_point[0] : 0;
    if (t->type == CRL_UINT8 || t->type == CRL_INT8)
        memset(t->data, (uint8_t)value, t->bytes);
    else
        memset(t->data, 0, t->bytes);
}

void crl_session_zero_inputs(crl_session *s, int32_t except)
{
    for (int32_t i = 0; i < crl_engine_input_count(s->engine); i++)
        if (i != except) zero(crl_engine_input(s->engine, i));
}

void crl_session_forget_frames(crl_session *s)
{
    for (int32_t i = 0; i < CRL_SESSION_WAYS; i++) {
        crl_converter_free(s->ways[i].converter);
        s->ways[i].converter = NULL;
    }
}

static bool same_format(const crl_frame_format *a, const crl_frame_format *b)
{
    return a->width == b->width && a->height == b->height && a->pixels == b->pixels && a->yuv == b->yuv &&
           a->full_range == b->full_range && !memcmp(a->reserved, b->reserved, sizeof a->reserved);
}

static bool same_part(const crl_box *a, const crl_box *b)
{
    return a->x0 == b->x0 && a->y0 == b->y0 && a->x1 == b->x1 && a->y1 == b->y1;
}

/* Weights, rows and tables are made for the first frame of a format, or part of one, and serve those that follow. */
static crl_status find_way(crl_session *s, crl_converter **out, const crl_frame_format *format, const crl_box *part, crl_error *err)
{
    const crl_box all = { 0, 0, (float)format->width, (float)format->height };
    if (!part) part = &all;
    for (int32_t i = 0; i < CRL_SESSION_WAYS; i++) {
        const crl_session_way *w = &s->ways[i];
        if (!w->converter || !same_format(format, &w->format) || !same_part(part, &w->part)) continue;
        *out = w->converter;
        return CRL_OK;
    }
    crl_session_way *w = &s->ways[s->oldest];
    s->oldest = (s->oldest + 1) % CRL_SESSION_WAYS;
    crl_converter_free(w->converter);
    *w = (crl_session_way){ .format = *format, .part = *part };
    const crl_status status = crl_converter_new(&w->converter, format, part, crl_engine_input(s->engine, s->input), &s->setup.input, err);
    *out = w->converter;
    return status;
}

crl_status crl_session_fill(crl_session *s, const crl_frame_format *format, const crl_frame *frame, const crl_box *part,
                            crl_error *err)
{
    crl_session_zero_inputs(s, s->input);
    crl_converter *way;
    crl_status status = find_way(s, &way, format, part, err);
    if (!status) status = crl_converter_run(way, frame, crl_engine_input(s->engine, s->input), err);
    if (status) return crl_within(err, status, "input %d", s->input);
    s->results.frame = crl_converter_place(way);
    return CRL_OK;
}
