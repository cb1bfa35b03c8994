/* The node's clock, moved from outside: `LD_PRELOAD` puts this before the C library. The wall clock
 * is the real one plus the nanoseconds in the file KECHA_MONTH_CLOCK; every other clock stays what
 * it is, so that timers go on running. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static volatile const int64_t *ahead;
static int (*real)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("KECHA_MONTH_CLOCK");
  real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int file = path ? open(path, O_RDONLY) : -1;
  if (file < 0)
    return;
  void *map = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (map != MAP_FAILED)
    ahead = map;
}

int clock_gettime(clockid_t which, struct timespec *out) {
  int failed = real(which, out);
  if (failed || !ahead || (which != CLOCK_REALTIME && which != CLOCK_REALTIME_COARSE))
    return failed;
  int64_t nanos = out->tv_nsec + *ahead % 1000000000;
  out->tv_sec += *ahead / 1000000000 + (nanos < 0 ? -1 : nanos / 1000000000);
  out->tv_nsec = (nanos + 1000000000) % 1000000000;
  return 0;
}
