/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing a stick: see device.h. */
#include "backend/edgetpu/device.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum {
    MOST_DEVICES = 127 * 4, /* that are looked at */
    RETURN_MS = 3900,       /* for a stick to come back to the bus */
    SETTLE_MS = 500,        /* after a reset of one that stays what it is */
    CLAIM_MS = 2000,        /* for another program to let go of it */
    READY_MS = 2000,        /* for registers that are waited for */
    POLL_MS = 20
};

static const uint64_t NS_PER_MS = 1000000;

bool crl_tpu_is_boot(const crl_usb_place *place)
{
    return place->vendor == CRL_TPU_BOOT_VENDOR && place->product == CRL_TPU_BOOT_PRODUCT;
}

bool crl_tpu_is_ready(const crl_usb_place *place)
{
    return place->vendor == CRL_TPU_VENDOR && place->product == CRL_TPU_PRODUCT;
}

static int by_place(const void *a, const void *b)
{
    const crl_usb_place *p = a, *q = b;
    const int bus = p->bus - q->bus;
    return bus ? bus : memcmp(p->port, q->port, sizeof p->port);
}

crl_status crl_tpu_list(const crl_usb *usb, crl_usb_place *places, int most, int *n, crl_error *err)
{
    crl_usb_place all[MOST_DEVICES];
    int there = 0;
    *n = 0;
    const crl_usb_result result = usb->list(usb, all, MOST_DEVICES, &there);
    if (result != CRL_USB_OK) return crl_fail(err, CRL_ERR_DEVICE, "listing the USB devices %s", crl_usb_result_text(result));
    if (there > MOST_DEVICES) there = MOST_DEVICES;
    qsort(all, (size_t)there, sizeof *all, by_place);
    for (int i = 0; i < there && *n < most; i++)
        if (crl_tpu_is_boot(&all[i]) || crl_tpu_is_ready(&all[i])) places[(*n)++] = all[i];
    return CRL_OK;
}

/* --- opening -------------------------------------------------------------------------------------------- */

typedef struct opening {
    crl_tpu *tpu;
    const crl_tpu_options *options;
    crl_error *err;
} opening;

static crl_status take(const opening *o)
{
    const crl_usb_result result = o->tpu->usb->open(o->tpu->usb, &o->tpu->place, &o->tpu->handle);
    if (result == CRL_USB_OK) return CRL_OK;
    o->tpu->handle = NULL;
    if (result == CRL_USB_FORBIDDEN)
        return crl_fail(o->err, CRL_ERR_DEVICE, "no permission to open it: a udev rule gives it, which `corallite setup` installs");
    return crl_fail(o->err, CRL_ERR_DEVICE, "opening it %s", crl_usb_result_text(result));
}

static void drop(const opening *o)
{
    if (o->tpu->handle) o->tpu->usb->close(o->tpu->usb, o->tpu->handle);
    o->tpu->handle = NULL;
}

/* Waits until what is wanted sits at the place. */
static crl_status wait_for(const opening *o, bool (*wanted)(const crl_usb_place *place))
{
    const crl_usb *usb = o->tpu->usb;
    const uint64_t end = usb->now(usb) + RETURN_MS * NS_PER_MS;
    for (;;) {
        crl_usb_place places[MOST_DEVICES];
        int n = 0;
        if (usb->list(usb, places, MOST_DEVICES, &n) == CRL_USB_OK)
            for (int i = 0; i < n && i < MOST_DEVICES; i++)
                if (crl_usb_same_place(&places[i], &o->tpu->place) && wanted(&places[i])) {
                    o->tpu->place = places[i];
                    return CRL_OK;
                }
        if (usb->now(usb) >= end)
            return crl_fail(o->err, CRL_ERR_DEVICE, "it did not come back to the bus within %d s: unplug it and plug it in again",
                            (RETURN_MS + 999) / 1000);
        usb->sleep(usb, POLL_MS);
    }
}

/* What it is, by its own word: 18 bytes. */
static crl_status identify(const opening *o, crl_usb_place *what)
{
    uint8_t bytes[18];
    const crl_usb_setup setup = { .type = 0x80, .request = 6, .value = 0x100, .length = sizeof bytes };
    size_t n = 0;
    const crl_usb_result result = crl_tpu_control(o->tpu->usb, o->tpu->handle, &setup, bytes, CRL_TPU_CONTROL_MS, &n);
    if (result != CRL_USB_OK || n != sizeof bytes)
        return crl_fail(o->err, CRL_ERR_DEVICE, "asking what it is %s: unplug it and plug it in again",
                        result == CRL_USB_OK ? "gave half an answer" : crl_usb_result_text(result));
    *what = o->tpu->place;
    what->vendor = (uint16_t)(bytes[8] | bytes[9] << 8);
    what->product = (uint16_t)(bytes[10] | bytes[11] << 8);
    if (crl_tpu_is_boot(what) || crl_tpu_is_ready(what)) return CRL_OK;
    return crl_fail(o->err, CRL_ERR_DEVICE, "%04x:%04x sits there, no Edge TPU", what->vendor, what->product);
}

