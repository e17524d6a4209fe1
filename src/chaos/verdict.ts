import { type AddsVerdict, checkAdds } from '../trial/check-adds.js';
import type { History } from '../trial/history.js';
import type { Action } from './action.js';
import { type BatchSighting, checkBatches } from './check-batches.js';
import { checkCounters } from './check-counters.js';
import { checkListeners } from './check-listeners.js';
import { adderPosition } from './clients/adders.js';
import { counterPosition } from './clients/counters.js';
import { registerPosition } from './clients/registers.js';
import type { Ending } from './ending.js';
import { describeViolation } from './explain.js';
import { checkRegister, type RegisterOperation } from './linearizability.js';
import type { ChaosRun } from './run-chaos.js';

/** One thing that must hold, and what contradicts it. */
export interface Check {
  readonly name: string;
  /** What was looked at, in words. */
  readonly basis: string;
  readonly problems: readonly string[];
}

export interface Verdict {
  readonly isGood: boolean;
  readonly checks: readonly Check[];
  readonly adds: AddsVerdict;
}

const nothingFound: AddsVerdict = {
  acknowledged: 0,
  unknown: 0,
  unknownApplied: 0,
  lost: [],
  doubled: [],
  misreported: [],
  diverged: [],
  invented: [],
};

/** Holds all that clients were told against what the nodes have. */
export function judge(run: ChaosRun): Verdict {
  const { ending } = run;
  if (ending.kind === 'unsettled') {
    const check = { name: 'end', basis: 'the cluster when all was mended', problems: [ending.problem] };
    return { isGood: false, checks: [check, ...checkWithoutRows(run)], adds: nothingFound };
  }
  const adds = checkAdds(addsOf(run.history), namesAt(ending.rows, adderPosition));
  const checks = [
    { name: 'lost', basis: `${adds.acknowledged} acknowledged additions on each node`, problems: adds.lost },
    {
      name: 'doubled',
      basis: 'names and idempotency keys',
      problems: [...adds.doubled, ...run.crew.differences],
    },
    { name: 'misreported', basis: 'writes that were told not to be applied', problems: adds.misreported },
    {
      name: 'diverged',
      basis: 'rows of one node against those of the others',
      problems: [...adds.diverged, ...adds.invented],
    },
    ...checkWithoutRows(run),
    checkFinalRegisters(run, ending.rows),
    {
      name: 'counter',
      basis: `${operationsOf(run.history, 'counter').length} steps`,
      problems: checkCounters(operationsOf(run.history, 'counter'), salariesAt(ending.rows, counterPosition)),
    },
    checkAllBatches(run, ending.rows),
    {
      name: 'subscribers',
      basis: `${run.crew.listeners.flatMap(({ subscriptions }) => subscriptions.flat()).length} events at ${run.crew.listeners.length} listeners`,
      problems: [
        ...checkListeners(run.crew.listeners, { leader: ending.seen.leader ?? '', term: ending.seen.term }),
        ...run.crew.listeners.flatMap(({ name, losses }) =>
          losses.map((loss) => `${name} was cut off: ${loss}`),
        ),
      ],
    },
    {
      name: 'view',
      basis: `all whole again ${ending.wholeAfterMs === null ? 'not in time' : `after ${(ending.wholeAfterMs / 1000).toFixed(1)} s`}`,
      problems: ending.problems,
    },
  ];
  return { isGood: checks.every(({ problems }) => problems.length === 0), checks, adds };
}

/** What the history alone tells. */
function checkWithoutRows(run: ChaosRun): readonly Check[] {
  const { answers } = run.api;
  const { requests, buffer } = run.counts;
  const { completed, failed, expired, cancelled, accepted } = requests;
  const left = buffer.buffered - buffer.drained - buffer.expired - buffer.cancelled - buffer.aborted;
  return [
    checkOrder(run),
    checkAccidents(run),
    {
      name: 'answers',
      basis: `${[...answers.byCode.values()].reduce((sum, count) => sum + count, 0)} requests, each answered by its deadline`,
      problems: [
        ...answers.unforeseen,
        ...(answers.slowestMs <= run.requestTimeoutMs + graceMs
          ? []
          : [`the slowest took ${Math.round(answers.slowestMs)} ms of ${run.requestTimeoutMs}`]),
      ],
    },
    {
      name: 'accounts',
      basis: `${accepted} accepted = ${completed} completed + ${failed} failed + ${expired} expired + ${cancelled} cancelled; ${buffer.buffered} of them waited`,
      problems: [
        ...(requests.underWay === 0 ? [] : [`${requests.underWay} requests never ended`]),
        ...(left === 0 && buffer.waiting === 0 ? [] : [`${left} requests never left the buffer`]),
      ],
    },
  ];
}

