/* SPDX-License-Identifier: Apache-2.0 */
/* The version and the number of the binary interface. meson reads them: change them here only.
 *
 * Structs cross this interface by their layout. Those that may grow end with words called `reserved`, from which later
 * versions take their new fields: a program that was built with an older header goes on with a newer library of the same
 * CRL_ABI.
 *
 *   what the caller fills   The words have to be 0, as `= { 0 }` makes them; 0 is the default of all fields to come.
 *                           The library refuses others (CRL_ERR_ARGUMENT): they ask for what it does not have.
 *   what the library fills  It writes 0, and does not look at them where such a result is given back to it.
 *
 * Structs without such words stay as they are, except those of which there is only a pointer that the library handed out
 * (crl_model, crl_sparsity, crl_results, crl_notice): these may grow at their end.
 *
 * Threads  Any may ask. */
#ifndef CORALLITE_VERSION_H
#define CORALLITE_VERSION_H

#include <corallite/status.h>

#define CRL_VERSION "0.1.0"
#define CRL_VERSION_MAJOR 0
#define CRL_VERSION_MINOR 1
#define CRL_VERSION_PATCH 0
/* To be compared: 203 is 0.2.3. */
#define CRL_VERSION_NUMBER (CRL_VERSION_MAJOR * 10000 + CRL_VERSION_MINOR * 100 + CRL_VERSION_PATCH)

/* The number in the shared library's name, libcorallite.so.0. A release that takes away or changes what programs were built
 * with, a function, a struct or a constant, adds one. */
#define CRL_ABI 0

#define CRL_VERSION_DATE "2026-11-28" /* of its release, or of the work on it */

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is linked, e.g. "0.1.0"; compare with CRL_VERSION. */
CRL_API const char *crl_version(void);
/* The same as a number, to be compared with CRL_VERSION_NUMBER: what a header promises is there from its version on. */
CRL_API int crl_version_number(void);

#ifdef __cplusplus
}
#endif
#endif
