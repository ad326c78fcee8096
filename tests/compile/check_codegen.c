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
#include "compile/follow.h"
#include "../emulator/emulated.h"
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
    { { .height = 12, .width = 128, .inputs = 32, .outputs = 32, .bare = true, .zero_bias = true },
      49206, "7c43ed7018131176be5a90e1459ba261968cadb6b98c37442834e85a2568ff24",
      "225dfbf84906a5c580e1b11170616800f39ee42b8c8b8e001d7c069d8e2dbac9" },
    { { .height = 12, .width = 176, .inputs = 32, .outputs = 32, .bare = true, .zero_bias = true },
      49206, "62765539bae453cf0d864053ac87cd5d095a53d8f1ae35049a62dcdd6babd00a",
      "225dfbf84906a5c580e1b11170616800f39ee42b8c8b8e001d7c069d8e2dbac9" },
    { { .height = 12, .width = 184, .inputs = 32, .outputs = 32, .bare = true, .zero_bias = true },
      49206, "51ad8e7bccf7e22f569df24061657dc19c4a30f5169d70f3abc9c14496c4ecb4",
      "225dfbf84906a5c580e1b11170616800f39ee42b8c8b8e001d7c069d8e2dbac9" },
    { { .height = 12, .width = 192, .inputs = 32, .outputs = 32, .bare = true, .zero_bias = true },
      49206, "59e50b3f32b2e69397899aa14de396126c56b8e194f82f908e6f316dbeaeb1f7",
      "225dfbf84906a5c580e1b11170616800f39ee42b8c8b8e001d7c069d8e2dbac9" },
    { { .height = 12, .width = 128, .inputs = 64, .outputs = 64, .bare = true, .zero_bias = true },
      77908, "4fbd3b3387dc304ade3760648a555f369e4010fee64fd073c0f304d13963e4b4",
      "d3072a78595f4328c385da99b1973fdc9c5f74c7b566e593717a27ad67544f75" },
    { { .height = 12, .width = 176, .inputs = 64, .outputs = 64, .bare = true, .zero_bias = true },
      77908, "e81eaac5a9fce890ba90ed759e539ae714955eee9472b114e5da83940c13ff73",
      "d3072a78595f4328c385da99b1973fdc9c5f74c7b566e593717a27ad67544f75" },
    { { .height = 12, .width = 184, .inputs = 64, .outputs = 64, .bare = true, .zero_bias = true },
      77908, "65f3e98ac712da28433425b71506c2b2ebf596610e7ccb13cb5cfaf65955dada",
      "d3072a78595f4328c385da99b1973fdc9c5f74c7b566e593717a27ad67544f75" },
    { { .height = 12, .width = 192, .inputs = 64, .outputs = 64, .bare = true, .zero_bias = true },
      77908, "f91b252c310892b3c89a1b748a0d012572de319ce2ea0dbda13dfe7fc5a2f509",
      "d3072a78595f4328c385da99b1973fdc9c5f74c7b566e593717a27ad67544f75" },
    { { .height = 12, .width = 128, .inputs = 128, .outputs = 128, .bare = true, .zero_bias = true },
      188500, "5ece9a41ddcacf995876efaf8d05a330c6cb5b9b70f7e53b6732cb50b9f739c7",
      "ea349c2a3504081b654a85c5a9660f855cc5a84190c425e08819e234e97b4b45" },
    { { .height = 12, .width = 176, .inputs = 128, .outputs = 128, .bare = true, .zero_bias = true },
      188500, "a3c8426ed3595308586cc96a32e255961da28f424fa441946e96920e9ad73e96",
      "ea349c2a3504081b654a85c5a9660f855cc5a84190c425e08819e234e97b4b45" },
    { { .height = 12, .width = 184, .inputs = 128, .outputs = 128, .bare = true, .zero_bias = true },
      188500, "51d965f4e1fbf6938f4bd231aa352890bf4a94f655313e655074c12c97dcd501",
      "ea349c2a3504081b654a85c5a9660f855cc5a84190c425e08819e234e97b4b45" },
    { { .height = 12, .width = 192, .inputs = 128, .outputs = 128, .bare = true, .zero_bias = true },
      188500, "1db5e48837e616cb0d2def499c6e59c2beb0d8cb20c461716dc3ca3763e5c2db",
      "ea349c2a3504081b654a85c5a9660f855cc5a84190c425e08819e234e97b4b45" },
    { { .height = 64, .width = 64, .inputs = 1, .outputs = 8, .kernel = 7, .depthwise = true, .equal_scales = true, .zero_bias = true,
        .activation = true },
      41014, "b089a1eefad94dddd2a989becf67f7281a985dbe2ace0e9ba5de20a4b223dc44",
      "d21ef6992f9cd550baa1990b8b6ad3497e17c80e6f83022da7e6652a7fd95c94" },
    { { .height = 128, .width = 128, .inputs = 1, .outputs = 8, .kernel = 7, .depthwise = true, .equal_scales = true, .zero_bias = true,
        .activation = true },
      41014, "ea63feec05f67df1e158b99acde9161d610ee629fe026b1f2b049d1628da34d5",
      "d21ef6992f9cd550baa1990b8b6ad3497e17c80e6f83022da7e6652a7fd95c94" },
    { { .height = 64, .width = 64, .inputs = 1, .outputs = 8, .kernel = 7, .depthwise = true, .equal_scales = true, .zero_bias = true,
        .activation = true, .pool = 4 },
      36918, "430b78c9892a98753cc635fb86b8877f70f0950b80f7819dc8b8d5d8e56ecd2b",
      "d21ef6992f9cd550baa1990b8b6ad3497e17c80e6f83022da7e6652a7fd95c94" },
    { { .height = 128, .width = 128, .inputs = 1, .outputs = 8, .kernel = 7, .depthwise = true, .equal_scales = true, .zero_bias = true,
        .activation = true, .pool = 4 },
      41014, "9ad3b54245dcc9afe61d062425b6c8b9a35737a2ff52cba8c58ea1678080d712",
      "d21ef6992f9cd550baa1990b8b6ad3497e17c80e6f83022da7e6652a7fd95c94" },
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

