/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses to registers, and the order of those that start and stop the chip: see registers.h. */
#include "backend/edgetpu/registers.h"

#include "base/error.h"

enum {
    GCBB_CREDIT_0 = 0x1907c,
    OMC_0_00 = 0x1a000,
    OMC_0_D4 = 0x1a0d4,
    OMC_0_D8 = 0x1a0d8,
    OMC_0_DC = 0x1a0dc,
    SCU_CTRL_0 = 0x1a30c,
    SCU_CTRL_2 = 0x1a314,
    SCU_CTRL_3 = 0x1a318,
    SCU_CTR_7 = 0x1a33c,
    SLAVE_ABM_ENABLE = 0x1a500,
    SLAVE_ERROR_MASK = 0x1a558,
    MASTER_ABM_ENABLE = 0x1a600,
    MASTER_ERROR_MASK = 0x1a658,
    RAM_TEST_CTRL_1 = 0x1a704,
    DEEP_SLEEP = 0x40020,
    SCALAR_CORE_RUN = 0x44018,
    HIB_ERROR = 0x486f0,
    HIB_FIRST_ERROR = 0x48700,
    IDLE = 0x4a000,
    OUTFEED_CHUNK = 0x4c058,
    FATAL_CONTROL = 0x4c060,
    FATAL_STATUS = 0x4c068,
    TOP_LEVEL_CONTROL = 0x4c070, /* of interrupt 0; the others follow */
    TOP_LEVEL_STATUS = 0x4c078,
    TOP_LEVEL_STEP = 0x10,
    TOP_LEVELS = 4,
    DESCRIPTOR_ENDPOINT = 0x4c148,
    SEPARATE_ENDPOINTS = 0x4c160
};

enum { SLEEP = 3, WAKE = 2 }; /* of bits 23:22 of SCU_CTRL_3 */

const uint32_t crl_tpu_core_units[CRL_TPU_CORE_UNITS] = { SCALAR_CORE_RUN, 0x44158, 0x44198, 0x441d8, 0x44218 };
const uint32_t crl_tpu_tile_units[CRL_TPU_TILE_UNITS] = { 0x400c0, 0x40150, 0x40110, 0x40250, 0x40298, 0x402e0, 0x40328, 0x40190, 0x401d0, 0x40210 };

/* --- one access ---------------------------------------------------------------------------------------- */

crl_usb_result crl_tpu_control(const crl_usb *usb, void *handle, const crl_usb_setup *setup, void *data, unsigned limit_ms,
                               size_t *done)
{
    crl_usb_result result = CRL_USB_FAILED;
    for (int i = 0; i < CRL_TPU_TRIES; i++) {
        result = usb->control(handle, setup, data, limit_ms, done);
        if (result == CRL_USB_OK || result == CRL_USB_GONE) break;
    }
    return result;
}

static bool is_wide(uint32_t address)
{
    return address >= 0x40000;
}

static void access_register(crl_registers *r, uint32_t address, bool in, uint8_t bytes[8])
{
    if (r->status) return;
    const uint16_t length = is_wide(address) ? 8 : 4;
    const crl_usb_setup setup = { .type = in ? 0xc0 : 0x40, .request = is_wide(address) ? 0 : 1, .value = (uint16_t)address,
                                  .index = (uint16_t)(address >> 16), .length = length };
    size_t done = 0;
    const crl_usb_result result = crl_tpu_control(r->usb, r->handle, &setup, bytes, CRL_TPU_CONTROL_MS, &done);
    if (result != CRL_USB_OK)
        r->status = crl_fail(r->err, CRL_ERR_DEVICE, "%s register 0x%x %s", in ? "reading" : "writing", (unsigned)address,
                             crl_usb_result_text(result));
    else if (done != length)
        r->status = crl_fail(r->err, CRL_ERR_DEVICE, "register 0x%x gave %zu bytes, not %d", (unsigned)address, done, length);
}

uint64_t crl_register_read(crl_registers *r, uint32_t address)
{
    uint8_t bytes[8] = { 0 };
    access_register(r, address, true, bytes);
    uint64_t value = 0;
    for (int i = 8; i-- > 0;) value = value << 8 | bytes[i];
    return r->status ? 0 : value;
}

void crl_register_write(crl_registers *r, uint32_t address, uint64_t value)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(value >> 8 * i);
    access_register(r, address, false, bytes);
}

/* Bits low..low + width - 1 of what stands there become `value`. */
static void change(crl_registers *r, uint32_t address, int low, int width, uint64_t value)
{
    const uint64_t mask = ((UINT64_C(1) << width) - 1) << low;
    const uint64_t old = crl_register_read(r, address);
    crl_register_write(r, address, (old & ~mask) | value << low);
}

static uint64_t field(uint64_t value, int low, int width)
{
    return value >> low & ((UINT64_C(1) << width) - 1);
}

/* Reads until the bits are `value`. */
static void expect(crl_registers *r, uint32_t address, int low, int width, uint64_t value)
{
    while (field(crl_register_read(r, address), low, width) != value && !r->status) {
        if (r->usb->now(r->usb) >= r->until)
            r->status = crl_fail(r->err, CRL_ERR_DEVICE, "register 0x%x does not become ready", (unsigned)address);
        else
            r->usb->sleep(r->usb, 1);
    }
}

/* --- start and stop ------------------------------------------------------------------------------------- */

static void put_to_sleep(crl_registers *r, uint64_t now)
{
    crl_register_write(r, SCU_CTRL_3, (now & ~UINT64_C(0xc00000)) | (uint64_t)SLEEP << 22);
    expect(r, SCU_CTRL_3, 8, 2, 2);
}

static void clear_credits(crl_registers *r)
{
    crl_register_write(r, GCBB_CREDIT_0, 0xf);
    crl_register_write(r, GCBB_CREDIT_0, 0);
}

