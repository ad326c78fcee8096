/* SPDX-License-Identifier: Apache-2.0 */
/* See mhd.h. */
#include "serve/mhd.h"

#include <dlfcn.h>
#include <string.h>

#include "io/say.h"

const mhd_table *cli_mhd(void)
{
    static mhd_table table;
    static const char *const names[] = { "MHD_start_daemon",          "MHD_quiesce_daemon",
                                         "MHD_add_connection",        "MHD_stop_daemon",
                                         "MHD_get_daemon_info",       "MHD_get_connection_info",
                                         "MHD_lookup_connection_value", "MHD_get_connection_values",
                                         "MHD_create_response_from_buffer", "MHD_add_response_header",
                                         "MHD_queue_response",        "MHD_destroy_response",
                                         "MHD_suspend_connection",    "MHD_resume_connection" };
    _Static_assert(sizeof table == sizeof names / sizeof *names * sizeof(void *), "a name for each function");
    void *file = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *found = file ? dlsym(file, names[i]) : NULL;
        if (!found) {
            cli_error("the library libmicrohttpd is missing, which serving needs; on Debian it is in the package "
                      "libmicrohttpd12 or libmicrohttpd12t64");
            return NULL;
        }
        memcpy((char *)&table + i * sizeof found, &found, sizeof found); /* POSIX: functions have addresses as objects do */
    }
    return &table;
}
