import { type Story, findElection, findPause } from './story.js';
import { type SeenTopology, isCutOff } from './watch.js';

/** Something that was seen. */
export interface Moment {
  /** Milliseconds after the kill; negative before it. */
  readonly atMs: number;
  readonly what: string;
  /** How a reader is to take it. */
  readonly mood: 'neutral' | 'bad' | 'good';
}

/** The story in the order of time. What did not come about is left out. */
export function momentsOf(story: Story): readonly Moment[] {
  const { struckAt } = story;
  const moments: Moment[] = [];
  const add = (at: number | null | undefined, what: string, mood: Moment['mood'] = 'neutral') => {
    if (at !== null && at !== undefined) moments.push({ atMs: Math.round(at - struckAt), what, mood });
  };
  const { beganAt, acknowledgedAt, endedAt, victim, strike } = story;
  add(beganAt, 'clients begin to write and to read');
  add(struckAt, `${strike} for ${victim.name} (process ${victim.pid})`, 'bad');
  addPause(story, add);
  addLeadership(story, add);
  addReplication(story, add);
  add(endedAt, `the writers stop: ${count(acknowledgedAt.length)} acknowledged`);
  return moments.toSorted((a, b) => a.atMs - b.atMs);
}

type Add = (at: number | null | undefined, what: string, mood?: Moment['mood']) => void;

function addPause(story: Story, add: Add): void {
  const pause = findPause(story);
  if (pause === null) return;
  const before = story.acknowledgedAt.filter((at) => at <= pause.from).length;
  add(pause.from, `the last write before the pause is acknowledged, the ${ordinal(before)}`);
  add(pause.to, `the first write after it is acknowledged: a pause of ${Math.round(pause.ms)} ms`, 'good');
}

function addLeadership(story: Story, add: Add): void {
  const { changes, struckAt, sameData } = story;
  const lost = changes.find(({ at, kind }) => at > struckAt && kind === 'LOST');
  add(lost?.at, `subscribers hear the loss: LOST, term ${lost?.term}`);
  const next = findElection(story);
  add(next?.at, `subscribers hear the election: ${next?.leader} leads term ${next?.term}`, 'good');
  if (sameData === null) return;
  const { at, count: employees, leader, replicas } = sameData;
  add(
    at,
    `the ${count(employees)} employees acknowledged before the kill are on ${leader}, which leads, and on ${replicas.join(' and ')}`,
    'good',
  );
}

function addReplication(story: Story, add: Add): void {
  const { topologies, struckAt, victim, strike, revivedAt, wholeAt } = story;
  const { name } = victim;
  const later = topologies.filter(({ at }) => at > struckAt);
  const cutOff = later.find((topology) => isCutOff(topology, name));
  add(cutOff?.at, `the others have given up ${name}: upstream disconnected, downstream stopped`);
  add(
    revivedAt,
    strike === 'SIGSTOP' ? `SIGCONT for ${name}` : `${name} is started again by ${victim.reviver}`,
  );
  const away = later.find((topology) => !answers(topology, name));
  const back = later.find(
    (topology) => away !== undefined && topology.at > away.at && answers(topology, name),
  );
  add(back?.at, `${name} answers again`);
  add(wholeAt, 'replication: follow between all nodes, both ways', 'good');
}

const answers = ({ nodes }: SeenTopology, name: string): boolean =>
  nodes.some((node) => node.name === name && node.reachable);

/** With commas: `1,204`. */
export const count = (value: number): string => value.toLocaleString('en-US');

function ordinal(value: number): string {
  const tens = value % 100;
  const ending = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th');
  return `${count(value)}${ending}`;
}
