import { gatherClusterFacts } from './checklist/cluster-facts.js';
import { clusterItems } from './checklist/cluster-items.js';
import { gatherFacts } from './checklist/facts.js';
import { count, lookAt } from './checklist/finding.js';
import { fitItems } from './checklist/fit-items.js';
import { describeFindings, renderFindings, renderVerdict } from './checklist/render.js';
import { settingsItems } from './checklist/settings-items.js';
import { setupItems } from './checklist/setup-items.js';
import { systemClock } from './clock.js';
import { readConfiguration } from './configuration.js';
import { readOrTell, runCommand } from './run-command.js';
import { openTerminal } from './terminal.js';

/**
 * `npm run gateway -- --check`: the checklists of docs/operations.md and docs/security.md, against the nodes and the settings.
 * With `--settings`, the second alone: connects to nobody. `--json` for machines.
 */
await runCommand(async () => {
  const facts = await readOrTell(async () => gatherFacts(await readConfiguration(process.env)));
  if (facts === null) return 2;
  const findings = [...lookAt(settingsItems, facts)];
  if (!process.argv.includes('--settings')) {
    const cluster = await gatherClusterFacts(facts, systemClock);
    findings.unshift(...lookAt({ ...clusterItems, ...setupItems, ...fitItems }, cluster));
  }
  const terminal = openTerminal(process.stdout, process.env);
  if (process.argv.includes('--json')) {
    terminal.say(JSON.stringify(describeFindings(findings), null, 2));
  } else {
    terminal.say(`${renderFindings(findings, terminal.paint)}\n`);
    terminal.say(renderVerdict(findings, terminal.paint));
  }
  return count(findings, 'problem') === 0 ? 0 : 1;
});
