import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

/*
 * A process of its own, which does everything at once for some seconds that hurts a careless server: floods of aliases, the
 * dearest pages that are served, documents that are wrong everywhere, nesting, bombs of JSON, garbage in frames, heads that
 * never end, and readers that do not read. Prints how much of each it did, as JSON.
 */

const [url = '', seconds = '1'] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const endsAt = performance.now() + Number(seconds) * 1_000;
const isOver = () => performance.now() >= endsAt;

/** @type {Record<string, number>} */
const done = {};
/** @param {string} what */
const count = (what) => {
  done[what] = (done[what] ?? 0) + 1;
};

/** @param {number} times @param {(index: number) => string} part */
const repeat = (times, part) => Array.from({ length: times }, (_, index) => part(index)).join(' ');
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
// No two documents are alike: what was refused once might be known.
let serial = 0;
const fresh = () => `n${(serial += 1)}`;

/** @type {Record<string, () => string>} Bodies, or what they are made of. */
const bodies = {
  aliases: () => body(`{ ${repeat(2_000, (n) => `${fresh()}a${n}: employee(id: 1) { name }`)} }`),
  employees: () =>
    body(`{ ${repeat(190, (n) => `${fresh()}: employee(id: ${n + 1}) { id name position salary }`)} }`),
  pages: () =>
    body(`{ ${repeat(24, () => `${fresh()}: employees(first: 180) { nodes { id name position } }`)} }`),
  counts: () =>
    body(
      `{ ${repeat(90, () => `${fresh()}: employees(first: 1, filter: { name: { contains: "zz" } }) { totalCount }`)} }`,
    ),
  'unknown fields': () => body(`{ topology { ${repeat(4_000, () => fresh())} } }`),
  'unused variables': () => body(`query (${repeat(2_000, () => `$${fresh()}: Int`)}) { __typename }`),
  nesting: () => body(`{ ${'a { '.repeat(12_000)}`),
  fragments: () =>
    body(
      `{ topology { ...F0 } } ${repeat(90, (n) => `fragment F${n} on Topology { ${fresh()}: term ...F${n + 1} }`)}`,
    ),
  'JSON bombs': () => `{"query":"{ __typename }","variables":${'['.repeat(48_000)}${']'.repeat(48_000)}}`,
  'long texts': () => body(`{ employee(id: "${'\\u0000'.repeat(8_000)}") { id } }`),
  'no JSON': () => `{"query":"${'x'.repeat(100_000)}`,
};

/** @param {string} query */
const body = (query) => JSON.stringify({ query });

/** @param {string} what @param {() => string} make */
async function flood(what, make) {
  while (!isOver()) {
    await post(make()).catch(() => delay(10));
    count(what);
  }
}

/** @param {string} text @returns {Promise<void>} */
const post = (text) =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const sent = request(`${url}/graphql`, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', resolve).once('error', reject);
    });
    sent.once('error', reject);
    sent.end(text);
  });

/** @param {string} text */
async function openRaw(text) {
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** Heads and bodies that never end: opened again when they are cut. */
async function halfOpen() {
  while (!isOver()) {
    const socket = await openRaw(
      'POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 90000\r\nx-a: ',
    ).catch(() => null);
    count('half-open connections');
    if (socket === null) await delay(50);
    else await Promise.race([once(socket, 'close'), delay(endsAt - performance.now())]);
  }
}

/** Asks for long answers, one behind the other, and reads none. */
async function slowReader() {
  const text = bodies['pages']?.() ?? '';
  const head = `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n`;
  const socket = await openRaw('');
  socket.pause();
  for (let pipelined = 0; pipelined < 20; pipelined += 1) {
    socket.write(head + text);
    count('answers that nobody reads');
  }
  await delay(endsAt - performance.now());
  socket.destroy();
}

const upgradeUrl = url.replace('http', 'ws') + '/graphql';

/** Frames that are none, or of no message, one connection after the other. */
async function garbageFrames() {
  while (!isOver()) {
    const socket = new WebSocket(upgradeUrl, 'graphql-transport-ws');
    socket.on('error', () => undefined);
    const closed = once(socket, 'close').catch(() => undefined);
    socket.once('open', () => {
      socket.send(Buffer.alloc(90_000, '{"type":'));
      socket.send('['.repeat(90_000));
    });
    await Promise.race([closed, delay(1_000)]);
    socket.terminate();
    count('garbage in frames');
  }
}

/** Subscribes a hundred times, and reads nothing any more. */
async function stalledListener() {
  const socket = new WebSocket(upgradeUrl, 'graphql-transport-ws');
  socket.on('error', () => undefined);
  socket.once('open', () => socket.send('{"type":"connection_init"}'));
  socket.once('message', () => {
    const query = `subscription { leadershipChanged { ${repeat(90, () => `${fresh()}: leader { name uri }`)} } }`;
    for (let id = 0; id < 100; id += 1) {
      socket.send(JSON.stringify({ id: `${id}`, type: 'subscribe', payload: { query } }));
      count('stalled subscriptions');
    }
    socket.pause();
  });
  await delay(endsAt - performance.now());
  socket.terminate();
}

/** @param {number} times @param {() => Promise<void>} one */
const many = (times, one) => Array.from({ length: times }, one);

await Promise.all([
  ...Object.entries(bodies).flatMap(([what, make]) => many(3, () => flood(what, make))),
  ...many(300, halfOpen),
  ...many(20, slowReader),
  ...many(10, garbageFrames),
  ...many(50, stalledListener),
]);
process.stdout.write(`${JSON.stringify(done)}\n`, () => process.exit());
