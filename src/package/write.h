/* SPDX-License-Identifier: Apache-2.0 */
/* Packages as tables that can be changed, and back into an operator's options, laid out as the compiler lays them out: what was read and
 * not changed comes out byte for byte as it was. */
#ifndef CRL_PACKAGE_WRITE_H
#define CRL_PACKAGE_WRITE_H

#include "model/tree.h"

enum { CRL_OPTION_ENTRIES = 8, CRL_OPTION_INTS_MOST = 8, CRL_EXECUTABLES_MOST = 2 };

/* One entry of the options; beside the package these are numbers, texts, and lists of numbers. */
typedef struct crl_option_entry {
    const char *key;
    bool is_text, is_list;
    const char *text; /* NULL: it is the package */
    size_t bytes;
    int64_t numbers[CRL_OPTION_INTS_MOST]; /* of a list; the one of a number */
    int32_t n;
} crl_option_entry;

typedef struct crl_package_tree {
    crl_option_entry entries[CRL_OPTION_ENTRIES]; /* by their keys */
    int32_t n_entries;
    crl_tree *package; /* without what `executables` says */
    crl_tree *executables[CRL_EXECUTABLES_MOST];
    int32_t n_executables;
} crl_package_tree;

/**
 * The tables of the options of a compiled operator. Nodes belong to the pile and borrow from the bytes.
 *
 * Errors  CRL_ERR_FORMAT, CRL_ERR_UNSUPPORTED  it is broken, or has parts that were never seen; CRL_ERR_MEMORY
 */
crl_status crl_package_tree_read(crl_package_tree *tree, const uint8_t *options, size_t size, crl_pile *pile, crl_error *err);

/* The options. `*bytes` is the caller's, for crl_free(); NULL after a failure. Errors: UNSUPPORTED (2 GiB), MEMORY. */
crl_status crl_package_tree_write(const crl_package_tree *tree, uint8_t **bytes, size_t *size, crl_error *err);

#endif
