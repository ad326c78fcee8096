/* SPDX-License-Identifier: Apache-2.0 */
/* A chip on PCIe in software: see sim_apex.h. */
#include "sim_apex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim_inside.h"

enum { FILE_FD = 1000, FIRST_EVENT = 2000, MOST_EVENTS = 64, INTERRUPTS = 13, MOST_MAPPINGS = 256, SHARED_PAGES = 16, SHARED_OFFSET = 0x1000000 };
enum { RUN_CONTROL = 0x44018, TILE_UNIT = 0x400c0, QUEUE_CONTROL = 0x48568, QUEUE_BASE = 0x48590, QUEUE_REPORT = 0x48598, QUEUE_ENTRIES = 0x485a0,
       QUEUE_TAIL = 0x485a8, QUEUE_INTERRUPT = 0x485c0, CORE_INTERRUPT = 0x486a0, FATAL_INTERRUPT = 0x486c0, CORE_COUNT = 0x486d0,
       DMA_PAUSE = 0x486d8 };
enum { QUEUE = 0, CORE = 4, FATAL = 12 }; /* interrupts */

typedef struct mapping {
    uint64_t address;
    uint8_t *memory, *seen; /* what the chip sees; of shared memory the same */
    size_t bytes;
    uint32_t direction;
} mapping;

/* Where a program is told that something is: halves that come one by one. */
typedef struct link {
    crl_package_base base;
    const char *name;
    uint64_t address;
} link;

enum { MOST_LINKS = 64 };

struct sim_apex {
    crl_apex_system system;
    sim *s;
    bool old, lossy, is_open, was_stopped;
    int code;
    uint8_t registers[CRL_APEX_REGIONS][CRL_APEX_PAGE];
    uint8_t *shared;
    size_t shared_bytes;
    int n_maps; /* of the file's parts */
    int n_events, event_of[INTERRUPTS];
    bool is_pending[INTERRUPTS];
    uint64_t simple; /* entries of the page table */
    mapping mappings[MOST_MAPPINGS];
    int n_mappings;
    uint32_t head;
    uint64_t ends;
    int32_t chunk; /* whose turn it is */
    link links[MOST_LINKS];
    int n_links;
    bool failed;
};

static sim_apex *enter(const crl_apex_system *system)
{
    sim_apex *a = system->own;
    pthread_mutex_lock(&a->s->lock);
    return a;
}

static void leave(sim_apex *a)
{
    pthread_mutex_unlock(&a->s->lock);
}

/* --- the page table --------------------------------------------------------------------------------------------- */

static void write_back(mapping *m)
{
    if (m->seen == m->memory) return;
    if (m->direction != CRL_APEX_TO_CHIP) memcpy(m->memory, m->seen, m->bytes);
    free(m->seen);
}

static bool is_in_table(const sim_apex *a, uint64_t address, uint64_t bytes)
{
    const uint64_t extended = (CRL_APEX_TABLE - a->simple) * 512 * CRL_APEX_PAGE, simple = a->simple * CRL_APEX_PAGE;
    const uint64_t from = address & ~CRL_APEX_EXTENDED, room = address & CRL_APEX_EXTENDED ? extended : simple;
    return from < room && bytes <= room - from;
}

static int map_pages(sim_apex *a, const crl_apex_pages *p, uint32_t direction)
{
    if (p->table || p->memory % CRL_APEX_PAGE || p->address % CRL_APEX_PAGE || p->bytes % CRL_APEX_PAGE || !p->bytes || direction > 2 ||
        !is_in_table(a, p->address, p->bytes)) {
        sim_complain(a->s, "a mapping that the kernel does not take");
        return -EINVAL;
    }
    for (int i = 0; i < a->n_mappings; i++)
        if (a->mappings[i].address < p->address + p->bytes && p->address < a->mappings[i].address + a->mappings[i].bytes) {
            sim_complain(a->s, "a mapping where there is one");
            return -EINVAL;
        }
    if (a->n_mappings == MOST_MAPPINGS) abort();
    mapping *m = &a->mappings[a->n_mappings++];
    *m = (mapping){ .address = p->address, .memory = (uint8_t *)(uintptr_t)p->memory, .bytes = (size_t)p->bytes, .direction = direction };
    m->seen = m->memory;
    if (a->shared && m->memory >= a->shared && m->memory < a->shared + a->shared_bytes) return 0;
    m->seen = malloc(m->bytes);
    if (!m->seen) abort();
    memset(m->seen, 0x5a, m->bytes);
    if (direction != CRL_APEX_FROM_CHIP) memcpy(m->seen, m->memory, m->bytes);
    return 0;
}

