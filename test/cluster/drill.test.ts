import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { TestCluster } from '../support/cluster.js';
import { Launched, Place, build } from '../support/launched.js';

let place: Place;
beforeAll(async () => {
  await build();
  place = await Place.create();
});
afterAll(() => place?.leave());

const short = ['--seconds', '0.3'];
const sound = /\nPassed: a pause of [\d,]+ ms; ([\d,]+) acknowledged, ([\d,]+) found, 0 lost, 0 doubled\n$/;
const whole = '{ employees { nodes { name } } topology { nodes { name reachable } } }';

/** Temporary files go where the test sees whether they stay. */
const drill = (...args: readonly string[]) => place.run('drill/main.js', { TMPDIR: place.directory }, args);

/** State of a process as in proc(5), such as `T` for one that a signal has stopped. */
async function processState(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
}

async function frozenNodes(): Promise<number> {
  const states = await Promise.all((await place.nodeProcesses()).map(processState));
  return states.filter((state) => state === 'T').length;
}

/** Of the text: a row for each moment, by its words. */
function momentsIn(text: string): readonly number[] {
  return [...text.matchAll(/^ +([+-]?[\d,]+) {2}\S/gm)].map(([, time = '']) =>
    Number(time.replaceAll(',', '')),
  );
}

describe('npm run drill without a cluster', () => {
  test('starts one, tells what happens in the order of time, finds everything, and leaves nothing behind', async () => {
    const json = join(place.directory, 'figures.json');
    const run = drill(...short, '--json', json);
    expect(await run.exit(), run.output).toBe(0);
    const text = run.output;
    expect(text).toMatch(/No node of .+ answers \(.+\), so the drill starts three of its own/);
    for (const moment of [
      /[+-]?\d+ {2}the last write before the pause is acknowledged/,
      / 0 {2}SIGKILL for instance00\d \(process \d+\)/,
      /\+\d+ {2}subscribers hear the loss: LOST, term \d+/,
      /\+\d+ {2}subscribers hear the election: instance00\d leads term \d+/,
      /\+\d+ {2}the first write after it is acknowledged: a pause of \d+ ms/,
      /the others have given up instance00\d: upstream disconnected, downstream stopped/,
      /the \d+ employees acknowledged before the kill are on instance00\d, which leads, and on instance00\d/,
      /instance00\d is started again by the drill/,
      /replication: follow between all nodes, both ways/,
      /! +instance00\d +instance00\d +disconnected.* stopped/,
    ])
      expect(text).toMatch(moment);
    const moments = momentsIn(text);
    expect(moments.length).toBeGreaterThanOrEqual(10);
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));

    const [, acknowledged, found] = sound.exec(text) ?? [];
    expect(found).toBe(acknowledged);
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({
      cluster: 'own',
      strike: 'SIGKILL',
      acknowledged: Number(acknowledged?.replace(',', '')),
      failed: 0,
      isGood: true,
    });
    expect((await readdir(place.directory)).filter((name) => name.startsWith('drill-'))).toEqual([]);
  });

  test('kills several leaders, one after another, and tells how long the pauses were', async () => {
    const run = drill(...short, '--kills', '2', '--signal', 'SIGTERM');
    expect(await run.exit(), run.output).toBe(0);
    expect(run.output).toMatch(
      /\nby SIGTERM +2 +\d+ ms +\d+ ms +\d+ ms\nbefore it +2 +\d+ ms +\d+ ms +\d+ ms\n/,
    );
    expect(run.output).toMatch(/\nPassed: 2 kills, pauses of .+, 0 lost, 0 doubled\n$/);
  });

  test('starts nothing when its arguments are wrong, and says all that is', async () => {
    const run = drill('--kills', 'many', '--signal', 'SIGHUP');
    expect(await run.exit()).toBe(2);
    expect(run.output).toMatch(/--kills is "many".*\n.*--signal is "SIGHUP"/);
  });
});

describe('npm run drill beside npm start', () => {
  let launcher: Launched;
  beforeAll(async () => {
    launcher = place.run('local/start.js');
    await launcher.waitForOutput(/Ctrl-C stops everything/);
  });
  afterAll(async () => {
    launcher.signal('SIGTERM');
    await launcher.exit();
  });

  test('kills its leader, has the launcher start the node again, and leaves the data as it was', async () => {
    const run = drill(...short);
    expect(await run.exit(), run.output).toBe(0);
    expect(run.output).toMatch(/The 3 nodes of .+ run: instance00\d leads term \d+/);
    expect(run.output).toContain(`is started again by its launcher (process ${launcher.pid})`);
    expect(run.output).toMatch(sound);
    expect(launcher.output).toMatch(/instance00\d \(process \d+\) was ended by SIGKILL/);
    expect(launcher.output).toMatch(/instance00\d is started again \(process \d+\)/);
    expect(await place.query(whole)).toEqual({
      employees: { nodes: [{ name: 'John Doe' }, { name: 'Jane Smith' }] },
      topology: {
        nodes: ['instance001', 'instance002', 'instance003'].map((name) => ({ name, reachable: true })),
      },
    });
  });

  test('thaws the leader on Ctrl-C, removes its employees, and ends with 130', async () => {
    const run = drill('--seconds', '5', '--signal', 'SIGSTOP');
    await waitFor('the leader is frozen', async () => (await frozenNodes()) === 1, { timeoutMs: 30_000 });
    run.signal('SIGINT');
    expect(await run.exit()).toBe(130);
    expect(run.output).toMatch(/\nInterrupted: .+\n$/);
    expect(await frozenNodes()).toBe(0);
    expect(await place.query('{ employees { nodes { name } } }')).toEqual({
      employees: { nodes: [{ name: 'John Doe' }, { name: 'Jane Smith' }] },
    });
  });

  test('kills nobody while a node is down', async () => {
    const [pid = 0] = await place.nodeProcesses();
    process.kill(pid, 'SIGKILL');
    await waitFor('two nodes are left', async () => (await place.nodeProcesses()).length === 2);
    const before = await place.nodeProcesses();
    const run = drill(...short);
    expect(await run.exit()).toBe(1);
    expect(run.output).toMatch(/Nothing was killed: instance00\d of 3 nodes does not answer/);
    expect(await place.nodeProcesses()).toEqual(before);
  });
});

test('npm run drill waits for a person where nobody else starts the node again', async () => {
  const cluster = await TestCluster.start();
  try {
    const environment = { ...place.environment, CLUSTER_CONFIG: cluster.definition.path };
    const run = new Launched(
      [process.execPath, join(packageRoot, 'dist/drill/main.js'), ...short],
      environment,
    );
    await waitFor('a node is gone', () => cluster.running.length === 2, { timeoutMs: 30_000 });
    await run.waitForOutput(/Start instance00\d again with the command that had started it/);
    await cluster.restart(...cluster.names);
    expect(await run.exit(), run.output).toBe(0);
    expect(run.output).toMatch(sound);
  } finally {
    await cluster.stop();
  }
});
