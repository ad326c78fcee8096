/* SPDX-License-Identifier: Apache-2.0 */
/* The stick in software: see sim.h. */
#include "sim.h"

#include <corallite/package.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/edgetpu/device.h"

enum { MOST_MODELS = 8, MOST_TRANSFERS = 128, MOST_REGISTERS = 128, MOST_QUEUE = 256, BACK_MS = 1500, BLOCK = 256 };
enum { PACKET = 1024, SLOW_CHUNK = 256, MAX_UNWANTED = 48 << 10 };

static const uint64_t NS_PER_MS = 1000000;

typedef struct known {
    crl_package *package;
    const crl_model *twin;
    crl_engine *engine;
    bool cached;
} known;

typedef struct pending {
    crl_usb_transfer *transfer;
    bool hangs;
} pending;

/* What it has to say: an output, or with bytes NULL an event. */
typedef struct answer {
    uint8_t *bytes;
    size_t n, given;
} answer;

struct sim {
    pthread_mutex_t lock;
    crl_usb usb;
    uint64_t now, back;
    bool absent, ready, slow, dead, stalled, fatal;
    int handles, transfers, programs;
    /* faults */
    sim_fault fault;
    int fault_at;
    bool broken;
    /* firmware */
    int dfu_state;
    uint8_t *image;
    size_t image_bytes;
    /* registers */
    uint32_t address[MOST_REGISTERS];
    uint64_t value[MOST_REGISTERS];
    int n_registers;
    /* bulk data */
    uint8_t header[8];
    size_t n_header, n_data, want;
    uint8_t *data;
    size_t total, unwanted;
    pending list[MOST_TRANSFERS];
    int n_list;
    answer queue[MOST_QUEUE];
    int n_queue;
    /* the program that runs */
    known *models[MOST_MODELS];
    int n_models;
    known *running;
    const crl_executable *program;
    int32_t hint;
    uint64_t token;
    uint8_t **inputs;
    bool computed;
    char complaint[256];
};

static void complain(sim *s, const char *what)
{
    if (!*s->complaint) snprintf(s->complaint, sizeof s->complaint, "%s", what);
}

