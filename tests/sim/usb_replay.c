/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the driver against recorded traffic of the vendor's driver, and says where they differ:
 *
 *   usb_replay CANON --models DIR [--models DIR]... [--firmware FILE]
 *
 * Exit status 0: equal; 1: not, and why; 2: wrong use; 77: a model of the recording is in none of the folders. */
#include <corallite/package.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/edgetpu/edgetpu.h"
#include "canon.h"
#include "engine/setup.h"

enum { MOST_FOLDERS = 16, MOST_MODELS = 8, SINGLE_BYTES = 10783, SEPARATE_BYTES = 12117 };

/* A model of the recording, in the order of first runs. */
typedef struct loaded {
    char name[CANON_TEXT];
    crl_model *model;
    crl_engine *engine;
    crl_bus bus;
    crl_edgetpu_setup device;
    crl_backend backend;
} loaded;

typedef struct replay {
    const char *canon, *firmware, *folder[MOST_FOLDERS];
    int folders;
    loaded models[MOST_MODELS];
    int n_models;
    char wrong[CANON_TEXT]; /* besides the traffic: what came out */
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

/* --- models ------------------------------------------------------------------------------------------------- */

/* NULL: it is in none of the folders, or cannot be opened. */
static loaded *load(replay *r, const char *name)
{
    for (int i = 0; i < r->n_models; i++)
        if (!strcmp(r->models[i].name, name)) return &r->models[i];
    if (r->n_models == MOST_MODELS) return NULL;
    loaded *m = &r->models[r->n_models];
    for (int i = 0; i < r->folders; i++) {
        char path[2 * CANON_TEXT];
        snprintf(path, sizeof path, "%s/%s", r->folder[i], name);
        if (crl_model_open_file(&m->model, path, NULL)) continue;
        snprintf(m->name, sizeof m->name, "%s", name);
        r->n_models++;
        return m;
    }
    return NULL;
}

static void free_engines(replay *r)
{
    for (int i = 0; i < r->n_models; i++) {
        crl_engine_free(r->models[i].engine);
        r->models[i].engine = NULL;
    }
}

/* Addresses are what a driver chooses for itself: both sides count as zeros. */
static void mask(void *of, const char *source, uint8_t *data, size_t n)
{
    replay *r = of;
    char name[CANON_TEXT];
    const char *kind = strchr(source, '#');
    snprintf(name, sizeof name, "%.*s", kind ? (int)(kind - source) : 0, source);
    const loaded *m = load(r, name);
    crl_package *package;
    if (!m || !kind || crl_package_open(&package, m->model, crl_find_compiled(m->model, 0), NULL)) return;
    const crl_executable *e = strstr(kind, "PARAMETER_CACHING") ? package->caching : package->running;
    const char *index = strchr(kind, '[');
    const int chunk = index ? atoi(index + 1) : -1;
    if (e && chunk >= 0 && chunk < e->n_chunks && e->chunks[chunk].size == n)
        for (int32_t i = 0; i < e->chunks[chunk].n_relocations; i++)
            for (size_t bit = e->chunks[chunk].relocations[i].bit, end = bit + 32; bit < end; bit++)
                data[bit / 8] = (uint8_t)(data[bit / 8] & ~(1 << bit % 8));
    crl_package_close(package);
}

/* Such bytes as the recordings were made with. */
static void fill_inputs(crl_engine *e, int count)
{
    for (int32_t k = 0; k < crl_engine_input_count(e); k++) {
        uint8_t *data = crl_engine_input(e, k)->data;
        for (size_t i = 0; i < crl_engine_input(e, k)->bytes; i++) data[i] = (uint8_t)(i * (size_t)(7 + count) + (size_t)count);
    }
}

static void compare_outputs(replay *r, const canon *c, const loaded *m, int count)
{
    for (int32_t i = 0; i < crl_engine_output_count(m->engine); i++) {
        const crl_tensor *t = crl_engine_output(m->engine, i);
        uint32_t want;
        if (!canon_tensor(c, (int)(m - r->models), count, i, &want) || want == canon_crc(0, t->data, t->bytes)) continue;
        if (!*r->wrong) snprintf(r->wrong, sizeof r->wrong, "%.200s, run %d: output %d \"%.100s\" differs", m->name, count, i, t->name);
    }
}

/* The recording's: where the machine is slow, no frame takes too long by it. */
static uint64_t now(void *usb)
{
    return ((const crl_usb *)usb)->now(usb);
}

static crl_status make_engine(loaded *m, canon *c, const crl_tpu_options *options, crl_error *err)
{
    m->bus = crl_usb_bus(canon_usb(c));
    m->device = (crl_edgetpu_setup){ .model = m->model, .buses = &m->bus, .n_buses = 1, .options = *options };
    m->backend = crl_edgetpu_backend(&m->device);
    static const crl_backend *list[MOST_MODELS][3];
    static int used;
    const crl_backend **backends = list[used++ % MOST_MODELS];
    backends[0] = &m->backend;
    backends[1] = &crl_backend_reference;
    backends[2] = NULL;
    const crl_engine_setup setup = { .device = backends, .alone = true, .clock = { now, (void *)(uintptr_t)canon_usb(c) } };
    return crl_engine_new_on(&m->engine, m->model, &(crl_engine_options){ .threads = 1 }, &setup, err);
}

/* A model that cannot be run over USB: the vendor's driver finds that out when its parameters are sent already, ours before. */
static int refuse_model(replay *r, canon *c, const crl_tpu_options *options)
{
    loaded *m = load(r, canon_first_model(c));
    crl_error err = { 0 };
    if (!m) {
        printf("%s is in none of the folders\n", canon_first_model(c));
        return 77;
    }
    canon_expect_no_sends(c);
    if (make_engine(m, c, options, &err) != CRL_ERR_UNSUPPORTED) snprintf(r->wrong, sizeof r->wrong, "%.200s is not refused", m->name);
    free_engines(r);
    printf("error: %s\n", err.text);
    return 0;
}

/* Runs what was recorded, in that order. Returns 77 where a model is not at hand. */
static int run_models(replay *r, canon *c, const crl_tpu_options *options)
{
    canon_run run;
    if (!canon_next_run(c, 0, &run)) return refuse_model(r, c, options);
    canon_mask_with(c, mask, r);
    for (int i = 0; canon_next_run(c, i, &run); i++)
        if (!load(r, run.name)) {
            printf("%s is in none of the folders\n", run.name);
            return 77;
        }
    for (int i = 0, opens = 1; canon_next_run(c, i, &run); i++, opens = run.opens) {
        crl_error err = { 0 };
        if (run.opens > opens) free_engines(r);
        loaded *m = load(r, run.name);
        crl_status s = m->engine ? CRL_OK : make_engine(m, c, options, &err);
        if (!s) fill_inputs(m->engine, run.count);
        if (!s) s = crl_engine_run(m->engine, &err);
        if (!s) compare_outputs(r, c, m, run.count);
        if (s) printf("error: %s\n", err.text);
        if (s) break;
    }
    free_engines(r);
    return 0;
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
    crl_tpu_options options = options_of(c);
    uint8_t *firmware = read_firmware(&r, options.separate, &options.firmware.n);
    options.firmware.bytes = firmware;
    canon_knows_firmware(c, r.firmware);
    int status = 0;
    if (canon_first_model(c))
        status = run_models(&r, c, &options);
    else
        open_and_close(c, &options);
    if (!status) {
        const char *difference = canon_difference(c);
        puts(*difference ? difference : *r.wrong ? r.wrong : "equal");
        status = *difference || *r.wrong;
    }
    for (int i = 0; i < r.n_models; i++) crl_model_close(r.models[i].model);
    canon_free(c);
    free(firmware);
    return status;
}
