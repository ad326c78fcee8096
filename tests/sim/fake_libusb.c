/* SPDX-License-Identifier: Apache-2.0 */
/* A libusb-1.0 with sticks in software on its bus (sim.h), for whole programs: they find it where they look for the library, and run as they
 * are. What goes on is in the folder $CRL_SIM:
 *
 *   models     compiled models that may come, a line each; their twins are beside them
 *   sticks     how many there are; without it one
 *   unplugged  while it is there, none of them is; or with a number in it that one is not
 *   report     is written when the program ends: programs that ran on the first, and so on; what was done wrong
 *
 * Of the library there is what the driver calls. */
#include <libusb.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/edgetpu/device.h"
#include "sim.h"

enum { MOST_STICKS = 4, MOST_PAIRS = 8, MOST_UNDER_WAY = 128, LINE = 1024 };

typedef struct transfer transfer;

struct libusb_context {
    struct libusb_device_handle *handle; /* the driver opens one for each context */
};

struct libusb_device {
    sim *stick;
    int number;
    libusb_context *context; /* whose list it is in */
};

struct libusb_device_handle {
    libusb_device device;
    void *of; /* the stick's handle */
    transfer *under_way[MOST_UNDER_WAY];
    int n;
};

/* What the driver gets follows it in memory. */
struct transfer {
    crl_usb_transfer usb;
};

static libusb_device devices[MOST_STICKS];
static int n_devices;
static const char *folder;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
enum { NONE = -1, ALL = MOST_STICKS };
static int unplugged = NONE;
static struct {
    crl_model *compiled, *twin;
} pairs[MOST_STICKS * MOST_PAIRS];
static int n_pairs;

static FILE *open_file(const char *name, const char *how)
{
    char path[LINE];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fopen(path, how);
}

static void add_models(sim *s)
{
    char line[LINE];
    FILE *f = open_file("models", "r");
    while (f && fgets(line, sizeof line, f) && n_pairs < MOST_STICKS * MOST_PAIRS) {
        crl_model *compiled, *twin;
        crl_error err;
        line[strcspn(line, "\n")] = 0;
        if (crl_model_open_file(&compiled, line, &err) || crl_model_open_twin(&twin, NULL, compiled, line, NULL, &err)) {
            fprintf(stderr, "a stick in software: %s\n", err.text);
            continue;
        }
        pairs[n_pairs].compiled = compiled;
        pairs[n_pairs++].twin = twin;
        sim_add(s, compiled, twin, CRL_ARITHMETIC_EDGETPU);
    }
    if (f) fclose(f);
}

static void begin(void)
{
    folder = getenv("CRL_SIM");
    if (!folder) folder = ".";
    FILE *f = open_file("sticks", "r");
    if (!f || fscanf(f, "%d", &n_devices) != 1 || n_devices > MOST_STICKS) n_devices = 1;
    if (f) fclose(f);
    for (int i = 0; i < n_devices; i++) {
        devices[i] = (libusb_device){ sim_new(), i, NULL };
        sim_set_real(devices[i].stick);
        add_models(devices[i].stick);
    }
}

__attribute__((destructor)) static void report(void)
{
    FILE *f = n_devices ? open_file("report", "w") : NULL;
    if (!f) return;
    FILE *clocks = open_file("clocks", "w");
    for (int i = 0; i < n_devices; i++) {
        const sim *s = devices[i].stick;
        if (clocks) fprintf(clocks, "%d\n", sim_divider(s));
        fprintf(f, "%d %d %s\n", sim_programs(s), sim_handles(s), sim_complaint(s));
    }
    fclose(f);
    if (clocks) fclose(clocks);
    for (int i = 0; i < n_devices; i++) sim_free(devices[i].stick);
    for (int i = 0; i < n_pairs; i++) {
        crl_model_close(pairs[i].compiled);
        crl_model_close(pairs[i].twin);
    }
}

/* Whether they are there follows the file. */
static void look(void)
{
    int which = ALL;
    pthread_once(&once, begin);
    FILE *f = open_file("unplugged", "r");
    if (!f || fscanf(f, "%d", &which) < 0) which = f ? ALL : NONE;
    if (f) fclose(f);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < n_devices; i++) {
        const bool is = which == ALL || which == i, was = unplugged == ALL || unplugged == i;
        if (is != was) sim_plug(devices[i].stick, !is);
    }
    unplugged = which;
    pthread_mutex_unlock(&lock);
}

