/* SPDX-License-Identifier: Apache-2.0 */
/* The C interface of libedgetpu (edgetpu_c.h, runtime 13 and 14), and that by which TensorFlow Lite's Python loads
 * delegates, on this project's driver: a real TensorFlow Lite or LiteRT runs compiled models by it, the rest of a model
 * by itself.
 *
 *   tflite.load_delegate("PREFIX/lib/corallite/libedgetpu.so.1")
 *
 * A delegate knows nothing of the file that a model came from, so that nothing stands in where a stick fails, but for
 * what CRL_CPU_TWIN names: the run fails then with a sentence. The option "device" chooses a stick, "Performance" (Max,
 * High, Medium, Low) its clock where nobody in the program has it open yet, else it has the one that `corallite setup`
 * has set; others are accepted. C++ classes of the original have no counterpart. */
#ifndef CORALLITE_EDGETPU_C_H
#define CORALLITE_EDGETPU_C_H

#include <stddef.h>

#include "tensorflowlite_c.h"

#ifdef __cplusplus
extern "C" {
#endif

enum edgetpu_device_type {
    EDGETPU_APEX_PCI = 0,
    EDGETPU_APEX_USB = 1
};

struct edgetpu_device {
    enum edgetpu_device_type type;
    const char *path; /* "/sys/bus/usb/devices/2-1.4", "/dev/apex_0" */
};

struct edgetpu_option {
    const char *name, *value;
};

/* NULL and 0 where there is none, NULL for no num_devices; else for edgetpu_free_devices(). */
TFL_CAPI_EXPORT struct edgetpu_device *edgetpu_list_devices(size_t *num_devices);
TFL_CAPI_EXPORT void edgetpu_free_devices(struct edgetpu_device *devices);

/* `path` NULL: any of that type. NULL where it is not there. For edgetpu_free_delegate(), when the interpreter is gone. */
TFL_CAPI_EXPORT TfLiteDelegate *edgetpu_create_delegate(enum edgetpu_device_type type, const char *path, const struct edgetpu_option *options,
                                                        size_t num_options);
TFL_CAPI_EXPORT void edgetpu_free_delegate(TfLiteDelegate *delegate);

TFL_CAPI_EXPORT void edgetpu_verbosity(int verbosity);
TFL_CAPI_EXPORT const char *edgetpu_version(void);

/* The key "device" is "", ":N", "usb", "usb:N", "pci" or "pci:N"; keys and values that are NULL count as not given. NULL where there is no such
 * device; report_error, if not NULL, is told. */
TFL_CAPI_EXPORT TfLiteDelegate *tflite_plugin_create_delegate(char **options_keys, char **options_values, size_t num_options,
                                                              void (*report_error)(const char *text));
TFL_CAPI_EXPORT void tflite_plugin_destroy_delegate(TfLiteDelegate *delegate);

#ifdef __cplusplus
}
#endif
#endif
