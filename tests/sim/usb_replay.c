/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the driver against recorded traffic of the vendor's driver, and says where they differ:
 *
 *   usb_replay CANON --models DIR [--models DIR]... [--firmware FILE]
 *
 * Exit status 0: equal; 1: not, and why; 2: wrong use; 77: a model of the recording is in none of the folders. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/edgetpu/device.h"
#include "canon.h"

enum { MOST_FOLDERS = 16, SINGLE_BYTES = 10783, SEPARATE_BYTES = 12117 };

typedef struct replay {
    const char *canon, *firmware, *folder[MOST_FOLDERS];
    int folders;
} replay;

static bool read_arguments(replay *r, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const bool more = i + 1 < argc;
        if (!strcmp(argv[i], "--models") && more && r->folders < MOST_FOLDERS)
            r->folder[r->folders++] = argv[++i];
        else if (!strcmp(argv[i], "--firmware") && more)
            r->firmware = argv[++i];
        else if (*argv[i] != '-' && !r->canon)
            r->canon = argv[i];
        else
            return false;
    }
    return r->canon;
}

/* The image that is sent: the one given, or as many zeros, for nothing but its size is known here. */
static uint8_t *read_firmware(const replay *r, bool separate, size_t *n)
{
    *n = separate ? SEPARATE_BYTES : SINGLE_BYTES;
    uint8_t *bytes = calloc(1, *n);
    FILE *f = r->firmware ? fopen(r->firmware, "rb") : NULL;
    if (bytes && f && fread(bytes, 1, *n, f) != *n) fprintf(stderr, "%s has other than %zu bytes\n", r->firmware, *n);
    if (f) fclose(f);
    return bytes;
}

static crl_tpu_options options_of(const canon *c)
{
    crl_tpu_options o = { .separate = canon_says(c, "USB_OPERATING_MODE=0"), .firmware_anew = canon_says(c, "Usb.AlwaysDfu=True") };
    if (canon_says(c, "reduced-frequency build") || canon_says(c, "Performance=High")) o.clock = CRL_TPU_HIGH;
    if (canon_says(c, "Performance=Medium")) o.clock = CRL_TPU_MEDIUM;
    if (canon_says(c, "Performance=Low")) o.clock = CRL_TPU_LOW;
    return o;
}

/* Opens and closes as often as was recorded. */
static void open_and_close(canon *c, const crl_tpu_options *options)
{
    const crl_usb *usb = canon_usb(c);
    for (int i = 0; i == 0 || i < canon_open_count(c); i++) {
        crl_usb_place place;
        int n = 0;
        crl_error err = { 0 };
        crl_tpu tpu;
        if (crl_tpu_list(usb, &place, 1, &n, &err) || !n) {
            puts("no device");
            return;
        }
        crl_status s = crl_tpu_open(&tpu, usb, &place, options, &err);
        if (!s) s = crl_tpu_close(&tpu, &err);
        if (s) printf("error: %s\n", err.text);
    }
}

int main(int argc, char **argv)
{
    replay r = { 0 };
    char why[CANON_TEXT];
    if (!read_arguments(&r, argc, argv)) {
        fputs("usage: usb_replay CANON --models DIR [--models DIR]... [--firmware FILE]\n", stderr);
        return 2;
    }
    canon *c = canon_read(r.canon, why);
    if (!c) {
        fprintf(stderr, "usb_replay: %s\n", why);
        return 2;
    }
    if (canon_sends(c)) {
        puts("recordings with models are not replayed");
        canon_free(c);
        return 77;
    }
    crl_tpu_options options = options_of(c);
    uint8_t *firmware = read_firmware(&r, options.separate, &options.firmware.n);
    options.firmware.bytes = firmware;
    canon_knows_firmware(c, r.firmware);
    open_and_close(c, &options);
    const char *difference = canon_difference(c);
    puts(*difference ? difference : "equal");
    const int status = *difference != 0;
    canon_free(c);
    free(firmware);
    return status;
}
