/* SPDX-License-Identifier: Apache-2.0 */
/* See lessons.h. */
#include "learn/lessons.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/csv.h"
#include "io/file.h"
#include "models/model.h"
#include "io/pictures.h"
#include "io/random.h"
#include "io/progress.h"
#include "io/say.h"
#include "learn/room.h"

/* ---- the folders ---- */

/* A folder that is no class: hidden ones, which programs make. */
static int is_class(const struct dirent *entry)
{
    return *entry->d_name != '.';
}

/* Which of n pictures are taken, and which of those held out: role[i] is 0 for none, 1, or 2 for held out. */
static void draw(uint8_t *role, int n, int taken, int held_out, uint64_t *state)
{
    int *order = cli_alloc((size_t)n, sizeof *order);
    for (int i = 0; i < n; i++) order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        const int j = (int)(cli_random(state) % ((uint64_t)i + 1)), at = order[i];
        order[i] = order[j];
        order[j] = at;
    }
    for (int i = 0; i < taken; i++) role[order[i]] = i < held_out ? 2 : 1;
    free(order);
}

static void take(cli_lessons *l, cli_pictures *p, const char *label, const cli_lessons_options *o, uint64_t *state)
{
    const int taken = p->n < o->max_per_class ? p->n : o->max_per_class;
    int held_out = (int)(taken * o->test_ratio + 0.5);
    if (held_out >= taken) held_out = taken - 1;
    if (taken < p->n) cli_note("%s: %d pictures, of which %d are taken (--max-per-class)", label, p->n, taken);
    uint8_t *role = cli_alloc((size_t)p->n, 1);
    draw(role, p->n, taken, held_out, state);
    l->items = cli_grow(l->items, (size_t)(l->n + taken), sizeof *l->items);
    for (int i = 0; i < p->n; i++) {
        if (!role[i]) continue;
        l->items[l->n++] = (cli_lesson){ .path = p->paths[i], .label = l->n_labels - 1, .held_out = role[i] == 2, .told = -1 };
        p->paths[i] = NULL;
    }
    free(role);
}

static int add_class(cli_lessons *l, const char *folder, const char *name, const cli_lessons_options *o, uint64_t *state)
{
    const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    char *path = cli_format("%s%s%s", folder, slash, name);
    cli_pictures pictures = { 0 };
    int code = CLI_DONE;
    if (cli_is_folder(path)) {
        const cli_list one = { (const char *[]){ path }, 1 };
        cli_pictures_list(&pictures, &one);
        if (strpbrk(name, "\r\n")) {
            cli_error("%s: the name of a class has a line break; rename the folder", path);
            code = CLI_FAILED;
        } else if (!pictures.n) {
            if (!pictures.failures) cli_error("%s: no picture to learn from; put some there, or remove the folder", path);
            code = CLI_FAILED;
        } else {
            l->labels = cli_grow(l->labels, (size_t)l->n_labels + 1, sizeof *l->labels);
            l->labels[l->n_labels++] = cli_format("%s", name);
            take(l, &pictures, name, o, state);
        }
    }
    cli_pictures_release(&pictures);
    free(path);
    return code;
}

/* ---- a list ---- */

static bool is_list(const char *path)
{
    const size_t n = strlen(path);
    return n > 4 && !strcasecmp(path + n - 4, ".csv") && !cli_is_folder(path);
}

/* By label, and then as they stand in the list. */
static int by_label(const void *a, const void *b)
{
    const cli_csv_row *const *x = a, *const *y = b;
    const int order = strcmp((*x)->label, (*y)->label);
    return order ? order : *x < *y ? -1 : *x > *y;
}

/* Paths count from where the list is; "-" is a file of that name. */
static char *path_of(const char *path, const char *list)
{
    const char *slash = strrchr(list, '/');
    if (*path == '/') return cli_format("%s", path);
    return slash ? cli_format("%.*s%s", (int)(slash + 1 - list), list, path) : cli_format("%s%s", strcmp(path, "-") ? "" : "./", path);
}

