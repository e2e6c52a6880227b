/* buserror.h: the last words of a process that touches a page of a mapped file which cannot be had.
 *
 * bus_errors_say has SIGBUS say on stderr, in one line, which file's page it was and what to do; then the process ends
 * by the signal, as it does without. Where there is a handler already (a sanitizer's) it leaves that alone. A SIGBUS
 * that somebody sent says nothing. Another thread that touches such a page meanwhile waits for the end, so that the
 * line is written, and is one. The handler takes some 10 KiB of the stack that was in use, no lock and no memory.
 */
#ifndef MARU_BUSERROR_H
#define MARU_BUSERROR_H

void bus_errors_say(void);

#endif
