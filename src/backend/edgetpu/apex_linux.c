/* SPDX-License-Identifier: Apache-2.0 */
/* Linux as what an Edge TPU on PCIe is asked of: see apex.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backend/edgetpu/apex.h"

#define CLASS "/sys/class/apex"
#define NODE "/dev/apex_%d"
enum { PATH = 64 };

static int list(const crl_apex_system *system, int32_t *numbers, int most)
{
    (void)system;
    static const char prefix[] = "apex_";
    int n = 0;
    DIR *d = opendir(CLASS);
    for (const struct dirent *e; d && n < most && (e = readdir(d));) {
        char *end;
        if (strncmp(e->d_name, prefix, sizeof prefix - 1)) continue;
        const long number = strtol(e->d_name + sizeof prefix - 1, &end, 10);
        if (end != e->d_name + sizeof prefix - 1 && !*end && number >= 0 && number <= INT32_MAX) numbers[n++] = (int32_t)number;
    }
    if (d) closedir(d);
    return n;
}

static int try_access(const crl_apex_system *system, int32_t number)
{
    (void)system;
    char path[PATH];
    struct stat st;
    snprintf(path, sizeof path, NODE, (int)number);
    if (stat(path, &st)) return -errno;
    if (!S_ISCHR(st.st_mode)) return -ENOTTY;
    return access(path, R_OK | W_OK) ? -errno : 0;
}

static int32_t millidegrees(const crl_apex_system *system, int32_t number)
{
    (void)system;
    char path[PATH], line[32] = "";
    snprintf(path, sizeof path, CLASS "/apex_%d/temp", (int)number);
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return 0;
    if (read(fd, line, sizeof line - 1) < 0) *line = 0;
    close(fd);
    const long value = strtol(line, NULL, 10);
    return value > -INT32_MAX && value < INT32_MAX ? (int32_t)value : 0;
}

static int open_file(const crl_apex_system *system, int32_t number)
{
    (void)system;
    char path[PATH];
    snprintf(path, sizeof path, NODE, (int)number);
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static void close_file(const crl_apex_system *system, int fd)
{
    (void)system;
    close(fd);
}

static int control(const crl_apex_system *system, int fd, unsigned long request, void *argument)
{
    (void)system;
    return ioctl(fd, request, argument) < 0 ? -errno : 0;
}

static void *map(const crl_apex_system *system, int fd, uint64_t offset, size_t bytes)
{
    (void)system;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
    return memory == MAP_FAILED ? NULL : memory;
}

static void unmap(const crl_apex_system *system, void *memory, size_t bytes)
{
    (void)system;
    munmap(memory, bytes);
}

static uint64_t load(const crl_apex_system *system, const void *from)
{
    (void)system;
    const uint64_t value = *(const volatile uint64_t *)from;
    atomic_thread_fence(memory_order_seq_cst);
    return value;
}

static void store(const crl_apex_system *system, void *to, uint64_t value)
{
    (void)system;
    atomic_thread_fence(memory_order_seq_cst);
    *(volatile uint64_t *)to = value;
}

static int new_event(const crl_apex_system *system)
{
    (void)system;
    const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

static unsigned wait_for(const crl_apex_system *system, const int *events, int n, unsigned limit_ms)
{
    (void)system;
    struct pollfd fds[CRL_APEX_INTERRUPTS];
    unsigned which = 0;
    for (int i = 0; i < n; i++) fds[i] = (struct pollfd){ .fd = events[i], .events = POLLIN };
    if (poll(fds, (nfds_t)n, (int)limit_ms) <= 0) return 0;
    for (int i = 0; i < n; i++) {
        uint64_t count;
        if (fds[i].revents & POLLIN && read(events[i], &count, sizeof count) == sizeof count) which |= 1u << i;
    }
    return which;
}

static void pause_for(const crl_apex_system *system, unsigned ms)
{
    (void)system;
    nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 }, NULL);
}

static uint64_t now(const crl_apex_system *system)
{
    (void)system;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static crl_apex_system of_linux = { .list = list, .access = try_access, .millidegrees = millidegrees, .open = open_file, .close = close_file,
                                    .ioctl = control, .map = map, .unmap = unmap, .load = load, .store = store, .eventfd = new_event,
                                    .wait = wait_for, .sleep = pause_for, .now = now };
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void ask_for_pages(void)
{
    of_linux.page_bytes = (size_t)sysconf(_SC_PAGESIZE);
}

const crl_apex_system *crl_apex_linux(void)
{
    pthread_once(&once, ask_for_pages);
    return &of_linux;
}
