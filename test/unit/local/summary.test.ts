import { expect, test } from 'vitest';
import { renderSummary, type Summary } from '../../../src/local/summary.js';
import type { NodeView } from '../../../src/replicaset/view.js';
import { plain } from '../../../src/terminal.js';

const node = (name: string, port: number): NodeView => ({
  name,
  uri: `127.0.0.1:${port}`,
  reach: 'unknown',
  status: null,
  problem: null,
  lastSeenAt: null,
});

const summary: Summary = {
  url: 'http://127.0.0.1:4000',
  view: {
    state: 'led',
    term: 3,
    leader: 'paris',
    previousLeader: null,
    quorum: 2,
    nodes: [node('paris', 3301), node('marseille', 3302)],
    observedAt: new Date(0),
  },
  pids: new Map([['paris', 11]]),
  tarantool: { path: '/usr/bin/tarantool', version: '2.6.0', engine: 'tarantool2' },
  dataDir: '/srv/.data',
  seconds: 1.234,
};

test('a start ends with a table of what runs where', () => {
  expect(renderSummary(summary, plain)).toBe(`First query answered 1.2 s after the command

  Console     http://127.0.0.1:4000/
  GraphiQL    http://127.0.0.1:4000/graphiql
  Playground  http://127.0.0.1:4000/playground
  GraphQL     http://127.0.0.1:4000/graphql
  WebSocket   ws://127.0.0.1:4000/graphql
  Readiness   http://127.0.0.1:4000/readyz
  Nodes       paris      127.0.0.1:3301  leader    process 11
              marseille  127.0.0.1:3302  starting  process gone
  Leader      paris, term 3
  Engine      Tarantool 2.6.0 (/usr/bin/tarantool): development engine, elects by our Lua code; run Tarantool 3 in production
  Data        /srv/.data

Ctrl-C stops everything; the data stays in /srv/.data`);
});

test('the table of the nodes alone has no URLs, and Tarantool 3 is called nothing else', () => {
  const tarantool = { path: '/opt/tarantool', version: '3.3.0', engine: 'tarantool3' } as const;
  const text = renderSummary({ ...summary, url: null, tarantool }, plain);
  expect(text).toMatch(/^A leader is writable 1\.2 s after the command\n\n {2}Nodes/);
  expect(text).toMatch(/Engine {2}Tarantool 3\.3\.0 \(\/opt\/tarantool\)$/m);
});
