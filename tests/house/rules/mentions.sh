# Files that the documents name are there.
# `room/file.c` in backticks must be the end of a path of the tree: what is renamed would leave the walks of
# docs/architecture.md behind. What is generated (two dots) is in no tree; docs/writing-a-service.md names what its reader
# writes.

ROOMS='^(rpc|svc|tools|tests|cmake|proto)/'

mentions() { # FILE: LINE PATH of every source that it names with a folder
    awk '/^```/ { code = !code } { print code ? "" : $0 }' "$1" |
        grep -noE '`([A-Za-z0-9_-]+/)+[A-Za-z0-9_-]+\.(c|h|cc|sh|proto)`' | tr -d '`' | sed 's/:/ /'
}

check() {
    local file line path sources rooms
    sources=$(files "$ROOMS")
    rooms=$(sed -nE 'h; s|.*/([^/]+)/[^/]+$|\1|p; g; s|^([^/]+)/.*|\1|p' <<<"$sources" | sort -u)
    files '^(docs/.*|README)\.md$' | grep -v '^docs/writing-a-service' | while IFS= read -r file; do
        mentions "$file" | while read -r line path; do
            grep -qxF -- "${path%%/*}" <<<"$rooms" || continue
            grep -qE -- "(^|/)${path//./\\.}\$" <<<"$sources" || echo "$file:$line: names a file that is not there: $path"
        done
    done
    return 0
}

bad_file() { echo 'See `wire/nowhere.c`.' >>docs/architecture.md; }
bad_path() { echo 'See `rpc/conn/nowhere.h`.' >>README.md; }
