/* SPDX-License-Identifier: Apache-2.0 */
/* Places of Edge TPUs: see bus.h. */
#include "backend/edgetpu/bus.h"

#include <stdio.h>

bool crl_same_place(const crl_place *a, const crl_place *b)
{
    return a->pci == b->pci && (a->pci ? a->number == b->number : crl_usb_same_place(&a->usb, &b->usb));
}

const char *crl_place_text(char text[CRL_USB_PLACE_TEXT], const crl_place *place)
{
    if (!place->pci) return crl_usb_place_text(text, &place->usb);
    snprintf(text, CRL_USB_PLACE_TEXT, "PCIe (/dev/apex_%d)", (int)place->number);
    return text;
}
