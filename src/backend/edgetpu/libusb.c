/* SPDX-License-Identifier: Apache-2.0 */
/* libusb as a transport: see libusb.h. Each handle has a context of its own, so that who waits for one stick does not get to
 * see what another one's transfers do. */
#include "backend/edgetpu/libusb.h"

#include <dlfcn.h>
#include <libusb.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/error.h"

/* What is used of the library, by the names that it has there. */
typedef struct library {
    int (*init)(libusb_context **context);
    void (*exit)(libusb_context *context);
    ssize_t (*get_device_list)(libusb_context *context, libusb_device ***list);
    void (*free_device_list)(libusb_device **list, int unref);
    int (*get_device_descriptor)(libusb_device *device, struct libusb_device_descriptor *descriptor);
    uint8_t (*get_bus_number)(libusb_device *device);
    int (*get_port_numbers)(libusb_device *device, uint8_t *ports, int most);
    int (*open)(libusb_device *device, libusb_device_handle **handle);
    void (*close)(libusb_device_handle *handle);
    libusb_device *(*get_device)(libusb_device_handle *handle);
    int (*get_device_speed)(libusb_device *device);
    int (*claim_interface)(libusb_device_handle *handle, int interface);
    int (*release_interface)(libusb_device_handle *handle, int interface);
    int (*reset_device)(libusb_device_handle *handle);
    int (*control_transfer)(libusb_device_handle *handle, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
                            unsigned char *data, uint16_t length, unsigned int timeout);
    struct libusb_transfer *(*alloc_transfer)(int packets);
    void (*free_transfer)(struct libusb_transfer *transfer);
    int (*submit_transfer)(struct libusb_transfer *transfer);
    int (*cancel_transfer)(struct libusb_transfer *transfer);
    int (*handle_events_timeout_completed)(libusb_context *context, struct timeval *tv, int *completed);
} library;

static library lib;

typedef struct handle {
    libusb_context *context;
    libusb_device_handle *device;
} handle;

static crl_usb_result result_of(int code)
{
    switch (code) {
    case LIBUSB_SUCCESS: return CRL_USB_OK;
    case LIBUSB_ERROR_ACCESS: return CRL_USB_FORBIDDEN;
    case LIBUSB_ERROR_NO_DEVICE: case LIBUSB_ERROR_NOT_FOUND: return CRL_USB_GONE;
    case LIBUSB_ERROR_BUSY: return CRL_USB_BUSY;
    case LIBUSB_ERROR_TIMEOUT: return CRL_USB_TIMEOUT;
    case LIBUSB_ERROR_OVERFLOW: return CRL_USB_OVERFLOW;
    case LIBUSB_ERROR_PIPE: return CRL_USB_STALL;
    case LIBUSB_ERROR_NO_MEM: return CRL_USB_NO_MEMORY;
    default: return CRL_USB_FAILED;
    }
}

/* --- devices --------------------------------------------------------------------------------------------- */

static crl_usb_speed speed_of(libusb_device *device)
{
    switch (lib.get_device_speed(device)) {
    case LIBUSB_SPEED_LOW: case LIBUSB_SPEED_FULL: return CRL_USB_FULL;
    case LIBUSB_SPEED_HIGH: return CRL_USB_HIGH;
    case LIBUSB_SPEED_UNKNOWN: return CRL_USB_SPEED_UNKNOWN;
    default: return CRL_USB_SUPER; /* and what is faster */
    }
}

static bool describe(libusb_device *device, crl_usb_place *place)
{
    struct libusb_device_descriptor d;
    *place = (crl_usb_place){ .bus = lib.get_bus_number(device) };
    const int depth = lib.get_port_numbers(device, place->port, CRL_USB_PORTS);
    if (depth < 0 || lib.get_device_descriptor(device, &d)) return false;
    place->depth = (uint8_t)depth;
    place->vendor = d.idVendor;
    place->product = d.idProduct;
    place->speed = speed_of(device);
    return true;
}

static crl_usb_result list(const crl_usb *usb, crl_usb_place *places, int most, int *n)
{
    (void)usb;
    libusb_context *context;
    libusb_device **devices;
    *n = 0;
    int code = lib.init(&context);
    if (code) return result_of(code);
    const ssize_t there = lib.get_device_list(context, &devices);
    for (ssize_t i = 0; i < there; i++) {
        crl_usb_place place;
        if (!describe(devices[i], &place)) continue;
        if (*n < most) places[*n] = place;
        ++*n;
    }
    if (there >= 0) lib.free_device_list(devices, 1);
    lib.exit(context);
    return there < 0 ? result_of((int)there) : CRL_USB_OK;
}

static int open_at(handle *h, const crl_usb_place *place)
{
    libusb_device **devices;
    const ssize_t there = lib.get_device_list(h->context, &devices);
    int code = there < 0 ? (int)there : LIBUSB_ERROR_NO_DEVICE;
    for (ssize_t i = 0; i < there && !h->device; i++) {
        crl_usb_place at;
        if (describe(devices[i], &at) && crl_usb_same_place(&at, place)) code = lib.open(devices[i], &h->device);
    }
    if (there >= 0) lib.free_device_list(devices, 1);
    return code;
}

static crl_usb_result open_device(const crl_usb *usb, const crl_usb_place *place, void **out)
{
    (void)usb;
    *out = NULL;
    handle *h = crl_alloc(sizeof *h);
    if (!h) return CRL_USB_NO_MEMORY;
    int code = lib.init(&h->context);
    if (!code) {
        code = open_at(h, place);
        if (code) lib.exit(h->context);
    }
    if (code)
        crl_free(h);
    else
        *out = h;
    return result_of(code);
}

