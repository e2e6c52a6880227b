/* secret_test.c: a card's number goes through two services, right and wrong, and is found nowhere after: not in a
 * store, not in a log. The test knows where to look: it finds the token that the number became.
 */
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/proc.h"
#include "maru/client.h"
#include "maru/runtime.h"
#include "shop/payment.maru.h"
#include "test.h"

/* Right check digit, and a number that nothing else in the world is; and the same with blanks. */
static const char NUMBER[] = "5471936280417753", BLANKS[] = "5471 9362 8041 7753", WRONG[] = "5471936280417754";
/* What must be nowhere: runs of digits that only come from it, of 8. */
static const char *const pieces[] = {"54719362", "80417753", "80417754", "5471 9362", "8041 7753"};

static char *read_all(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;

    *size = 0;
    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (*size = (size_t)ftell(file)) > 0 && fseek(file, 0, SEEK_SET) == 0 &&
        (bytes = malloc(*size)) != NULL)
        *size = fread(bytes, 1, *size, file);
    fclose(file);
    return bytes;
}

/* How many files below folder have piece in them. */
static int grep(const char *folder, const char *piece)
{
    char  command[256], path[512];
    FILE *list;
    int   found = 0;

    snprintf(command, sizeof command, "find '%s' -type f", folder);
    if (!CHECK((list = popen(command, "r")) != NULL))
        return -1;
    while (fgets(path, sizeof path, list) != NULL) {
        size_t size;
        char  *bytes;

        path[strcspn(path, "\n")] = '\0';
        bytes = read_all(path, &size);
        if (bytes != NULL && memmem(bytes, size, piece, strlen(piece)) != NULL) {
            fprintf(stderr, "%s has \"%s\"\n", path, piece);
            found++;
        }
        free(bytes);
    }
    pclose(list);
    return found;
}

struct pair {
    char          root[64];
    char          urls[2][96];
    proc          procs[2]; /* provider, payment */
    maru_runtime *runtime;
    maru_client  *payment;
};

static bool begin(struct pair *p)
{
    static const char *const names[2] = {"provider", "payment"};
    maru_error               error;

    snprintf(p->root, sizeof p->root, "/tmp/maru-secret-XXXXXX");
    if (!CHECK(mkdtemp(p->root) != NULL))
        return false;
    setenv("XDG_RUNTIME_DIR", p->root, 1);
    for (int i = 0; i < 2; i++) {
        char        program[256], data[80], peer[128];
        const char *words[] = {program, "--data", data, "--listen", p->urls[i], i == 1 ? "--peer" : NULL, peer, NULL};

        snprintf(program, sizeof program, "%s/%s", getenv("MARU_BIN"), names[i]);
        snprintf(data, sizeof data, "%s/data", p->root);
        snprintf(p->urls[i], sizeof p->urls[i], "ipc://%s/%s", p->root, names[i]);
        snprintf(peer, sizeof peer, "provider=%s", p->urls[0]);
        p->procs[i] = proc_start(words, NULL);
        if (!CHECK(proc_expect(&p->procs[i], PROC_OUT, 0, "ready ")))
            return false;
    }
    return CHECK_INT(maru_runtime_new(NULL, &p->runtime, &error), MARU_OK) &&
           CHECK_INT(maru_client_new(p->runtime, p->urls[1], NULL, &p->payment, &error), MARU_OK);
}

static maru_status tokenize(struct pair *p, maru_call *call, const char *number, const char *expiry, char token[64])
{
    Payment__TokenizeCardRequest   request = PAYMENT__TOKENIZE_CARD_REQUEST__INIT;
    Payment__TokenizeCardResponse *response;
    maru_status                    status;

    request.number = (char *)number;
    request.expiry = (char *)expiry;
    status = payment_tokenize_card(p->payment, call, &request, &response);
    if (status == MARU_OK)
        snprintf(token, 64, "%s", response->token);
    for (size_t i = 0; status != MARU_OK && i < sizeof pieces / sizeof *pieces; i++)
        CHECK(strstr(maru_call_message(call), pieces[i]) == NULL);
    return status;
}

int main(void)
{
    struct pair p = {.runtime = NULL};
    maru_call  *call;
    char        token[64] = "", none[64], command[128];

    test_begin("a number that was tokenized, or was wrong, is in no store and in no log");
    if (!begin(&p))
        return test_end();
    call = maru_call_begin(p.runtime, 20000);
    CHECK_INT(tokenize(&p, call, NUMBER, "12/99", token), MARU_OK);
    CHECK_INT(tokenize(&p, call, BLANKS, "12/99", token), MARU_OK);
    CHECK_INT(tokenize(&p, call, WRONG, "12/99", none), MARU_INVALID_ARGUMENT);
    CHECK_INT(tokenize(&p, call, NUMBER, "99/99", none), MARU_INVALID_ARGUMENT);
    CHECK_INT(tokenize(&p, call, "5471936280417753x", "12/99", none), MARU_INVALID_ARGUMENT);
    kill(p.procs[0].pid, SIGTERM); /* and one that finds no provider */
    CHECK_INT(proc_end(&p.procs[0]), 0);
    CHECK(tokenize(&p, maru_within(call, 500), NUMBER, "12/99", none) != MARU_OK);
    maru_call_end(call);
    maru_client_free(p.payment);
    maru_runtime_free(p.runtime);
    kill(p.procs[1].pid, SIGTERM);
    CHECK_INT(proc_end(&p.procs[1]), 0);
    CHECK_CONTAINS(p.procs[0].text[PROC_ERR], "faults are drawn from seed");
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        CHECK_INT(grep(p.root, pieces[i]), 0);
        for (int j = 0; j < 4; j++)
            CHECK(strstr(p.procs[j / 2].text[j % 2], pieces[i]) == NULL);
    }
    test_begin("and the token that it became is where it belongs: in the provider's store alone");
    snprintf(command, sizeof command, "%s/data/provider", p.root);
    CHECK(grep(command, token) > 0);
    CHECK_INT(grep(p.root, token), grep(command, token));
    proc_free(&p.procs[0]);
    proc_free(&p.procs[1]);
    snprintf(command, sizeof command, "rm -rf '%s'", p.root);
    CHECK_INT(system(command), 0);
    return test_end();
}
