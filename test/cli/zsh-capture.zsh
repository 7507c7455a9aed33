# Prints what zsh would complete a line to, one match a line: zsh zsh-capture.zsh SCRIPT LINE
# An interactive zsh on a pseudo terminal is made to tell what its completion functions add.
zmodload zsh/zpty || exit 3
script=$1 typed=$2
setup=$(mktemp)
cat >$setup <<'SETUP'
PROMPT= LISTMAX=10000
autoload -Uz compinit
compinit -u -D
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
null-line() { print -r -- "@@@" }
compprefuncs=( null-line )
comppostfuncs=( null-line exit )
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a __hits
  local __hit
  builtin compadd -A __hits "$@"
  for __hit in $__hits; do print -r -- "=$IPREFIX$__hit"; done
  builtin compadd "$@"
}
SETUP
print "source ${(q)script}; print walrusfs-\"ready\"" >>$setup
zpty z zsh -f -i
zpty -w z "source $setup"
zpty -r -m z line '*walrusfs-ready*'
zpty -n -w z "$typed"$'\t'
while zpty -r z line; do print -r -- "$line"; done | tr -d '\r' | sed -n 's/^=//p' | sort -u
rm -f $setup
