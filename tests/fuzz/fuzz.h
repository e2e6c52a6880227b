/* fuzz.h: what a fuzzer is. The entry point never fails: it aborts, with the reason on stderr. */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What an input has at most: tests/fuzz/run reads it here, and a file of a corpus that is larger is refused. Twice the
 * head of a request. */
enum { FUZZ_INPUT_MAX = 32768 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(cond) ((cond) ? (void)0 : (fprintf(stderr, "%s:%d: %s is false\n", __FILE__, __LINE__, #cond), abort()))

#endif
