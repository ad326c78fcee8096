/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a template for a model that is known, or as a model for a template that is known; the first byte says which. What comes out
 * has to open again, and a template's own model has to give the template. */
#include <corallite/reweight.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/follow.h"
#include "fuzz.h"
#include "pair.h"

static void insist(bool promise, const char *what)
{
    if (promise) return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

static void try(const crl_model *model, const crl_model *compiled, const crl_model *twin)
{
    uint8_t *bytes;
    size_t size;
    crl_model *again = NULL;
    crl_error err = { .text = "" };
    const crl_status s = crl_reweight(model, compiled, twin, &bytes, &size, NULL, &err);
    insist(!s == !!bytes && (!s || *err.text), "a failure without a sentence");
    if (s) return;
    insist(size == compiled->size && !crl_model_open(&again, bytes, size, NULL), "what came out is no model");
    if (model == twin) insist(!memcmp(bytes, compiled->bytes, size), "a template's own model gives something else");
    crl_model_close(again);
    free(bytes);
}

/* A twin that follows what it is given has at most other scales. */
static void try_to_follow(const crl_model *compiled, const crl_model *file)
{
    crl_model *twin;
    insist(!crl_model_open(&twin, file->bytes, file->size, NULL), "the pair");
    insist(!crl_twin_follow(twin, compiled, NULL), "a twin that cannot follow");
    insist(isfinite(twin->subgraphs[0].tensors[3].quant.scale[0]), "a scale that is no number");
    crl_model_close(twin);
}

int fuzz_reweight(const uint8_t *bytes, size_t size)
{
    static crl_model *model, *twin, *compiled;
    crl_model *given;
    if (!model) { /* once, and for good */
        size_t n[3];
        const uint8_t *second = pair_model(true, &(pair_change){ 0 }, &n[0]), *first = pair_model(false, &(pair_change){ 0 }, &n[1]);
        const uint8_t *template = pair_template(&n[2]);
        insist(!crl_model_open(&twin, first, n[1], NULL) && !crl_model_open(&compiled, template, n[2], NULL) &&
                   !crl_model_open(&model, second, n[0], NULL), "the pair");
    }
    if (size < 2 || crl_model_open(&given, bytes + 1, size - 1, NULL)) return 0;
    switch (bytes[0] % 3) {
    case 0:
        try(model, given, twin);
        try(twin, given, twin);
        try_to_follow(given, twin);
        break;
    case 1: try(given, compiled, twin); break;
    default: try(model, compiled, given); break;
    }
    crl_model_close(given);
    return 0;
}
