/* SPDX-License-Identifier: Apache-2.0 */
/* Frames by rows: a row of any format as one of 1 or 3 channels. */
#ifndef CRL_VISION_FORMAT_H
#define CRL_VISION_FORMAT_H

#include "vision/pixels.h"

/* Part of a frame, in whole pixels. */
typedef struct crl_part {
    int32_t x, y, width, height;
} crl_part;

/* Rows of part of frames of one format, converted with kernels of one level. */
typedef struct crl_row_source {
    crl_frame_format format;
    crl_part part;
    int32_t channels; /* 1 or 3 */
    crl_pixel_kernels kernels;
    crl_yuv_terms terms;
} crl_row_source;

/* ARGUMENT or UNSUPPORTED unless frames can be of that format. */
crl_status crl_format_check(const crl_frame_format *format, crl_error *err);
/* Bytes of a frame whose rows and planes follow each other without gaps. Errors: as above. */
crl_status crl_format_bytes(const crl_frame_format *format, size_t *bytes, crl_error *err);
/* ARGUMENT unless there are pixels of a format that was checked. */
crl_status crl_frame_check(const crl_frame_format *format, const crl_frame *frame, crl_error *err);
/* Whether its pixels are grey. */
bool crl_format_is_grey(const crl_frame_format *format);

void crl_row_source_init(crl_row_source *s, const crl_frame_format *format, crl_part part, int32_t channels, unsigned cpu);
/* Rows lie in the frame as they are wanted. */
bool crl_row_source_is_direct(const crl_row_source *s);
/* Where in `room` a row that is made begins, in bytes. */
size_t crl_row_source_shift(const crl_row_source *s);
/* Row y of the part: made in `room`, which holds one pixel more, or where it lies in the frame. */
const uint8_t *crl_row_source_get(const crl_row_source *s, const crl_frame *frame, int32_t y, uint8_t *room);

#endif
