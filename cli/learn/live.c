/* SPDX-License-Identifier: Apache-2.0 */
/* Teaching by showing: see live.h.
 *
 * A picture that is given to a class is a file in the folder of that class, so that all that is there can be looked at,
 * sorted, and learnt from again; what is recognised meanwhile goes by imprinting, which takes no time. The model is
 * made of the folder when the stream has ended. */
#include "learn/live.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <corallite/stream.h>

#include "io/outputs.h"
#include "io/say.h"
#include "learn/learn.h"
#include "watch/watch.h"

static const cli_option options[] = {
    { "from-watch", 0, CLI_TEXT, offsetof(cli_live_settings, source), "SOURCE",
      "a camera, or another source of watch: the keys 1 to 9 in the window, or buttons on the page, give the present "
      "picture to a class, whose folder in FOLDER it "
      "goes to; what is recognised is shown at once, and the model is written at the end" },
    { "names", 0, CLI_TEXT, offsetof(cli_live_settings, names), "NAME,NAME",
      "what 1, 2, and so on stand for, behind the classes that FOLDER has",
      .without = "1 to 9, where FOLDER has no class" },
    { "display", 0, CLI_TEXTS, offsetof(cli_live_settings, displays), "WHERE",
      "window, or web (a page, at http://127.0.0.1:8080/); may be given again", .without = "window" },
    { "port", 0, CLI_INT, offsetof(cli_live_settings, port), "N", "of --display web", .preset = "8080", .min = 1,
      .max = 65535 },
    { "address", 0, CLI_TEXT, offsetof(cli_live_settings, address), "ADDRESS", "of --display web, as for watch",
      .preset = "127.0.0.1" },
    { "token", 0, CLI_TEXT, offsetof(cli_live_settings, token), "TEXT", "of --display web, as for watch",
      .without = "none at 127.0.0.1, else one is made up" },
    { "width", 0, CLI_INT, offsetof(cli_live_settings, width), "N", "pixels in a row of a frame", .preset = "320",
      .min = 1, .max = 65535 },
    { "height", 0, CLI_INT, offsetof(cli_live_settings, height), "N", "rows of a frame", .preset = "240", .min = 1,
      .max = 65535 },
    { "frames", 'n', CLI_INT, offsetof(cli_live_settings, frames), "N", "end after N frames",
      .without = "when the window is closed, or at Ctrl-C", .min = 1 },
    { 0 },
};
const cli_group cli_live_group = { "From a camera", options };

typedef struct live {
    cli_learning *w;
    char *names[CRL_STREAM_LESSONS];
    crl_labels *labels;
    crl_teacher teacher;
    /* Of the thread that looks, once the stream runs. */
    float *vectors; /* [n][size] of `room` */
    int32_t *classes_of;
    int32_t n, room;
    float *weights; /* [n_lessons][size] */
    float scale;
    crl_image image;
    bool stopped; /* by a signal */
} live;

/* ---- classes ---- */

static int32_t find(const live *l, const char *name)
{
    for (int32_t i = 0; i < l->teacher.n_lessons; i++)
        if (!strcmp(l->names[i], name)) return i;
    return -1;
}

static int add_name(live *l, const char *name)
{
    if (find(l, name) >= 0) return CLI_DONE;
    if (l->teacher.n_lessons == CRL_STREAM_LESSONS) {
        cli_error("--from-watch: %s is class number %d; there are keys for %d", name, CRL_STREAM_LESSONS + 1, CRL_STREAM_LESSONS);
        return CLI_USAGE;
    }
    l->names[l->teacher.n_lessons++] = cli_format("%s", name);
    return CLI_DONE;
}

/* A name is a folder's. */
static bool is_name(const char *name)
{
    if (!*name || *name == '.' || strlen(name) > 64 || strchr(name, '/')) return false;
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p < ' ') return false;
    return true;
}

static int add_given(live *l, const char *list)
{
    int code = CLI_DONE;
    char *text = cli_format("%s", list), *rest = text;
    while (rest && !code) {
        char *comma = strchr(rest, ','), *name = rest;
        rest = comma ? comma + 1 : NULL;
        if (comma) *comma = 0;
        if (is_name(name)) code = add_name(l, name);
        else {
            cli_error("--names %s: \"%s\" can be no folder's name", list, name);
            code = CLI_USAGE;
        }
    }
    free(text);
    return code;
}

