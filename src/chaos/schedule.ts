import { SeededRandom } from '../trial/random.js';

/**
 * | kind | what happens |
 * | --- | --- |
 * | `kill` | SIGKILL; the node is started again after 1 to 5 s |
 * | `stop` | SIGTERM; likewise |
 * | `pause` | SIGSTOP for 0.2 to 6 times the replication timeout, then SIGCONT |
 * | `cut` | nothing passes between two processes, or a process and several others |
 * | `oneway` | the same in one direction |
 * | `reset` | the connection breaks between a write's commit on the leader and the answer to the gateway |
 * | `delay` | a link gets slow |
 * | `killall` | SIGKILL for every node at once; all are started again after 0.2 to 2 s |
 */
export const faultKinds = ['kill', 'stop', 'pause', 'cut', 'oneway', 'reset', 'delay', 'killall'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A part to play; who plays it is found out when the fault is due. Followers are counted by name. */
export type Role = 'leader' | 'follower 1' | 'follower 2';

/** A process, or several, at one end of a link. */
export type End = Role | 'gateway' | 'peers' | 'followers';

/** One fault, as the seed has it. Times are milliseconds from the begin of the run. */
export interface PlannedFault {
  readonly number: number;
  readonly at: number;
  readonly kind: FaultKind;
  /** Until what was broken is whole again. */
  readonly durationMs: number;
  /** Whose process; null for faults of links, and for `killall`. */
  readonly victim: Role | null;
  /** Which link; for `oneway`, from the first to the second. */
  readonly link: readonly [End, End] | null;
  /** `delay`: by how much. `reset`: how many bytes of the answer still pass. Else 0. */
  readonly amount: number;
}

export interface SchedulePlan {
  readonly seed: number;
  readonly durationMs: number;
  readonly kinds: readonly [FaultKind, ...FaultKind[]];
  /** `replication.timeout` of the nodes. */
  readonly replicationTimeoutMs: number;
}

/** Everybody has connected, and clients have written a little. */
const firstAtMs = 1_500;
/** Between the end of one fault and the begin of the next: enough for an election and a node's return, or not quite. */
const calm = { min: 800, max: 3_000 } as const;

/** The same seed, time and kinds make the same schedule, on every machine. Every kind comes before any comes again. */
export function planFaults({ seed, durationMs, kinds, replicationTimeoutMs }: SchedulePlan): PlannedFault[] {
  const random = new SeededRandom(seed);
  const faults: PlannedFault[] = [];
  let round: FaultKind[] = [];
  for (let at = firstAtMs; ;) {
    if (round.length === 0) round = shuffle(kinds, random);
    const kind = round.pop() ?? kinds[0];
    const fault = { number: faults.length + 1, at, kind, ...draw(kind, random, replicationTimeoutMs) };
    if (at + fault.durationMs > durationMs) return faults;
    faults.push(fault);
    at += fault.durationMs + random.between(calm.min, calm.max);
  }
}

type Drawn = Pick<PlannedFault, 'durationMs' | 'victim' | 'link' | 'amount'>;

function draw(kind: FaultKind, random: SeededRandom, replicationTimeoutMs: number): Drawn {
  const nothing = { victim: null, link: null, amount: 0 };
  const longerThan = (times: number): number =>
    Math.round(replicationTimeoutMs * random.between(times * 10, 240) * 0.1);
  switch (kind) {
    case 'kill':
    case 'stop':
      return { ...nothing, victim: drawRole(random), durationMs: random.between(1_000, 5_000) };
    case 'pause': {
      const durationMs = Math.round(replicationTimeoutMs * random.between(2, 60) * 0.1);
      return { ...nothing, victim: drawRole(random), durationMs };
    }
    case 'cut':
      return { ...nothing, link: drawCut(random), durationMs: longerThan(1) };
    case 'oneway':
      return { ...nothing, link: drawOneWay(random), durationMs: longerThan(1) };
    case 'reset':
      return { ...nothing, link: ['gateway', 'leader'], amount: random.between(0, 40), durationMs: 300 };
    case 'delay': {
      const amount = random.between(20, 300);
      return { ...nothing, link: drawCut(random), amount, durationMs: random.between(1_000, 4_000) };
    }
    case 'killall':
      return { ...nothing, durationMs: random.between(200, 2_000) };
    default:
      return kind satisfies never;
  }
}

/** Mostly the leader: that is where it hurts. */
function drawRole(random: SeededRandom): Role {
  return random.next() < 0.7 ? 'leader' : random.pick(['follower 1', 'follower 2']);
}

function drawCut(random: SeededRandom): readonly [End, End] {
  return random.pick<readonly [End, End]>([
    ['leader', 'peers'],
    ['leader', 'peers'],
    ['gateway', 'leader'],
    ['gateway', 'leader'],
    ['gateway', 'followers'],
    ['follower 1', 'leader'],
    ['follower 2', 'peers'],
    ['follower 1', 'follower 2'],
  ]);
}

function drawOneWay(random: SeededRandom): readonly [End, End] {
  return random.pick<readonly [End, End]>([
    ['leader', 'peers'],
    ['peers', 'leader'],
    ['gateway', 'leader'],
    ['leader', 'gateway'],
    ['follower 1', 'leader'],
    ['leader', 'follower 2'],
  ]);
}

function shuffle<T>(items: readonly T[], random: SeededRandom): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = random.between(0, last);
    const [a, b] = [shuffled[last], shuffled[other]];
    if (a !== undefined && b !== undefined) [shuffled[last], shuffled[other]] = [b, a];
  }
  return shuffled;
}
