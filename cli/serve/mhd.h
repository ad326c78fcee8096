/* SPDX-License-Identifier: Apache-2.0 */
/* What is used of libmicrohttpd, which is loaded when something is served. Its numbers have been the same since 0.9.7x. */
#ifndef CLI_SERVE_MHD_H
#define CLI_SERVE_MHD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

typedef struct mhd_connection mhd_connection;
typedef struct mhd_response mhd_response;
typedef struct mhd_daemon mhd_daemon;
typedef union mhd_info {
    int fd;
    void *socket_context;
    const void *address; /* a struct sockaddr */
} mhd_info;
typedef int mhd_handler(void *user, mhd_connection *c, const char *url, const char *method, const char *version, const char *data, size_t *bytes,
                        void **state);

enum { MHD_NO = 0, MHD_YES = 1 };
enum { MHD_INTERNAL_THREAD = 8, MHD_SIX = 16, MHD_EPOLL = 512, MHD_SUSPENDS = 8192 | 1024 };
enum { MHD_END = 0, MHD_MEMORY = 1, MHD_CONNECTIONS = 2, MHD_COMPLETED = 4, MHD_ADDRESS = 6, MHD_LOGGER = 13, MHD_UNESCAPE = 16, MHD_NOTIFY = 27 };
enum { MHD_HEADER = 1, MHD_ARGUMENT = 8 };
enum { MHD_MUST_FREE = 1, MHD_MUST_COPY = 2 };
enum { MHD_INFO_CLIENT = 2, MHD_INFO_FD = 6, MHD_INFO_CONTEXT = 7, MHD_LISTENS = 2 };

typedef struct mhd_table {
    mhd_daemon *(*start)(unsigned flags, uint16_t port, void *accept, void *accept_user, mhd_handler *handle, void *user, ...);
    int (*quiesce)(mhd_daemon *d); /* the socket, which is the caller's now */
    int (*add)(mhd_daemon *d, int fd, const void *address, socklen_t bytes); /* the connection is the library's then, whatever comes back */
    void (*stop)(mhd_daemon *d);
    const mhd_info *(*get_info)(mhd_daemon *d, int what, ...);
    const mhd_info *(*connection_info)(mhd_connection *c, int what, ...);
    const char *(*value)(mhd_connection *c, int kind, const char *key);
    int (*values)(mhd_connection *c, int kind, int (*each)(void *user, int kind, const char *key, const char *value), void *user);
    mhd_response *(*from_buffer)(size_t bytes, void *data, int mode);
    int (*add_header)(mhd_response *r, const char *name, const char *value);
    int (*queue)(mhd_connection *c, unsigned status, mhd_response *r);
    void (*destroy)(mhd_response *r);
    void (*suspend)(mhd_connection *c);
    void (*resume)(mhd_connection *c);
} mhd_table;

/* NULL after saying which package is missing. */
const mhd_table *cli_mhd(void);

#endif
