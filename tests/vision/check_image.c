/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding against Pillow's pixels, and against files that mean no good. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "checks.h"
#include "drawn.h"
#include "golden_images.h"

enum { N_IMAGES = sizeof golden_images / sizeof golden_images[0] };

static bool lacks_library(const crl_error *err)
{
    return err->status == CRL_ERR_UNSUPPORTED && strstr(err->text, "this build");
}

static uint32_t sum_of(const crl_image *image)
{
    uint32_t crc = 0;
    for (int32_t y = 0; y < image->height; y++)
        crc = drawn_crc(crc, image->data + (size_t)y * image->stride, (size_t)image->width * (size_t)image->channels);
    return crc;
}

void check_decode(check *t, unsigned cpu)
{
    (void)cpu;
    for (size_t i = 0; i < N_IMAGES; i++) {
        size_t size;
        uint8_t *bytes = read_image_file(t, golden_images[i].name, &size);
        if (!bytes) return;
        for (int turn = 0; turn < 2; turn++)
            for (int32_t channels = 1; channels <= 3; channels += 2) {
                if (turn && channels == 1) continue;
                crl_image image;
                crl_error err = { 0 };
                const crl_image_options options = { channels, turn == 1 };
                const crl_status s = crl_image_decode(&image, bytes, size, &options, &err);
                if (s && lacks_library(&err)) continue;
                if (!check_that(t, !s, "%s: %s", golden_images[i].name, err.text)) continue;
                const int32_t width = turn ? golden_images[i].turned_width : golden_images[i].width;
                const int32_t height = turn ? golden_images[i].turned_height : golden_images[i].height;
                const uint32_t want = turn ? golden_images[i].turned_rgb
                                           : channels == 3 ? golden_images[i].rgb : golden_images[i].grey;
                check_that(t, image.width == width && image.height == height && image.channels == channels,
                           "%s: %d x %d x %d", golden_images[i].name, image.width, image.height, image.channels);
                check_that(t, sum_of(&image) == want, "%s: other pixels with %d channels%s", golden_images[i].name, channels,
                           turn ? ", turned" : "");
                crl_image_fini(&image);
            }
        crl_free(bytes);
    }
}

/* JPEGs that are decoded at a part of their size. */
void check_decode_small(check *t, unsigned cpu)
{
    (void)cpu;
    for (size_t i = 0; i < sizeof golden_small / sizeof *golden_small; i++) {
        size_t size;
        crl_image image;
        crl_error err = { 0 };
        uint8_t *bytes = read_image_file(t, golden_small[i].name, &size);
        if (!bytes) return;
        const crl_image_options options = { .channels = 3, .least_side = golden_small[i].least_side };
        const crl_status s = crl_image_decode(&image, bytes, size, &options, &err);
        if (!s || !lacks_library(&err)) {
            check_that(t, !s, "%s: %s", golden_small[i].name, err.text);
            check_that(t, image.width == golden_small[i].width && image.height == golden_small[i].height, "%s, %u: %d x %d",
                       golden_small[i].name, (unsigned)golden_small[i].least_side, image.width, image.height);
            check_that(t, s || sum_of(&image) == golden_small[i].rgb, "%s, %u: other pixels", golden_small[i].name,
                       (unsigned)golden_small[i].least_side);
        }
        crl_image_fini(&image);
        crl_free(bytes);
    }
}

/* Decodes a file that is put at the end of `room` bytes before an unmapped page. A failure has to have a sentence,
 * and leave nothing. */
static crl_status decode_guarded(check *t, const uint8_t *bytes, size_t size, uint8_t *guarded, size_t room,
                                 crl_image *image, crl_error *err)
{
    uint8_t *copy = guarded + room - size;
    if (size) memmove(copy, bytes, size);
    *err = (crl_error){ 0 };
    const crl_status s = crl_image_decode(image, copy, size, &(crl_image_options){ 0, true }, err);
    if (s) check_that(t, err->text[0] && !image->data && !image->width, "failed with \"%s\" and left a picture", err->text);
    return s;
}

