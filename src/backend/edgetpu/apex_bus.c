/* SPDX-License-Identifier: Apache-2.0 */
/* PCIe as what Edge TPUs hang on: see bus.h.
 *
 * What a program needs is laid down once for each chip: instructions with the chip's addresses in them, parameters where they are,
 * scratch memory. Inputs and outputs are the chip's while it runs, and the process' before and after: not all machines keep their caches
 * true to what a device does. */
#include <stdlib.h>
#include <string.h>

#include "backend/edgetpu/bus.h"
#include "base/alloc.h"
#include "base/error.h"

/* One executable of a program. */
typedef struct half {
    const crl_executable *e;
    crl_apex_buffer *chunks; /* [e->n_chunks] */
    crl_apex_buffer parameters, scratch;
} half;

typedef struct laid_down {
    struct laid_down *next;
    const crl_tpu_program *program;
    half caching, running; /* e is NULL: there is none */
    crl_apex_buffer *in, *out;
    int32_t n_in, n_out;
} laid_down;

typedef struct chip {
    crl_apex apex;
    crl_place place;
    crl_tpu_clock clock;
    laid_down *all;
    bool is_running; /* a program that did not come to its end */
} chip;

/* --- programs -------------------------------------------------------------------------------------------------- */

static void free_buffers(crl_apex_buffer *buffers, int32_t n)
{
    for (int32_t i = 0; buffers && i < n; i++) crl_apex_buffer_free(&buffers[i]);
    crl_free(buffers);
}

static void free_half(half *h)
{
    if (!h->e) return;
    free_buffers(h->chunks, h->e->n_chunks);
    crl_apex_buffer_free(&h->parameters);
    crl_apex_buffer_free(&h->scratch);
}

/* None of it is mapped. */
static void free_program(laid_down *d)
{
    free_half(&d->caching);
    free_half(&d->running);
    free_buffers(d->in, d->n_in);
    free_buffers(d->out, d->n_out);
    crl_free(d);
}

static void free_programs(chip *c)
{
    for (laid_down *d = c->all, *next; d; d = next) {
        next = d->next;
        free_program(d);
    }
    c->all = NULL;
}

static crl_status make_buffers(crl_apex_buffer **out, int32_t n, const crl_tpu_port *ports, crl_apex *a, crl_error *err)
{
    crl_apex_buffer *buffers = *out = crl_alloc_array((size_t)n, sizeof *buffers);
    crl_status s = buffers ? CRL_OK : crl_fail_memory(err, "an Edge TPU");
    for (int32_t i = 0; !s && i < n; i++) {
        s = crl_apex_buffer_make(&buffers[i], ports[i].room, err);
        if (!s) s = crl_apex_place(a, &buffers[i], err);
    }
    return s;
}

static crl_status place_and_map(crl_apex *a, crl_apex_buffer *b, crl_apex_direction direction, crl_error *err)
{
    const crl_status s = crl_apex_place(a, b, err);
    return s ? s : crl_apex_map(a, b, direction, err);
}

/* Parameters are read where they are, but for such as lie askew. */
static crl_status lay_parameters(half *h, crl_apex *a, crl_error *err)
{
    enum { ALIGNED = 8 }; /* the least that the chip's transfers take */
    const crl_executable *e = h->e;
    if (!e->parameter_bytes) return CRL_OK;
    if ((uintptr_t)e->parameters % ALIGNED) {
        const crl_status s = crl_apex_buffer_make(&h->parameters, e->parameter_bytes, err);
        if (s) return s;
        memcpy(h->parameters.memory, e->parameters, e->parameter_bytes);
    } else {
        h->parameters = (crl_apex_buffer){ .memory = (uint8_t *)(uintptr_t)e->parameters, .bytes = e->parameter_bytes }; /* only read */
    }
    return place_and_map(a, &h->parameters, CRL_APEX_TO_CHIP, err);
}

typedef struct linker {
    const laid_down *d;
    const half *h;
    bool lost; /* there is no such layer */
} linker;

static uint64_t address_of(void *user, crl_package_base base, int32_t layer)
{
    linker *l = user;
    switch (base) {
    case CRL_BASE_PARAMETERS: return l->h->parameters.address;
    case CRL_BASE_SCRATCH: return l->h->scratch.address;
    case CRL_BASE_INPUT:
        if (layer < l->d->n_in && layer < l->h->e->n_inputs) return l->d->in[layer].address;
        break;
    case CRL_BASE_OUTPUT:
        if (layer < l->d->n_out && layer < l->h->e->n_outputs) return l->d->out[layer].address;
        break;
    }
    l->lost = true;
    return 0;
}

