/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG, by libjpeg-turbo. Its defaults (exact integer DCT, interpolated chroma) are Pillow's, so pixels agree.
 *
 * libjpeg reports errors by calling a function that must not return: ours jumps back to where the library was
 * entered. What lives across the jump is in a struct of the caller's, which the jump leaves alone. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "base/alloc.h"
#include "base/error.h"
#include "vision/vision.h"

enum {
    CRL_JPEG_QUALITY = 92,
    /* Scans times pixels. A progressive picture is gone through once for each of its scans, and an empty scan costs
     * a few bytes: without a bound a small file keeps the decoder busy for minutes. */
    CRL_JPEG_MAX_WORK_LOG2 = 31
};
#define CRL_JPEG_MAX_MEMORY ((size_t)960 << 20) /* of file, pixels and decoder */

typedef struct failure {
    struct jpeg_error_mgr base; /* first: libjpeg hands out pointers to it */
    jmp_buf back;
    crl_status status;
    char text[JMSG_LENGTH_MAX + 64];
} failure;

static void on_error(j_common_ptr common)
{
    failure *f = (failure *)common->err;
    char reason[JMSG_LENGTH_MAX];
    f->base.format_message(common, reason);
    switch (f->base.msg_code) {
    case JERR_OUT_OF_MEMORY:
        f->status = CRL_ERR_MEMORY;
        snprintf(f->text, sizeof f->text, "no memory for a JPEG picture");
        break;
    case JERR_NO_BACKING_STORE: /* that is where libjpeg would go, past max_memory_to_use */
        f->status = CRL_ERR_UNSUPPORTED;
        snprintf(f->text, sizeof f->text, "the progressive JPEG picture needs more memory than is given to one");
        break;
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
        f->status = CRL_ERR_UNSUPPORTED;
        snprintf(f->text, sizeof f->text, "JPEG of a kind that libjpeg does not read: %s", reason);
        break;
    default:
        f->status = CRL_ERR_FORMAT;
        snprintf(f->text, sizeof f->text, "broken JPEG file: %s", reason);
    }
    longjmp(f->back, 1);
}

/* Damaged data that libjpeg can work around is a warning to it; Pillow ignores those, and so do we. */
static void on_message(j_common_ptr common)
{
    (void)common;
}

static void stop(failure *f, crl_status status, const char *text)
{
    f->status = status;
    snprintf(f->text, sizeof f->text, "%s", text);
    longjmp(f->back, 1);
}

static struct jpeg_error_mgr *init_failure(failure *f)
{
    jpeg_std_error(&f->base);
    f->base.error_exit = on_error;
    f->base.output_message = on_message;
    return &f->base;
}

typedef struct decoder {
    struct jpeg_decompress_struct info;
    failure failure;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    uint8_t *cmyk; /* one row */
    int exif, xmp; /* orientations, 0: none */
    uint32_t least_side; /* see crl_image_options */
} decoder;

static void source_nothing(j_decompress_ptr info)
{
    (void)info;
}

/* All bytes are there from the start: to be asked for more means that the file ends too early. */
static boolean source_fill(j_decompress_ptr info)
{
    stop((failure *)info->err, CRL_ERR_FORMAT, "the JPEG file is truncated");
    return FALSE;
}

static void source_skip(j_decompress_ptr info, long n)
{
    if (n <= 0) return;
    if ((size_t)n > info->src->bytes_in_buffer) source_fill(info);
    info->src->next_input_byte += n;
    info->src->bytes_in_buffer -= (size_t)n;
}

/* An APP1 segment: length (2 bytes, itself included), then "Exif\0\0" and a TIFF structure, or the name of XMP and that,
 * or something else. */
static boolean read_app1(j_decompress_ptr info)
{
    static const char xmp[] = "http://ns.adobe.com/xap/1.0/"; /* its zero is part of it */
    decoder *d = (decoder *)info; /* info is its first member */
    const uint8_t *p = info->src->next_input_byte;
    if (info->src->bytes_in_buffer < 2) source_fill(info);
    const size_t length = (size_t)p[0] << 8 | p[1];
    if (length <= info->src->bytes_in_buffer) {
        if (length >= 8 && !memcmp(p + 2, "Exif\0", 6) && !d->exif) d->exif = crl_exif_orientation(p + 8, length - 8);
        if (length >= 2 + sizeof xmp && !memcmp(p + 2, xmp, sizeof xmp) && !d->xmp)
            d->xmp = crl_xmp_orientation(p + 2 + sizeof xmp, length - 2 - sizeof xmp);
    }
    source_skip(info, length < 2 ? 2 : (long)length);
    return TRUE;
}

