import { gatherFacts, type Facts } from './checklist/facts.js';
import { count, lookAt, renderFindings, renderVerdict } from './checklist/render.js';
import { readConfiguration } from './configuration.js';
import { OperatorError } from './operator-error.js';
import { runCommand } from './run-command.js';
import { openTerminal } from './terminal.js';

/** `npm run gateway -- --check`: the checklist of docs/security.md against the settings. Listens and connects to nobody. */
await runCommand(async () => {
  const facts = await readFacts();
  if (facts === null) return 2;
  const findings = lookAt(facts);
  const terminal = openTerminal(process.stdout, process.env);
  terminal.say(`${renderFindings(findings, terminal.paint)}\n`);
  terminal.say(renderVerdict(findings, terminal.paint));
  return count(findings, 'problem') === 0 ? 0 : 1;
});

/** Null when there is nothing that could be looked at, which was said. */
async function readFacts(): Promise<Facts | null> {
  try {
    return await gatherFacts(await readConfiguration(process.env));
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return null;
  }
}
