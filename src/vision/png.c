/* SPDX-License-Identifier: Apache-2.0 */
/* PNG, by libpng. As Pillow has it: alpha is dropped, not blended; transparent colours keep their colour; 16-bit
 * colour keeps its high bytes, but 16-bit grey is cut at 255; gamma and profiles are ignored.
 *
 * libpng reports errors by a function that must not return: ours jumps back to where the library was entered.
 * What lives across the jump is in a struct of the caller's, which the jump leaves alone. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <png.h>

#include "base/alloc.h"
#include "base/error.h"
#include "vision/vision.h"

/* Of rows as they are stored: bounds memory and the time that inflating takes. */
#define CRL_PNG_MAX_BYTES ((size_t)512 << 20)

typedef struct codec {
    png_structp png;
    png_infop info;
    jmp_buf back;
    crl_status status;
    char text[160];
    const uint8_t *bytes; /* when reading */
    size_t left;
    crl_buffer *to; /* when writing */
    uint8_t *wide;  /* 16-bit grey: rows as they are stored */
    bool pixels_done, out_of_memory;
} codec;

static void stop(codec *c, crl_status status, const char *text)
{
    c->status = status;
    snprintf(c->text, sizeof c->text, "%s", text);
    longjmp(c->back, 1);
}

static void on_error(png_structp png, png_const_charp reason)
{
    codec *c = png_get_error_ptr(png);
    if (c->out_of_memory) stop(c, CRL_ERR_MEMORY, "no memory for a PNG file");
    c->status = CRL_ERR_FORMAT;
    snprintf(c->text, sizeof c->text, "broken PNG file: %s", reason);
    longjmp(c->back, 1);
}

static void on_warning(png_structp png, png_const_charp reason)
{
    (void)png, (void)reason;
}

static png_voidp on_alloc(png_structp png, png_alloc_size_t n)
{
    codec *c = png_get_mem_ptr(png);
    void *p = crl_alloc(n);
    c->out_of_memory |= !p;
    return p;
}

static void on_free(png_structp png, png_voidp p)
{
    (void)png;
    crl_free(p);
}

static void on_read(png_structp png, png_bytep to, size_t n)
{
    codec *c = png_get_io_ptr(png);
    if (n > c->left) stop(c, CRL_ERR_FORMAT, "the PNG file is truncated");
    memcpy(to, c->bytes, n);
    c->bytes += n;
    c->left -= n;
}

/* Chunks that say nothing about pixels are passed over unread: profiles may inflate to anything, and a tRNS chunk would
 * make libpng produce alpha. Those that may tell the orientation are bounded in number and size. */
static void choose_chunks(png_structp png, bool exif)
{
    static const png_byte skipped[] = "tRNS\0cHRM\0gAMA\0iCCP\0sBIT\0sRGB\0bKGD\0hIST\0pHYs\0sPLT\0tIME\0oFFs\0pCAL\0sCAL\0"
                                      "eXIf\0iTXt\0tEXt\0zTXt";
    enum { N = sizeof skipped / 5, OF_ORIENTATION = 4, MOST = 64, LARGEST = 1 << 20 };
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, skipped, exif ? N - OF_ORIENTATION : N);
    png_set_chunk_cache_max(png, MOST);
    png_set_chunk_malloc_max(png, LARGEST);
}

/* Rows are gone through once, or seven times when interlaced, each time filling in more pixels. */
static void read_rows(codec *c, uint8_t *data, size_t stride, int32_t height, int passes)
{
    for (int pass = 0; pass < passes; pass++)
        for (int32_t y = 0; y < height; y++) png_read_row(c->png, data + (size_t)y * stride, NULL);
}

static crl_status decode(codec *c, crl_image *out, crl_error *err)
{
    png_read_info(c->png, c->info);
    const png_uint_32 width = png_get_image_width(c->png, c->info), height = png_get_image_height(c->png, c->info);
    const int depth = png_get_bit_depth(c->png, c->info), colour = png_get_color_type(c->png, c->info);
    const bool grey = !(colour & PNG_COLOR_MASK_COLOR), wide_grey = colour == PNG_COLOR_TYPE_GRAY && depth == 16;
    if (width > INT32_MAX || height > INT32_MAX) stop(c, CRL_ERR_UNSUPPORTED, "the PNG picture is too large");
    const crl_status s = crl_image_init(out, (int32_t)width, (int32_t)height, grey ? 1 : 3, err);
    if (s) return s;
    if (png_get_rowbytes(c->png, c->info) > CRL_PNG_MAX_BYTES / height)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "PNG picture of %u x %u pixels and %d bits a channel; "
                        "at most %zu bytes of pixels are accepted", width, height, depth, CRL_PNG_MAX_BYTES);

    if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(c->png);
    if (grey && depth < 8) png_set_expand_gray_1_2_4_to_8(c->png);
    if (depth == 16 && !wide_grey) png_set_strip_16(c->png);
    if (colour & PNG_COLOR_MASK_ALPHA) png_set_strip_alpha(c->png);
    const int passes = png_set_interlace_handling(c->png);
    png_read_update_info(c->png, c->info);
    const size_t row_bytes = png_get_rowbytes(c->png, c->info);
    if (row_bytes != out->stride * (wide_grey ? 2 : 1)) stop(c, CRL_ERR_UNSUPPORTED, "PNG picture of an unknown kind");

    if (!wide_grey) {
        read_rows(c, out->data, out->stride, out->height, passes);
        return CRL_OK;
    }
    c->wide = crl_alloc_array(row_bytes, height);
    if (!c->wide) return crl_fail_memory(err, "16-bit pixels");
    read_rows(c, c->wide, row_bytes, out->height, passes);
    for (size_t i = 0; i < row_bytes / 2 * height; i++) out->data[i] = c->wide[2 * i] ? 255 : c->wide[2 * i + 1];
    return CRL_OK;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* EXIF data as ImageMagick writes them: three lines (one is empty, what it is, how many bytes), then digits in lines.
 * The bytes take the place of the digits. */
