/* SPDX-License-Identifier: Apache-2.0 */
/* The Edge TPU of an engine that is made of public options. */
#ifndef CRL_ENGINE_DEVICE_H
#define CRL_ENGINE_DEVICE_H

#include "backend/edgetpu/edgetpu.h"
#include "backend/vendor/vendor.h"
#include "engine/setup.h"

typedef struct crl_engine_device {
    crl_edgetpu_setup edgetpu;
    crl_canaries canaries;
    crl_vendor_setup vendor;
    crl_bus buses[2];
    crl_place place;
    crl_backend backend;
    const crl_backend *list[3];
    crl_firmware firmware;
    crl_error no_firmware;
} crl_engine_device;

/**
 * Where the options want an Edge TPU for this model and there is one, or the emulator, `setup` gets it; with
 * CRL_BACKEND_AUTO, one that is not there is no error. `*device` stays where it is as long as the engine lives.
 *
 * Errors  ARGUMENT     EDGETPU and a model that is not compiled, or a name of a device that is none
 *         DEVICE       EDGETPU, and it is not there
 *         UNSUPPORTED  EDGETPU, none on PCIe, and no USB
 */
crl_status crl_engine_device_find(crl_engine_device *device, crl_engine_setup *setup, const crl_model *model,
                                  const crl_engine_options *options, crl_error *err);
/* Whether there is one that the options let a compiled model run on. Errors: ARGUMENT, as above. */
crl_status crl_engine_device_is_there(bool *there, const crl_engine_options *options, crl_error *err);
/* The places on all buses, in their order. A bus that cannot be asked counts where no other one has any. Errors: those of the last such bus. */
crl_status crl_engine_devices_look(crl_place *places, int most, int *n_found, const crl_bus *buses, int n_buses, crl_error *err);
typedef enum crl_device_kind { CRL_DEVICE_ANY, CRL_DEVICE_USB, CRL_DEVICE_PCI } crl_device_kind;

/**
 * Which of the places a name means: "", "usb" and "pci" any one of the kind, ":1", "usb:1" and "pci:1" the second one, "2-1.4" and "apex_0" the one
 * that the kernel names so. Where it means any, `*any` is true and there is one; else `*place` gets it.
 *
 * Errors  ARGUMENT  a name that is made otherwise
 *         DEVICE    there is none
 */
crl_status crl_engine_device_choose(crl_place *place, bool *any, crl_device_kind *kind, const char *name, const crl_place *places, int n,
                                    crl_error *err);
void crl_engine_device_release(crl_engine_device *device);

#endif
