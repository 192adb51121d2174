// SPDX-License-Identifier: Apache-2.0
// A wall clock that every 100 ms jumps by CLOCK_JUMP seconds, forwards and back again by turns; the steady clock is left alone.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

typedef int (*clock_function)(clockid_t, struct timespec*);

static time_t jump(void) {
  struct timespec now;
  const char* seconds = getenv("CLOCK_JUMP");
  ((clock_function)dlsym(RTLD_NEXT, "clock_gettime"))(CLOCK_MONOTONIC, &now);
  const long turn = now.tv_sec * 10 + now.tv_nsec / 100000000;
  return (turn % 2 ? 1 : -1) * (seconds ? atol(seconds) : 0);
}

int clock_gettime(clockid_t clock, struct timespec* out) {
  const int result = ((clock_function)dlsym(RTLD_NEXT, "clock_gettime"))(clock, out);
  if (!result && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) out->tv_sec += jump();
  return result;
}

time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval* restrict out, void* restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}
