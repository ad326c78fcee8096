/* SPDX-License-Identifier: Apache-2.0 */
/* The way of views into a pipeline: buffers, and encoders in the order in which they are wanted. */
#ifndef CRL_STREAM_GST_ENCODERS_H
#define CRL_STREAM_GST_ENCODERS_H

#include <gst/gst.h>
#include <stdbool.h>
#include <stddef.h>

#include <corallite/vision.h>

typedef enum crl_codec { CRL_CODEC_H264, CRL_CODEC_VP8, CRL_CODEC_JPEG } crl_codec;

/* Describes the best encoder that is here as a part of a pipeline, "x264enc .. ! h264parse"; only H.264 where `h264` is. false: there is none. */
bool crl_gst_encoder(bool h264, crl_codec *codec, char *text, size_t size);

/* An RGB picture as GStreamer has it; NULL: no memory. */
GstBuffer *crl_gst_buffer(const crl_image *image);

#endif
