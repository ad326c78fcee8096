/* SPDX-License-Identifier: Apache-2.0 */
/* Loading modules: see module.h. */
#define _GNU_SOURCE /* dladdr */
#include "stream/module.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/dynamic.h"
#include "base/error.h"
#include "stream/folder.h" /* made by meson */
#include "stream/stream.h"

static const crl_host host = {
    .abi = CRL_MODULE_ABI, .fail = crl_fail, .fail_memory = crl_fail_memory, .alloc = crl_alloc, .free = crl_free, .now = crl_stream_now,
    .encode = crl_image_encode, .view_json = crl_view_json, .label = crl_labels_get,
    .counts = crl_stream_counts_now, .pause = crl_stream_pause, .paused = crl_stream_paused, .set_threshold = crl_stream_set_threshold,
    .threshold = crl_stream_threshold, .teach = crl_stream_teach, .stop = crl_stream_stop, .buffer_fini = crl_buffer_fini,
};

/* The folder of the file that this code is in, the program or the library: where a build has modules, and from where an
 * installation is found that was moved. */
static bool own_folder(char *buf, size_t size)
{
    Dl_info info;
    char path[4096];
    if (!dladdr(&host, &info) || !info.dli_fname) return false;
    const char *name = info.dli_fname;
    if (!strchr(name, '/') || access(name, F_OK)) { /* a program that was found by $PATH */
        const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
        if (n < 0) return false;
        path[n] = 0;
        name = path;
    }
    const char *slash = strrchr(name, '/');
    return slash && (size_t)snprintf(buf, size, "%.*s", (int)(slash - name), name) < size;
}

static void *try_folder(const char *folder, const char *below, const char *name, char *said, size_t room)
{
    char path[4352];
    if ((size_t)snprintf(path, sizeof path, "%s%s/corallite-%s.so", folder, below, name) >= sizeof path || access(path, F_OK)) return NULL;
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) snprintf(said, room, "%s", dlerror());
    return handle;
}

/* $CORALLITE_MODULES comes first, for who has them elsewhere. `said` is why one that is there cannot be loaded. */
static void *open_module(const char *name, char *said, size_t room)
{
    static const char *const below[] = { "", "/corallite", "/..", "/../lib/corallite" };
    char folder[4096];
    const char *given = getenv("CORALLITE_MODULES");
    void *handle = given ? try_folder(given, "", name, said, room) : NULL;
    for (size_t i = 0; i < sizeof below / sizeof *below && !handle && own_folder(folder, sizeof folder); i++)
        handle = try_folder(folder, below[i], name, said, room);
    return handle ? handle : try_folder(CRL_MODULE_FOLDER, "", name, said, room);
}

static crl_status load(const crl_module **out, const char *name, const char *purpose, const char *cure, crl_error *err)
{
    char said[512] = "";
    if (!crl_can_load())
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "%s need a library that a statically linked program cannot load; link it dynamically", purpose);
    void *handle = open_module(name, said, sizeof said);
    if (!handle && *said) return crl_fail(err, CRL_ERR_UNSUPPORTED, "%s need a library that is not here: install %s (%.140s)", purpose, cure, said);
    if (!handle)
        return crl_fail(err, CRL_ERR_UNSUPPORTED,
                        "%s need corallite-%s.so, which is not in %s: `make modules` builds it", purpose, name,
                        CRL_MODULE_FOLDER);
    crl_module_open_fn *open = NULL;
    void *found = dlsym(handle, "crl_module_open");
    memcpy(&open, &found, sizeof open);
    *out = found ? open(&host) : NULL;
    if (*out && (*out)->abi == CRL_MODULE_ABI) return CRL_OK;
    *out = NULL;
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "corallite-%s.so is of another version than the program; install both again", name);
}

crl_status crl_module_load(const crl_module **out, const char *name, const char *purpose, const char *cure, crl_error *err)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    *out = NULL;
    pthread_mutex_lock(&one_at_a_time);
    const crl_status status = load(out, name, purpose, cure, err);
    pthread_mutex_unlock(&one_at_a_time);
    return status;
}
