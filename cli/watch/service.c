/* SPDX-License-Identifier: Apache-2.0 */
/* Several cameras until a signal comes: watch --config.
 *
 *   file -> entries -> cameras, each with a stream in a thread of its own; engines by what they run, on one pool
 *
 * The file is read as a whole, and all of it is made, before anything that runs is touched: a file with a mistake changes nothing. Cameras whose
 * entries did not change go on as if nothing were. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <corallite/corallite.h>

#include "catalogue/named.h"
#include "models/areas.h"
#include "io/file.h"
#include "watch/notify.h"
#include "io/say.h"
#include "watch/watch.h"
#include "watch/file.h"

enum { FILE_LIMIT = 1 << 20, TICK_MS = 200 };
/* A camera whose frames come, but none is looked at for so long, has hung: the manager is no longer told that all is well. */
#define HUNG_MS 20000

/* ---- engines ---- */

/* Threads that all engines of a file share. */
typedef struct team {
    crl_pool *pool;
    int threads, users;
} team;

/* A session that all cameras look by whose settings are the same. */
typedef struct look {
    char *key;
    double threshold; /* that it was opened with, as it stands in the settings, */
    int top_k;
    bool detects;     /* which are the streams' affair where it is a detector */
    cli_sight sight;
    crl_turns *turns;
    team *team;
    int users;
    struct look *next;
} look;

typedef struct camera {
    const cli_watch_entry *entry; /* of the fleet's file */
    char *whole;                  /* the entry as text: a camera with the same text is the same */
    cli_watch_settings w;
    cli_areas areas;
    char **outputs; /* [w.outputs.n] names with the time in them */
    look *look;
    crl_stream *stream;
    cli_watch_talk talk;
    pthread_t thread;
    bool has_thread;
    atomic_bool ended;
    crl_status status; /* with which it ended */
    crl_error err;
    uint64_t taken, detected; /* when it was asked last, */
    double detected_ms;       /* and when `detected` was another number */
} camera;

typedef struct fleet {
    cli_watch_file file;
    camera **cameras; /* [file.n]; NULL: not made */
    team *team;
} fleet;

typedef struct service {
    const char *path;
    fleet now;
    look *looks;
    char page[160];
    double watchdog_ms, told_ms;
} service;

static void let_team_go(team *t)
{
    if (!t || --t->users) return;
    crl_pool_free(t->pool);
    free(t);
}

static void let_look_go(service *v, look *k)
{
    if (!k || --k->users) return;
    look **place = &v->looks;
    while (*place != k) place = &(*place)->next;
    *place = k->next;
    cli_sight_close(&k->sight);
    crl_turns_free(k->turns);
    let_team_go(k->team);
    free(k->key);
    free(k);
}

/* Of an option that says nothing of the engine, the session, or what it reads: "--source=..". */
static bool is_cameras_own(const char *argument)
{
    static const char *const own[] = { "source", "replay", "width", "height", "fps", "format", "mode", "frames", "areas", "display", "port",
                                       "address", "token", "output", "mqtt", "plain", "quiet", "threshold", "top-k" };
    const size_t n = strcspn(argument + 2, "=");
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strlen(own[i]) == n && !strncmp(argument + 2, own[i], n)) return true;
    return false;
}

/* The arguments, a line each. */
static char *text_of(const cli_watch_entry *e, bool all)
{
    char *text = cli_format("%s", "");
    for (int i = 0; i < e->n; i++) {
        if (!all && is_cameras_own(e->arguments[i])) continue;
        char *longer = cli_format("%s%s\n", text, e->arguments[i]);
        free(text);
        text = longer;
    }
    return text;
}

static bool serves(const look *k, const char *key, const team *t, const cli_watch_settings *w)
{
    const double threshold = w->task.results.threshold;
    const bool same = (isnan(threshold) && isnan(k->threshold)) || (threshold >= k->threshold && threshold <= k->threshold);
    /* Of a detector the session gives all from 0.1 on, and the stream chooses. */
    const bool high = isnan(threshold) || threshold >= 0.1, opened_high = isnan(k->threshold) || k->threshold >= 0.1;
    const bool fits = k->top_k == w->task.results.top_k && (same || (k->detects && high && opened_high));
    return k->team == t && fits && !strcmp(k->key, key);
}

