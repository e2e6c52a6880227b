/* read_openmetrics.c: says what is wrong with OpenMetrics text on stdin, or prints the value of a sample of it. For
 * tests that are scripts.
 *
 *   read_openmetrics           0 where it is well formed
 *   read_openmetrics SAMPLE    and prints the value, -1 where there is none
 */
#include <stdio.h>
#include <stdlib.h>

#include "watch/openmetrics.h"

enum { TEXT_MAX = 16 << 20 };

int main(int argc, char **argv)
{
    char  *text = malloc(TEXT_MAX), words[OPENMETRICS_WORDS] = "out of memory";
    size_t size = text != NULL ? fread(text, 1, TEXT_MAX - 1, stdin) : 0;
    bool   good;

    if (text != NULL)
        text[size] = '\0';
    good = text != NULL && openmetrics_check(text, words);
    if (!good)
        fprintf(stderr, "%s\n", words);
    else if (argc > 1)
        printf("%.15g\n", openmetrics_value(text, argv[1]));
    free(text);
    return good ? 0 : 1;
}
