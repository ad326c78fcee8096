/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of the schema in memory, to be changed and written: all that a file says, what the reader of models leaves alone
 * included. Nodes live in the caller's pile; texts, vectors of numbers and bytes are borrowed from where they were read.
 *
 *   crl_tree *root;
 *   crl_tree_read_model(&root, model, &pile, &err)
 *   crl_tree_at(root, CRL_FIELD_MODEL_DESCRIPTION)->...
 *   crl_tree_write(root, "TFL3", model, &bytes, &size, &err) */
#ifndef CRL_MODEL_TREE_H
#define CRL_MODEL_TREE_H

#include <corallite/model.h>

#include "base/alloc.h"
#include "model/schema.h"

typedef struct crl_tree crl_tree;

/* A text in a vector of texts. */
typedef struct crl_tree_text {
    const char *text;
    size_t bytes;
} crl_tree_text;

/* What a field holds; of which of these, its kind in the schema says. */
typedef struct crl_tree_value {
    union {
        int64_t i;                  /* numbers; of a u64 the bits */
        float f;                    /* F32 */
        const void *list;           /* TEXT and vectors of numbers, as they stand in the file */
        const crl_tree_text *texts; /* TEXTS */
        crl_tree **tables;          /* TABLES */
        crl_tree *table;            /* TABLE, UNION: the node's kind is the union's type */
    };
    uint32_t n;   /* elements of vectors, bytes of a TEXT */
    bool present; /* false: the rest says nothing. Types of unions are never looked at. */
} crl_tree_value;

struct crl_tree {
    uint8_t kind;           /* table of the schema */
    crl_tree_value value[]; /* of its fields, in the schema's order */
};

/* A table with no field present; NULL without memory. */
crl_tree *crl_tree_new(crl_pile *pile, int table);
/* The value of a field of the node's table. */
crl_tree_value *crl_tree_at(crl_tree *node, int field);

/**
 * All tables of an open model. Data and custom options that stand outside the FlatBuffer are found where they are, and inside
 * once they are written.
 *
 * Owner   nodes belong to the pile and borrow from the model: both have to outlive them
 * Errors  CRL_ERR_FORMAT       a part that the reader of models ignores is broken
 *         CRL_ERR_UNSUPPORTED  options of an operator that is newer than the schema
 *         CRL_ERR_MEMORY
 */
crl_status crl_tree_read_model(crl_tree **out, const crl_model *model, crl_pile *pile, crl_error *err);

/* The same for any FlatBuffer of the schema: `table` is its root, `identifier` the four bytes at 4, NULL: none. Nodes borrow from the bytes. */
crl_status crl_tree_read(crl_tree **out, const void *bytes, size_t size, int table, const char *identifier, crl_pile *pile, crl_error *err);

/**
 * The FlatBuffer of a tree with the four bytes `identifier` at 4. Equal trees give equal bytes. Numbers that are as the schema
 * presets them are left out, whether they were present or not. The archive of label files at the end of `archive`, if that is not
 * NULL and has one, follows.
 *
 * Owner   `*bytes` is the caller's, for crl_free(); NULL after a failure
 * Errors  CRL_ERR_UNSUPPORTED  more than 2 GiB
 *         CRL_ERR_MEMORY
 */
crl_status crl_tree_write(const crl_tree *root, const char *identifier, const crl_model *archive, uint8_t **bytes, size_t *size,
                          crl_error *err);

#endif
