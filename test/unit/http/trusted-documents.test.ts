import { expect, test } from 'vitest';
import { TrustedDocuments } from '../../../src/http/trusted-documents.js';

test('the log tells of each document that is not known once, of 1,000 at most, and never its text', () => {
  const lines: string[] = [];
  const logger = { warn: (...line: unknown[]) => void lines.push(JSON.stringify(line)) };
  const documents = new TrustedDocuments({ mode: 'log', texts: new Map([['1', '{ known }']]) }, logger);
  documents.tell('{ known }', 'Known');
  documents.tell('{ secret(salary: 5000) }', 'Unknown');
  documents.tell('{ secret(salary: 5000) }', 'Unknown');
  expect(lines).toEqual([expect.stringMatching(/"sha256":"[\da-f]{64}","operationName":"Unknown"/)]);
  expect(lines[0]).not.toContain('5000');
  for (let index = 0; index < 2_000; index += 1) documents.tell(`{ a${index} }`, undefined);
  expect(lines).toHaveLength(1_000);
});
