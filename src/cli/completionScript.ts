import type { Command, Option } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';

interface Word {
  readonly text: string;
  readonly description: string;
}

/**
 * The words after a command. `choices` are the values of its first argument. Without choices, this argument is a file.
 */
interface CommandWords extends Word {
  readonly choices: readonly Word[];
  readonly options: readonly Option[];
}

/** Returns a shell script that defines the completions of a program's commands and options. */
export function completionScript(program: Command, shell: Shell): string {
  const helper = program.createHelp();
  const wordsOf = (command: Command): CommandWords => ({
    text: command.name(),
    description: firstSentence(command.description()),
    choices: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices.map((text) => word(text))),
    options: [...helper.visibleOptions(command), ...helper.visibleGlobalOptions(command)].filter(
      ({ long }) => long !== undefined,
    ),
  });
  const commands = helper.visibleCommands(program).map(wordsOf);
  const root = { ...wordsOf(program), choices: commands };
  const help = commands.map((command) => (command.text === 'help' ? { ...command, choices: commands } : command));
  return { bash, zsh, fish }[shell](root, help);
}

function bash(root: CommandWords, commands: readonly CommandWords[]): string {
  const line = ({ choices, options }: CommandWords, pattern: string): string =>
    `    ${pattern}) choices=${quoted(textsOf(choices))} options=${quoted(textsOf(words(options)))} ;;\n`;
  return `_millrace() {
  local word=\${COMP_WORDS[COMP_CWORD]} command= at choices options
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      --) return ;;
      -*) ;;
      *) command=\${command:-\${COMP_WORDS[at]}} ;;
    esac
  done
  case $command in
${line(root, "''")}${commands.map((command) => line(command, command.text)).join('')}  esac
  [[ $word == -* ]] && choices=$options
  COMPREPLY=($(compgen -W "$choices" -- "$word"))
}
complete -o default -F _millrace millrace
`;
}

function zsh(root: CommandWords, commands: readonly CommandWords[]): string {
  const list = (all: readonly Word[]): string =>
    all.map(({ text, description }) => quoted(`${text}${description && `:${description}`}`)).join(' ');
  const line = ({ choices, options }: CommandWords, pattern: string): string =>
    `    ${pattern}) choices=(${list(choices)}); options=(${list(words(options))}) ;;\n`;
  return `#compdef millrace
_millrace() {
  local -a before choices options
  before=(\${words[2,CURRENT-1]})
  if (( \${before[(I)--]} )); then _files; return; fi
  case \${before[(r)[^-]*]} in
${line(root, "''")}${commands.map((command) => line(command, command.text)).join('')}  esac
  if [[ $PREFIX == -* ]]; then _describe -o option options
  elif (( \${#choices} )); then _describe argument choices
  else _files
  fi
}
compdef _millrace millrace
`;
}

function fish(root: CommandWords, commands: readonly CommandWords[]): string {
  const lines = (condition: string, { choices, options }: CommandWords): string[] => [
    ...choices.map(({ text, description }) => `${condition} -f -a ${fishQuoted(text)} -d ${fishQuoted(description)}`),
    ...options.map((option) => {
      const value = option.required ? ' -r' : '';
      return `${condition} -l ${option.name()}${value} -d ${fishQuoted(firstSentence(option.description))}`;
    }),
  ];
  const all = [
    ...lines('__fish_use_subcommand', root),
    ...commands.flatMap((command) => lines(`'__fish_seen_subcommand_from ${command.text}'`, command)),
  ];
  return all.map((line) => `complete -c millrace -n ${line}\n`).join('');
}

const word = (text: string, description = ''): Word => ({ text, description: firstSentence(description) });

const words = (options: readonly Option[]): Word[] =>
  options.map(({ long, description }) => word(long as string, description));

const textsOf = (all: readonly Word[]): string => all.map(({ text }) => text).join(' ');

const firstSentence = (text: string): string => text.replace(/(?:[.;:] | \().*$/s, '');

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const fishQuoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
