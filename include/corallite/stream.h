/* SPDX-License-Identifier: Apache-2.0 */
/* Live pictures: frames of a source, what a session sees in them, and sinks that show or tell it.
 *
 *   crl_source_open, crl_session_open -> crl_stream_new -> crl_stream_add, for each sink -> crl_stream_run -> crl_stream_free
 *
 *   source ──> newest frame ──> session, tracker ──> newest results ─┐
 *                   └────────────────────────────────────────────────┴──> overlay ──> view ──> a queue for each sink
 *
 * A stream goes on: a source that fails is started again, with pauses that grow, and views of its last frame say what is
 * wrong; a sink that fails is started again too, and the others do not notice. What cannot keep up loses frames, the oldest
 * first, and all losses are counted.
 *
 * Threads  crl_stream_run() belongs to one thread and starts the others; several streams run at once, also by one session where they have a
 *          crl_turns for it; each sink has a thread to itself, in which all its
 *          functions are called. Functions that say so may be called by any thread, crl_stream_stop() also in the handler of a
 *          signal.
 * Clock    Times in nanoseconds are those of CLOCK_MONOTONIC. */
#ifndef CORALLITE_STREAM_H
#define CORALLITE_STREAM_H

#include <corallite/session.h>
#include <corallite/tracker.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- sources ----------------------------------------------------------------------------------- */

/* A frame as a source gives it. */
typedef struct crl_grab {
    crl_frame_format format; /* may differ from that of the frame before */
    crl_frame frame;         /* pixels are the source's, until it is given back */
    uint64_t captured_ns;    /* when light fell on it, as near as the source knows */
    uint64_t time_ns;        /* where it stands in the time that it shows, by which things move: captured_ns where that is now, the
                                position in a recording */
    bool end;                /* there is no frame, nor will there be another one */
    void *held;              /* for the source's own use */
    uintptr_t reserved[4];   /* 0 */
} crl_grab;

/* What a source can do. All functions get the `self` that stands beside the type. */
typedef struct crl_source_type {
    const char *kind; /* "camera": a word or two, for sentences */
    bool live;        /* frames come whether they are taken or not, so that some may be left out; else each of them is wanted */
    bool returns;     /* after a failure it is worth another start */
    bool skips;       /* a failure of take() is that of one frame; the next call gives the next one */

    /* Begins to give frames. Called again after a stop(). */
    crl_status (*start)(void *self, crl_error *err);
    /* The next frame, waited for no longer than that. Errors: TIMEOUT (none yet; without a text); all others are failures. */
    crl_status (*take)(void *self, crl_grab *out, int timeout_ms, crl_error *err);
    /* Takes one back: from any thread, in any order, at times after stop(). */
    void (*give_back)(void *self, crl_grab *grab);
    void (*stop)(void *self);
    void (*free)(void *self); /* all grabs have been given back */
    uintptr_t reserved[8];    /* 0 */
} crl_source_type;

typedef struct crl_source {
    const crl_source_type *type;
    void *self;
    uintptr_t reserved[2]; /* 0 */
} crl_source;

/* Zeroes are the defaults. */
typedef struct crl_source_options {
    int32_t width, height; /* wanted; 0: 320 and 240 */
    double fps;            /* wanted; 0: 30, INFINITY: as many as are taken, and none is left out */
    bool has_pixels;       /* `pixels` counts */
    crl_pixels pixels;     /* of raw frames, else I420; of a V4L2 camera no others */
    uint64_t frames;       /* of the test scene, after which it ends; 0: never */
    bool exif_orientation; /* of pictures: turn them as the camera was held */
    uintptr_t reserved[8]; /* 0 */
} crl_source_options;

/**
 * Opens a source by its name:
 *
 *   test      a scene of printed signs that pass by, drawn, those that the built-in models know
 *   -         raw frames on the standard input, of the size and pixels of the options, without gaps
 *   0, /dev/video0      a camera by V4L2: of what it gives, the nearest to what is wanted. NV12, YUYV, UYVY, I420, RGB and grey are
 *                       taken as they are, JPEG is decoded
 *   libcamera, libcamera:NAME   a camera by libcamera, where its GStreamer element is installed
 *   rtsp://.. http://..         a camera of the network
 *   FILE, file://..             a film, at its own speed; with INFINITY as fast as its frames are taken, and all of them
 *
 * The last four stand on GStreamer, which is loaded when they are wanted.
 *
 * Owner   `*out` is for a stream, or for its type's free(); zeroed after a failure. `options` may be NULL.
 * Errors  CRL_ERR_ARGUMENT    an option out of range
 *         CRL_ERR_UNSUPPORTED a name that is none of the above, or GStreamer is not here; what a source itself has to say, it says
 *                             when it is started
 *         CRL_ERR_IO          there is no such file
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_source_open(crl_source *out, const char *name, const crl_source_options *options, crl_error *err);
/* A source of picture files in their order, each as crl_image_load() reads it; they are as far apart as the frames of the options.
 * What cannot be read is left out, and a notice says so. Owner, errors: as above; the paths are copied. */