/* An instruction without addresses and constants. */
static void strip(uint8_t *at, const crl_isa_op *op)
{
    static const char *const addresses[] = { "to", "from", "in", "out", "par", "sum", "bias_to", "bias_end", "skip_from", "skip_end", "fill" };
    if (op->opcode == CRL_ISA_ALU || op->opcode == CRL_ISA_INFEED || op->opcode == CRL_ISA_PRODUCE) return; /* their fields are no addresses */
    if (crl_edit_is_tensor(op->opcode)) crl_edit_write(at, &(crl_constants){ 0 });
    for (size_t k = 0; k < sizeof addresses / sizeof addresses[0]; k++)
        if (crl_isa_field_of(op, addresses[k])) crl_isa_write(at, addresses[k], 0);
}

/* The digest of a part of a program, stripped: from its second instruction to where the first layer's tables come into the store; or from the
 * last maximum to the last tensor instruction, without their numbers: what a softmax does but for what it begins with. */
static void digest_part(check *t, const crl_executable *e, bool softmax, char hex[SHA256_HEX])
{
    crl_disassembly *d = NULL;
    crl_error err = { .text = "" };
    *hex = 0;
    if (!check_that(t, !crl_disassemble(&d, e, &err), "%s", err.text)) return;
    uint8_t *copy = malloc(e->chunks[0].size);
    memcpy(copy, e->chunks[0].bytes, e->chunks[0].size);
    const uint8_t *begin = copy + CRL_ISA_WORD, *end = begin;
    bool came = false;
    for (int32_t i = 0; i < d->n && d->instructions[i].chunk == 0; i++) {
        uint8_t *at = copy + (size_t)d->instructions[i].word * CRL_ISA_WORD;
        const crl_isa_op *op = crl_isa_find((unsigned)d->instructions[i].opcode);
        strip(at, op);
        if (softmax && crl_isa_field_of(op, "sequence")) crl_isa_write(at, "sequence", 0);
        if (softmax && op->opcode == CRL_ISA_MAX) begin = at;
        if (softmax ? op->opcode == CRL_ISA_TENSOR : !came) end = at;
        came |= op->opcode == CRL_ISA_CONSUME2;
    }
    if (end > begin) sha256_hex(begin, (size_t)(end - begin), hex);
    free(copy);
    crl_disassembly_free(d);
}

