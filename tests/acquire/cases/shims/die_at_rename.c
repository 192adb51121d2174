// SPDX-License-Identifier: Apache-2.0
// The process is killed when it is about to give a file whose path has DIE_PATH in it its final name, or (DIE_AFTER) has just done so.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int is_meant(const char* from, const char* to) {
  const char* part = getenv("DIE_PATH");
  return part && (strstr(from, part) || strstr(to, part));
}

static void die_before(const char* from, const char* to) {
  if (is_meant(from, to) && !getenv("DIE_AFTER")) kill(getpid(), SIGKILL);
}

static int die_after(int result, const char* from, const char* to) {
  if (!result && is_meant(from, to) && getenv("DIE_AFTER")) kill(getpid(), SIGKILL);
  return result;
}

#define AROUND(call, from, to) (die_before(from, to), die_after(call, from, to))

int rename(const char* a, const char* b) { return AROUND(REAL(rename)(a, b), a, b); }
int renameat(int x, const char* a, int y, const char* b) { return AROUND(REAL(renameat)(x, a, y, b), a, b); }
int renameat2(int x, const char* a, int y, const char* b, unsigned f) { return AROUND(REAL(renameat2)(x, a, y, b, f), a, b); }
int link(const char* a, const char* b) { return AROUND(REAL(link)(a, b), a, b); }
int linkat(int x, const char* a, int y, const char* b, int f) { return AROUND(REAL(linkat)(x, a, y, b, f), a, b); }
