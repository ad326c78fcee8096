/* SPDX-License-Identifier: Apache-2.0 */
/* See parameters.h. */
#include "compile/parameters.h"

#include <float.h>
#include <string.h>

enum { LINE = 64 }; /* each layer begins at a multiple */

typedef struct blob {
    const uint8_t *bytes;
    size_t size;
    bool *used; /* lines */
} blob;

typedef struct search {
    const crl_twin *w;
    blob blobs[2];
    int n_blobs;
    int at_blob; /* where the last one ended: the next is there, as a rule */
    size_t at;
    const uint8_t *from;
    uint8_t *to;
    crl_pile *pile;
    uint8_t *packed; /* room for a layer */
    size_t room;
    const uint8_t *tables; /* bytes of it that may be others: 1; NULL: none may */
    size_t fixed;          /* the first that may not */
    uint64_t work; /* that is left */
    crl_error *err;
} search;

static bool is_free(const blob *b, size_t at, size_t n)
{
    for (size_t line = at / LINE; line < (at + n) / LINE; line++)
        if (b->used[line]) return false;
    return true;
}

static void take(blob *b, size_t at, size_t n)
{
    for (size_t line = at / LINE; line < (at + n) / LINE; line++) b->used[line] = true;
}

/* Takes as much work as there is to compare. */
static bool same_but_tables(search *s, const uint8_t *bytes, size_t n)
{
    size_t i = s->fixed;
    while (i < n && (s->tables[i] || bytes[i] == s->packed[i])) i++;
    s->work = s->work > i / LINE ? s->work - i / LINE : 0;
    return i == n;
}

static bool is_at(search *s, int k, size_t at, size_t n)
{
    const blob *b = &s->blobs[k];
    if (at > b->size || n > b->size - at) return false;
    const bool same = s->tables ? same_but_tables(s, b->bytes + at, n) : !memcmp(b->bytes + at, s->packed, n);
    return same && is_free(b, at, n);
}

/* Where the packed bytes are: behind the layer before, or in the only other place that has them. */
static bool find(search *s, size_t n)
{
    int places = 0, of = 0;
    size_t place = 0;
    if (s->n_blobs && is_at(s, s->at_blob, s->at, n)) return true;
    for (int k = 0; k < s->n_blobs; k++) {
        const uint64_t lines = s->blobs[k].size / LINE;
        s->work = s->work > lines ? s->work - lines : 0;
        for (size_t at = 0; s->work && at + n <= s->blobs[k].size; at += LINE)
            if (is_at(s, k, at, n)) of = k, place = at, places++;
    }
    if (!s->work) return false;
    if (places != 1) return false;
    s->at_blob = of;
    s->at = place;
    return true;
}

static crl_status make_room(search *s, size_t n)
{
    if (n <= s->room) return CRL_OK;
    s->packed = crl_pile_alloc(s->pile, n);
    s->room = s->packed ? n : 0;
    return s->packed ? CRL_OK : crl_fail_memory(s->err, "packed weights");
}

/* The tensors whose scales may count for a layer: its output, and what a QUANTIZE or CONCATENATION behind it makes of it. */
static int outs_of(const crl_twin *w, int32_t op, int32_t out[2])
{
    out[0] = w->side[0]->operators[op].outputs[0];
    const int32_t reader = w->reader[out[0]];
    if (reader < 0) return 1;
    const crl_operator *r = &w->side[0]->operators[reader];
    if (r->code != CRL_OP_QUANTIZE && r->code != CRL_OP_CONCATENATION) return 1;
    out[1] = r->outputs[0];
    return 2;
}

/* A RESHAPE behind the layer parts its outputs into groups that are no multiple of 4; 0: there is none. */
static int32_t group_of(const crl_twin *w, int32_t op, int32_t outputs)
{
    const int32_t reader = w->reader[w->side[0]->operators[op].outputs[0]];
    if (reader < 0 || w->side[0]->operators[reader].code != CRL_OP_RESHAPE) return 0;
    const crl_shape *s = &crl_twin_tensor(w, CRL_SIDE_A, w->side[0]->operators[reader].outputs[0])->shape;
    const int32_t k = s->rank ? s->dim[s->rank - 1] : 0;
    return k > 0 && k < outputs && !(outputs % k) && k % 4 ? k : 0;
}