/** A deadline is honoured within 50 ms; the rest is for a client that shares the machine's processors with all of this. */
const graceMs = 500;

function checkOrder({ history, crew }: ChaosRun): Check {
  const byRegister = registersOf(history);
  const operations = [...byRegister.values()].flat();
  const problems = [...byRegister].flatMap(([name, own]) => {
    const verdict = checkRegister(own, crew.registers.initials.get(name) ?? 0);
    if (verdict.kind === 'linearizable') return [];
    return verdict.kind === 'undecided'
      ? [`${name}: too many orders to try them all`]
      : [describeViolation(name, own, verdict)];
  });
  const reads = crew.linearizableReads ? 'LEADER and LINEARIZABLE reads' : 'LEADER reads';
  return {
    name: 'order',
    basis: `${operations.length} operations on ${byRegister.size} registers, ${reads}`,
    problems,
  };
}

/** The last value of each register is one more read of it, on every node. */
function checkFinalRegisters({ history, crew, endedAt }: ChaosRun, rows: RowsByNode): Check {
  const byRegister = registersOf(history);
  const found = salariesAt(rows, registerPosition);
  const problems = [...byRegister].flatMap(([name, own]) =>
    [...found].flatMap(([node, values]) => {
      const last: RegisterOperation = {
        client: node,
        action: { kind: 'read' },
        invokedAt: endedAt,
        completedAt: endedAt + 1,
        outcome: { kind: 'ok', value: values.get(name) ?? null },
      };
      const verdict = checkRegister([...own, last], crew.registers.initials.get(name) ?? 0);
      return verdict.kind === 'violated' && verdict.culprit === last
        ? [`${name} is ${values.get(name) ?? 'not there'} on ${node}, which no order explains`]
        : [];
    }),
  );
  return { name: 'last values', basis: `${byRegister.size} registers on ${rows.size} nodes`, problems };
}

function checkAllBatches({ history, crew, endedAt }: ChaosRun, rows: RowsByNode): Check {
  const batches = operationsOf(history, 'batch');
  const ends = [...rows.values()].flatMap((all) => {
    const counts = new Map<string, number>();
    for (const { position } of all) counts.set(position, (counts.get(position) ?? 0) + 1);
    return batches.map(({ name }): BatchSighting => {
      return { name, found: counts.get(name) ?? 0, invokedAt: endedAt, source: 'the end' };
    });
  });
  const sightings = [...crew.batches.sightings, ...ends];
  return {
    name: 'batches',
    basis: `${batches.length} batches, ${sightings.length} looks at them`,
    problems: checkBatches(batches, sightings),
  };
}

type RowsByNode = Extract<Ending, { kind: 'settled' }>['rows'];

type OfWorkload<W extends Action['workload']> = Extract<Action, { workload: W }> & {
  readonly outcome: History<Action>['operations'][number]['outcome'];
  readonly completedAt: number | null;
};

const isOf =
  <W extends Action['workload']>(workload: W) =>
  (action: Action): action is Extract<Action, { workload: W }> =>
    action.workload === workload;

function operationsOf<W extends Action['workload']>(
  history: History<Action>,
  workload: W,
): readonly OfWorkload<W>[] {
  const matches = isOf(workload);
  return history.operations.flatMap(({ action, outcome, completedAt }) =>
    matches(action) ? [{ ...action, outcome, completedAt }] : [],
  );
}

const addsOf = (history: History<Action>) => operationsOf(history, 'add');

function registersOf(history: History<Action>): ReadonlyMap<string, RegisterOperation[]> {
  const byRegister = new Map<string, RegisterOperation[]>();
  for (const operation of history.operations) {
    const { action } = operation;
    if (action.workload !== 'register') continue;
    const own = byRegister.get(action.register) ?? [];
    own.push({ ...operation, action: action.step });
    byRegister.set(action.register, own);
  }
  return byRegister;
}

function namesAt(rows: RowsByNode, position: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...rows].map(([node, all]) => [
      node,
      all.filter((row) => row.position === position).map(({ name }) => name),
    ]),
  );
}

function salariesAt(rows: RowsByNode, position: string): ReadonlyMap<string, ReadonlyMap<string, number>> {
  return new Map(
    [...rows].map(([node, all]) => [
      node,
      new Map(all.filter((row) => row.position === position).map(({ name, salary }) => [name, salary])),
    ]),
  );
}

function checkAccidents({ deaths, accidents: { problems, mended } }: ChaosRun): Check {
  const noted = mended === 0 ? '' : `; confused and mended by a start: ${mended}`;
  return {
    name: 'accidents',
    basis: `ends of nodes, and their logs${noted}`,
    problems: [...deaths, ...problems],
  };
}