/* How networks of the same compiler take their input, lay borders, and begin with their first layer, and how they end with a softmax: digests of
 * public ones, and a layer of that form alone. */
static const struct {
    const char *network;
    layer_form form;
    const char *part;
} networks[] = {
    { "nin_cnn", { .height = 32, .width = 32, .inputs = 3, .outputs = 32, .kernel = 5, .valid = true, .bias = true, .activation = true }, 
      "03721bd19043c7d16ec95301374c35a14751050acb163a4d0ad2329b401e9807" },
    { "stacked_model", { .inputs = 1024, .outputs = 10, .bias = true, .each = CRL_OP_SOFTMAX }, 
      "d1f6efb3db120bbfb683fb711d53ee9a34c80043fb70aa19826ad845f5155db2" },
    { "all_cnn", { .height = 32, .width = 32, .inputs = 3, .outputs = 96, .bias = true, .activation = true }, 
      "0b8178657b1f20fef385794a57c46874d3eccdbc7b950132f379728838e04ad7" },
};

static void does_as_networks_do(check *t, unsigned cpu)
{
    (void)cpu;
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
        compiled c;
        char hex[SHA256_HEX];
        crl_error err = { .text = "" };
        if (check_that(t, !compile(&c, &networks[i].form, true, &err), "%s", err.text)) {
            digest_part(t, c.package->running, networks[i].form.each == CRL_OP_SOFTMAX, hex);
            check_that(t, !strcmp(hex, networks[i].part), "%s: it has %s", networks[i].network, hex);
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
                                        { .inputs = 256, .outputs = 256, .bare = true },
                                        { .height = 12, .width = 128, .inputs = 32, .outputs = 32, .zero_bias = true },
                                        { .height = 16, .width = 64, .inputs = 16, .outputs = 128, .bare = true },
                                        { .height = 32, .width = 16, .inputs = 64, .outputs = 48 },
                                        { .height = 31, .width = 20, .inputs = 2, .outputs = 24, .kernel = 4, .stride = 2, .valid = true },
                                        { .height = 64, .width = 48, .inputs = 1, .outputs = 16, .kernel = 5, .depthwise = true, .pool = 4 },
                                        { .height = 20, .width = 24, .inputs = 8, .outputs = 72, .bias = true, .each = CRL_OP_LOGISTIC },
                                        { .inputs = 72, .outputs = 1, .one_scale = true }, { .inputs = 1024, .outputs = 1001, .bias = true },
                                        { .inputs = 128, .outputs = 63, .bias = true, .each = CRL_OP_SOFTMAX },
                                        { .height = 20, .width = 24, .inputs = 3, .outputs = 16, .bias = true, .more = 7, .more_outputs = 32,
                                          .more_kernel = 2 },
                                        { .inputs = 200, .outputs = 200, .alone = true, .each = CRL_OP_LOGISTIC },
                                        { .height = 32, .width = 48, .inputs = 3, .outputs = 3, .kernel = 1, .alone = true, .pool = 2 } };
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
            const crl_executable *caching = c.package->caching;
            check_that(t, c.package->running->token == c.done.token && (caching ? caching->token == c.done.token : forms[i].alone), "tokens");
            check_that(t, !forms[i].alone || (c.package->n_executables == 1 && !c.done.parameters), "a package without parameters has one program");
        }
        release(&c);
    }
}

