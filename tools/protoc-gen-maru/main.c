/* main.c: protoc-gen-maru, a plugin of protoc: a CodeGeneratorRequest in, a CodeGeneratorResponse out.
 *
 * What is wrong with a .proto goes back to protoc as lines "FILE:LINE:COLUMN: words", with no file made. What is wrong
 * with the request itself is one line on stderr and exit status 1; wrong usage is 2.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "embed.h"
#include "emit.h"
#include "messages.h"
#include "names.h"
#include "option.h"
#include "readable.h"
#include "request.h"

enum { USAGE = 2 };

static const char usage[] =
    "usage: protoc --plugin=protoc-gen-maru=PATH --maru_out=[protoc_gen_c=PROGRAM:]DIR FILE.proto ...\n"
    "Makes X.pb-c.h, X.pb-c.c, X.maru.h and X.maru.c from X.proto. protoc runs this program; it reads a\n"
    "CodeGeneratorRequest on standard input. protoc_gen_c names protobuf-c's plugin, else PATH finds it.\n";

static bool write_all(const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(STDOUT_FILENO, bytes, size);

        if (wrote < 0 && errno != EINTR)
            return false;
        if (wrote > 0) {
            bytes += wrote;
            size -= (size_t)wrote;
        }
    }
    return true;
}

/* The parameter is "" or "protoc_gen_c=PROGRAM". NULL, with a line that says so, for another. */
static const char *find_program(struct schema *schema)
{
    static const char key[] = "protoc_gen_c=";
    const char       *parameter = schema->request->parameter;

    if (parameter == NULL || parameter[0] == 0)
        return "protoc-gen-c";
    if (strncmp(parameter, key, strlen(key)) == 0 && parameter[strlen(key)] != 0)
        return parameter + strlen(key);
    text_printf(&schema->refusals, "parameter \"%s\": want protoc_gen_c=PROGRAM", parameter);
    return NULL;
}

/* Services of files that are only imported are resolved too, for their names; what is wrong there is not ours to say.
 */
static struct model *open_models(struct schema *schema)
{
    const Request *request = schema->request;
    struct model  *models = pool_take(schema->pool, request->n_proto_file * sizeof *models);
    struct schema  deaf = *schema;

    deaf.refusals = (struct text){.pool = schema->pool};
    for (size_t i = 0; i < request->n_proto_file; i++) {
        const File *file = request->proto_file[i];

        models[i] = model_open(schema_generates(schema, file) ? schema : &deaf, file);
    }
    return models;
}

static void add_file(struct schema *schema, Response *response, const char *name, const struct text *content)
{
    Google__Protobuf__Compiler__CodeGeneratorResponse__File *file = pool_take(schema->pool, sizeof *file);

    google__protobuf__compiler__code_generator_response__file__init(file);
    file->name = (char *)name;
    file->content = content->bytes;
    response->file[response->n_file++] = file;
}

/* What a build expects of every .proto is there, whatever its options say. */
static void add_no_messages(struct schema *schema, Response *response, const File *file)
{
    struct text header = {.pool = schema->pool};
    struct text source = {.pool = schema->pool};
    const char *stem = names_stem(schema->pool, file->name);

    emit_no_messages(&header, &source, schema, file);
    add_file(schema, response, pool_printf(schema->pool, "%s.pb-c.h", stem), &header);
    add_file(schema, response, pool_printf(schema->pool, "%s.pb-c.c", stem), &source);
}

static void add_code(struct schema *schema, Response *response, const struct model *model,
                     const struct embedded *embedded)
{
    struct text header = {.pool = schema->pool};
    struct text source = {.pool = schema->pool};
    const char *stem = names_stem(schema->pool, model->file->name);

    emit_header(&header, schema, model);
    emit_source(&source, schema, model, embedded);
    add_file(schema, response, pool_printf(schema->pool, "%s.maru.h", stem), &header);
    add_file(schema, response, pool_printf(schema->pool, "%s.maru.c", stem), &source);
    if (option_of_file(schema->pool, model->file).no_generate)
        add_no_messages(schema, response, model->file);
}

/* Our own files first, made while the request is as protoc wrote it; then protoc-gen-c's. */
static bool make_code(struct schema *schema, const struct model *models, const char *program, Response *response)
{
    struct embedded *embedded = embed_all(schema);
    Request         *request = schema->request;
    Response        *messages;
    Response         ours = *response;

    if (!readable_check(schema, models, embedded))
        return false;
    ours.file = pool_take(schema->pool, 4 * request->n_proto_file * sizeof *ours.file);
    for (size_t i = 0; i < request->n_proto_file; i++)
        if (schema_generates(schema, request->proto_file[i]))
            add_code(schema, &ours, &models[i], &embedded[i]);
    messages = messages_make(schema, program, &schema->refusals);
    if (messages == NULL)
        return false;
    response->file = pool_take(schema->pool, (ours.n_file + messages->n_file) * sizeof *response->file);
    for (size_t i = 0; i < messages->n_file; i++)
        response->file[response->n_file++] = messages->file[i];
    for (size_t i = 0; i < ours.n_file; i++)
        response->file[response->n_file++] = ours.file[i];
    return true;
}

static void generate(struct pool *pool, Request *request, Response *response)
{
    struct schema schema;
    struct model *models;
    const char   *program;

    response->has_supported_features = true;
    response->supported_features =
        GOOGLE__PROTOBUF__COMPILER__CODE_GENERATOR_RESPONSE__FEATURE__FEATURE_PROTO3_OPTIONAL;
    if (schema_open(&schema, pool, request)) {
        program = find_program(&schema);
        models = program == NULL ? NULL : open_models(&schema);
        if (models != NULL && check_request(&schema, models) && make_code(&schema, models, program, response)) {
            fprintf(stderr, "%s", schema.warnings.size > 0 ? schema.warnings.bytes : "");
            return;
        }
    }
    response->error = schema.refusal_count > 0 ? (char *)schema_refused(&schema) : schema.refusals.bytes;
}

static int run(struct pool *pool)
{
    Request *request = request_read(pool);
    Response response = GOOGLE__PROTOBUF__COMPILER__CODE_GENERATOR_RESPONSE__INIT;
    uint8_t *bytes;
    size_t   size;

    if (request == NULL)
        return 1;
    generate(pool, request, &response);
    size = google__protobuf__compiler__code_generator_response__get_packed_size(&response);
    bytes = pool_take(pool, size);
    google__protobuf__compiler__code_generator_response__pack(&response, bytes);
    if (write_all(bytes, size))
        return 0;
    fprintf(stderr, "protoc-gen-maru: standard output: %s\n", strerror(errno));
    return 1;
}

int main(int argc, char **argv)
{
    struct pool pool;
    int         status;

    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return printf("%s", usage) < 0;
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return printf("protoc-gen-maru %s\n", MARU_VERSION) < 0;
    if (argc > 1) {
        fprintf(stderr, "protoc-gen-maru: %s: no such argument\n%s", argv[1], usage);
        return USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    pool_open(&pool);
    status = run(&pool);
    pool_close(&pool);
    return status;
}
