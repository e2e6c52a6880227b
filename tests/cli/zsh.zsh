# zsh.zsh: what zsh offers after each line: zsh -f zsh.zsh FOLDER LINE..., prints "LINE|OFFER OFFER ...". A real zsh on a terminal of its
# own gets the line and a tab; compadd, through which all that is offered goes, prints it.
zmodload zsh/zpty || exit 1
folder=$1 setup=$(mktemp) || exit 1
cat >$setup <<SETUP
PROMPT=
fpath=($folder \$fpath)
autoload -Uz compinit && compinit -u -D
bindkey '^I' complete-word
zstyle ':completion:*' list-prompt ''
compadd() {
    if [[ "\${@[1,(i)(-|--)]}" == *-(O|A|D)\ * ]]; then
        builtin compadd "\$@"
        return
    fi
    local -a got
    builtin compadd -A got "\$@"
    print -rl -- "offer:"\$^got
    return 0
}
comppostfuncs+=(said)
said() { print -r -- "all-said"; comppostfuncs=(said) }
print -r -- "ready-""now"
SETUP
zpty shell zsh -f -i
zpty -w shell "source $setup"
read_to() {
    local chunk
    seen=''
    while zpty -r shell chunk; do
        seen+=$chunk
        [[ $seen == *$1* ]] && return
    done
}
read_to ready-now
shift
for line; do
    zpty -w -n shell $'\C-u'"$line"$'\t'
    read_to all-said
    print -r -- "$line|"$(print -r -- "$seen" | tr -d '\r' | sed -n 's/^.*offer://p' | sort -u)
done
zpty -d shell
rm -f $setup
