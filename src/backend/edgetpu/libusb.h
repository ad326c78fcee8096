/* SPDX-License-Identifier: Apache-2.0 */
/* USB by libusb-1.0, which is loaded when it is asked for: a program that never looks for a stick does not have it. */
#ifndef CRL_BACKEND_EDGETPU_LIBUSB_H
#define CRL_BACKEND_EDGETPU_LIBUSB_H

#include <corallite/status.h>

#include "backend/edgetpu/usb.h"

/* The transport, which lives as long as the process. Errors: UNSUPPORTED, where the library is not there or not built in. */
crl_status crl_libusb(const crl_usb **usb, crl_error *err);

#endif
