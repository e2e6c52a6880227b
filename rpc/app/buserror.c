/* buserror.c: which file a SIGBUS is of (contract: buserror.h). What the handler calls is async-signal-safe. */
#include "app/buserror.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { LINE = PATH_MAX + 128, CHUNK = 512 };

/* Whether this line of /proc/PID/maps, "FROM-TO FLAGS OFFSET DEVICE INODE PATH", has the address. */
static bool has_address(const char *line, uintptr_t address)
{
    uintptr_t ends[2] = {0, 0};

    for (int i = 0; i < 2; i++) {
        for (; *line != '-' && *line != ' ' && *line != '\0'; line++)
            ends[i] = ends[i] << 4 | (uintptr_t)(*line <= '9' ? *line - '0' : *line - 'a' + 10);
        line += *line == '-';
    }
    return ends[0] <= address && address < ends[1];
}

/* Its line, or an empty one. */
static void find_mapping(uintptr_t address, char line[static LINE])
{
    char    chunk[CHUNK];
    int     fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    size_t  used = 0;
    ssize_t size;

    while (fd >= 0 && (size = read(fd, chunk, sizeof chunk)) > 0)
        for (ssize_t i = 0; i < size; i++)
            if (chunk[i] != '\n') {
                line[used] = chunk[i];
                used += used < LINE - 1;
            } else {
                line[used] = '\0';
                used = 0;
                if (has_address(line, address)) {
                    close(fd);
                    return;
                }
            }
    if (fd >= 0)
        close(fd);
    line[0] = '\0';
}

static size_t add(char *to, size_t used, size_t room, const char *words)
{
    while (*words != '\0' && used < room)
        to[used++] = *words++;
    return used;
}

/* One write: others write to stderr too. */
static void say(const char *file)
{
    static const char why[] = ": a page of this file, which is mapped, cannot be had (SIGBUS): its file system is full "
                              "or a quota is used up, on "
                              "one that copies what is overwritten (btrfs), the file was cut short, or the disk is "
                              "broken; this process ends. "
                              "Make room, look at the system's log, and start it again\n";
    char              text[LINE + sizeof why + 256];
    size_t            used = add(text, 0, 256, program_invocation_short_name);

    used = add(text, used, sizeof text, ": ");
    used = add(text, used, LINE + 256, file);
    used = add(text, used, sizeof text, why);
    if (write(STDERR_FILENO, text, used) < 0)
        return; /* nobody is left to tell */
}

/* Whoever comes while the first still speaks: the end of that is the end of all. */
static void wait_for_end(int number)
{
    (void)number;
    for (;;)
        pause();
}

/* sigaction swaps in one step, and so tells who is the first. SIG_DFL is there only once that has spoken. */
static void on_bus_error(int number, siginfo_t *about, void *context)
{
    struct sigaction before, others = {.sa_handler = wait_for_end};
    char             line[LINE];
    const char      *file;

    (void)context;
    sigemptyset(&others.sa_mask);
    sigaction(number, &others, &before);
    if (before.sa_handler == wait_for_end)
        wait_for_end(number);
    if (before.sa_sigaction == on_bus_error && about->si_code > 0) {
        find_mapping((uintptr_t)about->si_addr, line);
        file = strchr(line, '/');
        say(file ? file : "(no file)");
    }
    signal(number, SIG_DFL);
    raise(number); /* it waits until this returns */
}

void bus_errors_say(void)
{
    struct sigaction now, ours = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};

    sigemptyset(&ours.sa_mask);
    if (sigaction(SIGBUS, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        sigaction(SIGBUS, &ours, NULL);
}
