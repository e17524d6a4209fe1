import { beforeEach, describe, expect, test } from 'vitest';
import { type TestCluster, useCluster } from '../support/cluster.js';
import { employeesOn, waitForReplication } from '../support/replication.js';
import { add, remove, write, writeRequest } from '../support/writes.js';

const cluster = useCluster();
let leader: string;
beforeEach(async () => {
  leader = await cluster().waitForLeader();
});

const others = () => cluster().names.filter((name) => name !== leader);
const namesOf = async (on: TestCluster) => (await employeesOn(on, leader)).map(({ name }) => name);

describe('A write is applied once', () => {
  test('however often it is repeated: the answer is the first one', async () => {
    const request = writeRequest('add', { rows: [[null, 'Once', 'Worker', 1]] });
    const first = await write(cluster(), leader, request);
    expect(first).toMatchObject({ status: 'ok', rows: [[expect.any(Number), 'Once', 'Worker', 1]] });
    await add(cluster(), leader, [[null, 'Somebody else', 'Worker', 1]]);
    expect(await write(cluster(), leader, request)).toEqual(first);
    expect((await namesOf(cluster())).filter((name) => name === 'Once')).toHaveLength(1);
  });

  test('when it is sent many times at once', async () => {
    const request = writeRequest('add', { rows: [[null, 'At once', 'Worker', 1]] });
    const answers = await Promise.all(Array.from({ length: 10 }, () => write(cluster(), leader, request)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect((await namesOf(cluster())).filter((name) => name === 'At once')).toHaveLength(1);
  });

  test('when it is an update or a removal: the answer is that of the first time', async () => {
    await add(cluster(), leader, [[501, 'Brief', 'Worker', 1]]);
    const update = writeRequest('update', { id: 501, salary: 2 });
    const removal = writeRequest('remove', { id: 501 });
    for (const repetition of [1, 2]) {
      expect({ repetition, reply: await write(cluster(), leader, update) }).toEqual({
        repetition,
        reply: { status: 'ok', rows: [[501, 'Brief', 'Worker', 2]], applied_at: expect.any(Number) },
      });
    }
    for (const request of [removal, update, removal]) {
      expect(await write(cluster(), leader, request)).toMatchObject({
        status: 'ok',
        rows: [[501, 'Brief', 'Worker', 2]],
      });
    }
    expect(await cluster().call(leader, 'employees.get', [501])).toEqual({ status: 'ok', rows: [] });
  });

  test('when it was refused: it is refused again, though the reason is gone', async () => {
    const row = [503, 'Second', 'Worker', 1] as const;
    await add(cluster(), leader, [[503, 'First', 'Worker', 1]]);
    const refused = writeRequest('add', { rows: [row] });
    const first = await write(cluster(), leader, refused);
    expect(first).toMatchObject({ status: 'rejected', code: 'EMPLOYEE_EXISTS' });
    await remove(cluster(), leader, 503);
    expect(await write(cluster(), leader, refused)).toEqual(first);
    const other = writeRequest('remove', { id: 1 }, { request_id: refused.request_id });
    expect(await write(cluster(), leader, other)).toEqual({
      status: 'rejected',
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    await add(cluster(), leader, [row]);
  });

  test('S38: when the next leader is asked again', async () => {
    const request = writeRequest('add', { rows: [[null, 'Handed on', 'Worker', 1]] });
    const first = await write(cluster(), leader, request);
    await cluster().kill(leader);
    await cluster().restart(leader);
    leader = await cluster().waitForLeader();
    expect(await write(cluster(), leader, { ...request, deadline: Date.now() + 10_000 })).toEqual(first);
    expect((await namesOf(cluster())).filter((name) => name === 'Handed on')).toHaveLength(1);
  });
});

test('A request id that was used for something else is refused, and nothing is written', async () => {
  const request = writeRequest('add', { rows: [[601, 'Mine', 'Worker', 1]] });
  await write(cluster(), leader, request);
  for (const other of [
    { ...request, arguments: { rows: [[601, 'Mine', 'Worker', 2]] } },
    { ...request, arguments: { rows: [[null, 'Mine', 'Worker', 1]] } },
    writeRequest('update', { id: 601, salary: 9 }, { request_id: request.request_id }),
    writeRequest('remove', { id: 601 }, { request_id: request.request_id }),
  ]) {
    const reply = await write(cluster(), leader, other);
    expect(reply).toEqual({ status: 'rejected', code: 'IDEMPOTENCY_KEY_REUSED' });
  }
  expect(await cluster().call(leader, 'employees.get', [601])).toMatchObject({
    rows: [[601, 'Mine', 'Worker', 1]],
  });
});

test('A request id is known to nobody but who may repeat the request, if there is such a one', async () => {
  const request = writeRequest('add', { rows: [[602, 'Hers', 'Worker', 1]] }, { repeatable_by: 'ada' });
  const first = await write(cluster(), leader, request);
  expect(await write(cluster(), leader, request)).toEqual(first);
  const { repeatable_by: _, ...byAnybody } = request;
  for (const other of [byAnybody, { ...request, repeatable_by: 'bob' }]) {
    const reply = await write(cluster(), leader, other);
    expect(reply).toEqual({ status: 'rejected', code: 'IDEMPOTENCY_KEY_REUSED' });
  }
  await remove(cluster(), leader, 602);
});

describe('A write is not applied', () => {
  test('past its deadline', async () => {
    const request = writeRequest('add', { rows: [[701, 'Late', 'Worker', 1]] }, { deadline: Date.now() - 1 });
    await expect(write(cluster(), leader, request)).rejects.toMatchObject({
      code: 'DEADLINE_PASSED',
      outcome: 'not-applied',
    });
    expect(await cluster().call(leader, 'employees.get', [701])).toMatchObject({ rows: [] });
  });

  test('on a follower', async () => {
    for (const follower of others()) {
      const request = writeRequest('add', { rows: [[702, 'Astray', 'Worker', 1]] });
      await expect(write(cluster(), follower, request)).rejects.toMatchObject({
        code: 'READ_ONLY',
        outcome: 'not-applied',
      });
    }
    expect(await cluster().call(leader, 'employees.get', [702])).toMatchObject({ rows: [] });
  });

  test('when one of its ids is taken: none of the rows is added', async () => {
    const rows = [
      [703, 'New', 'Worker', 1],
      [1, 'John Doe again', 'Worker', 1],
    ];
    const reply = await write(cluster(), leader, writeRequest('add', { rows }));
    expect(reply).toMatchObject({ status: 'rejected', code: 'EMPLOYEE_EXISTS', id: 1 });
    expect(await cluster().call(leader, 'employees.get', [703])).toMatchObject({ rows: [] });
  });

  test('when another one with the same id is being applied', async () => {
    const attempts = Array.from({ length: 10 }, (_, index) =>
      write(
        cluster(),
        leader,
        writeRequest('add', { rows: [[704, `Candidate ${index}`, 'Worker', 1]] }),
      ).then(
        ({ status }) => status,
        ({ code, outcome }) => `${code} ${outcome}`,
      ),
    );
    const told = await Promise.all(attempts);
    // Whether the first will stand is not known yet: the others may ask again.
    expect(told.filter((status) => status === 'ok')).toHaveLength(1);
    for (const status of told) expect(status).toBeOneOf(['ok', 'rejected', 'TRY_AGAIN not-applied']);
  });

  test.each<[what: string, operation: 'add' | 'update' | 'remove', operands: object]>([
    ['nobody', 'add', { rows: [] }],
    ['more than 100', 'add', { rows: Array.from({ length: 101 }, () => [null, 'One of many', 'Worker', 1]) }],
    ['no list', 'add', { rows: 'all' }],
    ['nothing', 'add', {}],
    ['an id of 0', 'add', { rows: [[0, 'Nobody', 'Worker', 1]] }],
    ['half an id', 'add', { rows: [[1.5, 'Nobody', 'Worker', 1]] }],
    ['an id beyond 2^53', 'update', { id: 2 ** 53, salary: 1 }],
    ['an id that is a text', 'remove', { id: '1' }],
    ['an empty name', 'update', { id: 1, name: '' }],
    ['a name of 201 characters', 'update', { id: 1, name: 'x'.repeat(201) }],
    ['a name of 1 MB', 'add', { rows: [[null, 'x'.repeat(1_000_000), 'Worker', 1]] }],
    ['a name that is no UTF-8', 'update', { id: 1, name: Buffer.from([0xff, 0xfe]) }],
    ['a position that is a list', 'update', { id: 1, position: ['Manager'] }],
    ['a salary below 0', 'update', { id: 1, salary: -1 }],
    ['a salary beyond 2^31', 'update', { id: 1, salary: 2 ** 31 }],
    ['half a salary', 'update', { id: 1, salary: 0.5 }],
  ])('that no gateway would send: %s', async (_, operation, operands) => {
    await expect(write(cluster(), leader, writeRequest(operation, operands))).rejects.toMatchObject({
      code: 'NODE_FAILURE',
      outcome: 'not-applied',
    });
    expect(await cluster().call(leader, 'employees.get', [1])).toMatchObject({
      rows: [[1, 'John Doe', 'Manager', 5000]],
    });
  });

  test('with a key that no gateway would send', async () => {
    for (const key of ['', 'x'.repeat(129)]) {
      const request = writeRequest('remove', { id: 1 }, { request_id: key });
      await expect(write(cluster(), leader, request)).rejects.toMatchObject({ code: 'NODE_FAILURE' });
    }
  });

  test('to somebody who is not what was expected', async () => {
    await add(cluster(), leader, [[706, 'Ada', 'Engineer', 10]]);
    for (const expected of [{ salary: 11 }, { name: 'Ada', position: 'Manager' }, { name: '' }]) {
      const reply = await write(cluster(), leader, writeRequest('update', { id: 706, salary: 12, expected }));
      expect(reply).toMatchObject({ status: 'rejected', code: 'EMPLOYEE_CHANGED', id: 706 });
    }
    const expected = { name: 'Ada', position: 'Engineer', salary: 10 };
    const request = writeRequest('update', { id: 706, salary: 12, expected });
    expect(await write(cluster(), leader, request)).toMatchObject({ rows: [[706, 'Ada', 'Engineer', 12]] });
    const other = writeRequest('update', { id: 706, salary: 12 }, { request_id: request.request_id });
    expect(await write(cluster(), leader, other)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  test('to somebody who is not there', async () => {
    for (const request of [
      writeRequest('update', { id: 705, salary: 1 }),
      writeRequest('remove', { id: 705 }),
    ]) {
      const reply = await write(cluster(), leader, request);
      expect(reply).toMatchObject({ status: 'rejected', code: 'EMPLOYEE_NOT_FOUND', id: 705 });
    }
  });
});

/** Adds employees without ids; resolves to those that the cluster has given them. */
async function numbered(count = 1): Promise<readonly number[]> {
  const rows = Array.from({ length: count }, () => [null, 'Numbered', 'Worker', 1]);
  const reply = await write(cluster(), leader, writeRequest('add', { rows }));
  return Object(reply).rows.map(([id]: readonly number[]) => id);
}

describe('The id of an employee', () => {
  test('that the cluster gives is a new one, in the order of the request, past those that were chosen', async () => {
    const [id = 0] = await numbered();
    expect(await numbered(3)).toEqual([id + 1, id + 2, id + 3]);
    await add(cluster(), leader, [
      [id + 4, 'Chosen', 'Worker', 1],
      [id + 6, 'Chosen', 'Worker', 1],
    ]);
    expect(await numbered(2)).toEqual([id + 5, id + 7]);
    // A long row of chosen ones is not tried one by one.
    const chosen = Array.from(
      { length: 300 },
      (_, index) => [id + 8 + index, 'Chosen', 'Worker', 1] as const,
    );
    await add(cluster(), leader, chosen);
    const [next = 0] = await numbered();
    expect(next).toBeGreaterThan(id + 307);
    expect(await numbered(2)).toEqual([next + 1, next + 2]);
  });

  test('that the next leader gives is a new one, too', async () => {
    const [before = 0] = await numbered();
    await cluster().kill(leader);
    await cluster().restart(leader);
    leader = await cluster().waitForLeader();
    const [after = 0] = await numbered();
    expect(after).toBeGreaterThan(before);
  });

  test('may be as great as 2^53 - 1, and the cluster still has others to give', async () => {
    const [before = 0] = await numbered();
    const row = [Number.MAX_SAFE_INTEGER, 'Last', 'Worker', 2 ** 31 - 1] as const;
    await add(cluster(), leader, [row]);
    expect(await cluster().call(leader, 'employees.get', [row[0]])).toEqual({ status: 'ok', rows: [row] });
    expect(await numbered()).toEqual([before + 1]);
    await waitForReplication(cluster());
    for (const name of cluster().names) {
      expect((await employeesOn(cluster(), name)).at(-1)).toMatchObject({ id: Number.MAX_SAFE_INTEGER });
    }
    await remove(cluster(), leader, row[0]);
  });
});
