/* SPDX-License-Identifier: Apache-2.0 */
/* Packages made ready: see program.h. Source of the rules: usb-traces of the vendor's driver, sections 8 and 9. */
#include "backend/edgetpu/program.h"

#include <string.h>

#include "base/error.h"

/* --- addresses -------------------------------------------------------------------------------------------- */

/* Behind USB the chip gives them back and nobody looks at them: any will do that lie apart. The vendor's driver takes those of its
 * own memory, which are such: on pages, and of more than 32 bits. */
static uint64_t any_address(void *user, crl_package_base base, int32_t layer)
{
    const crl_executable *e = user;
    const uint64_t apart = UINT64_C(1) << 36;
    switch (base) {
    case CRL_BASE_PARAMETERS: return apart;
    case CRL_BASE_SCRATCH: return 2 * apart;
    case CRL_BASE_INPUT: return (uint64_t)(3 + layer) * apart;
    default: return (uint64_t)(3 + e->n_inputs + layer) * apart;
    }
}

static int32_t layer_of(const crl_executable *e, const crl_relocation *r)
{
    const crl_package_layer *layers = r->base == CRL_BASE_INPUT ? e->inputs : e->outputs;
    const int32_t n = r->base == CRL_BASE_INPUT ? e->n_inputs : r->base == CRL_BASE_OUTPUT ? e->n_outputs : 0;
    int32_t layer = 0;
    while (layer < n && strcmp(layers[layer].name, r->name)) layer++;
    return layer;
}

/* Whether the executable has what the address is of: else the field stays as it is in the file. */
static bool is_used(const crl_executable *e, const crl_relocation *r)
{
    return r->base == CRL_BASE_PARAMETERS ? e->parameter_bytes > 0 : r->base != CRL_BASE_SCRATCH || e->scratch_bytes > 0;
}

/* 32 bits from any bit on, the least significant one first. */
static void put_bits(uint8_t *bytes, size_t bit, uint32_t value)
{
    for (size_t i = 0; i < 32; i++) {
        const size_t at = bit + i;
        const uint8_t mask = (uint8_t)(1 << at % 8);
        bytes[at / 8] = (uint8_t)(value >> i & 1 ? bytes[at / 8] | mask : bytes[at / 8] & ~mask);
    }
}

void crl_tpu_link(uint8_t *copy, const crl_executable *e, const crl_chunk *chunk, crl_tpu_address *address, void *user)
{
    memcpy(copy, chunk->bytes, chunk->size);
    for (int32_t i = 0; i < chunk->n_relocations; i++) {
        const crl_relocation *r = &chunk->relocations[i];
        if (!is_used(e, r)) continue;
        const uint64_t at = address(user, r->base, layer_of(e, r));
        put_bits(copy, r->bit, (uint32_t)(r->high ? at >> 32 : at));
    }
}

static uint8_t *patched(const crl_executable *e, const crl_chunk *chunk, crl_pile *pile)
{
    uint8_t *copy = crl_pile_alloc(pile, chunk->size);
    if (copy) crl_tpu_link(copy, e, chunk, any_address, (void *)(uintptr_t)e);
    return copy;
}

/* --- scripts ---------------------------------------------------------------------------------------------- */

typedef struct maker {
    crl_tpu_program *program;
    const crl_executable *e;
    uint8_t *scratch;
    crl_pile *pile;
    crl_error *err;
} maker;

static crl_status make_transfer(const maker *m, const crl_hint *h, crl_tpu_move *move)
{
    *move = (crl_tpu_move){ .kind = h->to_host ? CRL_TPU_RECEIVE : CRL_TPU_SEND, .tag = CRL_TPU_INPUT, .offset = h->offset,
                            .bytes = h->size };
    switch (h->base) {
    case CRL_BASE_PARAMETERS:
        if (h->to_host) return crl_fail(m->err, CRL_ERR_UNSUPPORTED, "the program sends parameters back");
        move->tag = CRL_TPU_PARAMETERS;
        move->memory = (uint8_t *)(uintptr_t)m->e->parameters; /* which are only read */
        return CRL_OK;
    case CRL_BASE_SCRATCH: move->memory = m->scratch; return CRL_OK;
    case CRL_BASE_INPUT:
    case CRL_BASE_OUTPUT: break;
    }
    if (h->to_host != (h->base == CRL_BASE_OUTPUT) || h->layer < 0)
        return crl_fail(m->err, CRL_ERR_UNSUPPORTED, "the program transfers \"%s\" in a way that is not known", h->name);
    move->port = h->to_host ? &m->program->out[h->layer] : &m->program->in[h->layer];
    return CRL_OK;
}

