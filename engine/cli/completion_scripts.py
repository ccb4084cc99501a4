"""The scripts that make shells ask for completions, and how they are answered."""

from __future__ import annotations

from engine.cli.completion import Candidates

ASK = "__complete"  # the word, in the place of a command, by which a shell asks
LONGEST = 70  # characters of what a word means

BASH = """\
# Completion of tessera for bash: eval "$(tessera completion bash)"
_tessera() {
    local line kind="" last="${COMP_WORDS[COMP_CWORD]}" words=()
    while IFS= read -r line; do
        if [ -z "$kind" ]; then kind=$line; continue; fi
        line=${line%%$'\\t'*}
        # bash takes = for the end of a word, so what stands before it is there already
        if [ "$last" = "=" ] || [ "${COMP_WORDS[COMP_CWORD - 1]}" = "=" ]; then line=${line#*=}; fi
        words+=("$line")
    done < <("$1" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    COMPREPLY=("${words[@]}")
    if [ "$kind" = files ]; then
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "${last#=}")
    fi
    case "${COMPREPLY[0]}" in *=) compopt -o nospace 2>/dev/null ;; esac
}
complete -F _tessera tessera
"""
ZSH = """\
#compdef tessera
# Completion of tessera for zsh: eval "$(tessera completion zsh)", or as a file _tessera in a folder of $fpath
_tessera() {
    local line kind word
    local -a plain open
    for line in "${(@f)$(${words[1]} __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        if [[ -z $kind ]]; then kind=$line; continue; fi
        word=${${line%%$'\\t'*}//:/\\\\:}
        if [[ $word == *= ]]; then open+=("$word:${line#*$'\\t'}"); else plain+=("$word:${line#*$'\\t'}"); fi
    done
    (( $#plain )) && _describe -t values tessera plain
    (( $#open )) && _describe -t settings tessera open -S ''
    [[ $kind == files ]] && _files
}
if [[ $funcstack[1] == _tessera ]]; then _tessera "$@"; else compdef _tessera tessera; fi
"""
FISH = """\
# Completion of tessera for fish: tessera completion fish | source
function __tessera_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l lines ($program __complete $words "$current" 2>/dev/null)
    test (count $lines) -gt 1; and printf '%s\\n' $lines[2..-1]
    test "$lines[1]" = files; and __fish_complete_path "$current"
end
complete -c tessera -f -a '(__tessera_complete)'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def answer(found: Candidates) -> str:
    """A line that says whether files may stand there, and a line for each word with what it means."""
    lines = [f"{word}\t{_short(about)}" for word, about in found.words.items()]
    return "\n".join(["files" if found.has_files else "words", *lines])


def _short(text: str) -> str:
    line = " ".join(text.replace("`", "").split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."
