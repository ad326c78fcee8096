/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the tree of a model (model/tree.h): what an operation needs in shorthand. The first failure sticks: after it nothing
 * more happens, and the caller asks once. */
#ifndef CRL_MODEL_GRAFT_H
#define CRL_MODEL_GRAFT_H

#include "model/tree.h"

typedef struct crl_graft {
    crl_tree *root, *graph; /* the model and its main subgraph */
    crl_pile *pile;
    bool failed; /* there was no memory */
    crl_tree **growing; /* the tables of the vector that was added to last, which have room for more, */
    uint32_t room;      /* for as many in all */
} crl_graft;

/* Memory for what a tree borrows. NULL after a failure. */
void *crl_graft_take(crl_graft *g, size_t n, size_t size);
crl_tree *crl_graft_table(crl_graft *g, int table);

/* Setting fields of a node; NULL nodes are passed over. What pointers lead to is borrowed. */
void crl_graft_number(crl_graft *g, crl_tree *node, int field, int64_t value);
void crl_graft_text(crl_graft *g, crl_tree *node, int field, const char *text);
void crl_graft_list(crl_graft *g, crl_tree *node, int field, const void *list, size_t n);
void crl_graft_child(crl_graft *g, crl_tree *node, int field, crl_tree *child);
/* A field of an operator's options by its name. */
int crl_graft_option(const crl_tree *options, const char *name);

/* Adds a table to a vector of them; returns its number. */
int32_t crl_graft_add(crl_graft *g, crl_tree *node, int field, crl_tree *item);

/* A tensor with its data, which may be NULL. `scale` 0: not quantised. Returns its number. */
typedef struct crl_graft_tensor {
    const char *name;
    crl_type type;
    crl_shape shape;
    float scale;
    int32_t zero;
    const void *data;
    size_t bytes;
} crl_graft_tensor;
int32_t crl_graft_add_tensor(crl_graft *g, const crl_graft_tensor *t);

/* An operator by its code in the schema, with up to three inputs and one output. Returns its options, NULL where it has none. */
crl_tree *crl_graft_add_operator(crl_graft *g, int32_t code, int32_t version, const int32_t *inputs, int32_t n_inputs, int32_t output);

/* Takes out what metadata say of the whole model, which is true no longer. */
void crl_graft_drop_notes(crl_graft *g);

/* Takes out the tensors of the main subgraph that nothing names any more, and the buffers; signatures follow. */
void crl_graft_compact(crl_graft *g);

#endif