static crl_status make_script(maker *m, crl_tpu_script *script)
{
    const crl_executable *e = m->e;
    script->moves = crl_pile_array(m->pile, (size_t)e->n_hints, sizeof *script->moves);
    m->scratch = crl_pile_alloc(m->pile, e->scratch_bytes);
    if (!script->moves || !m->scratch) return crl_fail_memory(m->err, "a program for an Edge TPU");
    for (int32_t i = 0; i < e->n_hints; i++) {
        const crl_hint *h = &e->hints[i];
        crl_tpu_move *move = &script->moves[script->n++];
        crl_status s = CRL_OK;
        switch (h->kind) {
        case CRL_HINT_TRANSFER: s = make_transfer(m, h, move); break;
        case CRL_HINT_INTERRUPT: *move = (crl_tpu_move){ .kind = CRL_TPU_EVENT }; break;
        case CRL_HINT_FENCE: *move = (crl_tpu_move){ .kind = CRL_TPU_FENCE }; break;
        case CRL_HINT_CHUNK:
            *move = (crl_tpu_move){ .kind = CRL_TPU_SEND, .tag = CRL_TPU_INSTRUCTIONS, .memory = patched(e, &e->chunks[h->chunk], m->pile),
                                    .bytes = e->chunks[h->chunk].size };
            if (!move->memory) s = crl_fail_memory(m->err, "a program for an Edge TPU");
            break;
        }
        if (s) return s;
    }
    return CRL_OK;
}

/* --- inputs and outputs ------------------------------------------------------------------------------------- */

static size_t elements_bytes(const crl_package_layer *layer)
{
    return (size_t)layer->y_dim * (size_t)layer->x_dim * (size_t)layer->z_dim * (size_t)crl_package_element(layer);
}

/* How far transfers of an input go, which may be past its end. */
static size_t reach(const crl_executable *e, int32_t layer)
{
    size_t most = 0;
    for (int32_t i = 0; i < e->n_hints; i++) {
        const crl_hint *h = &e->hints[i];
        if (h->kind == CRL_HINT_TRANSFER && h->base == CRL_BASE_INPUT && h->layer == layer && h->offset + h->size > most)
            most = h->offset + h->size;
    }
    return most;
}

static int32_t find_tensor(const char *name, int32_t layer, int32_t n_layers, const char *const *names, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (!strcmp(names[i], name)) return i;
    return n_layers == n ? layer : -1; /* some compilers gave names of their own */
}

static crl_status make_ports(const maker *m, bool outputs, const crl_tpu_tensors *t)
{
    const crl_executable *e = m->e;
    const int32_t n = outputs ? e->n_outputs : e->n_inputs;
    const crl_package_layer *layers = outputs ? e->outputs : e->inputs;
    crl_tpu_port *ports = crl_pile_array(m->pile, (size_t)n, sizeof *ports);
    if (!ports) return crl_fail_memory(m->err, "a program for an Edge TPU");
    for (int32_t i = 0; i < n; i++) {
        const size_t bytes = elements_bytes(&layers[i]);
        const int32_t k = outputs ? find_tensor(layers[i].name, i, n, t->out, t->n_out) : find_tensor(layers[i].name, i, n, t->in, t->n_in);
        if (k < 0) return crl_fail(m->err, CRL_ERR_FORMAT, "layer \"%s\" of the package is no tensor of the operator", layers[i].name);
        const size_t have = outputs ? t->out_bytes[k] : t->in_bytes[k];
        if (bytes != have)
            return crl_fail(m->err, CRL_ERR_FORMAT, "layer \"%s\" of the package has %zu bytes, the tensor %zu", layers[i].name, bytes, have);
        size_t room = layers[i].bytes > bytes ? layers[i].bytes : bytes;
        if (!outputs && reach(e, i) > room) room = reach(e, i);
        ports[i] = (crl_tpu_port){ .layer = &layers[i], .tensor = k, .bytes = bytes, .room = room };
        if (!outputs && !crl_tpu_is_signed(&layers[i]) && reach(e, i) <= bytes) continue;
        ports[i].buffer = crl_pile_alloc(m->pile, room);
        if (!ports[i].buffer) return crl_fail_memory(m->err, "a program for an Edge TPU");
    }
    *(outputs ? &m->program->out : &m->program->in) = ports;
    return CRL_OK;
}