/* A reset of the port, after which the handle is good for nothing. */
static crl_status reset(const opening *o, bool (*then)(const crl_usb_place *place), unsigned settle_ms)
{
    const crl_usb *usb = o->tpu->usb;
    const crl_usb_result result = usb->reset(o->tpu->handle);
    drop(o);
    if (result != CRL_USB_OK && result != CRL_USB_GONE)
        return crl_fail(o->err, CRL_ERR_DEVICE, "resetting its port %s", crl_usb_result_text(result));
    if (result == CRL_USB_OK) usb->sleep(usb, settle_ms);
    return wait_for(o, then);
}

static crl_status give_firmware(const opening *o, bool boots)
{
    crl_status s = CRL_OK;
    if (!o->options->firmware.n)
        return crl_fail(o->err, CRL_ERR_DEVICE, "%s", o->options->no_firmware ? o->options->no_firmware : "it needs firmware, and none is here");
    if (!boots) s = crl_dfu_detach(o->tpu->usb, o->tpu->handle, o->err);
    if (!s) s = reset(o, crl_tpu_is_boot, 0);
    if (!s) s = take(o);
    if (!s) s = crl_dfu_download(o->tpu->usb, o->tpu->handle, &o->options->firmware, o->err);
    return s ? s : reset(o, crl_tpu_is_ready, 0);
}

static crl_status claim(const opening *o)
{
    const crl_usb *usb = o->tpu->usb;
    const uint64_t end = usb->now(usb) + CLAIM_MS * NS_PER_MS;
    crl_usb_result result;
    while ((result = usb->claim(o->tpu->handle, 0)) == CRL_USB_BUSY && usb->now(usb) < end) usb->sleep(usb, 100);
    if (result == CRL_USB_OK) return CRL_OK;
    if (result == CRL_USB_BUSY)
        return crl_fail(o->err, CRL_ERR_DEVICE, "another program uses it: a stick serves one at a time; stop the other (`corallite doctor` "
                        "names it)");
    return crl_fail(o->err, CRL_ERR_DEVICE, "claiming it %s", crl_usb_result_text(result));
}

static crl_status start(const opening *o)
{
    crl_tpu *tpu = o->tpu;
    const crl_usb *usb = tpu->usb;
    const crl_usb_speed speed = usb->speed(tpu->handle);
    tpu->wide = speed == CRL_USB_SUPER;
    tpu->separate = o->options->separate;
    if (speed == CRL_USB_FULL)
        return crl_fail(o->err, CRL_ERR_DEVICE, "its link runs at 12 Mbit/s: try another cable or port");
    crl_status s = claim(o);
    if (s) return s;
    crl_registers r = { .usb = usb, .handle = tpu->handle, .until = usb->now(usb) + READY_MS * NS_PER_MS, .err = o->err };
    s = crl_registers_start(&r, o->options->clock, o->options->separate, tpu->wide);
    if (s) usb->release(tpu->handle, 0);
    return s;
}

crl_status crl_tpu_open(crl_tpu *tpu, const crl_usb *usb, const crl_usb_place *place, const crl_tpu_options *options, crl_error *err)
{
    *tpu = (crl_tpu){ .usb = usb, .place = *place };
    const opening o = { tpu, options, err };
    crl_usb_place what = { 0 };
    crl_status s = take(&o);
    if (!s) s = identify(&o, &what);
    if (!s && (crl_tpu_is_boot(&what) || options->firmware_anew))
        s = give_firmware(&o, crl_tpu_is_boot(&what));
    else if (!s)
        s = reset(&o, crl_tpu_is_ready, SETTLE_MS);
    if (!s) s = take(&o);
    if (!s) s = start(&o);
    if (!s) return CRL_OK;
    drop(&o);
    char text[CRL_USB_PLACE_TEXT];
    return crl_within(err, s, "Edge TPU on %s", crl_usb_place_text(text, place));
}

crl_status crl_tpu_close(crl_tpu *tpu, crl_error *err)
{
    const crl_usb *usb = tpu->usb;
    crl_registers r = { .usb = usb, .handle = tpu->handle, .until = usb->now(usb) + READY_MS * NS_PER_MS, .err = err };
    const crl_status s = crl_registers_stop(&r);
    crl_tpu_leave(tpu);
    char text[CRL_USB_PLACE_TEXT];
    return s ? crl_within(err, s, "Edge TPU on %s", crl_usb_place_text(text, &tpu->place)) : CRL_OK;
}

void crl_tpu_leave(crl_tpu *tpu)
{
    tpu->usb->release(tpu->handle, 0);
    tpu->usb->close(tpu->usb, tpu->handle);
    tpu->handle = NULL;
}
