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

/* The checks that found something, in the order of the table. */
static inline void find_names(const book *b, char *names, size_t size)
{
    names[0] = '\0';
    for (const audit_check *check = audit_checks; check->name != NULL; check++) {
        const book_finding *f = b->findings;

        while (f != NULL && strcmp(f->check, check->name) != 0)
            f = f->next;
        if (f != NULL)
            snprintf(names + strlen(names), size - strlen(names), "%s%s", *names != '\0' ? " " : "", check->name);
    }
}

static inline void test_wrong(const wrong *w)
{
    handmade h;
    char     names[512];

    test_begin(w->sentence);
    if (!CHECK(hand_open(&h)))
        return;
    w->fn(&h);
    checks_run(&h.b);
    find_names(&h.b, names, sizeof names);
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