static int name_classes(live *l)
{
    int code = CLI_DONE;
    for (uint32_t i = 0; i < l->w->state.n_labels && !code; i++) code = add_name(l, l->w->state.labels[i]);
    for (int i = 0; i < l->w->pictures.n_labels && !code; i++) code = add_name(l, l->w->pictures.labels[i]);
    if (!code && l->w->settings->live.names) code = add_given(l, l->w->settings->live.names);
    const bool none = !l->teacher.n_lessons;
    for (int i = 1; none && i <= CRL_STREAM_LESSONS; i++) {
        char digit[2] = { (char)('0' + i), 0 };
        add_name(l, digit);
    }
    if (code) return code;
    crl_error err;
    char *text = cli_format("%s", "");
    for (int32_t i = 0; i < l->teacher.n_lessons; i++) {
        char *longer = cli_format("%s%d  %s\n", text, i, l->names[i]);
        free(text);
        text = longer;
    }
    const crl_status s = crl_labels_parse(&l->labels, text, strlen(text), &err);
    free(text);
    l->teacher.labels = l->labels;
    return s ? cli_failed(&err) : CLI_DONE;
}

/* ---- vectors ---- */

static void make_room(live *l, int32_t more)
{
    if (l->n + more <= l->room) return;
    const size_t size = (size_t)l->w->size;
    l->room = 2 * (l->n + more);
    float *vectors = cli_alloc((size_t)l->room * size, sizeof *vectors);
    int32_t *classes_of = cli_alloc((size_t)l->room, sizeof *classes_of);
    if (l->n) memcpy(vectors, l->vectors, (size_t)l->n * size * sizeof *vectors);
    if (l->n) memcpy(classes_of, l->classes_of, (size_t)l->n * sizeof *classes_of);
    free(l->vectors);
    free(l->classes_of);
    l->vectors = vectors, l->classes_of = classes_of;
}

static void imprint(live *l)
{
    l->scale = crl_imprint_scale(l->vectors, l->classes_of, l->n, l->w->size, l->teacher.n_lessons);
    crl_imprint(l->vectors, l->classes_of, l->n, l->w->size, l->teacher.n_lessons, l->scale, l->weights);
}

static void add_vector(live *l, const float *vector, int32_t class)
{
    make_room(l, 1);
    memcpy(l->vectors + (size_t)l->n * (size_t)l->w->size, vector, (size_t)l->w->size * sizeof *vector);
    l->classes_of[l->n++] = class;
}

/* What --state knows of pictures that are no longer there. */
static void add_known(live *l)
{
    const cli_state *s = &l->w->state;
    for (uint32_t i = 0; i < s->n; i++) {
        const int32_t class = find(l, s->labels[s->items[i].label]);
        if (class < 0 || !access(s->items[i].path, F_OK)) continue;
        add_vector(l, s->vectors + (size_t)i * s->size, class);
        l->teacher.pictures[class]++;
    }
}

/* What the folder has already counts as if it had just been shown. */
static int look_at_folder(live *l)
{
    cli_learning *w = l->w;
    cli_lessons *p = &w->pictures;
    const cli_work work = { crl_extractor_model(w->seeing), w->base.name, CRL_PURPOSE_EMBED, &w->settings->engine, "looking", 0, NULL, NULL, NULL };
    l->weights = cli_alloc((size_t)l->teacher.n_lessons * (size_t)w->size, sizeof *l->weights);
    add_known(l);
    if (l->n) imprint(l);
    if (!p->n) return CLI_DONE;
    float *vectors = cli_alloc((size_t)p->n * (size_t)w->size, sizeof *vectors);
    const int code = cli_lessons_embed(p, &work, w->size, vectors);
    for (int i = 0; i < p->n && !code; i++) {
        const int32_t class = find(l, p->labels[p->items[i].label]);
        if (p->items[i].broken || class < 0) continue;
        add_vector(l, vectors + (size_t)i * (size_t)w->size, class);
        l->teacher.pictures[class]++;
    }
    free(vectors);
    imprint(l);
    return code;
}

/* ---- while it runs ---- */

