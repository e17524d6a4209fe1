import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateway } from '../gateway.js';
import { openLogFile } from '../log.js';
import { ReleaseStack } from '../release-stack.js';
import { type Ending, readOrTell, runCommand } from '../run-command.js';
import { type Terminal, openTerminal } from '../terminal.js';
import { GraphQLClient } from '../trial/graphql-client.js';
import { type DrillArguments, parseArguments, usage } from './arguments.js';
import type { DrilledCluster } from './drilled-cluster.js';
import { figuresOf } from './figures.js';
import { readerCount, writerCount } from './load.js';
import { openCluster } from './open-cluster.js';
import { isPassed, renderKill, renderPauses, renderProblems, renderStory, renderVerdict } from './report.js';
import type { Story } from './story.js';
import { StoryTeller } from './story-teller.js';

/** What a shell says of a command that Ctrl-C has ended: there is no verdict. */
const interrupted = 130;

/** `npm run drill` */
await runCommand(async (ending) => {
  const terminal = openTerminal(process.stdout, process.env);
  const wanted = await readOrTell(() => parseArguments(process.argv.slice(2)));
  if (wanted === null) return 2;
  if (wanted.kind === 'help') {
    terminal.say(usage);
    return 0;
  }
  const directory = await mkdtemp(join(tmpdir(), 'drill-'));
  const releases = new ReleaseStack();
  let isEvidence = false;
  releases.push(async () => {
    if (!isEvidence) await rm(directory, { recursive: true, force: true });
  });
  try {
    const { cluster, stories } = await drill(wanted, { terminal, ending, releases, directory });
    const figures = figuresOf(stories, { cluster: cluster.kind, strike: wanted.strike });
    if (wanted.json !== null) await writeFile(wanted.json, `${JSON.stringify(figures, null, 2)}\n`);
    // What stops the nodes takes a moment: the last line is to be the last.
    isEvidence = !figures.isGood;
    if (isEvidence) await writeEvidence(directory, stories);
    await terminal.during('Stopping', releases.releaseAll());
    const sayIfAny = (text: string) => text !== '' && terminal.say(text);
    sayIfAny(renderPauses(figures, terminal.paint));
    if (isEvidence) terminal.say(`The evidence is in ${directory}: verdicts.json, logs`);
    sayIfAny(renderProblems(figures, terminal.paint));
    terminal.say(renderVerdict(figures, wanted.kills, terminal.paint));
    return isPassed(figures, wanted.kills) ? 0 : 1;
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    await terminal.during('Stopping', releases.releaseAll());
    terminal.say('Interrupted: what was broken is mended, and there is no verdict');
    return interrupted;
  } finally {
    await releases.releaseAll();
  }
});

interface Means {
  readonly terminal: Terminal;
  readonly ending: Ending;
  readonly releases: ReleaseStack;
  readonly directory: string;
}

/** Tells one story after another, as many as are wanted, or until a node does not come back. */
async function drill(
  { kills, strike, writingMs }: DrillArguments,
  { terminal, ending, releases, directory }: Means,
): Promise<{ cluster: DrilledCluster; stories: readonly Story[] }> {
  const { signal } = ending;
  const cluster = await openCluster(terminal, { directory, signal });
  releases.push(() => cluster.stop());
  signal.throwIfAborted();
  const { configuration } = cluster;
  const log = openLogFile(join(directory, 'gateway.log'), configuration.settings);
  const gateway = await createGateway(configuration, log);
  const { url } = await gateway.start();
  releases.push(() => gateway.stop());
  const client = new GraphQLClient(url);
  releases.push(() => client.stop());
  terminal.say(`${writerCount} clients write and ${readerCount} read, through a gateway on ${url}/graphql`);

  const run = randomBytes(4).toString('hex');
  const stories: Story[] = [];
  const startedAt = performance.now();
  for (let number = 1; number <= kills; number += 1) {
    let phase = '';
    const perKillMs = (performance.now() - startedAt) / (number - 1);
    const left =
      number === 1 ? '' : `, about ${Math.ceil((perKillMs * (kills - number + 1)) / 1_000)} s left`;
    const place = kills === 1 ? '' : `Kill ${number} of ${kills}${left}: `;
    const teller = new StoryTeller({
      cluster,
      gateway,
      client,
      strike,
      writingMs,
      prefix: `Drill ${run}-${number}-`,
      signal,
      onPhase: (news) => {
        phase = news;
      },
      onStruck: (victim) => {
        ending.onForced = () => void victim?.revive(strike);
      },
    });
    const story = await terminal.during(() => `${place}${phase}`, teller.tell());
    stories.push(story);
    if (number === 1) terminal.say(`${renderStory(story, configuration.cluster.name, terminal.paint)}\n`);
    if (kills > 1) {
      const { kills: told } = figuresOf([story], { cluster: cluster.kind, strike });
      for (const kill of told) terminal.say(renderKill(kill, { number, kills }, terminal.paint));
    }
    if (story.wholeAt === null) break;
  }
  return { cluster, stories };
}

/** Every name that is wrong, where the terminal shows a few. */
async function writeEvidence(directory: string, stories: readonly Story[]): Promise<void> {
  const verdicts = stories.map(({ verdict }) => verdict);
  await writeFile(join(directory, 'verdicts.json'), `${JSON.stringify(verdicts, null, 2)}\n`);
}