/* Way number `way` of packing a layer. false: another number stands for the same. */
static bool choose(crl_pack_choice *choice, const search *s, int32_t op, const crl_layer_view *v, unsigned way, int32_t group)
{
    *choice = (crl_pack_choice){ .by_channel = way & 1, .drops_zero = !(way & 2), .zero_filler = way & 4,
                                 .sixteen_rows = s->w->side[0]->operators[op].code == CRL_OP_DENSE ? !(way & 8) : way & 8 };
    const bool pointless = (choice->by_channel && (v->depthwise || v->inputs <= 4 || v->kh * v->kw == 1)) || ((way & 2) && !v->zero_bias) ||
                           ((way & 4) && !(v->outputs % 4)) || ((way & 8) && v->outputs > 4) || ((way & 16) && !group);
    choice->group = group && !(way & 16) ? group : 0;
    return !pointless;
}

/* Tries all ways in which compilers have packed such a layer. */
static bool find_layer(search *s, int32_t op, const crl_layer_view *v, crl_pack_choice *choice)
{
    int32_t outs[2];
    const int n_outs = v->scales_differ ? outs_of(s->w, op, outs) : 1;
    const int32_t group = group_of(s->w, op, v->outputs);
    outs[0] = s->w->side[0]->operators[op].outputs[0];
    for (unsigned way = 0; way < 32; way++) {
        if (!choose(choice, s, op, v, way, group)) continue;
        for (int k = 0; k < n_outs; k++) {
            choice->out = outs[k];
            const size_t n = crl_pack(v, s->w, CRL_SIDE_A, op, choice, NULL);
            if (n > s->room) continue;
            crl_pack(v, s->w, CRL_SIDE_A, op, choice, s->packed);
            if (find(s, n)) return true;
        }
    }
    return false;
}

/* Fillers take 4 bytes for each input and block at most, and groups four times what they hold. */
static crl_status make_room_for(search *s, int32_t op, const crl_layer_view *v)
{
    return make_room(s, 4 * (4096 + crl_pack(v, s->w, CRL_SIDE_A, op, &(crl_pack_choice){ .sixteen_rows = true }, NULL)));
}

static crl_status refuse(const search *s, int32_t op, const char *why)
{
    return crl_fail(s->err, CRL_ERR_UNSUPPORTED, "op %d %s: %s", op, s->w->side[0]->operators[op].name, why);
}

static crl_status edit_layer(search *s, int32_t op)
{
    crl_layer_view a, b;
    crl_pack_choice choice;
    if (!crl_layer_of(&a, s->w, CRL_SIDE_A, op) || !crl_layer_of(&b, s->w, CRL_SIDE_B, op))
        return refuse(s, op, "weights of such a form are not known; leave this layer to the original compiler");
    if (a.scales_differ != b.scales_differ)
        return refuse(s, op,
                      "the scales of its channels are all equal in one model only, which compiles otherwise; take a "
                      "template where they are as here");
    crl_status status = make_room_for(s, op, &a);
    if (status) return status;
    const bool found = find_layer(s, op, &a, &choice);
    if (!s->work) return refuse(s, op, "the template's parameters are too large, and its layers too many, to be searched");
    if (!found)
        return refuse(s, op, "its weights are not in the template as the template's model has them; name the model that it was compiled from");
    const size_t n = crl_pack(&a, s->w, CRL_SIDE_A, op, &choice, NULL);
    blob *in = &s->blobs[s->at_blob];
    take(in, s->at, n);
    if (a.zero_bias != b.zero_bias && (choice.drops_zero || !a.zero_bias))
        return refuse(s, op, "its bias is all zeros in one model only, which compiles otherwise; take a template where it is as here");
    if (crl_pack(&b, s->w, CRL_SIDE_B, op, &choice, NULL) != n)
        return refuse(s, op, "its weights take another number of bytes than the template has for them; take a template with as many classes");
    crl_pack(&b, s->w, CRL_SIDE_B, op, &choice, s->to + (in->bytes - s->from) + s->at);
    s->at += n;
    return CRL_OK;
}

/* ---- tables of a softmax on the tiles ----------------------------------------------------------- */

/* Four logits in each line: their scale, and what makes those that fill up to 4 so low that they do not count. */
static void pack_scales(float scale, int32_t n, uint8_t *to)
{
    memset(to, 0, (size_t)(n + 3) / 4 * LINE);
    for (int32_t i = 0; i < (n + 3) / 4 * 4; i++) {
        const float x = i < n ? scale : scale * FLT_MAX;
        memcpy(to + (size_t)(i / 4) * LINE + (size_t)(i % 4) * 4, &x, 4);
    }
}

