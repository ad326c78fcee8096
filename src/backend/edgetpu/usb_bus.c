/* SPDX-License-Identifier: Apache-2.0 */
/* The USB as what Edge TPUs hang on: see bus.h. */
#include "backend/edgetpu/bus.h"
#include "backend/edgetpu/stream.h"
#include "base/alloc.h"
#include "base/error.h"

enum { MOST_LISTED = 64, MOST_INBOX = 64, DRAIN_MS = 50 };

static const uint64_t START_NS = 2000000000;

typedef struct chip {
    crl_tpu tpu;
    crl_stream stream;
    crl_tpu_clock clock;
} chip;

static crl_status list(const crl_bus *bus, crl_place *places, int most, int *n, crl_error *err)
{
    crl_usb_place found[MOST_LISTED];
    const crl_status s = crl_tpu_list(bus->own, found, most < MOST_LISTED ? most : MOST_LISTED, n, err);
    for (int i = 0; !s && i < *n; i++) places[i] = (crl_place){ .usb = found[i] };
    return s;
}

static crl_status open_chip(const crl_bus *bus, const crl_place *place, const crl_tpu_options *options, void **out, crl_error *err)
{
    chip *c = crl_alloc(sizeof *c);
    if (!c) return crl_fail_memory(err, "an Edge TPU");
    c->clock = options->clock;
    crl_status s = crl_tpu_open(&c->tpu, bus->own, &place->usb, options, err);
    if (!s) {
        s = crl_stream_init(&c->stream, &c->tpu, MOST_INBOX, err);
        if (s) crl_tpu_close(&c->tpu, NULL);
    }
    if (s)
        crl_free(c);
    else
        *out = c;
    return s;
}

static crl_status run(void *of, const crl_tpu_program *p, bool caching, uint64_t patience, crl_error *err)
{
    crl_stream *s = &((chip *)of)->stream;
    s->status = CRL_OK;
    s->err = err;
    s->until = s->usb->now(s->usb) + patience;
    if (caching) crl_stream_play(s, &p->caching);
    crl_stream_play(s, &p->running);
    crl_stream_finish(s, caching ? 2 : 1);
    s->err = NULL;
    return s->status;
}

/* A stick whose program stalled still answers at its registers, and is started anew; one that does not is beyond help, and a
 * reset of its port would take it off the bus. */
static crl_status start_anew(void *of, crl_error *err)
{
    chip *c = of;
    const crl_usb *usb = c->tpu.usb;
    if (!crl_stream_cancel(&c->stream)) return crl_fail(err, CRL_ERR_DEVICE, "the system does not give transfers back");
    crl_stream_drain(&c->stream, DRAIN_MS);
    crl_stream_cancel(&c->stream);
    crl_registers r = { .usb = usb, .handle = c->tpu.handle, .until = usb->now(usb) + START_NS, .err = err };
    if (crl_registers_start(&r, c->clock, c->tpu.separate, c->tpu.wide))
        return crl_within(err, r.status, "it does not answer: unplug it and plug it in again");
    return CRL_OK;
}

/* Halting a chip kills it while a program runs, as one that stalled still does: that is put to an end before. Where the system keeps
 * transfers, their memory stays. */
static crl_status close_chip(void *of, bool faulty, crl_error *err)
{
    chip *c = of;
    const bool answers = !faulty || !start_anew(c, NULL);
    if (!crl_stream_cancel(&c->stream)) return crl_fail(err, CRL_ERR_DEVICE, "the system does not give transfers back");
    crl_stream_release(&c->stream);
    const crl_status s = answers ? crl_tpu_close(&c->tpu, err) : CRL_OK;
    if (!answers) crl_tpu_leave(&c->tpu);
    crl_free(c);
    return s;
}

static void wait_for(const crl_bus *bus, unsigned ms)
{
    const crl_usb *usb = bus->own;
    usb->sleep(usb, ms);
}

static uint64_t now(const crl_bus *bus)
{
    const crl_usb *usb = bus->own;
    return usb->now(usb);
}

crl_bus crl_usb_bus(const crl_usb *usb)
{
    return (crl_bus){ .own = usb, .list = list, .open = open_chip, .run = run, .start_anew = start_anew, .close = close_chip, .sleep = wait_for,
                      .now = now };
}
