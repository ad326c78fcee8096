/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of crl_package_verify(), which finds what is wrong with a package. */
#ifndef CRL_PACKAGE_VERIFY_H
#define CRL_PACKAGE_VERIFY_H

#include <corallite/package.h>

/* Who hears of faults, and of which executable they are. */
typedef struct crl_verifier {
    void (*fault)(void *user, const char *text);
    void *user;
    const char *who; /* "the running program" */
} crl_verifier;

void crl_verify_say(const crl_verifier *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The words of instruction i. */
const uint8_t *crl_verify_at(const crl_disassembly *d, int32_t i);

/* Chunks: start, halt, end, numbers in sequence. */
void crl_verify_frame(const crl_verifier *v, const crl_disassembly *d);
/* The transfers that the scalar core asks for against the hints. */
void crl_verify_transfers(const crl_verifier *v, const crl_disassembly *d);

/* A piece of the wide memory of tiles, in units of 64 bytes. */
typedef struct crl_extent {
    uint32_t tiles, from, to;
} crl_extent;

/* Where a program writes into wide memory. `extents` NULL: they are only counted. */
int32_t crl_extents_of(const crl_disassembly *d, crl_extent *extents);

#endif