static void take_rows(cli_lessons *l, const cli_csv *c, const char *file, const cli_lessons_options *o)
{
    uint64_t state = o->seed;
    const cli_csv_row **rows = cli_alloc((size_t)c->n + 1, sizeof *rows);
    for (int i = 0; i < c->n; i++) rows[i] = &c->rows[i];
    qsort(rows, (size_t)c->n, sizeof *rows, by_label);
    for (int i = 0; i < c->n;) {
        cli_pictures p = { 0 };
        const char *label = rows[i]->label;
        p.paths = cli_alloc((size_t)(c->n - i), sizeof *p.paths);
        for (; i < c->n && !strcmp(rows[i]->label, label); i++) p.paths[p.n++] = path_of(rows[i]->path, file);
        l->labels = cli_grow(l->labels, (size_t)l->n_labels + 1, sizeof *l->labels);
        l->labels[l->n_labels++] = cli_format("%s", label);
        take(l, &p, label, o, &state);
        cli_pictures_release(&p);
    }
    free(rows);
}

static int read_list(cli_lessons *l, const char *file, const cli_lessons_options *o)
{
    enum { LIST_BYTES = 1 << 26 };
    crl_error err;
    uint8_t *bytes;
    size_t n;
    cli_csv c;
    if (cli_read_whole(file, LIST_BYTES, &bytes, &n, &err)) return cli_failed(&err);
    crl_status s = cli_csv_parse(&c, (const char *)bytes, n, &err);
    free(bytes);
    if (s) return cli_within(&err, s, "%s", file), cli_failed(&err);
    take_rows(l, &c, file, o);
    cli_csv_release(&c);
    if (l->n_labels > 0 && l->n_labels <= CRL_MAX_CLASSES) return CLI_DONE;
    cli_error("%s: %d classes; 1 to %d are accepted, in lines of path,label", file, l->n_labels, CRL_MAX_CLASSES);
    return CLI_FAILED;
}

int cli_lessons_list(cli_lessons *l, const char *folder, const cli_lessons_options *o)
{
    if (is_list(folder)) return read_list(l, folder, o);
    struct dirent **entries;
    uint64_t state = o->seed;
    int code = CLI_DONE;
    const int n = scandir(folder, &entries, is_class, alphasort);
    if (n < 0) {
        cli_error("%s: %s; a folder with one folder for each class is expected", folder, strerror(errno));
        return CLI_FAILED;
    }
    for (int i = 0; i < n; i++) {
        if (!code) code = add_class(l, folder, entries[i]->d_name, o, &state);
        free(entries[i]);
    }
    free(entries);
    if (!code && l->n_labels > CRL_MAX_CLASSES) {
        cli_error("%s: %d folders; %d classes are the most", folder, l->n_labels, CRL_MAX_CLASSES);
        code = CLI_FAILED;
    } else if (!code && !l->n_labels) {
        cli_error("%s: no folder in it; each class is a folder with its pictures, named as the class", folder);
        code = CLI_FAILED;
    }
    return code;
}

bool cli_lessons_any(const char *folder)
{
    struct dirent **entries;
    bool any = false;
    const int n = scandir(folder, &entries, is_class, NULL);
    for (int i = 0; i < n; i++) {
        char *path = cli_format("%s/%s", folder, entries[i]->d_name);
        any = any || cli_is_folder(path);
        free(path);
        free(entries[i]);
    }
    if (n >= 0) free(entries);
    return any;
}

void cli_lessons_release(cli_lessons *l)
{
    for (int i = 0; i < l->n; i++) free(l->items[i].path);
    for (int i = 0; i < l->n_labels; i++) free(l->labels[i]);
    free(l->items);
    free(l->labels);
    *l = (cli_lessons){ 0 };
}

bool cli_lesson_is_examined(const cli_lesson *p)
{
    return p->held_out && !p->broken && !p->gone;
}

/* ---- progress ---- */

/* "looking [#####.....] 120 of 1000, 9 s left" */
static void show_progress(const char *what, int done, int all, double begun_ms)
{
    const double left = done ? (cli_now_ms() - begun_ms) / done * (all - done) / 1000 : 0;
    cli_progress(what, (double)done / (all ? all : 1), "%d of %d, %.0f s left", done, all, left);
    if (done == all) cli_progress_end();
}

/* ---- all pictures, in several threads ---- */

typedef struct crew {
    cli_lessons *lessons;
    const cli_work *work;
    int32_t size;
    float *vectors; /* NULL: pictures held out are judged */
    int all;
    double begun_ms;
    atomic_int next, done;
    atomic_bool failed;
    double kept_ms, keeping_ms; /* when what was seen was saved last, and how long that took */
    pthread_mutex_t talk; /* one says something at a time */
    cli_room room;
} crew;

