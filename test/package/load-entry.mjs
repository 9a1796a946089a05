// Imports the package and prints, as JSON, how long that took and what its own modules did beside defining things.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

Error.stackTraceLimit = Infinity;
const touched = [];

function note(what) {
  if (new Error().stack.includes('/relayer-chart/dist/')) touched.push(what);
}

function watch(module, prefix) {
  for (const [name, original] of Object.entries(module)) {
    if (typeof original !== 'function' || /^[A-Z]/.test(name)) continue;
    module[name] = Object.assign((...args) => (note(`${prefix}.${name}`), original(...args)), original);
  }
}

watch(fs, 'fs');
watch(fs.promises, 'fs.promises');
syncBuiltinESMExports();
process.env = new Proxy(process.env, { get: (env, name) => (note(`env.${String(name)}`), env[name]) });

// What a cdk8s app loads anyway.
const started = performance.now();
await import('cdk8s');
await import('cdk8s-plus-28');
const globals = new Set(Reflect.ownKeys(globalThis));
const events = process.eventNames().length;
const dependenciesLoaded = performance.now();
await import('@consonant/relayer-chart');
const loaded = performance.now();

console.log(
  JSON.stringify({
    dependenciesMs: Math.round(dependenciesLoaded - started),
    ownMs: Math.round(loaded - dependenciesLoaded),
    touched,
    globals: Reflect.ownKeys(globalThis)
      .filter((key) => !globals.has(key))
      .map(String),
    listeners: process.eventNames().length - events,
  }),
);