static int unmap_pages(sim_apex *a, const crl_apex_pages *p)
{
    for (int i = 0; i < a->n_mappings; i++) {
        mapping *m = &a->mappings[i];
        if (m->address != p->address || m->bytes != p->bytes) continue;
        write_back(m);
        memmove(m, m + 1, (size_t)(--a->n_mappings - i) * sizeof *m);
        return 0;
    }
    sim_complain(a->s, "an unmapping of what is not mapped");
    return -EINVAL;
}

/* As the chip sees it; NULL, and a complaint: it may not. */
static uint8_t *reach(sim_apex *a, uint64_t address, size_t bytes, crl_apex_direction direction)
{
    for (int i = 0; i < a->n_mappings; i++) {
        const mapping *m = &a->mappings[i];
        if (address < m->address || address - m->address > m->bytes || bytes > m->bytes - (size_t)(address - m->address)) continue;
        if (m->direction != CRL_APEX_BOTH && m->direction != direction) break;
        return m->seen + (address - m->address);
    }
    sim_complain(a->s, "an address behind which is no memory that the chip may have");
    return NULL;
}

/* --- programs ------------------------------------------------------------------------------------------------------ */

static void interrupt(sim_apex *a, int which, uint32_t control)
{
    if (sim_chip_read(a->s, control) & 1) a->is_pending[which] = true;
}

static void note_link(sim_apex *a, const crl_relocation *r, const uint8_t *bytes)
{
    link *l = a->links;
    while (l < a->links + a->n_links && (l->base != r->base || strcmp(l->name, r->name))) l++;
    if (l == a->links + a->n_links) {
        if (a->n_links++ == MOST_LINKS) abort();
        *l = (link){ r->base, r->name, 0 };
    }
    uint64_t half = 0;
    for (size_t i = 0; i < 32; i++) half |= (uint64_t)(bytes[(r->bit + i) / 8] >> (r->bit + i) % 8 & 1) << i;
    const uint64_t mask = UINT64_C(0xffffffff) << (r->high ? 32 : 0), value = half << (r->high ? 32 : 0);
    if (l->address & mask && (l->address & mask) != value) sim_complain(a->s, "two addresses of one thing");
    l->address |= value;
}

/* 0: the program does not ask for it. */
static uint64_t linked(const sim_apex *a, crl_package_base base, const char *name)
{
    for (int i = 0; i < a->n_links; i++)
        if (a->links[i].base == base && (!name || !strcmp(a->links[i].name, name))) return a->links[i].address;
    return 0;
}

static void take_inputs(sim_apex *a)
{
    const crl_executable *e = a->s->program;
    const uint64_t parameters = linked(a, CRL_BASE_PARAMETERS, NULL), scratch = linked(a, CRL_BASE_SCRATCH, NULL);
    for (int i = 0; i < a->n_links; i++)
        if (a->links[i].address % 8) sim_complain(a->s, "an address that its transfers do not take");
    if (e->parameter_bytes && parameters) {
        const uint8_t *got = reach(a, parameters, e->parameter_bytes, CRL_APEX_TO_CHIP);
        if (got && memcmp(got, e->parameters, e->parameter_bytes)) sim_complain(a->s, "other parameters than those of the package");
    }
    if (e->scratch_bytes && scratch) reach(a, scratch, e->scratch_bytes, CRL_APEX_BOTH);
    for (int32_t i = 0; i < e->n_inputs; i++) {
        const uint8_t *got = reach(a, linked(a, CRL_BASE_INPUT, e->inputs[i].name), e->inputs[i].bytes, CRL_APEX_TO_CHIP);
        if (got) memcpy(a->s->inputs[i], got, e->inputs[i].bytes);
    }
    for (int32_t i = 0; i < e->n_hints; i++) { /* which go past an end here and there */
        const crl_hint *h = &e->hints[i];
        if (h->kind == CRL_HINT_TRANSFER && h->base == CRL_BASE_INPUT && h->layer >= 0)
            reach(a, linked(a, CRL_BASE_INPUT, h->name) + h->offset, h->size, CRL_APEX_TO_CHIP);
    }
}

