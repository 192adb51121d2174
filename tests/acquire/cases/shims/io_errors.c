// SPDX-License-Identifier: Apache-2.0
// Calls fail as on a broken or full disk. FAIL_CALL is write, sync, allocate, link or symlink; FAIL_PATH a part of the file's path;
// FAIL_AFTER how many bytes (write) or calls succeed first; FAIL_ERRNO the error.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long spent;

static int is_meant(const char* call, int fd) {
  const char* wanted = getenv("FAIL_CALL");
  const char* part = getenv("FAIL_PATH");
  if (!wanted || strcmp(wanted, call)) return 0;
  if (!part || fd < 0) return 1;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return strstr(path, part) != NULL;
}

static int fails(const char* call, int fd, long cost) {
  if (!is_meant(call, fd)) return 0;
  const char* after = getenv("FAIL_AFTER");
  if (atomic_fetch_add(&spent, cost) + cost <= (after ? atol(after) : 0)) return 0;
  errno = atoi(getenv("FAIL_ERRNO"));
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void* data, size_t n) { return fails("write", fd, (long)n) ? -1 : REAL(write)(fd, data, n); }
ssize_t pwrite(int fd, const void* data, size_t n, off_t at) { return fails("write", fd, (long)n) ? -1 : REAL(pwrite)(fd, data, n, at); }
ssize_t pwrite64(int fd, const void* data, size_t n, off64_t at) { return fails("write", fd, (long)n) ? -1 : REAL(pwrite64)(fd, data, n, at); }
ssize_t writev(int fd, const struct iovec* v, int n) { return fails("write", fd, 1) ? -1 : REAL(writev)(fd, v, n); }
int fsync(int fd) { return fails("sync", fd, 1) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails("sync", fd, 1) ? -1 : REAL(fdatasync)(fd); }

extern int fallocate(int, int, off_t, off_t);
extern int posix_fallocate(int, off_t, off_t);
int fallocate(int fd, int mode, off_t at, off_t n) { return fails("allocate", fd, 1) ? -1 : REAL(fallocate)(fd, mode, at, n); }
int posix_fallocate(int fd, off_t at, off_t n) { return fails("allocate", fd, 1) ? errno : REAL(posix_fallocate)(fd, at, n); }

int link(const char* a, const char* b) { return fails("link", -1, 1) ? -1 : REAL(link)(a, b); }
int linkat(int x, const char* a, int y, const char* b, int f) { return fails("link", -1, 1) ? -1 : REAL(linkat)(x, a, y, b, f); }
int symlink(const char* a, const char* b) { return fails("symlink", -1, 1) ? -1 : REAL(symlink)(a, b); }
int symlinkat(const char* a, int d, const char* b) { return fails("symlink", -1, 1) ? -1 : REAL(symlinkat)(a, d, b); }
