/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets what: pairs of least cost. */
#ifndef CRL_TRACK_ASSIGN_H
#define CRL_TRACK_ASSIGN_H

#include <stdbool.h>
#include <stdint.h>

/* Working memory for at most `rows` by `columns`. */
typedef struct crl_assignment {
    double *row_price;    /* [rows] */
    double *column_price; /* [rows + columns] */
    double *shortest;     /* [rows + columns] */
    int32_t *row_of;      /* [rows + columns]: -1 is free */
    int32_t *before;      /* [rows + columns]: the column from which a path came here, -1: from its row */
    bool *done;           /* [rows + columns] */
} crl_assignment;

/* Pairs rows with columns so that the sum of their costs is least, where a row without a column costs `limit`. cost[i * stride
 * + j] is at least 0; a pair that costs `limit` or more is never made. of_row[i] is the column or -1. Time grows with the square of the
 * rows times the columns.
 *
 * Source  Jonker and Volgenant 1987: shortest augmenting paths; each row has a column of its own besides, which costs `limit`. */
void crl_assign(crl_assignment *a, const float *cost, int32_t stride, int32_t rows, int32_t columns, float limit,
                int32_t *of_row);

#endif
