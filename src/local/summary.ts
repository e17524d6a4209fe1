import type { ReplicaSetView } from '../replicaset/view.js';
import { type Paint, alignColumns } from '../terminal.js';
import type { TarantoolBinary } from './tarantool-binary.js';

/** What is known once everything runs. */
export interface Summary {
  /** The gateway's; null for the nodes alone. */
  readonly url: string | null;
  readonly view: ReplicaSetView;
  /** By node. */
  readonly pids: ReadonlyMap<string, number>;
  readonly tarantool: TarantoolBinary;
  readonly dataDir: string;
  /** From the command to the first answer. */
  readonly seconds: number;
}

/** The table that a start ends with. Pure. */
export function renderSummary(
  { url, view, pids, tarantool, dataDir, seconds }: Summary,
  paint: Paint,
): string {
  const nodes = alignColumns(
    view.nodes.map(({ name, uri, status }) => [
      name,
      uri,
      name === view.leader ? 'leader' : (status?.role ?? 'starting'),
      `process ${pids.get(name) ?? 'gone'}`,
    ]),
  );
  const rows = [
    ...(url === null ? [] : describeUrls(url)),
    ...nodes.map((line, index) => [index === 0 ? 'Nodes' : '', line]),
    ['Leader', view.leader === null ? 'nobody yet' : `${view.leader}, term ${view.term}`],
    ['Engine', describeEngine(tarantool)],
    ['Data', dataDir],
  ];
  const lines = alignColumns(rows).map((line, index) => {
    const heading = rows[index]?.[0] ?? '';
    return `  ${heading === '' ? '' : paint('bold', heading)}${line.slice(heading.length)}`;
  });
  const first = url === null ? 'A leader is writable' : 'First query answered';
  return [
    paint('green', `${first} ${seconds.toFixed(1)} s after the command`),
    '',
    ...lines,
    '',
    `Ctrl-C stops everything; the data stays in ${dataDir}`,
  ].join('\n');
}

function describeUrls(url: string): string[][] {
  return [
    ['Console', `${url}/`],
    ['GraphiQL', `${url}/graphiql`],
    ['Playground', `${url}/playground`],
    ['GraphQL', `${url}/graphql`],
    ['WebSocket', `${url.replace('http', 'ws')}/graphql`],
    ['Readiness', `${url}/readyz`],
  ];
}

function describeEngine({ engine, version, path }: TarantoolBinary): string {
  const name = `Tarantool ${version} (${path})`;
  return engine === 'tarantool3'
    ? name
    : `${name}: development engine, elects by our Lua code; run Tarantool 3 in production`;
}