/* FOLDER/CLASS/000007.png, of which there is none yet. */
static crl_status save(live *l, const crl_grab *frame, int32_t class, crl_error *err)
{
    char *folder = cli_format("%s/%s", l->w->data, l->names[class]), *path = NULL;
    crl_status s = cli_make_folder(folder, err);
    for (int i = l->teacher.pictures[class] + 1; !s && (!path || !access(path, F_OK)); i++) {
        free(path);
        path = cli_format("%s/%06d.png", folder, i);
    }
    if (!s && (l->image.width != frame->format.width || l->image.height != frame->format.height)) {
        crl_image_fini(&l->image);
        s = crl_image_init(&l->image, frame->format.width, frame->format.height, 3, err);
    }
    if (!s) s = crl_frame_to_image(&l->image, &frame->format, &frame->frame, err);
    if (!s) s = cli_image_save(&l->image, path, err);
    free(folder);
    free(path);
    return s;
}

/* The probabilities of the classes that have pictures, the best first. One class alone is no choice. */
static int32_t recognise(const live *l, const float *vector, crl_class *out, int32_t room)
{
    float logits[CRL_STREAM_LESSONS];
    crl_class all[CRL_STREAM_LESSONS];
    const crl_last_layer layer = { .classes = l->teacher.n_lessons, .size = l->w->size, .weights = l->weights, .normalise = true };
    double sum = 0, most = -INFINITY;
    int32_t known = 0, n = 0;
    crl_last_layer_run(&layer, vector, logits);
    for (int32_t i = 0; i < layer.classes; i++)
        if (l->teacher.pictures[i]) known++, most = fmax(most, (double)logits[i]);
    if (known < 2) return 0;
    for (int32_t i = 0; i < layer.classes; i++)
        if (l->teacher.pictures[i]) sum += exp((double)logits[i] - most);
    for (int32_t i = 0; i < layer.classes; i++) {
        const crl_class c = { .index = i, .score = (float)(exp((double)logits[i] - most) / sum) };
        if (!l->teacher.pictures[i]) continue;
        int32_t at = n++;
        for (; at > 0 && all[at - 1].score < c.score; at--) all[at] = all[at - 1];
        all[at] = c;
    }
    if (n > room) n = room;
    memcpy(out, all, (size_t)n * sizeof *out);
    return n;
}

/* A picture that cannot be kept is said, and the rest goes on. */
static crl_status see(void *user, const crl_grab *frame, const float *vector, size_t n, int32_t lesson, crl_class *out,
                      int32_t room, int32_t *n_out, bool *learnt, crl_error *err)
{
    live *l = user;
    crl_error why;
    if (n != (size_t)l->w->size) return cli_fail(err, CRL_ERR_UNSUPPORTED, "a vector of %zu numbers, where %d are expected", n, l->w->size);
    if (lesson && save(l, frame, lesson - 1, &why)) cli_failed(&why);
    else if (lesson) {
        add_vector(l, vector, lesson - 1);
        imprint(l);
        l->teacher.pictures[lesson - 1]++;
        *learnt = true;
        cli_note("%s has %d picture%s", l->names[lesson - 1], l->teacher.pictures[lesson - 1], l->teacher.pictures[lesson - 1] == 1 ? "" : "s");
    }
    *n_out = recognise(l, vector, out, room);
    return CRL_OK;
}

static void notice(void *user, const crl_notice *n)
{
    (void)user;
    if (n->kind == CRL_NOTICE_SOURCE_BACK || n->kind == CRL_NOTICE_SINK_BACK) cli_note("%s", n->text);
    else cli_warning("%s", n->text);
}

/* A sink that ends the stream at a signal, so that the model is written then. */
static crl_status look_for_signal(void *self, crl_error *err)
{
    live *l = self;
    (void)err;
    l->stopped = cli_signals_came();
    return l->stopped ? CRL_ERR_CANCELLED : CRL_OK;
}

static crl_status show(void *self, const crl_view *view, crl_error *err)
{
    (void)view;
    return look_for_signal(self, err);
}

static void release_nothing(void *self)
{
    (void)self;
}

