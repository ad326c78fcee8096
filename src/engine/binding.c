/* SPDX-License-Identifier: Apache-2.0 */
/* Bindings: see binding.h. */
#include "engine/binding.h"

#include <stddef.h>
#include <string.h>

/* --- making ------------------------------------------------------------------------------------------- */

/* An input that is written by nothing but the caller. */
static int32_t input_value(const crl_schedule *first, int32_t tensor)
{
    return first->graph->writer[tensor] < 0 ? crl_schedule_storage(first, tensor) : -1;
}

/* An output that steps write; of two that share their storage, the first. */
static int32_t output_value(const crl_schedule *first, int32_t tensor)
{
    const int32_t value = crl_schedule_storage(first, tensor);
    if (value < 0 || first->values[value].outside) return -1;
    return value >= first->graph->def->n_tensors || first->graph->writer[value] >= 0 ? value : -1;
}

static crl_status make_ports(crl_binding *b, const crl_graph *g, crl_error *err)
{
    b->host = g->host;
    b->pile.account = crl_host_account(g->host);
    b->n_in = g->def->n_inputs;
    b->n_out = g->def->n_outputs;
    b->in = crl_pile_array(&b->pile, (size_t)b->n_in, sizeof *b->in);
    b->out = crl_pile_array(&b->pile, (size_t)b->n_out, sizeof *b->out);
    return b->in && b->out ? CRL_OK : crl_fail_memory(err, "the inputs and outputs");
}

/* Room for a port, behind what there is. */
static bool add_room(size_t *whole, const crl_tensor *t)
{
    enum { LINE = 64 };
    return crl_size_add(*whole, t->bytes, whole) && crl_size_add(*whole, LINE - 1, whole) && (*whole &= ~(size_t)(LINE - 1), true);
}

static void fill_port(const crl_binding *b, crl_port *port, const crl_tensor *t, size_t *at)
{
    *port = (crl_port){ .own = b->block + *at, .bytes = t->bytes, .type = t->type };
    add_room(at, t);
}

/* One block for all; ports of no bytes have an address, too. */
static crl_status make_block(crl_binding *b, const crl_ends *ends, const crl_schedule *first, crl_error *err)
{
    const crl_subgraph *def = first->graph->def;
    const crl_tensor *tensors = first->graph->tensors;
    size_t whole = 0;
    bool fits = true;
    for (int32_t i = 0; i < b->n_in; i++)
        if (ends->in[i] >= 0) fits = fits && add_room(&whole, &tensors[def->inputs[i]]);
    for (int32_t i = 0; i < b->n_out; i++)
        if (ends->out[i] >= 0) fits = fits && add_room(&whole, &tensors[def->outputs[i]]);
    if (!fits) return crl_fail(err, CRL_ERR_MEMORY, "the inputs and outputs do not fit into memory");
    const size_t taken = crl_pages_bytes(whole);
    crl_status s = crl_host_hold(b->host, taken, "the inputs and outputs", err);
    if (s) return s;
    b->held = taken;
    b->block = crl_pages_new(whole);
    if (!b->block) return crl_fail(err, CRL_ERR_MEMORY, "no memory for inputs and outputs of %zu bytes", whole);
    size_t at = 0;
    for (int32_t i = 0; i < b->n_in; i++)
        if (ends->in[i] >= 0) fill_port(b, &b->in[i], &tensors[def->inputs[i]], &at);
    for (int32_t i = 0; i < b->n_out; i++)
        if (ends->out[i] >= 0) fill_port(b, &b->out[i], &tensors[def->outputs[i]], &at);
    b->bytes = whole;
    return CRL_OK;
}

/* Where the program that made the ports had no place for it, there is none. */
static crl_status check_port(const crl_port *port, crl_schedule *first, const char *what, int32_t i, int32_t *value, crl_error *err)
{
    if (*value < 0) return CRL_OK;
    const crl_tensor *t = first->values[*value].tensor;
    const size_t bytes = t->bytes;
    if (port->own && port->type != t->type)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%s %d is %s, and %s in the model that is to stand in for it", what, i,
                        crl_type_name(t->type), crl_type_name(port->type));
    if (port->own && port->bytes != bytes)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%s %d has %zu bytes, and %zu in the model that is to stand in for it", what, i,
                        bytes, port->bytes);
    first->values[*value].outside = port->own;
    if (!port->own) *value = -1;
    return CRL_OK;
}

static crl_status check_ports(const crl_binding *b, crl_ends *ends, crl_schedule *first, crl_error *err)
{
    const crl_subgraph *def = first->graph->def;
    if (def->n_inputs != b->n_in || def->n_outputs != b->n_out)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%d inputs and %d outputs, and %d and %d in the model that is to stand in for it",
                        def->n_inputs, def->n_outputs, b->n_in, b->n_out);
    crl_status s = CRL_OK;
    for (int32_t i = 0; !s && i < b->n_in; i++)
        s = check_port(&b->in[i], first, "input", i, &ends->in[i], err);
    for (int32_t i = 0; !s && i < b->n_out; i++)
        s = check_port(&b->out[i], first, "output", i, &ends->out[i], err);
    return s;
}

/* --- placing ------------------------------------------------------------------------------------------ */

static void *place_of(const crl_port *port)
{
    return port->bound ? port->bound : port->own;
}