/* Inputs and outputs have their addresses. */
static crl_status lay_half(half *h, const laid_down *d, const crl_executable *e, crl_apex *a, crl_error *err)
{
    linker l = { d, h, false };
    h->e = e;
    h->chunks = crl_alloc_array((size_t)e->n_chunks, sizeof *h->chunks);
    if (!h->chunks) return crl_fail_memory(err, "an Edge TPU");
    crl_status s = lay_parameters(h, a, err);
    if (!s && e->scratch_bytes) {
        s = crl_apex_buffer_make(&h->scratch, e->scratch_bytes, err);
        if (!s) s = place_and_map(a, &h->scratch, CRL_APEX_BOTH, err);
    }
    for (int32_t i = 0; !s && i < e->n_chunks; i++) {
        s = crl_apex_buffer_make(&h->chunks[i], e->chunks[i].size, err);
        if (s) break;
        crl_tpu_link(h->chunks[i].memory, e, &e->chunks[i], address_of, &l);
        s = l.lost ? crl_fail(err, CRL_ERR_FORMAT, "the package's program asks for the address of a layer that it has not")
                   : place_and_map(a, &h->chunks[i], CRL_APEX_TO_CHIP, err);
    }
    return s;
}

static bool give_buffers_up(crl_apex *a, crl_apex_buffer *buffers, int32_t n)
{
    bool ok = true;
    for (int32_t i = 0; buffers && i < n; i++) ok &= !crl_apex_give_up(a, &buffers[i], NULL);
    return ok;
}

static bool give_half_up(half *h, crl_apex *a)
{
    bool ok = !h->e || give_buffers_up(a, h->chunks, h->e->n_chunks);
    ok &= !crl_apex_give_up(a, &h->parameters, NULL);
    return !crl_apex_give_up(a, &h->scratch, NULL) && ok;
}

/* Memory that the kernel does not take back from the chip is nobody else's before the chip is reset. */
static void give_up(laid_down *d, crl_apex *a)
{
    bool ok = give_half_up(&d->caching, a);
    ok &= give_half_up(&d->running, a);
    ok &= give_buffers_up(a, d->in, d->n_in);
    ok &= give_buffers_up(a, d->out, d->n_out);
    if (!ok) crl_apex_leave(a);
    free_program(d);
}

static crl_status lay_down(laid_down **out, crl_apex *a, const crl_tpu_program *program, crl_error *err)
{
    const crl_package *package = program->package;
    laid_down *d = crl_alloc(sizeof *d);
    if (!d) return crl_fail_memory(err, "an Edge TPU");
    *d = (laid_down){ .program = program, .n_in = package->running->n_inputs, .n_out = package->running->n_outputs };
    crl_status s = make_buffers(&d->in, d->n_in, program->in, a, err);
    if (!s) s = make_buffers(&d->out, d->n_out, program->out, a, err);
    if (!s) s = lay_half(&d->running, d, package->running, a, err);
    if (!s && package->caching) s = lay_half(&d->caching, d, package->caching, a, err);
    if (s)
        give_up(d, a);
    else
        *out = d;
    return s;
}

