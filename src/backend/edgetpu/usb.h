/* SPDX-License-Identifier: Apache-2.0 */
/* What the driver asks of USB, as a table of functions: libusb (libusb.c), recorded traffic and a stick in software
 * (tests/sim) are such tables.
 *
 * All calls of a transport and its handles come from one thread at a time. Nothing is called back: who waits for a transfer
 * calls `events` until `pending` is false. No call lasts longer than its limit, whatever the device does. */
#ifndef CRL_BACKEND_EDGETPU_USB_H
#define CRL_BACKEND_EDGETPU_USB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a call or a transfer ended. */
typedef enum crl_usb_result {
    CRL_USB_OK = 0,
    CRL_USB_FAILED,     /* a transfer error, or anything that has no name here */
    CRL_USB_TIMEOUT,
    CRL_USB_CANCELLED,
    CRL_USB_STALL,
    CRL_USB_GONE,       /* the device left the bus, or came back as something else */
    CRL_USB_OVERFLOW,   /* the device sent more than was asked for */
    CRL_USB_FORBIDDEN,  /* the system refuses: its permissions */
    CRL_USB_BUSY,       /* another program holds the device */
    CRL_USB_NO_MEMORY
} crl_usb_result;

enum { CRL_USB_PORTS = 7 }; /* hubs in a row, at most */

typedef enum crl_usb_speed { CRL_USB_SPEED_UNKNOWN, CRL_USB_FULL, CRL_USB_HIGH, CRL_USB_SUPER } crl_usb_speed;

/* A device on the bus. Where it is stays, while what it is changes with its firmware. */
typedef struct crl_usb_place {
    uint8_t bus, depth, port[CRL_USB_PORTS];
    uint16_t vendor, product;
    crl_usb_speed speed; /* of its link */
} crl_usb_place;

/* The eight bytes of a control transfer. Bit 7 of `type`: from the device. */
typedef struct crl_usb_setup {
    uint8_t type, request;
    uint16_t value, index, length;
} crl_usb_setup;

typedef struct crl_usb_transfer {
    uint8_t endpoint; /* bit 7: from the device */
    bool interrupt;   /* bulk otherwise */
    void *data;
    size_t bytes;
    unsigned limit_ms; /* 0: none */
    /* What the transport tells. */
    bool pending;
    crl_usb_result result;
    size_t done;      /* bytes that went over, also of one that failed */
    void *own;        /* the transport's; NULL at first */
} crl_usb_transfer;

typedef struct crl_usb crl_usb;

struct crl_usb {
    const char *name; /* "libusb" */
    void *own;

    /* The devices on the bus, any vendor's; `*n` gets their number, of which at most `most` are written. */
    crl_usb_result (*list)(const crl_usb *usb, crl_usb_place *places, int most, int *n);
    /* Opens what sits at the place now, whatever its vendor and product say. */
    crl_usb_result (*open)(const crl_usb *usb, const crl_usb_place *place, void **handle);
    void (*close)(const crl_usb *usb, void *handle);
    crl_usb_result (*claim)(void *handle, int interface);
    void (*release)(void *handle, int interface);
    /* Of the port. GONE: the device came back as something else, the handle is good for nothing but close. */
    crl_usb_result (*reset)(void *handle);
    crl_usb_speed (*speed)(void *handle);
    /* `*done` gets the bytes that were moved. */
    crl_usb_result (*control)(void *handle, const crl_usb_setup *setup, void *data, unsigned limit_ms, size_t *done);

    /* Hands a transfer over, which is `pending` from then on. May allocate the first time that it sees one. */
    crl_usb_result (*submit)(void *handle, crl_usb_transfer *transfer);
    void (*cancel)(void *handle, crl_usb_transfer *transfer); /* it is pending until events says otherwise */
    /* Waits until a transfer has ended, at most so long. */
    void (*events)(void *handle, unsigned limit_ms);
    void (*forget)(void *handle, crl_usb_transfer *transfer); /* releases what submit allocated; not while pending */

    void (*sleep)(const crl_usb *usb, unsigned ms);
    uint64_t (*now)(const crl_usb *usb); /* nanoseconds of a clock that only goes forward */
};

/* "timed out". */
const char *crl_usb_result_text(crl_usb_result result);
/* "bus 2 port 1.4". */
enum { CRL_USB_PLACE_TEXT = 48 };
const char *crl_usb_place_text(char text[CRL_USB_PLACE_TEXT], const crl_usb_place *place);
bool crl_usb_same_place(const crl_usb_place *a, const crl_usb_place *b);

#endif