/* The emulator computes from the package what the CPU computes from the model, proved or not. */
static void computes_what_models_do(check *t, unsigned cpu)
{
    (void)cpu;
    static const layer_form forms[] = {
        { .inputs = 256, .outputs = 256 },
        { .inputs = 128, .outputs = 192 },
        { .inputs = 320, .outputs = 1024, .bare = true },
        { .inputs = 1024, .outputs = 128, .bias = true },
        { .inputs = 192, .outputs = 320, .bias = true, .activation = true },
        { .inputs = 1024, .outputs = 10, .bias = true },
        { .inputs = 1000, .outputs = 1001, .bias = true, .bare = true },
        { .inputs = 40, .outputs = 1, .one_scale = true },
        { .inputs = 8, .outputs = 70, .one_scale = true, .bias = true, .activation = true },
        { .height = 12, .width = 128, .inputs = 32, .outputs = 32, .bare = true, .zero_bias = true },
        { .height = 12, .width = 176, .inputs = 32, .outputs = 32, .bias = true },
        { .height = 12, .width = 32, .inputs = 16, .outputs = 16, .zero_bias = true },
        { .height = 16, .width = 32, .inputs = 64, .outputs = 128, .bias = true, .activation = true },
        { .height = 20, .width = 16, .inputs = 128, .outputs = 48, .bias = true, .bare = true },
        { .height = 24, .width = 64, .inputs = 48, .outputs = 192, .bias = true },
        { .height = 12, .width = 8, .inputs = 64, .outputs = 64, .zero_bias = true },
        { .height = 32, .width = 32, .inputs = 3, .outputs = 32, .kernel = 5, .valid = true, .bias = true, .activation = true },
        { .height = 32, .width = 32, .inputs = 96, .outputs = 96, .stride = 2, .bias = true, .activation = true },
        { .height = 16, .width = 12, .inputs = 32, .outputs = 80, .kernel = 1, .bias = true },
        { .height = 28, .width = 28, .inputs = 1, .outputs = 32, .kernel = 5, .bias = true, .one_scale = true },
        { .height = 30, .width = 20, .inputs = 20, .outputs = 8, .kernel = 5, .stride = 2, .bias = true, .equal_scales = true },
        { .height = 64, .width = 48, .inputs = 1, .outputs = 16, .kernel = 7, .depthwise = true, .pool = 4, .zero_bias = true },
        { .height = 16, .width = 16, .inputs = 3, .outputs = 64, .bias = true, .pool = 2, .greatest = true },
        { .inputs = 200, .outputs = 1, .one_scale = true, .bias = true, .each = CRL_OP_LOGISTIC },
        { .inputs = 96, .outputs = 150, .bias = true, .bare = true, .each = CRL_OP_LOGISTIC },
        { .inputs = 64, .outputs = 40, .each = CRL_OP_RELU6 },
        { .inputs = 1024, .outputs = 10, .bias = true, .each = CRL_OP_SOFTMAX },
        { .inputs = 64, .outputs = 21, .each = CRL_OP_SOFTMAX, .seed = 8 }, /* logits below their zero point */
        { .inputs = 40, .outputs = 10, .bias = true, .one_scale = true, .bare = true, .each = CRL_OP_SOFTMAX },
        { .height = 32, .width = 32, .inputs = 3, .outputs = 32, .kernel = 5, .valid = true, .bias = true, .activation = 1, .more = 2,
          .more_outputs = 32, .more_kernel = 1 },
        { .height = 24, .width = 24, .inputs = 8, .outputs = 72, .bias = true, .bare = true, .more = 3, .more_outputs = 128, .more_kernel = 3 },
        { .inputs = 1024, .outputs = 1024, .alone = true, .each = CRL_OP_LOGISTIC },
        { .height = 32, .width = 32, .inputs = 64, .outputs = 64, .kernel = 1, .alone = true, .pool = 2, .greatest = true, .bare = true },
        { .height = 24, .width = 48, .inputs = 3, .outputs = 3, .kernel = 1, .alone = true, .pool = 3, .each = CRL_OP_RELU6 },
        { .height = 18, .width = 20, .inputs = 8, .outputs = 24, .bias = true, .each = CRL_OP_LOGISTIC },
        { .height = 32, .width = 16, .inputs = 1, .outputs = 40, .kernel = 5, .bias = true, .pool = 2, .greatest = true, .each = CRL_OP_RELU },
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        compiled c;
        crl_error err = { .text = "" };
        crl_status s = compile(&c, &forms[i], true, &err);
        if (!s && forms[i].each == CRL_OP_SOFTMAX) s = crl_twin_follow(c.from, c.model, &err); /* the softmax of tiles, not of the scalar core */
        if (check_that(t, !s, "%s", err.text)) emulated_models_equal(t, c.model, c.from, 2, c.done.form);
        release(&c);
    }
}

static int32_t pick(check *t, const int32_t *of, int32_t n)
{
    return of[check_range(t, 0, n - 1)];
}

