/* readable.c: finds in a .proto what libmaru's reader refused of its descriptor (contract: readable.h). What is right
 * is for that reader to say (reader.h), so that the two cannot differ; here is only which line it speaks of. */
#include "readable.h"

#include <string.h>

#include "embed.h"
#include "reader.h"

enum { MESSAGE_FIELD = 2 };

/* Looks for a place by its names, and keeps the nearest that it finds. */
struct search {
    const struct reader_fault *fault;
    struct place               place;
};

static bool is(const char *name, const char *wanted)
{
    return wanted != NULL && strcmp(name, wanted) == 0;
}

static void look_at_type(void *arg, const struct type *type, const struct place *place)
{
    struct search *search = arg;

    if (!is(type->name + 1, search->fault->type))
        return;
    search->place = *place;
    for (size_t i = 0; type->message != NULL && i < type->message->n_field; i++)
        if (is(type->message->field[i]->name, search->fault->member))
            search->place = place_in(place, MESSAGE_FIELD, (int32_t)i);
}

static void look_at_services(struct search *search, const struct model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct service *service = &model->services[i];

        if (!is(service->name, search->fault->type))
            continue;
        search->place = service->place;
        for (size_t k = 0; k < service->count; k++)
            if (is(service->methods[k].proto->name, search->fault->member))
                search->place = service->methods[k].place;
    }
}

/* The file that a fault is in: where it does not say, that which was read. */
static size_t file_of(const Request *request, size_t read, const struct reader_fault *fault)
{
    for (size_t i = 0; i < request->n_proto_file; i++)
        if (is(request->proto_file[i]->name, fault->file))
            return i;
    return read;
}

/* The line begins with the name of the file; the reader's words do too. */
static const char *without_file(const char *words, const char *file)
{
    size_t size = strlen(file);

    return strncmp(words, file, size) == 0 && strncmp(words + size, ": ", 2) == 0 ? words + size + 2 : words;
}

static void refuse(struct schema *schema, const struct model *model, const struct reader_fault *fault)
{
    struct search search = {.fault = fault, .place = {.file = model->file}};

    schema_walk(schema->pool, model->file, look_at_type, &search);
    look_at_services(&search, model);
    schema_refuse(schema, &search.place, "libmaru could not read the file's descriptor at run time: %s",
                  without_file(fault->words, model->file->name));
}

/* Reads the file of that index and all that it imports. */
static bool read_closure(struct schema *schema, const struct embedded *embedded, size_t index,
                         struct reader_fault *fault)
{
    const Request      *request = schema->request;
    bool               *marked = pool_take(schema->pool, request->n_proto_file * sizeof *marked);
    struct reader_file *files = pool_take(schema->pool, request->n_proto_file * sizeof *files);
    size_t              count = 0;

    embed_closure(request, index, marked);
    for (size_t i = 0; i <= index; i++)
        if (marked[i])
            files[count++] = (struct reader_file){.bytes = embedded[i].bytes, .size = embedded[i].size};
    return reader_read(schema->pool, files, count, fault);
}

/* In the request's order imports come first: what is refused of one is not said again of those that import it. */
bool readable_check(struct schema *schema, const struct model *models, const struct embedded *embedded)
{
    const Request *request = schema->request;
    bool          *refused = pool_take(schema->pool, request->n_proto_file * sizeof *refused);

    for (size_t i = 0; i < request->n_proto_file; i++) {
        struct reader_fault fault;
        size_t              at;

        if (!schema_generates(schema, request->proto_file[i]) || read_closure(schema, embedded, i, &fault))
            continue;
        at = file_of(request, i, &fault);
        if (!refused[at])
            refuse(schema, &models[at], &fault);
        refused[at] = true;
    }
    return schema->refusal_count == 0;
}
