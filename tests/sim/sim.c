/* SPDX-License-Identifier: Apache-2.0 */
/* The stick in software as a transport: what USB asks of it, and its faults. See sim.h. */
#include <corallite/device.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/edgetpu/device.h"
#include "sim_inside.h"

enum { BACK_MS = 1500, BLOCK = 256, SLOW_CHUNK = 256 };

static const uint64_t NS_PER_MS = 1000000;

/* --- time ------------------------------------------------------------------------------------------------------ */

static uint64_t clock_of(const sim *s)
{
    struct timespec t;
    if (!s->real) return s->now;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 * NS_PER_MS + (uint64_t)t.tv_nsec;
}

/* Lets time pass; others may do something in it. */
static void pass(sim *s, unsigned ms)
{
    s->now += ms * NS_PER_MS;
    if (!s->real) return;
    pthread_mutex_unlock(&s->lock);
    nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 }, NULL);
    pthread_mutex_lock(&s->lock);
}

/* --- faults ----------------------------------------------------------------------------------------------------- */

static void lose_power(sim *s)
{
    sim_chip_clear(s);
    s->ready = s->dead = s->fatal = false;
    s->n_registers = 0;
    s->image_bytes = 0;
    s->dfu_state = 0;
    s->absent = true;
    s->back = clock_of(s) + BACK_MS * NS_PER_MS;
}

/* Counts a transfer; what is to happen to it. One in bulk that goes wrong takes the program with it. */
sim_fault sim_next_fault(sim *s, bool bulk)
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

bool sim_is_there(sim *s)
{
    if (s->absent && s->back && clock_of(s) >= s->back) s->absent = false;
    return !s->absent;
}

static crl_usb_result list(const crl_usb *usb, crl_usb_place *places, int most, int *n)
{
    sim *s = enter(usb->own);
    *n = 0;
    if (sim_is_there(s) && most)
        places[(*n)++] = (crl_usb_place){ .bus = 2, .depth = 2, .port = { 1, 4 }, .vendor = s->ready ? CRL_TPU_VENDOR : CRL_TPU_BOOT_VENDOR,
                                          .product = s->ready ? CRL_TPU_PRODUCT : CRL_TPU_BOOT_PRODUCT };
    leave(s);
    return CRL_USB_OK;
}

static crl_usb_result open_device(const crl_usb *usb, const crl_usb_place *place, void **handle)
{
    (void)place;
    sim *s = enter(usb->own);
    const bool there = sim_is_there(s);
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
    if (s->n_list && !s->handles) sim_complain(s, "closed with transfers under way");
    leave(s);
}

static crl_usb_result claim(void *handle, int interface)
{
    (void)interface;
    sim *s = enter(handle);
    const bool there = sim_is_there(s);
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
    crl_usb_result result = sim_is_there(s) ? CRL_USB_OK : CRL_USB_GONE;
    if (s->dead) { /* that takes it off the bus */
        sim_complain(s, "a port reset of a stick that is dead");
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
        value = sim_chip_read(s, address);
        for (int i = 0; i < setup->length; i++) data[i] = (uint8_t)(value >> 8 * i);
    } else {
        for (int i = setup->length; i-- > 0;) value = value << 8 | data[i];
        sim_chip_write(s, address, value);
    }
    return setup->length;
}

static crl_usb_result control(void *handle, const crl_usb_setup *setup, void *data, unsigned limit_ms, size_t *done)
{
    sim *s = enter(handle);
    const sim_fault fault = sim_next_fault(s, false);
    crl_usb_result result = result_of(fault);
    *done = 0;
    if (!sim_is_there(s))
        result = CRL_USB_GONE;
    else if (s->dead || fault == SIM_HANG)
        result = CRL_USB_TIMEOUT;
    if (result == CRL_USB_TIMEOUT) pass(s, limit_ms);
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
    crl_usb_result result = sim_is_there(s) ? CRL_USB_OK : CRL_USB_GONE;
    if (s->n_list == MOST_TRANSFERS) result = CRL_USB_NO_MEMORY;
    t->pending = result == CRL_USB_OK;
    t->done = 0;
    if (t->pending) s->list[s->n_list++] = (pending){ t, false, clock_of(s) + t->limit_ms * NS_PER_MS };
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
            end(s, i, sim_is_there(s) ? CRL_USB_CANCELLED : CRL_USB_GONE);
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
        const sim_fault fault = sim_next_fault(s, true);
        if (fault == SIM_HANG) {
            s->list[i].hangs = true;
            return false;
        }
        t->done = fault == SIM_SHORT ? t->bytes / 2 : result_of(fault) == CRL_USB_OK ? t->bytes : 0;
        if (fault == SIM_NONE || fault == SIM_FATAL) sim_chip_take(s, t->data, t->bytes);
        end(s, i, result_of(fault));
        return true;
    }
    return false;
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
    if (a->given == a->n) sim_chip_drop_answer(s);
}

