/* SPDX-License-Identifier: Apache-2.0 */
/* An Edge TPU on PCIe: see apex.h. */
#include "backend/edgetpu/apex.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

enum {
    QUEUE_CONTROL = 0x48568,
    QUEUE_STATE = 0x48570,
    QUEUE_ENTRY_BYTES = 0x48578,
    QUEUE_BASE = 0x48590,
    QUEUE_REPORT = 0x48598, /* where it tells how far it is */
    QUEUE_ENTRIES = 0x485a0,
    QUEUE_TAIL = 0x485a8,
    QUEUE_INTERRUPT = 0x485c0,
    QUEUE_INTERRUPT_STATE = 0x485c8,
    CORE_INTERRUPT = 0x486a0,
    CORE_INTERRUPT_STATE = 0x486a8,
    FATAL_INTERRUPT = 0x486c0,
    FATAL_INTERRUPT_STATE = 0x486c8,
    CORE_INTERRUPTS = 0x486d0, /* how many there were, 16 bits for each of the four */
    DMA_PAUSE = 0x486d8,
    DMA_PAUSED = 0x486e0,
    REPORT_REGULARLY = 0x486e8,
    HIB_ERROR = 0x486f0,
    HIB_FIRST_ERROR = 0x48700,
    DMA_BURST = 0x487a8
};

enum { ENABLED = 1, REPORTS = 4 };                       /* bits of QUEUE_CONTROL */
enum { ENTRIES = 256, ENTRY_BYTES = 16, SHARED = 2 * CRL_APEX_PAGE }; /* a page of entries, and one for the report */
enum { ALL_CORE_INTERRUPTS = 15 };
enum { READY_MS = 2000, LOOK_MS = 100 };                 /* LOOK_MS: an interrupt that gets lost costs no more than that */
enum { QUEUE_BIT = 1 << 0, CORE_BIT = 1 << 1, FATAL_BIT = 1 << 5 }; /* of what `wait` answers; four bits of the core */

static const uint64_t NS_PER_MS = 1000000;

/* The chip sees the queue through two entries of a page each. */
static const uint64_t QUEUE_ADDRESS = CRL_APEX_PAGE, REPORT_ADDRESS = 2 * CRL_APEX_PAGE;

const uint32_t crl_apex_regions[CRL_APEX_REGIONS] = { 0x40000, 0x44000, 0x48000 };
const uint8_t crl_apex_interrupts[CRL_APEX_INTERRUPTS] = { 0, 4, 5, 6, 7, 12 };

/* --- registers ------------------------------------------------------------------------------------------------- */

static uint8_t *place_of(const crl_apex *a, uint32_t address)
{
    int i = 0;
    while (address - crl_apex_regions[i] >= CRL_APEX_PAGE) i++;
    return a->region[i] + (address - crl_apex_regions[i]);
}

static uint64_t get(const crl_apex *a, uint32_t address)
{
    return a->system->load(a->system, place_of(a, address));
}

static void put(const crl_apex *a, uint32_t address, uint64_t value)
{
    a->system->store(a->system, place_of(a, address), value);
}

/* A device that left the bus reads as ones everywhere. */
static crl_status gone(crl_error *err)
{
    return crl_fail(err, CRL_ERR_DEVICE, "it does not answer on the bus any more: start the machine anew");
}

static crl_status expect(const crl_apex *a, uint32_t address, uint64_t value, crl_error *err)
{
    const crl_apex_system *system = a->system;
    const uint64_t end = system->now(system) + READY_MS * NS_PER_MS;
    for (uint64_t got; (got = get(a, address)) != value; system->sleep(system, 1)) {
        if (got == UINT64_MAX) return gone(err);
        if (system->now(system) >= end) return crl_fail(err, CRL_ERR_DEVICE, "register 0x%x does not become ready", (unsigned)address);
    }
    return CRL_OK;
}