/* At the limits of what is compiled, in size and in form. */
static void draw_edge_conv(check *t, layer_form *f)
{
    static const int32_t in[] = { 1, 1, 2, 3, 4, 8, 36, 40, 64, 68, 124, 128, 132, 256 }, out[] = { 5, 6, 7, 8, 9, 16, 60, 64, 65, 68, 127, 192, 200 };
    static const int32_t kernels[] = { 1, 2, 3, 6, 8, 9, 11, 13, 15, 16 };
    f->inputs = pick(t, in, 14), f->outputs = pick(t, out, 13);
    f->kernel = pick(t, kernels, 10);
    if (check_range(t, 0, 1)) f->kernel_width = pick(t, kernels, 10);
    f->stride = check_range(t, 1, 2);
    f->valid = check_range(t, 0, 1);
    f->equal_scales = check_range(t, 0, 3) == 0;
    f->one_scale = check_range(t, 0, 3) == 0;
    if (f->inputs == 1 && !f->one_scale) f->depthwise = check_range(t, 0, 1);
    f->height = check_range(t, 4, 44), f->width = check_range(t, 4, 44);
    if (f->valid) f->height += f->kernel, f->width += f->kernel_width ? f->kernel_width : f->kernel;
    if (f->width * f->inputs % 4) f->width += 4 - f->width % 4;
    if (f->height * f->width * f->inputs % 8) f->height += f->height % 2;
}

/* A convolution of any form, so small that it is quickly executed. */
static void draw_conv(check *t, layer_form *f)
{
    static const int32_t in[] = { 1, 2, 3, 4, 8, 12, 16, 20, 32, 48, 64, 96 }, out[] = { 8, 10, 12, 16, 24, 32, 64, 72, 80, 128, 130 };
    static const int32_t kernels[] = { 1, 2, 3, 3, 4, 5, 7 }, pools[] = { 2, 4 };
    f->inputs = pick(t, in, 12), f->outputs = pick(t, out, 11);
    f->kernel = pick(t, kernels, 7);
    f->stride = check_range(t, 1, 2);
    f->valid = check_range(t, 0, 1);
    f->equal_scales = f->bias && check_range(t, 0, 3) == 0;
    f->one_scale = f->bias && check_range(t, 0, 3) == 0;
    if (f->inputs == 1 && !f->one_scale) f->depthwise = check_range(t, 0, 1);
    f->height = 2 * check_range(t, 4, 20), f->width = 4 * check_range(t, 2, 12);
    if (check_range(t, 0, 3)) return;
    f->pool = pick(t, pools, 2);
    f->greatest = check_range(t, 0, 1);
    f->stride = 1, f->valid = false;
    f->height = 16 * check_range(t, 1, 3), f->width = 16 * check_range(t, 1, 3);
}

/* No layer, but what is behind one. */
static void draw_alone(check *t, layer_form *f)
{
    static const int32_t channels[] = { 1, 2, 3, 4, 8, 24, 60, 64, 68, 128 }, pools[] = { 0, 0, 2, 3, 4, 8 };
    *f = (layer_form){ .alone = true, .bare = f->bare, .seed = f->seed, .kernel = 1, .inputs = 8 * check_range(t, 1, 128) };
    if (check_range(t, 0, 3)) {
        f->inputs = pick(t, channels, 10);
        f->pool = pick(t, pools, 6);
        f->greatest = check_range(t, 0, 1);
        f->height = 4 * (f->pool ? f->pool : 1) * check_range(t, 1, 4), f->width = (f->pool ? 16 * f->pool : 4) * check_range(t, 1, 3);
    }
    f->outputs = f->inputs;
}

/* Several convolutions, one behind the other. */
static void draw_chain(check *t, layer_form *f)
{
    static const int32_t channels[] = { 8, 12, 16, 32, 64, 72, 128, 132 }, kernels[] = { 1, 1, 2, 3, 3, 5 };
    f->depthwise = false, f->pool = 0;
    f->outputs = pick(t, channels, 8);
    f->more = check_range(t, 1, 4), f->more_outputs = pick(t, channels, 8), f->more_kernel = pick(t, kernels, 6);
    const int32_t less = f->stride * f->more * f->more_kernel; /* that VALID windows leave out */
    if (f->valid) f->height += less, f->width += (less + 3) / 4 * 4;
    if (f->height * f->width * f->inputs % 8) f->height += f->height % 2;
}

