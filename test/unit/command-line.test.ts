import { describe, expect, test } from 'vitest';
import { readCommandLine, renderHelp } from '../../src/command-line.js';

describe('the command line of the package', () => {
  test('runs a command by its name, with the options that it takes', () => {
    expect(readCommandLine(['serve'])).toEqual({ kind: 'run', command: 'serve' });
    expect(readCommandLine(['topology', '--json'])).toEqual({ kind: 'run', command: 'topology' });
  });

  test.each([[['--help']], [['-h']], [['help']], [['serve', '--help']], [['topology', '--json', '--help']]])(
    'takes %j for a question for help',
    (args) => expect(readCommandLine(args)).toEqual({ kind: 'help' }),
  );

  test('tells its version', () => {
    expect(readCommandLine(['--version'])).toEqual({ kind: 'version' });
    expect(renderHelp('1.2.3')).toContain('employee-gateway 1.2.3');
  });

  test.each([
    [[], 'Say what to do'],
    [['server'], '"server" is no command'],
    [['toString'], '"toString" is no command'],
    [['serve', '--port', '4000'], 'serve takes no --port 4000'],
  ])('refuses %j and says why', (args, problem) =>
    expect(readCommandLine(args)).toEqual({ kind: 'wrong', problem }),
  );
});
