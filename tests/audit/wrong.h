/* wrong.h: cases of a book made by hand in which one thing is wrong, and what the audit finds. Header only. */
#ifndef MARU_TEST_WRONG_H
#define MARU_TEST_WRONG_H

#include "handmade.h"
#include "test.h"

/* Ends with one without a sentence. */
typedef struct wrong {
    const char *sentence;
    void (*fn)(handmade *h);
    const char *finds;
} wrong;

static inline void test_wrong(const wrong *w)
{
    handmade h;
    char     names[512];

    test_begin(w->sentence);
    if (!CHECK(hand_open(&h)))
        return;
    w->fn(&h);
    hand_hear(&h);
    checks_run(&h.b);
    hand_finds(&h.b, names, sizeof names);
    if (!CHECK_STR(names, w->finds))
        for (const book_finding *f = h.b.findings; f != NULL; f = f->next)
            fprintf(stderr, "  %s: %s: %s\n", f->check, f->where, f->words);
    CHECK(!h.b.out_of_memory);
    book_close(&h.b);
}

static inline void test_all(const wrong *all)
{
    for (const wrong *w = all; w->sentence != NULL; w++)
        test_wrong(w);
}

#endif
