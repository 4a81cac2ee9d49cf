/* The operating system that CPython finds: an empty read-only file system, standard streams, and virtual clocks and
   randomness. Defining what wasi-libc would import makes the module import nothing of WASI. */

#include <stdint.h>
#include <string.h>
#include <wasi/api.h>

#include "host.h"

#define EPOCH_NS UINT64_C(1767225600000000000) /* 2026-01-01 00:00:00 UTC */
#define TICK_NS 1000                           /* what looking at a clock takes */
#define ROOT_FD 3                              /* the directory "/", which holds nothing */

static uint64_t elapsed_ns;
static uint64_t random_state = 20260101;


static int32_t is_stream(int32_t fd)
{
    return fd >= 0 && fd <= 2;
}

#define WASI(name) int32_t __imported_wasi_snapshot_preview1_##name
#define NOT_HERE(name, ...) WASI(name)(__VA_ARGS__) { return __WASI_ERRNO_NOSYS; }
#define READ_ONLY(name, ...) WASI(name)(__VA_ARGS__) { return __WASI_ERRNO_ROFS; }
#define EMPTY(name, ...) WASI(name)(__VA_ARGS__) { return __WASI_ERRNO_NOENT; }
#define BAD_FD(name, ...) WASI(name)(__VA_ARGS__) { return __WASI_ERRNO_BADF; }

/* Clocks, randomness, processes */

WASI(clock_time_get)(int32_t clock, int64_t precision, int32_t result)
{
    elapsed_ns += TICK_NS;
    *(uint64_t *)result = (clock == 0 ? EPOCH_NS : 0) + elapsed_ns;
    return 0;
}

WASI(clock_res_get)(int32_t clock, int32_t result)
{
    *(uint64_t *)result = TICK_NS;
    return 0;
}

/* splitmix64 (Steele, Lea, Flood 2014) */
WASI(random_get)(int32_t place, int32_t length)
{
    uint8_t *bytes = (uint8_t *)place;
    for (int32_t i = 0; i < length; i++) {
        uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        bytes[i] = (uint8_t)((z ^ (z >> 31)) >> 24);
    }
    return 0;
}

/* Only sleeping: of all that a program may wait for, time is the one thing that comes. */
WASI(poll_oneoff)(int32_t subscriptions, int32_t events, int32_t count, int32_t result)
{
    const __wasi_subscription_t *wanted = (const __wasi_subscription_t *)subscriptions;
    __wasi_event_t *event = (__wasi_event_t *)events;
    for (int32_t i = 0; i < count; i++) {
        if (wanted[i].u.tag == __WASI_EVENTTYPE_CLOCK) {
            uint64_t until = wanted[i].u.u.clock.timeout;
            if (wanted[i].u.u.clock.flags & __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME) {
                uint64_t now = (wanted[i].u.u.clock.id == __WASI_CLOCKID_REALTIME ? EPOCH_NS : 0) + elapsed_ns;
                until = until > now ? until - now : 0;
            }
            phi_sleep(until);
            elapsed_ns += until;
            memset(event, 0, sizeof *event);
            event->userdata = wanted[i].userdata;
            event->type = __WASI_EVENTTYPE_CLOCK;
            *(__wasi_size_t *)result = 1;
            return 0;
        }
    }
    return __WASI_ERRNO_NOTSUP;
}

void __imported_wasi_snapshot_preview1_proc_exit(int32_t code)
{
    phi_exit(code);
    __builtin_trap();
}

/* A crash of the interpreter's own ends like a process that `abort` ended: with 128 + SIGABRT. */
void phi_abort(void)
{
    phi_exit(134);
    __builtin_trap();
}

WASI(sched_yield)(void)
{
    return 0;
}

static int32_t nothing(int32_t count, int32_t bytes)
{
    *(__wasi_size_t *)count = 0;
    *(__wasi_size_t *)bytes = 0;
    return 0;
}

WASI(environ_sizes_get)(int32_t count, int32_t bytes) { return nothing(count, bytes); }
WASI(environ_get)(int32_t a, int32_t b) { return 0; }
WASI(args_sizes_get)(int32_t count, int32_t bytes) { return nothing(count, bytes); }
WASI(args_get)(int32_t a, int32_t b) { return 0; }

/* Standard streams: an empty input, and outputs that go to the host's bounded buffer */

WASI(fd_write)(int32_t fd, int32_t vectors, int32_t count, int32_t result)
{
    if (fd != 1 && fd != 2) {
        return __WASI_ERRNO_BADF;
    }
    const __wasi_ciovec_t *pieces = (const __wasi_ciovec_t *)vectors;
    __wasi_size_t written = 0;
    for (int32_t i = 0; i < count; i++) {
        phi_write(fd == 2, (const char *)pieces[i].buf, pieces[i].buf_len);
        written += pieces[i].buf_len;
    }
    *(__wasi_size_t *)result = written;
    return 0;
}

WASI(fd_read)(int32_t fd, int32_t vectors, int32_t count, int32_t result)
{
    if (fd != 0) {
        return __WASI_ERRNO_BADF;
    }
    *(__wasi_size_t *)result = 0;
    return 0;
}