static int code_of(crl_usb_result result)
{
    switch (result) {
    case CRL_USB_OK: return 0;
    case CRL_USB_TIMEOUT: return LIBUSB_ERROR_TIMEOUT;
    case CRL_USB_STALL: return LIBUSB_ERROR_PIPE;
    case CRL_USB_GONE: return LIBUSB_ERROR_NO_DEVICE;
    case CRL_USB_OVERFLOW: return LIBUSB_ERROR_OVERFLOW;
    case CRL_USB_FORBIDDEN: return LIBUSB_ERROR_ACCESS;
    case CRL_USB_BUSY: return LIBUSB_ERROR_BUSY;
    case CRL_USB_NO_MEMORY: return LIBUSB_ERROR_NO_MEM;
    default: return LIBUSB_ERROR_IO;
    }
}

static const crl_usb *usb_of(const libusb_device *d)
{
    return sim_usb(d->stick);
}

/* --- contexts and devices ----------------------------------------------------------------------------------------- */

int LIBUSB_CALL libusb_init(libusb_context **context)
{
    look();
    *context = calloc(1, sizeof **context);
    return *context ? 0 : LIBUSB_ERROR_NO_MEM;
}

void LIBUSB_CALL libusb_exit(libusb_context *context)
{
    free(context);
}

static bool is_there(libusb_device *d, crl_usb_place *place)
{
    int n = 0;
    usb_of(d)->list(usb_of(d), place, 1, &n);
    return n > 0;
}

ssize_t LIBUSB_CALL libusb_get_device_list(libusb_context *context, libusb_device ***list)
{
    crl_usb_place place;
    ssize_t n = 0;
    look();
    *list = calloc(MOST_STICKS + 1, sizeof **list + sizeof ***list);
    if (!*list) return LIBUSB_ERROR_NO_MEM;
    libusb_device *all = (libusb_device *)(void *)(*list + MOST_STICKS + 1);
    for (int i = 0; i < n_devices; i++) {
        if (!is_there(&devices[i], &place)) continue;
        all[n] = devices[i];
        all[n].context = context;
        (*list)[n] = &all[n];
        n++;
    }
    return n;
}

void LIBUSB_CALL libusb_free_device_list(libusb_device **list, int unref)
{
    (void)unref;
    free(list);
}

int LIBUSB_CALL libusb_get_device_descriptor(libusb_device *d, struct libusb_device_descriptor *out)
{
    crl_usb_place place;
    if (!is_there(d, &place)) return LIBUSB_ERROR_NO_DEVICE;
    *out = (struct libusb_device_descriptor){ .bLength = 18, .bDescriptorType = 1, .idVendor = place.vendor, .idProduct = place.product };
    return 0;
}

uint8_t LIBUSB_CALL libusb_get_bus_number(libusb_device *d)
{
    (void)d;
    return 2;
}

int LIBUSB_CALL libusb_get_port_numbers(libusb_device *d, uint8_t *ports, int most)
{
    if (most < 2) return LIBUSB_ERROR_OVERFLOW;
    ports[0] = 1;
    ports[1] = (uint8_t)(4 + d->number);
    return 2;
}

int LIBUSB_CALL libusb_get_device_speed(libusb_device *d)
{
    (void)d;
    return LIBUSB_SPEED_SUPER;
}

int LIBUSB_CALL libusb_open(libusb_device *d, libusb_device_handle **out)
{
    crl_usb_place place;
    look();
    libusb_device_handle *h = calloc(1, sizeof *h);
    if (!h) return LIBUSB_ERROR_NO_MEM;
    h->device = *d;
    const int code = is_there(d, &place) ? code_of(usb_of(d)->open(usb_of(d), &place, &h->of)) : LIBUSB_ERROR_NO_DEVICE;
    if (code) {
        free(h);
        h = NULL;
    } else {
        d->context->handle = h;
    }
    *out = h;
    return code;
}

void LIBUSB_CALL libusb_close(libusb_device_handle *h)
{
    usb_of(&h->device)->close(usb_of(&h->device), h->of);
    h->device.context->handle = NULL;
    free(h);
}

libusb_device *LIBUSB_CALL libusb_get_device(libusb_device_handle *h)
{
    return &h->device;
}

int LIBUSB_CALL libusb_claim_interface(libusb_device_handle *h, int interface)
{
    return code_of(usb_of(&h->device)->claim(h->of, interface));
}