CRL_API crl_status crl_source_pictures(crl_source *out, const char *const *paths, int32_t n, const crl_source_options *options,
                                       crl_error *err);

/* ---- views and sinks --------------------------------------------------------------------------- */

typedef struct crl_point {
    float x, y; /* in fractions of the picture, from 0 to 1 */
} crl_point;

typedef enum crl_area_kind {
    CRL_AREA_ZONE = 0, /* a polygon: what is inside, what goes in and out */
    CRL_AREA_LINE = 1, /* from one point to another: what crosses it from its left to its right, as one looks along it, goes in, back: out */
    CRL_AREA_MASK = 2  /* a polygon that no sink gets to see: it is black before anything is drawn or compressed */
} crl_area_kind;

/* Part of the picture. A thing is where it stands: in the middle of the lower edge of its box. */
typedef struct crl_area {
    crl_area_kind kind;
    const char *name; /* up to 47 bytes; a mask needs none */
    const crl_point *points; /* [n_points], up to 64 */
    int32_t n_points;
    uintptr_t reserved[4]; /* 0 */
} crl_area;

/* What was counted there since the start. */
typedef struct crl_area_count {
    crl_area_kind kind;
    const char *name;
    uint64_t in, out;
    int32_t now; /* in a zone */
    uintptr_t reserved[4]; /* 0 */
} crl_area_count;

/* How it goes. Frames per second, milliseconds of detection and both latencies are those of the last 15 views; medians are of the
 * last 512. */
typedef struct crl_stream_counts {
    uint64_t taken;       /* frames that the source gave */
    uint64_t played;      /* views of frames, without those that show one again */
    uint64_t detected;    /* frames that the model has seen */
    uint64_t not_played;  /* a newer frame came first */
    uint64_t not_detected;
    uint64_t not_delivered; /* views that a sink was too slow for, or down */
    uint64_t losses;        /* of the source */
    double playback_fps, detection_fps; /* 0: not known yet */
    double detection_ms;    /* of one frame: into the input, the model, and reading its outputs */
    double latency_ms;      /* from capture to the view of the frame being drawn, the median */
    double overlay_ms;      /* from the capture of a frame until what was seen in it is drawn first, the median, */
    double overlay_p90_ms;  /* and what nine of ten do not exceed */
    uintptr_t reserved[8];  /* 0 */
} crl_stream_counts;

typedef struct crl_stream crl_stream;
enum { CRL_STREAM_LESSONS = 9 };

/* A frame with what is known. All that pointers lead to is the stream's, as long as the call of a sink lasts. */
typedef struct crl_view {
    uint64_t number;      /* of the frame, from 0, in the order in which the source gave them */
    uint64_t time_ns;     /* since the first one, in the time that the source shows */
    uint64_t captured_ns; /* when it was captured, */
    uint64_t drawn_ns;    /* and when this view was ready */
    bool again;           /* the frame had a view already; what is new is the note */
    const crl_image *image; /* RGB, with boxes and numbers drawn; NULL: no sink wants pictures */

    bool fresh;              /* what was seen is in no view before this one */
    uint64_t seen_number;    /* the frame in which it was seen, */
    uint64_t seen_time_ns;   /* when that is, */
    uint64_t seen_captured_ns; /* and when it was captured */
    crl_purpose purpose;     /* UNKNOWN: nothing yet, for there was no result so far */
    const crl_track *tracks; /* DETECT: what is there, by numbers, */
    int32_t n_tracks;
    const crl_track *gone;   /* and, where `fresh`, what is no longer */
    int32_t n_gone;
    const crl_class *classes; /* CLASSIFY: best first */
    int32_t n_classes;
    const crl_pose *poses;    /* POSE: best first */
    int32_t n_poses;
    const crl_labels *labels; /* NULL: there are none */
    uint64_t input_ns, run_ns, read_ns; /* as in crl_results */

    crl_stream_counts counts;
    const char *note;      /* what is wrong, for people; NULL: all is well */
    const crl_area_count *areas; /* as in the stream's options */
    int32_t n_areas;
    const uint32_t *zones; /* [n_tracks] bits of areas[0..31] in which each track is; NULL: there are no areas */
    const crl_class *kinds; /* [n_tracks] what the classifier of the options says of each, index -1: nothing; NULL: there is none */
    const crl_labels *kind_labels; /* of that; NULL: there are none */
    int32_t second_from;    /* classes from here on are the second detector's, whose 0 it is; 0: there is one detector */
    const int32_t *lessons; /* [CRL_STREAM_LESSONS] pictures that a class of the options' teacher has, -1 where there is no such class; NULL: nobody
                               is taught */
    crl_stream *stream;     /* for what any thread may call */
    uintptr_t reserved[3]; /* 0 */
} crl_view;