static void close_device(const crl_usb *usb, void *of)
{
    (void)usb;
    handle *h = of;
    lib.close(h->device);
    lib.exit(h->context);
    crl_free(h);
}

static crl_usb_result claim(void *of, int interface)
{
    return result_of(lib.claim_interface(((handle *)of)->device, interface));
}

static void release(void *of, int interface)
{
    lib.release_interface(((handle *)of)->device, interface);
}

static crl_usb_result reset(void *of)
{
    return result_of(lib.reset_device(((handle *)of)->device));
}

static crl_usb_speed speed(void *of)
{
    return speed_of(lib.get_device(((handle *)of)->device));
}

/* --- transfers --------------------------------------------------------------------------------------------- */

static crl_usb_result control(void *of, const crl_usb_setup *s, void *data, unsigned limit_ms, size_t *done)
{
    const int n = lib.control_transfer(((handle *)of)->device, s->type, s->request, s->value, s->index, data, s->length, limit_ms);
    *done = n > 0 ? (size_t)n : 0;
    return n < 0 ? result_of(n) : CRL_USB_OK;
}

static void LIBUSB_CALL has_ended(struct libusb_transfer *of)
{
    crl_usb_transfer *t = of->user_data;
    static const crl_usb_result results[] = {
        [LIBUSB_TRANSFER_COMPLETED] = CRL_USB_OK,         [LIBUSB_TRANSFER_ERROR] = CRL_USB_FAILED,
        [LIBUSB_TRANSFER_TIMED_OUT] = CRL_USB_TIMEOUT,    [LIBUSB_TRANSFER_CANCELLED] = CRL_USB_CANCELLED,
        [LIBUSB_TRANSFER_STALL] = CRL_USB_STALL,          [LIBUSB_TRANSFER_NO_DEVICE] = CRL_USB_GONE,
        [LIBUSB_TRANSFER_OVERFLOW] = CRL_USB_OVERFLOW,
    };
    t->result = (size_t)of->status < sizeof results / sizeof *results ? results[of->status] : CRL_USB_FAILED;
    t->done = (size_t)of->actual_length;
    t->pending = false;
}

static crl_usb_result submit(void *of, crl_usb_transfer *t)
{
    handle *h = of;
    if (!t->own && !(t->own = lib.alloc_transfer(0))) return CRL_USB_NO_MEMORY;
    struct libusb_transfer *l = t->own;
    *l = (struct libusb_transfer){ .dev_handle = h->device, .endpoint = t->endpoint, .type = t->interrupt ? LIBUSB_TRANSFER_TYPE_INTERRUPT
                                                                                                       : LIBUSB_TRANSFER_TYPE_BULK,
                                   .timeout = t->limit_ms, .length = (int)t->bytes, .buffer = t->data, .callback = has_ended, .user_data = t };
    t->pending = true;
    t->done = 0;
    const int code = lib.submit_transfer(l);
    if (code) t->pending = false;
    return result_of(code);
}

static void cancel(void *of, crl_usb_transfer *t)
{
    (void)of;
    if (t->own) lib.cancel_transfer(t->own);
}

static void events(void *of, unsigned limit_ms)
{
    struct timeval tv = { .tv_sec = limit_ms / 1000, .tv_usec = (suseconds_t)(limit_ms % 1000) * 1000 };
    lib.handle_events_timeout_completed(((handle *)of)->context, &tv, NULL);
}

static void forget(void *of, crl_usb_transfer *t)
{
    (void)of;
    if (t->own) lib.free_transfer(t->own);
    t->own = NULL;
}

static void wait_for(const crl_usb *usb, unsigned ms)
{
    (void)usb;
    nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 }, NULL);
}

static uint64_t now(const crl_usb *usb)
{
    (void)usb;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- loading ------------------------------------------------------------------------------------------------ */

static void *loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
    static const char *const names[] = {
        "init", "exit", "get_device_list", "free_device_list", "get_device_descriptor", "get_bus_number", "get_port_numbers", "open",
        "close", "get_device", "get_device_speed", "claim_interface", "release_interface", "reset_device", "control_transfer",
        "alloc_transfer", "free_transfer", "submit_transfer", "cancel_transfer", "handle_events_timeout_completed",
    };
    _Static_assert(sizeof lib == sizeof names / sizeof *names * sizeof(void *), "a name for each function");
    void *library_file = dlopen("libusb-1.0.so.0", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; library_file && i < sizeof names / sizeof *names; i++) {
        char name[64] = "libusb_";
        strncat(name, names[i], sizeof name - strlen(name) - 1);
        void *found = dlsym(library_file, name);
        if (!found) return;
        memcpy((char *)&lib + i * sizeof found, &found, sizeof found); /* POSIX: functions have addresses as objects do */
    }
    loaded = library_file;
}

crl_status crl_libusb(const crl_usb **usb, crl_error *err)
{
    static const crl_usb libusb = { .name = "libusb", .list = list, .open = open_device, .close = close_device, .claim = claim,
                                    .release = release, .reset = reset, .speed = speed, .control = control, .submit = submit,
                                    .cancel = cancel, .events = events, .forget = forget, .sleep = wait_for, .now = now };
    pthread_once(&once, load);
    if (!loaded)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "an Edge TPU on the USB needs libusb-1.0, which is not here: apt install libusb-1.0-0");
    *usb = &libusb;
    return CRL_OK;
}