static void die(sim *s, const char *why)
{
    complain(s, why);
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

static void clear(sim *s)
{
    end_program(s);
    for (int i = 0; i < s->n_queue; i++) free(s->queue[i].bytes);
    s->n_queue = 0;
    s->n_header = s->n_data = s->want = s->unwanted = 0;
    for (int i = 0; i < s->n_models; i++) s->models[i]->cached = false;
    s->token = 0;
    s->stalled = false;
}

static bool same_chunk(const crl_chunk *c, const uint8_t *bytes, size_t n)
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
static bool begin_program(sim *s, const uint8_t *bytes, size_t n)
{
    for (int i = 0; i < s->n_models; i++)
        for (int32_t k = 0; k < s->models[i]->package->n_executables; k++) {
            const crl_executable *e = &s->models[i]->package->executables[k];
            if (!same_chunk(&e->chunks[e->hints[0].kind == CRL_HINT_CHUNK ? e->hints[0].chunk : 0], bytes, n)) continue;
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

static bool is_signed(const crl_package_layer *l)
{
    return l->type == CRL_LAYER_S8 || l->type == CRL_LAYER_S16;
}

/* The twin computes what the package would. */
static void compute(sim *s)
{
    const crl_executable *e = s->program;
    const crl_subgraph *g = &s->running->twin->subgraphs[0];
    for (int32_t i = 0; i < e->n_inputs; i++)
        for (int32_t k = 0; k < g->n_inputs; k++) {
            if (strcmp(g->tensors[g->inputs[k]].name, e->inputs[i].name) && e->n_inputs > 1) continue;
            crl_tensor *t = crl_engine_input(s->running->engine, k);
            memcpy(t->data, s->inputs[i], t->bytes);
            for (size_t b = 0; is_signed(&e->inputs[i]) && b < t->bytes; b++) ((uint8_t *)t->data)[b] ^= 0x80;
        }
    if (crl_engine_run(s->running->engine, NULL)) complain(s, "the twin does not run");
}

/* In the order of tiles. */
static uint8_t *laid_out(sim *s, const crl_package_layer *l)
{
    crl_tensor t;
    const int32_t index = tensor_named(s->running->twin, l->name);
    uint8_t *out = calloc(1, l->bytes);
    if (!out) abort();
    if (index < 0 || crl_engine_tensor(s->running->engine, index, &t, NULL) || !t.data) {
        complain(s, "the twin has no such output");
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
            for (size_t b = 0; b < place; b++) out[at + b] = (uint8_t)(in[b] ^ (is_signed(l) ? 0x80 : 0));
        }
    return out;
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
        if (!s->computed) compute(s);
        s->computed = true;
        uint8_t *all = h->base == CRL_BASE_OUTPUT && h->layer >= 0 ? laid_out(s, &s->program->outputs[h->layer]) : NULL;
        uint8_t *part = calloc(1, h->size);
        if (!part) abort();
        if (all) memcpy(part, all + h->offset, h->size);
        free(all);
        add_answer(s, part, h->size);
    }
    if (!s->program) return;
    s->programs++;
    if (s->program->kind == CRL_EXECUTABLE_CACHING) {
        if (s->token != s->program->token)
            for (int i = 0; i < s->n_models; i++) s->models[i]->cached = false;
        s->token = s->program->token;
        s->running->cached = true;
    }
    end_program(s);
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
    if (!s->program && tag == 0 && !begin_program(s, s->data, s->want)) {
        complain(s, "a program that is in no package");
        return;
    }
    if (!s->program) return;
    if (s->hint == 0 && s->program->kind == CRL_EXECUTABLE_RUNNING && (s->token != s->program->token || !s->running->cached))
        complain(s, "a program runs without its parameters");
    const crl_hint *h = &s->program->hints[s->hint];
    if (h->kind == CRL_HINT_CHUNK) {
        if (tag || !same_chunk(&s->program->chunks[h->chunk], s->data, s->want)) die(s, "another chunk than the one whose turn it is");
    } else if (tag != tags[h->base] || s->want != h->size) {
        die(s, "another transfer than the one whose turn it is");
    } else if (h->base == CRL_BASE_PARAMETERS && memcmp(s->data, s->program->parameters + h->offset, h->size)) {
        complain(s, "other parameters than those of the package");
    } else if (h->base == CRL_BASE_INPUT && h->layer >= 0 && h->offset < s->program->inputs[h->layer].bytes) {
        const size_t room = s->program->inputs[h->layer].bytes - h->offset;
        memcpy(s->inputs[h->layer] + h->offset, s->data, h->size < room ? h->size : room);
    }
    if (s->dead) return;
    s->hint++;
    advance(s);
}

static void take_bytes(sim *s, const uint8_t *bytes, size_t n)
{
    s->total += n;
    while (n && !s->dead) {
        if (s->n_header < sizeof s->header) {
            if (!s->n_header && has_output(s)) {
                die(s, "data goes out while output is due");
                return;
            }
            s->header[s->n_header++] = *bytes++;
            n--;
            if (s->n_header < sizeof s->header) continue;
            s->want = (size_t)s->header[0] | (size_t)s->header[1] << 8 | (size_t)s->header[2] << 16 | (size_t)s->header[3] << 24;
            if ((s->header[4] & 15) == 2 && !s->program) die(s, "parameters that no program wants");
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

static uint64_t read_register(sim *s, uint32_t address)
{
    if (address == 0x486f0) return s->fatal ? 8 : 0;
    return *cell(s, address);
}

static void write_register(sim *s, uint32_t address, uint64_t value)
{
    if (address == 0x44018 && value == 2 && s->program) die(s, "a halt while a program runs");
    *cell(s, address) = value;
    if (address != 0x1a318) return;
    const uint64_t asked = value >> 22 & 3;
    *cell(s, address) = (value & ~UINT64_C(0x300)) | (asked == 3 ? 0x200 : 0);
    if (asked == 3) { /* asleep: all is forgotten */
        clear(s);
        s->fatal = false;
        *cell(s, 0x44018) = 0;
    }
}

/* --- faults ----------------------------------------------------------------------------------------------------- */

static void lose_power(sim *s)
{
    clear(s);
    s->ready = s->dead = s->fatal = false;
    s->n_registers = 0;
    s->image_bytes = 0;
    s->dfu_state = 0;
    s->absent = true;
    s->back = s->now + BACK_MS * NS_PER_MS;
}

/* Counts a transfer; what is to happen to it. One in bulk that goes wrong takes the program with it. */
static sim_fault next_fault(sim *s, bool bulk)
{
    s->transfers++;
    if (s->fault == SIM_NONE || --s->fault_at > 0) return SIM_NONE;
    const sim_fault fault = s->fault;
    s->fault = SIM_NONE;
    s->broken = true;
    if (fault == SIM_UNPLUG) lose_power(s);
    if (fault == SIM_FATAL) s->fatal = true;
    if (bulk && fault != SIM_FATAL && fault != SIM_UNPLUG) s->stalled = true;
    return fault;
}

static crl_usb_result result_of(sim_fault fault)
{
    switch (fault) {
    case SIM_STALL: return CRL_USB_STALL;
    case SIM_FAIL: return CRL_USB_FAILED;
    case SIM_TIMEOUT: return CRL_USB_TIMEOUT;
    case SIM_UNPLUG: return CRL_USB_GONE;
    default: return CRL_USB_OK;
    }
}

/* --- calls ------------------------------------------------------------------------------------------------------- */

static sim *enter(void *own)
{
    sim *s = own;
    pthread_mutex_lock(&s->lock);
    return s;
}

static void leave(sim *s)
{
    pthread_mutex_unlock(&s->lock);
}

static bool is_there(sim *s)
{
    if (s->absent && s->back && s->now >= s->back) s->absent = false;
    return !s->absent;
}

static crl_usb_result list(const crl_usb *usb, crl_usb_place *places, int most, int *n)
{
    sim *s = enter(usb->own);
    *n = 0;
    if (is_there(s) && most)
        places[(*n)++] = (crl_usb_place){ .bus = 2, .depth = 2, .port = { 1, 4 }, .vendor = s->ready ? CRL_TPU_VENDOR : CRL_TPU_BOOT_VENDOR,
                                          .product = s->ready ? CRL_TPU_PRODUCT : CRL_TPU_BOOT_PRODUCT };
    leave(s);
    return CRL_USB_OK;
}

static crl_usb_result open_device(const crl_usb *usb, const crl_usb_place *place, void **handle)
{
    (void)place;
    sim *s = enter(usb->own);
    const bool there = is_there(s);
    *handle = there ? s : NULL;
    s->handles += there;
    leave(s);
    return there ? CRL_USB_OK : CRL_USB_GONE;
}

static void close_device(const crl_usb *usb, void *handle)
{
    (void)usb;
    sim *s = enter(handle);
    s->handles--;
    if (s->n_list) complain(s, "closed with transfers under way");
    leave(s);
}

static crl_usb_result claim(void *handle, int interface)
{
    (void)interface;
    sim *s = enter(handle);
    const bool there = is_there(s);
    leave(s);
    return there ? CRL_USB_OK : CRL_USB_GONE;
}

static void release(void *handle, int interface)
{
    (void)handle;
    (void)interface;
}

static crl_usb_result reset(void *handle)
{
    sim *s = enter(handle);
    crl_usb_result result = is_there(s) ? CRL_USB_OK : CRL_USB_GONE;
    if (s->dead) { /* that takes it off the bus */
        complain(s, "a port reset of a stick that is dead");
        s->absent = true;
        s->back = 0;
        result = CRL_USB_GONE;
    }
    if (!s->ready && s->image_bytes && s->dfu_state == 2) {
        s->ready = true;
        result = CRL_USB_GONE;
    }
    leave(s);
    return result;
}

static crl_usb_speed speed(void *handle)
{
    return ((sim *)handle)->slow ? CRL_USB_HIGH : CRL_USB_SUPER;
}

/* --- control transfers ---------------------------------------------------------------------------------------------- */

static size_t describe(const sim *s, const crl_usb_setup *setup, uint8_t *data)
{
    static const uint8_t configuration[] = { 9, 2, 27, 0, 1, 1, 0, 0xc0, 0x0c, 9, 4, 0, 0, 0, 0xfe, 1, 2, 0, 9, 0x21, 0x0f, 0xe8, 3,
                                             BLOCK & 255, BLOCK >> 8, 1, 1 };
    uint8_t device[18] = { 18, 1, 0x10, 3, 0, 0, 0, 9, 0x6e, 0x1a, 0x9a, 8, 0, 1, 0, 0, 0, 1 };
    if (s->ready) memcpy(device + 8, (uint8_t[]){ 0xd1, 0x18, 0x02, 0x93 }, 4);
    const uint8_t *from = setup->value == 0x100 ? device : configuration;
    const size_t have = setup->value == 0x100 ? sizeof device : sizeof configuration, n = have < setup->length ? have : setup->length;
    memcpy(data, from, n);
    return n;
}

static size_t speak_dfu(sim *s, const crl_usb_setup *setup, uint8_t *data)
{
    size_t n = setup->length;
    if (setup->request == 1) { /* download */
        if (!setup->value) s->image_bytes = 0;
        s->image = realloc(s->image, s->image_bytes + setup->length + 1);
        if (!s->image) abort();
        memcpy(s->image + s->image_bytes, data, setup->length);
        s->image_bytes += setup->length;
        s->dfu_state = setup->length ? 5 : 2;
    } else if (setup->request == 2) { /* upload */
        const size_t at = (size_t)setup->value * BLOCK;
        n = at < s->image_bytes ? s->image_bytes - at < BLOCK ? s->image_bytes - at : BLOCK : 0;
        memcpy(data, s->image + at, n);
    } else { /* status */
        memcpy(data, (uint8_t[]){ 0, 0, 0, 0, (uint8_t)s->dfu_state, 0 }, 6);
    }
    return n;
}

static size_t access_register(sim *s, const crl_usb_setup *setup, uint8_t *data)
{
    const uint32_t address = (uint32_t)setup->index << 16 | setup->value;
    uint64_t value = 0;
    if (setup->type & 0x80) {
        value = read_register(s, address);
        for (int i = 0; i < setup->length; i++) data[i] = (uint8_t)(value >> 8 * i);
    } else {
        for (int i = setup->length; i-- > 0;) value = value << 8 | data[i];
        write_register(s, address, value);
    }
    return setup->length;
}

static crl_usb_result control(void *handle, const crl_usb_setup *setup, void *data, unsigned limit_ms, size_t *done)
{
    sim *s = enter(handle);
    const sim_fault fault = next_fault(s, false);
    crl_usb_result result = result_of(fault);
    *done = 0;
    if (!is_there(s))
        result = CRL_USB_GONE;
    else if (s->dead || fault == SIM_HANG)
        result = CRL_USB_TIMEOUT;
    if (result == CRL_USB_TIMEOUT) s->now += limit_ms * NS_PER_MS;
    if (result == CRL_USB_OK) {
        *done = setup->type == 0x80 ? describe(s, setup, data)
                : setup->type & 0x20 ? speak_dfu(s, setup, data)
                                     : access_register(s, setup, data);
        if (fault == SIM_SHORT) *done /= 2;
        if (fault == SIM_GARBAGE && setup->type & 0x80) memset(data, 0xa5, *done);
    }
    leave(s);
    return result;
}

/* --- bulk transfers ---------------------------------------------------------------------------------------------------- */

static crl_usb_result submit(void *handle, crl_usb_transfer *t)
{
    sim *s = enter(handle);
    crl_usb_result result = is_there(s) ? CRL_USB_OK : CRL_USB_GONE;
    if (s->n_list == MOST_TRANSFERS) result = CRL_USB_NO_MEMORY;
    t->pending = result == CRL_USB_OK;
    t->done = 0;
    if (t->pending) s->list[s->n_list++] = (pending){ t, false };
    leave(s);
    return result;
}

static void end(sim *s, int i, crl_usb_result result)
{
    crl_usb_transfer *t = s->list[i].transfer;
    memmove(s->list + i, s->list + i + 1, (size_t)(--s->n_list - i) * sizeof *s->list);
    t->result = result;
    t->pending = false;
}

static void cancel(void *handle, crl_usb_transfer *t)
{
    sim *s = enter(handle);
    for (int i = 0; i < s->n_list; i++)
        if (s->list[i].transfer == t) {
            end(s, i, is_there(s) ? CRL_USB_CANCELLED : CRL_USB_GONE);
            break;
        }
    leave(s);
}

static void forget(void *handle, crl_usb_transfer *t)
{
    (void)handle;
    (void)t;
}

/* One transfer out; whether there was something to do. */
static bool do_out(sim *s)
{
    for (int i = 0; i < s->n_list; i++) {
        crl_usb_transfer *t = s->list[i].transfer;
        if (t->endpoint & 0x80) continue;
        if (s->stalled || s->dead || s->list[i].hangs) return false;
        const sim_fault fault = next_fault(s, true);
        if (fault == SIM_HANG) {
            s->list[i].hangs = true;
            return false;
        }
        t->done = fault == SIM_SHORT ? t->bytes / 2 : result_of(fault) == CRL_USB_OK ? t->bytes : 0;
        if (fault == SIM_NONE || fault == SIM_FATAL) take_bytes(s, t->data, t->bytes);
        end(s, i, result_of(fault));
        return true;
    }
    return false;
}

static void drop_answer(sim *s)
{
    free(s->queue[0].bytes);
    memmove(s->queue, s->queue + 1, (size_t)--s->n_queue * sizeof *s->queue);
}

static bool faulty_in(sim *s, int i, sim_fault fault)
{
    crl_usb_transfer *t = s->list[i].transfer;
    switch (fault) {
    case SIM_NONE: case SIM_FATAL: return false;
    case SIM_HANG: s->list[i].hangs = true; return true;
    case SIM_SHORT:
        t->done = t->bytes / 2;
        end(s, i, CRL_USB_OK);
        return true;
    case SIM_GARBAGE:
        memset(t->data, 0xa5, t->bytes);
        t->done = t->bytes;
        end(s, i, CRL_USB_OK);
        return true;
    default: end(s, i, result_of(fault)); return true;
    }
}

/* Output fills a transfer; a packet that is not full ends it. */
static void give_output(sim *s, int i)
{
    crl_usb_transfer *t = s->list[i].transfer;
    answer *a = &s->queue[0];
    const size_t packet = s->slow ? SLOW_CHUNK : PACKET, left = a->n - a->given, room = t->bytes - t->done;
    const size_t n = left < packet ? left : packet;
    if (n > room) {
        end(s, i, CRL_USB_OVERFLOW);
        return;
    }
    memcpy((uint8_t *)t->data + t->done, a->bytes + a->given, n);
    a->given += n;
    t->done += n;
    if (n < PACKET || t->done == t->bytes) end(s, i, CRL_USB_OK);
    if (a->given == a->n) drop_answer(s);
}

static void give_event(sim *s, int i)
{
    crl_usb_transfer *t = s->list[i].transfer;
    memset(t->data, 0, t->bytes);
    ((uint8_t *)t->data)[12] = 4;
    t->done = 16;
    drop_answer(s);
    end(s, i, CRL_USB_OK);
}

static bool do_in(sim *s)
{
    for (int i = 0; i < s->n_list; i++) {
        crl_usb_transfer *t = s->list[i].transfer;
        if (t->endpoint == 0x83 && s->fatal && !s->stalled) {
            memcpy(t->data, (uint8_t[4]){ 1 }, 4);
            t->done = 4;
            s->stalled = true;
            end(s, i, CRL_USB_OK);
            return true;
        }
        const bool wanted = s->n_queue && !s->stalled && !s->dead && !s->list[i].hangs && t->endpoint == (s->queue[0].bytes ? 0x81 : 0x82);
        if (!wanted) continue;
        if (!t->done && faulty_in(s, i, next_fault(s, true))) return true;
        if (s->absent) return true;
        if (s->queue[0].bytes)
            give_output(s, i);
        else
            give_event(s, i);
        return true;
    }
    return false;
}

static bool do_gone(sim *s)
{
    if (is_there(s) || !s->n_list) return false;
    while (s->n_list) end(s, 0, CRL_USB_GONE);
    return true;
}

/* Transfers whose limit is over: all that have one, for nothing else happens. */
static bool do_limits(sim *s, unsigned limit_ms)
{
    for (int i = 0; i < s->n_list; i++)
        if (s->list[i].transfer->limit_ms && s->list[i].transfer->limit_ms <= limit_ms) {
            s->now += limit_ms * NS_PER_MS;
            end(s, i, CRL_USB_TIMEOUT);
            return true;
        }
    return false;
}

static void events(void *handle, unsigned limit_ms)
{
    sim *s = enter(handle);
    if (!do_gone(s) && !do_out(s) && !do_in(s) && !do_limits(s, limit_ms)) s->now += limit_ms * NS_PER_MS;
    leave(s);
}

static void pause_for(const crl_usb *usb, unsigned ms)
{
    sim_wait(usb->own, ms);
}

static uint64_t now(const crl_usb *usb)
{
    return sim_now(usb->own);
}

/* --- from outside -------------------------------------------------------------------------------------------------------- */

uint64_t sim_now(void *own)
{
    sim *s = enter(own);
    const uint64_t t = s->now;
    leave(s);
    return t;
}

void sim_wait(sim *s, unsigned ms)
{
    enter(s);
    s->now += ms * NS_PER_MS;
    leave(s);
}

sim *sim_new(void)
{
    sim *s = calloc(1, sizeof *s);
    if (!s) abort();
    pthread_mutex_init(&s->lock, NULL);
    s->now = 1;
    s->usb = (crl_usb){ .name = "a stick in software", .own = s, .list = list, .open = open_device, .close = close_device, .claim = claim,
                        .release = release, .reset = reset, .speed = speed, .control = control, .submit = submit, .cancel = cancel,
                        .events = events, .forget = forget, .sleep = pause_for, .now = now };
    return s;
}

void sim_free(sim *s)
{
    clear(s);
    for (int i = 0; i < s->n_models; i++) {
        crl_engine_free(s->models[i]->engine);
        crl_package_close(s->models[i]->package);
        free(s->models[i]);
    }
    free(s->image);
    free(s->data);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void sim_add(sim *s, const crl_model *compiled, const crl_model *twin, crl_arithmetic arithmetic)
{
    known *k = calloc(1, sizeof *k);
    const crl_engine_options options = { .threads = 1, .keep_tensors = true, .arithmetic = arithmetic };
    if (!k || s->n_models == MOST_MODELS) abort();
    k->twin = twin;
    if (crl_package_open(&k->package, compiled, crl_find_compiled(compiled, 0), NULL) || crl_engine_new(&k->engine, twin, &options, NULL))
        complain(s, "a model or its twin cannot be made");
    s->models[s->n_models++] = k;
}

const crl_usb *sim_usb(sim *s)
{
    return &s->usb;
}

void sim_set_slow(sim *s, bool slow)
{
    s->slow = slow;
}

int sim_transfers(const sim *s)
{
    return s->transfers;
}

void sim_break(sim *s, sim_fault fault, int at)
{
    enter(s);
    s->fault = fault;
    s->fault_at = at;
    s->broken = false;
    leave(s);
}

bool sim_has_broken(const sim *s)
{
    return s->broken;
}

uint64_t sim_there_since(sim *s)
{
    enter(s);
    const uint64_t since = is_there(s) ? s->back : s->now;
    leave(s);
    return since;
}

void sim_plug(sim *s, bool in)
{
    enter(s);
    if (in) {
        s->absent = false;
        s->back = s->now;
    } else {
        lose_power(s);
        s->back = 0;
    }
    leave(s);
}

const char *sim_complaint(const sim *s)
{
    return s->complaint;
}

bool sim_is_dead(const sim *s)
{
    return s->dead;
}

int sim_programs(const sim *s)
{
    return s->programs;
}

size_t sim_sent(const sim *s)
{
    return s->total;
}

int sim_handles(const sim *s)
{
    return s->handles;
}
