/* faults.h: a process that dies at a step of its store, for tests of crashes. Off unless the environment asks for it.
 *
 *   MARU_FAULTS="SERVICE STEP COUNT FILE"    kill -9 of itself when SERVICE takes STEP (maru/seam.h: begin, put,
 * commit, flush, done ...) for the COUNT-th time, unless FILE is there; FILE is made just before
 *
 * FILE sees to it that it happens once, however often the service is started again. A value that is none of that form
 * ends the start with a clear error.
 */
#ifndef MARU_FAULTS_H
#define MARU_FAULTS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "maru/seam.h"

enum { FAULTS_WORD = 32, FAULTS_PATH = 4096 };

typedef struct faults {
    maru_seam   seam; /* the real one, but for disk_fault; self is this */
    atomic_long left;
    char        service[FAULTS_WORD], step[FAULTS_WORD], file[FAULTS_PATH];
} faults;

/* faults_read fills f from text, the variable's value. True where this service is meant, and f->seam is to be used: f
 * must outlive it. False where it is not, or (with error) where text is wrong. */
bool faults_read(faults *f, const char *text, const char *service, maru_error *error);

#endif
