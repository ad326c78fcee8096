/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a request of KServe v2: refused with a sentence, or inputs of the model's sizes. The first two bytes say
 * how long the JSON is, 0xffff: all of it; the answer to what is accepted is JSON. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "serve/v2.h"
#include "fuzz.h"

static void insist(bool promise)
{
    if (!promise) abort();
}

static void describe(cli_ports *p)
{
    *p = (cli_ports){ .n_in = 3, .n_out = 2, .batch = 4 };
    p->in[0] = (cli_port){ "image", CRL_UINT8, { 3, { 4, 2, 3 } } };
    p->in[1] = (cli_port){ "real", CRL_FLOAT32, { 2, { 4, 2 } } };
    p->in[2] = (cli_port){ "flag", CRL_BOOL, { 1, { 4 } } };
    p->out[0] = (cli_port){ "scores", CRL_FLOAT32, { 2, { 4, 3 } } };
    p->out[1] = (cli_port){ "index", CRL_INT64, { 1, { 4 } } };
}

static void answer(const cli_v2_request *q, const cli_ports *ports)
{
    float scores[12] = { 0.1f, -0.0f, 1e30f };
    int64_t index[4] = { 1, -1, INT64_MIN, INT64_MAX };
    const crl_tensor values[2] = { { .type = CRL_FLOAT32, .shape = { 2, { q->rows, 3 } }, .data = scores },
                                   { .type = CRL_INT64, .shape = { 1, { q->rows } }, .data = index } };
    cli_text t = { 0 };
    size_t json_bytes;
    cli_v2_answer(&t, &json_bytes, "model", q, ports, values);
    json_t *told = t.lost ? NULL : json_loadb(t.bytes, json_bytes ? json_bytes : t.n, 0, NULL);
    insist(t.lost || told);
    json_decref(told);
    cli_text_free(&t);
}

int fuzz_v2(const uint8_t *bytes, size_t size)
{
    static cli_ports ports;
    cli_v2_request q;
    crl_error err = { .text = "" };
    describe(&ports);
    if (size < 2) return 0;
    const size_t said = (size_t)bytes[0] | (size_t)bytes[1] << 8;
    const crl_status s = cli_v2_parse(&q, bytes + 2, size - 2, said == 0xffff ? SIZE_MAX : said, &ports, &err);
    if (s) {
        insist(*err.text && err.status == s);
    } else {
        insist(q.rows >= 1 && q.rows <= 4 && q.n_out >= 1 && q.n_out <= 2);
        for (int i = 0; i < 3; i++) {
            insist(q.in[i].bytes == crl_shape_count(&ports.in[i].shape) / 4 * (size_t)q.rows * crl_type_bytes(ports.in[i].type));
            for (size_t k = 0; k < q.in[i].bytes; k++) (void)((const volatile uint8_t *)q.in[i].data)[k]; /* it can be read */
        }
        answer(&q, &ports);
    }
    cli_v2_release(&q);
    return 0;
}
