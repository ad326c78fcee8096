/* SPDX-License-Identifier: Apache-2.0 */
/* The chip of a stick in software: programs, parameters, registers. See sim.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/edgetpu/program.h"
#include "sim_inside.h"

void sim_complain(sim *s, const char *what)
{
    if (!*s->complaint) snprintf(s->complaint, sizeof s->complaint, "%s", what);
}

void sim_die(sim *s, const char *why)
{
    sim_complain(s, why);
    s->dead = true;
}

/* --- programs ------------------------------------------------------------------------------------------------ */

static void end_program(sim *s)
{
    for (int32_t i = 0; s->program && i < s->program->n_inputs; i++) free(s->inputs[i]);
    free(s->inputs);
    s->inputs = NULL;
    s->program = NULL;
    s->running = NULL;
}

void sim_chip_clear(sim *s)
{
    end_program(s);
    for (int i = 0; i < s->n_queue; i++) free(s->queue[i].bytes);
    s->n_queue = 0;
    s->n_header = s->n_data = s->want = 0;
    for (int i = 0; i < s->n_models; i++) s->models[i]->cached = false;
    s->token = 0;
    s->stalled = false;
}

bool sim_same_chunk(const crl_chunk *c, const uint8_t *bytes, size_t n)
{
    if (c->size != n) return false;
    uint8_t *plain = malloc(n);
    if (!plain) abort();
    memcpy(plain, bytes, n);
    for (int32_t i = 0; i < c->n_relocations; i++)
        for (size_t bit = c->relocations[i].bit, end = bit + 32; bit < end; bit++) {
            const uint8_t mask = (uint8_t)(1 << bit % 8);
            plain[bit / 8] = (uint8_t)((plain[bit / 8] & ~mask) | (c->bytes[bit / 8] & mask));
        }
    const bool same = !memcmp(plain, c->bytes, n);
    free(plain);
    return same;
}

/* The executable that begins with these bytes. */
bool sim_chip_begin(sim *s, const uint8_t *bytes, size_t n)
{
    for (int i = 0; i < s->n_models; i++)
        for (int32_t k = 0; k < s->models[i]->package->n_executables; k++) {
            const crl_executable *e = &s->models[i]->package->executables[k];
            if (!sim_same_chunk(&e->chunks[e->n_hints && e->hints[0].kind == CRL_HINT_CHUNK ? e->hints[0].chunk : 0], bytes, n)) continue;
            s->running = s->models[i];
            s->program = e;
            s->hint = 0;
            s->computed = false;
            s->inputs = calloc((size_t)e->n_inputs + 1, sizeof *s->inputs);
            if (!s->inputs) abort();
            for (int32_t j = 0; j < e->n_inputs; j++)
                if (!(s->inputs[j] = calloc(1, e->inputs[j].bytes + PACKET))) abort();
            return true;
        }
    return false;
}

static void add_answer(sim *s, uint8_t *bytes, size_t n)
{
    if (s->n_queue == MOST_QUEUE) abort();
    s->queue[s->n_queue++] = (answer){ bytes, n, 0 };
}

static int32_t tensor_named(const crl_model *m, const char *name)
{
    for (int32_t i = 0; i < m->subgraphs[0].n_tensors; i++)
        if (!strcmp(m->subgraphs[0].tensors[i].name, name)) return i;
    return -1;
}

/* The twin computes what the package would. */
void sim_chip_compute(sim *s)
{
    const crl_executable *e = s->program;
    const crl_subgraph *g = &s->running->twin->subgraphs[0];
    for (int32_t i = 0; i < e->n_inputs; i++)
        for (int32_t k = 0; k < g->n_inputs; k++) {
            if (strcmp(g->tensors[g->inputs[k]].name, e->inputs[i].name) && e->n_inputs > 1) continue;
            crl_tensor *t = crl_engine_input(s->running->engine, k);
            memcpy(t->data, s->inputs[i], t->bytes);
            for (size_t b = 0; crl_tpu_is_signed(&e->inputs[i]) && b < t->bytes; b++) ((uint8_t *)t->data)[b] ^= 0x80;
        }
    if (crl_engine_run(s->running->engine, NULL)) sim_complain(s, "the twin does not run");
}

