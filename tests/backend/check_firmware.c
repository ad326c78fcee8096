/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the vendor's firmware by its size and checksum. The image itself is not ours to have; bytes that have both are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "areas.h"
#include "backend/edgetpu/firmware.h"
#include "check.h"

enum { PATH = 256 };

static const struct {
    size_t size;
    uint32_t crc;
} images[] = { { 10783, 0x0394d8d3 }, { 12117, 0xd040ee89 } };

static uint32_t step(uint32_t crc)
{
    for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    return crc;
}

/* Noise, and four bytes at its end that bring the checksum to what it has to be: worked out backwards from there. */
static void forge(check *t, uint8_t *image, bool separate)
{
    const size_t n = images[separate].size;
    uint32_t state = 0xffffffffu, end = ~images[separate].crc;
    uint8_t used[4];
    check_fill(t, image, n);
    for (size_t i = 0; i < n - 4; i++) state = step((state ^ image[i]) & 0xff) ^ state >> 8;
    for (int k = 4; k-- > 0;) {
        int row = 0;
        while (step((uint32_t)row) >> 24 != end >> 24) row++;
        used[k] = (uint8_t)row;
        end = (end ^ step((uint32_t)row)) << 8;
    }
    for (int k = 0; k < 4; k++) {
        image[n - 4 + (size_t)k] = (uint8_t)(state ^ used[k]);
        state = step(used[k]) ^ state >> 8;
    }
}

/* Alone, at the beginning, in the middle and at the end of others' bytes; not with one bit turned over, nor cut short. */
static void within(check *t, unsigned cpu)
{
    (void)cpu;
    for (int separate = 0; separate < 2; separate++) {
        const size_t n = images[separate].size;
        for (int round = 0; round < check_rounds(t, 12) && !check_failed(t); round++) {
            const size_t before = round % 3 ? (size_t)check_range(t, 1, 20000) : 0, behind = round % 2 ? (size_t)check_range(t, 1, 5000) : 0;
            uint8_t *all = check_guarded(t, before + n + behind);
            size_t size = 0;
            forge(t, all + before, separate);
            check_that(t, crl_firmware_within(all, before + n + behind, separate, &size) == all + before && size == n, "not found at %zu", before);
            check_that(t, !crl_firmware_within(all, before + n - 1, separate, &size), "found where it is cut short");
            check_that(t, !crl_firmware_within(all, before + n + behind, !separate, &size), "taken for the other image");
            all[before + (size_t)check_range(t, 0, (int32_t)n - 1)] ^= (uint8_t)(1 << check_range(t, 0, 7));
            check_that(t, !crl_firmware_within(all, before + n + behind, separate, &size), "found with a bit turned over");
        }
    }
}

static void put(check *t, const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    check_that(t, f && fwrite(bytes, 1, n, f) == n && !fclose(f), "%s cannot be written", path);
}

/* From a file that is named, with a sentence where it is not in there; from the environment; not from files that have something else. */
static void files(check *t, unsigned cpu)
{
    (void)cpu;
    char path[] = "/tmp/corallite-firmware-XXXXXX";
    uint8_t *image = check_guarded(t, images[0].size);
    crl_firmware found;
    crl_error err = { 0 };
    const int fd = mkstemp(path);
    if (!check_that(t, fd >= 0, "no temporary file")) return;
    close(fd);
    forge(t, image, false);
    put(t, path, image, images[0].size);
    check_that(t, !crl_firmware_find(&found, path, false, &err), "%s", err.text);
    if (!check_failed(t)) check_equal(t, image, found.bytes, found.n, "the image");
    crl_firmware_free(&found);
    check_that(t, crl_firmware_find(&found, path, true, &err) == CRL_ERR_FORMAT && strstr(err.text, "apex_latest_multi_ep.bin"), "%s", err.text);
    setenv("CRL_FIRMWARE", path, 1);
    check_that(t, !crl_firmware_find(&found, NULL, false, &err), "%s", err.text);
    crl_firmware_free(&found);
    image[5] ^= 1;
    put(t, path, image, images[0].size);
    check_that(t, crl_firmware_find(&found, NULL, false, &err) == CRL_ERR_FORMAT && strstr(err.text, path), "%s", err.text);
    unsetenv("CRL_FIRMWARE");
    unlink(path);
    check_that(t, crl_firmware_find(&found, path, false, &err) == CRL_ERR_IO, "%s", err.text);
    check_that(t, crl_firmware_find_installed(&found, NULL, path, false, &err) == CRL_ERR_IO && strstr(err.text, "corallite setup --firmware"), "%s",
               err.text);
}

int area_firmware(int argc, char **argv)
{
    static const check_case cases[] = { { "within", within, false }, { "files", files, false } };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
