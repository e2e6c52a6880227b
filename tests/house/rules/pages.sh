# Every service has one page in docs/services: short, with its folder, its .proto and all its methods.
# README.md links the folder of pages, so that no list has to be edited for a new service. One page is at most 100 lines. Methods are the first cells of the table that begins with `| method |`.

PAGE_LINES=100

rpcs() { # PROTO: its methods, one a line
    sed -nE 's/^[[:space:]]*rpc[[:space:]]+([A-Za-z0-9_]+)[[:space:]]*\(.*/\1/p' "$1" | sort
}

told() { # PAGE: the methods of its table, one a line; a row may have several
    awk -F'|' '/^\| *method *\|/ {on = 1; next} !/^\|/ {on = 0} on && $2 !~ /^ *-+ *$/ {print $2}' "$1" |
        tr -d '` ' | tr ',' '\n' | grep -v '^$' | sort
}

check_page() { # SERVICE PAGE
    local service=$1 page=$2 proto=proto/shop/$1.proto lines name
    lines=$(wc -l <"$page")
    [ "$lines" -le "$PAGE_LINES" ] || echo "$page: $lines lines, want at most $PAGE_LINES: one page"
    head -n 1 "$page" | grep -q '^# ' || echo "$page:1: want a heading: # The $service"
    grep -qF "](../../svc/$service/)" "$page" || echo "$page: want a link to its folder: ../../svc/$service/"
    [ -f "$proto" ] || return 0
    grep -qF "](../../$proto)" "$page" || echo "$page: want a link to its contract: ../../$proto"
    comm -23 <(rpcs "$proto") <(told "$page") | while read -r name; do echo "$page: $name of $proto is not in its table of methods"; done
    comm -13 <(rpcs "$proto") <(told "$page") | while read -r name; do echo "$page: $name is in its table, and no method of $proto"; done
}

check() {
    local service page
    for service in svc/*/; do
        service=$(basename "$service") page=docs/services/$(basename "$service").md
        [ -d "svc/$service" ] || continue
        if [ ! -f "$page" ]; then
            echo "svc/$service: has no page: $page"
            continue
        fi
        check_page "$service" "$page"
    done
    grep -qF '](docs/services/)' README.md || echo "README.md: want a link to docs/services/"
    files '^docs/services/' | while IFS= read -r page; do
        service=$(basename "$page" .md)
        [ -d "svc/$service" ] || echo "$page: there is no svc/$service"
    done
}

bad_missing() { rm docs/services/cart.md; }
bad_long() { yes more | head -n 101 >>docs/services/cart.md; }
bad_without_heading() { sed -i 1d docs/services/cart.md; }
bad_without_folder() { sed -i 's|../../svc/cart/|../../svc/|' docs/services/cart.md; }
bad_without_contract() { sed -i 's|../../proto/shop/cart.proto|../../proto/shop/|' docs/services/cart.md; }
bad_untold_method() { sed -i '/| GetCart/d' docs/services/cart.md; }
bad_method_of_no_contract() { printf '| method | what |\n| --- | --- |\n| DropCart | no more |\n' >>docs/services/cart.md; }
bad_unlinked() { sed -i 's|(docs/services/)|(docs/wire.md)|' README.md; }
bad_page_of_nobody() { printf '# The till\n' >docs/services/till.md; }