static int open_look(service *v, camera *c, team *t)
{
    crl_error err;
    crl_recognition r;
    char *key = text_of(c->entry, false);
    look *k = v->looks;
    while (k && !serves(k, key, t, &c->w)) k = k->next;
    if (k) {
        free(key);
        k->users++;
        c->look = k;
        return CLI_DONE;
    }
    k = c->look = cli_alloc(1, sizeof *k);
    *k = (look){ .key = key, .threshold = c->w.task.results.threshold, .top_k = c->w.task.results.top_k, .team = t, .users = 1, .next = v->looks };
    v->looks = k;
    t->users++;
    c->w.task.engine.pool = t->pool;
    const int code = cli_sight_open(&k->sight, &c->w.sight, &c->w.task);
    if (code) return code;
    const bool as_detector = !c->w.sight.purpose || c->w.sight.purpose == CRL_PURPOSE_DETECT;
    k->detects = as_detector && !crl_session_recognise(k->sight.first.session, &r, NULL) && r.purpose == CRL_PURPOSE_DETECT;
    return crl_turns_new(&k->turns, &err) ? cli_failed(&err) : CLI_DONE;
}

/* ---- a camera ---- */

static void notice(void *user, const crl_notice *n)
{
    const camera *c = user;
    const bool good = n->kind == CRL_NOTICE_SOURCE_BACK || n->kind == CRL_NOTICE_SINK_BACK;
    if (good) cli_note("%s: %s", c->w.camera, n->text);
    else cli_warning("%s: %s", c->w.camera, n->text);
}

static int check_settings(cli_watch_settings *w, const char *name)
{
    const char *why = NULL;
    if (w->task.common.json) why = "--json: there is one standard output, and several cameras; /CAMERA/events of the page has the same lines";
    else if (w->task.common.help || w->task.common.version) why = "--help and --version are for people";
    else if (w->config) why = "--config: a file names no other one";
    else if (strcmp(w->camera, "camera")) why = "--name: a camera is called what stands before it";
    else if (!w->source && !w->replay) why = "\"source\" is missing: a camera by its number or /dev/videoN, rtsp://.., or what else --source takes";
    else if (w->source && w->replay) why = "--source and --replay: one of them is expected";
    else if (w->source && !strcmp(w->source, "-")) why = "--source -: a service has no standard input";
    for (int i = 0; i < w->displays.n && !why; i++)
        if (strcmp(w->displays.items[i], "web") && strcmp(w->displays.items[i], "none")) why = "--display: a service has web, or none";
    if (why) {
        cli_error("%s", why);
        return CLI_USAGE;
    }
    if (!w->displays.n) cli_list_add(&w->displays, "web");
    if (w->replay) w->fps = 0;
    w->task.model = cli_sight_model(&w->sight);
    w->camera = name;
    w->one_of_several = true;
    return CLI_DONE;
}

/* "door-%Y%m%d.mp4": a service that is started again would begin the same film anew. */
static void name_outputs(camera *c)
{
    char name[4096];
    struct tm now;
    const time_t seconds = time(NULL);
    localtime_r(&seconds, &now);
    c->outputs = cli_alloc((size_t)c->w.outputs.n, sizeof *c->outputs);
    for (int i = 0; i < c->w.outputs.n; i++) {
        const char *given = c->w.outputs.items[i];
        c->outputs[i] = cli_format("%s", strchr(given, '%') && strftime(name, sizeof name, given, &now) ? name : given);
        c->w.outputs.items[i] = c->outputs[i];
    }
}

static int read_areas(camera *c)
{
    char *why = NULL;
    if (c->w.areas && c->entry->areas) {
        cli_error("--areas %s, and zones, lines or masks beside it: one of them is expected", c->w.areas);
        return CLI_USAGE;
    }
    if (c->w.areas) return cli_areas_load(&c->areas, c->w.areas);
    if (!c->entry->areas || cli_areas_read(&c->areas, c->entry->areas, &why)) return CLI_DONE;
    cli_error("%s", why);
    free(why);
    return CLI_FAILED;
}

static int make_stream(service *v, camera *c)
{
    crl_error err;
    crl_source source;
    const char *name = c->w.replay ? c->w.replay : c->w.source;
    const int code = cli_watch_open_source(&source, &c->w, name, &c->talk);
    if (code) return code;
    crl_stream_options o = cli_watch_stream_options(&c->w);
    o.notice = notice, o.user = c;
    o.areas = c->areas.list, o.n_areas = c->areas.n;
    o.patient = true;
    cli_sight_apply(&c->look->sight, &c->w.sight, &o);
    o.turns = c->look->turns;
    if (crl_stream_new(&c->stream, &source, c->look->sight.first.session, &o, &err)) return cli_failed(&err);
    memcpy(c->talk.page, v->page, sizeof v->page);
    const int added = cli_watch_add_sinks(c->stream, &c->w, name, &c->talk);
    memcpy(v->page, c->talk.page, sizeof v->page);
    return added;
}

