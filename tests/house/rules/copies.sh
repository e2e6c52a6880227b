# No copy without a bound: strcpy, strcat, sprintf, vsprintf, gets and scanf's bare %s are not used.

check() {
    code_matching '\b(strcpy|strcat|sprintf|vsprintf|gets|alloca)[[:space:]]*\(|scanf\(.*%s' \
        $(files '^(rpc|svc|tools|tests)/.*\.(c|h)$') | sed 's/^\([^:]*:[0-9]*\):[[:space:]]*/\1: unbounded: /'
}

bad_copy() { echo 'void frame_copy(char *to, char *from) { strcpy(to, from); }' >>rpc/wire/frame.c; }
bad_print() { echo 'void frame_copy(char *to, char *from) { sprintf(to, "%s", from); }' >>rpc/wire/frame.c; }