/* The clock is in the upper four bits: bits 29:28 divide that of the core, 30 and 31 halve that of AXI and of the 8051. */
static void wake(crl_registers *r, crl_tpu_clock clock)
{
    static const uint8_t bits[] = { [CRL_TPU_MAX] = 0x0, [CRL_TPU_HIGH] = 0x5, [CRL_TPU_MEDIUM] = 0x6, [CRL_TPU_LOW] = 0xf };
    const uint64_t now = crl_register_read(r, SCU_CTRL_3);
    crl_register_write(r, SCU_CTRL_3, (now & ~UINT64_C(0xf0c00000)) | (uint64_t)WAKE << 22 | (uint64_t)bits[clock] << 28);
    expect(r, SCU_CTRL_3, 8, 2, 0);
    expect(r, SCALAR_CORE_RUN, 0, 32, 0);
}

/* All units: those of the core first, then those of the tiles, which have to be named before. */
static void control_units(crl_registers *r, uint64_t value)
{
    for (size_t i = 0; i < CRL_TPU_CORE_UNITS; i++) crl_register_write(r, crl_tpu_core_units[i], value);
    crl_register_write(r, CRL_TPU_TILE_CONFIG, CRL_TPU_ALL_TILES);
    expect(r, CRL_TPU_TILE_CONFIG, 0, 32, CRL_TPU_ALL_TILES);
    for (size_t i = 0; i < CRL_TPU_TILE_UNITS; i++) crl_register_write(r, crl_tpu_tile_units[i], value);
}

static void control_interrupts(crl_registers *r, uint64_t value)
{
    for (uint32_t i = 0; i < TOP_LEVELS; i++) crl_register_write(r, TOP_LEVEL_CONTROL + i * TOP_LEVEL_STEP, value);
}

/* Memory test, thermal control and bus monitors. */
static void control_monitors(crl_registers *r, bool on)
{
    change(r, OMC_0_D4, 31, 1, on);
    change(r, RAM_TEST_CTRL_1, 20, 3, on ? 0 : 7);
    change(r, SCU_CTR_7, 18, 2, on ? 0 : 3);
    crl_register_write(r, SLAVE_ABM_ENABLE, on);
    crl_register_write(r, MASTER_ABM_ENABLE, on);
    crl_register_write(r, SLAVE_ERROR_MASK, on ? 3 : 0);
    crl_register_write(r, MASTER_ERROR_MASK, on ? 3 : 0);
    change(r, OMC_0_D8, 31, 1, on);
}

crl_status crl_registers_start(crl_registers *r, crl_tpu_clock clock, bool separate, bool wide)
{
    change(r, SCU_CTRL_0, 8, 6, 0);
    if (field(crl_register_read(r, SCU_CTRL_2), 18, 2) == 1) change(r, SCU_CTRL_2, 18, 2, 2); /* gating of the clock off */
    const uint64_t power = crl_register_read(r, SCU_CTRL_3);
    if (field(power, 22, 2) != SLEEP) {
        put_to_sleep(r, power);
        clear_credits(r);
    }
    wake(r, clock);
    crl_register_write(r, IDLE, 1);
    crl_register_write(r, CRL_TPU_TILE_CONFIG, CRL_TPU_ALL_TILES);
    expect(r, CRL_TPU_TILE_CONFIG, 0, 32, CRL_TPU_ALL_TILES);
    crl_register_write(r, DEEP_SLEEP, 0x1e02);
    change(r, SCU_CTRL_2, 18, 2, 1);
    crl_register_read(r, OMC_0_00);
    crl_register_write(r, DESCRIPTOR_ENDPOINT, 0xf0);
    crl_register_write(r, SEPARATE_ENDPOINTS, separate);
    crl_register_write(r, OUTFEED_CHUNK, wide ? 0x80 : 0x20); /* in units of 8 bytes */
    control_units(r, CRL_TPU_RUN);
    crl_register_write(r, FATAL_CONTROL, 1);
    control_interrupts(r, 1);
    control_monitors(r, true);
    return r->status;
}

crl_status crl_registers_stop(crl_registers *r)
{
    control_interrupts(r, 0);
    control_monitors(r, false);
    crl_register_write(r, FATAL_CONTROL, 0);
    control_units(r, CRL_TPU_HALT);
    put_to_sleep(r, crl_register_read(r, SCU_CTRL_3));
    clear_credits(r);
    return r->status;
}

/* --- interrupts ---------------------------------------------------------------------------------------- */

enum { FATAL_BIT = 1 << 0, HOT_BIT = 1 << 4 };

static void answer_fatal(crl_registers *r)
{
    const uint64_t code = crl_register_read(r, HIB_ERROR);
    if (code) {
        const uint64_t first = crl_register_read(r, HIB_FIRST_ERROR);
        if (!r->status)
            r->status = crl_fail(r->err, CRL_ERR_DEVICE, "a fatal error of its interface, code 0x%llx, first 0x%llx",
                                 (unsigned long long)code, (unsigned long long)first);
        return;
    }
    crl_register_write(r, FATAL_STATUS, 0);
}

crl_status crl_registers_interrupt(crl_registers *r, uint32_t word)
{
    if (word & FATAL_BIT) answer_fatal(r);
    if (word & HOT_BIT) {
        const uint64_t state = crl_register_read(r, OMC_0_DC);
        crl_register_write(r, OMC_0_DC, state | (field(state, 31, 1) << 29));
    }
    for (uint32_t i = 0; i < TOP_LEVELS; i++)
        if (word >> (i + 1) & 1) crl_register_write(r, TOP_LEVEL_STATUS + i * TOP_LEVEL_STEP, 0);
    return r->status;
}
