/* SPDX-License-Identifier: Apache-2.0 */
/* The program of a template, changed for another model. The words lie in a copy of the template's file. */
#ifndef CRL_COMPILE_EDIT_H
#define CRL_COMPILE_EDIT_H

#include <corallite/package.h>

#include "compile/constants.h"

typedef struct crl_edit {
    const crl_twin *twin;
    const crl_disassembly *program;
    const crl_constants_table *constants;
    const uint8_t *from; /* the template's file, */
    uint8_t *to;         /* and the copy that is changed */
    bool changed;        /* scales or zero points differ between the models */
    uint64_t work; /* that is left, of CRL_COMPILE_WORK */
    int32_t tensors, named; /* tensor instructions, and those whose operator is known */
    crl_error *err;
} crl_edit;

/* The constants of a tensor instruction, which lies there, read and written; whether they are the same; and which opcodes have them. */
crl_constants crl_edit_read(const uint8_t *at);
void crl_edit_write(uint8_t *at, const crl_constants *c);
bool crl_edit_same(const crl_constants *a, const crl_constants *b);
bool crl_edit_is_tensor(int32_t opcode);

/* The words of instruction i in the copy. */
uint8_t *crl_edit_at(const crl_edit *e, int32_t i);

/* Constants of tensor instructions, weights of ADDs, border fills. Errors: UNSUPPORTED where it is not known what becomes of one. */
crl_status crl_edit_constants(crl_edit *e);

/* Which operator each instruction belongs to, -1: none. Changes nothing. */
void crl_edit_explain(crl_edit *e, int32_t *ops);

/* A softmax that the scalar core computes, and the layer in front of it whose width may change. Errors: UNSUPPORTED, as above. */
crl_status crl_edit_softmax(crl_edit *e);

#endif
