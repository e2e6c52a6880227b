/* stock.h: a catalogue file, sent to the catalogue product by product. Blocks. */
#ifndef IMPORT_STOCK_H
#define IMPORT_STOCK_H

#include "maru/client.h"

struct stock_report {
    size_t created;
    size_t existing; /* were there, and stay as they are */
    size_t refused;  /* told on stderr, with file and line */
};

/* stock_read creates the products of one file that are not there. Lines that are wrong are counted and told, and a
 * catalogue that dies is asked again (patience.h); one that can't be reached, or a file that can't be read, ends it,
 * with words in error. */
maru_status stock_read(const char *path, maru_runtime *runtime, maru_client *catalog, struct stock_report *report,
                       maru_error *error);

#endif