/* In the order of tiles. */
uint8_t *sim_chip_output(sim *s, const crl_package_layer *l)
{
    crl_tensor t;
    const int32_t index = tensor_named(s->running->twin, l->name);
    uint8_t *out = calloc(1, l->bytes);
    if (!out) abort();
    if (index < 0 || crl_engine_tensor(s->running->engine, index, &t, NULL) || !t.data) {
        sim_complain(s, "the twin has no such output");
        return out;
    }
    const size_t place = (size_t)l->z_dim * (size_t)crl_package_element(l);
    const uint8_t *in = t.data;
    for (int32_t y = 0; y < l->y_dim; y++)
        for (int32_t x = 0; x < l->x_dim; x++, in += place) {
            const crl_output_layout *o = &l->layout;
            const size_t at = o->n_tiles ? (size_t)o->tile_offset[o->y_tile[y] + o->x_tile[x]] +
                                               (size_t)o->y_row[y] * (size_t)o->x_row_bytes[x] + (size_t)o->x_offset[x]
                                         : ((size_t)y * (size_t)l->x_dim + (size_t)x) * place;
            for (size_t b = 0; b < place; b++) out[at + b] = (uint8_t)(in[b] ^ (crl_tpu_is_signed(l) ? 0x80 : 0));
        }
    return out;
}

void sim_chip_finish(sim *s)
{
    s->programs++;
    if (s->program->kind == CRL_EXECUTABLE_CACHING) {
        if (s->token != s->program->token)
            for (int i = 0; i < s->n_models; i++) s->models[i]->cached = false;
        s->token = s->program->token;
        s->running->cached = true;
    }
    end_program(s);
}

void sim_chip_expect_parameters(sim *s)
{
    if (s->program->kind == CRL_EXECUTABLE_RUNNING && (s->token != s->program->token || !s->running->cached))
        sim_complain(s, "a program runs without its parameters");
}

/* Goes on until something has to come from outside. */
static void advance(sim *s)
{
    for (; s->program && s->hint < s->program->n_hints; s->hint++) {
        const crl_hint *h = &s->program->hints[s->hint];
        if (h->kind == CRL_HINT_INTERRUPT) {
            add_answer(s, NULL, 0);
            continue;
        }
        if (h->kind == CRL_HINT_FENCE) continue;
        if (h->kind == CRL_HINT_CHUNK || !h->to_host) return;
        if (!s->computed) sim_chip_compute(s);
        s->computed = true;
        uint8_t *all = h->base == CRL_BASE_OUTPUT && h->layer >= 0 ? sim_chip_output(s, &s->program->outputs[h->layer]) : NULL;
        uint8_t *part = calloc(1, h->size);
        if (!part) abort();
        if (all) memcpy(part, all + h->offset, h->size);
        free(all);
        if (s->wrong) part[0] ^= 1;
        add_answer(s, part, h->size);
    }
    if (s->program) sim_chip_finish(s);
}

static bool has_output(const sim *s)
{
    for (int i = 0; i < s->n_queue; i++)
        if (s->queue[i].bytes) return true;
    return false;
}