static void give_outputs(sim_apex *a)
{
    const crl_executable *e = a->s->program;
    for (int32_t i = 0; i < e->n_outputs; i++) {
        uint8_t *to = reach(a, linked(a, CRL_BASE_OUTPUT, e->outputs[i].name), e->outputs[i].bytes, CRL_APEX_FROM_CHIP);
        uint8_t *out = sim_chip_output(a->s, &e->outputs[i]);
        if (to) memcpy(to, out, e->outputs[i].bytes);
        if (to && a->s->wrong) to[0] ^= 1;
        free(out);
    }
}

static void execute(sim_apex *a)
{
    sim *s = a->s;
    sim_chip_expect_parameters(s);
    take_inputs(a);
    if (s->program->n_outputs) {
        sim_chip_compute(s);
        give_outputs(a);
    }
    sim_chip_finish(s);
    a->n_links = 0;
    a->ends = (a->ends & ~UINT64_C(0xffff)) | ((a->ends + 1) & 0xffff);
    interrupt(a, CORE, CORE_INTERRUPT);
}

/* One entry of the queue; false: the chip goes no further. */
static bool fetch(sim_apex *a)
{
    sim *s = a->s;
    const uint8_t *entry = reach(a, sim_chip_read(s, QUEUE_BASE) + 16 * a->head, 16, CRL_APEX_TO_CHIP);
    uint64_t address, bytes;
    const sim_fault fault = sim_next_fault(s, true);
    if (fault == SIM_FATAL) interrupt(a, FATAL, FATAL_INTERRUPT);
    if (fault == SIM_GARBAGE || fault == SIM_SHORT) a->failed = true;
    if (fault != SIM_NONE || !entry) return false;
    memcpy(&address, entry, 8);
    memcpy(&bytes, entry + 8, 8);
    const uint8_t *words = reach(a, address, (size_t)bytes, CRL_APEX_TO_CHIP);
    if (!words) return false;
    if (!s->program) {
        a->chunk = 0;
        if (!sim_chip_begin(s, words, (size_t)bytes)) {
            sim_complain(s, "a program that is in no package");
            return false;
        }
    }
    const crl_chunk *c = &s->program->chunks[a->chunk];
    if (!sim_same_chunk(c, words, (size_t)bytes)) sim_complain(s, "another chunk than the one whose turn it is");
    for (int32_t i = 0; i < c->n_relocations; i++) note_link(a, &c->relocations[i], words);
    if (++a->chunk == s->program->n_chunks) execute(a);
    return true;
}

static void report(sim_apex *a)
{
    uint8_t *to = reach(a, sim_chip_read(a->s, QUEUE_REPORT), 16, CRL_APEX_FROM_CHIP);
    const uint32_t words[4] = { a->head, a->failed, 0, 0 };
    if (to) memcpy(to, words, sizeof words);
    interrupt(a, QUEUE, QUEUE_INTERRUPT);
}

static void go_on(sim_apex *a, uint64_t tail)
{
    sim *s = a->s;
    const uint64_t entries = sim_chip_read(s, QUEUE_ENTRIES);
    if (sim_chip_read(s, QUEUE_CONTROL) != 5 || sim_chip_read(s, RUN_CONTROL) != 1) sim_complain(s, "a program for a chip that does not run");
    if (!entries || tail >= entries) {
        sim_complain(s, "a tail outside of the queue");
        return;
    }
    while (a->head != tail && !s->stalled && !s->fatal && sim_is_there(s) && fetch(a)) a->head = (a->head + 1) % (uint32_t)entries;
    if (sim_is_there(s)) report(a);
}