static void refuse(check *t, const void *bytes, size_t size, crl_status want, const char *part)
{
    crl_image image;
    crl_error err;
    const crl_status s = decode_guarded(t, bytes, size, check_guarded(t, size), size, &image, &err);
    crl_image_fini(&image);
    if (lacks_library(&err)) return;
    check_that(t, s == want && strstr(err.text, part), "status %d, \"%s\"; not %d with \"%s\"", s, err.text, want, part);
}

#define REFUSE(t, text, want, part) refuse(t, text, sizeof text - 1, want, part)

/* Where the pixel at x, y of the turned picture is in the stored one: what EXIF says of row 0 and column 0. */
static const uint8_t *stored_pixel(const crl_image *stored, int orientation, int32_t x, int32_t y)
{
    const int32_t right = stored->width - 1, bottom = stored->height - 1;
    const int32_t at[9][2] = { { 0 }, { x, y }, { right - x, y }, { right - x, bottom - y }, { x, bottom - y },
                               { y, x }, { y, bottom - x }, { right - y, bottom - x }, { right - y, x } };
    return stored->data + (size_t)at[orientation][1] * stored->stride + (size_t)at[orientation][0] * (size_t)stored->channels;
}

/* Pictures of several tiles, turned, to the last pixel. */
void check_decode_turned(check *t, unsigned cpu)
{
    (void)cpu;
    static uint8_t pixels[77 * 45 * 3], file[1 << 16];
    uint8_t exif[] = "\xff\xd8\xff\xe1\0\x22" "Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0";
    drawn_fill(pixels, sizeof pixels, 4);
    for (int orientation = 1; orientation <= 8; orientation++)
        for (int32_t channels = 1; channels <= 3; channels += 2) {
            const crl_image image = { 77, 45, channels, (size_t)(77 * channels), pixels };
            void *jpeg;
            size_t size;
            crl_error err;
            if (crl_image_encode(&jpeg, &size, &image, ".jpg", &err)) { /* a build without libjpeg */
                check_that(t, lacks_library(&err), "%s", err.text);
                return;
            }
            exif[31] = (uint8_t)orientation;
            memcpy(file, exif, sizeof exif - 1);
            memcpy(file + sizeof exif - 1, (uint8_t *)jpeg + 2, size - 2);
            free(jpeg);
            crl_image stored, turned;
            const crl_image_options upright = { .exif_orientation = true };
            size += sizeof exif - 3;
            if (!check_that(t, !crl_image_decode(&stored, file, size, NULL, &err) && !crl_image_decode(&turned, file, size, &upright, &err),
                            "%s", err.text))
                return;
            const bool swap = orientation >= 5;
            bool same = turned.width == (swap ? 45 : 77) && turned.height == (swap ? 77 : 45);
            for (int32_t y = 0; same && y < turned.height; y++)
                for (int32_t x = 0; same && x < turned.width; x++)
                    same = !memcmp(turned.data + (size_t)y * turned.stride + (size_t)(x * channels),
                                   stored_pixel(&stored, orientation, x, y), (size_t)channels);
            check_that(t, same, "orientation %d, %d channels", orientation, channels);
            crl_image_fini(&stored);
            crl_image_fini(&turned);
        }
}

