/** Shells that `completion` writes scripts for. */
export type Shell = "bash" | "zsh" | "fish" | "powershell";

/** The script that makes a shell ask this program for completions. */
export function completionScript(shell: Shell, options: { readonly descriptions: boolean }): string {
  const request = options.descriptions ? "__complete" : "__completeNoDesc";
  return scripts[shell].replaceAll("__REQUEST__", request);
}

/* Every script hands over the words up to the cursor, takes the last line of the answer as the directive, and offers the
   lines before it, cut at the tab between name and description. */
const scripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion for kubectl-package
__kubectl_package_complete() {
    local -a words lines
    local line current cut kept directive name
    read -r -a words <<< "\${COMP_LINE:0:COMP_POINT}"
    [[ "\${COMP_LINE:0:COMP_POINT}" == *[[:space:]] ]] && words+=("")
    current="\${words[\${#words[@]}-1]}"
    # Readline has cut the word at = and :, and only replaces what is behind the cut.
    cut="\${COMP_WORDS[COMP_CWORD]}"
    [[ "$cut" == [=:] ]] && cut=""
    kept="\${current%"$cut"}"
    COMPREPLY=()
    while IFS= read -r line; do lines+=("$line"); done \\
        < <(kubectl-package __REQUEST__ "\${words[@]:1}" 2>/dev/null)
    ((\${#lines[@]} > 0)) || return 0
    directive="\${lines[\${#lines[@]}-1]#:}"
    unset "lines[\${#lines[@]}-1]"
    for line in "\${lines[@]}"; do
        name="\${line%%$'\\t'*}"
        if [[ "$line" == *$'\\t'* ]] && ((\${#lines[@]} > 1)); then
            COMPREPLY+=("\${name#"$kept"}  (\${line#*$'\\t'})")
        else
            COMPREPLY+=("\${name#"$kept"}")
        fi
    done
    ((directive & 2)) && compopt -o nospace
    ((directive & 4)) || compopt -o default
    return 0
}
complete -F __kubectl_package_complete kubectl-package
`,
  zsh: `#compdef kubectl-package
compdef _kubectl_package kubectl-package

_kubectl_package() {
    local -a lines candidates options
    local line directive
    lines=("\${(@f)$(kubectl-package __REQUEST__ "\${(@Q)words[2,CURRENT-1]}" "\${(Q)words[CURRENT]}" 2>/dev/null)}")
    directive="\${lines[-1]#:}"
    [[ "$directive" == <-> ]] || return 1
    for line in "\${(@)lines[1,-2]}"; do
        line="\${line//:/\\\\:}"
        candidates+=("\${line/$'\\t'/:}")
    done
    ((directive & 2)) && options=(-S '')
    ((\${#candidates} > 0)) && _describe -V 'completions' candidates "\${options[@]}"
    ((directive & 4)) || _files
}

[ "\${funcstack[1]}" = "_kubectl_package" ] && _kubectl_package
`,
  fish: `# fish completion for kubectl-package
function __kubectl_package_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines (kubectl-package __REQUEST__ $words[2..-1] 2>/dev/null)
    test (count $lines) -gt 0; or return
    set -l directive (string replace -r '^:' '' -- $lines[-1])
    test (count $lines) -gt 1; and printf '%s\\n' $lines[1..-2]
    if test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path (commandline -ct)
    end
end
complete -c kubectl-package -e
complete -c kubectl-package -f -a '(__kubectl_package_complete)'
`,
  powershell: `# powershell completion for kubectl-package
Register-ArgumentCompleter -Native -CommandName 'kubectl-package' -ScriptBlock {
    param($WordToComplete, $CommandAst, $CursorPosition)
    $Words = @($CommandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $CursorPosition } |
        Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($WordToComplete -eq '') { $Words += '' }
    $Lines = @(& kubectl-package __REQUEST__ @Words 2>$null)
    if ($Lines.Count -eq 0) { return }
    $Directive = [int]($Lines[-1].TrimStart(':'))
    $Candidates = @($Lines | Select-Object -SkipLast 1)
    if ($Candidates.Count -eq 0 -and ($Directive -band 4) -ne 0) { return '' }
    foreach ($Line in $Candidates) {
        $Name, $Description = $Line -split "\`t", 2
        if (-not $Description) { $Description = $Name }
        $Text = if (($Directive -band 2) -ne 0) { $Name } else { "$Name " }
        [System.Management.Automation.CompletionResult]::new($Text, $Name, 'ParameterValue', $Description)
    }
}
`,
};
