/* pagewalk.h: looks at every page of an LMDB file that is in use, before LMDB does, which trusts what it reads.
 *
 * What is checked is the structure: that every page of the two trees, every big value and the list of free pages is
 * whole, of its kind, in order and within the file, and that no page has two uses. What records hold is a matter of
 * their checksums. Takes the time of reading all pages but those inside of big values: 64 MiB that are in memory, some
 * 20 ms.
 */
#ifndef MARU_PAGEWALK_H
#define MARU_PAGEWALK_H

#include <stdint.h>

#include "store/datafile.h"

/* pagewalk is NULL where all is well, else what is wrong, in words. size: of the file, in bytes. header: a sane one
 * (datafile_sane), the newer of the file's two. Nobody may write to the file meanwhile. */
const char *pagewalk(int fd, uint64_t size, const datafile_header *header);

#endif
