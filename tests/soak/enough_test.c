/* enough_test.c: a soak of any size is one where its size allows it, and none where a larger one did next to nothing.
 */
#include "enough.h"

#include <stdio.h>

#include "test.h"

static const struct {
    const char *sentence;
    soak_counts counts;
    const char *words; /* NULL: it was enough */
} rows[] = {
    {"one order, and nobody was killed", {1, 1, true, 0, 0, 0}, NULL},
    {"five orders, and nobody was killed", {5, 5, true, 0, 0, 0}, NULL},
    {"twenty, and one kill, at no step", {20, 20, true, 1, 0, 0}, NULL},
    {"some kills, of which chance had none at a step", {100, 100, true, 5, 0, 0}, NULL},
    {"a soak as it is", {300, 300, true, 10, 4, 0}, NULL},
    {"one with nothing in flight at one of its kills", {300, 300, true, 10, 4, 1}, NULL},
    {"a long one", {2000, 2000, true, 136, 61, 7}, NULL},
    {"nobody shall be killed", {2000, 2000, false, 0, 0, 0}, NULL},
    {"an order that was not placed", {5, 4, true, 0, 0, 0}, "want all 5 orders placed, and a kill for every 60; got 4"},
    {"nobody killed in sixty", {60, 60, true, 0, 0, 0}, "got 60 and 0"},
    {"too few killed", {2000, 2000, true, 32, 16, 0}, "got 2000 and 32"},
    {"nobody killed at a step", {300, 300, true, 10, 0, 0}, "a third of the kills at a step of a commit; got 0 of 10"},
    {"too few killed at a step", {2000, 2000, true, 136, 45, 0}, "got 45 of 136"},
    {"kills that hit nobody", {2000, 2000, true, 136, 61, 8}, "in flight at nearly every kill; 8 of 136 had none"},
};

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char words[ENOUGH_WORDS] = "";

        test_begin(rows[i].sentence);
        CHECK_INT(soak_is_enough(&rows[i].counts, words), rows[i].words == NULL);
        if (rows[i].words != NULL)
            CHECK_CONTAINS(words, rows[i].words);
        else
            CHECK_STR(words, "");
    }
    return test_end();
}
