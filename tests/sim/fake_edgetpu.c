/* SPDX-License-Identifier: Apache-2.0 */
/* A libedgetpu.so.1 with one device on PCIe, which is a stick of $CRL_SIM_DELEGATE, the library of that name that is tested itself. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "compat/edgetpu_c.h"

static void *inner(const char *name)
{
    void *library = dlopen(getenv("CRL_SIM_DELEGATE"), RTLD_NOW | RTLD_LOCAL);
    return library ? dlsym(library, name) : NULL;
}

struct edgetpu_device *edgetpu_list_devices(size_t *num_devices)
{
    static struct edgetpu_device one = { EDGETPU_APEX_PCI, "/dev/apex_0" };
    *num_devices = 1;
    return &one;
}

void edgetpu_free_devices(struct edgetpu_device *devices)
{
    (void)devices;
}

TfLiteDelegate *edgetpu_create_delegate(enum edgetpu_device_type type, const char *path, const struct edgetpu_option *options, size_t num_options)
{
    TfLiteDelegate *(*create)(enum edgetpu_device_type, const char *, const struct edgetpu_option *, size_t);
    void *found = inner("edgetpu_create_delegate");
    if (!found || type != EDGETPU_APEX_PCI || !path || strcmp(path, "/dev/apex_0")) return NULL;
    memcpy(&create, &found, sizeof create); /* POSIX: functions have addresses as objects do */
    return create(EDGETPU_APEX_USB, NULL, options, num_options);
}

void edgetpu_free_delegate(TfLiteDelegate *delegate)
{
    void (*release)(TfLiteDelegate *);
    void *found = inner("edgetpu_free_delegate");
    memcpy(&release, &found, sizeof release);
    release(delegate);
}