static crl_status find(laid_down **out, chip *c, const crl_tpu_program *program, crl_error *err)
{
    for (*out = c->all; *out; *out = (*out)->next)
        if ((*out)->program == program) return CRL_OK;
    const crl_status s = lay_down(out, &c->apex, program, err);
    if (s) return s;
    (*out)->next = c->all;
    c->all = *out;
    return CRL_OK;
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

static void fill(const crl_apex_buffer *b, const crl_tpu_port *port)
{
    memcpy(b->memory, port->buffer ? port->buffer : port->now, port->buffer ? port->room : port->bytes);
}

static crl_status map_ports(crl_apex *a, laid_down *d, crl_error *err)
{
    crl_status s = CRL_OK;
    for (int32_t i = 0; !s && i < d->n_in; i++) s = crl_apex_map(a, &d->in[i], CRL_APEX_TO_CHIP, err);
    for (int32_t i = 0; !s && i < d->n_out; i++) s = crl_apex_map(a, &d->out[i], CRL_APEX_FROM_CHIP, err);
    return s;
}

static crl_status unmap_ports(crl_apex *a, laid_down *d, crl_error *err)
{
    crl_status s = CRL_OK;
    for (int32_t i = 0; !s && i < d->n_in; i++) s = crl_apex_unmap(a, &d->in[i], err);
    for (int32_t i = 0; !s && i < d->n_out; i++) s = crl_apex_unmap(a, &d->out[i], err);
    return s;
}

static crl_status execute(crl_apex *a, const half *h, uint64_t until, crl_error *err)
{
    return crl_apex_execute(a, h->chunks, h->e->n_chunks, until, err);
}

static crl_status run(void *of, const crl_tpu_program *program, bool caching, uint64_t patience, crl_error *err)
{
    chip *c = of;
    crl_apex *a = &c->apex;
    const uint64_t until = a->system->now(a->system) + patience;
    laid_down *d;
    if (a->fd < 0) return crl_fail(err, CRL_ERR_DEVICE, "it was reset when another program's memory could not be taken back from it");
    crl_status s = find(&d, c, program, err);
    if (s) return s;
    for (int32_t i = 0; i < d->n_in; i++) fill(&d->in[i], &program->in[i]);
    s = map_ports(a, d, err);
    if (!s && caching) s = execute(a, &d->caching, until, err);
    if (!s) s = execute(a, &d->running, until, err);
    if (!s) s = unmap_ports(a, d, err);
    c->is_running = s != CRL_OK;
    for (int32_t i = 0; !s && i < d->n_out; i++) memcpy(program->out[i].buffer, d->out[i].memory, program->out[i].room);
    return s;
}

/* The chip may still write where it was to before it failed. */
static void forget(void *of, const crl_tpu_program *program)
{
    chip *c = of;
    if (c->is_running) crl_apex_leave(&c->apex);
    c->is_running = false;
    for (laid_down **at = &c->all; *at; at = &(*at)->next)
        if ((*at)->program == program) {
            laid_down *d = *at;
            *at = d->next;
            give_up(d, &c->apex);
            return;
        }
}

/* --- the bus ------------------------------------------------------------------------------------------------------ */

static int by_number(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static crl_status list(const crl_bus *bus, crl_place *places, int most, int *n, crl_error *err)
{
    (void)err;
    const crl_apex_system *system = bus->own;
    int32_t numbers[CRL_APEX_MOST];
    *n = system->list(system, numbers, most < CRL_APEX_MOST ? most : CRL_APEX_MOST);
    qsort(numbers, (size_t)*n, sizeof *numbers, by_number);
    for (int i = 0; i < *n; i++) places[i] = (crl_place){ .pci = true, .number = numbers[i] };
    return CRL_OK;
}

static crl_status told(const chip *c, crl_status s, crl_error *err)
{
    char text[CRL_USB_PLACE_TEXT];
    return s ? crl_within(err, s, "Edge TPU on %s", crl_place_text(text, &c->place)) : CRL_OK;
}

static crl_status open_chip(const crl_bus *bus, const crl_place *place, const crl_tpu_options *options, void **out, crl_error *err)
{
    chip *c = crl_alloc(sizeof *c);
    if (!c) return crl_fail_memory(err, "an Edge TPU");
    *c = (chip){ .place = *place, .clock = options->clock };
    const crl_status s = told(c, crl_apex_open(&c->apex, bus->own, place->number, c->clock, err), err);
    if (s)
        crl_free(c);
    else
        *out = c;
    return s;
}

/* All that the kernel knew of it is gone with the file. */
static crl_status start_anew(void *of, crl_error *err)
{
    chip *c = of;
    const crl_apex_system *system = c->apex.system;
    crl_apex_leave(&c->apex);
    free_programs(c);
    c->is_running = false;
    return told(c, crl_apex_open(&c->apex, system, c->place.number, c->clock, err), err);
}

static crl_status close_chip(void *of, bool faulty, crl_error *err)
{
    chip *c = of;
    crl_status s = CRL_OK;
    if (faulty || c->is_running)
        crl_apex_leave(&c->apex);
    else if (c->apex.fd >= 0)
        s = told(c, crl_apex_close(&c->apex, err), err);
    free_programs(c);
    crl_free(c);
    return s;
}

static void wait_for(const crl_bus *bus, unsigned ms)
{
    const crl_apex_system *system = bus->own;
    system->sleep(system, ms);
}

static uint64_t now(const crl_bus *bus)
{
    const crl_apex_system *system = bus->own;
    return system->now(system);
}

crl_bus crl_apex_bus(const crl_apex_system *system)
{
    return (crl_bus){ .own = system, .list = list, .open = open_chip, .run = run, .forget = forget, .start_anew = start_anew, .close = close_chip,
                      .sleep = wait_for, .now = now };
}
