/* SPDX-License-Identifier: Apache-2.0 */
/* How long a run by the device takes, by the kind of host it hangs on.
 *
 *   ms = fixed + million bytes that travel * each + operators * each
 *
 * fitted by tools/fit_latency.py on what Coral measured for four classifiers (google-coral/pycoral, benchmarks/reference: 20 figures), which it
 * meets within 10 %; ten figures that the documentation gives for other networks, known from memory only, within 18 %. Work
 * itself does not show in those figures: the chip computes while data travel. It does where activations are large, and outputs are:
 * there the upper end is what a chip at half its clock, and the slowest transfer seen, would take. */
#include "compile/check.h"
#include "compile/rules.h"
#include "ops/codes.h"

static const struct {
    const char *host, *description;
    double fixed, megabyte; /* ms, and ms for a million bytes */
    double output;          /* ms that a million bytes of output may take more */
} hosts[] = {
    { "usb3", "a desktop's USB 3", 1.502, 2.144, 39 },
    { "usb3_pi4", "Raspberry Pi 4, USB 3", 3.488, 3.686, 52 },
    { "usb2", "Raspberry Pi 3, USB 2", 5.157, 27.040, 243 },
    { "pcie", "PCIe, as on the Dev Board", 1.675, 2.667, 62 },
};
static const double operator_ms = 0.0072, low = 0.9, high = 1.1, slow_cycle_ms = 4e-6;

static uint64_t quarters(int32_t n)
{
    return ((uint64_t)(n < 0 ? 0 : n) + 3) / 4;
}

/* Cycles of a layer: 64 multiply-accumulates for each of 16 tiles, fitted on 13 programs that say how many they take. */
static double cycles_of(const crl_judged *j, const crl_operator *op)
{
    if (op->n_inputs < 2 || op->inputs[1] < 0 || !op->n_outputs) return 0;
    const crl_shape *w = &j->graph->tensors[op->inputs[1]].shape, *y = &j->graph->tensors[op->outputs[0]].shape;
    if (w->rank != 4 || y->rank != 4) return 0;
    const double tiles = (double)(quarters(y->dim[1]) * quarters(y->dim[2])), taps = (double)w->dim[1] * w->dim[2];
    if (op->code == CRL_OP_DEPTHWISE_CONV_2D) return 0.47 * tiles * taps * (double)quarters(w->dim[3]);
    if (op->code != CRL_OP_CONV_2D) return 0;
    const double rows = w->dim[0] <= 4 ? 4 : w->dim[0] <= 64 ? 4.0 * (double)(quarters(w->dim[0]) + 3) : (double)w->dim[0];
    const double work = taps * (double)quarters(w->dim[3]) * rows / 16;
    return y->dim[1] == 1 && y->dim[2] == 1 ? 1.08 * work / 16 : 0.80 * tiles * work;
}

void crl_estimate_latency(crl_judged *j)
{
    enum { N = sizeof hosts / sizeof *hosts };
    crl_check *c = &j->check;
    if (!c->n_mapped) return;
    crl_check_latency *list = crl_judged_take(j, N, sizeof *list);
    if (!list) return;
    double cycles = 0, in = 0, out = 0;
    for (int32_t i = 0; i < c->n_ops; i++)
        if (!j->ops[i].mapping) cycles += cycles_of(j, &j->graph->operators[i]);
    for (int32_t i = 0; i < c->n_inputs; i++) in += (double)c->inputs[i].bytes / 1e6;
    for (int32_t i = 0; i < c->n_outputs; i++) out += (double)c->outputs[i].bytes / 1e6;
    const double streamed = (double)c->streamed_bytes / 1e6;
    const double more = c->near_limit ? (double)c->cached_bytes / 1e6 / 7 : 0; /* that may be streamed, too */
    for (int k = 0; k < N; k++) {
        const double ms = hosts[k].fixed + (in + out + streamed) * hosts[k].megabyte + c->n_mapped * operator_ms;
        list[k] = (crl_check_latency){ .host = hosts[k].host, .description = hosts[k].description, .low_ms = low * ms,
                                       .high_ms = high * ms + out * hosts[k].output + more * hosts[k].megabyte };
        if (c->tile_bytes > c->tile_limit) list[k].high_ms += cycles * slow_cycle_ms;
    }
    c->latency = list;
    c->n_latency = N;
}