/* A list of values where one is meant: the last would count, and nothing would be said. What stands beside "cameras" and again in one of them
 * is meant so. */
static int check_single(const cli_watch_entry *e)
{
    for (int i = 1; i < e->n; i++) {
        const char *now = e->arguments[i] + 2, *before = e->arguments[i - 1] + 2;
        const size_t n = strcspn(now, "=");
        if (i == e->common || strncmp(now, before, n) || before[n] != now[n] || !cli_option_is_single(&cli_watch, now)) continue;
        cli_error("\"%.*s\": a list, where one value is expected%s", (int)n, now,
                  strncmp(now, "source=", 7) ? "" : "; another source is another camera's");
        return CLI_USAGE;
    }
    return CLI_DONE;
}

static int make_camera(service *v, camera *c, team *t)
{
    int code = check_single(c->entry);
    if (!code) code = cli_parse(&cli_watch, c->entry->n, c->entry->arguments, &c->w);
    if (!code) code = cli_name_files(&cli_watch, &c->w);
    if (!code) code = check_settings(&c->w, c->entry->name);
    if (!code) code = read_areas(c);
    if (!code) name_outputs(c);
    if (!code) code = open_look(v, c, t);
    return code ? code : make_stream(v, c);
}

static void *camera_thread(void *user)
{
    camera *c = user;
    c->status = crl_stream_run(c->stream, &c->err);
    atomic_store(&c->ended, true);
    return NULL;
}

static int start_camera(camera *c)
{
    c->detected_ms = cli_now_ms();
    c->has_thread = !pthread_create(&c->thread, NULL, camera_thread, c);
    if (c->has_thread) return CLI_DONE;
    cli_error("%s: the system gives no thread for it", c->w.camera);
    return CLI_FAILED;
}

static void free_camera(service *v, camera *c)
{
    if (!c) return;
    if (c->has_thread) pthread_join(c->thread, NULL);
    crl_stream_free(c->stream);
    let_look_go(v, c->look);
    for (int i = 0; c->outputs && i < c->w.outputs.n; i++) free(c->outputs[i]);
    free(c->outputs);
    cli_areas_release(&c->areas);
    cli_release(&cli_watch, &c->w);
    free(c->whole);
    free(c);
}

/* ---- all cameras of a file ---- */

/* What it is made of goes; what is no longer its own has been taken out. */
static void release(service *v, fleet *f)
{
    for (int i = 0; i < f->file.n && f->cameras; i++)
        if (f->cameras[i] && f->cameras[i]->has_thread) crl_stream_stop(f->cameras[i]->stream);
    for (int i = 0; i < f->file.n && f->cameras; i++) free_camera(v, f->cameras[i]);
    free(f->cameras);
    let_team_go(f->team);
    cli_watch_file_release(&f->file);
    *f = (fleet){ 0 };
}

/* A number of threads belongs to all of them; the first camera's arguments have it, where it stands beside "cameras". */
static int find_team(service *v, fleet *f)
{
    crl_error err;
    int threads = 0;
    for (int i = 0; i < f->file.n; i++) {
        const cli_watch_entry *e = &f->file.cameras[i];
        for (int k = 0; k < e->n; k++) {
            if (strncmp(e->arguments[k], "--threads=", 10)) continue;
            threads = atoi(e->arguments[k] + 10); /* whether it is one, is looked at with the other options */
            if (k < e->common) continue;
            cli_error(
                "%s: line %d, camera \"%s\": all cameras share their threads; \"threads\" stands beside \"cameras\"",
                v->path, e->line, e->name);
            return CLI_USAGE;
        }
    }
    if (v->now.team && v->now.team->threads == threads) {
        f->team = v->now.team;
        f->team->users++;
        return CLI_DONE;
    }
    f->team = cli_alloc(1, sizeof *f->team);
    *f->team = (team){ .threads = threads, .users = 1 };
    return crl_pool_new(&f->team->pool, threads > 0 && threads <= CRL_MAX_THREADS ? threads : 0, &err) ? cli_failed(&err) : CLI_DONE;
}

/* The camera that runs already as the entry says. */
static camera *find_same(const service *v, const char *whole, const char *name)
{
    for (int i = 0; i < v->now.file.n; i++) {
        camera *c = v->now.cameras[i];
        if (c && !atomic_load(&c->ended) && !strcmp(c->w.camera, name) && !strcmp(c->whole, whole)) return c;
    }
    return NULL;
}

