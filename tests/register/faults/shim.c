/*
 * Stands between a process and the disk (LD_PRELOAD), for the files of one folder, FAULT_FOLDER.
 *
 * It does two things, each for the process that asks:
 *   trace   append every operation on these files to FAULT_TRACE, in order, with its data, so that
 *           a test can make the image that a power cut at any moment would have left
 *   fail    let the n-th write or fsync fail, once or from then on (fault_arm, called by ctypes)
 *
 * SQLite's shared memory (-shm) is not traced: it means nothing after a restart.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST 4096
enum { NOTHING, WRITES, SYNCS };

static char *paths[MOST]; /* of the files that are watched, by descriptor */
static int fails, failed_at, fault, for_good, halves, seen;

#define REAL(name) ((__typeof__(&name)) real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int watched(const char *path) {
    const char *folder = getenv("FAULT_FOLDER");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static const char *path_of(int fd) { return fd >= 0 && fd < MOST ? paths[fd] : NULL; }

static void forget(int fd) {
    if (fd < 0 || fd >= MOST) return;
    free(paths[fd]);
    paths[fd] = NULL;
}

/* What fails */

/* kind: 1 writes, 2 fsyncs; the n-th from now; code: an errno; half: it writes half first. */
void fault_arm(int kind, int n, int code, int stays, int half) {
    fails = kind, failed_at = n, fault = code, for_good = stays, halves = half, seen = 0;
}

/* Stop failing; say how many operations of the kind there were. */
int fault_disarm(void) {
    fails = NOTHING;
    return seen;
}

static int hit(int kind, const char *path) {
    if (fails != kind || !path) return 0;
    seen++;
    if (seen != failed_at && !(for_good && seen > failed_at)) return 0;
    errno = fault;
    return 1;
}

static int half(void) { return halves && seen == failed_at; }

/* What is traced: op, bytes of path, inode, offset, bytes of data; then path and data. */

static void trace(char op, const char *path, int fd, int64_t at, const void *data, size_t size) {
    static int to = -1;
    int kept = errno;
    if (to < 0) {
        const char *name = getenv("FAULT_TRACE");
        if (!name) return;
        to = REAL(open64)(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        if (to < 0) abort();
    }
    size_t letters = path ? strlen(path) : 0;
    if (letters > 4 && !strcmp(path + letters - 4, "-shm")) return;
    struct stat found = {0};
    if (fd >= 0) fstat(fd, &found);
    struct { int64_t op, path, inode, at, size; } head = {op, letters, found.st_ino, at, size};
    struct iovec parts[] = {{&head, sizeof head}, {(void *) path, letters}, {(void *) data, size}};
    if (writev(to, parts, 3) != (ssize_t) (sizeof head + letters + size)) abort();
    errno = kept;
}

/* Let the worker say something at this moment of the trace: what it has acknowledged. */
void fault_note(const char *text) { trace('A', NULL, -1, 0, text, strlen(text)); }

/* The calls */

static int opened(int fd, const char *path, int flags) {
    if (fd < 0) return fd;
    forget(fd);
    if (!watched(path) || fd >= MOST) return fd;
    paths[fd] = strdup(path);
    if (flags & O_CREAT) trace('O', path, fd, 0, NULL, 0);
    if (flags & O_TRUNC) trace('T', path, fd, 0, NULL, 0);
    return fd;
}

#define OPEN(name)                                                          \
    int name(const char *path, int flags, ...) {                            \
        va_list more;                                                       \
        va_start(more, flags);                                              \
        mode_t mode = va_arg(more, mode_t);                                 \
        va_end(more);                                                       \
        int makes = (flags & O_CREAT) && watched(path) && access(path, F_OK); \
        if (makes && hit(WRITES, path)) return -1;                          \
        return opened(REAL(name)(path, flags, mode), path, flags);          \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    forget(fd);
    return REAL(close)(fd);
}

ssize_t write(int fd, const void *data, size_t size) {
    const char *path = path_of(fd);
    if (hit(WRITES, path)) {
        if (!half() || size < 2) return -1;
        size /= 2;
    }
    int64_t at = path ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t done = REAL(write)(fd, data, size);
    if (path && done > 0) trace('W', path, fd, at, data, done);
    return done;
}

#define PWRITE(name, offset)                                               \
    ssize_t name(int fd, const void *data, size_t size, offset at) {       \
        const char *path = path_of(fd);                                    \
        if (hit(WRITES, path)) {                                           \
            if (!half() || size < 2) return -1;                            \
            size /= 2;                                                     \
        }                                                                  \
        ssize_t done = REAL(name)(fd, data, size, at);                     \
        if (path && done > 0) trace('W', path, fd, at, data, done);        \
        return done;                                                       \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

/* Python copies files by sendfile; traced copies would have no data, so that there it does not. */
#define SENDFILE(name, offset)                                   \
    ssize_t name(int to, int from, offset *at, size_t size) {    \
        if (hit(WRITES, path_of(to))) return -1;                 \
        if (path_of(to) && getenv("FAULT_TRACE")) {              \
            errno = ENOTSOCK;                                    \
            return -1;                                           \
        }                                                        \
        return REAL(name)(to, from, at, size);                   \
    }
SENDFILE(sendfile, off_t)
SENDFILE(sendfile64, off64_t)

#define TRUNCATE(name, offset)                          \
    int name(int fd, offset size) {                     \
        const char *path = path_of(fd);                 \
        if (hit(WRITES, path)) return -1;               \
        int done = REAL(name)(fd, size);                \
        if (path && !done) trace('T', path, fd, size, NULL, 0); \
        return done;                                    \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(name)                                      \
    int name(int fd) {                                  \
        const char *path = path_of(fd);                 \
        if (hit(SYNCS, path)) return -1;                \
        int done = REAL(name)(fd);                      \
        if (path && !done) trace('S', path, fd, 0, NULL, 0); \
        return done;                                    \
    }
SYNC(fsync)
SYNC(fdatasync)

#define NAMES(name, letter)                                                    \
    int name(const char *old, const char *new) {                               \
        if (watched(new) && hit(WRITES, new)) return -1;                       \
        int done = REAL(name)(old, new);                                       \
        if (!done && watched(new)) trace(letter, new, -1, 0, old, strlen(old)); \
        return done;                                                           \
    }
NAMES(rename, 'R')
NAMES(link, 'L')

int unlink(const char *path) {
    int done = REAL(unlink)(path);
    if (!done && watched(path)) trace('U', path, -1, 0, NULL, 0);
    return done;
}
