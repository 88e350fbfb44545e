// Reads src/api/*.graphql, checks them against schema.graphql and writes one typed constant per operation: those of core.graphql with all types
// to src/api/documents.ts, those of another file to a module of its own, loaded only by pages that need it. The app sends a document's digest;
// its text stands in src/api/documents.json, which the build gives to the server, and in documents.texts.ts, loaded where a server does not know it.
// A document that the schema does not allow stops the build here.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildSchema, concatAST, getNamedType, isAbstractType, isEnumType, isInputObjectType, isListType, isNonNullType, isScalarType,
  parse, print, stripIgnoredCharacters, typeFromAST, validate, visit,
} from "graphql";

const root = new URL("..", import.meta.url).pathname;
const folder = join(root, "src/api");
const schema = buildSchema(readFileSync(join(root, "schema.graphql"), "utf8"));
const files = readdirSync(folder).filter((f) => f.endsWith(".graphql")).sort();
const sources = files.map((f) => ({ name: f.replace(".graphql", ""), document: parse(readFileSync(join(folder, f), "utf8")) }));
const document = concatAST(sources.map((s) => s.document));
const errors = validate(schema, document);
if (errors.length > 0) {
  console.error(errors.map((e) => `${e.message} (${e.locations?.map((l) => l.line).join(", ")})`).join("\n"));
  process.exit(1);
}

const fragments = new Map(document.definitions.filter((d) => d.kind === "FragmentDefinition").map((d) => [d.name.value, d]));
const usedInputs = new Map();
const scalars = { ID: "string", String: "string", Int: "number", Float: "number", Boolean: "boolean", JSON: "unknown" };

function named(type) {
  if (isScalarType(type)) return scalars[type.name] ?? "string";
  if (isEnumType(type) || isInputObjectType(type)) remember(type);
  return type.name;
}
function remember(type) {
  if (usedInputs.has(type.name)) return;
  usedInputs.set(type.name, type);
  if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) named(getNamedType(field.type));
}
function wrap(type, inner) {
  if (isNonNullType(type)) return wrapBare(type.ofType, inner);
  return `${wrapBare(type, inner)} | null`;
}
function wrapBare(type, inner) {
  if (!isListType(type)) return inner;
  const item = wrap(type.ofType, inner);
  return `readonly ${item.includes(" ") ? `(${item})` : item}[]`;
}

// The fields a concrete type gets from a selection set, and the fragments on exactly that type that are kept by name.
function collect(selectionSet, type, out = { fields: new Map(), spreads: new Set() }) {
  for (const s of selectionSet.selections) {
    if (s.kind === "Field") {
      const key = (s.alias ?? s.name).value;
      const before = out.fields.get(key);
      const sets = [...(before?.sets ?? []), ...(s.selectionSet ? [s.selectionSet] : [])];
      out.fields.set(key, { name: s.name.value, sets, optional: hasSkip(s) });
    } else {
      const fragment = s.kind === "FragmentSpread" ? fragments.get(s.name.value) : s;
      const on = fragment.typeCondition ? schema.getType(fragment.typeCondition.name.value) : type;
      if (on === type && s.kind === "FragmentSpread") out.spreads.add(s.name.value);
      else if (on === type || (isAbstractType(on) && schema.isSubType(on, type))) collect(fragment.selectionSet, type, out);
    }
  }
  return out;
}
const hasSkip = (node) => (node.directives ?? []).some((d) => ["include", "skip"].includes(d.name.value));
const merged = (sets) => ({ kind: "SelectionSet", selections: sets.flatMap((s) => s.selections) });

