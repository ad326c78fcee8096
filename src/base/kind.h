/* SPDX-License-Identifier: Apache-2.0 */
/* Telling what a file is that is not what was wanted, by its first bytes. */
#ifndef CRL_BASE_KIND_H
#define CRL_BASE_KIND_H

#include <stddef.h>
#include <stdint.h>

typedef enum crl_kind_family {
    CRL_KIND_PICTURE,
    CRL_KIND_VIDEO,
    CRL_KIND_TEXT,
    CRL_KIND_OTHER
} crl_kind_family;

typedef struct crl_kind {
    const char *what; /* "a PDF document" */
    const char *many; /* "PDF documents" */
    const char *cure; /* "unpack it first"; NULL: there is none that fits every use */
    crl_kind_family family;
} crl_kind;

/* NULL: not known. An empty file is a kind, too. 512 bytes are enough. */
const crl_kind *crl_kind_of(const uint8_t *bytes, size_t size);

#endif