/* Mixes in bytes, eight at a time. */
static uint64_t mix(uint64_t hash, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, n - i < 8 ? n - i : 8);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return hash;
}

/* What a program brings into the chip, and to where, which its instructions say. */
static uint64_t number_of(const crl_executable *caching)
{
    uint64_t hash = mix(1, caching->parameters, caching->parameter_bytes);
    for (int32_t i = 0; i < caching->n_chunks; i++) hash = mix(hash, caching->chunks[i].bytes, caching->chunks[i].size);
    return hash;
}

/* What later compilers ask of a driver nobody knows here. */
enum { NEWEST_RUNTIME = 14 };

crl_status crl_tpu_program_make(crl_tpu_program *program, const crl_package *package, const crl_tpu_tensors *tensors, crl_pile *pile,
                                crl_error *err)
{
    const crl_executable *running = package->running;
    *program = (crl_tpu_program){ .package = package };
    if (package->caching) program->token = running->token, program->number = number_of(package->caching);
    if (package->min_runtime > NEWEST_RUNTIME)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the package asks for version %d of the vendor's runtime, and what came up to %d is known here: "
                        "compile the model with edgetpu_compiler --min_runtime_version %d", package->min_runtime, NEWEST_RUNTIME, NEWEST_RUNTIME);
    if (!running->deterministic)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the chip asks for transfers that the package does not list, which USB cannot serve: "
                        "compile the model with a newer compiler, or run it on the CPU");
    if (running->batch != 1)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the package is for %d inputs at a time, 1 is supported", running->batch);
    maker m = { .program = program, .e = running, .pile = pile, .err = err };
    crl_status s = make_ports(&m, false, tensors);
    if (!s) s = make_ports(&m, true, tensors);
    if (!s) s = make_script(&m, &program->running);
    if (s || !package->caching) return s;
    m.e = package->caching;
    return make_script(&m, &program->caching);
}

static void turn_over(uint8_t *bytes, size_t n, const crl_package_layer *layer)
{
    const size_t element = (size_t)crl_package_element(layer);
    for (size_t i = element - 1; i < n; i += element) bytes[i] ^= 0x80;
}

void crl_tpu_port_fill(crl_tpu_port *port, const void *data)
{
    port->now = data;
    if (!port->buffer) return;
    memcpy(port->buffer, data, port->bytes);
    if (crl_tpu_is_signed(port->layer)) turn_over(port->buffer, port->bytes, port->layer);
}

void crl_tpu_port_read(const crl_tpu_port *port, void *data)
{
    const crl_package_layer *l = port->layer;
    const crl_output_layout *at = &l->layout;
    if (!at->n_tiles) {
        memcpy(data, port->buffer, port->bytes);
    } else {
        const size_t place = (size_t)l->z_dim * (size_t)crl_package_element(l);
        uint8_t *out = data;
        for (int32_t y = 0; y < l->y_dim; y++)
            for (int32_t x = 0; x < l->x_dim; x++, out += place) {
                const int64_t from = (int64_t)at->tile_offset[at->y_tile[y] + at->x_tile[x]] +
                                     (int64_t)at->y_row[y] * at->x_row_bytes[x] + at->x_offset[x];
                memcpy(out, port->buffer + from, place);
            }
    }
    if (crl_tpu_is_signed(l)) turn_over(data, port->bytes, l);
}
