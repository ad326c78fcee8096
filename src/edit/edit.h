/* SPDX-License-Identifier: Apache-2.0 */
/* What all changes have in common: the tree of a model, and the model beside it, in which tensors and operators have the same
 * numbers until the change is written. */
#ifndef CRL_EDIT_EDIT_H
#define CRL_EDIT_EDIT_H

#include <corallite/edit.h>

#include "base/error.h"
#include "model/graft.h"

typedef struct crl_editing {
    crl_pile pile;
    crl_graft g;
    const crl_model *model;
    const crl_subgraph *def; /* the main one, as it was */
    int32_t *moved;          /* [n_tensors] where inputs and outputs have moved to: names of signatures follow */
    bool *gone;              /* [n_operators] operators that are left out */
    bool keeps_notes;        /* metadata still say what is true */
} crl_editing;

/* Takes the model apart. Whatever happens, crl_edit_end() comes last. */
crl_status crl_edit_begin(crl_editing *e, const crl_model *model, crl_error *err);
/* Writes what has become of it, unless `s` is a failure, which is passed on, and releases all. */
crl_status crl_edit_end(crl_editing *e, crl_status s, uint8_t **bytes, size_t *size, crl_error *err);

crl_tree *crl_edit_tensor(crl_editing *e, int32_t i);
crl_tree *crl_edit_operator(crl_editing *e, int32_t i);

/* A list of numbers of the caller's own that replaces a field of a node. */
int32_t *crl_edit_numbers(crl_editing *e, crl_tree *node, int field, const int32_t *from, size_t n);

/* A tensor gets another shape; nothing in it stays open. */
void crl_edit_set_shape(crl_editing *e, int32_t tensor, const crl_shape *shape);
/* A tensor gets other data. */
void crl_edit_set_data(crl_editing *e, int32_t tensor, const void *data, size_t bytes);

/* The operator that writes a tensor, -1: none. How many operators read it, and whether it is an output of the model. */
int32_t crl_edit_writer(const crl_subgraph *g, int32_t tensor);
int32_t crl_edit_readers(const crl_subgraph *g, int32_t tensor);
bool crl_edit_is_output(const crl_subgraph *g, int32_t tensor);

/* TFLite_Detection_PostProcess, or a failure that says that there is none. */
crl_status crl_edit_find_postprocess(const crl_subgraph *g, int32_t *op, crl_error *err);

/* The options of a custom operator, some of them changed. NULL without memory. */
uint8_t *crl_edit_flex(crl_editing *e, const crl_operator *op, const crl_edit_option *options, int32_t n, size_t *bytes);

#endif