static void watch_work(j_common_ptr common)
{
    j_decompress_ptr info = (j_decompress_ptr)common;
    const uint64_t pixels = (uint64_t)info->image_width * info->image_height;
    if ((uint64_t)info->input_scan_number * pixels > UINT64_C(1) << CRL_JPEG_MAX_WORK_LOG2 && info->input_scan_number > 1)
        stop((failure *)info->err, CRL_ERR_UNSUPPORTED, "the JPEG file has more scans than a picture of its size may have");
}

/* Adobe's CMYK is stored inverted, and so Pillow takes all of it. `p` holds 255 - ink. */
static void row_from_cmyk(uint8_t *to, const uint8_t *p, int32_t width)
{
    for (int32_t x = 0; x < width; x++, p += 4, to += 3)
        for (int c = 0; c < 3; c++) {
            const unsigned product = (255u - p[c]) * p[3] + 128;
            to[c] = (uint8_t)(p[3] - (((product >> 8) + product) >> 8));
        }
}

/* libjpeg makes 4, 2 or 1 pixels of the 8 of a block: it transforms the low frequencies alone. */
static unsigned denominator(const decoder *d)
{
    const unsigned shorter = d->info.image_width < d->info.image_height ? d->info.image_width : d->info.image_height;
    unsigned n = d->least_side ? 8 : 1;
    while (n > 1 && shorter / d->least_side < n) n /= 2;
    return n;
}

/* What follows may jump out at any call of libjpeg. */
static crl_status decode(decoder *d, crl_image *out, size_t size, crl_error *err)
{
    j_decompress_ptr info = &d->info;
    jpeg_read_header(info, TRUE);
    const int components = info->num_components;
    if (components != 1 && components != 3 && components != 4)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "JPEG file of %d components; 1, 3 and 4 are accepted", components);
    crl_status s = crl_image_check_size((int32_t)info->image_width, (int32_t)info->image_height, 1, "picture", err);
    if (s) return s;
    info->scale_num = 1;
    info->scale_denom = denominator(d);
    jpeg_calc_output_dimensions(info);
    const int32_t width = (int32_t)info->output_width, height = (int32_t)info->output_height;
    s = crl_image_init(out, width, height, components == 1 ? 1 : 3, err);
    if (s) return s;

    const size_t used = size + out->stride * (size_t)height;
    info->mem->max_memory_to_use = (long)(CRL_JPEG_MAX_MEMORY - (used < CRL_JPEG_MAX_MEMORY / 2 ? used : CRL_JPEG_MAX_MEMORY / 2));
    info->out_color_space = components == 1 ? JCS_GRAYSCALE : components == 3 ? JCS_RGB : JCS_CMYK;
    if (components == 4) {
        d->cmyk = crl_alloc((size_t)width * 4);
        if (!d->cmyk) return crl_fail_memory(err, "a row of pixels");
    }
    jpeg_start_decompress(info);
    while (info->output_scanline < info->output_height) {
        uint8_t *to = out->data + info->output_scanline * out->stride, *row = d->cmyk ? d->cmyk : to;
        jpeg_read_scanlines(info, &row, 1);
        if (d->cmyk) row_from_cmyk(to, row, width);
    }
    return CRL_OK; /* what follows the last row does not matter */
}

/* The place to jump back to. */
static crl_status decode_guarded(decoder *d, crl_image *out, const uint8_t *bytes, size_t size, crl_error *err)
{
    d->info.err = init_failure(&d->failure);
    if (setjmp(d->failure.back)) return crl_fail(err, d->failure.status, "%s", d->failure.text);
    jpeg_create_decompress(&d->info);
    d->source = (struct jpeg_source_mgr){ .next_input_byte = bytes, .bytes_in_buffer = size,
                                          .init_source = source_nothing, .fill_input_buffer = source_fill,
                                          .skip_input_data = source_skip,
                                          .resync_to_restart = jpeg_resync_to_restart,
                                          .term_source = source_nothing };
    d->progress.progress_monitor = watch_work;
    d->info.src = &d->source;
    d->info.progress = &d->progress;
    jpeg_set_marker_processor(&d->info, JPEG_APP0 + 1, read_app1);
    return decode(d, out, size, err);
}

