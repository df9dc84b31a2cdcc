// node validate.mjs [--profiles FILE|FOLDER]... [FILE...]
//
// Checks FHIR resources: NDJSON on stdin, or files of NDJSON or of one resource (.json). Prints one
// JSON object: {"checked": n, "errors": [{"type", "id", "path", "message"}]}. Exit code 0 when it
// could look, whatever it found.

import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { errorsOf, loadDefinitions } from './validation.mjs';

const places = [];
const files = [];
const given = process.argv.slice(2);
while (given.length) {
  const word = given.shift();
  if (word === '--profiles') places.push(given.shift());
  else files.push(word);
}

let checked = 0;
const errors = [];

function look(text) {
  if (!text.trim()) return;
  checked += 1;
  try {
    errors.push(...errorsOf(JSON.parse(text)));
  } catch (error) {
    errors.push({ type: '', id: '', path: '', message: `no JSON: ${error.message}` });
  }
}

async function lines(stream) {
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) look(line);
}

loadDefinitions(places);
for (const file of files) {
  if (file.endsWith('.json')) look(readFileSync(file, 'utf8'));
  else await lines(createReadStream(file));
}
if (files.length === 0) await lines(process.stdin);
process.stdout.write(JSON.stringify({ checked, errors }) + '\n');
