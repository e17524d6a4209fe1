import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '../../src/trial/wait-for.js';
import { useCluster } from '../support/cluster.js';
import { startGateway, type GraphQLFailure, type TestGateway } from '../support/gateway.js';
import { Load } from '../support/load.js';
import { expectNothingLost, waitForReplication } from '../support/replication.js';

const cluster = useCluster();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(cluster());
});
afterAll(() => gateway.stop());

let leader: string;
let target: string;
let third: string;
beforeEach(async () => {
  leader = await cluster().waitForLeader();
  await waitForReplication(cluster());
  [target = '', third = ''] = cluster().names.filter((name) => name !== leader);
});

const transferTo = (to: string): Promise<unknown> =>
  gateway.ask(
    'mutation ($to: String!) { transferLeadership(to: $to) { term writable leader { name role } } }',
    { to },
  );

/** What the client is told when it is refused. */
const refusal = async (to: string): Promise<unknown> =>
  transferTo(to).catch((error: GraphQLFailure) => error.extensions);

/** Writes over GraphQL, one mutation after another, until it is stopped. Rejects at the first that fails. */
function writeAllTheTime(): { count: () => number; stop: () => Promise<void> } {
  let count = 0;
  const stopping = new AbortController();
  const written = (async () => {
    while (!stopping.signal.aborted) {
      await gateway.ask(
        'mutation { addEmployee(input: {name: "A", position: "B", salary: 1}) { employee { id } } }',
      );
      count += 1;
      await setImmediate();
    }
  })();
  // Told by `stop`; until then nobody waits for it.
  written.catch(() => undefined);
  return {
    count: () => count,
    stop: () => {
      stopping.abort();
      return written;
    },
  };
}

test('Twenty transfers in a row under load: each ends at the node that was asked, no request fails, and nothing is lost', async () => {
  const load = Load.start(cluster());
  const overGraphQL = writeAllTheTime();
  let { term } = await cluster().status(leader);
  for (let turn = 0; turn < 20; turn += 1) {
    await load.waitForProgress(20);
    const to = turn % 2 === 0 ? target : third;
    const answer = {
      transferLeadership: { term: expect.any(Number), writable: true, leader: { name: to, role: 'LEADER' } },
    };
    expect(await transferTo(to)).toEqual(answer);
    const status = await cluster().status(to);
    expect(status).toMatchObject({ role: 'leader', writable: true });
    // One election each: nobody else stood, and nobody stood in vain.
    expect(status.term).toBe(term + 1);
    term = status.term;
  }
  await load.waitForProgress(100);
  await overGraphQL.stop();
  await load.stop();
  expect(overGraphQL.count()).toBeGreaterThan(20);
  expect(load.ledger.counts).toMatchObject({ 'not-applied': 0, unknown: 0 });
  await expectNothingLost(cluster(), load.ledger);
});

test('A transfer to the leader itself changes nothing', async () => {
  const { term } = await cluster().status(leader);
  expect(await transferTo(leader)).toMatchObject({ transferLeadership: { term, leader: { name: leader } } });
  expect((await cluster().status(leader)).term).toBe(term);
});

describe('A transfer is refused, and the leader goes on,', () => {
  let load: Load;
  let term: number;
  beforeEach(async () => {
    ({ term } = await cluster().status(leader));
    load = Load.start(cluster());
    await load.waitForProgress(20);
  });
  afterEach(async () => {
    await load.waitForProgress(20);
    await load.stop();
    expect(load.ledger.counts).toMatchObject({ 'not-applied': 0, unknown: 0 });
    expect(await cluster().status(leader)).toMatchObject({ role: 'leader', writable: true, term });
  });

  test('when no node has the name: the error tells which there are', async () => {
    const reason = `must be one of ${cluster().names.join(', ')}`;
    expect(await refusal('nobody')).toEqual({ code: 'BAD_USER_INPUT', field: 'to', reason });
  });

  test('when the target is dead', async () => {
    await cluster().kill(target);
    expect(await refusal(target)).toEqual({
      code: 'TRANSFER_REFUSED',
      reason: 'UNREACHABLE',
      leader,
      retryable: true,
    });
    await cluster().restart(target);
  });

  test('when the target is frozen, and it does not stand when it wakes', async () => {
    await cluster().freeze(target);
    expect(await refusal(target)).toMatchObject({ code: 'TRANSFER_REFUSED', reason: 'UNREACHABLE', leader });
    cluster().thaw(target);
    await waitFor(`${target} follows`, async () => (await cluster().status(target)).leader === leader);
  });

  test('when the target takes no rows', async () => {
    const replication = await cluster().evaluate(
      target,
      `local held = box.cfg.replication
       box.cfg({replication = {}})
       return held`,
    );
    const refused = await refusal(target);
    await cluster().evaluate(target, 'box.cfg({replication = ...})', replication);
    expect(refused).toMatchObject({ code: 'TRANSFER_REFUSED', reason: 'LAGGING', leader });
  });

  test('while another transfer is under way', async () => {
    await cluster().freeze(target);
    const both = await Promise.all([refusal(target), refusal(target)]);
    const reasons = both.map((refused) => String(Object(refused).reason));
    expect(new Set(reasons)).toEqual(new Set(['IN_PROGRESS', 'UNREACHABLE']));
    cluster().thaw(target);
    await waitFor(`${target} follows`, async () => (await cluster().status(target)).leader === leader);
  });
});

test('A node that is told to stand by nobody who hands over stays a follower', async () => {
  const { term } = await cluster().status(leader);
  const chunk = 'return replicaset.stand_for_election(...).is_elected';
  expect(await cluster().evaluate(target, chunk, { leader, term })).toBe(false);
  expect(await cluster().status(leader)).toMatchObject({ role: 'leader', term });
});

test('When the target dies as it is told to stand, another node leads, and nothing is lost', async () => {
  const load = Load.start(cluster());
  await load.waitForProgress(20);
  // On either engine: it dies with the request in its hands.
  await cluster().evaluate(
    target,
    `local ffi = require('ffi')
     pcall(ffi.cdef, 'int kill(int pid, int sig);')
     local function die() ffi.C.kill(require('tarantool').pid(), 9) end
     rawset(_G.replicaset, 'stand_for_election', die)
     if rawget(_G, 'election') ~= nil then rawset(_G.election, 'resign', die) end`,
  );
  const failure = await transferTo(target).catch((error: GraphQLFailure) => error);
  expect(failure).toMatchObject({ codes: ['TRANSFER_REFUSED'] });
  const next = await cluster().waitForLeader({ not: target });
  await load.waitForProgress(20);
  await cluster().restart(target);
  await load.stop();
  expect(next).not.toBe(target);
  await expectNothingLost(cluster(), load.ledger);
});