static crl_status edit_softmax(search *s, int32_t op)
{
    const int32_t t = s->w->side[0]->operators[op].inputs[0];
    const crl_tensor_def *a = crl_twin_tensor(s->w, CRL_SIDE_A, t), *b = crl_twin_tensor(s->w, CRL_SIDE_B, t);
    const int32_t n = a->shape.dim[a->shape.rank - 1];
    if (n != b->shape.dim[b->shape.rank - 1]) return CRL_OK; /* only the scalar core's changes its width, and that has no table */
    const size_t bytes = (size_t)(n + 3) / 4 * LINE;
    crl_status status = make_room(s, bytes);
    if (status) return status;
    pack_scales(crl_stored_scale(a), n, s->packed);
    if (!find(s, bytes)) return CRL_OK;
    take(&s->blobs[s->at_blob], s->at, bytes);
    pack_scales(crl_stored_scale(b), n, s->to + (s->blobs[s->at_blob].bytes - s->from) + s->at);
    return CRL_OK;
}

/* What is left over must not hold a scale that changes. */
static crl_status check_rest(const search *s)
{
    for (int32_t i = 0; i < s->w->side[0]->n_operators; i++) {
        const crl_operator *op = &s->w->side[0]->operators[i];
        if (!s->w->mapped[i] || op->code != CRL_OP_SOFTMAX) continue;
        const float a = crl_stored_scale(crl_twin_tensor(s->w, CRL_SIDE_A, op->inputs[0]));
        if (a == crl_stored_scale(crl_twin_tensor(s->w, CRL_SIDE_B, op->inputs[0]))) continue;
        for (int k = 0; k < s->n_blobs; k++)
            for (size_t at = 0; at + 4 <= s->blobs[k].size; at += 4)
                if (!s->blobs[k].used[at / LINE] && !memcmp(s->blobs[k].bytes + at, &a, 4))
                    return refuse(s, i, "the template has tables of its scale that are not understood; take a template with the model's own scale");
    }
    return CRL_OK;
}

static crl_status add_blob(search *s, const uint8_t *bytes, size_t size)
{
    if (!size) return CRL_OK;
    blob *b = &s->blobs[s->n_blobs++];
    *b = (blob){ bytes, size, crl_pile_array(s->pile, size / LINE + 1, sizeof *b->used) };
    return b->used ? CRL_OK : crl_fail_memory(s->err, "parameters");
}

static crl_status add_blobs(search *s, const crl_package *package)
{
    crl_status status = CRL_OK;
    if (package->caching) status = add_blob(s, package->caching->parameters, package->caching->parameter_bytes);
    return status ? status : add_blob(s, package->running->parameters, package->running->parameter_bytes);
}

crl_status crl_parameters_count(const crl_twin *w, const crl_package *package, crl_pile *pile, int32_t *layers, int32_t *found,
                                int32_t *first, crl_error *err)
{
    search s = { .w = w, .pile = pile, .work = CRL_COMPILE_WORK / 4, .err = err };
    crl_status status = add_blobs(&s, package);
    *layers = *found = 0;
    for (int32_t i = 0; i < w->side[0]->n_operators && !status; i++) {
        crl_layer_view v;
        crl_pack_choice choice;
        if (!w->mapped[i] || !crl_has_weights(&w->side[0]->operators[i])) continue;
        ++*layers;
        const bool known = crl_layer_of(&v, w, CRL_SIDE_A, i);
        if (known) status = make_room_for(&s, i, &v);
        if (known && !status && find_layer(&s, i, &v, &choice)) {
            const size_t n = crl_pack(&v, w, CRL_SIDE_A, i, &choice, NULL);
            take(&s.blobs[s.at_blob], s.at, n);
            s.at += n;
            ++*found;
        } else if (*first < 0) {
            *first = i;
        }
        if (!s.work)
            return crl_fail(err, CRL_ERR_UNSUPPORTED, "its parameters are too large, and the model's layers too many, to be searched");
    }
    return status;
}

crl_status crl_parameters_edit(const crl_twin *w, const crl_package *package, const uint8_t *from, uint8_t *to, crl_pile *pile,
                               crl_error *err)
{
    search s = { .w = w, .from = from, .to = to, .pile = pile, .work = CRL_COMPILE_WORK / 4, .err = err };
    crl_status status = add_blobs(&s, package);
    for (int32_t i = 0; i < w->side[0]->n_operators && !status; i++)
        if (w->mapped[i] && crl_has_weights(&w->side[0]->operators[i])) status = edit_layer(&s, i);
    for (int32_t i = 0; i < w->side[0]->n_operators && !status; i++)
        if (w->mapped[i] && w->side[0]->operators[i].code == CRL_OP_SOFTMAX) status = edit_softmax(&s, i);
    return status ? status : check_rest(&s);
}

