# No copy without a bound: strcpy, stpcpy, strcat, sprintf, vsprintf, gets, alloca, those of wide characters, and scanf's bare %s are not used.

check() {
    code_matching '\b(__builtin_)?(strcpy|stpcpy|strcat|wcscpy|wcpcpy|wcscat|sprintf|vsprintf|gets|alloca)[[:space:]]*\(|scanf\(.*%l?[s[]' \
        $(files "^(rpc|svc|tools|tests)/.*$C_FILES") | sed 's/^\([^:]*:[0-9]*\):[[:space:]]*/\1: unbounded: /'
}

bad_copy() { echo 'void frame_copy(char *to, char *from) { strcpy(to, from); }' >>rpc/wire/frame.c; }
bad_copy_to_the_end() { echo 'void frame_copy(char *to, char *from) { stpcpy(to, from); }' >>rpc/wire/frame.c; }
bad_wide_copy() { echo 'void frame_copy(wchar_t *to, wchar_t *from) { wcscpy(to, from); }' >>rpc/wire/frame.c; }
bad_builtin() { echo 'void frame_copy(char *to, char *from) { __builtin_strcat(to, from); }' >>rpc/wire/frame.c; }
bad_print() { echo 'void frame_copy(char *to, char *from) { sprintf(to, "%s", from); }' >>rpc/wire/frame.c; }
bad_scan() { echo 'void frame_scan(char *to) { scanf("%[a-z]", to); }' >>rpc/wire/frame.c; }
