import { describe, expect, test } from 'vitest';
import { figuresOf } from '../../../src/drill/figures.js';
import { isPassed, renderProblems, renderVerdict } from '../../../src/drill/report.js';
import type { Story } from '../../../src/drill/story.js';
import { type Evidence, judge } from '../../../src/drill/verdict.js';
import { plain } from '../../../src/terminal.js';
import { aStory, soundEvidence } from './a-story.js';

const figures = (...stories: readonly Story[]) => figuresOf(stories, { cluster: 'own', strike: 'SIGKILL' });
const storyWith = (evidence: Partial<Evidence>): Story =>
  aStory({ verdict: judge({ ...soundEvidence, ...evidence }) });
const everywhere = (...names: readonly string[]) => new Map(['a', 'b', 'c'].map((node) => [node, names]));

describe('The verdict', () => {
  test('is good when what was acknowledged is on every node once', () => {
    const told = figures(aStory());
    expect(renderVerdict(told, 1, plain)).toBe(
      'Passed: a pause of 21 ms; 3 acknowledged, 3 found, 0 lost, 0 doubled',
    );
    expect(renderProblems(told, plain)).toBe('');
    expect(isPassed(told, 1)).toBe(true);
  });

  const failed = { name: 'four', outcome: { kind: 'failed', code: 'CLUSTER_UNAVAILABLE' } } as const;
  test.each<[string, Partial<Evidence>, string, string]>([
    [
      'somebody is lost everywhere',
      { found: everywhere('one', 'two') },
      '2 found, 1 lost, 0 doubled',
      'acknowledged, and lost: three',
    ],
    [
      'somebody is lost on one node',
      { found: new Map([...everywhere('one', 'two', 'three'), ['c', ['one', 'three']]]) },
      '2 found, 1 lost, 0 doubled',
      'not the same on all nodes: two',
    ],
    [
      'somebody is there twice',
      { found: everywhere('one', 'two', 'three', 'three') },
      '3 found, 0 lost, 1 doubled',
      'there more than once: three',
    ],
    [
      'what was said not to be applied is there',
      { adds: [...soundEvidence.adds, failed], found: everywhere('one', 'two', 'three', 'four') },
      '0 doubled, 1 misreported',
      'said not to be applied, and there: four',
    ],
    [
      'a request failed',
      {
        answers: new Map([
          ['ok', 5],
          ['CLUSTER_UNAVAILABLE', 1],
        ]),
      },
      '0 doubled, 1 failed',
      '1 request was answered with CLUSTER_UNAVAILABLE',
    ],
    [
      'a reader missed somebody for a time',
      { missed: ['two'] },
      '3 found, 0 lost, 0 doubled',
      'acknowledged, and not there for a reader: two',
    ],
    ['something did not come about', { problems: ['nobody was elected'] }, '0 lost', 'nobody was elected'],
    ['no node could be asked', { found: new Map() }, '0 found', 'no node could be asked what it has'],
  ])('is bad when %s, and the exit code 1', (_, evidence, counts, problem) => {
    const told = figures(storyWith(evidence));
    expect(renderVerdict(told, 1, plain)).toMatch(/^Failed: a pause of 21 ms; 3 acknowledged, /);
    expect(renderVerdict(told, 1, plain)).toContain(counts);
    expect(renderProblems(told, plain)).toContain(`kill 1, of a: ${problem}`);
    expect(isPassed(told, 1)).toBe(false);
  });

  test('is bad when one kill of several is', () => {
    const told = figures(aStory(), storyWith({ found: everywhere('one', 'two') }));
    expect(renderVerdict(told, 2, plain)).toBe(
      'Failed: 2 kills, pauses of 21 ms at the median and 21 ms at worst; 6 acknowledged, 5 found, 1 lost, 0 doubled',
    );
    expect(isPassed(told, 2)).toBe(false);
  });

  test('is none as long as a node is down', () => {
    const told = figures(aStory({ wholeAt: null, revivedAt: null }));
    expect(renderVerdict(told, 1, plain)).toMatch(/^Unfinished, a is still down: a pause of 21 ms; /);
    expect(renderProblems(told, plain)).toMatch(/^a is still down: start it again/);
    expect(isPassed(told, 1)).toBe(false);
  });

  test('tells of employees that are left in the cluster', () => {
    expect(renderProblems(figures(aStory({ left: 12 })), plain)).toMatch(
      /^12 employees of the drill are left/,
    );
    expect(renderProblems(figures(aStory({ left: null })), plain)).toMatch(/^Perhaps some employees/);
  });
});
