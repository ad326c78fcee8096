/* SPDX-License-Identifier: Apache-2.0 */
/* See prove.h. */
#include "models/prove.h"

#include <stdlib.h>
#include <string.h>

#include <corallite/corallite.h>

#include "cmd.h"
#include "models/model.h"
#include "io/say.h"

enum { RUNS = 3 };

static crl_engine *prepare(const crl_model *m, const char *what)
{
    crl_engine *e;
    crl_error err;
    if (!crl_engine_new(&e, m, NULL, &err)) return e;
    cli_error("%s cannot be run here, so that nothing proves it right: %s", what, err.text);
    return NULL;
}

static bool run(crl_engine *e, const char *what)
{
    crl_error err;
    if (!crl_engine_run(e, &err)) return true;
    cli_error("%s cannot be run: %s", what, err.text);
    return false;
}

static int differ(const char *name, const char *why)
{
    char *clean = cli_clean(name, CLI_FOR_TERMINAL);
    cli_error("\"%s\" comes out otherwise after the change (%s); nothing was written", clean, why);
    free(clean);
    return CLI_FAILED;
}

static int same_bytes(const crl_tensor *a, const crl_tensor *b, cli_proof *proof)
{
    if (a->type != b->type || a->bytes != b->bytes) return differ(b->name, "another type or size");
    if (a->bytes && memcmp(a->data, b->data, a->bytes)) return differ(b->name, "other values");
    proof->values += (double)a->bytes;
    return CLI_DONE;
}

static bool is_8_bit(const crl_tensor *t)
{
    return (t->type == CRL_UINT8 || t->type == CRL_INT8) && t->quant.n == 1;
}

/* As DEQUANTIZE does it. */
static float real_of(const crl_tensor *t, size_t i)
{
    const int32_t q = t->type == CRL_INT8 ? ((const int8_t *)t->data)[i] : ((const uint8_t *)t->data)[i];
    return (float)((double)t->quant.scale[0] * (q - t->quant.zero_point[0]));
}

/* ---- equal ------------------------------------------------------------------------------------------ */

static bool fill_both(crl_engine *a, crl_engine *b, uint64_t *state)
{
    for (int32_t k = 0; k < crl_engine_input_count(a); k++) {
        crl_tensor *x = crl_engine_input(a, k), *y = crl_engine_input(b, k);
        cli_fill_random(y->data, y->type, y->bytes, state);
        if (x->type == y->type && x->bytes == y->bytes) {
            memcpy(x->data, y->data, x->bytes);
        } else if (x->type == CRL_FLOAT32 && is_8_bit(y) && x->bytes == 4 * y->bytes) {
            for (size_t i = 0; i < y->bytes; i++) ((float *)x->data)[i] = real_of(y, i);
        } else {
            cli_error("input %d has another type or size after the change", k);
            return false;
        }
    }
    return true;
}

static int same_output(const crl_tensor *x, const crl_tensor *y, cli_proof *proof)
{
    if (x->type != CRL_FLOAT32 || !is_8_bit(y) || x->bytes != 4 * y->bytes) return same_bytes(x, y, proof);
    for (size_t i = 0; i < y->bytes; i++)
        if (((const float *)x->data)[i] != real_of(y, i)) return differ(y->name, "other values");
    proof->values += (double)y->bytes;
    return CLI_DONE;
}

int cli_prove_equal(const crl_model *a, const crl_model *b, cli_proof *proof)
{
    crl_engine *x = prepare(a, "the model"), *y = x ? prepare(b, "the changed model") : NULL;
    uint64_t state = 1;
    int code = y ? CLI_DONE : CLI_FAILED;
    if (y && (crl_engine_input_count(x) != crl_engine_input_count(y) || crl_engine_output_count(x) != crl_engine_output_count(y)))
        code = differ("the model", "other inputs or outputs");
    for (int i = 0; i < RUNS && !code; i++) {
        if (!fill_both(x, y, &state) || !run(x, "the model") || !run(y, "the changed model")) code = CLI_FAILED;
        for (int32_t k = 0; k < crl_engine_output_count(x) && !code; k++) code = same_output(crl_engine_output(x, k), crl_engine_output(y, k), proof);
        proof->runs++;
    }
    crl_engine_free(x);
    crl_engine_free(y);
    return code;
}

