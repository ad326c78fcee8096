/* SPDX-License-Identifier: Apache-2.0 */
/* The vendor's runtime as a backend: an installed libedgetpu.so.1, by its C interface and that of delegates. For those who trust it more than the
 * driver beside this folder. It can do what it likes to the process: it is known to end it where a stick is pulled out, and to wait for ever. */
#ifndef CRL_BACKEND_VENDOR_VENDOR_H
#define CRL_BACKEND_VENDOR_VENDOR_H

#include "backend/backend.h"

typedef struct crl_vendor_setup {
    const char *path; /* of the device, as the runtime lists it; NULL: any on the USB */
} crl_vendor_setup;

/* The library; `*there`, which may be NULL: whether it lists a device on the USB.
 * Errors: UNSUPPORTED, none is installed. Environment: CRL_LIBEDGETPU=FILE, else libedgetpu.so.1 where the system looks. */
crl_status crl_vendor_find(bool *there, crl_error *err);

/* The table; `setup` outlives it. */
crl_backend crl_vendor_backend(const crl_vendor_setup *setup);

#endif