crl_status crl_jpeg_decode(crl_image *out, const uint8_t *bytes, size_t size, int *orientation, crl_error *err)
{
    return crl_jpeg_decode_small(out, bytes, size, 0, orientation, err);
}

crl_status crl_jpeg_decode_small(crl_image *out, const uint8_t *bytes, size_t size, uint32_t least_side, int *orientation, crl_error *err)
{
    decoder d = { .least_side = least_side };
    const crl_status s = decode_guarded(&d, out, bytes, size, err);
    jpeg_destroy_decompress(&d.info);
    crl_free(d.cmyk);
    if (orientation) *orientation = d.exif ? d.exif : d.xmp;
    return s;
}

typedef struct encoder {
    struct jpeg_compress_struct info;
    failure failure;
    struct jpeg_destination_mgr destination;
    crl_buffer *to;
    uint8_t block[16384];
} encoder;

static void destination_init(j_compress_ptr info)
{
    encoder *e = (encoder *)info; /* info is its first member */
    e->destination.next_output_byte = e->block;
    e->destination.free_in_buffer = sizeof e->block;
}

static void flush(encoder *e, size_t n)
{
    if (!crl_buffer_add(e->to, e->block, n)) stop(&e->failure, CRL_ERR_MEMORY, "no memory for a JPEG file");
}

static boolean destination_empty(j_compress_ptr info)
{
    encoder *e = (encoder *)info;
    flush(e, sizeof e->block);
    destination_init(info);
    return TRUE;
}

static void destination_end(j_compress_ptr info)
{
    encoder *e = (encoder *)info;
    flush(e, sizeof e->block - e->destination.free_in_buffer);
}

enum { MOST_PIXELS_KEPT = 1 << 24 };

static void encode(encoder *e, const crl_image *image)
{
    j_compress_ptr info = &e->info;
    info->image_width = (JDIMENSION)image->width;
    info->image_height = (JDIMENSION)image->height;
    info->input_components = image->channels;
    info->in_color_space = image->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(info);
    jpeg_set_quality(info, CRL_JPEG_QUALITY, TRUE);
    /* Tables made for the picture are some 5 % shorter, but all coefficients are kept meanwhile: 6 bytes a pixel. */
    info->optimize_coding = (int64_t)image->width * image->height <= MOST_PIXELS_KEPT;
    /* Half the chroma resolution would smear thin coloured lines and letters. */
    info->comp_info[0].h_samp_factor = info->comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(info, TRUE);
    while (info->next_scanline < info->image_height) {
        uint8_t *row = image->data + info->next_scanline * image->stride;
        jpeg_write_scanlines(info, &row, 1);
    }
    jpeg_finish_compress(info);
}

static crl_status encode_guarded(encoder *e, const crl_image *image, crl_error *err)
{
    e->info.err = init_failure(&e->failure);
    if (setjmp(e->failure.back)) return crl_fail(err, e->failure.status, "%s", e->failure.text);
    jpeg_create_compress(&e->info);
    e->destination = (struct jpeg_destination_mgr){ .init_destination = destination_init,
                                                    .empty_output_buffer = destination_empty,
                                                    .term_destination = destination_end };
    e->info.dest = &e->destination;
    encode(e, image);
    return CRL_OK;
}

crl_status crl_jpeg_encode(crl_buffer *b, const crl_image *image, const uint8_t *palette, crl_error *err)
{
    (void)palette; /* JPEG has none: the caller gives colours */
    if (image->width > JPEG_MAX_DIMENSION || image->height > JPEG_MAX_DIMENSION)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "picture of %d x %d pixels; JPEG holds sides of at most %ld: write .png, or .bmp",
                        image->width, image->height, (long)JPEG_MAX_DIMENSION);
    encoder e = { .to = b };
    const crl_status s = encode_guarded(&e, image, err);
    jpeg_destroy_compress(&e.info);
    return s;
}
