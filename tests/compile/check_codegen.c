/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling by rule: the programs of the original compiler come out, and what is not known is refused. */
#include <corallite/compile.h>
#include <corallite/package.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../models/sha256.h"
#include "areas.h"
#include "base/alloc.h"
#include "check.h"
#include "compile/edit.h"
#include "layers.h"
#include "package/isa.h"
#include "real.h"

/* A compiled file, open. */
typedef struct compiled {
    uint8_t *source, *bytes;
    size_t size;
    crl_model *from, *model;
    crl_package *package;
    crl_compiled done;
} compiled;

static crl_status compile(compiled *c, const layer_form *form, bool unproved, crl_error *err)
{
    size_t n;
    *c = (compiled){ .source = layer_model(form, &n) };
    crl_status s = crl_model_open(&c->from, c->source, n, err);
    if (!s) s = crl_compile(c->from, &(crl_compile_options){ .unproved = unproved }, &c->bytes, &c->size, &c->done, err);
    if (!s) s = crl_model_open(&c->model, c->bytes, c->size, err);
    if (!s) s = crl_package_open(&c->package, c->model, 0, err);
    return s;
}

static void release(compiled *c)
{
    crl_package_close(c->package);
    crl_model_close(c->model);
    crl_model_close(c->from);
    free(c->bytes);
    crl_free(c->source);
}

/* The digest of a program without what comes from scales and zero points. */
static void digest(check *t, const crl_executable *e, char hex[SHA256_HEX])
{
    crl_disassembly *d = NULL;
    crl_error err = { .text = "" };
    *hex = 0;
    if (!check_that(t, e->n_chunks == 1 && !crl_disassemble(&d, e, &err), "%s", err.text)) return;
    uint8_t *copy = malloc(e->chunks[0].size);
    memcpy(copy, e->chunks[0].bytes, e->chunks[0].size);
    for (int32_t i = 0; i < d->n; i++) {
        uint8_t *at = copy + (size_t)d->instructions[i].word * CRL_ISA_WORD;
        const int32_t opcode = d->instructions[i].opcode;
        if (crl_edit_is_tensor(opcode)) crl_edit_write(at, &(crl_constants){ 0 });
        if (opcode >= CRL_ISA_SOUTH && opcode <= CRL_ISA_EAST) crl_isa_write(at, "fill", 0);
    }
    sha256_hex(copy, e->chunks[0].size, hex);
    free(copy);
    crl_disassembly_free(d);
}

/* Digests of the programs of public compiled models, that which runs and that which caches, and of what form their models are. */
static const struct {
    layer_form form;
    size_t bytes; /* of the package */
    const char *running, *caching;
} goldens[] = {
    { { .inputs = 256, .outputs = 256 },
      102484, "83cc9c9f29a85e844d0ded7fb7f679ecc8265610c0ded06328d56059dcce38ce",
      "f801dadfbd170b865f629986bed4e94914759c35436da1cf16e163b65e48be0d" },
    { { .inputs = 512, .outputs = 512 },
      303188, "692b51caca08a5dbcabcb5beda765d0e54257d4fec14871102a489989a90502a",
      "75e4b961b7b751fc67c34ea81d9b09455db17b7099bb902a8b37a4710dbfc70c" },
    { { .inputs = 1024, .outputs = 1024 },
      1097812, "fbe3c0d717a5105c08442faa4174992cdf5523258ad03bd9607ff33b5796c1be",
      "1aa5bbee9c2d6e52d97f134aa6354b46536e65067668abbbe08d94b79f9b1ac1" },
};

static void gives_the_compilers_programs(check *t, unsigned cpu)
{
    (void)cpu;
    for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++) {
        compiled c;
        char hex[2][SHA256_HEX];
        crl_error err = { .text = "" };
        if (check_that(t, !compile(&c, &goldens[i].form, false, &err), "%s", err.text)) {
            digest(t, c.package->running, hex[0]);
            digest(t, c.package->caching, hex[1]);
            check_that(t, c.done.proved && !strcmp(hex[0], goldens[i].running), "%s: the running program has %s", c.done.form, hex[0]);
            check_that(t, !strcmp(hex[1], goldens[i].caching), "%s: the caching program has %s", c.done.form, hex[1]);
            const crl_operator *op = &c.model->subgraphs[0].operators[0];
            check_that(t, op->custom_bytes == goldens[i].bytes, "%s: %zu bytes of options", c.done.form, op->custom_bytes);
        }
        release(&c);
    }
}

static void note(void *user, const char *text)
{
    snprintf(user, 256, "%s", text);
}

/* What is written unproved is sound, too, and has parameters and records of its model. */
static void writes_sound_packages(check *t, unsigned cpu)
{
    (void)cpu;
    static const layer_form forms[] = { { .inputs = 128, .outputs = 128 }, { .inputs = 192, .outputs = 1024 }, { .inputs = 1024, .outputs = 320 },
                                        { .inputs = 256, .outputs = 256, .bare = true } };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        compiled c;
        char fault[256] = "";
        crl_error err = { .text = "" };
        if (check_that(t, !compile(&c, &forms[i], true, &err), "%s", err.text)) {
            check_that(t, !c.done.proved, "%s is proved", c.done.form);
            check_that(t, !crl_package_verify(c.package, note, fault, &err) && !*fault, "%s: %s%s", c.done.form, fault, err.text);
            const crl_package_layer *in = &c.package->running->inputs[0];
            check_that(t, in->scale == 0.0078125f && in->zero_point == 127 && !strcmp(in->name, "layer_in"), "%s: %g %d %s", c.done.form,
                       (double)in->scale, in->zero_point, in->name);
            check_that(t, c.package->running->token == c.done.token && c.package->caching->token == c.done.token, "tokens");
        }
        release(&c);
    }
}