/* What a sink can do. All functions get the `self` that stands beside the type, in the sink's own thread, but for free(). */
typedef struct crl_sink_type {
    const char *kind; /* "web page": a word or two, for sentences */
    bool pictures;    /* it wants view->image */
    bool returns;     /* after a failure it is worth another start */
    int32_t queue;    /* views that may wait for it at most; 0: 2 */
    /* NULL: there is nothing to do. Called again after a stop(). TIMEOUT asks for another call, so that the stream may end in between. */
    crl_status (*start)(void *self, crl_error *err);
    /* Takes a view. It may take its time: views wait, and then fall out. Errors are failures, but TIMEOUT, which asks for another
     * call with the same view, so that the stream may end in between, and CANCELLED, which asks for the end of the stream, as a
     * closed window does: both without a text. */
    crl_status (*show)(void *self, const crl_view *view, crl_error *err);
    /* While no view comes, every 50 ms or so; NULL: there is nothing to do. As show(). */
    crl_status (*idle)(void *self, crl_error *err);
    /* Finishes what was begun: files are whole after it. NULL: there is nothing to do. */
    crl_status (*stop)(void *self, crl_error *err);
    void (*free)(void *self);
    uintptr_t reserved[8]; /* 0 */
} crl_sink_type;

typedef struct crl_sink {
    const crl_sink_type *type;
    void *self;
    uintptr_t reserved[2]; /* 0 */
} crl_sink;

/* A line of JSON for each frame that was looked at, written to a file descriptor, which stays open:
 *
 *   {"frame": n, "time": seconds since the first, "results": [{"index", "label", "score", "box": [x0, y0, x1, y1], "id"}],
 *    "gone": [id], "detection_ms": x, "overlay_ms": x}
 *
 * "results" as `crl_session_json()` has them, but "id" of tracks; "note" where one is. Errors: MEMORY. */
CRL_API crl_status crl_sink_json(crl_sink *out, int descriptor, crl_error *err);
/* Every view as a file FOLDER/000000.jpg, numbered as frames are; `suffix` as in crl_image_save(). The folder is there. Errors: those of
 * crl_image_can_save(), MEMORY. */
CRL_API crl_status crl_sink_files(crl_sink *out, const char *folder, const char *suffix, crl_error *err);
/* A film of views: MP4 or Matroska, as the path ends (.mp4, .mkv). After a failure, such as a full disk, it goes on with another
 * file, PATH-2.mp4. Stands on GStreamer. Errors: ARGUMENT (another ending), UNSUPPORTED (no GStreamer here, or no encoder), MEMORY. */
CRL_API crl_status crl_sink_film(crl_sink *out, const char *path, crl_error *err);

/* For others of the network to watch: rtsp://name:password@host:port/path, of which rtsp:// is enough, for 127.0.0.1,
 * 8554 and live. Everybody who knows name and password may look; without them only this machine is listened to. It is
 * encoded while somebody looks. Stands on gst-rtsp-server. Errors: ARGUMENT (no such address; no password), UNSUPPORTED
 * (it is not here, or no encoder), MEMORY; at the start IO, such as a port in use. */
CRL_API crl_status crl_sink_rtsp(crl_sink *out, const char *url, crl_error *err);

typedef struct crl_mqtt_options {
    const char *broker;    /* mqtt://name:password@host:port/topic, mqtts:// by TLS; the host alone is enough, the topic is "corallite" then */
    const char *camera;    /* its name in topics; NULL: "camera" */
    const char *discovery; /* the topic by which Home Assistant finds it; NULL: "homeassistant", empty: none */
    bool one_of_several;   /* TOPIC/CAMERA/available stands for this camera, since TOPIC/available would be that of all */
    uintptr_t reserved[7]; /* 0 */
} crl_mqtt_options;
/* What happens, for a broker: topics and messages are those of Frigate (TOPIC/events: new, update, end; TOPIC/available with a last will;
 * TOPIC/CAMERA/LABEL: how many), and Home Assistant finds them. Stands on libmosquitto. A broker that goes is waited for. Errors: ARGUMENT (no
 * address), UNSUPPORTED (no libmosquitto here), MEMORY; at the start IO, where no broker answers. */
