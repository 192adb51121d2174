// SPDX-License-Identifier: Apache-2.0
// Notes in the file POWER_LOG which bytes of which inode were written and which inodes were flushed, so that a test can take away
// what a power cut would: lines "w INODE OFFSET LENGTH" and "s INODE".
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int journal = -1;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void note(char kind, int fd, long long offset, long long length) {
  struct stat status;
  char line[96];
  if (!getenv("POWER_LOG") || fstat(fd, &status) || !S_ISREG(status.st_mode)) return;
  pthread_mutex_lock(&mutex);
  if (journal < 0) journal = open(getenv("POWER_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const int n = snprintf(line, sizeof line, "%c %llu %lld %lld\n", kind, (unsigned long long)status.st_ino, offset, length);
  if (journal >= 0 && REAL(write)(journal, line, (size_t)n) != n) abort();
  pthread_mutex_unlock(&mutex);
}

static ssize_t written(ssize_t n, int fd, long long offset) {
  if (n > 0) note('w', fd, offset, n);
  return n;
}

ssize_t pwrite(int fd, const void* data, size_t n, off_t at) { return written(REAL(pwrite)(fd, data, n, at), fd, at); }
ssize_t pwrite64(int fd, const void* data, size_t n, off64_t at) { return written(REAL(pwrite64)(fd, data, n, at), fd, at); }

static long long position(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  struct stat status;
  if (flags >= 0 && (flags & O_APPEND) && !fstat(fd, &status)) return status.st_size;
  return lseek(fd, 0, SEEK_CUR);
}

ssize_t write(int fd, const void* data, size_t n) {
  const long long at = position(fd);
  return written(REAL(write)(fd, data, n), fd, at);
}

ssize_t writev(int fd, const struct iovec* v, int n) {
  const long long at = position(fd);
  return written(REAL(writev)(fd, v, n), fd, at);
}

int fsync(int fd) {
  const int result = REAL(fsync)(fd);
  if (!result) note('s', fd, 0, 0);
  return result;
}

int fdatasync(int fd) {
  const int result = REAL(fdatasync)(fd);
  if (!result) note('s', fd, 0, 0);
  return result;
}
