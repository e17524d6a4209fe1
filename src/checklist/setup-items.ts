import { NodeError } from '../tarantool/errors.js';
import {
  type ClusterFacts,
  type DiagnosedNode,
  answeringNodes,
  diagnosedNodes,
  groupBy,
  namesOf,
} from './cluster-facts.js';
import { type Finding, type Item, ok, problem, warning } from './finding.js';
import { calledFunctions, missingRights, needlessRights } from './rights.js';

/** Shares of the time that a write has: so much later or earlier the node would refuse it. */
const skewToTell = 0.05;
const skewToMend = 0.5;

/** Shares of `memtx.memory`. */
const memoryToTell = 0.75;
const memoryToMend = 0.9;

/** How the nodes are set up, by their own words. */
export const setupItems: Readonly<Record<string, Item<ClusterFacts>>> = {
  clocks: {
    rule: 'The clocks of the nodes and of this machine agree: a write has a time after which it is refused.',
    look: (facts) => {
      const measured = diagnosedNodes(facts).flatMap(({ name, skew }) =>
        skew === null ? [] : [{ name, ...skew }],
      );
      const most = Math.max(...measured.map(({ aheadMs, withinMs }) => Math.abs(aheadMs) + withinMs));
      const found = measured.flatMap((clock) => lookAtClock(clock, facts.settings.requestTimeoutMs));
      if (found.length > 0 || measured.length === 0) return found;
      return ok(`all are within ${Math.ceil(most)} ms of this machine's`);
    },
  },
  rights: {
    rule: "The gateway's user may call its functions and nothing else.",
    look: (facts) => {
      const { user } = facts.login;
      const told = diagnosedNodes(facts);
      const found = [
        ...untold(facts),
        ...complain(
          told,
          ({ diagnosis }) => missingRights(diagnosis),
          (what, names) =>
            problem(
              `${user} may not call ${what} on ${names}`,
              `add that to the privileges of ${user} in config.yaml, and restart the nodes`,
            ),
        ),
        ...complain(
          told,
          ({ diagnosis }) => needlessRights(diagnosis),
          (what, names) =>
            problem(
              `${user} may more than it needs on ${names} (${what})`,
              'take it out of config.yaml, and revoke it (box.schema.user.revoke)',
            ),
        ),
      ];
      if (found.length > 0) return found;
      return ok(`${user} may call its ${calledFunctions.length} functions and nothing else`);
    },
  },
  fencing: {
    rule: 'A leader that is cut off stops before another can lead.',
    look: (facts) =>
      [...groupBy(diagnosedNodes(facts), ({ diagnosis }) => diagnosis.fencing ?? 'unknown')].map(
        ([mode, nodes]) => {
          const told = `${mode} on ${namesOf(nodes)}`;
          if (mode === 'strict') return ok(told);
          const mend = 'set replication.election_fencing_mode to strict in config.yaml';
          const what = `${told}: two nodes may be writable at a time`;
          return mode === 'soft' ? warning(what, mend) : problem(what, mend);
        },
      ),
  },
  synchronous: {
    rule: 'What must not be lost is in synchronous spaces: an acknowledged write is on a majority.',
    look: (facts) => {
      const told = diagnosedNodes(facts);
      const loose = complain(
        told,
        ({ diagnosis: { spaces } }) =>
          spaces.filter(({ isSynchronous }) => !isSynchronous).map(({ name }) => name),
        (what, names) =>
          problem(
            `writes to ${what} need no majority on ${names}`,
            'run box.space.<name>:alter({is_sync = true}) on the console of the leader',
          ),
      );
      if (loose.length > 0 || told.length === 0) return loose;
      const names = new Set(told.flatMap(({ diagnosis }) => diagnosis.spaces.map(({ name }) => name)));
      return names.size === 0 ? [] : ok([...names].join(', '));
    },
  },
  schema: {
    rule: 'The schema is the one that the code of the nodes makes.',
    look: (facts) => lookAtSchema(diagnosedNodes(facts)),
  },
  memory: {
    rule: 'The nodes have memory left for more rows.',
    look: (facts) => {
      const shares = diagnosedNodes(facts).map(({ name, diagnosis: { memory } }) => ({
        name,
        share: memory.used / memory.limit,
      }));
      const full = shares.filter(({ share }) => share > memoryToTell);
      if (full.length === 0 && shares.length > 0)
        return ok(`${Math.ceil(100 * Math.max(...shares.map(({ share }) => share)))} % is used at most`);
      const mend = 'raise memtx.memory in config.yaml, and restart the nodes one by one';
      return full.map(({ name, share }) => {
        const text = `${name} uses ${Math.round(100 * share)} % of its memory`;
        return share > memoryToMend ? problem(text, mend) : warning(text, mend);
      });
    },
  },
};

function lookAtClock(
  { name, aheadMs, withinMs }: { name: string; aheadMs: number; withinMs: number },
  writeMs: number,
): readonly Finding[] {
  const sureMs = Math.abs(aheadMs) - withinMs;
  if (sureMs <= writeMs * skewToTell) return [];
  const where = aheadMs > 0 ? 'ahead of' : 'behind';
  const text = `${name} is ${Math.round(Math.abs(aheadMs))} ms ${where} this machine, and a write has ${writeMs} ms`;
  const mend = 'let all machines follow one source of time (chrony, systemd-timesyncd)';
  return [sureMs > writeMs * skewToMend ? problem(text, mend) : warning(text, mend)];
}

/** Nodes that answered and yet did not say how they are set up. */
function untold(facts: ClusterFacts): readonly Finding[] {
  return answeringNodes(facts).flatMap(({ name, diagnosis }) =>
    diagnosis instanceof NodeError
      ? [
          warning(
            `${name} does not tell how it is set up (${diagnosis.message})`,
            `give the nodes this version of the application, and ${facts.login.user} the right to call employees.diagnosis in config.yaml`,
          ),
        ]
      : [],
  );
}

/** One finding for the nodes with the same list, none for those where it is empty. */
function complain(
  nodes: readonly DiagnosedNode[],
  list: (node: DiagnosedNode) => readonly string[],
  tell: (what: string, names: string) => Finding,
): readonly Finding[] {
  return [...groupBy(nodes, (node) => list(node).join(', '))]
    .filter(([what]) => what !== '')
    .map(([what, those]) => tell(what, namesOf(those)));
}

function lookAtSchema(nodes: readonly DiagnosedNode[]): readonly Finding[] {
  if (nodes.length === 0) return [];
  const stored = Math.max(...nodes.map(({ diagnosis }) => diagnosis.schema.stored ?? 0));
  const made = groupBy(nodes, ({ diagnosis }) => String(diagnosis.schema.version));
  const told = `the schema is of version ${stored || 'none'}`;
  if (made.size > 1) {
    const which = [...made].map(([version, those]) => `${version} on ${namesOf(those)}`).join(', ');
    return [warning(`${told}, the code ${which}`, 'finish the upgrade, one node at a time')];
  }
  const [code] = made.keys();
  if (Number(code) === stored) return [ok(`version ${stored}`)];
  return Number(code) > stored
    ? [
        problem(
          `${told}, the code ${code}`,
          'the leader makes it, in a second: if it stays so, its log says why',
        ),
      ]
    : [warning(`${told}, the code ${code}`, 'give the nodes the newer application again')];
}
