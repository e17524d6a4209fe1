import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { readUsage } from '../../src/bench/process-usage.js';
import { packageRoot } from '../../src/package-root.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { useCluster } from '../support/cluster.js';
import { GatewayProcess } from '../support/gateway-process.js';
import { build, Launched } from '../support/launched.js';

/*
 * Everything that hurts a careless server, at once, out of one process; ordinary people beside it, from another address.
 * ATTACK_SECONDS makes it longer and prints figures; those of docs/security.md are of 20 s.
 */

const seconds = Number(process.env['ATTACK_SECONDS'] ?? 1);
const cluster = useCluster();
beforeAll(build);

let gateway: GatewayProcess;
const helpers: Launched[] = [];
afterEach(async () => {
  for (const helper of helpers.splice(0)) helper.signal('SIGKILL');
  await gateway.end('SIGKILL');
});

const figures = z.object({
  asked: z.number(),
  p50: z.number(),
  p99: z.number(),
  longest: z.number(),
  failures: z.array(z.string()),
});

function launch(script: string): Launched {
  const path = join(packageRoot, 'test/support', script);
  const helper = new Launched([process.execPath, path, gateway.url, String(seconds)], {});
  helpers.push(helper);
  return helper;
}

/** What a script has printed at its end. */
async function end(helper: Launched): Promise<unknown> {
  expect(await helper.exit(), helper.output).toBe(0);
  return JSON.parse(helper.output.trim().split('\n').at(-1) ?? '');
}

const askAround = async () => figures.parse(await end(launch('ordinary-client.mjs')));

const megabytes = async (): Promise<number> =>
  Math.round((await readUsage(gateway.pid)).residentBytes / 2 ** 20);

/** The most memory that the gateway has until something has ended. */
async function mostMegabytesUntil(over: Promise<unknown>): Promise<number> {
  let isOver = false;
  const watched = over.finally(() => (isOver = true));
  let most = 0;
  await waitFor('it is over', async () => ((most = Math.max(most, await megabytes())), isOver), {
    timeoutMs: seconds * 1_000 + 30_000,
  });
  await watched;
  return most;
}

test(
  'ordinary people are served during the worst attack of one subject, and the memory is bounded',
  async () => {
    // As where others than this machine are served; the subjects are the addresses.
    const limits = { RATE_LIMIT: '100', MAX_CONNECTIONS_PER_SUBJECT: '100' };
    gateway = await GatewayProcess.start(cluster().definition.path, limits);
    await waitFor('it is ready', async () => (await fetch(`${gateway.url}/readyz`)).ok);
    const before = { ...(await askAround()), megabytes: await megabytes() };
    const ordinary = launch('ordinary-client.mjs');
    await ordinary.waitForOutput(/begun/);
    const attack = end(launch('attack.mjs'));
    const most = await mostMegabytesUntil(Promise.all([attack, ordinary.exit()]));
    const during = { ...figures.parse(await end(ordinary)), megabytes: most };
    const after = { ...(await askAround()), megabytes: await megabytes() };
    if (process.env['ATTACK_SECONDS'] !== undefined) {
      for (const told of [{ before }, { during }, { after }, { done: await attack }])
        process.stderr.write(`${JSON.stringify(told)}\n`);
    }

    for (const { failures, asked } of [before, during, after]) {
      expect(failures).toEqual([]);
      expect(asked).toBeGreaterThan(0);
    }
    expect(most).toBeLessThan(500);
    expect(gateway.output).not.toMatch(/a reason of our own|FATAL|heap/);
  },
  seconds * 4_000 + 60_000,
);
