/* SPDX-License-Identifier: Apache-2.0 */
/* Modules: sources and sinks that stand on large libraries. Each is a file of its own, corallite-NAME.so, which is loaded when
 * it is wanted first, so that a program that shows no window needs no SDL. Once loaded they stay.
 *
 * A module exports crl_module_open(). It is linked with its library alone: what it needs of Corallite comes by `crl_host`. */
#ifndef CRL_STREAM_MODULE_H
#define CRL_STREAM_MODULE_H

#include <corallite/stream.h>

#include "base/buffer.h"
#include "stream/address.h"

/* Of crl_host, crl_module and the types of corallite/stream.h. A module of another build is refused. */
enum { CRL_MODULE_ABI = 3 };

typedef struct crl_host {
    int abi;
    crl_status (*fail)(crl_error *err, crl_status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
    crl_status (*fail_memory)(crl_error *err, const char *what);
    void *(*alloc)(size_t bytes); /* zeroed */
    void (*free)(void *p);
    uint64_t (*now)(void);
    crl_status (*encode)(void **bytes, size_t *size, const crl_image *image, const char *name, crl_error *err);
    crl_status (*view_json)(crl_buffer *b, const crl_view *view);
    const char *(*label)(const crl_labels *labels, int32_t index);
    void (*counts)(crl_stream *stream, crl_stream_counts *out);
    void (*pause)(crl_stream *stream, bool paused);
    bool (*paused)(const crl_stream *stream);
    crl_status (*set_threshold)(crl_stream *stream, float threshold, crl_error *err);
    float (*threshold)(const crl_stream *stream);
    crl_status (*teach)(crl_stream *stream, int32_t lesson, crl_error *err);
    void (*stop)(crl_stream *stream);
    void (*buffer_fini)(crl_buffer *b);
} crl_host;

/* Where a broker is, and what it says when this program is heard no more. */
typedef struct crl_mqtt_broker {
    char host[128], user[64], password[128];
    int port;
    bool tls;
    const char *will_topic, *will;
} crl_mqtt_broker;

/* The line to one. */
typedef struct crl_mqtt {
    crl_status (*open)(void **line, const crl_mqtt_broker *broker, crl_error *err); /* waits for nothing */
    /* Until the broker has answered. Errors: TIMEOUT, not yet, without a text; all others are failures, one three seconds after open(). */
    crl_status (*wait)(void *line, crl_error *err);
    crl_status (*publish)(void *line, const char *topic, const void *payload, size_t size, bool retain, crl_error *err);
    bool (*is_up)(void *line);
    void (*close)(void *line);
} crl_mqtt;

typedef struct crl_module {
    int abi;
    crl_status (*source)(crl_source *out, const char *name, const crl_source_options *options, crl_error *err); /* NULL: none */
    crl_status (*sink)(crl_sink *out, const void *options, crl_error *err); /* the options of that sink, of `rtsp` a crl_address; NULL: none */
    const crl_mqtt *mqtt;                                                   /* NULL: none */
} crl_module;

/* What the module `web` is given. */
typedef struct crl_web_sink {
    const crl_web_options *options;
    char *url; /* 160 bytes */
} crl_web_sink;

typedef const crl_module *crl_module_open_fn(const crl_host *host);

/* Finds and loads one. `purpose` is what it is for ("cameras"), `cure` what to install. Errors: UNSUPPORTED. */
crl_status crl_module_load(const crl_module **out, const char *name, const char *purpose, const char *cure, crl_error *err);

#endif
