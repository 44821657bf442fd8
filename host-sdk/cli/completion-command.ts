import { Argument, type Command } from 'commander';
import type { AddCommand } from './command.js';
import { EXIT } from './exit-code.js';

const SHELLS = { bash, zsh, fish } as const;

/** `cordon completion`. */
export const addCompletion: AddCommand = (program, act) => {
  program
    .command('completion')
    .summary('print what completes this command line in a shell')
    .description(
      'Prints a script for a shell: eval "$(cordon completion bash)" in ~/.bashrc, the same with zsh in ~/.zshrc, or ' +
        'cordon completion fish > ~/.config/fish/completions/cordon.fish.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .action(
      act(async (io, shell: keyof typeof SHELLS) => {
        io.out(SHELLS[shell](program));
        return EXIT.ok;
      }),
    );
};

function bash(program: Command): string {
  const cases = program.commands.map((one) => `    ${one.name()}) words="${flags(one).join(' ')}" ;;`);
  return `_cordon() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${[...names(program), 'help', '--help', '--version'].join(' ')}" -- "$cur"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
complete -o filenames -F _cordon cordon
`;
}

function zsh(program: Command): string {
  const commands = program.commands.map((one) => `    ${quoted(`${one.name()}:${one.summary()}`)}`);
  const cases = program.commands.map((one) => {
    const options = one.options.map(({ long, description }) =>
      quoted(`${long}[${description.replace(/[[\]]/g, '')}]`),
    );
    return `    ${one.name()}) _arguments ${options.join(' ')} '*:file:_files' ;;`;
  });
  return `#compdef cordon
_cordon() {
  local -a commands
  commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
${cases.join('\n')}
  esac
}
compdef _cordon cordon
`;
}

function fish(program: Command): string {
  const lines = program.commands.flatMap((one) => [
    `complete -c cordon -n __fish_use_subcommand -f -a ${one.name()} -d ${quoted(one.summary(), true)}`,
    ...one.options.map(
      ({ long, description, required }) =>
        `complete -c cordon -n '__fish_seen_subcommand_from ${one.name()}' -l ${long!.slice(2)}${required ? ' -r' : ''} -d ${quoted(description, true)}`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

function names(program: Command): string[] {
  return program.commands.map((one) => one.name());
}

function flags(command: Command): string[] {
  return [...command.options.map(({ long }) => long!), '--help'];
}

/** In single quotes. Fish escapes a quote within, the others have to leave the quotes for it. */
function quoted(text: string, isFish = false): string {
  return `'${isFish ? text.replace(/[\\']/g, '\\$&') : text.replaceAll("'", "'\\''")}'`;
}