typedef struct worker {
    crew *crew;
    crl_session *session;
    pthread_t thread;
    bool started;
} worker;

/* A model may give what is no number, and nothing can be learnt from that. */
static crl_status keep_vector(crew *c, int i, const crl_results *r, crl_error *err)
{
    for (int32_t k = 0; k < c->size; k++)
        if (!isfinite(r->embedding[k]))
            return cli_fail(
                err, CRL_ERR_UNSUPPORTED,
                "number %d of the vector to learn from is %g; another model, or another --embedding, is needed", k,
                (double)r->embedding[k]);
    memcpy(c->vectors + (size_t)i * (size_t)c->size, r->embedding, (size_t)c->size * sizeof(float));
    return CRL_OK;
}

static void keep_judgement(cli_lesson *item, const crl_results *r)
{
    item->told = r->n_classes ? r->classes[0].index : -1;
    item->score = r->n_classes ? r->classes[0].score : 0;
    item->place = 0;
    for (int32_t k = 0; k < r->n_classes; k++)
        if (r->classes[k].index == item->wanted) item->place = k + 1;
}

/* In the midst of the work, now and then: what was seen so far is not lost, whatever happens. */
static void save_some(crew *c)
{
    enum { LEAST_MS = 10000, SHARE = 20 };
    const double now = cli_now_ms();
    if (!c->work->save || now - c->kept_ms < LEAST_MS || now - c->kept_ms < SHARE * c->keeping_ms) return;
    if (!c->work->save(c->work->user)) atomic_store(&c->failed, true);
    c->kept_ms = cli_now_ms();
    c->keeping_ms = c->kept_ms - now;
}

/* Whether it gets lighter from left to right, at 8 by 8 places: what is left of a picture that was scaled or saved anew. Krawetz 2013. */
static crl_status take_print(cli_lesson *item, const crl_image *image, crl_error *err)
{
    uint8_t rgb[9 * 8 * 3];
    const crl_image small = { .width = 9, .height = 8, .channels = image->channels, .stride = 9 * (size_t)image->channels, .data = rgb };
    const crl_status s = crl_image_resize(&small, image, NULL, CRL_RESAMPLE_BILINEAR, err);
    if (s) return s;
    item->print = 0;
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8; x++) {
            int light[2] = { 0, 0 };
            for (int k = 0; k < 2; k++)
                for (int32_t c = 0; c < small.channels; c++) light[k] += rgb[(y * 9 + x + k) * small.channels + c];
            item->print = item->print << 1 | (light[1] > light[0]);
        }
    return CRL_OK;
}

static bool is_wanted(const crew *c, int i)
{
    const cli_lesson *p = &c->lessons->items[i];
    return c->vectors ? !p->broken : cli_lesson_is_examined(p);
}

/* What is known of a file's bytes; else the picture in them, for which there is no vector yet. */
static crl_status load(const crew *c, int i, crl_image *image, bool *known, crl_error *err)
{
    enum { FILE_BYTES = 1 << 29 };
    const crl_image_options options = { .channels = 3, .exif_orientation = true, .least_side = c->work->least_side };
    cli_lesson *item = &c->lessons->items[i];
    const cli_state *s = c->work->state;
    uint8_t *bytes;
    size_t n;
    *known = false;
    crl_status status = cli_read_whole(item->path, FILE_BYTES, &bytes, &n, err);
    if (status) return status;
    const bool remembers = s && c->vectors;
    if (remembers) item->content = cli_content_of(bytes, n);
    const int64_t at = remembers ? cli_state_find(s, &item->content) : -1;
    *known = at >= 0;
    if (*known) {
        item->print = s->items[at].print;
        item->held_out = s->items[at].held_out;
        memcpy(c->vectors + (size_t)i * (size_t)c->size, s->vectors + (size_t)at * s->size, s->size * sizeof *s->vectors);
    } else
        status = crl_image_decode(image, bytes, n, &options, err);
    free(bytes);
    return status ? cli_within(err, status, "%s", item->path) : CRL_OK;
}

