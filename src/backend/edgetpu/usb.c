/* SPDX-License-Identifier: Apache-2.0 */
/* Words about USB: see usb.h. */
#include "backend/edgetpu/usb.h"

#include <stdio.h>
#include <string.h>

const char *crl_usb_result_text(crl_usb_result result)
{
    static const char *const text[] = {
        [CRL_USB_OK] = "went well",           [CRL_USB_FAILED] = "failed",
        [CRL_USB_TIMEOUT] = "timed out",      [CRL_USB_CANCELLED] = "was cancelled",
        [CRL_USB_STALL] = "stalled",          [CRL_USB_GONE] = "found no device any more",
        [CRL_USB_OVERFLOW] = "got too much",  [CRL_USB_FORBIDDEN] = "was forbidden",
        [CRL_USB_BUSY] = "found it in use",   [CRL_USB_NO_MEMORY] = "found no memory",
    };
    return (size_t)result < sizeof text / sizeof *text ? text[result] : "failed";
}

const char *crl_usb_place_text(char text[CRL_USB_PLACE_TEXT], const crl_usb_place *place)
{
    int n = snprintf(text, CRL_USB_PLACE_TEXT, "bus %d", place->bus);
    for (int i = 0; i < place->depth && i < CRL_USB_PORTS; i++)
        n += snprintf(text + n, (size_t)(CRL_USB_PLACE_TEXT - n), i ? ".%d" : " port %d", place->port[i]);
    return text;
}

bool crl_usb_same_place(const crl_usb_place *a, const crl_usb_place *b)
{
    return a->bus == b->bus && a->depth == b->depth && !memcmp(a->port, b->port, a->depth);
}
