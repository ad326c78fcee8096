/* SPDX-License-Identifier: Apache-2.0 */
/* Which Edge TPU an engine uses: see device.h and include/corallite/device.h. */
#include "engine/device.h"

#include <corallite/device.h>

#include <errno.h>
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
static void write_place(char text[CRL_DEVICE_PLACE], const crl_place *place)
{
    const crl_usb_place *usb = &place->usb;
    int n = place->pci ? snprintf(text, CRL_DEVICE_PLACE, "apex_%d", (int)place->number) : snprintf(text, CRL_DEVICE_PLACE, "%d", usb->bus);
    for (int i = 0; !place->pci && i < usb->depth && i < CRL_USB_PORTS; i++)
        n += snprintf(text + n, (size_t)(CRL_DEVICE_PLACE - n), i ? ".%d" : "-%d", usb->port[i]);
}

/* Edge TPUs on PCIe, then those on the USB. */
typedef struct found {
    crl_place places[MOST_STICKS];
    int n;
} found;

crl_status crl_engine_devices_look(crl_place *places, int most, int *n_found, const crl_bus *buses, int n_buses, crl_error *err)
{
    crl_status s = CRL_OK;
    *n_found = 0;
    for (int i = 0; i < n_buses; i++) {
        int n = 0;
        const crl_status failed = buses[i].list(&buses[i], places + *n_found, most - *n_found, &n, err);
        if (failed) s = failed;
        else *n_found += n;
    }
    return *n_found ? CRL_OK : s;
}

static crl_status look(found *f, const crl_bus *buses, int n_buses, crl_error *err)
{
    return crl_engine_devices_look(f->places, MOST_STICKS, &f->n, buses, n_buses, err);
}

/* Those that there are; `*no_usb` tells why one is missing. */
static int collect(crl_bus buses[2], crl_status *no_usb, crl_error *err)
{
    const crl_usb *usb;
    buses[0] = crl_apex_bus(crl_apex_linux());
    *no_usb = crl_libusb(&usb, err);
    if (*no_usb) return 1;
    buses[1] = crl_usb_bus(usb);
    return 2;
}

/* "usb:1" is the second one of that kind, "pci" any of it; "" and ":1" are of all. false: it is not made so. */
static bool read_name(const char *name, crl_device_kind *k, long *index)
{
    char *end;
    *k = !strncmp(name, "usb", 3) ? CRL_DEVICE_USB : !strncmp(name, "pci", 3) ? CRL_DEVICE_PCI : CRL_DEVICE_ANY;
    if (*k) name += 3;
    *index = -1;
    if (!*name) return true;
    if (*name != ':') return false;
    const long number = strtol(name + 1, &end, 10);
    if (end == name + 1 || *end || number < 0) return false;
    *index = number;
    return true;
}

static bool is_of(const crl_place *place, crl_device_kind k)
{
    return k == CRL_DEVICE_ANY || place->pci == (k == CRL_DEVICE_PCI);
}

/* The place that is named, by number or as the kernel has it. */
static const crl_place *named(const crl_place *places, int n, const char *name, crl_device_kind k, long index)
{
    for (int i = 0; i < n; i++) {
        char text[CRL_DEVICE_PLACE];
        write_place(text, &places[i]);
        if (index < 0 ? !strcmp(name, text) : is_of(&places[i], k) && index-- == 0) return &places[i];
    }
    return NULL;
}

