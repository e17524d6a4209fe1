import { alignColumns } from './terminal.js';

interface Command {
  readonly does: string;
  /** What may follow its name. */
  readonly options: Readonly<Record<string, string>>;
  /** Each command is a module of its own, which is loaded only when it is wanted, and runs then. */
  readonly run: () => Promise<unknown>;
}

/** What can be asked of `employee-gateway`, in the order of its help. */
export const commands = {
  serve: {
    does: 'runs the gateway, for the nodes of CLUSTER_CONFIG, until SIGTERM or Ctrl-C',
    options: {},
    run: () => import('./main.js'),
  },
  check: {
    does: 'looks at the nodes and the settings, and says how to mend what is wrong; code 1 when there is a problem, 2 without settings',
    options: {
      '--settings': 'looks at the settings alone, as a stranger would: connects to nobody',
      '--json': 'prints it for machines',
    },
    run: () => import('./check.js'),
  },
  topology: {
    does: 'asks the nodes who leads and how replication is; ends with code 1 when nobody may write',
    options: { '--json': 'prints it for machines' },
    run: () => import('./topology.js'),
  },
  schema: {
    does: 'prints the GraphQL schema that this version serves',
    options: {},
    run: () => import('./print-schema.js'),
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

/** What a command line asks for, or why nothing can be made of it. */
export type CommandLine =
  | { readonly kind: 'run'; readonly command: CommandName }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly problem: string };

/** Reads what follows the name of the program. The options are looked at here, and left for the command to find. */
export function readCommandLine([name, ...options]: readonly string[]): CommandLine {
  if (name === undefined) return { kind: 'wrong', problem: 'Say what to do' };
  if (name === '--version') return { kind: 'version' };
  if (name === '--help' || name === '-h' || name === 'help') return { kind: 'help' };
  if (!isCommand(name)) return { kind: 'wrong', problem: `${JSON.stringify(name)} is no command` };
  if (options.includes('--help')) return { kind: 'help' };
  const known = Object.keys(commands[name].options);
  const unknown = options.filter((option) => !known.includes(option));
  if (unknown.length === 0) return { kind: 'run', command: name };
  return { kind: 'wrong', problem: `${name} takes no ${unknown.join(' ')}` };
}

const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name);

export function renderHelp(version: string): string {
  const rows = Object.entries<Command>(commands).flatMap(([name, { does, options }]) => [
    [`  ${name}`, does],
    ...Object.entries(options).map(([option, meaning]) => [`    ${option}`, meaning]),
  ]);
  return [
    `employee-gateway ${version}: GraphQL in front of a Tarantool replica set that elects its own leader`,
    '',
    'Usage: employee-gateway <command>',
    '',
    ...alignColumns([...rows, ['  --help', 'prints this'], ['  --version', 'prints the version']]),
    '',
    'Settings come from the environment: CLUSTER_CONFIG names the config.yaml of the nodes, README.md lists the rest.',
  ].join('\n');
}