CRL_API crl_status crl_sink_mqtt(crl_sink *out, const crl_mqtt_options *options, crl_error *err);

typedef enum crl_terminal {
    CRL_TERMINAL_AUTO = 0,   /* what the terminal says of itself in the environment */
    CRL_TERMINAL_BLOCKS = 1, /* two pixels to a character, in 24-bit colour: all of today's */
    CRL_TERMINAL_KITTY = 2,  /* the graphics protocol of kitty: Ghostty and WezTerm, too */
    CRL_TERMINAL_SIXEL = 3   /* foot, mlterm, xterm -ti vt340 */
} crl_terminal;
/* The picture in a terminal, also over SSH, on its other screen. The descriptor stays open. Errors: ARGUMENT, MEMORY. */
CRL_API crl_status crl_sink_terminal(crl_sink *out, int descriptor, crl_terminal how, crl_error *err);

/* A window on the screen, which q, Esc and its cross close: that ends the stream. 1 to 9 are lessons
 * (crl_stream_teach). Stands on SDL 2. Errors: UNSUPPORTED (no SDL here), MEMORY; at the start DEVICE, where there is
 * no screen. */
CRL_API crl_status crl_sink_window(crl_sink *out, const char *title, crl_error *err);

/* Zeroes are the defaults. */
typedef struct crl_web_options {
    const char *address; /* to listen at, "127.0.0.1" or "::1"; NULL: 127.0.0.1. "0.0.0.0" is all of this machine's */
    int32_t port;        /* 0: 8080 */
    const char *token;   /* what a visitor has to know; NULL: none at loopback addresses, else one that is made up */
    crl_stream *stream;  /* that the page may pause and set the threshold of; NULL: it may not */
    const char *camera;  /* its name, up to 32 letters: cameras with names that have the same address and port share a
                            page; NULL: it is alone there */
    uintptr_t reserved[7]; /* 0 */
} crl_web_options;

/**
 * A page on the web, for any number of visitors up to 16: the picture as it plays, what is seen, a chart of latency and rates, a slider
 * for the threshold, and a pause. /stream.mjpg, /snapshot.jpg, /events (server-sent events: the lines of crl_sink_json()), /status and
 * /metrics (for Prometheus) are there for programs. Stands on libmicrohttpd. Pictures are compressed only while somebody looks.
 *
 * Cameras with names, of one program, meet at one address: / shows all of them, /CAMERA/ has what was said above for one, /status and /metrics
 * are those of all.
 *
 * `url`, of 160 bytes, gets the address of the page with its token.
 *
 * It is there from now on. Errors: ARGUMENT (no address, no port), UNSUPPORTED (no libmicrohttpd here), IO (such as a port in use), MEMORY.
 */
CRL_API crl_status crl_sink_web(crl_sink *out, const crl_web_options *options, char *url, crl_error *err);

/* ---- the stream -------------------------------------------------------------------------------- */

typedef enum crl_stream_mode {
    CRL_STREAM_ASYNC = 0, /* frames are played as they come; the newest is looked at, and what was seen last is drawn */
    CRL_STREAM_SYNC = 1   /* each frame is looked at before it is played, and the next one is taken after that */
} crl_stream_mode;

/* Streams that look by one session, so that its weights are in memory once, and its device serves all of them: they take turns, in
 * the order in which they come. Borrowed by the streams, which are freed before. Errors: MEMORY. */
typedef struct crl_turns crl_turns;
CRL_API crl_status crl_turns_new(crl_turns **out, crl_error *err);
CRL_API void crl_turns_free(crl_turns *turns); /* accepts NULL */

/* Called by the thread of crl_stream_run(), once for every 15 views of frames. */
typedef void crl_stream_report_fn(void *user, const crl_stream_counts *counts);

/* Who learns classes while a stream runs, from frames that are given to them: crl_stream_teach(). The session is for
 * vectors then (EMBED), and what is seen goes by as CLASSIFY. */
typedef struct crl_teacher {
    /* Looks at the vector [n] of each frame that was looked at, in the thread that looks. `lesson` is the class that
     * the frame was given to, from 1 on; 0: none. Writes up to `room` classes, best first, and their number; `*learnt`,
     * which is false, says that the picture counts for its class. An error ends the stream. */
    crl_status (*see)(void *user, const crl_grab *frame, const float *vector, size_t n, int32_t lesson, crl_class *out, int32_t room, int32_t *n_out,
                      bool *learnt, crl_error *err);
    const crl_labels *labels; /* of classes: lesson 1 is class 0 */
    int32_t n_lessons;        /* up to CRL_STREAM_LESSONS */
    int32_t pictures[CRL_STREAM_LESSONS]; /* that classes have at the start */
    void *user;
    uintptr_t reserved[8]; /* 0 */
} crl_teacher;

