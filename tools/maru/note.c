/* note.c: finds the Maru note among an ELF program's headers. */
#include "note.h"

#include <elf.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

enum { NOTES_MAX = 4096, HEADERS_MAX = 64, NOTE_TYPE = 1 };

static size_t align4(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

bool note_found(const unsigned char *notes, size_t size)
{
    static const char owner[] = "Maru";
    ElfW(Nhdr) head;

    for (size_t at = 0; size - at >= sizeof head; at += align4(head.n_descsz)) {
        memcpy(&head, notes + at, sizeof head);
        at += sizeof head;
        if (head.n_namesz > size - at || align4(head.n_namesz) > size - at)
            return false;
        if (head.n_type == NOTE_TYPE && head.n_namesz == sizeof owner && memcmp(notes + at, owner, sizeof owner) == 0)
            return true;
        at += align4(head.n_namesz);
        if (head.n_descsz > size - at || align4(head.n_descsz) > size - at)
            return false;
    }
    return false;
}

static bool read_at(int fd, void *into, size_t size, off_t at)
{
    return pread(fd, into, size, at) == (ssize_t)size;
}

static bool is_program(const ElfW(Ehdr) * head)
{
    return memcmp(head->e_ident, ELFMAG, SELFMAG) == 0 && head->e_ident[EI_CLASS] == (sizeof(void *) == 8 ? 2 : 1) &&
           (head->e_type == ET_EXEC || head->e_type == ET_DYN) && head->e_phentsize == sizeof(ElfW(Phdr)) &&
           head->e_phnum <= HEADERS_MAX;
}

bool note_in_file(int fd)
{
    ElfW(Ehdr) head;
    ElfW(Phdr) part;
    unsigned char notes[NOTES_MAX];

    if (!read_at(fd, &head, sizeof head, 0) || !is_program(&head))
        return false;
    for (unsigned i = 0; i < head.e_phnum; i++) {
        if (!read_at(fd, &part, sizeof part, (off_t)(head.e_phoff + i * sizeof part)))
            return false;
        if (part.p_type == PT_NOTE && part.p_filesz <= sizeof notes &&
            read_at(fd, notes, part.p_filesz, (off_t)part.p_offset) && note_found(notes, part.p_filesz))
            return true;
    }
    return false;
}
