/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the packed cases of tests/ops/data. tools/oracle/gen_ops.py writes them and explains the format. */
#ifndef CRL_TESTS_OPS_PACKED_H
#define CRL_TESTS_OPS_PACKED_H

#include <corallite/tensor.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct reader {
    const uint8_t *p;
    size_t left;
    bool shaped; /* the file has shapes of inputs, and cases of several runs */
    bool broken;
} reader;

/* Bytes of an unpacked file; they stay the file's. */
typedef struct block {
    const uint8_t *data;
    size_t bytes;
} block;

enum { MAX_IO = 32 };

typedef struct packed_case {
    char name[80]; /* "CONV_2D int8 3": operator, kind, number */
    uint32_t ulp;
    block model;
    uint32_t n_in, n_out;
    block in[MAX_IO], out[MAX_IO];
    crl_shape in_shape[MAX_IO], shape[MAX_IO]; /* of the inputs only where `shaped` */
    bool shaped;
} packed_case; /* without a model: another run of the one before */

/* The whole file, unpacked, into memory that the caller frees; `r` begins with it. NULL and a line on stdout when it is no
 * file of packed cases. */
uint8_t *packed_read(const char *path, reader *r);

/* The next case; false when what is left is none. */
bool packed_next(reader *r, packed_case *c);

/* Paths of the files NAME.ops in a folder, sorted; the caller frees each. Returns how many. */
enum { MAX_FILES = 512 };
size_t packed_list(const char *folder, char *path[MAX_FILES]);

#endif
