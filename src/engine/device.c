/* SPDX-License-Identifier: Apache-2.0 */
/* Which Edge TPU an engine uses: see device.h and include/corallite/device.h. */
#include "engine/device.h"

#include <corallite/device.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/edgetpu/emulator/backend.h"
#include "backend/edgetpu/firmware.h"
#include "backend/edgetpu/libusb.h"
#include "base/error.h"

enum { MOST_STICKS = 64 };

/* --- places -------------------------------------------------------------------------------------------------- */

/* As the kernel names it. */
static void write_place(char text[CRL_DEVICE_PLACE], const crl_usb_place *place)
{
    int n = snprintf(text, CRL_DEVICE_PLACE, "%d", place->bus);
    for (int i = 0; i < place->depth && i < CRL_USB_PORTS; i++)
        n += snprintf(text + n, (size_t)(CRL_DEVICE_PLACE - n), i ? ".%d" : "-%d", place->port[i]);
}

/* "usb:1" and ":1" are the second one, "usb" and "" the one that fewest engines use, "2-1.4" that place. `*any` is true where
 * no place was named. */
static crl_status choose(crl_usb_place *place, bool *any, const char *name, const crl_usb_place *places, int n, crl_error *err)
{
    const char *number = strchr(name, ':');
    *any = !*name || !strcmp(name, "usb");
    if (*any) return CRL_OK;
    for (int i = 0; i < n; i++) {
        char text[CRL_DEVICE_PLACE];
        write_place(text, &places[i]);
        char *end;
        const bool is_named = number ? strtol(number + 1, &end, 10) == i && end != number + 1 && !*end : !strcmp(name, text);
        if (!is_named) continue;
        *place = places[i];
        return CRL_OK;
    }
    if (!strncmp(name, "pci", 3))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "device \"%s\": Edge TPUs on PCIe are driven by --backend edgetpu:vendor alone", name);
    if (!number && !strchr(name, '-'))
        return crl_fail(err, CRL_ERR_ARGUMENT, "device \"%s\": \"usb:N\" is the N-th stick from 0 on, \"2-1.4\" the one at that place", name);
    return crl_fail(err, CRL_ERR_DEVICE, "no Edge TPU \"%s\": there %s %d; `corallite devices` lists them", name, n == 1 ? "is" : "are", n);
}

/* --- clocks -------------------------------------------------------------------------------------------------- */

static bool read_clock(crl_tpu_clock *clock, const char *word)
{
    static const char *const words[] = { [CRL_TPU_MAX] = "max", [CRL_TPU_HIGH] = "high", [CRL_TPU_MEDIUM] = "medium", [CRL_TPU_LOW] = "low" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(word, words[i])) {
            *clock = (crl_tpu_clock)i;
            return true;
        }
    return false;
}

/* `asked` NULL: nobody asks for one. */
static crl_status choose_clock(crl_tpu_clock *clock, const char *asked, crl_error *err)
{
    char word[16] = "";
    const char *named = getenv("CRL_TPU_CLOCK");
    *clock = CRL_TPU_HIGH;
    if (asked)
        return read_clock(clock, asked) ? CRL_OK : crl_fail(err, CRL_ERR_ARGUMENT, "clock \"%s\": max, high, medium and low are known", asked);
    if (named && *named)
        return read_clock(clock, named) ? CRL_OK : crl_fail(err, CRL_ERR_ARGUMENT, "CRL_TPU_CLOCK=%s: max, high, medium and low are known", named);
    FILE *f = fopen(CRL_CLOCK_FILE, "r");
    if (!f) return CRL_OK;
    if (fgets(word, sizeof word, f)) word[strcspn(word, " \t\r\n")] = 0;
    fclose(f);
    return read_clock(clock, word)
               ? CRL_OK
               : crl_fail(err, CRL_ERR_FORMAT,
                          CRL_CLOCK_FILE ": max, high, medium and low are known; `corallite setup` writes it anew");
}

/* --- an engine's -------------------------------------------------------------------------------------------- */

static crl_status find(crl_engine_device *d, const crl_usb **usb, bool *any, const char *name, crl_error *err)
{
    crl_usb_place places[MOST_STICKS];
    int n = 0;
    crl_status s = crl_libusb(usb, err);
    if (!s) s = crl_tpu_list(*usb, places, MOST_STICKS, &n, err);
    if (!s && !n)
        s = crl_fail(err, CRL_ERR_DEVICE, "no Edge TPU on the USB: plug one in, or leave --backend and the device out to run on the processor");
    return s ? s : choose(&d->place, any, name ? name : "", places, n, err);
}

static void set(crl_engine_device *d, crl_engine_setup *setup, const crl_model *twin)
{
    d->list[0] = &d->backend;
    d->list[1] = &crl_backend_cpu;
    setup->device = d->list;
    setup->twin = twin;
    setup->alone = !twin;
}

