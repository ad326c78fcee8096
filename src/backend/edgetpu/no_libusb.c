/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for libusb.c where the library's headers were missing. */
#include "backend/edgetpu/libusb.h"

#include "base/error.h"

crl_status crl_libusb(const crl_usb **usb, crl_error *err)
{
    (void)usb;
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "this build has no USB: install libusb-1.0-0-dev and build again (meson -Dusb=enabled)");
}
