/* SPDX-License-Identifier: Apache-2.0 */
/* The module of GStreamer: cameras, films and streams from the network in, films out.
 *
 *   module.c what the module gives -> source.c frames of a pipeline, camera.c what stands before a V4L2 device, record.c */
#ifndef CRL_STREAM_GST_GST_H
#define CRL_STREAM_GST_GST_H

#include <gst/gst.h>
#include <gst/video/video.h>

#include "stream/module.h"

/* What Corallite lends. Set before all else. */
extern const crl_host *crl_gst_host;

crl_status crl_gst_source(crl_source *out, const char *name, const crl_source_options *options, crl_error *err);
crl_status crl_gst_record(crl_sink *out, const void *path, crl_error *err);

/* The sentence for the error that a pipeline has on its bus: `what` and what GStreamer says. Looks no longer than `wait`. CRL_OK:
 * there is none. */
crl_status crl_gst_failure(GstElement *pipeline, const char *what, GstClockTime wait, crl_error *err);
/* An element that may be missing; the sentence says which package has it. */
GstElement *crl_gst_make(const char *element, const char *name, const char *package, crl_error *err);

/* ---- camera.c ---- */

/* "0", "/dev/video0": the path of a V4L2 device, for the module's free; NULL: the name is something else. */
char *crl_camera_path(const char *name);
/* Looks at the device before GStreamer does, and says what is wrong in words that help. */
crl_status crl_camera_check(const char *path, crl_error *err);
/* Which camera is at a path: what it calls itself, and where it is plugged in. Empty texts: none. */
typedef struct crl_camera_identity {
    char card[33], bus[33];
} crl_camera_identity;
void crl_camera_identify(const char *path, crl_camera_identity *out);
/* The path of that camera where it is no longer at `path`, for the host's free(); NULL: it is there, or nowhere. One that was unplugged has another
 * number when it comes back before everybody has closed the old one. */
char *crl_camera_moved(const char *path, const crl_camera_identity *known);
/* Who has it open: "guvcview (4711)"; false where that is not to be seen. */
bool crl_camera_user(const char *path, char *buf, size_t size);

#endif