static void place(const crl_binding *b, crl_ends *ends, crl_schedule *first)
{
    for (int32_t i = 0; i < b->n_in; i++)
        if (ends->in[i] >= 0) crl_schedule_place(first, ends->in[i], place_of(&b->in[i]));
    for (int32_t i = 0; i < b->n_out; i++)
        if (ends->out[i] >= 0) crl_schedule_place(first, ends->out[i], place_of(&b->out[i]));
    ends->moves = b->moves;
}

crl_status crl_binding_attach(crl_binding *b, crl_ends *ends, crl_schedule *first, crl_error *err)
{
    crl_graph *g = first->graph;
    const crl_subgraph *def = g->def;
    ends->in = crl_pile_array(&g->pile, (size_t)def->n_inputs, sizeof *ends->in);
    ends->out = crl_pile_array(&g->pile, (size_t)def->n_outputs, sizeof *ends->out);
    if (!ends->in || !ends->out) return crl_fail_memory(err, "the graph");
    /* Of inputs that are one tensor the last one counts (program.h). */
    for (int32_t i = def->n_inputs - 1; i >= 0; i--) {
        const int32_t value = input_value(first, def->inputs[i]);
        ends->in[i] = value < 0 || first->values[value].outside ? -1 : value;
        if (ends->in[i] >= 0) first->values[value].outside = true;
    }
    for (int32_t i = 0; i < def->n_outputs; i++) {
        ends->out[i] = output_value(first, def->outputs[i]);
        if (ends->out[i] >= 0) first->values[ends->out[i]].outside = true;
    }
    crl_status s = b->in ? check_ports(b, ends, first, err) : make_ports(b, g, err);
    if (!s && !b->block) s = make_block(b, ends, first, err);
    if (!s) place(b, ends, first);
    return s;
}

void crl_binding_release(crl_binding *b)
{
    crl_pages_free(b->block);
    if (b->host) crl_host_drop(b->host, b->held);
    crl_pile_free(&b->pile);
    *b = (crl_binding){ 0 };
}

/* --- the caller's memory ------------------------------------------------------------------------------ */

/* What the compiler may expect of a pointer to an element; no kernel expects more. On i386 eight bytes lie at multiples of 4. */
static size_t alignment(crl_type type)
{
    struct widest {
        char c;
        int64_t i;
    };
    const size_t bytes = crl_type_bytes(type), most = offsetof(struct widest, i);
    return type == CRL_COMPLEX64 ? 4 : bytes > most ? most : bytes ? bytes : 1;
}

crl_status crl_binding_bind(crl_binding *b, crl_port *port, const crl_tensor *t, void *data, size_t bytes, crl_error *err)
{
    const size_t step = alignment(t->type);
    if (data && (uintptr_t)data % step)
        return crl_fail(err, CRL_ERR_ARGUMENT, "memory at %p: elements of %s lie at multiples of %zu", data, crl_type_name(t->type),
                        step);
    if (data && bytes < t->bytes)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%zu bytes are too few, the tensor \"%.60s\" has %zu", bytes, t->name, t->bytes);
    port->bound = data;
    port->bound_bytes = data ? bytes : 0;
    b->moves++;
    b->unchecked = true;
    return CRL_OK;
}

static bool overlap(const crl_port *a, const crl_port *b)
{
    const uintptr_t from_a = (uintptr_t)a->bound, from_b = (uintptr_t)b->bound;
    return a->bound && b->bound && from_a < from_b + b->bound_bytes && from_b < from_a + a->bound_bytes;
}

static crl_status check_overlap(const crl_binding *b, crl_error *err)
{
    for (int32_t i = 0; i < b->n_out; i++) {
        for (int32_t k = 0; k < b->n_in; k++)
            if (overlap(&b->out[i], &b->in[k]))
                return crl_fail(err, CRL_ERR_ARGUMENT, "output %d is bound to memory that input %d is bound to, too", i, k);
        for (int32_t k = 0; k < i; k++)
            if (overlap(&b->out[i], &b->out[k]))
                return crl_fail(err, CRL_ERR_ARGUMENT, "output %d is bound to memory that output %d is bound to, too", i, k);
    }
    return CRL_OK;
}

/* --- runs --------------------------------------------------------------------------------------------- */

crl_status crl_binding_begin(crl_binding *b, crl_ends *ends, crl_schedule *first, crl_error *err)
{
    if (b->unchecked) {
        crl_status s = check_overlap(b, err);
        if (s) return s;
        b->unchecked = false;
    }
    if (ends->moves != b->moves) {
        place(b, ends, first);
        crl_schedule_settle(first);
    }
    const crl_graph *g = first->graph;
    for (int32_t i = 0; i < b->n_in; i++) {
        const crl_tensor *t = &g->tensors[g->def->inputs[i]];
        const void *from = place_of(&b->in[i]);
        if (ends->in[i] < 0 && from && t->bytes) memcpy(t->data, from, t->bytes);
    }
    return CRL_OK;
}

crl_status crl_binding_end(const crl_binding *b, const crl_ends *ends, const crl_graph *g, crl_error *err)
{
    for (int32_t i = 0; i < b->n_out; i++) {
        const crl_tensor *t = &g->tensors[g->def->outputs[i]];
        if (ends->out[i] >= 0 || !b->out[i].bound) continue;
        if (t->bytes > b->out[i].bound_bytes)
            return crl_fail(err, CRL_ERR_ARGUMENT, "output %d has %zu bytes by now, and memory of %zu is bound to it", i, t->bytes,
                            b->out[i].bound_bytes);
        if (t->bytes) memcpy(b->out[i].bound, t->data, t->bytes);
    }
    return CRL_OK;
}
