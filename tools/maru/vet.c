/* vet.c: runs each service with --print-config, and puts their refusals into one line. */
#include "vet.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/settings.h"
#include "environment.h"
#include "names.h"
#include "program.h"

enum { VET_MS = 5000, WORDS_MAX = 7, TEXT_MAX = 400 };

typedef struct refusal {
    int  ended;
    char text[TEXT_MAX]; /* without its own name before it; "": it takes its settings */
} refusal;

_Bool vet_same(const char *a, const char *b)
{
    const char *end_a = strstr(a, "; did you mean "), *end_b = strstr(b, "; did you mean ");
    size_t      size_a = end_a != NULL ? (size_t)(end_a - a) : strlen(a);
    size_t      size_b = end_b != NULL ? (size_t)(end_b - b) : strlen(b);

    return size_a == size_b && memcmp(a, b, size_a) == 0;
}

/* "cart: c1:1: ..." is what cart says; the name is put there again where it matters. */
static void keep_words(refusal *r, const char *name, const char *answer)
{
    size_t size = strlen(name);

    if (strncmp(answer, name, size) == 0 && strncmp(answer + size, ": ", 2) == 0)
        answer += size + 2;
    snprintf(r->text, sizeof r->text, "%.*s", (int)strcspn(answer, "\n"), answer);
}

static maru_status ask_one(const vet_plan *plan, const found_service *found, refusal *r, maru_error *error)
{
    char       *words[WORDS_MAX] = {(char *)found->program, (char *)"--print-config"};
    char        answer[1024];
    program_ask ask = {.words = words,
                       .stream = STDERR_FILENO,
                       .limit_ms = VET_MS,
                       .linger_ms = VET_MS,
                       .answer = answer,
                       .size = sizeof answer};
    size_t      count = 2;
    maru_status status;
    char      **environment = environment_for(plan->all, plan->all_count, found);

    if ((ask.environment = environment) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    if (plan->data != NULL) {
        words[count++] = (char *)"--data";
        words[count++] = (char *)plan->data;
    }
    if (plan->config != NULL) {
        words[count++] = (char *)"--config";
        words[count++] = (char *)plan->config;
    }
    status = program_run(&ask, &r->ended, error);
    free(environment);
    if (status == MARU_OK && (r->ended == EXIT_USAGE || r->ended == EXIT_CANNOT_RUN))
        keep_words(r, found->name, answer);
    return status;
}

/* "", or "cart, catalog": those that say what the first says, where that is not all of them. */
static void name_them(const vet_plan *plan, const refusal *all, size_t first, char out[static NAMES_TEXT])
{
    names  list = {.out = out};
    size_t same = 0;

    *out = '\0';
    for (size_t i = first; i < plan->count; i++)
        if (vet_same(all[i].text, all[first].text)) {
            names_put(&list, plan->found[i].name);
            same++;
        }
    if (same == plan->count)
        *out = '\0';
}

static maru_status refuse(const vet_plan *plan, const refusal *all, size_t first, maru_error *error)
{
    char who[NAMES_TEXT];

    name_them(plan, all, first, who);
    return maru_error_set(error, all[first].ended == EXIT_USAGE ? MARU_INVALID_ARGUMENT : MARU_FAILED_PRECONDITION,
                          "%s%s%s", who, *who != '\0' ? ": " : "", all[first].text);
}

maru_status vet_services(const vet_plan *plan, maru_error *error)
{
    refusal    *all = calloc(plan->count + 1, sizeof *all);
    size_t      first = 0;
    maru_status status = MARU_OK;

    if (all == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    for (size_t i = 0; i < plan->count && status == MARU_OK; i++)
        status = ask_one(plan, &plan->found[i], &all[i], error);
    while (first < plan->count && all[first].text[0] == '\0')
        first++;
    if (status == MARU_OK && first < plan->count)
        status = refuse(plan, all, first, error);
    free(all);
    return status;
}