static bool is_stopped(sim_apex *a)
{
    bool off = sim_chip_read(a->s, RUN_CONTROL) == 2 && sim_chip_read(a->s, TILE_UNIT) == 2 && !sim_chip_read(a->s, QUEUE_CONTROL);
    off = off && !sim_chip_read(a->s, QUEUE_TAIL) && !sim_chip_read(a->s, CORE_INTERRUPT) && !sim_chip_read(a->s, QUEUE_INTERRUPT);
    for (int i = 0; i < INTERRUPTS; i++) off = off && a->event_of[i] < 0;
    return off && !sim_chip_read(a->s, FATAL_INTERRUPT) && !a->n_mappings && !a->shared;
}

/* --- the device's file ------------------------------------------------------------------------------------------------ */

static void reset(sim_apex *a)
{
    sim_chip_clear(a->s);
    a->s->fatal = false;
    a->s->n_registers = 0;
    for (int i = 0; i < a->n_mappings; i++)
        if (a->mappings[i].seen != a->mappings[i].memory) free(a->mappings[i].seen); /* nobody writes back any more */
    a->n_mappings = a->n_links = 0;
    a->simple = CRL_APEX_TABLE;
    a->head = 0;
    a->ends = 0;
    a->failed = false;
    memset(a->is_pending, 0, sizeof a->is_pending);
    for (int i = 0; i < INTERRUPTS; i++) a->event_of[i] = -1;
}

static int list(const crl_apex_system *system, int32_t *numbers, int most)
{
    sim_apex *a = enter(system);
    const int n = most && sim_is_there(a->s);
    if (n) numbers[0] = 0;
    leave(a);
    return n;
}

static int try_access(const crl_apex_system *system, int32_t number)
{
    (void)system;
    return number ? -ENOENT : 0;
}

static int32_t millidegrees(const crl_apex_system *system, int32_t number)
{
    (void)system;
    (void)number;
    return 41500;
}

/* What a fault makes of a call to the kernel. */
static int code_of(sim_apex *a)
{
    switch (sim_next_fault(a->s, false)) {
    case SIM_STALL: case SIM_FAIL: case SIM_SHORT: case SIM_GARBAGE: return -EIO;
    case SIM_TIMEOUT: case SIM_HANG: return -ETIMEDOUT;
    case SIM_UNPLUG: return -ENODEV;
    default: return sim_is_there(a->s) ? 0 : -ENODEV;
    }
}

static int open_file(const crl_apex_system *system, int32_t number)
{
    sim_apex *a = enter(system);
    int code = number ? -ENOENT : code_of(a);
    if (!code) code = a->code;
    if (!code && a->is_open) sim_complain(a->s, "it is open already");
    if (!code) {
        reset(a);
        a->is_open = true;
        a->s->handles++;
    }
    leave(a);
    return code ? code : FILE_FD;
}

static void close_file(const crl_apex_system *system, int fd)
{
    sim_apex *a = enter(system);
    if (fd == FILE_FD) {
        if (!a->is_open) sim_complain(a->s, "closed twice");
        if (a->n_maps) sim_complain(a->s, "closed while parts of it are mapped, so that it is not reset");
        a->was_stopped = is_stopped(a);
        a->is_open = false;
        a->s->handles--;
        reset(a);
        free(a->shared);
        a->shared = NULL;
    } else {
        a->n_events--;
    }
    leave(a);
}

static int new_event(const crl_apex_system *system)
{
    sim_apex *a = enter(system);
    const int fd = FIRST_EVENT + a->n_events++;
    if (a->n_events > MOST_EVENTS) abort();
    leave(a);
    return fd;
}

