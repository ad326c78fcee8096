/* SPDX-License-Identifier: Apache-2.0 */
/* The parts that a judgement of a model is put together from, in this order: rules.h judges operators, partition.c decides which
 * of them are mapped, cost.c counts memory, latency.c time, report.c finds the words. */
#ifndef CRL_COMPILE_CHECK_H
#define CRL_COMPILE_CHECK_H

#include <corallite/check.h>

#include "base/alloc.h"

typedef struct crl_judged {
    crl_check check; /* first: what the caller holds */
    crl_pile pile;
    const crl_model *model;
    const crl_subgraph *graph;
    crl_check_options options;
    crl_check_op *ops; /* those of `check`, to be written */
    bool failed;       /* there was no memory */
} crl_judged;

/* Memory of the judgement; NULL and a failure where there is none. */
void *crl_judged_take(crl_judged *j, size_t n, size_t size);
/* A sentence of it; "" after a failure. */
const char *crl_judged_text(crl_judged *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Judges each operator by itself, then which are mapped. */
void crl_partition(crl_judged *j);

/* Parameters, what is cached of them, activations and work, and what goes in and out. */
void crl_count_cost(crl_judged *j);

/* What a run by the device takes. */
void crl_estimate_latency(crl_judged *j);

/* What kind of model it is. */
crl_check_kind crl_judge_kind(const crl_judged *j);

/* Requirements and advice. */
void crl_report(crl_judged *j);

#endif