WASI(fd_fdstat_get)(int32_t fd, int32_t result)
{
    if (!is_stream(fd) && fd != ROOT_FD) {
        return __WASI_ERRNO_BADF;
    }
    __wasi_fdstat_t *stat = (__wasi_fdstat_t *)result;
    memset(stat, 0, sizeof *stat);
    stat->fs_filetype = fd == ROOT_FD ? __WASI_FILETYPE_DIRECTORY : __WASI_FILETYPE_UNKNOWN;
    stat->fs_rights_base = stat->fs_rights_inheriting = ~UINT64_C(0);
    return 0;
}

WASI(fd_filestat_get)(int32_t fd, int32_t result)
{
    if (!is_stream(fd) && fd != ROOT_FD) {
        return __WASI_ERRNO_BADF;
    }
    __wasi_filestat_t *stat = (__wasi_filestat_t *)result;
    memset(stat, 0, sizeof *stat);
    stat->filetype = fd == ROOT_FD ? __WASI_FILETYPE_DIRECTORY : __WASI_FILETYPE_UNKNOWN;
    return 0;
}

WASI(fd_prestat_get)(int32_t fd, int32_t result)
{
    if (fd != ROOT_FD) {
        return __WASI_ERRNO_BADF;
    }
    __wasi_prestat_t *stat = (__wasi_prestat_t *)result;
    stat->tag = __WASI_PREOPENTYPE_DIR;
    stat->u.dir.pr_name_len = 1;
    return 0;
}

WASI(fd_prestat_dir_name)(int32_t fd, int32_t path, int32_t length)
{
    if (fd != ROOT_FD || length < 1) {
        return __WASI_ERRNO_BADF;
    }
    *(char *)path = '/';
    return 0;
}

WASI(fd_close)(int32_t fd)
{
    return is_stream(fd) ? 0 : __WASI_ERRNO_BADF;
}

WASI(fd_seek)(int32_t fd, int64_t offset, int32_t whence, int32_t result)
{
    return is_stream(fd) ? __WASI_ERRNO_SPIPE : __WASI_ERRNO_BADF;
}

WASI(fd_tell)(int32_t fd, int32_t result)
{
    return is_stream(fd) ? __WASI_ERRNO_SPIPE : __WASI_ERRNO_BADF;
}

WASI(fd_fdstat_set_flags)(int32_t fd, int32_t flags)
{
    return is_stream(fd) ? 0 : __WASI_ERRNO_BADF;
}

WASI(fd_sync)(int32_t fd)
{
    return is_stream(fd) ? 0 : __WASI_ERRNO_BADF;
}

WASI(fd_datasync)(int32_t fd)
{
    return is_stream(fd) ? 0 : __WASI_ERRNO_BADF;
}

/* Files: there are none, and none can be made */

WASI(path_open)(int32_t fd, int32_t look, int32_t path, int32_t length, int32_t flags, int64_t rights, int64_t inherited,
                int32_t fd_flags, int32_t result)
{
    return flags & __WASI_OFLAGS_CREAT ? __WASI_ERRNO_ROFS : __WASI_ERRNO_NOENT;
}

WASI(path_filestat_get)(int32_t fd, int32_t flags, int32_t path, int32_t length, int32_t result)
{
    if (fd == ROOT_FD && length == 1 && *(const char *)path == '.') {
        return __imported_wasi_snapshot_preview1_fd_filestat_get(fd, result);
    }
    return __WASI_ERRNO_NOENT;
}

EMPTY(path_readlink, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f)
EMPTY(path_unlink_file, int32_t a, int32_t b, int32_t c)
EMPTY(path_remove_directory, int32_t a, int32_t b, int32_t c)
EMPTY(path_rename, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f)
EMPTY(path_filestat_set_times, int32_t a, int32_t b, int32_t c, int32_t d, int64_t e, int64_t f, int32_t g)
READ_ONLY(path_create_directory, int32_t a, int32_t b, int32_t c)
READ_ONLY(path_link, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f, int32_t g)
READ_ONLY(path_symlink, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e)
BAD_FD(fd_readdir, int32_t a, int32_t b, int32_t c, int64_t d, int32_t e)
BAD_FD(fd_renumber, int32_t a, int32_t b)
BAD_FD(fd_filestat_set_size, int32_t a, int64_t b)
BAD_FD(fd_filestat_set_times, int32_t a, int64_t b, int64_t c, int32_t d)
BAD_FD(fd_allocate, int32_t a, int64_t b, int64_t c)
BAD_FD(fd_advise, int32_t a, int64_t b, int64_t c, int32_t d)
BAD_FD(fd_pread, int32_t a, int32_t b, int32_t c, int64_t d, int32_t e)
BAD_FD(fd_pwrite, int32_t a, int32_t b, int32_t c, int64_t d, int32_t e)
BAD_FD(fd_fdstat_set_rights, int32_t a, int64_t b, int64_t c)
NOT_HERE(proc_raise, int32_t a)
NOT_HERE(sock_accept, int32_t a, int32_t b, int32_t c)
NOT_HERE(sock_recv, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f)
NOT_HERE(sock_send, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e)
NOT_HERE(sock_shutdown, int32_t a, int32_t b)
