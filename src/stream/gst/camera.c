/* SPDX-License-Identifier: Apache-2.0 */
/* V4L2 devices as people meet them: missing, forbidden, busy, or no camera at all. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/videodev2.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stream/gst/gst.h"

char *crl_camera_path(const char *name)
{
    size_t digits = 0;
    while (isdigit((unsigned char)name[digits])) digits++;
    const bool number = digits && digits < 4 && !name[digits];
    if (!number && strncmp(name, "/dev/", 5)) return NULL;
    const size_t size = strlen(name) + sizeof "/dev/video";
    char *path = crl_gst_host->alloc(size);
    if (path) g_snprintf(path, size, "%s%s", number ? "/dev/video" : "", name);
    return path;
}

static bool is_capture(int fd, struct v4l2_capability *c)
{
    *c = (struct v4l2_capability){ 0 };
    if (ioctl(fd, VIDIOC_QUERYCAP, c)) return false;
    const uint32_t has = c->capabilities & V4L2_CAP_DEVICE_CAPS ? c->device_caps : c->capabilities;
    return has & (V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE);
}

/* "/dev/video0 (HD Webcam), /dev/video2 (..)": those that can be opened. */
static int list_cameras(char *buf, size_t size)
{
    int n = 0;
    *buf = 0;
    for (int i = 0; i < 64; i++) {
        char path[32];
        struct v4l2_capability c;
        g_snprintf(path, sizeof path, "/dev/video%d", i);
        const int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) continue;
        const size_t used = strlen(buf);
        if (is_capture(fd, &c)) g_snprintf(buf + used, size - used, "%s%s (%.32s)", n++ ? ", " : "", path, (const char *)c.card);
        close(fd);
    }
    return n;
}

void crl_camera_identify(const char *path, crl_camera_identity *out)
{
    struct v4l2_capability c;
    *out = (crl_camera_identity){ 0 };
    const int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return;
    if (is_capture(fd, &c)) {
        g_snprintf(out->card, sizeof out->card, "%.32s", (const char *)c.card);
        g_snprintf(out->bus, sizeof out->bus, "%.32s", (const char *)c.bus_info);
    }
    close(fd);
}

static bool is_at(const char *path, const crl_camera_identity *known)
{
    crl_camera_identity there;
    crl_camera_identify(path, &there);
    return !strcmp(there.card, known->card) && !strcmp(there.bus, known->bus);
}

char *crl_camera_moved(const char *path, const crl_camera_identity *known)
{
    enum { ROOM = 32 };
    if (!*known->bus || is_at(path, known)) return NULL;
    char *other = crl_gst_host->alloc(ROOM);
    for (int i = 0; other && i < 64; i++) {
        g_snprintf(other, ROOM, "/dev/video%d", i);
        if (is_at(other, known)) return other;
    }
    crl_gst_host->free(other);
    return NULL;
}

static crl_status missing(const char *path, crl_error *err)
{
    char others[160];
    if (list_cameras(others, sizeof others)) return crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: there is no such camera; there is %s", path, others);
    return crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: there is no such camera, and no other one: plug one in, or try 'corallite watch test'", path);
}

static crl_status forbidden(const char *path, const struct stat *st, crl_error *err)
{
    const struct group *g = getgrgid(st->st_gid);
    const struct passwd *p = getpwuid(geteuid());
    if (!g || !(st->st_mode & 060)) return crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: %s", path, strerror(EACCES));
    return crl_gst_host->fail(
        err, CRL_ERR_DEVICE,
        "%s: only members of the group \"%s\" may use it; run 'sudo usermod -aG %s %s' and log in again", path,
        g->gr_name, g->gr_name, p ? p->pw_name : "$USER");
}

bool crl_camera_user(const char *path, char *buf, size_t size)
{
    DIR *processes = opendir("/proc");
    bool found = false;
    for (struct dirent *e; processes && !found && (e = readdir(processes));) {
        char folder[300], link[700], target[512];
        if (!isdigit((unsigned char)e->d_name[0]) || atoi(e->d_name) == (int)getpid()) continue;
        g_snprintf(folder, sizeof folder, "/proc/%s/fd", e->d_name);
        DIR *files = opendir(folder);
        for (struct dirent *f; files && !found && (f = readdir(files));) {
            g_snprintf(link, sizeof link, "%s/%s", folder, f->d_name);
            const ssize_t n = readlink(link, target, sizeof target - 1);
            found = n > 0 && (target[n] = 0, !strcmp(target, path));
        }
        if (files) closedir(files);
        if (!found) continue;
        char name[64] = "";
        g_snprintf(link, sizeof link, "/proc/%s/comm", e->d_name);
        const int fd = open(link, O_RDONLY | O_CLOEXEC);
        const ssize_t n = fd < 0 ? 0 : read(fd, name, sizeof name - 1);
        if (fd >= 0) close(fd);
        name[n > 0 ? strcspn(name, "\n") : 0] = 0;
        g_snprintf(buf, size, "%s (%s)", *name ? name : "a process", e->d_name);
    }
    if (processes) closedir(processes);
    return found;
}

crl_status crl_camera_check(const char *path, crl_error *err)
{
    struct stat st;
    struct v4l2_capability c;
    if (stat(path, &st)) return missing(path, err);
    if (!S_ISCHR(st.st_mode)) return crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: not a device", path);
    const int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        char user[96];
        if (errno == EACCES || errno == EPERM) return forbidden(path, &st, err);
        if (errno == EBUSY)
            return crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: %s uses it; end that first", path,
                                      crl_camera_user(path, user, sizeof user) ? user : "another program");
        return crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: %s", path, strerror(errno));
    }
    const bool good = is_capture(fd, &c);
    close(fd);
    if (good) return CRL_OK;
    char others[160];
    const bool any = list_cameras(others, sizeof others);
    return crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: %s; %s%s", path, *c.card ? "a device that gives no pictures" : "not a camera",
                              any ? "cameras are " : "there is no camera", any ? others : "");
}