static int share(sim_apex *a, crl_apex_coherent *c)
{
    if (c->table || !c->bytes || c->bytes > SHARED_PAGES * CRL_APEX_PAGE || c->bytes % CRL_APEX_PAGE || (c->enable != 0) == (a->shared != NULL) ||
        (!c->enable && c->offset != SHARED_OFFSET)) {
        sim_complain(a->s, "memory to share that the kernel does not give");
        return -EINVAL;
    }
    if (!c->enable) {
        free(a->shared);
        a->shared = NULL;
        return 0;
    }
    a->shared_bytes = (size_t)c->bytes;
    a->shared = aligned_alloc(CRL_APEX_PAGE, a->shared_bytes);
    if (!a->shared) abort();
    memset(a->shared, 0, a->shared_bytes);
    c->offset = SHARED_OFFSET;
    return 0;
}

static int set_event(sim_apex *a, uint64_t which, int fd)
{
    if (which >= INTERRUPTS) {
        sim_complain(a->s, "an interrupt that it has not");
        return -EINVAL;
    }
    a->event_of[which] = fd;
    return 0;
}

static int partition(sim_apex *a, const crl_apex_pages *p)
{
    if (p->table || p->bytes > CRL_APEX_TABLE || a->n_mappings) {
        sim_complain(a->s, "a page table that cannot be divided so");
        return -EINVAL;
    }
    a->simple = p->bytes;
    return 0;
}

static int set_clock(sim_apex *a, uint32_t level)
{
    if (a->old) return -ENOTTY;
    if (level > 3) return -EINVAL;
    a->s->divider = 3 - (int)level;
    return 0;
}

static int obey(sim_apex *a, unsigned long request, void *argument)
{
    const crl_apex_flagged_pages *flagged = argument;
    const crl_apex_eventfd *event = argument;
    switch (request) {
    case CRL_APEX_SET_EVENTFD: return set_event(a, event->interrupt, (int)event->fd);
    case CRL_APEX_CLEAR_EVENTFD: return set_event(a, (uintptr_t)argument, -1);
    case CRL_APEX_PARTITION: return partition(a, argument);
    case CRL_APEX_MAP: return map_pages(a, argument, CRL_APEX_BOTH);
    case CRL_APEX_MAP_FLAGGED: return a->old ? -EPERM : map_pages(a, &flagged->pages, flagged->flags >> 1);
    case CRL_APEX_UNMAP: return unmap_pages(a, argument);
    case CRL_APEX_COHERENT: return share(a, argument);
    case CRL_APEX_PERFORMANCE: return set_clock(a, ((const crl_apex_performance *)argument)->level);
    default: sim_complain(a->s, "a call that the kernel does not know"); return -ENOTTY;
    }
}

static int control(const crl_apex_system *system, int fd, unsigned long request, void *argument)
{
    sim_apex *a = enter(system);
    int code = code_of(a);
    if (fd != FILE_FD || !a->is_open) {
        sim_complain(a->s, "a call of a file that is not open");
        code = -EBADF;
    }
    if (!code) code = obey(a, request, argument);
    leave(a);
    return code;
}

static void *map(const crl_apex_system *system, int fd, uint64_t offset, size_t bytes)
{
    sim_apex *a = enter(system);
    void *memory = NULL;
    (void)fd;
    for (int i = 0; i < CRL_APEX_REGIONS; i++)
        if (offset == 0x40000 + (uint64_t)i * 0x4000 && bytes == CRL_APEX_PAGE) memory = a->registers[i];
    if (offset == SHARED_OFFSET && a->shared && bytes == a->shared_bytes) memory = a->shared;
    if (!memory) sim_complain(a->s, "a part of the file that cannot be mapped");
    if (memory && code_of(a)) memory = NULL;
    a->n_maps += memory != NULL;
    leave(a);
    return memory;
}

static void unmap(const crl_apex_system *system, void *memory, size_t bytes)
{
    (void)memory;
    (void)bytes;
    sim_apex *a = enter(system);
    a->n_maps--;
    leave(a);
}

/* --- registers ---------------------------------------------------------------------------------------------------------- */

