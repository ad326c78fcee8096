/* SPDX-License-Identifier: Apache-2.0 */
/* corallite devices: the Edge TPUs that are plugged in. */
#include <stdio.h>
#include <string.h>

#include <corallite/device.h>

#include "cmd.h"
#include "io/json.h"
#include "io/say.h"
#include "args/verb.h"

typedef struct devices_settings {
    cli_common_settings common;
    cli_list none;
} devices_settings;

enum { MOST = 64 };

static const char *const examples[] = {
    "corallite devices",
    "one line for each; 2-1.4 is bus 2, port 1, port 4 of the hub there",
    NULL,
};

static const cli_part parts[] = { { &cli_common_group, offsetof(devices_settings, common) }, { NULL, 0 } };

static const char *access_of(const crl_device *d)
{
    return d->access == CRL_DEVICE_USABLE ? "usable" : d->access == CRL_DEVICE_FORBIDDEN ? "forbidden" : "unusable";
}

static bool is_pcie(const crl_device *d)
{
    return d->vendor == CRL_DEVICE_PCI_VENDOR;
}

/* "usb:1", the second one of its kind. */
static void write_name(char name[16], const crl_device *devices, int32_t i)
{
    int number = 0;
    for (int32_t k = 0; k < i; k++) number += is_pcie(&devices[k]) == is_pcie(&devices[i]);
    snprintf(name, 16, "%s:%d", is_pcie(&devices[i]) ? "pci" : "usb", number);
}

static void print_json(const crl_device *devices, int32_t n)
{
    json_t *all = json_array();
    for (int32_t i = 0; i < n; i++) {
        const crl_device *d = &devices[i];
        char id[16], name[16];
        snprintf(id, sizeof id, "%04x:%04x", d->vendor, d->product);
        write_name(name, devices, i);
        json_t *o = json_object();
        json_object_set_new(o, "index", json_integer(i));
        json_object_set_new(o, "name", json_string(name));
        json_object_set_new(o, "place", json_string(d->place));
        json_object_set_new(o, "id", json_string(id));
        json_object_set_new(o, "firmware", json_boolean(d->has_firmware));
        json_object_set_new(o, "megabits", d->megabits ? json_integer(d->megabits) : json_null());
        json_object_set_new(o, "clock_mhz", d->clock_mhz ? json_integer(d->clock_mhz) : json_null());
        json_object_set_new(o, "celsius", d->millidegrees ? json_real((double)d->millidegrees / 1000) : json_null());
        json_object_set_new(o, "access", json_string(access_of(d)));
        json_array_append_new(all, o);
    }
    cli_json_print(all, stdout);
    putchar('\n');
}

/* A line for each, and what is in the way of it. */
static void print_text(const crl_device *devices, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        const crl_device *d = &devices[i];
        char clock[32] = "", name[16], heat[32] = "";
        write_name(name, devices, i);
        if (d->millidegrees) snprintf(heat, sizeof heat, ", %.0f C", (double)d->millidegrees / 1000);
        if (d->clock_mhz) snprintf(clock, sizeof clock, ", %d MHz", (int)d->clock_mhz);
        printf("%s  %-10s %04x:%04x  %s%s%s%s\n", name, d->place, d->vendor, d->product,
               is_pcie(d)           ? "PCIe"
               : d->megabits >= 5000  ? "USB 3"
               : d->megabits == 480 ? "USB 2, ten times slower than it could be: try a blue port and its own cable"
               : d->megabits == 12  ? "USB 1, too slow: try another cable or port"
                                    : "USB",
               clock, heat, d->has_firmware ? "" : ", gets its firmware when it is used");
        if (d->access == CRL_DEVICE_FORBIDDEN && is_pcie(d))
            puts("       you may not open it: sudo adduser $USER apex, and log in anew");
        else if (d->access == CRL_DEVICE_FORBIDDEN)
            puts("       you may not open it: sudo corallite setup gives everybody at this machine the right to");
        if (d->access == CRL_DEVICE_UNUSABLE) puts("       it cannot be opened: corallite doctor tells why");
    }
}

static int devices(const void *settings)
{
    const devices_settings *s = settings;
    crl_device list[MOST];
    crl_error err;
    int32_t n;
    if (crl_devices_list(list, MOST, &n, &err)) return cli_failed(&err);
    if (n > MOST) n = MOST;
    if (s->common.json)
        print_json(list, n);
    else
        print_text(list, n);
    if (n) return CLI_DONE;
    if (!s->common.json)
        cli_error("no Edge TPU on the USB or PCIe; plug one in, directly rather than into a hub without power of its own; corallite doctor looks for what "
                  "keeps it from showing up");
    return CLI_DEVICE;
}

const cli_verb cli_devices = {
    .name = "devices",
    .summary = "list the Edge TPUs that are plugged in",
    .operand = "",
    .about = "Lists Edge TPUs on PCIe and on the USB: the name as in MODEL@usb:N, the place, what it calls itself, its link, and "
             "the clock that it runs at when it is "
             "used (corallite setup); of one on PCIe also how warm it is. Exit code 3 where there is none.",
    .json = "[{\"index\", \"name\", \"place\", \"id\", \"firmware\", \"megabits\", \"clock_mhz\", \"celsius\", \"access\"}]",
    .parts = parts,
    .examples = examples,
    .settings_bytes = sizeof(devices_settings),
    .operands_at = offsetof(devices_settings, none),
    .common_at = offsetof(devices_settings, common),
    .run = devices
};