/* ---- batch ------------------------------------------------------------------------------------------ */

/* Bytes of one frame in a tensor that has the batch first. */
static size_t frame_bytes(const crl_tensor *t)
{
    return t->shape.rank && t->shape.dim[0] ? t->bytes / (size_t)t->shape.dim[0] : t->bytes;
}

/* Frames `from` on of all frames, of which there are `total`, go into an input. */
static void give_frames(crl_engine *e, uint8_t *const *frames, size_t from)
{
    for (int32_t k = 0; k < crl_engine_input_count(e); k++) {
        crl_tensor *t = crl_engine_input(e, k);
        memcpy(t->data, frames[k] + from * frame_bytes(t), t->bytes);
    }
}

/* Runs over all frames, collecting what comes out, [outputs] of all frames. */
static bool run_frames(crl_engine *e, uint8_t *const *frames, uint8_t **out, size_t total)
{
    const size_t batch = (size_t)crl_engine_input(e, 0)->shape.dim[0];
    for (size_t at = 0; at < total; at += batch) {
        give_frames(e, frames, at);
        if (!run(e, "the model")) return false;
        for (int32_t k = 0; k < crl_engine_output_count(e); k++) {
            const crl_tensor *t = crl_engine_output(e, k);
            if (!out[k]) out[k] = cli_alloc(total / batch, t->bytes + 1);
            memcpy(out[k] + at / batch * t->bytes, t->data, t->bytes);
        }
    }
    return true;
}

static void free_all(uint8_t **list, int32_t n)
{
    for (int32_t k = 0; k < n; k++) free(list[k]);
    free(list);
}

static int compare_frames(crl_engine *x, crl_engine *y, uint8_t **a, uint8_t **b, size_t rounds_x, size_t rounds_y, cli_proof *proof)
{
    for (int32_t k = 0; k < crl_engine_output_count(x); k++) {
        const size_t bytes = crl_engine_output(x, k)->bytes * rounds_x;
        if (bytes != crl_engine_output(y, k)->bytes * rounds_y) return differ(crl_engine_output(y, k)->name, "another size");
        if (memcmp(a[k], b[k], bytes)) return differ(crl_engine_output(y, k)->name, "other values");
        proof->values += (double)bytes;
    }
    proof->runs++;
    return CLI_DONE;
}

int cli_prove_batch(const crl_model *a, const crl_model *b, cli_proof *proof)
{
    crl_engine *x = prepare(a, "the model"), *y = x ? prepare(b, "the changed model") : NULL;
    int code = CLI_FAILED;
    if (y) {
        const int32_t inputs = crl_engine_input_count(x), outputs = crl_engine_output_count(x);
        const size_t from = (size_t)crl_engine_input(x, 0)->shape.dim[0], to = (size_t)crl_engine_input(y, 0)->shape.dim[0], total = from * to;
        uint8_t **frames = cli_alloc((size_t)inputs, sizeof *frames), **p = cli_alloc((size_t)outputs, sizeof *p),
                **q = cli_alloc((size_t)outputs, sizeof *q);
        uint64_t state = 1;
        for (int32_t k = 0; k < inputs; k++) {
            const crl_tensor *t = crl_engine_input(x, k);
            frames[k] = cli_alloc(total, frame_bytes(t));
            cli_fill_random(frames[k], t->type, total * frame_bytes(t), &state);
        }
        if (from && to && run_frames(x, frames, p, total) && run_frames(y, frames, q, total)) code = compare_frames(x, y, p, q, to, from, proof);
        free_all(frames, inputs);
        free_all(p, outputs);
        free_all(q, outputs);
    }
    crl_engine_free(x);
    crl_engine_free(y);
    return code;
}

