/* SPDX-License-Identifier: Apache-2.0 */
/* A small package, made to be broken: tables of the schema that a check changes before they are written. */
#ifndef TESTS_PACKAGE_MAKE_H
#define TESTS_PACKAGE_MAKE_H

#include <corallite/package.h>

#include "model/tree.h"

/* One input [2,3,4], one output [2,3,4] that two tiles compute, 64 bytes of parameters that are cached. Executable 0 runs, 1 caches. */
typedef struct made {
    crl_pile pile;
    crl_tree *package, *multi;
    crl_tree *executable[2], *chunk[2], *hints[2], *input, *output, *layout;
    int n_executables;
    uint8_t program[2][7 * 16];
    uint8_t *options; /* of the operator, once it is finished */
    size_t options_bytes;
    crl_operator op;
    crl_subgraph graph;
    crl_model model; /* of that one operator, for crl_package_open(), and of nothing else */
} made;

void made_begin(made *m);
/* Other inputs and outputs in the place of those, dense; `number` is what its program is told from others by. */
typedef struct made_port {
    const char *name; /* outlives it */
    int32_t y, x, z;
    bool is_signed;
} made_port;
void made_ports(made *m, uint32_t number, const made_port *in, int n_in, const made_port *out, int n_out);
/* Writes all, from the inside out. Options can be had after that only. */
void made_finish(made *m);
void made_end(made *m);

/* Programs in which nothing is wrong, as text: the first asks for 64 bytes of parameters and puts them at unit 64 of tile 0; the second
 * asks for the input, writes to unit 8000 of all tiles, and gives the output in two pieces. */
extern const char made_caching[], made_running[];

/* The program of executable e becomes `text`, with `to` in the place of the first `from`; NULL: as it is. false: there is no such, or it
 * cannot be assembled. */
bool made_program(made *m, int e, const char *text, const char *from, const char *to);

/* Sets a field of a node. */
void made_number(crl_tree *node, int field, int64_t value);
void made_ints(crl_tree *node, int field, const int32_t *v, uint32_t n); /* borrowed */

/* The transfer, chunk, ... that hint i of executable e is. */
crl_tree *made_hint(made *m, int e, int i);

#endif