/* A picture that cannot be read is passed over; what else fails would fail for the next one too. */
static void do_one(crew *c, worker *w, int i)
{
    crl_error err;
    const crl_results *r;
    cli_lesson *item = &c->lessons->items[i];
    crl_image image = { 0 };
    bool known;
    const int64_t room = cli_room_take(&c->room, cli_room_needed(item->path, c->work->least_side));
    crl_status s = load(c, i, &image, &known, &err);
    item->broken = s != CRL_OK;
    if (!s && !known) s = crl_session_run(w->session, &image, &r, &err);
    if (!s && !known && c->vectors) s = keep_vector(c, i, r, &err);
    if (!s && !known && c->vectors) s = take_print(item, &image, &err);
    if (!s && !c->vectors) keep_judgement(item, r);
    crl_image_fini(&image);
    cli_room_give(&c->room, room);
    pthread_mutex_lock(&c->talk);
    if (s && !item->broken) cli_within(&err, s, "%s: %s", item->path, c->work->name);
    if (s && (item->broken || !atomic_load(&c->failed))) cli_error("%s", err.text); /* what fails for one fails for all, and is said once */
    if (s && !item->broken) atomic_store(&c->failed, true);
    item->done |= !s && c->vectors;
    save_some(c);
    show_progress(c->work->what, atomic_fetch_add(&c->done, 1) + 1, c->all, c->begun_ms);
    pthread_mutex_unlock(&c->talk);
}

static void *work_on(void *user)
{
    worker *w = user;
    crew *c = w->crew;
    for (int i; (i = atomic_fetch_add(&c->next, 1)) < c->lessons->n && !atomic_load(&c->failed) && !cli_signals_came();)
        if (is_wanted(c, i)) do_one(c, w, i);
    return NULL;
}

static int open_sessions(worker *workers, int n, const cli_work *work)
{
    crl_error err;
    crl_session_options o = { .engine = cli_engine_options(work->engine), .purpose = work->purpose, .top_k = CLI_PLACES, .has_threshold = true };
    o.engine.threads = 1;
    for (int i = 0; i < n; i++)
        if (crl_session_open(&workers[i].session, work->model, &o, &err)) return cli_within(&err, err.status, "%s", work->name), cli_failed(&err);
    return CLI_DONE;
}

static int run_crew(crew *c, int threads)
{
    worker *workers = cli_alloc((size_t)threads, sizeof *workers);
    int code = open_sessions(workers, threads, c->work);
    for (int i = 0; i < threads && !code; i++) {
        workers[i].crew = c;
        /* Where the system gives no more threads, this one does the work. */
        if (i) workers[i].started = !pthread_create(&workers[i].thread, NULL, work_on, &workers[i]);
    }
    if (!code) work_on(&workers[0]);
    for (int i = 0; i < threads; i++) {
        if (workers[i].started) pthread_join(workers[i].thread, NULL);
        crl_session_close(workers[i].session);
    }
    free(workers);
    return code ? code : atomic_load(&c->failed) ? CLI_FAILED : CLI_DONE;
}

static int threads_for(const cli_work *work, int pictures)
{
    crl_pool *pool;
    int threads = work->engine->threads;
    if (!threads && !crl_pool_new(&pool, 0, NULL)) {
        threads = crl_pool_threads(pool);
        crl_pool_free(pool);
    }
    if (threads > pictures) threads = pictures;
    return threads > 1 ? threads : 1;
}

static int do_all(cli_lessons *l, const cli_work *work, int32_t size, float *vectors)
{
    crew c = { .lessons = l, .work = work, .size = size, .vectors = vectors, .begun_ms = cli_now_ms(), .kept_ms = cli_now_ms() };
    for (int i = 0; i < l->n; i++) c.all += is_wanted(&c, i);
    if (!c.all) return CLI_DONE;
    pthread_mutex_init(&c.talk, NULL);
    cli_room_init(&c.room);
    const int code = run_crew(&c, threads_for(work, c.all));
    cli_room_fini(&c.room);
    pthread_mutex_destroy(&c.talk);
    return code;
}

int cli_lessons_embed(cli_lessons *l, const cli_work *work, int32_t size, float *vectors)
{
    return do_all(l, work, size, vectors);
}

int cli_lessons_judge(cli_lessons *l, const cli_work *work)
{
    return do_all(l, work, 0, NULL);
}
