/* SPDX-License-Identifier: Apache-2.0 */
/* An Edge TPU on PCIe: what the driver asks of the system, as a table of functions, and the chip behind it.
 *
 * The kernel's driver ("gasket" and "apex") shows it as /dev/apex_N: some of its registers in memory, interrupts as eventfds, and a page
 * table by which the chip reaches memory of the process. The chip fetches all that a program needs by itself: the driver puts the
 * addresses of its instructions into a queue, and waits for the interrupt at the end.
 *
 * Source: the public source of that driver, and of the vendor's runtime above it. */
#ifndef CRL_BACKEND_EDGETPU_APEX_H
#define CRL_BACKEND_EDGETPU_APEX_H

#include <corallite/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include "backend/edgetpu/registers.h"

enum { CRL_APEX_VENDOR = 0x1ac1, CRL_APEX_PRODUCT = 0x089a }; /* of PCI */

/* --- what the kernel's driver takes ------------------------------------------------------------------------ */

typedef struct crl_apex_eventfd {
    uint64_t interrupt, fd;
} crl_apex_eventfd;

/* Of whole pages. */
typedef struct crl_apex_pages {
    uint64_t table; /* 0 */
    uint64_t bytes; /* CRL_APEX_PARTITION: entries */
    uint64_t memory;
    uint64_t address; /* the chip's */
} crl_apex_pages;

typedef struct crl_apex_flagged_pages {
    crl_apex_pages pages;
    uint32_t flags; /* bits 2:1: the direction */
    uint32_t padding;
} crl_apex_flagged_pages;

/* Memory that both see at once. */
typedef struct crl_apex_coherent {
    uint64_t table; /* 0 */
    uint64_t enable;
    uint64_t bytes;
    uint64_t offset; /* in the device's file, given by the kernel */
} crl_apex_coherent;

typedef struct crl_apex_performance {
    uint32_t level; /* 0 is low, 3 is max */
} crl_apex_performance;

#define CRL_APEX_SET_EVENTFD _IOW(0xdc, 1, crl_apex_eventfd)
#define CRL_APEX_CLEAR_EVENTFD _IOW(0xdc, 2, unsigned long) /* the argument is the interrupt */
#define CRL_APEX_PARTITION _IOW(0xdc, 7, crl_apex_pages)
#define CRL_APEX_MAP _IOW(0xdc, 8, crl_apex_pages)
#define CRL_APEX_UNMAP _IOW(0xdc, 9, crl_apex_pages)
#define CRL_APEX_COHERENT _IOWR(0xdc, 11, crl_apex_coherent)
#define CRL_APEX_MAP_FLAGGED _IOW(0xdc, 12, crl_apex_flagged_pages) /* newer kernels' */
#define CRL_APEX_PERFORMANCE _IOW(0x7f, 1, crl_apex_performance)

enum {
    CRL_APEX_PAGE = 4096,
    CRL_APEX_TABLE = 8192,  /* entries of the page table, */
    CRL_APEX_SIMPLE = 6144, /* and those that are a page each; behind the others are 512 pages each, from address CRL_APEX_EXTENDED on */
    CRL_APEX_REGIONS = 3,   /* of registers, a page each */
    CRL_APEX_INTERRUPTS = 6,
    CRL_APEX_MOST = 64
};
#define CRL_APEX_EXTENDED (UINT64_C(1) << 63)
#define CRL_APEX_EXTENDED_BYTES (UINT64_C(1) << 32)

extern const uint32_t crl_apex_regions[CRL_APEX_REGIONS];       /* offsets in the device's file, which are those of the registers */
extern const uint8_t crl_apex_interrupts[CRL_APEX_INTERRUPTS]; /* that are waited for, as the kernel numbers them */

/* --- the system ---------------------------------------------------------------------------------------------- */

typedef struct crl_apex_system crl_apex_system;

/* Functions that give an int return -errno where they fail. */
struct crl_apex_system {
    void *own;
    size_t page_bytes; /* of the kernel */