/* 0: it is memory. */
static uint32_t register_at(const sim_apex *a, const void *at)
{
    const uintptr_t where = (uintptr_t)at, first = (uintptr_t)a->registers;
    if (where - first >= sizeof a->registers) return 0;
    const size_t offset = where - first;
    return (uint32_t)(0x40000 + offset / CRL_APEX_PAGE * 0x4000 + offset % CRL_APEX_PAGE);
}

static uint64_t load(const crl_apex_system *system, const void *from)
{
    sim_apex *a = enter(system);
    const uint32_t address = register_at(a, from);
    uint64_t value;
    if (!address)
        memcpy(&value, from, sizeof value);
    else if (!sim_is_there(a->s))
        value = UINT64_MAX;
    else
        value = address == 0x48578 ? 16 : address == 0x48570 ? sim_chip_read(a->s, QUEUE_CONTROL) & 1 : address == CORE_COUNT ? a->ends
                : address == 0x486e0 ? sim_chip_read(a->s, DMA_PAUSE) : sim_chip_read(a->s, address);
    leave(a);
    return value;
}

static void store(const crl_apex_system *system, void *to, uint64_t value)
{
    sim_apex *a = enter(system);
    sim *s = a->s;
    const uint32_t address = register_at(a, to);
    if (!address) {
        memcpy(to, &value, sizeof value);
    } else if (sim_is_there(s)) {
        if (address == RUN_CONTROL && value == 2 && sim_chip_read(s, DMA_PAUSE) != 1) sim_complain(s, "a halt while it may move data");
        sim_chip_write(s, address, value);
        if (address == QUEUE_TAIL && sim_chip_read(s, QUEUE_CONTROL)) go_on(a, value);
    }
    leave(a);
}

static unsigned wait_for(const crl_apex_system *system, const int *events, int n, unsigned limit_ms)
{
    sim_apex *a = enter(system);
    unsigned which = 0;
    for (int i = 0; i < INTERRUPTS && !a->lossy; i++)
        for (int k = 0; k < n && a->is_pending[i]; k++)
            if (events[k] == a->event_of[i]) {
                which |= 1u << k;
                a->is_pending[i] = false;
            }
    leave(a);
    if (!which) sim_wait(a->s, limit_ms);
    return which;
}

static void pause_for(const crl_apex_system *system, unsigned ms)
{
    sim_wait(((sim_apex *)system->own)->s, ms);
}

static uint64_t now(const crl_apex_system *system)
{
    return sim_now(((sim_apex *)system->own)->s);
}

/* --- from outside --------------------------------------------------------------------------------------------------------- */

sim_apex *sim_apex_new(sim *s)
{
    sim_apex *a = calloc(1, sizeof *a);
    if (!a) abort();
    a->s = s;
    a->system = (crl_apex_system){ .own = a, .page_bytes = CRL_APEX_PAGE, .list = list, .access = try_access, .millidegrees = millidegrees,
                                   .open = open_file, .close = close_file, .ioctl = control, .map = map, .unmap = unmap, .load = load, .store = store,
                                   .eventfd = new_event, .wait = wait_for, .sleep = pause_for, .now = now };
    reset(a);
    return a;
}

void sim_apex_free(sim_apex *a)
{
    reset(a);
    free(a->shared);
    free(a);
}

const crl_apex_system *sim_apex_system(const sim_apex *a)
{
    return &a->system;
}

void sim_apex_set_old(sim_apex *a)
{
    a->old = true;
}

void sim_apex_set_code(sim_apex *a, int code)
{
    a->code = code;
}

void sim_apex_set_page(sim_apex *a, size_t bytes)
{
    a->system.page_bytes = bytes;
}

void sim_apex_lose_interrupts(sim_apex *a)
{
    a->lossy = true;
}

bool sim_apex_was_stopped(const sim_apex *a)
{
    return a->was_stopped;
}

size_t sim_apex_mapped(const sim_apex *a)
{
    size_t pages = 0;
    for (int i = 0; i < a->n_mappings; i++) pages += a->mappings[i].bytes / CRL_APEX_PAGE;
    return pages;
}