int LIBUSB_CALL libusb_release_interface(libusb_device_handle *h, int interface)
{
    usb_of(&h->device)->release(h->of, interface);
    return 0;
}

int LIBUSB_CALL libusb_reset_device(libusb_device_handle *h)
{
    look();
    const int code = code_of(usb_of(&h->device)->reset(h->of));
    return code == LIBUSB_ERROR_NO_DEVICE ? LIBUSB_ERROR_NOT_FOUND : code;
}

/* --- transfers ----------------------------------------------------------------------------------------------------- */

int LIBUSB_CALL libusb_control_transfer(libusb_device_handle *h, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
                                        unsigned char *data, uint16_t length, unsigned int timeout)
{
    const crl_usb_setup setup = { type, request, value, index, length };
    size_t done;
    look();
    const crl_usb_result result = usb_of(&h->device)->control(h->of, &setup, data, timeout, &done);
    return result == CRL_USB_OK ? (int)done : code_of(result);
}

static struct libusb_transfer *shown_of(transfer *t)
{
    return (struct libusb_transfer *)(void *)(t + 1);
}

static transfer *whole(struct libusb_transfer *shown)
{
    return (transfer *)(void *)shown - 1;
}

struct libusb_transfer *LIBUSB_CALL libusb_alloc_transfer(int packets)
{
    (void)packets;
    transfer *t = calloc(1, sizeof *t + sizeof(struct libusb_transfer));
    return t ? shown_of(t) : NULL;
}

void LIBUSB_CALL libusb_free_transfer(struct libusb_transfer *shown)
{
    free(whole(shown));
}

int LIBUSB_CALL libusb_submit_transfer(struct libusb_transfer *shown)
{
    transfer *t = whole(shown);
    libusb_device_handle *h = shown->dev_handle;
    look();
    if (h->n == MOST_UNDER_WAY) return LIBUSB_ERROR_NO_MEM;
    t->usb = (crl_usb_transfer){ .endpoint = shown->endpoint, .interrupt = shown->type == LIBUSB_TRANSFER_TYPE_INTERRUPT, .data = shown->buffer,
                                 .bytes = (size_t)shown->length, .limit_ms = shown->timeout };
    const crl_usb_result result = usb_of(&h->device)->submit(h->of, &t->usb);
    if (result == CRL_USB_OK) h->under_way[h->n++] = t;
    return code_of(result);
}

int LIBUSB_CALL libusb_cancel_transfer(struct libusb_transfer *shown)
{
    libusb_device_handle *h = shown->dev_handle;
    if (h) usb_of(&h->device)->cancel(h->of, &whole(shown)->usb);
    return 0;
}

static enum libusb_transfer_status status_of(crl_usb_result result)
{
    switch (result) {
    case CRL_USB_OK: return LIBUSB_TRANSFER_COMPLETED;
    case CRL_USB_TIMEOUT: return LIBUSB_TRANSFER_TIMED_OUT;
    case CRL_USB_CANCELLED: return LIBUSB_TRANSFER_CANCELLED;
    case CRL_USB_STALL: return LIBUSB_TRANSFER_STALL;
    case CRL_USB_GONE: return LIBUSB_TRANSFER_NO_DEVICE;
    case CRL_USB_OVERFLOW: return LIBUSB_TRANSFER_OVERFLOW;
    default: return LIBUSB_TRANSFER_ERROR;
    }
}

/* Tells of those that have ended; whether there was one. */
static bool tell(libusb_device_handle *h)
{
    for (int i = 0; i < h->n; i++) {
        transfer *t = h->under_way[i];
        if (t->usb.pending) continue;
        memmove(h->under_way + i, h->under_way + i + 1, (size_t)(--h->n - i) * sizeof *h->under_way);
        struct libusb_transfer *shown = shown_of(t);
        shown->status = status_of(t->usb.result);
        shown->actual_length = (int)t->usb.done;
        shown->callback(shown);
        return true;
    }
    return false;
}

int LIBUSB_CALL libusb_handle_events_timeout_completed(libusb_context *context, struct timeval *tv, int *completed)
{
    (void)completed;
    libusb_device_handle *h = context->handle;
    look();
    if (!h || tell(h)) return 0;
    usb_of(&h->device)->events(h->of, (unsigned)(tv->tv_sec * 1000 + tv->tv_usec / 1000));
    while (tell(h)) continue;
    return 0;
}
