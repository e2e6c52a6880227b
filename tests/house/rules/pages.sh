# Every service has its page in its folder, README.md: short, with its .proto and all its methods; the tree's README.md links svc/.
# There, since a service is one .proto and one folder: no other file is touched for a new one, and what goes with it is moved and
# removed with it. The index is the folder of all folders, so that no new service must be written into one; a forge shows the
# page below the files. One page is at most 100 lines. Methods are the first cells of the table that begins with `| method |`.

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
    [ -f "$proto" ] || return 0
    grep -qF "](../../$proto)" "$page" || echo "$page: want a link to its contract: ../../$proto"
    comm -23 <(rpcs "$proto") <(told "$page") | while read -r name; do echo "$page: $name of $proto is not in its table of methods"; done
    comm -13 <(rpcs "$proto") <(told "$page") | while read -r name; do echo "$page: $name is in its table, and no method of $proto"; done
}

check() {
    local service
    for service in svc/*/; do
        service=$(basename "$service")
        [ -d "svc/$service" ] || continue
        if [ -f "svc/$service/README.md" ]; then
            check_page "$service" "svc/$service/README.md"
        else
            echo "svc/$service: has no page: want svc/$service/README.md"
        fi
    done
    grep -qF '](svc/)' README.md || echo "README.md: want a link to svc/, where the pages of the services are"
}

bad_missing() { rm svc/cart/README.md; }
bad_long() { yes more | head -n 101 >>svc/cart/README.md; }
bad_without_heading() { sed -i 1d svc/cart/README.md; }
bad_without_contract() { sed -i 's|../../proto/shop/cart.proto|../../proto/shop/|' svc/cart/README.md; }
bad_untold_method() { sed -i '/| GetCart/d' svc/cart/README.md; }
bad_method_of_no_contract() { printf '| method | what |\n| --- | --- |\n| DropCart | no more |\n' >>svc/cart/README.md; }
bad_unlinked() { sed -i 's|(svc/)|(docs/wire.md)|' README.md; }