/* Whether a refusal is one of those that sizes alone decide. */
static bool is_about_size(const char *text)
{
    static const char *const said[] = { "single position", "multiple of 8 bytes", "pool's windows", "pool's output", "more memory", "its neighbours",
                                        "its windows", "do not come in parts", "no multiple of 4", "one scale without", "pixels of more",
                                        "more channels than", "than its instructions count" };
    bool found = false;
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) found |= strstr(text, said[i]) != NULL;
    return found;
}

/* The same for any forms that rules are known for. Others are refused for what they are. */
static void computes_any_form(check *t, unsigned cpu)
{
    (void)cpu;
    for (int round = 0; round < check_rounds(t, 9); round++) {
        compiled c;
        char fault[256] = "";
        crl_error err = { .text = "" };
        layer_form f = { .inputs = 8 * check_range(t, 1, 128), .outputs = check_edgy(t, 1, 1024) };
        f.bare = check_range(t, 0, 1);
        f.one_scale = check_range(t, 0, 3) == 0;
        f.activation = check_range(t, 0, 1) * check_range(t, 1, 3);
        f.bias = check_range(t, 0, 1);
        f.zero_bias = !f.bias && check_range(t, 0, 1);
        if (check_range(t, 0, 1)) f.seed = (uint32_t)check_random(t);
        if (round % 3 == 1) draw_conv(t, &f);
        if (round % 3 == 2) draw_edge_conv(t, &f);
        if (f.height && check_range(t, 0, 2) == 0) draw_chain(t, &f);
        if (round % 3 == 1 && check_range(t, 0, 3) == 0) draw_alone(t, &f);
        static const int32_t each[] = { 0, 0, 0, CRL_OP_LOGISTIC, CRL_OP_RELU, CRL_OP_RELU6, CRL_OP_RELU_N1_TO_1 };
        f.each = pick(t, each, 7);
        if (f.alone && !f.pool && !f.each) f.each = CRL_OP_LOGISTIC;
        if (!f.height && !f.alone && check_range(t, 0, 1)) f.outputs = check_range(t, 5, 63), f.each = CRL_OP_SOFTMAX;
        crl_status s = compile(&c, &f, true, &err);
        if (!s && f.each == CRL_OP_SOFTMAX) s = crl_twin_follow(c.from, c.model, &err);
        if (!s) emulated_models_equal(t, c.model, c.from, 1, c.done.form);
        if (!s) check_that(t, !crl_package_verify(c.package, note, fault, &err) && !*fault, "%s: %s%s", c.done.form, fault, err.text);
        check_that(t, !s || is_about_size(err.text), "%s", err.text);
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
        { { .inputs = 320, .outputs = 320 }, false, "the nearest that is proved is a dense layer of 256 to 256, uint8. Compile by a template" },
        { { .inputs = 256, .outputs = 256, .bare = true }, false, "no public compiled model confirms" },
        { { .inputs = 300, .outputs = 300 }, true, "multiples of 8 inputs, and up to 1024" },
        { { .inputs = 2048, .outputs = 256 }, true, "multiples of 8 inputs, and up to 1024" },
        { { .inputs = 256, .outputs = 1025 }, true, "multiples of 8 inputs, and up to 1024" },
        { { .inputs = 256, .outputs = 256, .bias = true }, false, "a dense layer of 256 to 256, uint8, bias: no public" },
        { { .inputs = 256, .outputs = 256, .activation = true }, false, "a dense layer of 256 to 256, uint8, RELU: no public" },
        { { .inputs = 256, .outputs = 256, .one_scale = true }, false, "a dense layer of 256 to 256, uint8, one scale: no public" },
        { { .height = 12, .width = 160, .inputs = 64, .outputs = 64, .bare = true, .zero_bias = true }, false,
          "the nearest that is proved is a 3x3 SAME convolution of 12x176x64 to 64, int8, bias of zeros" },
        { { .height = 12, .width = 128, .inputs = 32, .outputs = 32, .stride = 3 }, true, "of stride 1 or 2" },
        { { .height = 64, .width = 64, .inputs = 4, .outputs = 8, .kernel = 17 }, true, "no larger than 16x16" },
        { { .height = 8, .width = 8, .inputs = 32, .outputs = 32, .kernel = 7 }, true, "pixels of more than its neighbours" },
        { { .height = 8, .width = 8, .inputs = 32, .outputs = 32, .kernel = 3, .stride = 2 }, true, "a single position" },
        { { .height = 12, .width = 128, .inputs = 30, .outputs = 32 }, true, "1, 2, 3 or multiples of 4" },
        { { .height = 12, .width = 128, .inputs = 32, .outputs = 4 }, true, "at least 5 come out" },
        { { .height = 16, .width = 18, .inputs = 3, .outputs = 16 }, true, "multiples of 4 bytes" },
        { { .height = 18, .width = 12, .inputs = 32, .outputs = 12 }, true, "multiple of 8 bytes" },
        { { .height = 16, .width = 16, .inputs = 16, .outputs = 16, .one_scale = true }, true, "of one scale without a bias" },
        { { .height = 16, .width = 24, .inputs = 16, .outputs = 16, .pool = 8, .bias = true }, true, "do not lie in single tiles" },
        { { .height = 16, .width = 16, .inputs = 64, .outputs = 16, .pool = 2, .bias = true }, true, "no place that is known" },
        { { .height = 32, .width = 32, .inputs = 128, .outputs = 4096, .kernel = 1 }, true, "more memory than tiles have" },
        { { .height = 64, .width = 256, .inputs = 256, .outputs = 64 }, true, "larger than its instructions count" },
        { { .inputs = 64, .outputs = 64, .alone = true, .each = CRL_OP_LOGISTIC }, false, "no layer, of 64, uint8, LOGISTIC: no public" },
        { { .height = 32, .width = 32, .inputs = 3, .outputs = 32, .bias = true, .more = 2, .more_outputs = 16, .more_kernel = 1 }, false,
          "32x32x3 to 32, uint8, bias, and 2 more: no public" },
        { { .height = 32, .width = 32, .inputs = 3, .outputs = 10, .bias = true, .more = 1, .more_outputs = 16, .more_kernel = 1 }, true,
          "op 2 CONV_2D: channels of convolutions" },
        { { .height = 32, .width = 32, .inputs = 8, .outputs = 16, .bias = true, .more = 1, .more_outputs = 16, .more_kernel = 1, .pool = 2 }, true,
          "no rules are known" },
        { { .height = 32, .width = 32, .inputs = 8, .outputs = 16, .bias = true, .more = 8, .more_outputs = 16, .more_kernel = 1 }, true,
          "up to 8 convolutions in a row" },
        { { .height = 128, .width = 128, .inputs = 8, .outputs = 128, .bias = true, .more = 1, .more_outputs = 128, .more_kernel = 3 }, true,
          "more memory than tiles have" },
        { { .inputs = 60, .outputs = 60, .alone = true, .each = CRL_OP_RELU }, true, "a multiple of 8 numbers, and up to 1024" },
        { { .height = 32, .width = 32, .inputs = 68, .outputs = 68, .kernel = 1, .alone = true, .pool = 2 }, true, "more channels than" },
        { { .height = 16, .width = 16, .inputs = 16, .outputs = 16, .kernel = 1, .alone = true, .pool = 8 }, true, "do not lie in single tiles" },
        { { .inputs = 256, .outputs = 256, .other_sign = true }, true, "op 0 QUANTIZE: no rules are known" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        compiled c;
        crl_error err = { .text = "" };
        const crl_status s = compile(&c, &cases[i].form, cases[i].unproved, &err);
        check_that(t, s == CRL_ERR_UNSUPPORTED && !c.bytes && strstr(err.text, cases[i].says),
                   "wanted \"%s\", got %d \"%s\"", cases[i].says, s, err.text);
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
        { "does_as_networks_do", does_as_networks_do, false },
        { "writes_sound_packages", writes_sound_packages, false },
        { "computes_what_models_do", computes_what_models_do, false },
        { "computes_any_form", computes_any_form, false },
        { "refuses", refuses, false },
        { "gives_the_compilers_files", gives_the_compilers_files, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
