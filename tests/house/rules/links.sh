# Relative links of the documents lead somewhere.
# Paths must exist in the tree; #anchors must be headings of the document that they lead to.

slugs() { # FILE: the anchors of its headings, as forges make them
    sed '/^```/,/^```/d' "$1" | sed -nE 's/^#+[[:space:]]+//p' | sed -E 's/`//g; s/\[([^]]*)\]\([^)]*\)/\1/g' |
        tr '[:upper:]' '[:lower:]' | sed -E 's/[]!"#$%&'"'"'()*+,./:;<=>?@\\^{|}~[]//g; s/ /-/g'
}

targets() { # FILE: LINE TARGET of every link and picture
    awk '/^```/ { code = !code } { print code ? "" : $0 }' "$1" |
        grep -noE '\]\([^) ]+|(src|href|srcset)="[^"]+"' | sed -E 's/:(\]\(|[a-z]+="(.*)")/ \2/; s/^([0-9]+):/\1 /'
}

check() {
    local file line target path anchor folder
    files '\.md$' | while IFS= read -r file; do
        folder=$(dirname "$file")
        targets "$file" | while read -r line target; do
            case "$target" in *://* | mailto:*) continue ;; esac
            path=${target%%#*} anchor=''
            case "$target" in *'#'*) anchor=${target#*#} ;; esac
            if [ -n "$path" ] && [ ! -e "$folder/$path" ]; then
                echo "$file:$line: leads nowhere: $target"
            elif [ -n "$anchor" ]; then
                [ -n "$path" ] && path=$folder/$path || path=$file
                [ -f "$path" ] && slugs "$path" | grep -qxF -- "$anchor" ||
                    echo "$file:$line: no such heading: $target"
            fi
        done
    done
}

bad_link() { echo 'Read [on](docs/nowhere.md).' >>README.md; }
bad_picture() { echo '<img src="docs/nowhere.svg">' >>README.md; }
bad_anchor() { echo 'Read [on](#no-such-heading).' >>README.md; }
bad_anchor_elsewhere() { echo 'Read [on](docs/wire.md#no-such-heading).' >>README.md; }
