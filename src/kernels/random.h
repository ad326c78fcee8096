/* SPDX-License-Identifier: Apache-2.0 */
/* Random bits from a key and a counter: the same ones each time. One block comes from each count.
 *
 * Source: Salmon, Moraes, Dror and Shaw, Parallel Random Numbers: As Easy as 1, 2, 3 (2011): Threefry-2x32 of 20 rounds,
 * Philox-4x32 of 10 rounds. Numbers out of them: TensorFlow, core/lib/random/random_distributions. */
#ifndef CRL_KERNELS_RANDOM_H
#define CRL_KERNELS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void crl_threefry(uint32_t block[2], const uint32_t key[2], const uint32_t count[2]);
void crl_philox(uint32_t block[4], const uint32_t key[2], const uint32_t count[4]);

/* A row of blocks of Philox. */
typedef struct crl_random {
    uint32_t key[2], count[4];
} crl_random;

void crl_random_seed(crl_random *r, uint64_t seed, uint64_t seed2);
void crl_random_next(crl_random *r, uint32_t block[4]);
void crl_random_skip(crl_random *r, uint64_t blocks);

/* Evenly in [0, 1), and by the normal distribution. */
void crl_random_uniform_f32(float *out, size_t n, crl_random *r);
void crl_random_normal_f32(float *out, size_t n, crl_random *r);

/* n draws out of n_classes for each row of logits, to one of `wide` and `narrow`; `room` has n_classes. Index n_classes where no
 * class can be drawn. */
typedef struct crl_draws {
    size_t rows, n, n_classes;
    int64_t *wide;
    int32_t *narrow;
} crl_draws;

void crl_random_classes(const crl_draws *d, const float *logits, crl_random *r, double *room);

#endif
