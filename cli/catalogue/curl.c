/* SPDX-License-Identifier: Apache-2.0 */
/* Transfers by libcurl: see fetch.h. */
#define CURL_DISABLE_TYPECHECK 1 /* its macros would name functions that are not linked */
#include "catalogue/fetch.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "io/say.h"

/* What is used of it. */
typedef struct library {
    CURLcode (*global_init)(long flags);
    void (*global_cleanup)(void);
    CURL *(*init)(void);
    CURLcode (*setopt)(CURL *handle, CURLoption option, ...);
    CURLcode (*perform)(CURL *handle);
    CURLcode (*getinfo)(CURL *handle, CURLINFO info, ...);
    void (*cleanup)(CURL *handle);
    const char *(*text_of)(CURLcode code);
    void *loaded;
} library;

static bool find(library *l)
{
    const struct {
        void *at;
        const char *name;
    } all[] = { { &l->global_init, "curl_global_init" }, { &l->global_cleanup, "curl_global_cleanup" }, { &l->init, "curl_easy_init" },
                { &l->setopt, "curl_easy_setopt" },      { &l->perform, "curl_easy_perform" },          { &l->getinfo, "curl_easy_getinfo" },
                { &l->cleanup, "curl_easy_cleanup" }, { &l->text_of, "curl_easy_strerror" } };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        void *found = dlsym(l->loaded, all[i].name);
        if (!found) return false;
        memcpy(all[i].at, &found, sizeof found); /* ISO C has no cast from data to functions */
    }
    return true;
}

crl_status cli_transfer_open(void **out, crl_error *err)
{
    static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };
    library *l = cli_alloc(1, sizeof *l);
    for (size_t i = 0; i < sizeof names / sizeof *names && !l->loaded; i++) l->loaded = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    *out = l;
    if (l->loaded && find(l) && !l->global_init(CURL_GLOBAL_DEFAULT)) return CRL_OK;
    cli_transfer_close(l);
    *out = NULL;
    return cli_fail(err, CRL_ERR_UNSUPPORTED, "fetching takes libcurl, which is not on this machine; on Debian: apt install libcurl4");
}

void cli_transfer_close(void *lib)
{
    library *l = lib;
    if (!l) return;
    if (l->loaded && l->global_cleanup) l->global_cleanup();
    free(l); /* the file stays loaded: its libraries have threads and handlers of their own */
}

/* A transfer under way. */
typedef struct state {
    const cli_transfer *t;
    int64_t got;
    bool refused, too_long;
} state;

static size_t take(char *data, size_t one, size_t size, void *user)
{
    state *s = user;
    (void)one;
    s->too_long = s->t->from + s->got + (int64_t)size > s->t->most;
    s->refused = s->too_long || !s->t->take(s->t->user, data, size);
    s->got += (int64_t)size;
    return s->refused ? 0 : size;
}

static int tell(void *user, curl_off_t all, curl_off_t done, curl_off_t to_send, curl_off_t sent)
{
    const state *s = user;
    (void)to_send;
    (void)sent;
    if (done) s->t->progress(s->t->user, s->t->from + done, all > 0 ? s->t->from + all : -1);
    return 0;
}

static void set_up(const library *l, CURL *h, const cli_transfer *t, state *s, char *text)
{
    l->setopt(h, CURLOPT_URL, t->url);
    l->setopt(h, CURLOPT_USERAGENT, "corallite");
    l->setopt(h, CURLOPT_FOLLOWLOCATION, 1L);
    l->setopt(h, CURLOPT_MAXREDIRS, 5L);
    l->setopt(h, CURLOPT_PROTOCOLS_STR, "http,https,file");
    l->setopt(h, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    l->setopt(h, CURLOPT_FAILONERROR, 1L);
    l->setopt(h, CURLOPT_NOSIGNAL, 1L);
    l->setopt(h, CURLOPT_CONNECTTIMEOUT, (long)t->stall_s);
    l->setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
    l->setopt(h, CURLOPT_LOW_SPEED_TIME, (long)t->stall_s);
    l->setopt(h, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)t->from);
    l->setopt(h, CURLOPT_WRITEFUNCTION, take);
    l->setopt(h, CURLOPT_WRITEDATA, s);
    l->setopt(h, CURLOPT_NOPROGRESS, 0L);
    l->setopt(h, CURLOPT_XFERINFOFUNCTION, tell);
    l->setopt(h, CURLOPT_XFERINFODATA, s);
    l->setopt(h, CURLOPT_ERRORBUFFER, text);
}

static cli_transferred meaning(const state *s, CURLcode code, long status)
{
    if (!code) return CLI_TRANSFER_DONE;
    if (s->refused) return CLI_TRANSFER_NOT_KEPT;
    if (s->t->from && (code == CURLE_RANGE_ERROR || code == CURLE_BAD_DOWNLOAD_RESUME || status == 416)) return CLI_TRANSFER_NO_RANGE;
    return s->got && code != CURLE_OPERATION_TIMEDOUT ? CLI_TRANSFER_BROKEN : CLI_TRANSFER_REFUSED;
}

cli_transferred cli_transfer_run(void *lib, const cli_transfer *t, crl_error *err)
{
    const library *l = lib;
    state s = { .t = t };
    char text[CURL_ERROR_SIZE] = "";
    long status = 0;
    CURL *h = l->init();
    if (!h) return (void)cli_fail(err, CRL_ERR_MEMORY, "%s: no memory", t->url), CLI_TRANSFER_REFUSED;
    set_up(l, h, t, &s, text);
    const CURLcode code = l->perform(h);
    l->getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    l->cleanup(h);
    if (s.too_long)
        cli_fail(err, CRL_ERR_IO, "%s: it is longer than the file that was asked for", t->url);
    else if (code == CURLE_HTTP_RETURNED_ERROR && status == 404)
        cli_fail(err, CRL_ERR_IO, "%s: it is not there (404)", t->url);
    else if (code == CURLE_HTTP_RETURNED_ERROR)
        cli_fail(err, CRL_ERR_IO, "%s: the server answers %ld", t->url, status);
    else if (code == CURLE_COULDNT_RESOLVE_HOST) /* the address last: it may be so long that the end of the sentence is lost */
        cli_fail(err, CRL_ERR_IO, "the host is not found; is this machine on the network? --mirror URL names another place than %s", t->url);
    else if (code)
        cli_fail(err, CRL_ERR_IO, "%s: %s", t->url, *text ? text : l->text_of(code));
    return meaning(&s, code, status);
}