/* Zeroes are the defaults. */
typedef struct crl_stream_options {
    crl_stream_mode mode; /* SYNC also where the source is not live */
    uint64_t frames;      /* to be played, after which the stream ends; 0: until the source does */
    bool plain;           /* no numbers are drawn, only what was seen */
    bool patient;         /* what does not start is tried again, as what was lost: the source and sinks that can return */
    float threshold;      /* of detections; 0: 0.5 */
    int32_t top_k;        /* tracks shown at most, the best; 0: 10 */
    crl_tracker_options tracker; /* `high` is the threshold where it is 0 */
    crl_notice_fn *notice;       /* by any thread of the stream, one at a time; NULL: nothing is said */
    crl_stream_report_fn *report; /* NULL: nobody wants to know */
    void *user;                  /* for both */
    const crl_area *areas;       /* [n_areas], up to 32; copied */
    int32_t n_areas;
    /* Where the session is a detector's. Both are borrowed as it is, and chosen; NULL: none. */
    crl_session *second;         /* another detector that looks at the same frames: what both find is tracked and shown together */
    crl_session *classifier;     /* looks at what is in the box of each track that is shown */
    int16_t tiles_x, tiles_y;    /* detectors look at so many tiles of the frame, too, up to 8 in a row and in a column, which overlap; for
                                    things that are small in it. 0, 1: at the frame alone */
    const crl_teacher *teacher;  /* borrowed; NULL: nobody is taught */
    crl_turns *turns;            /* of the streams that look by this session; NULL: it is this stream's alone */
    uintptr_t reserved[11];      /* 0 */
} crl_stream_options;

/**
 * Makes a stream. Nothing is started.
 *
 * `session` is for classes, detections or poses, and chosen. Of detections it had better give all that score 0.1, and more than
 * will be shown: the tracker goes on with the poor ones.
 *
 * Owner   `*out` is the caller's, for crl_stream_free(); NULL after a failure. The source is the stream's, also after a failure;
 *         the session is borrowed, and nobody else uses it meanwhile but other streams with the same `turns`.
 * Errors  CRL_ERR_ARGUMENT an option is out of range, or a reserved word not 0; CRL_ERR_UNSUPPORTED a session for something else;
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_stream_new(crl_stream **out, const crl_source *source, crl_session *session,
                                  const crl_stream_options *options, crl_error *err);
/* Adds a sink, which is the stream's from now on, also after a failure. Not while it runs. Errors: MEMORY. */
CRL_API crl_status crl_stream_add(crl_stream *stream, const crl_sink *sink, crl_error *err);
/**
 * Runs until the source ends, the frames of the options are played, somebody stops it, or nothing can go on. Then sinks have
 * got what was waiting for them, for a second at most where somebody stops it or the source is live, and are stopped. Once for each stream.
 *
 * Errors  of the source or a sink that did not start, of a session that failed, of the last sink that can do no more.
 */
CRL_API crl_status crl_stream_run(crl_stream *stream, crl_error *err);
/* Makes it end soon. Any thread; also before it runs; safe in handlers of signals. */
CRL_API void crl_stream_stop(crl_stream *stream);
/* While it is paused frames are taken, but neither looked at nor played. Any thread. */
CRL_API void crl_stream_pause(crl_stream *stream, bool paused);
CRL_API bool crl_stream_paused(const crl_stream *stream);
/* Another threshold of detections, from the next frame on, for which numbers begin anew: none is used twice. Any thread. Errors:
 * ARGUMENT (no number from 0 to 1). */
CRL_API crl_status crl_stream_set_threshold(crl_stream *stream, float threshold, crl_error *err);
CRL_API float crl_stream_threshold(const crl_stream *stream);
/* Gives the next frame that is looked at to a class, from 1 on. Any thread. Errors: ARGUMENT (no such class, or nobody is taught). */
CRL_API crl_status crl_stream_teach(crl_stream *stream, int32_t lesson, crl_error *err);
/* Any thread. */
CRL_API void crl_stream_counts_now(crl_stream *stream, crl_stream_counts *out);
CRL_API void crl_stream_free(crl_stream *stream); /* accepts NULL */

#ifdef __cplusplus
}
#endif
#endif