/* ---- tables of layers that are found by their weights ------------------------------------------- */

static crl_status make_places(crl_pack_places *places, const search *s, const crl_layer_view *v, size_t n)
{
    *places = (crl_pack_places){ .tables = crl_pile_array(s->pile, n, 1),
                                 .scale_at = crl_pile_array(s->pile, (size_t)v->outputs, sizeof *places->scale_at),
                                 .bias_at = crl_pile_array(s->pile, (size_t)v->outputs, sizeof *places->bias_at) };
    return places->tables && places->scale_at && places->bias_at ? CRL_OK : crl_fail_memory(s->err, "tables of a layer");
}

/* Tries all ways in which compilers have packed such a layer, as find_layer() does. */
static crl_status find_weights(search *s, int32_t op, const crl_layer_view *v, crl_pack_places *places, bool *found)
{
    const int32_t group = group_of(s->w, op, v->outputs);
    *found = false;
    for (unsigned way = 0; way < 32 && !*found; way++) {
        crl_pack_choice choice;
        if (!choose(&choice, s, op, v, way, group)) continue;
        choice.out = s->w->side[0]->operators[op].outputs[0];
        const size_t n = crl_pack(v, s->w, CRL_SIDE_A, op, &choice, NULL);
        if (n > s->room) continue;
        const crl_status status = make_places(places, s, v, n);
        if (status) return status;
        crl_pack(v, s->w, CRL_SIDE_A, op, &choice, s->packed);
        crl_pack_places_of(places, v, s->w, op, &choice);
        s->tables = places->tables;
        for (s->fixed = 0; s->fixed < n && places->tables[s->fixed];) s->fixed++;
        places->bytes = n;
        *found = find(s, n);
        if (*found) take(&s->blobs[s->at_blob], s->at, n);
    }
    s->tables = NULL;
    return CRL_OK;
}

static crl_status read_tables(const search *s, const crl_layer_view *v, const crl_pack_places *places, crl_layer_tables *to)
{
    const uint8_t *at = s->blobs[s->at_blob].bytes + s->at;
    const size_t n = (size_t)v->outputs;
    float *multipliers = places->has_scales ? crl_pile_array(s->pile, n, sizeof *multipliers) : NULL;
    int32_t *biases = places->has_biases ? crl_pile_array(s->pile, n, sizeof *biases) : NULL;
    if ((places->has_scales && !multipliers) || (places->has_biases && !biases)) return crl_fail_memory(s->err, "tables of a layer");
    for (size_t c = 0; c < n; c++) {
        if (multipliers) memcpy(&multipliers[c], at + places->scale_at[c], sizeof *multipliers);
        if (biases) memcpy(&biases[c], at + places->bias_at[c], sizeof *biases);
    }
    *to = (crl_layer_tables){ multipliers, biases, v->outputs, s->at + (s->at_blob ? s->blobs[0].size : 0) };
    return CRL_OK;
}

crl_status crl_parameters_read(const crl_twin *w, const crl_package *package, crl_pile *pile, crl_layer_tables *of, int32_t *missing,
                               crl_error *err)
{
    search s = { .w = w, .pile = pile, .work = CRL_COMPILE_WORK / 4, .err = err };
    crl_status status = add_blobs(&s, package);
    for (int32_t i = 0; i < w->side[0]->n_operators && !status; i++) {
        crl_layer_view v;
        crl_pack_places places;
        bool found = false;
        if (!w->mapped[i] || !crl_has_weights(&w->side[0]->operators[i])) continue;
        if (crl_layer_of(&v, w, CRL_SIDE_A, i)) {
            status = make_room_for(&s, i, &v);
            if (!status) status = find_weights(&s, i, &v, &places, &found);
        }
        if (!status && found) status = read_tables(&s, &v, &places, &of[i]);
        if (found) s.at += places.bytes;
        if (!found && !status && *missing < 0) *missing = i;
        if (!s.work)
            return crl_fail(err, CRL_ERR_UNSUPPORTED, "its parameters are too large, and the model's layers too many, to be searched");
    }
    return status;
}