    /* Numbers N of /dev/apex_N that there are, in any order, at most `most`; returns how many. */
    int (*list)(const crl_apex_system *system, int32_t *numbers, int most);
    int (*access)(const crl_apex_system *system, int32_t number);        /* whether it could be opened */
    int32_t (*millidegrees)(const crl_apex_system *system, int32_t number); /* 0: not known */
    int (*open)(const crl_apex_system *system, int32_t number);
    void (*close)(const crl_apex_system *system, int fd);
    int (*ioctl)(const crl_apex_system *system, int fd, unsigned long request, void *argument);
    /* Part of the device's file, in memory; NULL: no. */
    void *(*map)(const crl_apex_system *system, int fd, uint64_t offset, size_t bytes);
    void (*unmap)(const crl_apex_system *system, void *memory, size_t bytes);
    /* Of what was mapped, at once and in the order of the calls. */
    uint64_t (*load)(const crl_apex_system *system, const void *from);
    void (*store)(const crl_apex_system *system, void *to, uint64_t value);
    int (*eventfd)(const crl_apex_system *system);
    /* Waits until one of the eventfds has been signalled, at most so long: bit i of the answer is events[i], whose count is taken. */
    unsigned (*wait)(const crl_apex_system *system, const int *events, int n, unsigned limit_ms);
    void (*sleep)(const crl_apex_system *system, unsigned ms);
    uint64_t (*now)(const crl_apex_system *system); /* nanoseconds of a clock that only goes forward */
};

/* Linux. It lives as long as the process. */
const crl_apex_system *crl_apex_linux(void);

/* --- the chip ------------------------------------------------------------------------------------------------- */

typedef enum crl_apex_direction { CRL_APEX_BOTH, CRL_APEX_TO_CHIP, CRL_APEX_FROM_CHIP } crl_apex_direction;

/* Memory that the chip has, as long as it is mapped, at an address that is its own until it is given up. */
typedef struct crl_apex_buffer crl_apex_buffer;
struct crl_apex_buffer {
    crl_apex_buffer *next; /* of those that have an address, by it */
    void *block;           /* what is to be freed; NULL: it is somebody else's memory */
    uint8_t *memory;       /* its first byte, anywhere in a page */
    size_t bytes;
    uint64_t address;      /* the chip's, of the first byte; 0: it has none */
    bool is_mapped;
};

typedef struct crl_apex {
    const crl_apex_system *system;
    int32_t number;
    int fd;                   /* -1: it is closed */
    uint8_t *region[CRL_APEX_REGIONS];
    int event[CRL_APEX_INTERRUPTS]; /* -1: none */
    uint8_t *shared;          /* the queue, and behind it how far it was read */
    uint64_t shared_offset;
    uint32_t tail;            /* of the queue */
    uint16_t ends;            /* programs that came to their end, as its counter says */
    bool plain;               /* the kernel maps without flags */
    crl_apex_buffer *placed;
} crl_apex;

/**
 * Opens /dev/apex_N, which resets the chip, and sets it to work.
 *
 * Owner   `*apex` is the caller's memory; to be closed, or left, after success only
 * Errors  DEVICE  with the cure
 *         MEMORY
 */
crl_status crl_apex_open(crl_apex *apex, const crl_apex_system *system, int32_t number, crl_tpu_clock clock, crl_error *err);
/* Stops the chip and lets go of it, also where that fails. */
crl_status crl_apex_close(crl_apex *apex, crl_error *err);
/* Lets go of it as it is: the kernel resets it, so that it reads and writes no memory any more, and takes its
 * pages back. No buffer has an address after it, nor after close. */
void crl_apex_leave(crl_apex *apex);

/* Memory on pages of its own, zeroed. Errors: MEMORY. */
crl_status crl_apex_buffer_make(crl_apex_buffer *buffer, size_t bytes, crl_error *err);
/* It has no address. */
void crl_apex_buffer_free(crl_apex_buffer *buffer);
/* Gives it an address. Errors: DEVICE, there is no room. */
crl_status crl_apex_place(crl_apex *apex, crl_apex_buffer *buffer, crl_error *err);
/* Lets the chip have it, which has an address. Until it is unmapped the memory is the chip's alone: caches are written back at the one
 * and emptied at the other. Errors: DEVICE, MEMORY. */
crl_status crl_apex_map(crl_apex *apex, crl_apex_buffer *buffer, crl_apex_direction direction, crl_error *err);
crl_status crl_apex_unmap(crl_apex *apex, crl_apex_buffer *buffer, crl_error *err);
/* Unmaps it, and its address is free again; also where unmapping fails. Without an address: nothing. */
crl_status crl_apex_give_up(crl_apex *apex, crl_apex_buffer *buffer, crl_error *err);

/* Executes chunks of instructions, to the end of their program. Errors: DEVICE; TIMEOUT, after `until`. */
crl_status crl_apex_execute(crl_apex *apex, const crl_apex_buffer *chunks, int32_t n, uint64_t until, crl_error *err);

#endif
