# Rooms of rpc/ include each other in no circle.
# A room is a folder of rpc/; rpc/include is none. The circle is printed with the files that make it.

check() {
    { files '^rpc/[^/]+/' | cut -d/ -f2 | sort -u | grep -vx include | sed 's/^/room /'
      includes $(files "^rpc/.*$C_FILES") | grep -v '^rpc/include/' |
        sed -E 's|^rpc/([^/]*)/[^:]*:[0-9]+:([^/]*)/.*|\1 \2 &|'; } | awk '
        $1 == "room" { room[$2] = 1; names[++count] = $2; next }
        ($1 in room) && ($2 in room) && $1 != $2 {
            if (!(($1, $2) in edge)) { edge[$1, $2] = $3; next_of[$1] = next_of[$1] " " $2 }
        }
        # Depth first; state 1: on the path, 2: done. A step to a room that is on the path closes a circle.
        function visit(a, depth,    list, n, i, j, k, circle) {
            state[a] = 1; path[depth] = a
            n = split(next_of[a], list, " ")
            for (i = 1; i <= n; i++) {
                if (state[list[i]] == 1) {
                    for (j = 1; path[j] != list[i]; j++) ;
                    circle = ""
                    for (k = j; k <= depth; k++) circle = circle path[k] " -> "
                    print "rpc: a circle of rooms: " circle list[i]
                    for (k = j; k < depth; k++) print "rpc:   " edge[path[k], path[k + 1]]
                    print "rpc:   " edge[a, list[i]]
                } else if (!state[list[i]])
                    visit(list[i], depth + 1)
            }
            state[a] = 2
        }
        END { for (r = 1; r <= count; r++) if (!state[names[r]]) visit(names[r], 1) }'
}

bad_two_rooms() { echo '#include "transport/nng.h"' >>rpc/wire/frame.c; }
bad_three_rooms() {
    echo '#include "store/db.h"' >>rpc/wire/frame.c
    echo '#include "transport/nng.h"' >>rpc/store/db.h
}