/* ---- parts ------------------------------------------------------------------------------------------ */

static const crl_tensor *output_named(crl_engine *e, const char *name)
{
    for (int32_t k = 0; k < crl_engine_output_count(e); k++)
        if (!strcmp(crl_engine_output(e, k)->name, name)) return crl_engine_output(e, k);
    return NULL;
}

static const crl_tensor *input_named(crl_engine *e, const char *name)
{
    for (int32_t k = 0; k < crl_engine_input_count(e); k++)
        if (!strcmp(crl_engine_input(e, k)->name, name)) return crl_engine_input(e, k);
    return NULL;
}

static bool copy_tensor(crl_tensor *to, const crl_tensor *from)
{
    if (!from || from->bytes != to->bytes) return false;
    memcpy(to->data, from->data, to->bytes);
    return true;
}

/* The outputs of the head that inputs of the tail take, as crl_edit_join() does: by name, then in order. */
static bool feed_tail(crl_engine *whole, crl_engine *head, crl_engine *tail, bool *taken)
{
    const int32_t n = crl_engine_input_count(tail), m = crl_engine_output_count(head);
    bool *fed = cli_alloc((size_t)n, sizeof *fed), ok = true;
    for (int pass = 0; pass < 2; pass++)
        for (int32_t i = 0; i < n; i++)
            for (int32_t k = 0; k < m && !fed[i]; k++) {
                crl_tensor *to = crl_engine_input(tail, i);
                const crl_tensor *from = crl_engine_output(head, k);
                if (taken[k] || (!pass && strcmp(from->name, to->name)) || !copy_tensor(to, from)) continue;
                taken[k] = fed[i] = true;
            }
    for (int32_t i = 0; i < n; i++)
        if (!fed[i]) ok &= copy_tensor(crl_engine_input(tail, i), input_named(whole, crl_engine_input(tail, i)->name));
    free(fed);
    return ok;
}

static const crl_tensor *part_output(crl_engine *whole, crl_engine *head, crl_engine *tail, const bool *taken, bool by_order, int32_t k)
{
    if (!by_order) {
        const char *name = crl_engine_output(whole, k)->name;
        const crl_tensor *t = output_named(tail, name);
        return t ? t : output_named(head, name);
    }
    if (k < crl_engine_output_count(tail)) return crl_engine_output(tail, k);
    k -= crl_engine_output_count(tail);
    for (int32_t i = 0; i < crl_engine_output_count(head); i++)
        if (!taken[i] && !k--) return crl_engine_output(head, i);
    return NULL;
}

static int parts_once(crl_engine *whole, crl_engine *head, crl_engine *tail, bool by_order, uint64_t *state, cli_proof *proof)
{
    bool *taken = cli_alloc((size_t)crl_engine_output_count(head), sizeof *taken), ok = true;
    int code = CLI_DONE;
    for (int32_t k = 0; k < crl_engine_input_count(whole); k++)
        cli_fill_random(crl_engine_input(whole, k)->data, crl_engine_input(whole, k)->type, crl_engine_input(whole, k)->bytes, state);
    for (int32_t k = 0; k < crl_engine_input_count(head); k++)
        ok &= copy_tensor(crl_engine_input(head, k), input_named(whole, crl_engine_input(head, k)->name));
    ok = ok && run(whole, "the whole") && run(head, "the first part") && feed_tail(whole, head, tail, taken) && run(tail, "the second part");
    if (!ok) {
        cli_error("the parts cannot be compared with the whole: their inputs do not fit");
        code = CLI_FAILED;
    }
    for (int32_t k = 0; k < crl_engine_output_count(whole) && !code; k++) {
        const crl_tensor *mine = crl_engine_output(whole, k), *theirs = part_output(whole, head, tail, taken, by_order, k);
        code = theirs ? same_bytes(mine, theirs, proof) : differ(mine->name, "no part has it");
    }
    proof->runs++;
    free(taken);
    return code;
}

