/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a model of floats to be quantised by what it gives for two inputs. What is written is a model, which is run as well. The
 * last byte says how. */
#include <corallite/quantize.h>

#include <stdio.h>
#include <stdlib.h>

#include "both.h"
#include "confine.h"
#include "fuzz.h"

enum { WORK = 10000000 };

static void insist(bool promise, const char *what, const crl_error *err)
{
    if (promise) return;
    fprintf(stderr, "fuzz: %s: %s\n", what, err->text);
    abort();
}

static crl_engine *prepare(const crl_model *m)
{
    crl_engine *e;
    crl_error err = { .text = "" };
    const crl_engine_options o = { .backend = CRL_BACKEND_REFERENCE, .threads = 1, .work_limit = WORK, .keep_tensors = true };
    const crl_status s = crl_engine_new(&e, m, &o, &err);
    insist(!s || *err.text, "no sentence", &err);
    return s ? NULL : e;
}

static bool run(crl_engine *e, uint32_t seed)
{
    for (int32_t i = 0; i < crl_engine_input_count(e); i++) fill_tensor(crl_engine_input(e, i), seed + (uint32_t)i);
    return !crl_engine_run(e, NULL);
}

static crl_status observe(crl_quantizer *q, const crl_model *m, crl_error *err)
{
    crl_engine *e = prepare(m);
    crl_status s = e ? CRL_OK : CRL_ERR_UNSUPPORTED;
    for (uint32_t seed = 1; seed <= 2 && !s; seed++) s = run(e, seed) ? crl_quantizer_observe(q, e, err) : CRL_ERR_UNSUPPORTED;
    crl_engine_free(e);
    return s;
}

static void write_and_run(crl_quantizer *q)
{
    uint8_t *bytes;
    size_t size;
    crl_model *m;
    crl_error err = { .text = "" };
    const crl_status s = crl_quantizer_write(q, &bytes, &size, &err);
    insist(!s == (bytes != NULL) && (!s || *err.text), "a result and a failure", &err);
    if (s) return;
    insist(!crl_model_open(&m, bytes, size, &err), "the result is no model", &err);
    crl_engine *e = prepare(m);
    if (e) run(e, 1);
    crl_engine_free(e);
    crl_model_close(m);
    free(bytes);
}

int fuzz_quantize(const uint8_t *bytes, size_t size)
{
    static const crl_type types[] = { CRL_FLOAT32, CRL_INT8, CRL_UINT8 };
    crl_model *m;
    crl_quantizer *q;
    crl_error err = { .text = "" };
    if (!size || crl_model_open(&m, bytes, size, NULL)) return 0;
    const uint8_t how = bytes[size - 1];
    const crl_quantize_options o = { .calibration = (crl_calibration)(how % 3), .input_type = types[how / 3 % 3], .output_type = types[how / 9 % 3] };
    confine_allocations();
    if (!crl_quantizer_new(&q, m, &o, &err)) {
        if (!observe(q, m, &err)) write_and_run(q);
        crl_quantizer_free(q);
    } else
        insist(*err.text, "no sentence", &err);
    crl_model_close(m);
    return 0;
}
