/* SPDX-License-Identifier: Apache-2.0 */
/* See canary.h. What a stick computes after it was brought back is not always right: parameters that another program has written over
 * stay wrong without a sign (rules that those found who drive sticks without the vendor's driver). */
#include "backend/edgetpu/canary.h"

#include <string.h>

#include "base/error.h"

struct crl_canary {
    crl_canary *next;
    int32_t node;
    bool kept;
    uint8_t *in, *out, *got; /* all inputs, all outputs, and room for those of another run */
};

static size_t bytes_of(const crl_tpu_port *ports, int32_t n)
{
    size_t bytes = 0;
    for (int32_t i = 0; i < n; i++) bytes += ports[i].bytes;
    return bytes;
}

static size_t bytes_in(const crl_tpu_program *p)
{
    return bytes_of(p->in, p->package->running->n_inputs);
}

static size_t bytes_out(const crl_tpu_program *p)
{
    return bytes_of(p->out, p->package->running->n_outputs);
}

static void free_canary(crl_canary *c)
{
    crl_free(c->in);
    crl_free(c->out);
    crl_free(c->got);
    crl_free(c);
}

void crl_canaries_release(crl_canaries *all)
{
    for (crl_canary *c = all->first, *next; c; c = next) {
        next = c->next;
        free_canary(c);
    }
    all->first = NULL;
}

crl_status crl_canary_of(crl_canary **out, crl_canaries *all, int32_t node, const crl_tpu_program *program, crl_error *err)
{
    for (*out = all->first; *out; *out = (*out)->next)
        if ((*out)->node == node) return CRL_OK;
    crl_canary *c = crl_alloc(sizeof *c);
    if (!c) return crl_fail_memory(err, "a program for an Edge TPU");
    *c = (crl_canary){ .node = node, .in = crl_alloc(bytes_in(program)), .out = crl_alloc(bytes_out(program)), .got = crl_alloc(bytes_out(program)) };
    if (!c->in || !c->out || !c->got) {
        free_canary(c);
        return crl_fail_memory(err, "a program for an Edge TPU");
    }
    c->next = all->first;
    *out = all->first = c;
    return CRL_OK;
}

void crl_canary_keep(crl_canary *c, const crl_tpu_program *p, const crl_node *node)
{
    uint8_t *in = c->in, *out = c->out;
    if (c->kept) return;
    for (int32_t i = 0; i < p->package->running->n_inputs; in += p->in[i].bytes, i++) memcpy(in, node->in[p->in[i].tensor]->data, p->in[i].bytes);
    for (int32_t i = 0; i < p->package->running->n_outputs; out += p->out[i].bytes, i++)
        memcpy(out, node->out[p->out[i].tensor]->data, p->out[i].bytes);
    c->kept = true;
}

crl_status crl_canary_try(crl_canary *c, crl_stick *stick, crl_tpu_program *p, uint64_t patience, crl_error *err)
{
    const uint8_t *in = c->in;
    uint8_t *got = c->got;
    if (!c->kept) return CRL_OK;
    for (int32_t i = 0; i < p->package->running->n_inputs; in += p->in[i].bytes, i++) crl_tpu_port_fill(&p->in[i], in);
    const crl_status s = crl_stick_run(stick, p, patience, err);
    if (s) return s;
    for (int32_t i = 0; i < p->package->running->n_outputs; got += p->out[i].bytes, i++) crl_tpu_port_read(&p->out[i], got);
    if (!memcmp(c->got, c->out, bytes_out(p))) return CRL_OK;
    crl_stick_distrust(stick);
    return crl_fail(err, CRL_ERR_DEVICE, "it computes other numbers than before it failed: unplug it and plug it in again");
}