int cli_prove_parts(const crl_model *whole, const crl_model *head, const crl_model *tail, bool by_order, cli_proof *proof)
{
    crl_engine *w = prepare(whole, "the whole"), *h = w ? prepare(head, "the first part") : NULL, *t = h ? prepare(tail, "the second part") : NULL;
    uint64_t state = 1;
    int code = t ? CLI_DONE : CLI_FAILED;
    for (int i = 0; i < RUNS && !code; i++) code = parts_once(w, h, t, by_order, &state, proof);
    crl_engine_free(w);
    crl_engine_free(h);
    crl_engine_free(t);
    return code;
}

/* ---- inside ----------------------------------------------------------------------------------------- */

/* The model up to the tensors of these names. NULL after saying why not; close it, then free `*bytes`. */
static crl_model *up_to(const crl_model *m, const char *const *names, int n, uint8_t **bytes)
{
    int32_t *tensors = cli_alloc((size_t)n, sizeof *tensors);
    const crl_subgraph *g = &m->subgraphs[0];
    size_t size;
    crl_error err;
    crl_model *head = NULL;
    for (int k = 0; k < n; k++) {
        tensors[k] = -1;
        for (int32_t t = 0; t < g->n_tensors; t++)
            if (!strcmp(g->tensors[t].name, names[k])) tensors[k] = t;
    }
    if (crl_edit_split(m, tensors, n, CRL_EDIT_HEAD, bytes, &size, &err) || crl_model_open(&head, *bytes, size, &err))
        cli_error("what is inside cannot be compared: %s", err.text);
    free(tensors);
    return head;
}

/* Columns of the last dimension, and what was chosen of them. */
static int same_columns(const crl_tensor *a, const crl_tensor *b, const int32_t *columns, int32_t n, cli_proof *proof)
{
    if (!columns) return same_bytes(a, b, proof);
    const size_t one = crl_type_bytes(a->type), of = a->shape.rank ? (size_t)a->shape.dim[a->shape.rank - 1] : 0;
    const size_t rows = of && one ? a->bytes / (of * one) : 0;
    if (a->type != b->type || b->bytes != rows * (size_t)n * one) return differ(b->name, "another type or size");
    for (size_t r = 0; r < rows; r++)
        for (int32_t k = 0; k < n; k++)
            if (memcmp((const uint8_t *)a->data + (r * of + (size_t)columns[k]) * one,
                       (const uint8_t *)b->data + (r * (size_t)n + (size_t)k) * one, one))
                return differ(b->name, "other values");
    proof->values += (double)b->bytes;
    return CLI_DONE;
}

int cli_prove_inside(const crl_model *a, const crl_model *b, const char *const *tensors, int n_tensors, const int32_t *columns, int32_t n,
                     cli_proof *proof)
{
    uint8_t *p = NULL, *q = NULL;
    crl_model *x = up_to(a, tensors, n_tensors, &p), *y = x ? up_to(b, tensors, n_tensors, &q) : NULL;
    crl_engine *ex = y ? prepare(x, "the model") : NULL, *ey = ex ? prepare(y, "the changed model") : NULL;
    uint64_t state = 1;
    int code = ey ? CLI_DONE : CLI_FAILED;
    for (int i = 0; i < RUNS && !code; i++) {
        if (!fill_both(ex, ey, &state) || !run(ex, "the model") || !run(ey, "the changed model")) code = CLI_FAILED;
        for (int k = 0; k < n_tensors && !code; k++)
            code = same_columns(crl_engine_output(ex, k), crl_engine_output(ey, k), columns, n, proof);
        proof->runs++;
    }
    crl_engine_free(ex);
    crl_engine_free(ey);
    crl_model_close(x);
    crl_model_close(y);
    free(p);
    free(q);
    return code;
}
