/* SPDX-License-Identifier: Apache-2.0 */
/* From the bytes of a .tflite file to a crl_model.
 *
 *   crl_flat_read    lays the tables out and checks all that can be seen at one table: indices, shapes against
 *                    buffer sizes, quantisation, options
 *   crl_flat_verify  checks what takes the whole subgraph: order of operators, writers, calls */
#ifndef CRL_MODEL_FLAT_READ_H
#define CRL_MODEL_FLAT_READ_H

#include <corallite/model.h>

#include "base/alloc.h"
#include "model/flat.h"

/* The file and the memory that takes its parts. Both are paid for out of one budget. */
typedef struct crl_reader {
    crl_flat flat;
    crl_pile *pile;
    uint8_t *block; /* the rest of the last block of the pile */
    size_t left;
} crl_reader;

/* Fills `model` from model->bytes and model->size; memory comes from the pile. The text names the field. */
crl_status crl_flat_read(crl_model *model, crl_pile *pile, crl_error *err);
crl_status crl_flat_verify(const crl_model *model, crl_error *err);
/* CRL_ERR_FORMAT, and why: nothing gives input k of the operator a value. */
crl_status crl_flat_no_value(const crl_subgraph *s, int32_t op, int32_t k, crl_error *err);

/* Options of an operator whose code and name are set, from its table. Faults stick in reader->flat. */
void crl_options_read(crl_reader *reader, const crl_flat_table *op_table, crl_operator *op);

/* Zeroed memory for n elements of `size` bytes, aligned for any; NULL after a fault. Never NULL for n == 0. */
void *crl_reader_take(crl_reader *reader, size_t n, size_t size);
/* A vector of int32; `*n` gets its length, 0 when it is absent. NULL after a fault. */
const int32_t *crl_reader_ints(crl_reader *reader, const crl_flat_table *t, int field, int32_t *n);
const float *crl_reader_floats(crl_reader *reader, const crl_flat_table *t, int field, int32_t *n);
/* A string as UTF-8, "" when it is absent: what is no UTF-8 becomes '?'. Never NULL. */
const char *crl_reader_text(crl_reader *reader, const crl_flat_table *t, int field);

#endif
