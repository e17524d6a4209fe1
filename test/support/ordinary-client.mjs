import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/*
 * A process of its own: some people who ask for one employee after the other, from an address of their own, for some
 * seconds. Says when they have begun; then how long they waited, in milliseconds, and what they did not get, as JSON.
 */

const [url = '', seconds = '1'] = process.argv.slice(2);
const endsAt = performance.now() + Number(seconds) * 1_000;
// Less than a hundred a second.
const people = 2;
const thinkMs = 30;

/** Subjects are addresses where nobody needs a token, and all of 127.0.0.0/8 is this machine. */
const agent = new Agent({ keepAlive: true, localAddress: '127.0.0.2' });
const body = JSON.stringify({ query: '{ employee(id: 1) { id name position } }' });
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };

/** @type {number[]} */
const waits = [];
/** @type {string[]} */
const failures = [];

/** @returns {Promise<string>} */
const ask = () =>
  new Promise((resolve, reject) => {
    const sent = request(`${url}/graphql`, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (chunk) => (text += chunk))
        .once('end', () => resolve(text))
        .once('error', reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });

async function person() {
  while (performance.now() < endsAt) {
    const askedAt = performance.now();
    const answer = await ask().catch(String);
    waits.push(performance.now() - askedAt);
    if (!answer.startsWith('{"data":{"employee":{"id":"1"')) failures.push(answer.slice(0, 200));
    await delay(thinkMs);
  }
}

// Whoever is connected stays so.
await Promise.all(Array.from({ length: people }, ask));
process.stdout.write('begun\n');
await Promise.all(Array.from({ length: people }, person));
waits.sort((a, b) => a - b);
/** @param {number} share */
const percentile = (share) => Math.round((waits[Math.floor(share * waits.length)] ?? NaN) * 10) / 10;
const figures = {
  asked: waits.length,
  p50: percentile(0.5),
  p99: percentile(0.99),
  longest: percentile(0.9999),
  failures,
};
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit());
