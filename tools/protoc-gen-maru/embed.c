/* embed.c: packs a file and those that it imports as descriptors, and hashes them into fingerprints. */
#include "embed.h"

#include <stdlib.h>
#include <string.h>

static size_t index_of(const Request *request, const char *name)
{
    size_t i = 0;

    while (i < request->n_proto_file && strcmp(request->proto_file[i]->name, name) != 0)
        i++;
    return i;
}

static struct embedded pack(struct pool *pool, const File *file)
{
    File     bare = *file;
    uint8_t *bytes;
    size_t   size;

    bare.source_code_info = NULL;
    size = google__protobuf__file_descriptor_proto__get_packed_size(&bare);
    bytes = pool_take(pool, size);
    google__protobuf__file_descriptor_proto__pack(&bare, bytes);
    return (struct embedded){.bytes = bytes, .size = size};
}

/* A file comes after its imports in a request, so that going back once over the files before it meets each after
 * everything that imports it. */
void embed_closure(const Request *request, size_t last, bool *marked)
{
    memset(marked, 0, request->n_proto_file * sizeof *marked);
    marked[last] = true;
    for (size_t i = last + 1; i-- > 0;) {
        const File *file = request->proto_file[i];

        for (size_t d = 0; marked[i] && d < file->n_dependency; d++) {
            size_t import = index_of(request, file->dependency[d]);

            if (import < i)
                marked[import] = true;
        }
    }
}

struct named {
    const char            *name;
    const struct embedded *embedded;
};

static int compare_named(const void *left, const void *right)
{
    return strcmp(((const struct named *)left)->name, ((const struct named *)right)->name);
}

static uint64_t fingerprint(const struct schema *schema, const struct embedded *all, size_t index)
{
    const Request *request = schema->request;
    bool          *marked = pool_take(schema->pool, request->n_proto_file * sizeof *marked);
    struct named  *files = pool_take(schema->pool, request->n_proto_file * sizeof *files);
    size_t         count = 0;
    uint64_t       hash = MODEL_HASH_BASIS;

    embed_closure(request, index, marked);
    for (size_t i = 0; i <= index; i++)
        if (marked[i])
            files[count++] = (struct named){.name = request->proto_file[i]->name, .embedded = &all[i]};
    qsort(files, count, sizeof *files, compare_named);
    for (size_t i = 0; i < count; i++)
        hash = model_hash(hash, files[i].embedded->bytes, files[i].embedded->size);
    return hash;
}

struct embedded *embed_all(const struct schema *schema)
{
    const Request   *request = schema->request;
    struct embedded *all = pool_take(schema->pool, request->n_proto_file * sizeof *all);

    for (size_t i = 0; i < request->n_proto_file; i++)
        all[i] = pack(schema->pool, request->proto_file[i]);
    for (size_t i = 0; i < request->n_proto_file; i++)
        all[i].fingerprint = fingerprint(schema, all, i);
    return all;
}
