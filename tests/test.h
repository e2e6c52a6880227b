/* tests/test.h: what every C test is written with. Header only.
 *
 *   int main(void)
 *   {
 *       test_begin("an empty cart has no items");
 *       CHECK(cart != NULL);
 *       CHECK_INT(cart->n_items, 0);
 *       test_begin("...");                      ends the case before it
 *       return test_end();
 *   }
 *
 * A case prints one line, `ok - sentence` or `not ok - sentence`; a check that fails prints where, what it got and what
 * it wanted, and the case goes on. Every check is an expression that is true where it held, so that a case can end
 * early: `if (!CHECK(p != NULL)) return;`. Checks may be made from any thread; begin and end only from one.
 * test_end returns the exit status of main: 0 only where every check held and at least one was made.
 */
#ifndef MARU_TEST_H
#define MARU_TEST_H

#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct test_state {
    const char *sentence; /* of the running case, NULL before the first */
    atomic_int  failed;   /* checks of the running case */
    atomic_int  all_failed;
    atomic_int  made;
};

/* The one mutable global of a test program, whose files all have the same: passing it to every check would say nothing.
 */
__attribute__((weak)) struct test_state test_state;

static inline void test_finish_case(void)
{
    if (test_state.sentence != NULL) {
        printf("%s - %s\n", test_state.failed == 0 ? "ok" : "not ok", test_state.sentence);
        fflush(stdout);
    }
    test_state.sentence = NULL;
    test_state.failed = 0;
}

static inline void test_begin(const char *sentence)
{
    test_finish_case();
    test_state.sentence = sentence;
}

static inline int test_end(void)
{
    test_finish_case();
    if (test_state.made == 0)
        fprintf(stderr, "no check was made\n");
    return test_state.all_failed == 0 && test_state.made > 0 ? 0 : 1;
}

/* test_note counts a check, and returns whether it held. */
static inline bool test_note(bool held)
{
    atomic_fetch_add(&test_state.made, 1);
    if (!held) {
        atomic_fetch_add(&test_state.failed, 1);
        atomic_fetch_add(&test_state.all_failed, 1);
    }
    return held;
}

static inline bool test_check(bool held, const char *what, const char *file, int line)
{
    if (!held)
        fprintf(stderr, "%s:%d: %s is false\n", file, line, what);
    return test_note(held);
}

static inline bool test_check_str(const char *got, const char *want, const char *what, const char *file, int line)
{
    bool held = got == want || (got != NULL && want != NULL && strcmp(got, want) == 0);

    if (!held)
        fprintf(stderr, "%s:%d: %s: got \"%s\", want \"%s\"\n", file, line, what, got == NULL ? "(NULL)" : got,
                want == NULL ? "(NULL)" : want);
    return test_note(held);
}

static inline bool test_check_contains(const char *text, const char *part, const char *what, const char *file, int line)
{
    bool held = text != NULL && strstr(text, part) != NULL;

    if (!held)
        fprintf(stderr, "%s:%d: %s: want \"%s\" in \"%s\"\n", file, line, what, part, text == NULL ? "(NULL)" : text);
    return test_note(held);
}

static inline bool test_check_int(int64_t got, int64_t want, const char *what, const char *file, int line)
{
    if (got != want)
        fprintf(stderr, "%s:%d: %s: got %" PRId64 ", want %" PRId64 "\n", file, line, what, got, want);
    return test_note(got == want);
}

static inline bool test_check_mem(const void *got, size_t got_size, const void *want, size_t want_size,
                                  const char *what, const char *file, int line)
{
    size_t at = 0;
    size_t both = got_size < want_size ? got_size : want_size;

    while (at < both && ((const uint8_t *)got)[at] == ((const uint8_t *)want)[at])
        at++;
    if (got_size == want_size && at == both)
        return test_note(true);
    fprintf(stderr, "%s:%d: %s: got %zu bytes, want %zu; they differ at %zu\n", file, line, what, got_size, want_size,
            at);
    return test_note(false);
}

#define CHECK(cond)                  test_check((cond), #cond, __FILE__, __LINE__)
#define CHECK_STR(got, want)         test_check_str((got), (want), #got, __FILE__, __LINE__)
#define CHECK_CONTAINS(text, part)   test_check_contains((text), (part), #text, __FILE__, __LINE__)
#define CHECK_INT(got, want)         test_check_int((int64_t)(got), (int64_t)(want), #got, __FILE__, __LINE__)
#define CHECK_MEM(got, gn, want, wn) test_check_mem((got), (gn), (want), (wn), #got, __FILE__, __LINE__)

#endif