/* A whole transfer, behind its header. */
static void take_data(sim *s)
{
    static const uint8_t tags[] = { [CRL_BASE_INPUT] = 1, [CRL_BASE_PARAMETERS] = 2, [CRL_BASE_SCRATCH] = 1 };
    const uint8_t tag = s->header[4] & 15;
    if (!s->program && tag == 0 && !sim_chip_begin(s, s->data, s->want)) {
        sim_complain(s, "a program that is in no package");
        return;
    }
    if (!s->program) return;
    if (s->hint == 0) sim_chip_expect_parameters(s);
    const crl_hint *h = &s->program->hints[s->hint];
    if (h->kind == CRL_HINT_CHUNK) {
        if (tag || !sim_same_chunk(&s->program->chunks[h->chunk], s->data, s->want)) sim_die(s, "another chunk than the one whose turn it is");
    } else if (tag != tags[h->base] || s->want != h->size) {
        sim_die(s, "another transfer than the one whose turn it is");
    } else if (h->base == CRL_BASE_PARAMETERS && memcmp(s->data, s->program->parameters + h->offset, h->size)) {
        sim_complain(s, "other parameters than those of the package");
    } else if (h->base == CRL_BASE_INPUT && h->layer >= 0 && h->offset < s->program->inputs[h->layer].bytes) {
        const size_t room = s->program->inputs[h->layer].bytes - h->offset;
        memcpy(s->inputs[h->layer] + h->offset, s->data, h->size < room ? h->size : room);
    }
    if (s->dead) return;
    s->hint++;
    advance(s);
}

void sim_chip_take(sim *s, const uint8_t *bytes, size_t n)
{
    s->total += n;
    while (n && !s->dead) {
        if (s->n_header < sizeof s->header) {
            if (!s->n_header && has_output(s)) {
                sim_die(s, "data goes out while output is due");
                return;
            }
            s->header[s->n_header++] = *bytes++;
            n--;
            if (s->n_header < sizeof s->header) continue;
            s->want = (size_t)s->header[0] | (size_t)s->header[1] << 8 | (size_t)s->header[2] << 16 | (size_t)s->header[3] << 24;
            if ((s->header[4] & 15) == 2 && !s->program) sim_die(s, "parameters that no program wants");
            s->n_data = 0;
            s->data = realloc(s->data, s->want + 1);
            if (!s->data) abort();
        }
        const size_t part = s->want - s->n_data < n ? s->want - s->n_data : n;
        memcpy(s->data + s->n_data, bytes, part);
        s->n_data += part, bytes += part, n -= part;
        if (s->n_data < s->want) continue;
        take_data(s);
        s->n_header = 0;
    }
}

void sim_chip_drop_answer(sim *s)
{
    free(s->queue[0].bytes);
    memmove(s->queue, s->queue + 1, (size_t)--s->n_queue * sizeof *s->queue);
}

/* --- registers ------------------------------------------------------------------------------------------------- */

static uint64_t *cell(sim *s, uint32_t address)
{
    static const struct {
        uint32_t address;
        uint64_t value;
    } first[] = { { 0x1a30c, 0x000f0059 }, { 0x1a314, 0x00110000 }, { 0x1a318, 0x50c5025c }, { 0x1a704, 0x0070007f },
                  { 0x1a0d4, 1 },          { 0x1a33c, 0x000c003f } };
    for (int i = 0; i < s->n_registers; i++)
        if (s->address[i] == address) return &s->value[i];
    if (s->n_registers == MOST_REGISTERS) abort();
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        if (first[i].address == address) value = first[i].value;
    s->address[s->n_registers] = address;
    s->value[s->n_registers] = value;
    return &s->value[s->n_registers++];
}

uint64_t sim_chip_read(sim *s, uint32_t address)
{
    if (address == 0x486f0) return s->fatal ? 8 : 0;
    return *cell(s, address);
}

void sim_chip_write(sim *s, uint32_t address, uint64_t value)
{
    if (address == 0x44018 && value == 2 && s->program) sim_die(s, "a halt while a program runs");
    *cell(s, address) = value;
    if (address != 0x1a318) return;
    const uint64_t asked = value >> 22 & 3;
    *cell(s, address) = (value & ~UINT64_C(0x300)) | (asked == 3 ? 0x200 : 0);
    if (asked == 2) s->divider = (int)(value >> 28 & 3);
    if (asked == 3) { /* asleep: all is forgotten */
        sim_chip_clear(s);
        s->fatal = false;
        *cell(s, 0x44018) = 0;
    }
}