static char *whole_text(const cli_watch_entry *e)
{
    char *arguments = text_of(e, true), *areas = e->areas ? cli_watch_areas_text(e) : NULL,
         *whole = cli_format("%s%s", arguments, areas ? areas : "");
    free(arguments);
    free(areas);
    return whole;
}

/* The port of "rtsp://HOST:PORT/NAME"; 0: it is another output. */
static long rtsp_port(const char *output)
{
    if (strncmp(output, "rtsp://", 7)) return 0;
    const char *host = output + 7, *end = host + strcspn(host, "/"), *port = end;
    while (port > host && port[-1] != ':' && port[-1] != ']') port--;
    return port > host && port[-1] == ':' ? strtol(port, NULL, 10) : 8554;
}

/* A server stands at each port, and is one output's: the other would be told that another program has it. */
static int check_ports(const service *v, const fleet *f)
{
    for (int i = 0; i < f->file.n; i++)
        for (int k = 0; k <= i; k++)
            for (int a = 0; a < f->cameras[i]->w.outputs.n; a++)
                for (int b = 0; b < (k < i ? f->cameras[k]->w.outputs.n : a); b++) {
                    const char *mine = f->cameras[i]->w.outputs.items[a], *other = f->cameras[k]->w.outputs.items[b];
                    if (!rtsp_port(mine) || rtsp_port(mine) != rtsp_port(other)) continue;
                    cli_error("%s: line %d, camera \"%s\": --output %s: %s of camera \"%s\" has that port; each needs one of its own", v->path,
                              f->file.cameras[i].line, f->file.cameras[i].name, mine, other, f->file.cameras[k].name);
                    return CLI_USAGE;
                }
    return CLI_DONE;
}

static int check_outputs(const service *v, const fleet *f)
{
    for (int i = 0; i < f->file.n; i++)
        for (int k = 0; k < i; k++)
            for (int a = 0; a < f->cameras[i]->w.outputs.n; a++)
                for (int b = 0; b < f->cameras[k]->w.outputs.n; b++)
                    if (!strcmp(f->cameras[i]->w.outputs.items[a], f->cameras[k]->w.outputs.items[b])) {
                        cli_error("%s: line %d, camera \"%s\": --output %s is that of camera \"%s\", too; two cameras need two files", v->path,
                                  f->file.cameras[i].line, f->file.cameras[i].name, f->cameras[i]->w.outputs.items[a], f->file.cameras[k].name);
                        return CLI_USAGE;
                    }
    return CLI_DONE;
}

/* Makes what the file says; `*same` are those of f->cameras that run already and are borrowed. */
static int make_all(service *v, fleet *f, bool *same)
{
    f->cameras = cli_alloc((size_t)f->file.n, sizeof(camera *));
    int code = find_team(v, f);
    for (int i = 0; i < f->file.n && !code; i++) {
        const cli_watch_entry *e = &f->file.cameras[i];
        char *whole = whole_text(e), *place = cli_format("%s: line %d, camera \"%s\"", v->path, e->line, e->name);
        camera *running = v->now.team == f->team ? find_same(v, whole, e->name) : NULL;
        same[i] = running;
        camera *c = f->cameras[i] = running ? running : cli_alloc(1, sizeof *c);
        cli_say_about(place);
        if (running) free(whole);
        else {
            c->entry = e;
            c->whole = whole;
            code = make_camera(v, c, f->team);
        }
        cli_say_about(NULL);
        free(place);
    }
    if (!code) code = check_outputs(v, f);
    return code ? code : check_ports(v, f);
}

static int read_file(service *v, fleet *f)
{
    crl_error err;
    uint8_t *bytes;
    size_t size;
    char *why;
    if (cli_read_file(v->path, FILE_LIMIT, &bytes, &size, &err)) return cli_failed(&err);
    const bool good = cli_watch_file_read(&f->file, (const char *)bytes, size, &why);
    free(bytes);
    if (good) return CLI_DONE;
    cli_error("%s: %s", v->path, why);
    free(why);
    return CLI_FAILED;
}

/* A camera that goes on belongs to another file from now on. Its settings stand in the arguments that it was made of: those go with it. */
static void take_over(fleet *from, camera *c, cli_watch_entry *to)
{
    int k = 0;
    while (from->cameras[k] != c) k++;
    from->cameras[k] = NULL;
    char **arguments = to->arguments;
    to->arguments = from->file.cameras[k].arguments;
    from->file.cameras[k].arguments = arguments;
    c->entry = to;
    c->w.camera = to->name;
}

