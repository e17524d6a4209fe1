/**
 * What the gateway is tried with: the oldest that package.json allows, and each line of Node that is supported for long.
 * As packages, which the checks fetch when they want them: whoever installs the gateway has a Node already.
 */
export const nodeVersions: readonly string[] = ['20.19.0', '22.23.2', '24.21.0'];

/** The package with the binary of a version for this machine. */
export const packageOf = (version: string): string => `node-${process.platform}-${process.arch}@${version}`;