static crl_status check_errors(const crl_apex *a, crl_error *err)
{
    const uint64_t code = get(a, HIB_ERROR);
    if (!code) return CRL_OK;
    if (code == UINT64_MAX) return gone(err);
    return crl_fail(err, CRL_ERR_DEVICE, "a fatal error of its interface, code 0x%llx, first 0x%llx", (unsigned long long)code,
                    (unsigned long long)get(a, HIB_FIRST_ERROR));
}

static crl_status control_units(const crl_apex *a, uint64_t value, crl_error *err)
{
    for (int i = 0; i < CRL_TPU_CORE_UNITS; i++) put(a, crl_tpu_core_units[i], value);
    put(a, CRL_TPU_TILE_CONFIG, CRL_TPU_ALL_TILES);
    const crl_status s = expect(a, CRL_TPU_TILE_CONFIG, CRL_TPU_ALL_TILES, err);
    for (int i = 0; !s && i < CRL_TPU_TILE_UNITS; i++) put(a, crl_tpu_tile_units[i], value);
    return s;
}

static void control_interrupts(const crl_apex *a, bool on)
{
    put(a, CORE_INTERRUPT, on ? ALL_CORE_INTERRUPTS : 0);
    put(a, QUEUE_INTERRUPT, on);
    put(a, FATAL_INTERRUPT, on);
}

/* --- the page table --------------------------------------------------------------------------------------------- */

static crl_status refused(int code, const char *what, crl_error *err)
{
    return crl_fail(err, code == -ENOMEM ? CRL_ERR_MEMORY : CRL_ERR_DEVICE, "%s: %s", what, strerror(-code));
}

static crl_status map_pages(crl_apex *a, const crl_apex_pages *pages, crl_apex_direction direction, crl_error *err)
{
    const crl_apex_system *system = a->system;
    crl_apex_flagged_pages flagged = { .pages = *pages, .flags = (uint32_t)direction << 1 };
    int code = -ENOTTY;
    if (!a->plain) {
        code = system->ioctl(system, a->fd, CRL_APEX_MAP_FLAGGED, &flagged);
        a->plain = code == -ENOTTY || code == -EPERM; /* of older kernels; EPERM is what theirs answers to all that it does not know */
    }
    if (a->plain) code = system->ioctl(system, a->fd, CRL_APEX_MAP, &flagged.pages);
    return code ? refused(code, "mapping memory for it", err) : CRL_OK;
}

static crl_apex_pages pages_of(const crl_apex_buffer *b)
{
    const uintptr_t first = (uintptr_t)b->memory, offset = first % CRL_APEX_PAGE;
    return (crl_apex_pages){ .bytes = crl_size_align(offset + b->bytes, CRL_APEX_PAGE), .memory = first - offset, .address = b->address - offset };
}

/* The first gap that it fits in. Returns where it is to be linked in. */
static crl_apex_buffer **find_gap(crl_apex *a, size_t bytes, uint64_t *from)
{
    crl_apex_buffer **at = &a->placed;
    *from = CRL_APEX_EXTENDED;
    for (; *at; at = &(*at)->next) {
        const crl_apex_pages taken = pages_of(*at);
        if (taken.address - *from >= bytes) break;
        *from = taken.address + taken.bytes;
    }
    return *from - CRL_APEX_EXTENDED + bytes <= CRL_APEX_EXTENDED_BYTES ? at : NULL;
}

crl_status crl_apex_buffer_make(crl_apex_buffer *b, size_t bytes, crl_error *err)
{
    const size_t whole = crl_size_align(bytes ? bytes : 1, CRL_APEX_PAGE);
    *b = (crl_apex_buffer){ .block = crl_alloc(whole + CRL_APEX_PAGE), .bytes = bytes };
    if (!b->block) return crl_fail_memory(err, "an Edge TPU");
    b->memory = (uint8_t *)b->block + (CRL_APEX_PAGE - (uintptr_t)b->block % CRL_APEX_PAGE) % CRL_APEX_PAGE;
    return CRL_OK;
}

