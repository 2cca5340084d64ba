// Holds an AsyncAPI document against the specification: `node check.mjs FILE`. Ends with 1 if it has an error.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { Parser } = createRequire(import.meta.url)('@asyncapi/parser');
const text = readFileSync(process.argv[2], 'utf8');
const { document, diagnostics } = await new Parser().parse(text);
const errors = diagnostics.filter((found) => found.severity === 0);
for (const { range, message, path } of errors) {
  console.error(`${process.argv[2]}:${range.start.line + 1}: ${path.join('.')}: ${message}`);
}
if (errors.length > 0 || !document) process.exit(1);
console.log(`${document.info().title()}, AsyncAPI ${document.version()}: ${document.allChannels().length} channels, no error`);
