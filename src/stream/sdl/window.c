/* SPDX-License-Identifier: Apache-2.0 */
/* The module of SDL 2: the sink that is a window. */
#include <SDL.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream/module.h"

static const crl_host *lent;

typedef struct window {
    char *title;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    int32_t width, height; /* of the texture */
    bool whole;            /* the screen */
    crl_stream *stream;    /* that is shown; NULL: nothing yet */
} window;

static crl_status fail(crl_error *err, const char *what)
{
    return lent->fail(err, CRL_ERR_DEVICE, "%s (%s); without a screen there are --display web and --display none", what, SDL_GetError());
}

/* Small pictures are shown larger: by a whole number, as long as the window fits a screen of 1280 x 800. */
static int scale_for(int32_t width, int32_t height)
{
    int scale = 1;
    while ((scale + 1) * width <= 1280 && (scale + 1) * height <= 800 && scale < 4) scale++;
    return scale;
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

/* Without a screen SDL shows windows to nobody. A Pi without a desktop has one by its graphics card. */
static bool has_screen(void)
{
    return is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") || is_set("SDL_VIDEODRIVER") || !access("/dev/dri/card0", R_OK | W_OK);
}

static crl_status start(void *self, crl_error *err)
{
    (void)self;
    if (!has_screen()) {
        SDL_SetError("neither $DISPLAY nor $WAYLAND_DISPLAY is set");
        return fail(err, "no window can be opened");
    }
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1"); /* Ctrl-C is the program's */
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    return SDL_Init(SDL_INIT_VIDEO) ? fail(err, "no window can be opened") : CRL_OK;
}

static crl_status open_window(window *w, const crl_image *image, crl_error *err)
{
    const int scale = scale_for(image->width, image->height);
    w->window = SDL_CreateWindow(w->title, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, scale * image->width,
                                 scale * image->height, SDL_WINDOW_RESIZABLE);
    if (!w->window) return fail(err, "no window can be opened");
    w->renderer = SDL_CreateRenderer(w->window, -1, 0);
    if (!w->renderer) w->renderer = SDL_CreateRenderer(w->window, -1, SDL_RENDERER_SOFTWARE);
    return w->renderer ? CRL_OK : fail(err, "nothing can be drawn into a window");
}

static crl_status make_texture(window *w, const crl_image *image, crl_error *err)
{
    if (w->texture && w->width == image->width && w->height == image->height) return CRL_OK;
    if (w->texture) SDL_DestroyTexture(w->texture);
    SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
    w->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB24, SDL_TEXTUREACCESS_STREAMING, image->width, image->height);
    w->width = image->width, w->height = image->height;
    SDL_RenderSetLogicalSize(w->renderer, image->width, image->height); /* the aspect ratio stays, whatever the window's */
    return w->texture ? CRL_OK : fail(err, "nothing can be drawn into a window");
}

/* 1 to 9, on either part of the keyboard; 0: another key. */
static int32_t digit_of(SDL_Keycode key)
{
    if (key >= SDLK_1 && key <= SDLK_9) return (int32_t)(key - SDLK_1) + 1;
    return key >= SDLK_KP_1 && key <= SDLK_KP_9 ? (int32_t)(key - SDLK_KP_1) + 1 : 0;
}

static crl_status look_at_events(window *w)
{
    SDL_Event e;
    while (SDL_PollEvent(&e)) {
        const SDL_Keycode key = e.type == SDL_KEYDOWN ? e.key.keysym.sym : 0;
        if (e.type == SDL_QUIT || key == SDLK_q || key == SDLK_ESCAPE) return CRL_ERR_CANCELLED;
        if (digit_of(key) && !e.key.repeat && w->stream) lent->teach(w->stream, digit_of(key), NULL);
        if (key != SDLK_f && key != SDLK_F11) continue;
        w->whole = !w->whole;
        SDL_SetWindowFullscreen(w->window, w->whole ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    }
    return CRL_OK;
}

static void draw(window *w)
{
    SDL_SetRenderDrawColor(w->renderer, 14, 17, 24, 255);
    SDL_RenderClear(w->renderer);
    if (w->texture) SDL_RenderCopy(w->renderer, w->texture, NULL, NULL);
    SDL_RenderPresent(w->renderer);
}

static crl_status show(void *self, const crl_view *v, crl_error *err)
{
    window *w = self;
    w->stream = v->stream;
    crl_status s = w->window ? CRL_OK : open_window(w, v->image, err);
    if (!s) s = make_texture(w, v->image, err);
    if (s) return s;
    SDL_UpdateTexture(w->texture, NULL, v->image->data, (int)v->image->stride);
    draw(w);
    return look_at_events(w);
}

/* What was covered is drawn again, also while no frame comes. */
static crl_status idle(void *self, crl_error *err)
{
    (void)err;
    window *w = self;
    if (!w->window) return CRL_OK;
    draw(w);
    return look_at_events(w);
}

static crl_status stop(void *self, crl_error *err)
{
    (void)err;
    window *w = self;
    if (w->texture) SDL_DestroyTexture(w->texture);
    if (w->renderer) SDL_DestroyRenderer(w->renderer);
    if (w->window) SDL_DestroyWindow(w->window);
    w->texture = NULL, w->renderer = NULL, w->window = NULL;
    SDL_Quit();
    return CRL_OK;
}

static void free_window(void *self)
{
    window *w = self;
    lent->free(w->title);
    lent->free(w);
}

static crl_status open_sink(crl_sink *out, const void *title, crl_error *err)
{
    static const crl_sink_type type = { .kind = "window",
                                        .pictures = true,
                                        .queue = 1,
                                        .start = start,
                                        .show = show,
                                        .idle = idle,
                                        .stop = stop,
                                        .free = free_window };
    window *w = lent->alloc(sizeof *w);
    const size_t n = strlen(title) + 1;
    if (w) w->title = lent->alloc(n);
    if (!w || !w->title) {
        lent->free(w);
        return lent->fail_memory(err, "a window");
    }
    memcpy(w->title, title, n);
    *out = (crl_sink){ .type = &type, .self = w };
    return CRL_OK;
}

__attribute__((visibility("default"))) const crl_module *crl_module_open(const crl_host *host);

const crl_module *crl_module_open(const crl_host *host)
{
    static const crl_module module = { .abi = CRL_MODULE_ABI, .sink = open_sink };
    lent = host;
    return &module;
}
