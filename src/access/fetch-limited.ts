import type { FetchImplementation } from 'jose';

// A set of keys has some 2 kB for each: a hundred of them.
const maxBytes = 256 * 1024;

/** Fetches, and gives up an answer that is longer than any set of keys. */
export const fetchLimited: FetchImplementation = async (url, options) => {
  const response = await fetch(url, options);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (bytes > maxBytes) throw new Error(`The answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: response.status });
};