void crl_apex_buffer_free(crl_apex_buffer *b)
{
    crl_free(b->block);
    *b = (crl_apex_buffer){ 0 };
}

crl_status crl_apex_place(crl_apex *a, crl_apex_buffer *b, crl_error *err)
{
    uint64_t from;
    crl_apex_buffer **at = find_gap(a, pages_of(b).bytes, &from);
    if (!at) return crl_fail(err, CRL_ERR_DEVICE, "there is no room in its page table for %zu bytes", b->bytes);
    b->address = from + (uintptr_t)b->memory % CRL_APEX_PAGE;
    b->next = *at;
    *at = b;
    return CRL_OK;
}

crl_status crl_apex_map(crl_apex *a, crl_apex_buffer *b, crl_apex_direction direction, crl_error *err)
{
    const crl_apex_pages pages = pages_of(b);
    const crl_status s = map_pages(a, &pages, direction, err);
    b->is_mapped = !s;
    return s;
}

crl_status crl_apex_unmap(crl_apex *a, crl_apex_buffer *b, crl_error *err)
{
    crl_apex_pages pages = pages_of(b);
    const int code = a->system->ioctl(a->system, a->fd, CRL_APEX_UNMAP, &pages);
    b->is_mapped = code != 0;
    return code ? refused(code, "taking memory back from it", err) : CRL_OK;
}

static void take_out(crl_apex *a, crl_apex_buffer *b)
{
    crl_apex_buffer **at = &a->placed;
    while (*at != b) at = &(*at)->next;
    *at = b->next;
    b->next = NULL;
    b->address = 0;
    b->is_mapped = false;
}

crl_status crl_apex_give_up(crl_apex *a, crl_apex_buffer *b, crl_error *err)
{
    if (!b->address) return CRL_OK;
    const crl_status s = b->is_mapped ? crl_apex_unmap(a, b, err) : CRL_OK;
    take_out(a, b);
    return s;
}

/* --- opening ----------------------------------------------------------------------------------------------------- */

/* A container's start makes a folder of what it cannot find, and a copy of a system has files. */
static crl_status no_device(const crl_apex *a, crl_error *err)
{
    return crl_fail(err, CRL_ERR_DEVICE, "what is there is not the kernel's driver: remove it; a container is given the device by docker run --device "
                    "/dev/apex_%d", (int)a->number);
}

static crl_status open_file(crl_apex *a, crl_error *err)
{
    a->fd = a->system->open(a->system, a->number);
    if (a->fd >= 0) return CRL_OK;
    const int code = a->fd;
    a->fd = -1;
    if (code == -EACCES)
        return crl_fail(err, CRL_ERR_DEVICE, "no permission to open it, which the group apex has by the rule of its driver's package: "
                        "sudo adduser $USER apex, and log in anew");
    if (code == -EPERM)
        return crl_fail(err, CRL_ERR_DEVICE, "another program uses it: it serves one at a time; stop the other (`corallite doctor` names it); or this is a "
                        "container that was not given it: docker run --device /dev/apex_%d", (int)a->number);
    if (code == -EISDIR || code == -ENOTTY) return no_device(a, err);
    if (code == -ETIMEDOUT) return crl_fail(err, CRL_ERR_DEVICE, "it does not come out of its reset: start the machine anew");
    return refused(code, "opening it", err);
}

static crl_status map_registers(crl_apex *a, crl_error *err)
{
    for (int i = 0; i < CRL_APEX_REGIONS; i++) {
        a->region[i] = a->system->map(a->system, a->fd, crl_apex_regions[i], CRL_APEX_PAGE);
        if (!a->region[i]) return crl_fail(err, CRL_ERR_DEVICE, "the kernel does not give its registers");
    }
    return CRL_OK;
}