static void give_event(sim *s, int i)
{
    crl_usb_transfer *t = s->list[i].transfer;
    memset(t->data, 0, t->bytes);
    ((uint8_t *)t->data)[12] = 4;
    t->done = 16;
    sim_chip_drop_answer(s);
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
        if (!t->done && faulty_in(s, i, sim_next_fault(s, true))) return true;
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
    if (sim_is_there(s) || !s->n_list) return false;
    while (s->n_list) end(s, 0, CRL_USB_GONE);
    return true;
}

/* Transfers whose limit is over; where time stands still, all that have one, for nothing else happens. */
static bool do_limits(sim *s, unsigned limit_ms)
{
    for (int i = 0; i < s->n_list; i++) {
        const unsigned limit = s->list[i].transfer->limit_ms;
        if (!limit || (s->real ? clock_of(s) < s->list[i].until : limit > limit_ms)) continue;
        if (!s->real) pass(s, limit_ms);
        end(s, i, CRL_USB_TIMEOUT);
        return true;
    }
    return false;
}

static void events(void *handle, unsigned limit_ms)
{
    sim *s = enter(handle);
    if (!do_gone(s) && !do_out(s) && !do_in(s) && !do_limits(s, limit_ms)) pass(s, s->real && limit_ms ? 1 : limit_ms);
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
    const uint64_t t = clock_of(s);
    leave(s);
    return t;
}

void sim_wait(sim *s, unsigned ms)
{
    enter(s);
    pass(s, ms);
    leave(s);
}

void sim_set_real(sim *s)
{
    s->real = true;
}

sim *sim_new(void)
{
    sim *s = calloc(1, sizeof *s);
    if (!s) abort();
    pthread_mutex_init(&s->lock, NULL);
    s->now = 1;
    s->divider = -1;
    s->usb = (crl_usb){ .name = "a stick in software", .own = s, .list = list, .open = open_device, .close = close_device, .claim = claim,
                        .release = release, .reset = reset, .speed = speed, .control = control, .submit = submit, .cancel = cancel,
                        .events = events, .forget = forget, .sleep = pause_for, .now = now };
    return s;
}

void sim_free(sim *s)
{
    sim_chip_clear(s);
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
    const crl_engine_options options = { .threads = 1, .keep_tensors = true, .arithmetic = arithmetic,
                                         .backend = twin ? CRL_BACKEND_AUTO : CRL_BACKEND_EDGETPU, .device = twin ? NULL : CRL_DEVICE_EMULATOR };
    if (!k || s->n_models == MOST_MODELS) abort();
    k->twin = twin ? twin : compiled;
    if (crl_package_open(&k->package, compiled, crl_find_compiled(compiled, 0), NULL) || crl_engine_new(&k->engine, k->twin, &options, NULL))
        sim_complain(s, "a model or its twin cannot be made");
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

void sim_set_wrong(sim *s, bool wrong)
{
    enter(s);
    s->wrong = wrong;
    leave(s);
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
    const uint64_t since = sim_is_there(s) ? s->back : clock_of(s);
    leave(s);
    return since;
}

void sim_plug(sim *s, bool in)
{
    enter(s);
    if (in) {
        s->absent = false;
        s->back = clock_of(s);
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

int sim_divider(const sim *s)
{
    return s->divider;
}

int sim_handles(const sim *s)
{
    return s->handles;
}