crl_status crl_engine_device_choose(crl_place *place, bool *any, crl_device_kind *k, const char *name, const crl_place *places, int there,
                                    crl_error *err)
{
    long index;
    const bool plain = read_name(name, k, &index);
    int n = 0;
    for (int i = 0; i < there; i++) n += is_of(&places[i], plain ? *k : CRL_DEVICE_ANY);
    *any = plain && index < 0;
    const crl_place *at = *any ? NULL : named(places, there, name, *k, index);
    if (at) *place = *at;
    if (at || (*any && n)) return CRL_OK;
    if (!plain && !strchr(name, ':') && !strchr(name, '-') && strncmp(name, "apex_", 5))
        return crl_fail(err, CRL_ERR_ARGUMENT,
                        "device \"%s\": \"usb:N\" is the N-th stick from 0 on, \"2-1.4\" the one at that place, \"pci:N\" one on PCIe", name);
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

/* The buses that come into question, and the place on the first of them, unless `*any`. */
static crl_status find(crl_engine_device *d, bool *any, const char *name, crl_error *err)
{
    found f;
    crl_device_kind k;
    crl_status no_usb;
    int n = collect(d->buses, &no_usb, err);
    crl_status s = look(&f, d->buses, n, err);
    if (s) return s;
    if (!f.n && no_usb) return no_usb;
    if (!f.n)
        return crl_fail(err, CRL_ERR_DEVICE, "no Edge TPU on the USB or PCIe: plug one in, or leave --backend and the device out to run on the "
                        "processor");
    s = crl_engine_device_choose(&d->place, any, &k, name ? name : "", f.places, f.n, err);
    if (s) return s;
    const bool one = !*any || k != CRL_DEVICE_ANY, pci = *any ? k == CRL_DEVICE_PCI : d->place.pci;
    if (one && !pci) d->buses[0] = d->buses[1];
    d->edgetpu.buses = d->buses;
    d->edgetpu.n_buses = one ? 1 : n;
    return CRL_OK;
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
    crl_status s = find(d, &any, options->device, err);
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
    const crl_status s = find(&d, &any, options->device, err);
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

_Static_assert(CRL_APEX_VENDOR == CRL_DEVICE_PCI_VENDOR, "by which others tell them from sticks");

/* Opening one on PCIe would reset it: only permissions are looked at. */
static void describe_apex(crl_device *d, const crl_apex_system *system, int32_t number)
{
    const int code = system->access(system, number);
    d->vendor = CRL_APEX_VENDOR;
    d->product = CRL_APEX_PRODUCT;
    d->has_firmware = true;
    d->access = !code ? CRL_DEVICE_USABLE : code == -EACCES ? CRL_DEVICE_FORBIDDEN : CRL_DEVICE_UNUSABLE;
    d->millidegrees = system->millidegrees(system, number);
}

static void describe_stick(crl_device *d, const crl_usb *usb, const crl_usb_place *place)
{
    static const int32_t megabits[] = { [CRL_USB_SPEED_UNKNOWN] = 0, [CRL_USB_FULL] = 12, [CRL_USB_HIGH] = 480, [CRL_USB_SUPER] = 5000 };
    d->vendor = place->vendor;
    d->product = place->product;
    d->has_firmware = crl_tpu_is_ready(place);
    d->megabits = megabits[place->speed];
    d->access = try_open(usb, place);
}

crl_status crl_devices_list(crl_device *devices, int32_t most, int32_t *n, crl_error *err)
{
    static const int32_t clocks[] = { [CRL_TPU_MAX] = 500, [CRL_TPU_HIGH] = 250, [CRL_TPU_MEDIUM] = 125, [CRL_TPU_LOW] = 63 };
    crl_bus buses[2];
    crl_status no_usb;
    found f;
    *n = 0;
    const int n_buses = collect(buses, &no_usb, err);
    const crl_status s = look(&f, buses, n_buses, err);
    if (s) return s;
    if (!f.n) return no_usb;
    crl_tpu_clock clock;
    const int32_t clock_mhz = choose_clock(&clock, NULL, NULL) ? 0 : clocks[clock];
    for (int i = 0; i < f.n && i < most; i++) {
        devices[i] = (crl_device){ .clock_mhz = clock_mhz };
        write_place(devices[i].place, &f.places[i]);
        if (f.places[i].pci)
            describe_apex(&devices[i], buses[0].own, f.places[i].number);
        else
            describe_stick(&devices[i], buses[1].own, &f.places[i].usb);
    }
    *n = f.n;
    return CRL_OK;
}