static int add_sinks(live *l, crl_stream *stream)
{
    static const crl_sink_type ending = { .kind = "Ctrl-C", .show = show, .idle = look_for_signal, .free = release_nothing };
    static const char *window[] = { "window" };
    const cli_live_settings *s = &l->w->settings->live;
    crl_error err;
    cli_watch_talk talk = { .quiet = true };
    cli_watch_settings w = { .displays = s->displays, .address = s->address, .token = s->token, .port = s->port };
    if (!w.displays.n) w.displays = (cli_list){ window, 1 };
    if (crl_stream_add(stream, &(crl_sink){ .type = &ending, .self = l }, &err)) return cli_failed(&err);
    return cli_watch_add_sinks(stream, &w, s->source, &talk);
}

static int run(live *l, crl_session *session)
{
    const cli_live_settings *s = &l->w->settings->live;
    crl_error err;
    crl_source source;
    crl_stream *stream = NULL;
    cli_watch_talk talk = { .quiet = true };
    const cli_watch_settings w = { .width = s->width, .height = s->height, .fps = NAN };
    const crl_stream_options o = { .frames = (uint64_t)s->frames, .plain = true, .notice = notice, .teacher = &l->teacher };
    int code = cli_watch_open_source(&source, &w, s->source, &talk);
    if (!code && crl_stream_new(&stream, &source, session, &o, &err)) code = cli_failed(&err);
    cli_signals_wait(); /* before the first sink is there, which may be asked to end as soon as it is */
    if (!code) code = add_sinks(l, stream);
    if (!code && crl_stream_run(stream, &err)) code = cli_failed(&err);
    cli_signals_forget();
    crl_stream_free(stream);
    return code;
}

static int open_and_run(live *l)
{
    crl_error err;
    crl_session *session;
    const crl_session_options o = { .engine = cli_engine_options(&l->w->settings->engine), .purpose = CRL_PURPOSE_EMBED };
    if (crl_session_open(&session, crl_extractor_model(l->w->seeing), &o, &err))
        return cli_within(&err, err.status, "%s", l->w->base.name), cli_failed(&err);
    const int code = run(l, session);
    crl_session_close(session);
    return code;
}

/* The classes of the folder, if it has any. It is made where there is none. */
static int list_folder(live *l)
{
    crl_error err;
    struct stat st;
    cli_learning *w = l->w;
    const cli_lessons_options all = { .max_per_class = w->settings->max_per_class };
    if (!stat(w->data, &st) && !S_ISDIR(st.st_mode)) {
        cli_error("--from-watch: pictures go into a folder, and %s is a file", w->data);
        return CLI_USAGE;
    }
    if (cli_make_folder(w->data, &err)) return cli_failed(&err);
    return cli_lessons_any(w->data) ? cli_lessons_list(&w->pictures, w->data, &all) : CLI_DONE;
}

/* Who sees no picture gives none to a class. */
static int check_display(const cli_list *displays)
{
    bool seen = !displays->n;
    for (int i = 0; i < displays->n; i++) seen |= strcmp(displays->items[i], "none") != 0;
    if (seen) return CLI_DONE;
    cli_error("--display none: nobody can give pictures to classes then; window or web, or a folder of pictures without --from-watch");
    return CLI_USAGE;
}

int cli_learn_live(cli_learning *w)
{
    live *l = cli_alloc(1, sizeof *l);
    *l = (live){ .w = w };
    l->teacher.see = see;
    l->teacher.user = l;
    int code = check_display(&w->settings->live.displays);
    if (!code) code = list_folder(l);
    if (!code) code = name_classes(l);
    if (!code) code = look_at_folder(l);
    cli_lessons_release(&w->pictures); /* listed anew when all have been shown */
    if (!code) code = open_and_run(l);
    int32_t pictures = 0;
    for (int32_t i = 0; i < l->teacher.n_lessons; i++) pictures += l->teacher.pictures[i];
    if (!code && !pictures) {
        cli_error("--from-watch: no picture was given to a class; the keys 1 to %d do that", l->teacher.n_lessons);
        code = CLI_FAILED;
    }
    for (int32_t i = 0; i < l->teacher.n_lessons; i++) free(l->names[i]);
    crl_labels_free(l->labels);
    crl_image_fini(&l->image);
    free(l->vectors);
    free(l->classes_of);
    free(l->weights);
    free(l);
    return code;
}
