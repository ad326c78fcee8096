/* SPDX-License-Identifier: Apache-2.0 */
/* Source: USB Device Class Specification for Device Firmware Upgrade 1.1, sections 4 to 6. See dfu.h. */
#include "backend/edgetpu/dfu.h"

#include <string.h>

#include "backend/edgetpu/registers.h"
#include "base/error.h"

enum { DETACH, DNLOAD, UPLOAD, GETSTATUS };
enum { STATE_IDLE = 2, STATE_DOWNLOAD_IDLE = 5 };
enum { MAX_BLOCK = 4096, CONFIGURATION_BYTES = 521, DETACH_MS = 100 };

typedef struct dfu {
    const crl_usb *usb;
    void *handle;
    uint8_t interface;
    uint16_t block_bytes;
    crl_error *err;
} dfu;

static crl_status request(const dfu *d, bool in, uint8_t code, uint16_t value, void *data, uint16_t length, size_t *done)
{
    static const char *const name[] = { "DETACH", "DNLOAD", "UPLOAD", "GETSTATUS" };
    const crl_usb_setup setup = { .type = in ? 0xa1 : 0x21, .request = code, .value = value, .index = d->interface, .length = length };
    const crl_usb_result result = crl_tpu_control(d->usb, d->handle, &setup, data, CRL_TPU_CONTROL_MS, done);
    if (result == CRL_USB_OK) return CRL_OK;
    return crl_fail(d->err, CRL_ERR_DEVICE, "firmware: %s of block %d %s: unplug it and plug it in again", name[code], value,
                    crl_usb_result_text(result));
}

/* --- the interface --------------------------------------------------------------------------------------- */

/* The first interface without endpoints that is for DFU in its boot loader, and its functional descriptor. */
static bool find_interface(dfu *d, const uint8_t *p, size_t n)
{
    enum { INTERFACE = 4, FUNCTIONAL = 0x21 };
    bool found = false;
    for (size_t i = 0; i + 2 <= n && p[i] >= 2 && i + p[i] <= n; i += p[i]) {
        if (p[i + 1] == INTERFACE && p[i] >= 9) {
            found = p[i + 4] == 0 && p[i + 5] == 0xfe && p[i + 6] == 1;
            d->interface = p[i + 2];
        }
        if (found && p[i + 1] == FUNCTIONAL && p[i] >= 7) {
            d->block_bytes = (uint16_t)(p[i + 5] | p[i + 6] << 8);
            return d->block_bytes > 0;
        }
    }
    return false;
}

static crl_status look(dfu *d)
{
    uint8_t bytes[CONFIGURATION_BYTES];
    const crl_usb_setup setup = { .type = 0x80, .request = 6, .value = 0x200, .length = sizeof bytes };
    size_t n = 0;
    const crl_usb_result result = crl_tpu_control(d->usb, d->handle, &setup, bytes, CRL_TPU_CONTROL_MS, &n);
    if (result != CRL_USB_OK)
        return crl_fail(d->err, CRL_ERR_DEVICE, "reading its configuration %s", crl_usb_result_text(result));
    if (!find_interface(d, bytes, n))
        return crl_fail(d->err, CRL_ERR_DEVICE, "it has no interface for firmware: is it another device?");
    if (d->block_bytes > MAX_BLOCK) d->block_bytes = MAX_BLOCK;
    return CRL_OK;
}

/* --- the image ------------------------------------------------------------------------------------------ */

static crl_status is_content(const dfu *d, uint8_t state)
{
    uint8_t status[6] = { 0 };
    size_t n;
    const crl_status s = request(d, true, GETSTATUS, 0, status, sizeof status, &n);
    if (s) return s;
    if (n != sizeof status) return crl_fail(d->err, CRL_ERR_DEVICE, "firmware: a status of %zu bytes, not 6", n);
    if (status[0] || status[4] != state)
        return crl_fail(d->err, CRL_ERR_DEVICE, "firmware: it is not taken (status %d, state %d): unplug it and plug it in again",
                        status[0], status[4]);
    return CRL_OK;
}

static crl_status send(const dfu *d, const crl_firmware *f)
{
    uint16_t block = 0;
    uint8_t bytes[MAX_BLOCK];
    crl_status s = CRL_OK;
    for (size_t at = 0; !s && at < f->n; block++) {
        const size_t n = f->n - at < d->block_bytes ? f->n - at : d->block_bytes;
        size_t done;
        memcpy(bytes, f->bytes + at, n);
        s = request(d, false, DNLOAD, block, bytes, (uint16_t)n, &done);
        if (!s && done != n) s = crl_fail(d->err, CRL_ERR_DEVICE, "firmware: block %d of %zu bytes was taken to %zu", block, n, done);
        if (!s) s = is_content(d, STATE_DOWNLOAD_IDLE);
        at += n;
    }
    size_t none;
    if (!s) s = request(d, false, DNLOAD, block, bytes, 0, &none);
    return s ? s : is_content(d, STATE_IDLE);
}

/* All of it is read, which ends with a short block: in the middle of it the boot loader would not know what comes next. A longer
 * image than ours may come back: the memory behind it. */
static crl_status compare(const dfu *d, const crl_firmware *f)
{
    size_t at = 0, n = d->block_bytes;
    bool same = true;
    for (uint16_t block = 0; n == d->block_bytes && block < UINT16_MAX; block++) {
        uint8_t bytes[MAX_BLOCK];
        const crl_status s = request(d, true, UPLOAD, block, bytes, d->block_bytes, &n);
        if (s) return s;
        const size_t ours = f->n - at < n ? f->n - at : n;
        same = same && !memcmp(bytes, f->bytes + at, ours);
        at += ours;
    }
    if (same && at == f->n) return CRL_OK;
    return crl_fail(d->err, CRL_ERR_DEVICE, "firmware: it came back changed: try another cable or port");
}

crl_status crl_dfu_download(const crl_usb *usb, void *handle, const crl_firmware *firmware, crl_error *err)
{
    dfu d = { .usb = usb, .handle = handle, .err = err };
    crl_status s = look(&d);
    if (s) return s;
    const crl_usb_result claimed = usb->claim(handle, d.interface);
    if (claimed != CRL_USB_OK) return crl_fail(err, CRL_ERR_DEVICE, "claiming its boot loader %s", crl_usb_result_text(claimed));
    s = send(&d, firmware);
    if (!s) s = compare(&d, firmware);
    usb->release(handle, d.interface);
    return s;
}

crl_status crl_dfu_detach(const crl_usb *usb, void *handle, crl_error *err)
{
    const dfu d = { .usb = usb, .handle = handle, .err = err };
    size_t none;
    const crl_usb_result claimed = usb->claim(handle, 0);
    if (claimed != CRL_USB_OK) return crl_fail(err, CRL_ERR_DEVICE, "claiming it %s", crl_usb_result_text(claimed));
    const crl_status s = request(&d, false, DETACH, DETACH_MS, NULL, 0, &none);
    usb->release(handle, 0);
    return s;
}
