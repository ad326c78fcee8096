/* SPDX-License-Identifier: Apache-2.0 */
/* See real.h. */
#include "real.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *testdata(void)
{
    const char *given = getenv("CRL_TESTDATA");
    return given ? given : "../shared/testdata";
}

bool real_pairs(char *folder, size_t size)
{
    snprintf(folder, size, "%s/../edgetpu/pairs", testdata());
    return !access(folder, R_OK);
}

/* What is done with each model, or with each package. */
typedef struct visit {
    void (*model)(check *t, const char *name, const crl_model *model);
    void (*package)(check *t, const char *name, const crl_package *package);
} visit;

static void open_one(check *t, const char *folder, const char *name, const visit *each)
{
    char path[2048];
    crl_model *model = NULL;
    crl_package *p;
    crl_error err = { .text = "" };
    snprintf(path, sizeof path, "%.1023s/%.1000s", folder, name);
    if (!check_that(t, !crl_model_open_file(&model, path, &err), "%s", err.text)) return;
    const int32_t op = crl_find_compiled(model, 0);
    if (op >= 0 && each->model) each->model(t, name, model);
    if (check_that(t, op >= 0 && !crl_package_open(&p, model, op, &err), "%s: %s", name, err.text)) {
        if (each->package) each->package(t, name, p);
        crl_package_close(p);
    }
    check_that(t, crl_find_compiled(model, op + 1) < 0, "%s: two compiled operators", name);
    crl_model_close(model);
}

static void visit_all(check *t, const visit *each)
{
    char folders[2][1024];
    int seen = 0;
    snprintf(folders[0], sizeof folders[0], "%s/models", testdata());
    real_pairs(folders[1], sizeof folders[1]);
    for (int f = 0; f < 2; f++) {
        struct dirent **entries;
        const int n = scandir(folders[f], &entries, NULL, alphasort);
        for (int i = 0; i < n; i++) {
            if (strstr(entries[i]->d_name, "_edgetpu.tflite")) {
                seen++;
                open_one(t, folders[f], entries[i]->d_name, each);
            }
            free(entries[i]);
        }
        if (n >= 0) free(entries);
    }
    if (!seen) check_skip(t, "no compiled models in %s", folders[0]);
}

void real_packages(check *t, void (*each)(check *t, const char *name, const crl_package *package))
{
    visit_all(t, &(visit){ .package = each });
}

void real_models(check *t, void (*each)(check *t, const char *name, const crl_model *model))
{
    visit_all(t, &(visit){ .model = each });
}
