/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a model that is compiled by rule, forms that are not proved included. What comes out opens again and is sound. */
#include <corallite/compile.h>
#include <corallite/package.h>

#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static void insist(bool promise, const char *what)
{
    if (promise) return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

static void note(void *user, const char *text)
{
    (void)user;
    fprintf(stderr, "%s\n", text);
    insist(false, "what came out is not sound");
}

static void look(const uint8_t *bytes, size_t size)
{
    crl_model *model = NULL;
    crl_package *package = NULL;
    insist(!crl_model_open(&model, bytes, size, NULL), "what came out is no model");
    insist(!crl_package_open(&package, model, 0, NULL), "what came out has no package");
    insist(!crl_package_verify(package, note, NULL, NULL), "what came out has no programs");
    crl_package_close(package);
    crl_model_close(model);
}

int fuzz_compile(const uint8_t *bytes, size_t size)
{
    crl_model *model;
    crl_error err = { .text = "" };
    uint8_t *out = NULL;
    size_t n;
    if (crl_model_open(&model, bytes, size, NULL)) return 0;
    const crl_status s = crl_compile(model, &(crl_compile_options){ .unproved = true }, &out, &n, NULL, &err);
    insist(!s == !!out && (!s || *err.text), "a failure without a sentence");
    if (!s) look(out, n);
    free(out);
    crl_model_close(model);
    return 0;
}
