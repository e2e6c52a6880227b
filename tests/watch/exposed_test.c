/* exposed_test.c: the metrics of several services as one text. */
#include "exposed.h"

#include <stdlib.h>

#include "test.h"
#include "watch/openmetrics.h"

static const char cart[] = "# TYPE a counter\n# HELP a A.\na_total{m=\"x\"} 1\n"
                           "# TYPE empty gauge\n# HELP empty E.\n"
                           "# TYPE b gauge\nb 2\n# EOF\n";
static const char mail[] = "# TYPE b gauge\nb 3\n# TYPE a counter\n# HELP a A.\na_total{m=\"x\"} 4\n"
                           "# TYPE c info\nc_info{v=\"1\"} 1\n# TYPE last gauge\n# EOF\n";

int main(void)
{
    exposed all;
    char   *text = NULL, words[OPENMETRICS_WORDS];
    size_t  size;
    FILE   *out = open_memstream(&text, &size);

    test_begin("families come together, each sample says whose it is, and it is one exposition");
    exposed_open(&all);
    CHECK(exposed_add(&all, "cart", cart));
    CHECK(exposed_add(&all, "mail", mail));
    exposed_print(&all, out);
    exposed_close(&all);
    fclose(out);
    CHECK_STR(
        text,
        "# TYPE a counter\n# HELP a A.\na_total{service=\"cart\",m=\"x\"} 1\na_total{service=\"mail\",m=\"x\"} 4\n"
        "# TYPE empty gauge\n# HELP empty E.\n"
        "# TYPE b gauge\nb{service=\"cart\"} 2\nb{service=\"mail\"} 3\n"
        "# TYPE c info\nc_info{service=\"mail\",v=\"1\"} 1\n# TYPE last gauge\n# EOF\n");
    if (!CHECK(openmetrics_check(text, words)))
        fprintf(stderr, "%s\n", words);
    free(text);
    return test_end();
}