static int profile_orientation(char *text, size_t n)
{
    size_t at = 0, bytes = 0;
    for (int line = 0; line < 3; line++) {
        while (at < n && text[at] != '\n') at++;
        if (at < n) at++;
    }
    for (int high = -1; at < n; at++) {
        const int digit = hex_digit(text[at]);
        if (digit < 0) continue;
        if (high < 0) high = digit;
        else text[bytes++] = (char)(high << 4 | digit), high = -1;
    }
    return crl_exif_orientation((const uint8_t *)text, bytes);
}

/* The tag may stand behind the pixels. What is wrong there does no harm to them. An eXIf chunk counts first, then EXIF
 * data in a text, then XMP. */
static void find_orientation(codec *c, int *orientation)
{
    png_bytep exif;
    png_uint_32 n;
    png_textp texts;
    int n_texts, found[3] = { 0 };
    if (png_get_eXIf_1(c->png, c->info, &n, &exif)) found[0] = crl_exif_orientation(exif, n);
    png_get_text(c->png, c->info, &texts, &n_texts);
    for (int i = 0; i < n_texts; i++) {
        const size_t bytes = texts[i].text_length ? texts[i].text_length : texts[i].itxt_length;
        if (!strcmp(texts[i].key, "Raw profile type exif")) found[1] = profile_orientation(texts[i].text, bytes);
        if (!strcmp(texts[i].key, "XML:com.adobe.xmp"))
            found[2] = crl_xmp_orientation((const uint8_t *)texts[i].text, bytes);
    }
    for (int i = 0; i < 3 && !*orientation; i++) *orientation = found[i];
}

/* The place to jump back to. */
static crl_status decode_guarded(codec *c, crl_image *out, int *orientation, crl_error *err)
{
    if (setjmp(c->back)) return c->pixels_done ? CRL_OK : crl_fail(err, c->status, "%s", c->text);
    c->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, c, on_error, on_warning, c, on_alloc, on_free);
    if (c->png) c->info = png_create_info_struct(c->png);
    if (!c->info) return crl_fail_memory(err, "a PNG decoder");
    png_set_read_fn(c->png, c, on_read);
    png_set_user_limits(c->png, 0x7fffffff, 0x7fffffff); /* crl_image_init() has the limits, and a sentence */
    choose_chunks(c->png, orientation != NULL);
    const crl_status s = decode(c, out, err);
    c->pixels_done = !s;
    if (c->pixels_done && orientation) png_read_end(c->png, c->info);
    return s;
}

crl_status crl_png_decode(crl_image *out, const uint8_t *bytes, size_t size, int *orientation, crl_error *err)
{
    codec c = { .bytes = bytes, .left = size };
    const crl_status s = decode_guarded(&c, out, orientation, err);
    if (!s && orientation) find_orientation(&c, orientation);
    if (c.png) png_destroy_read_struct(&c.png, &c.info, NULL);
    crl_free(c.wide);
    return s;
}

static void on_write(png_structp png, png_bytep bytes, size_t n)
{
    codec *c = png_get_io_ptr(png);
    if (!crl_buffer_add(c->to, bytes, n)) stop(c, CRL_ERR_MEMORY, "no memory for a PNG file");
}

static void on_flush(png_structp png)
{
    (void)png;
}

static void encode(codec *c, const crl_image *image, const uint8_t *palette)
{
    const int colour = palette ? PNG_COLOR_TYPE_PALETTE : image->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB;
    png_set_IHDR(c->png, c->info, (png_uint_32)image->width, (png_uint_32)image->height, 8, colour,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (palette) {
        png_color colours[CRL_MASK_CLASSES];
        for (int i = 0; i < CRL_MASK_CLASSES; i++)
            colours[i] = (png_color){ palette[3 * i], palette[3 * i + 1], palette[3 * i + 2] };
        png_set_PLTE(c->png, c->info, colours, CRL_MASK_CLASSES);
    }
    png_write_info(c->png, c->info);
    for (int32_t y = 0; y < image->height; y++) png_write_row(c->png, image->data + (size_t)y * image->stride);
    png_write_end(c->png, c->info);
}

static crl_status encode_guarded(codec *c, const crl_image *image, const uint8_t *palette, crl_error *err)
{
    if (setjmp(c->back)) return crl_fail(err, c->status, "%s", c->text);
    c->png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, c, on_error, on_warning, c, on_alloc, on_free);
    if (c->png) c->info = png_create_info_struct(c->png);
    if (!c->info) return crl_fail_memory(err, "a PNG encoder");
    png_set_write_fn(c->png, c, on_write, on_flush);
    encode(c, image, palette);
    return CRL_OK;
}

crl_status crl_png_encode(crl_buffer *b, const crl_image *image, const uint8_t *palette, crl_error *err)
{
    codec c = { .to = b };
    const crl_status s = encode_guarded(&c, image, palette, err);
    if (c.png) png_destroy_write_struct(&c.png, &c.info);
    return s;
}
