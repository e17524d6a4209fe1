import { gatherFacts } from './checklist/facts.js';
import { count, lookAt, renderFindings, renderVerdict } from './checklist/render.js';
import { readConfiguration } from './configuration.js';
import { readOrTell, runCommand } from './run-command.js';
import { openTerminal } from './terminal.js';

/** `npm run gateway -- --check`: the checklist of docs/security.md against the settings. Listens and connects to nobody. */
await runCommand(async () => {
  const facts = await readOrTell(async () => gatherFacts(await readConfiguration(process.env)));
  if (facts === null) return 2;
  const findings = lookAt(facts);
  const terminal = openTerminal(process.stdout, process.env);
  terminal.say(`${renderFindings(findings, terminal.paint)}\n`);
  terminal.say(renderVerdict(findings, terminal.paint));
  return count(findings, 'problem') === 0 ? 0 : 1;
});