static crl_status set_clock(crl_apex *a, crl_tpu_clock clock, crl_error *err)
{
    static const uint8_t levels[] = { [CRL_TPU_MAX] = 3, [CRL_TPU_HIGH] = 2, [CRL_TPU_MEDIUM] = 1, [CRL_TPU_LOW] = 0 };
    crl_apex_performance performance = { levels[clock] };
    const int code = a->system->ioctl(a->system, a->fd, CRL_APEX_PERFORMANCE, &performance);
    return code && code != -ENOTTY ? refused(code, "setting its clock", err) : CRL_OK; /* ENOTTY: of older kernels, with one clock */
}

static crl_status take_interrupts(crl_apex *a, crl_error *err)
{
    const crl_apex_system *system = a->system;
    for (int i = 0; i < CRL_APEX_INTERRUPTS; i++) {
        a->event[i] = system->eventfd(system);
        if (a->event[i] < 0) return refused(a->event[i], "asking for its interrupts", err);
        crl_apex_eventfd e = { crl_apex_interrupts[i], (uint64_t)a->event[i] };
        const int code = system->ioctl(system, a->fd, CRL_APEX_SET_EVENTFD, &e);
        if (code) return refused(code, "asking for its interrupts", err);
    }
    return CRL_OK;
}

static crl_status share_memory(crl_apex *a, crl_error *err)
{
    const crl_apex_system *system = a->system;
    crl_apex_coherent c = { .enable = 1, .bytes = SHARED };
    const int code = system->ioctl(system, a->fd, CRL_APEX_COHERENT, &c);
    if (code) return refused(code, "asking for memory to share with it", err);
    a->shared_offset = c.offset;
    a->shared = system->map(system, a->fd, c.offset, SHARED);
    if (!a->shared) return crl_fail(err, CRL_ERR_DEVICE, "the kernel does not give memory to share with it");
    const crl_apex_pages queue = { .bytes = CRL_APEX_PAGE, .memory = (uintptr_t)a->shared, .address = QUEUE_ADDRESS };
    const crl_apex_pages report = { .bytes = CRL_APEX_PAGE, .memory = (uintptr_t)a->shared + CRL_APEX_PAGE, .address = REPORT_ADDRESS };
    const crl_status s = map_pages(a, &queue, CRL_APEX_BOTH, err);
    return s ? s : map_pages(a, &report, CRL_APEX_BOTH, err);
}

static crl_status open_queue(crl_apex *a, crl_error *err)
{
    const uint64_t bytes = get(a, QUEUE_ENTRY_BYTES);
    if (bytes == UINT64_MAX) return gone(err);
    if (bytes != ENTRY_BYTES) return crl_fail(err, CRL_ERR_DEVICE, "entries of its queue have %llu bytes, not 16", (unsigned long long)bytes);
    put(a, QUEUE_BASE, QUEUE_ADDRESS);
    put(a, QUEUE_REPORT, REPORT_ADDRESS);
    put(a, QUEUE_ENTRIES, ENTRIES);
    put(a, QUEUE_CONTROL, ENABLED | REPORTS);
    return expect(a, QUEUE_STATE, ENABLED, err);
}

/* The first call is one that only the kernel's driver answers: touching memory of other files may end the process. */
static crl_status divide_table(crl_apex *a, crl_error *err)
{
    crl_apex_pages partition = { .bytes = CRL_APEX_SIMPLE };
    const int code = a->system->ioctl(a->system, a->fd, CRL_APEX_PARTITION, &partition);
    if (code == -ENOTTY || code == -ENOSYS) return no_device(a, err); /* ENOSYS: of emulators of processors */
    return code ? refused(code, "dividing its page table", err) : CRL_OK;
}

static crl_status start(crl_apex *a, crl_tpu_clock clock, crl_error *err)
{
    crl_status s = divide_table(a, err);
    if (!s) s = map_registers(a, err);
    if (!s) s = set_clock(a, clock, err);
    if (!s) s = check_errors(a, err);
    if (s) return s;
    put(a, DMA_BURST, 0);
    s = take_interrupts(a, err);
    if (!s) s = share_memory(a, err);
    if (!s) s = open_queue(a, err);
    if (s) return s;
    a->ends = (uint16_t)get(a, CORE_INTERRUPTS);
    s = control_units(a, CRL_TPU_RUN, err);
    if (s) return s;
    put(a, REPORT_REGULARLY, 0);
    control_interrupts(a, true);
    return CRL_OK;
}