void check_decode_hostile(check *t, unsigned cpu)
{
    (void)cpu;
    REFUSE(t, "", CRL_ERR_FORMAT, "empty");
    REFUSE(t, "# not a picture\n", CRL_ERR_FORMAT, "this is a text file");
    REFUSE(t, "P", CRL_ERR_FORMAT, "this is a text file");
    REFUSE(t, "\1\2\3\4", CRL_ERR_FORMAT, "not a picture");
    REFUSE(t, "\xff\xd8\xff", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "\xff\xd8\xff\xe1", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "\xff\xd8\xff\xe1\xff\xff" "Exif\0\0II*\0", CRL_ERR_FORMAT, "truncated");
    /* 20000 x 20000 pixels, and no data: behind the header, and in a chunk that says that they begin. */
    REFUSE(t, "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x02\0\0\0\x6c\x12\xd1\x6e", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x02\0\0\0\x6c\x12\xd1\x6e" "\0\0\1\0IDAT", CRL_ERR_UNSUPPORTED,
           "20000 x 20000");
    REFUSE(t, "\x89PNG\r\n\x1a\n", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x02\0\0\0\x6c\x12\xd1\x6f", CRL_ERR_FORMAT, "CRC");
    REFUSE(t, "BM", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
           CRL_ERR_UNSUPPORTED, "2 bits");
    REFUSE(t, "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
           CRL_ERR_UNSUPPORTED, "compression 4");
    REFUSE(t, "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\xff\xff\xff\x7f\0\0\0\x80\1\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
           CRL_ERR_UNSUPPORTED, "at most");
    REFUSE(t, "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\0\0\0\0\1\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
           CRL_ERR_ARGUMENT, "at least 1");
    REFUSE(t, "GIF89a", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "GIF89a\1\0\1\0\0\0\0;", CRL_ERR_FORMAT, "no picture");
    REFUSE(t, "GIF89a\1\0\1\0\0\0\0!\xf9\4\1\0\0", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\0\0\1\0\0", CRL_ERR_FORMAT, "frame of 0 x 1");
    REFUSE(t, "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\x09", CRL_ERR_FORMAT, "9 bits");
    REFUSE(t, "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1\x07", CRL_ERR_FORMAT, "code 7");
    REFUSE(t, "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1\x2c\0;", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\3\4\1", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\1\0\1\0\0\2", CRL_ERR_UNSUPPORTED, "65535 x 65535");
    REFUSE(t, "GIF89a\1\0\1\0\0\0\0,\xff\xff\0\0\xff\xff\1\0\0\2", CRL_ERR_UNSUPPORTED, "131070 x 1");
    REFUSE(t, "RIFF\x04\0\0\0WEBP", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "RIFF\xff\xff\xff\xffWEBPVP8L\0\0\0\0", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "RIFF\x0c\0\0\0WEBPVP8L\xff\xff\xff\xff", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "RIFF\x0c\0\0\0WEBPVP8L\0\0\0\0", CRL_ERR_FORMAT, "WebP");
    /* A frame of 16 x 16 on a canvas of 4 x 4; a canvas of 2^24 x 2^24. */
    REFUSE(t, "RIFF\x48\0\0\0WEBPVP8X\x0a\0\0\0\2\0\0\0\3\0\0\3\0\0" "ANMF\x2a\0\0\0\0\0\0\0\0\0\x0f\0\0\x0f\0\0\0\0\0\0"
           "VP8L\5\0\0\0\x2f\x0f\xc0\3\0\0" "padding bytes", CRL_ERR_FORMAT, "leaves the canvas");
    REFUSE(t, "RIFF\x48\0\0\0WEBPVP8X\x0a\0\0\0\2\0\0\0\xff\xff\xff\xff\xff\xff" "ANMF\x2a\0\0\0\0\0\0\0\0\0\x0f\0\0\x0f\0\0\0\0\0\0"
           "VP8L\5\0\0\0\x2f\x0f\xc0\3\0\0" "padding bytes", CRL_ERR_UNSUPPORTED, "16777216 x 16777216");
    /* What people have beside pictures. */
    REFUSE(t, "\0\0\0\x18" "ftypheic\0\0\0\0", CRL_ERR_UNSUPPORTED, "a HEIC picture cannot be read; convert it to JPEG or PNG");
    REFUSE(t, "\0\0\0\x18" "ftypmif1\0\0\0\0", CRL_ERR_UNSUPPORTED, "HEIC");
    REFUSE(t, "\0\0\0\x18" "ftypavif\0\0\0\0", CRL_ERR_UNSUPPORTED, "AVIF");
    REFUSE(t, "\0\0\0\x18" "ftypisom\0\0\0\0", CRL_ERR_FORMAT, "an MP4 or QuickTime video: take single pictures out of it");
    REFUSE(t, "II*\0\x08\0\0\0", CRL_ERR_UNSUPPORTED, "TIFF");
    REFUSE(t, "MM\0*\0\0\0\x08", CRL_ERR_UNSUPPORTED, "TIFF");
    REFUSE(t, "<?xml version=\"1.0\"?>\n<svg width=\"1\">", CRL_ERR_UNSUPPORTED, "SVG");
    REFUSE(t, "<svg xmlns=\"\">", CRL_ERR_UNSUPPORTED, "SVG");
    REFUSE(t, "\n<!DOCTYPE html>\n", CRL_ERR_FORMAT, "a web page: the download went wrong");
    REFUSE(t, "%PDF-1.7", CRL_ERR_FORMAT, "a PDF document");
    REFUSE(t, "version https://git-lfs.github.com/spec/v1\n", CRL_ERR_FORMAT, "a Git LFS pointer, not the file itself: run \"git lfs pull\"");
    REFUSE(t, "RIFF\0\0\0\0AVI LIST", CRL_ERR_FORMAT, "an AVI video");
    REFUSE(t, "\x1a\x45\xdf\xa3", CRL_ERR_FORMAT, "Matroska");
    REFUSE(t, "\x1c\0\0\0TFL3", CRL_ERR_FORMAT, "a TensorFlow Lite model");
    REFUSE(t, "P6\n", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "P6\n3 2\n255\n12345678901234567", CRL_ERR_FORMAT, "truncated");
    REFUSE(t, "P6\n99999 99999\n255\n", CRL_ERR_UNSUPPORTED, "99999 x 99999");
    REFUSE(t, "P6\n99999999999 1\n255\n", CRL_ERR_FORMAT, "too many digits");
    REFUSE(t, "P6\n1 1\n65536\n", CRL_ERR_FORMAT, "65536");
    REFUSE(t, "P2\n1 1\n9\n12", CRL_ERR_FORMAT, "pixel value 12");
    REFUSE(t, "P2\n1 1\n9\nx", CRL_ERR_FORMAT, "byte 0x78");
    REFUSE(t, "P1\n2 1\n02", CRL_ERR_FORMAT, "byte 0x32");
    REFUSE(t, "P5\n1 1\n25_\n", CRL_ERR_FORMAT, "byte 0x5f");
    REFUSE(t, "P60", CRL_ERR_FORMAT, "goes on");

    crl_image image;
    crl_error err = { 0 };
    check_that(t, crl_image_load(&image, "/nonexistent/x.jpg", NULL, &err) == CRL_ERR_IO && strstr(err.text, "/nonexistent/x.jpg"),
               "\"%s\"", err.text);
    check_that(t, crl_image_load(&image, SOURCE_ROOT, NULL, &err) == CRL_ERR_IO && strstr(err.text, "directory"), "\"%s\"",
               err.text);
    check_that(t, crl_image_decode(&image, "P5 1 1 255 x", 12, &(crl_image_options){ 2, false }, NULL) == CRL_ERR_ARGUMENT,
               "two channels were accepted");
}

/* Every file cut short, and with bytes changed. Most are refused; none may do harm. A JPEG that lacks its last
 * rows is refused, as Pillow does. */
void check_decode_damaged(check *t, unsigned cpu)
{
    (void)cpu;
    for (size_t i = 0; i < N_IMAGES; i++) {
        const char *name = golden_images[i].name;
        size_t size;
        uint8_t *bytes = read_image_file(t, name, &size);
        if (!bytes) return;
        uint8_t *guarded = check_guarded(t, size);
        crl_image image;
        crl_error err;
        const size_t step = size > 200 ? size / (size_t)check_rounds(t, 100) : 1;
        for (size_t cut = 0; cut < size; cut += step) {
            const crl_status s = decode_guarded(t, bytes, cut, guarded, size, &image, &err);
            crl_image_fini(&image);
            if (s == CRL_OK && cut + 40 < size && strstr(name, ".jpg"))
                check_that(t, false, "%s: %zu of %zu bytes were enough", name, cut, size);
        }
        for (int round = 0; round < check_rounds(t, 40); round++) {
            memcpy(guarded, bytes, size);
            for (int n = check_range(t, 1, 6); n > 0; n--)
                guarded[check_range(t, 0, (int32_t)size - 1)] = (uint8_t)check_edgy(t, 0, 255);
            decode_guarded(t, guarded, size, guarded, size, &image, &err);
            crl_image_fini(&image);
        }
        crl_free(bytes);
        if (check_failed(t)) return;
    }
}