static bool is_emulator(const crl_engine_options *options)
{
    return options->device && !strcmp(options->device, CRL_DEVICE_EMULATOR);
}

crl_status crl_engine_device_find(crl_engine_device *d, crl_engine_setup *setup, const crl_model *model,
                                  const crl_engine_options *options, crl_error *err)
{
    const bool vendor = options->backend == CRL_BACKEND_EDGETPU_VENDOR, wanted = vendor || options->backend == CRL_BACKEND_EDGETPU;
    bool any;
    *d = (crl_engine_device){ .edgetpu = { .model = model } };
    if (wanted && !crl_model_is_compiled(model))
        return crl_fail(
            err, CRL_ERR_UNSUPPORTED,
            "an Edge TPU runs compiled models only, and this one is not: `corallite check` tells whether it can "
            "be, and `corallite compile` may do it");
    if (!crl_model_is_compiled(model) || (!wanted && options->backend != CRL_BACKEND_AUTO)) return CRL_OK;
    if (vendor) {
        const crl_status s = crl_vendor_find(&d->vendor, options->device, err);
        if (s) return s;
        d->backend = crl_vendor_backend(&d->vendor);
        set(d, setup, options->twin);
        return CRL_OK;
    }
    if (is_emulator(options)) {
        d->backend = crl_emulator_backend(model);
        d->list[0] = &d->backend;
        d->list[1] = &crl_backend_cpu;
        setup->backends = d->list;
        return CRL_OK;
    }
    crl_status s = find(d, &d->edgetpu.usb, &any, options->device, err);
    if (s) return wanted || s == CRL_ERR_ARGUMENT ? s : CRL_OK;
    if (!any) d->edgetpu.place = &d->place;
    s = choose_clock(&d->edgetpu.options.clock, options->clock, err);
    if (s) return s;
    if (crl_firmware_find(&d->firmware, NULL, false, &d->no_firmware)) d->edgetpu.options.no_firmware = d->no_firmware.text;
    d->edgetpu.options.firmware = d->firmware;
    d->edgetpu.canaries = &d->canaries;
    d->backend = crl_edgetpu_backend(&d->edgetpu);
    set(d, setup, options->twin);
    return CRL_OK;
}

crl_status crl_engine_device_is_there(bool *there, const crl_engine_options *options, crl_error *err)
{
    crl_engine_device d = { 0 };
    bool any;
    *there = false;
    if (options->backend != CRL_BACKEND_AUTO && options->backend != CRL_BACKEND_EDGETPU) return CRL_OK;
    *there = is_emulator(options);
    if (*there) return CRL_OK;
    const crl_status s = find(&d, &d.edgetpu.usb, &any, options->device, err);
    *there = !s;
    return s == CRL_ERR_ARGUMENT ? s : CRL_OK;
}

void crl_engine_device_release(crl_engine_device *d)
{
    crl_canaries_release(&d->canaries);
    crl_firmware_free(&d->firmware);
}

/* --- looking ------------------------------------------------------------------------------------------------- */

static crl_device_access try_open(const crl_usb *usb, const crl_usb_place *place)
{
    void *handle;
    const crl_usb_result result = usb->open(usb, place, &handle);
    if (result == CRL_USB_OK) usb->close(usb, handle);
    return result == CRL_USB_OK ? CRL_DEVICE_USABLE : result == CRL_USB_FORBIDDEN ? CRL_DEVICE_FORBIDDEN : CRL_DEVICE_UNUSABLE;
}

crl_status crl_devices_list(crl_device *devices, int32_t most, int32_t *n, crl_error *err)
{
    static const int32_t clocks[] = { [CRL_TPU_MAX] = 500, [CRL_TPU_HIGH] = 250, [CRL_TPU_MEDIUM] = 125, [CRL_TPU_LOW] = 63 };
    static const int32_t megabits[] = { [CRL_USB_SPEED_UNKNOWN] = 0, [CRL_USB_FULL] = 12, [CRL_USB_HIGH] = 480, [CRL_USB_SUPER] = 5000 };
    crl_usb_place places[MOST_STICKS];
    const crl_usb *usb;
    int there = 0;
    *n = 0;
    crl_status s = crl_libusb(&usb, err);
    if (!s) s = crl_tpu_list(usb, places, MOST_STICKS, &there, err);
    if (s) return s;
    crl_tpu_clock clock;
    const int32_t clock_mhz = choose_clock(&clock, NULL, NULL) ? 0 : clocks[clock];
    for (int i = 0; i < there && i < most; i++) {
        devices[i] = (crl_device){ .vendor = places[i].vendor, .product = places[i].product, .has_firmware = crl_tpu_is_ready(&places[i]),
                                   .megabits = megabits[places[i].speed], .access = try_open(usb, &places[i]), .clock_mhz = clock_mhz };
        write_place(devices[i].place, &places[i]);
    }
    *n = there;
    return CRL_OK;
}
