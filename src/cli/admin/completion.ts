import { Argument, Command } from 'commander';

/** What can follow some words of a command line. */
interface Place {
  /** Names of the commands so far, `quorate` first. */
  readonly path: string;
  readonly commands: readonly string[];
  readonly options: readonly string[];
  /** What may follow an option, by each of its names; only of those that take one of a few words. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

type Shell = 'bash' | 'zsh' | 'fish';

/** @param tree the whole program; asked for only when it is needed, since it loads everything */
export function completionCommand(tree: () => Promise<Command>): Command {
  return new Command('completion')
    .description('a script that completes commands, options and words that an option takes in a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', '\nExample:\n  source <(quorate completion bash)')
    .action(async (shell: Shell) => void process.stdout.write(completionScript(await tree(), shell)));
}

export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program);
  return shell === 'fish' ? fish(places) : shell === 'zsh' ? zsh(places) : bash(places);
}

/** @param path the names of the commands above it and its own */
function placesOf(command: Command, path = command.name()): Place[] {
  const help = ['--help'];
  const here = {
    path,
    commands: [
      ...command.commands.map((child) => child.name()),
      ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    ],
    options: [...command.options.flatMap(({ long }) => long ?? []), ...help],
    values: new Map(
      command.options.flatMap(({ long, short, argChoices }) =>
        [long, short].flatMap((name) => (name && argChoices ? [[name, argChoices] as const] : [])),
      ),
    ),
  };
  return [here, ...command.commands.flatMap((child) => placesOf(child, `${path} ${child.name()}`))];
}

/** The cases of the path so far, for the shells whose `case` is the same. */
function cases(places: readonly Place[]): string {
  return places
    .map(({ path, commands, options }) => `    '${path}') words='${[...commands, ...options].join(' ')}' ;;`)
    .join('\n');
}

/** The cases of the path and an option right before the word, which only some words may follow. */
function valueCases(places: readonly Place[]): string {
  return places
    .flatMap(({ path, values }) =>
      [...values].map(([name, words]) => `    '${path} ${name}') words='${words.join(' ')}' ;;`),
    )
    .join('\n');
}

/** Walks the words so far as long as they name commands. */
function walk(places: readonly Place[]): string {
  const known = places.map(({ path }) => `'${path}'`).join('|');
  return `case "$path $word" in ${known}) path="$path $word" ;; esac`;
}

function bash(places: readonly Place[]): string {
  return `_quorate() {
  local path=quorate word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    ${walk(places)}
  done
  case "$path" in
${cases(places)}
  esac
  case "$path \${COMP_WORDS[COMP_CWORD-1]}" in
${valueCases(places)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _quorate quorate
`;
}

function zsh(places: readonly Place[]): string {
  return `#compdef quorate
_quorate() {
  local path_so_far=quorate word words_here=''
  for word in "\${(@)words[2,CURRENT-1]}"; do
    ${walk(places).replaceAll('$path', '$path_so_far').replace('path="', 'path_so_far="')}
  done
  case "$path_so_far" in
${cases(places).replaceAll('words=', 'words_here=')}
  esac
  case "$path_so_far \${words[CURRENT-1]}" in
${valueCases(places).replaceAll('words=', 'words_here=')}
  esac
  compadd -- \${=words_here}
  _files
}
compdef _quorate quorate
`;
}

function fish(places: readonly Place[]): string {
  const known = places.map(({ path }) => `'${path}'`).join(' ');
  const lines = places.flatMap(({ path, commands, options, values }) => {
    const here = `complete -c quorate -n "test (__quorate_path) = '${path}'"`;
    const long = [...values].filter(([name]) => name.startsWith('--'));
    return [
      `${here} -a '${[...commands, ...options].join(' ')}'`,
      ...long.map(([name, words]) => `${here} -l ${name.slice(2)} -x -a '${words.join(' ')}'`),
    ];
  });
  return `function __quorate_path
  set -l path quorate
  for word in (commandline -opc)[2..-1]
    contains -- "$path $word" ${known}; and set path "$path $word"
  end
  echo $path
end
${lines.join('\n')}
`;
}
