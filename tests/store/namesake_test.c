/* namesake_test.c: who would share a store, and has the process id of one that has it open, in a container of its own.
 */
#include "kit.h"

/* As one of another PID namespace that has the same id: it holds what such a one does, says 'o', and waits. */
static int be_namesake(const char *path, off_t byte)
{
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    char         name[PATH_MAX], said = 'o';
    int          fd;

    snprintf(name, sizeof name, "%s/lock", path);
    fd = open(name, O_RDWR | O_CLOEXEC);
    return fcntl(fd, F_OFD_SETLK, &range) != 0 || write(1, &said, 1) != 1 || read(0, &said, 1) != 0;
}

static void namesakes(maru_runtime *rt, const char *path)
{
    char               byte[16];
    const char *const  args[] = {"namesake", path, byte, NULL};
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_error         error;
    kit_child          child;

    maru_store_close(kit_open(rt, &options));
    test_begin("two with one process id, in containers of their own, can't share, and are told why");
    options.shared = true;
    snprintf(byte, sizeof byte, "%ld", 4096 + (long)getpid());
    child = kit_spawn(args);
    CHECK_INT(kit_hear(&child), 'o');
    CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "is open in a process of another PID namespace (a container) that has pid");
    CHECK_INT(kit_end(&child), 0);
}

int main(int argc, char **argv)
{
    maru_runtime *rt;
    char         *path;

    if (argc == 4 && strcmp(argv[1], "namesake") == 0)
        return be_namesake(argv[2], atoi(argv[3]));
    rt = kit_runtime(NULL);
    path = kit_folder();
    namesakes(rt, path);
    maru_runtime_free(rt);
    kit_folder_end(path);
    return test_end();
}
