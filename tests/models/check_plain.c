/* SPDX-License-Identifier: Apache-2.0 */
/* That layers have fast kernels: no CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV or BATCH_MATMUL of any model at
 * hand runs on its definition, whatever its type, on a machine with AVX2. Models are those of the tree, of the test data, and of
 * the folder `cases` beside it. Not those that multiply numbers of 16 bits by each other. */
#include <corallite/engine.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/cpu.h"
#include "check.h"
#include "plain.h"

static bool is_layer(const char *name)
{
    static const char *const layers[] = { "CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "BATCH_MATMUL" };
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++)
        if (strstr(name, layers[i])) return true;
    return false;
}

static void check_rows(check *t, const char *path, const crl_engine *e)
{
    int32_t n;
    const crl_profile_row *rows = crl_engine_profile_rows(e, &n);
    for (int32_t i = 0; i < n; i++)
        check_that(t, !rows[i].why_plain || !is_layer(rows[i].name) || strstr(rows[i].why_plain, "16 bits"),
                   "%s: op %d %s has no fast kernel, because %s", path, rows[i].op, rows[i].name, rows[i].why_plain);
}

static void check_file(check *t, const char *path)
{
    crl_model *m;
    crl_engine *e = NULL;
    if (crl_model_open_file(&m, path, NULL)) return;
    /* What is refused has a test elsewhere. */
    if (!crl_engine_new(&e, m, &(crl_engine_options){ .backend = CRL_BACKEND_CPU, .threads = 1 }, NULL)) check_rows(t, path, e);
    crl_engine_free(e);
    crl_model_close(m);
}

void check_plain_in(check *t, const char *folder)
{
    unsigned cpu;
    int n = 0;
    if (crl_cpu_choose(&cpu, NULL, NULL) || !(cpu & CRL_CPU_AVX2)) {
        check_skip(t, "not with these instructions");
        return;
    }
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        const char *suffix = strrchr(entry->d_name, '.');
        char path[4096];
        if (!suffix || strcmp(suffix, ".tflite")) continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path) check_file(t, path);
        n++;
    }
    if (dir) closedir(dir);
    if (!n) check_skip(t, "no models in %s", folder);
}
