import { afterAll, beforeAll, expect, test } from 'vitest';
import { Place, build } from '../support/launched.js';
import { waitFor } from '../../src/trial/wait-for.js';

let place: Place;
let pids: ReadonlyMap<string, number>;
let leader: string;

beforeAll(async () => {
  await build();
  place = await Place.create();
  const nodes = place.run('local/cluster.js');
  await nodes.waitForOutput(/Ctrl-C stops/);
  pids = new Map(
    [...nodes.output.matchAll(/(instance00\d) +127\S+ +\w+ +process (\d+)/g)].map(([, name = '', pid]) => [
      name,
      Number(pid),
    ]),
  );
  leader = /Leader +(\w+),/.exec(nodes.output)?.[1] ?? '';
});
afterAll(() => place.leave());

async function topology(...args: readonly string[]) {
  const command = place.run('topology.js', {}, args);
  const code = await command.exit();
  return { code, text: command.output };
}

function kill(name: string): void {
  const pid = pids.get(name);
  if (pid === undefined) throw new Error(`No process of ${name} is known`);
  process.kill(pid, 'SIGKILL');
}

/** Asks again until the text satisfies `condition`: nodes hear of each other in their own time. */
async function topologyWhere(what: string, condition: (text: string) => boolean) {
  let last = { code: null as unknown, text: '' };
  const ask = async () => {
    last = await topology();
    return condition(last.text) ? last : null;
  };
  return waitFor(what, ask).catch((cause: unknown) => {
    throw new Error(`The last was:\n${last.text}`, { cause });
  });
}

test('npm run topology tells the tutorial’s story: all is well, then the leader is dead, then nobody leads', async () => {
  const well = await topologyWhere(
    'every link is well',
    (text) => text.match(/^ .*follow.*follow/gm)?.length === 6,
  );
  expect(well.code).toBe(0);
  expect(well.text).toContain(`led by ${leader}, writable`);

  kill(leader);
  const survivors = [...pids.keys()].filter((name) => name !== leader);
  const [next = '', other = ''] = survivors;
  const marks = survivors.map((name) => new RegExp(`! +${name} +${leader} +disconnected.* stopped`));
  const broken = await topologyWhere(
    'both survivors show the dead node as disconnected and stopped',
    (text) => marks.every((mark) => mark.test(text)),
  );
  expect(broken.code).toBe(0);
  expect(broken.text).toMatch(new RegExp(`led by (${survivors.join('|')}), writable`));
  expect(broken.text).toMatch(new RegExp(`${leader} +127\\S+ +unreachable`));

  const json: unknown = JSON.parse((await topology('--json')).text);
  expect(json).toMatchObject({ name: 'replicaset001', state: 'led', quorum: 2 });

  kill(next);
  kill(other);
  const dead = await topology();
  expect(dead.code).toBe(1);
  expect(dead.text).toContain('no writable leader: 0 of 3 nodes answer, 2 are needed to elect one');
});