static void refuses(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        layer_form form;
        bool unproved;
        const char *says;
    } cases[] = {
        { { .inputs = 320, .outputs = 320 }, false, "the nearest that is proved is a dense layer of 256 to 256. Compile by a template" },
        { { .inputs = 256, .outputs = 256, .bare = true }, false, "no public compiled model confirms" },
        { { .inputs = 300, .outputs = 300 }, true, "multiples of 64 from 128 to 1024" },
        { { .inputs = 2048, .outputs = 256 }, true, "multiples of 64 from 128 to 1024" },
        { { .inputs = 256, .outputs = 256, .bias = true }, true, "with a bias" },
        { { .inputs = 256, .outputs = 256, .activation = true }, true, "with an activation" },
        { { .inputs = 256, .outputs = 256, .one_scale = true }, true, "with a scale for each output" },
        { { .inputs = 256, .outputs = 256, .other_sign = true }, true, "op 0 QUANTIZE: no rules are known" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        compiled c;
        crl_error err = { .text = "" };
        const crl_status s = compile(&c, &cases[i].form, cases[i].unproved, &err);
        check_that(t, s == CRL_ERR_UNSUPPORTED && !c.bytes && strstr(err.text, cases[i].says), "wanted \"%s\", got %d \"%s\"", cases[i].says, s, err.text);
        release(&c);
    }
}

/* ---- public files, where they are ------------------------------------------------------------------ */

static const char suffix[] = "_edgetpu.tflite";

/* A file and its model, if the model's form is proved: then they have to be equal but for the tokens. Returns whether it is. */
static bool compare(check *t, const char *folder, const char *name)
{
    char path[2048];
    crl_model *from = NULL, *truth = NULL;
    uint8_t *bytes = NULL;
    size_t size;
    crl_compiled done;
    snprintf(path, sizeof path, "%.1023s/%.900s.tflite", folder, name);
    if (crl_model_open_file(&from, path, NULL)) return false;
    const bool proved = !crl_compile(from, NULL, &bytes, &size, &done, NULL);
    crl_model_close(from);
    if (!proved) return false;
    snprintf(path, sizeof path, "%.1023s/%.900s%s", folder, name, suffix);
    if (check_that(t, !crl_model_open_file(&truth, path, NULL) && truth->size == size, "%s: %zu bytes", name, size)) {
        crl_package *p = NULL;
        check_that(t, !crl_package_open(&p, truth, 0, NULL), "%s: its package", name);
        for (size_t i = 0; p && i + 8 <= size; i++)
            if (!memcmp(bytes + i, &done.token, 8) && !memcmp(truth->bytes + i, &p->running->token, 8)) memcpy(bytes + i, &p->running->token, 8);
        check_that(t, !memcmp(bytes, truth->bytes, size), "%s: other bytes", name);
        crl_package_close(p);
    }
    crl_model_close(truth);
    free(bytes);
    return true;
}

static int look_into(check *t, const char *folder)
{
    struct dirent **entries;
    int seen = 0;
    const int n = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const size_t length = strlen(entries[i]->d_name), end = sizeof suffix - 1;
        char name[900];
        if (length > end && length < sizeof name && !strcmp(entries[i]->d_name + length - end, suffix)) {
            snprintf(name, sizeof name, "%.*s", (int)(length - end), entries[i]->d_name);
            seen += compare(t, folder, name);
        }
        free(entries[i]);
    }
    if (n >= 0) free(entries);
    return seen;
}

/* Folders of $CRL_PAIRS, parted by colons, have more. */
static void gives_the_compilers_files(check *t, unsigned cpu)
{
    (void)cpu;
    char folder[1024];
    const char *more = getenv("CRL_PAIRS");
    const bool there = real_pairs(folder, sizeof folder);
    int seen = there ? look_into(t, folder) : 0;
    if (there) check_that(t, seen == 2, "%d models of %s, not 2", seen, folder);
    for (const char *at = more ? more : ""; *at;) {
        const size_t n = strcspn(at, ":");
        snprintf(folder, sizeof folder, "%.*s", (int)(n < sizeof folder ? n : sizeof folder - 1), at);
        seen += look_into(t, folder);
        at += n + (at[n] == ':');
    }
    if (!seen) check_skip(t, "no public models in %s", folder);
}

int area_codegen(int argc, char **argv)
{
    static const check_case cases[] = {
        { "gives_the_compilers_programs", gives_the_compilers_programs, false },
        { "writes_sound_packages", writes_sound_packages, false },
        { "refuses", refuses, false },
        { "gives_the_compilers_files", gives_the_compilers_files, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
