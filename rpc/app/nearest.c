/* nearest.c: see nearest.h. The distance is Damerau-Levenshtein's, in its form where no part is edited twice. */
#include "app/nearest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { ROW = NEAREST_WORD_MAX + 1 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool swapped(const char *a, const char *b, size_t i, size_t j)
{
    return i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
}

size_t nearest_edits(const char *a, const char *b)
{
    size_t rows[3][ROW]; /* of the table of all prefixes, only the last three matter */
    size_t na = strlen(a), nb = strlen(b);

    if (na > NEAREST_WORD_MAX || nb > NEAREST_WORD_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *above2 = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]), least(above[j], row[j - 1]) + 1);
            if (swapped(a, b, i, j))
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    return rows[na % 3][nb];
}

void nearest_offer(nearest *n, const char *name)
{
    size_t edits = nearest_edits(n->word, name);

    if (n->best == NULL || edits < n->edits) {
        n->best = name;
        n->edits = edits;
    }
}

const char *nearest_best(const nearest *n)
{
    size_t limit = strlen(n->word) / 3;

    return n->best != NULL && n->edits <= (limit < 2 ? 2 : limit) && n->edits < strlen(n->word) ? n->best : NULL;
}
