/* SPDX-License-Identifier: Apache-2.0 */
/* The step of a matrix product over packed weights that reads and writes tensors as they are, whatever its elements. */
#ifndef CRL_BACKEND_CPU_PANELS_H
#define CRL_BACKEND_CPU_PANELS_H

#include "backend/cpu/division.h"

typedef struct crl_panels {
    const void *gemm;
    void (*run)(const void *gemm, void *out, const void *in, const crl_division_task *task, void *scratch);
    int32_t rows, panels, row_step;
    uint64_t work;        /* as that of products of bytes */
    size_t scratch_bytes; /* of one thread, aligned to 64 */
    size_t packed_bytes;
    const char *name;     /* of the kernel */
} crl_panels;

/* `in` is what the node reads, or what `pad` (NULL: there is none) before it does. Owner: `panels` is copied. Errors: MEMORY. */
crl_status crl_panels_emit(crl_lower *l, crl_node *node, const crl_tensor *in, const crl_node *pad, const crl_panels *panels, crl_error *err);

/* Names the step after the PAD that it does as well, if there is one. */
crl_status crl_panels_name(crl_lower *l, crl_step *step, const crl_node *pad, const crl_node *node, crl_error *err);

#endif