function objectType(selectionSet, type) {
  if (!isAbstractType(type)) return concrete(selectionSet, type, [type.name]);
  const groups = new Map();
  if (schema.getPossibleTypes(type).length === 0) return concrete(selectionSet, type, ["\u0000"]).replace('"\u0000"', "string");
  for (const possible of schema.getPossibleTypes(type)) {
    const shape = concrete(selectionSet, possible, ["\u0000"]);
    groups.set(shape, [...(groups.get(shape) ?? []), possible.name]);
  }
  return [...groups].map(([shape, names]) => shape.replace('"\u0000"', names.map((n) => `"${n}"`).join(" | "))).join(" | ");
}
function concrete(selectionSet, type, names) {
  const { fields, spreads } = collect(selectionSet, type);
  const lines = [...fields].map(([key, field]) => {
    if (field.name === "__typename") return `readonly ${key}: ${names.map((n) => `"${n}"`).join(" | ")};`;
    const definition = type.getFields()[field.name];
    const bare = getNamedType(definition.type);
    const inner = field.sets.length > 0 ? objectType(merged(field.sets), bare) : named(bare);
    const grouped = /[|&]/.test(inner) ? `(${inner})` : inner;
    return `readonly ${key}${field.optional ? "?" : ""}: ${wrap(definition.type, grouped)};`;
  });
  const parts = [...spreads, ...(lines.length > 0 ? [`{ ${lines.join(" ")} }`] : [])];
  return parts.join(" & ");
}
function withFragments(operation) {
  const seen = new Set();
  const walk = (node) => visit(node, { FragmentSpread: (s) => {
    if (!seen.has(s.name.value)) { seen.add(s.name.value); walk(fragments.get(s.name.value)); }
  } });
  walk(operation);
  return [operation, ...[...seen].map((n) => fragments.get(n))].map((node) => stripIgnoredCharacters(print(node))).join(" ");
}
const idOf = (text) => `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}`;

const body = [];
const modules = new Map(sources.map((s) => [s.name, []]));
for (const [name, fragment] of fragments) {
  body.push(`export type ${name} = ${objectType(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value))};`);
}
let count = 0;
for (const { name: source, document: own } of sources) for (const operation of own.definitions) {
  if (operation.kind !== "OperationDefinition") continue;
  count += 1;
  const name = operation.name.value;
  const rootType = schema.getRootType(operation.operation);
  const variables = (operation.variableDefinitions ?? []).map((v) => {
    const type = typeFromAST(schema, v.type);
    const optional = !isNonNullType(type) || v.defaultValue;
    return `readonly ${v.variable.name.value}${optional ? "?" : ""}: ${wrap(type, named(getNamedType(type)))};`;
  });
  body.push(`export type ${name}Result = ${objectType(operation.selectionSet, rootType)};`);
  body.push(`export type ${name}Variables = ${variables.length > 0 ? `{ ${variables.join(" ")} }` : "Record<string, never>"};`);
  modules.get(source).push({ name, text: withFragments(operation) });
}
const types = [...usedInputs.values()].map((type) => {
  if (isEnumType(type)) return `export type ${type.name} = ${type.getValues().map((v) => `"${v.name}"`).join(" | ")};`;
  const fields = Object.values(type.getFields()).map((f) => {
    const optional = !isNonNullType(f.type) || f.defaultValue !== undefined;
    return `readonly ${f.name}${optional ? "?" : ""}: ${wrap(f.type, named(getNamedType(f.type)))};`;
  });
  return `export interface ${type.name} { ${fields.join(" ")} }`;
});
const head = "// Written by scripts/documents.mjs from src/api/*.graphql and schema.graphql. Not edited by hand.";
const constant = ({ name, text }, from = "") => `export const ${name} = { name: "${name}", id: "${idOf(text)}" } as Document<${from}${name}Result, ${from}${name}Variables>;`;
for (const [source, constants] of modules) {
  const core = source === "core";
  const imports = core ? [] : [`import type * as D from "./documents";`];
  const lines = [head, 'import type { Document } from "./client";', ...imports, ...(core ? [...types, ...body] : []), ...constants.map((c) => constant(c, core ? "" : "D.")), ""];
  writeFileSync(join(folder, core ? "documents.ts" : `documents.${source}.ts`), lines.join("\n"));
}
const texts = Object.fromEntries([...modules.values()].flat().map(({ text }) => [idOf(text), text]));
writeFileSync(join(folder, "documents.json"), `${JSON.stringify(texts, null, 1)}\n`);
writeFileSync(join(folder, "documents.texts.ts"), [head, `export const texts: Readonly<Record<string, string>> = ${JSON.stringify(texts)};`, ""].join("\n"));
console.log(`${count} documents agree with the schema`);
