/* SPDX-License-Identifier: Apache-2.0 */
/* The version, read by meson and by the Python package: change it here only. */
#ifndef CORALLITE_VERSION_H
#define CORALLITE_VERSION_H

#include <corallite/status.h>

#define CRL_VERSION "0.1.0"
#define CRL_VERSION_DATE "2026-11-28" /* of its release, or of the work on it */

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is linked, e.g. "0.1.0"; compare with CRL_VERSION. */
CRL_API const char *crl_version(void);

#ifdef __cplusplus
}
#endif
#endif