crl_status crl_apex_open(crl_apex *a, const crl_apex_system *system, int32_t number, crl_tpu_clock clock, crl_error *err)
{
    *a = (crl_apex){ .system = system, .number = number, .fd = -1 };
    for (int i = 0; i < CRL_APEX_INTERRUPTS; i++) a->event[i] = -1;
    if (system->page_bytes != CRL_APEX_PAGE)
        return crl_fail(err, CRL_ERR_DEVICE, "the kernel has pages of %zu bytes, and its driver knows those of 4096 alone: start another kernel "
                        "(on a Raspberry Pi 5 kernel=kernel8.img in config.txt)", system->page_bytes);
    crl_status s = open_file(a, err);
    if (!s) s = start(a, clock, err);
    if (s) crl_apex_leave(a);
    return s;
}

/* --- closing ------------------------------------------------------------------------------------------------------ */

/* What is mapped holds the file, without whose last close the kernel does not reset the chip. */
void crl_apex_leave(crl_apex *a)
{
    const crl_apex_system *system = a->system;
    if (a->fd < 0) return;
    if (a->shared) system->unmap(system, a->shared, SHARED);
    for (int i = 0; i < CRL_APEX_REGIONS; i++)
        if (a->region[i]) system->unmap(system, a->region[i], CRL_APEX_PAGE);
    system->close(system, a->fd);
    for (int i = 0; i < CRL_APEX_INTERRUPTS; i++)
        if (a->event[i] >= 0) system->close(system, a->event[i]);
    while (a->placed) take_out(a, a->placed);
    a->fd = -1;
}

static crl_status close_queue(const crl_apex *a, crl_error *err)
{
    put(a, QUEUE_CONTROL, 0);
    const crl_status s = expect(a, QUEUE_STATE, 0, err);
    put(a, QUEUE_TAIL, 0); /* which no reset of the chip's does */
    put(a, QUEUE_BASE, 0);
    put(a, QUEUE_REPORT, 0);
    return s;
}

static crl_status give_memory_back(crl_apex *a, crl_error *err)
{
    const crl_apex_system *system = a->system;
    crl_apex_pages queue = { .bytes = CRL_APEX_PAGE, .memory = (uintptr_t)a->shared, .address = QUEUE_ADDRESS };
    crl_apex_pages report = { .bytes = CRL_APEX_PAGE, .memory = (uintptr_t)a->shared + CRL_APEX_PAGE, .address = REPORT_ADDRESS };
    crl_apex_coherent c = { .bytes = SHARED, .offset = a->shared_offset };
    int code = system->ioctl(system, a->fd, CRL_APEX_UNMAP, &queue);
    if (!code) code = system->ioctl(system, a->fd, CRL_APEX_UNMAP, &report);
    system->unmap(system, a->shared, SHARED);
    a->shared = NULL;
    if (!code) code = system->ioctl(system, a->fd, CRL_APEX_COHERENT, &c);
    return code ? refused(code, "taking memory back from it", err) : CRL_OK;
}

/* Without an interrupt there is nothing that could be waited for. */
static crl_status give_interrupts_back(const crl_apex *a, crl_error *err)
{
    crl_status s = CRL_OK;
    for (int i = 0; !s && i < CRL_APEX_INTERRUPTS; i++) {
        const int code = a->system->ioctl(a->system, a->fd, CRL_APEX_CLEAR_EVENTFD, (void *)(uintptr_t)crl_apex_interrupts[i]);
        if (code) s = refused(code, "giving its interrupts back", err);
    }
    return s;
}

