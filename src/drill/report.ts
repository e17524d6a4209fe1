import { type Paint, alignColumns } from '../terminal.js';
import { renderTopology } from '../topology-text.js';
import type { Figures, Kill, Pauses } from './figures.js';
import { count, momentsOf } from './moments.js';
import type { Story } from './story.js';
import { renderTimeline } from './timeline.js';

/** All of one story: the timeline, and the cluster while the victim was away. */
export function renderStory(story: Story, clusterName: string, paint: Paint): string {
  return [
    '',
    renderTimeline(momentsOf(story), paint),
    '',
    paint('dim', `The cluster while ${story.victim.name} was away`),
    renderTopology(clusterName, story.brokenView, paint),
  ].join('\n');
}

/** One line for a story among many. */
export function renderKill(kill: Kill, place: { number: number; kills: number }, paint: Paint): string {
  const { victim, nextLeader, term, pauseMs, problems } = kill;
  const number = String(place.number).padStart(String(place.kills).length);
  const pause = pauseMs === null ? 'no pause was measured' : `pause ${String(pauseMs).padStart(5)} ms`;
  const line = `${number}  ${victim} -> ${nextLeader ?? 'nobody'}, term ${term}  ${pause}  ${renderCounts(kill)}`;
  return problems.length === 0 ? line : paint('red', line);
}

/** Pauses of several kills, and of the time before them. Empty for one: the last line has it. */
export function renderPauses({ pauses, calm, kills, strike }: Figures, paint: Paint): string {
  if (pauses === null || calm === null || kills.length < 2) return '';
  const row = (what: string, { p50Ms, p99Ms, worstMs }: Pauses): string[] => [
    what,
    String(kills.length),
    `${p50Ms} ms`,
    `${p99Ms} ms`,
    `${worstMs} ms`,
  ];
  const [header = '', ...lines] = alignColumns([
    ['longest pause', 'times', 'p50', 'p99', 'worst'],
    row(`by ${strike}`, pauses),
    row('before it', calm),
  ]);
  return ['', paint('dim', header), ...lines, ''].join('\n');
}

/** Each thing that is wrong, and what is left behind. */
export function renderProblems({ kills, down, left }: Figures, paint: Paint): string {
  const wrong = kills.flatMap(({ problems, victim }, index) =>
    problems.map((problem) => `kill ${index + 1}, of ${victim}: ${problem}`),
  );
  const behind =
    left === 0
      ? []
      : [
          `${left === null ? 'Perhaps some' : count(left)} employees of the drill are left in the cluster: their position is Drill`,
        ];
  return [
    ...wrong.map((line) => paint('red', line)),
    ...behind.map((line) => paint('yellow', line)),
    ...down.map((name) =>
      paint('yellow', `${name} is still down: start it again with the command that had started it`),
    ),
  ].join('\n');
}

/** The last line. `wanted` is how many kills were asked for. */
export function renderVerdict(figures: Figures, wanted: number, paint: Paint): string {
  const { kills, down, isGood } = figures;
  const summary = `${describePause(figures)}; ${renderCounts(figures)}`;
  if (!isGood) return paint('red', `Failed: ${summary}`);
  if (kills.length < wanted)
    return paint('yellow', `Unfinished, ${kills.length} of ${wanted} kills: ${summary}`);
  if (down.length > 0) return paint('yellow', `Unfinished, ${down.join(' and ')} is still down: ${summary}`);
  return paint('green', `Passed: ${summary}`);
}

/** Whether the drill has shown what it was to show, and the cluster is as it was. */
export function isPassed({ isGood, kills, down }: Figures, wanted: number): boolean {
  return isGood && kills.length === wanted && down.length === 0;
}

function describePause({ pauses, kills }: Figures): string {
  if (pauses === null) return 'no write was acknowledged after the kill';
  if (kills.length === 1) return `a pause of ${count(pauses.worstMs)} ms`;
  return `${kills.length} kills, pauses of ${count(pauses.p50Ms)} ms at the median and ${count(pauses.worstMs)} ms at worst`;
}

function renderCounts(
  counts: Pick<Figures, 'acknowledged' | 'found' | 'lost' | 'doubled' | 'misreported' | 'failed'>,
): string {
  const { acknowledged, found, lost, doubled, misreported, failed } = counts;
  return [
    `${count(acknowledged)} acknowledged`,
    `${count(found)} found`,
    `${lost} lost`,
    `${doubled} doubled`,
    ...(misreported > 0 ? [`${misreported} misreported`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(', ');
}
