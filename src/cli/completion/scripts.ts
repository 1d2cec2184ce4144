export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** What a shell runs once, so that it asks `stateward __complete` at every Tab. It knows no command itself: it never gets old. */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# bash completion for stateward: eval "$(stateward completion bash)"
_stateward() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("$line")
  done < <(STATEWARD_WORDBREAKS="$COMP_WORDBREAKS" "$1" __complete bash "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [ "\${#COMPREPLY[@]}" = 1 ] && [ "\${COMPREPLY[0]%/}" != "\${COMPREPLY[0]}" ]; then
    compopt -o nospace 2>/dev/null
  fi
  return 0
}
complete -F _stateward stateward stw
`,
  zsh: `#compdef stateward stw
# zsh completion for stateward: source <(stateward completion zsh)
_stateward() {
  local line value
  local -a values shown folders
  while IFS= read -r line; do
    value="\${line%%$'\\t'*}"
    if [[ "$value" == */ ]]; then
      folders+=("$value")
      continue
    fi
    values+=("$value")
    if [[ "\${line#*$'\\t'}" != "" ]]; then
      shown+=("$value  -- \${line#*$'\\t'}")
    else
      shown+=("$value")
    fi
  done < <("\${(Q)words[1]}" __complete zsh "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( \${#values} )) && compadd -l -d shown -a values
  (( \${#folders} )) && compadd -S '' -a folders
  return 0
}
if [[ "\${funcstack[1]}" == _stateward ]]; then
  _stateward "$@"
else
  (( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit -i; }
  compdef _stateward stateward stw
fi
`,
  fish: `# fish completion for stateward: stateward completion fish | source
function __stateward_complete
  set -l words (commandline -opc)
  $words[1] __complete fish $words[2..-1] (commandline -ct) 2>/dev/null
end
for name in stateward stw
  complete -c $name -e
  complete -c $name -f -k -a '(__stateward_complete)'
end
`,
};