/* Halted while it moves data it would leave the bus in a state of which nobody knows what it is. */
crl_status crl_apex_close(crl_apex *a, crl_error *err)
{
    put(a, DMA_PAUSE, 1);
    crl_status s = expect(a, DMA_PAUSED, 1, err);
    if (!s) s = control_units(a, CRL_TPU_HALT, err);
    control_interrupts(a, false);
    if (!s) s = give_interrupts_back(a, err);
    if (!s) s = close_queue(a, err);
    while (!s && a->placed) s = crl_apex_give_up(a, a->placed, err);
    if (!s) s = give_memory_back(a, err);
    crl_apex_leave(a);
    return s;
}

/* --- programs ------------------------------------------------------------------------------------------------------ */

/* How far the queue was read; `*failed` where the chip cannot go on with it. */
static uint32_t head_of(const crl_apex *a, bool *failed)
{
    const uint64_t report = a->system->load(a->system, a->shared + CRL_APEX_PAGE);
    *failed = report >> 32 != 0;
    return (uint32_t)report % ENTRIES;
}

/* Answers interrupts before what they tell of is looked at, so that none gets lost between. */
static crl_status answer(crl_apex *a, unsigned which, crl_error *err)
{
    if (which & QUEUE_BIT) put(a, QUEUE_INTERRUPT_STATE, 0);
    for (int i = 0; i < 4; i++)
        if (which & (unsigned)CORE_BIT << i) put(a, CORE_INTERRUPT_STATE, ALL_CORE_INTERRUPTS & ~(1u << i)); /* a 0 clears */
    if (!(which & FATAL_BIT)) return CRL_OK;
    const crl_status s = check_errors(a, err);
    put(a, FATAL_INTERRUPT_STATE, 0);
    return s;
}

/* Until interrupts have come, or it is time to look without one. */
static crl_status wait_for_more(crl_apex *a, uint64_t until, crl_error *err)
{
    const crl_apex_system *system = a->system;
    const uint64_t now = system->now(system);
    if (now >= until) return crl_fail(err, CRL_ERR_TIMEOUT, "the end of its program does not come");
    const uint64_t left = (until - now) / NS_PER_MS + 1;
    const unsigned which = system->wait(system, a->event, CRL_APEX_INTERRUPTS, left < LOOK_MS ? (unsigned)left : LOOK_MS);
    return which ? answer(a, which, err) : check_errors(a, err);
}

static crl_status wait_for_room(crl_apex *a, uint64_t until, crl_error *err)
{
    crl_status s = CRL_OK;
    bool failed;
    while (!s && (a->tail + 1) % ENTRIES == head_of(a, &failed))
        s = failed ? crl_fail(err, CRL_ERR_DEVICE, "its queue has failed") : wait_for_more(a, until, err);
    return s;
}

/* Entries are there before the tail that tells of them: see `store`. */
static crl_status enqueue(crl_apex *a, const crl_apex_buffer *chunk, uint64_t until, crl_error *err)
{
    const crl_status s = wait_for_room(a, until, err);
    if (s) return s;
    uint8_t *entry = a->shared + (size_t)a->tail * ENTRY_BYTES;
    a->system->store(a->system, entry, chunk->address);
    a->system->store(a->system, entry + 8, chunk->bytes);
    a->tail = (a->tail + 1) % ENTRIES;
    put(a, QUEUE_TAIL, a->tail);
    return CRL_OK;
}

crl_status crl_apex_execute(crl_apex *a, const crl_apex_buffer *chunks, int32_t n, uint64_t until, crl_error *err)
{
    crl_status s = CRL_OK;
    for (int32_t i = 0; !s && i < n; i++) s = enqueue(a, &chunks[i], until, err);
    while (!s) {
        bool failed;
        const uint64_t count = get(a, CORE_INTERRUPTS);
        const uint32_t head = head_of(a, &failed);
        if (count == UINT64_MAX) return gone(err);
        if (failed) return crl_fail(err, CRL_ERR_DEVICE, "its queue has failed");
        if ((uint16_t)count != a->ends && head == a->tail) {
            a->ends = (uint16_t)count;
            return CRL_OK;
        }
        s = wait_for_more(a, until, err);
    }
    return s;
}
