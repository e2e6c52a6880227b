/* invoices.h: files of invoice lines, read into what was gathered and what became of every line. Blocks. */
#ifndef IMPORT_INVOICES_H
#define IMPORT_INVOICES_H

#include <stdbool.h>

#include "bill.h"
#include "file.h"
#include "gather.h"
#include "report.h"

/* invoices_read reads one file. False with words in error where it can't be read to its end, or its first line does not
 * name the columns; what is wrong with single lines goes into report. */
bool invoices_read(const char *path, bool latin1, struct gather *gather, struct bills *bills, struct report *report,
                   struct file_error *error);

#endif
