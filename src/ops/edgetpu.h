/* SPDX-License-Identifier: Apache-2.0 */
/* What the Edge TPU's compiler takes: facts, for documents and for the judgement of models. */
#ifndef CRL_OPS_EDGETPU_H
#define CRL_OPS_EDGETPU_H

#include <stdint.h>

typedef struct crl_op_edgetpu {
    const char *name;   /* the schema's */
    int32_t runtime;    /* the lowest version of the Edge TPU runtime that runs it; 0: any */
    const char *limits; /* "" where there are none but those of all operators: data of 8 bits, sizes known, constant weights,
                         * only the three innermost dimensions larger than 1 */
} crl_op_edgetpu;

enum { CRL_OP_EDGETPU_ROWS = 41 }; /* operators that it takes */

/* NULL: the operator stays on the CPU, and with it whatever comes after it. */
const crl_op_edgetpu *crl_op_edgetpu_of(const char *name);

#endif
