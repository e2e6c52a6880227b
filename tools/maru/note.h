/* note.h: which programs are services. rpc/app puts an ELF note "Maru" into every program that it is the main of, so
 * that the supervisor can tell them from others without starting anything.
 */
#ifndef MARU_NOTE_H
#define MARU_NOTE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the segment of notes has one of owner "Maru" and type 1. Pure; any bytes are safe. */
bool note_found(const unsigned char *notes, size_t size);

/* Whether the file at fd is a program of this machine's kind with such a note. false for anything that is not. */
bool note_in_file(int fd);

#endif