/* Reads the file, and has what it says take the place of what runs. After a failure nothing has changed. */
static int load(service *v)
{
    fleet next = { 0 };
    bool same[CLI_WATCH_CAMERAS] = { false };
    int code = read_file(v, &next);
    if (!code) code = make_all(v, &next, same);
    if (code) {
        for (int i = 0; i < next.file.n && next.cameras; i++)
            if (same[i]) next.cameras[i] = NULL;
        release(v, &next);
        return code;
    }
    for (int i = 0; i < next.file.n; i++)
        if (same[i]) take_over(&v->now, next.cameras[i], &next.file.cameras[i]);
    release(v, &v->now);
    v->now = next;
    for (int i = 0; i < next.file.n && !code; i++)
        if (!same[i]) code = start_camera(next.cameras[i]);
    return code;
}

/* ---- while they run ---- */

/* Says which ended since; false: there is none left. */
static bool look_after(service *v, bool *failed)
{
    bool any = false;
    for (int i = 0; i < v->now.file.n; i++) {
        camera *c = v->now.cameras[i];
        if (!atomic_load(&c->ended)) any = true;
        if (!atomic_load(&c->ended) || !c->has_thread) continue;
        pthread_join(c->thread, NULL);
        c->has_thread = false;
        *failed = *failed || c->status || c->talk.lost_frames;
        if (c->status) cli_error("%s: %s", c->w.camera, c->err.text);
        else cli_note("%s: has come to its end", c->w.camera);
    }
    return any;
}

static bool all_well(service *v)
{
    bool well = true;
    const double now = cli_now_ms();
    for (int i = 0; i < v->now.file.n; i++) {
        camera *c = v->now.cameras[i];
        crl_stream_counts n;
        if (atomic_load(&c->ended)) continue;
        crl_stream_counts_now(c->stream, &n);
        if (n.detected != c->detected || n.taken == c->taken || crl_stream_paused(c->stream)) c->detected_ms = now;
        c->detected = n.detected;
        c->taken = n.taken;
        well = well && now - c->detected_ms < HUNG_MS;
    }
    return well;
}

static void tell_manager(service *v)
{
    const double now = cli_now_ms();
    if (v->watchdog_ms <= 0 || now - v->told_ms < v->watchdog_ms / 3 || !all_well(v)) return;
    v->told_ms = now;
    cli_notify("WATCHDOG=1");
}

static void say_ready(const service *v)
{
    char *text = cli_format("READY=1\nSTATUS=%d camera%s", v->now.file.n, v->now.file.n == 1 ? "" : "s");
    cli_notify(text);
    free(text);
}

static void load_again(service *v)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    char *text = cli_format("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
    cli_notify(text);
    free(text);
    cli_notify_loading();
    if (load(v)) cli_warning("%s is not taken as it is; what ran before goes on", v->path);
    else cli_note("%s is read again: %d camera%s", v->path, v->now.file.n, v->now.file.n == 1 ? "" : "s");
    cli_notify_loaded();
    say_ready(v);
}

static int run(service *v, const sigset_t *signals)
{
    const struct timespec tick = { 0, TICK_MS * 1000000L };
    bool failed = false;
    v->watchdog_ms = cli_notify_watchdog_ms();
    say_ready(v);
    for (;;) {
        const int number = sigtimedwait(signals, NULL, &tick);
        if (number == SIGHUP) load_again(v);
        else if (number > 0) break;
        if (!look_after(v, &failed)) break;
        tell_manager(v);
    }
    cli_notify("STOPPING=1");
    sigset_t hurry; /* who is in one asks twice */
    sigemptyset(&hurry);
    sigaddset(&hurry, SIGINT);
    sigaddset(&hurry, SIGTERM);
    pthread_sigmask(SIG_UNBLOCK, &hurry, NULL);
    return failed ? CLI_FAILED : CLI_DONE;
}

int cli_watch_service(const char *path)
{
    static const int ours[] = { SIGINT, SIGTERM, SIGHUP };
    service v = { .path = path };
    sigset_t signals;
    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) sigaddset(&signals, ours[i]);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* of all threads that are started from now on */
    signal(SIGPIPE, SIG_IGN);
    int code = load(&v);
    if (!code) code = run(&v, &signals);
    release(&v, &v.now);
    return code;
}
